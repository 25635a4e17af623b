"""`pingyi design`: what a design draws in words, and what a frame has against it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sampling import design_sha256, list_designs, load_design
from survey_app.cli import main

HEADER = "township_code,township,group,unit_code,unit,psu_code,psu,subgroup\n"


def run(*arguments: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, list(arguments), env={"PINGYI_LANG": language})


def own_design(folder: Path, strata: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(
        "name: own\ntitle: {zh: 自定, en: Own}\ndescription: {zh: 自定, en: Own}\ngroups:\n"
        "  - group: delegates\n    label: {zh: 代表, en: Delegates}\n"
        "    stages: [{stage: unit, method: simple_random, rate: 1/2}]\n"
        f"    strata: {strata}\n    too_short: refuse\n    reserves: 1\n",
        encoding="utf-8",
    )
    return path


def frame(folder: Path, kinds: str) -> Path:
    path = folder / "frame.csv"
    rows = [f"359900101000,甲镇,delegates,{k:03d},,,,{kind}\n" for k, kind in enumerate(kinds)]
    path.write_text(HEADER + "".join(rows).replace(",-\n", ",\n"), encoding="utf-8")
    return path


def test_show_without_a_name_lists_the_shipped_designs() -> None:
    found = run("design", "show")
    assert found.exit_code == 0
    assert [line.split()[0] for line in found.output.splitlines()] == list(list_designs())


@pytest.mark.parametrize("name", list_designs())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_show_says_what_every_shipped_design_draws(name: str, language: str) -> None:
    found = run("design", "show", name, language=language)
    assert found.exit_code == 0
    assert "delegates" in found.output
    assert ("对称" if language == "zh" else "symmetric") in found.output or name != "county-110-10x5"


def test_show_says_a_rate_strata_and_what_is_refused(tmp_path: Path) -> None:
    found = run("design", "show", str(own_design(tmp_path, "{by: subgroup, allocation: equal}")))
    assert "1/2  simple random" in found.output
    assert "strata by subgroup, equal" in found.output
    assert "refuses a list that is too short" in found.output


@pytest.mark.parametrize(
    ("strata", "lines", "zh"),
    [
        (
            "{by: subgroup, allocation: equal, minimum: 2, maximum: {b: 7, a: 9, '*': 12}}",
            ["minimum (at least): each 2", "maximum (at most): a 9, b 7, others 12"],
            "maximum (上限): a 9, b 7, 其余各层 12",
        ),
        (
            "{by: subgroup, allocation: cost_optimal, sd: {a: 1.5, b: 2}, cost: 3}",
            ["sd (standard deviation): a 1.5, b 2", "cost (cost of a unit): each 3"],
            "cost (单位费用): 各层 3",
        ),
        (
            "{by: subgroup, allocation: power, power: 0.5, cv: {'*': 0.8}}",
            ["cv (coefficient of variation): each 0.8", "power (exponent): 0.5"],
            "power (幂指数): 0.5",
        ),
    ],
)
def test_show_says_every_figure_of_the_strata(strata: str, lines: list[str], zh: str, tmp_path: Path) -> None:
    path = str(own_design(tmp_path, strata))
    found = run("design", "show", path)
    assert [line.strip() for line in found.output.splitlines() if line.startswith("    ")] == lines
    assert zh in run("design", "show", path, language="zh").output


def test_show_says_the_given_sizes_and_what_becomes_of_a_short_list(tmp_path: Path) -> None:
    path = own_design(tmp_path, "{by: subgroup, allocation: given, n: {a: 1, b: 2}}")
    text = (
        path.read_text(encoding="utf-8")
        .replace("rate: 1/2", "n: 3")
        .replace("too_short: refuse", "too_short: take_all")
    )
    path.write_text(text, encoding="utf-8")
    found = run("design", "show", str(path)).output
    assert "    n (sample size): a 1, b 2\n" in found
    assert "takes all of a list that is too short, and reports it" in found


def test_check_accepts_a_sound_design_and_a_frame_that_fits_it(tmp_path: Path) -> None:
    path = own_design(tmp_path, "{by: subgroup, allocation: equal}")
    assert run("design", "check", str(path)).exit_code == 0
    found = run("design", "check", str(path), "--frame", str(frame(tmp_path, "aabb")))
    assert (found.exit_code, found.output) == (0, "The design own can be drawn from frame.csv.\n")


def test_check_names_what_stops_a_draw_with_status_1(tmp_path: Path) -> None:
    path = own_design(tmp_path, "{by: subgroup, allocation: equal}")
    found = run("design", "check", str(path), "--frame", str(frame(tmp_path, "aab-")), language="zh")
    assert found.exit_code == 1
    assert found.output.startswith("不能抽样：359900101000 delegates")


def test_check_names_a_fault_of_the_file_with_status_1_and_an_unknown_name_with_status_2(tmp_path: Path) -> None:
    bad = run("design", "check", str(own_design(tmp_path, "{by: subgroup, allocation: equl}")))
    assert (bad.exit_code, "nearest: equal" in bad.output) == (1, True)
    unknown = run("design", "check", "county")
    assert (unknown.exit_code, "known are county-110" in unknown.output) == (2, True)


def test_show_and_draw_say_the_same_hash_of_a_design(tmp_path: Path) -> None:
    path = frame(tmp_path, "ab")
    shown = run("design", "show", "county-110").stdout
    drawn = run("draw", str(path), "--seed", "1", "--out", str(tmp_path / "draw")).stdout
    digest = design_sha256(load_design("county-110"))
    assert f"SHA-256 of the design {digest}" in shown
    assert f"design county-110, SHA-256 {digest}" in drawn

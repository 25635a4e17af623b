"""Draws in two steps and beside earlier draws, in the shell."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from survey_app.cli import main
from tests.factories import frame_csv

Run = Callable[..., Result]
HEADER_ROW = 7


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pingyi` with a data folder of its own."""
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PINGYI_LANG", "en")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.csv"
    path.write_bytes(frame_csv(households=30))
    return path


@pytest.fixture
def first(run: Run, frame: Path, tmp_path: Path) -> Path:
    """A draw of villages, by `--stage psu`."""
    drawn = run("draw", frame, "--stage", "psu", "--seed", "7", "--out", tmp_path / "first")
    assert drawn.exit_code == 0, drawn.output
    return tmp_path / "first"


@pytest.fixture
def sheets(run: Run, frame: Path, first: Path, tmp_path: Path) -> Path:
    """Every sheet filled with thirty households."""
    exported = run("listing", "export", first, "--frame", frame, "--out", tmp_path / "sheets")
    assert exported.exit_code == 0, exported.output
    for path in (tmp_path / "sheets").iterdir():
        fill(path, 30)
    return tmp_path / "sheets"


def fill(path: Path, count: int, changed: dict[str, Any] | None = None) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["住户名录"]
    for number in range(1, count + 1):
        sheet.cell(HEADER_ROW + number, 3, f"户主{number}")
    for place, value in (changed or {}).items():
        sheet[place] = value
    book.save(path)


def psus_of(folder: Path) -> list[tuple[str, str, int]]:
    record = json.loads((folder / "draw.json").read_bytes())
    return [
        (count["group"], psu["psu_code"], psu["hits"]) for count in record["counts"] for psu in count.get("drawn", ())
    ]


def units_of(path: Path, role: str | None = None) -> set[tuple[str, ...]]:
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if role is None or row["role"] == role]
    return {tuple(row[key] for key in ("township_code", "group", "psu_code", "unit_code")) for row in rows}


def test_the_whole_way_of_a_draw_in_two_steps(run: Run, frame: Path, first: Path, sheets: Path, tmp_path: Path) -> None:
    imported = run("listing", "import", first, "--frame", frame, "--sheets", sheets, "--out", tmp_path / "frame2.csv")
    assert imported.exit_code == 0, imported.output
    assert "0 villages still missing" in imported.stdout
    assert imported.stderr == ""
    content = (tmp_path / "frame2.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    second = run("draw", tmp_path / "frame2.csv", "--seed", "7", "--out", tmp_path / "second")
    assert second.exit_code == 0, second.output
    assert "220 main and" in second.stdout
    verified = run("verify", tmp_path / "second", "--first", first)
    assert verified.exit_code == 0, verified.output
    number = len(psus_of(first))
    assert f"the same {number} villages, {30 * number} units listed in {number} of them" in verified.stdout
    assert psus_of(tmp_path / "second") == psus_of(first)


def test_a_draw_of_villages_takes_those_that_a_whole_draw_takes(
    run: Run, frame: Path, first: Path, tmp_path: Path
) -> None:
    assert run("draw", frame, "--seed", "7", "--out", tmp_path / "whole").exit_code == 0
    assert psus_of(first) == psus_of(tmp_path / "whole")
    one_stage = {unit for unit in units_of(tmp_path / "whole" / "sample.csv") if unit[1] in ("delegates", "enterprise")}
    assert units_of(first / "sample.csv") == one_stage


def test_a_draw_of_villages_says_how_many_are_to_be_listed_and_calls_it_no_shortfall(
    run: Run, frame: Path, tmp_path: Path
) -> None:
    drawn = run("draw", frame, "--stage", "psu", "--seed", "7", "--out", tmp_path / "draw")
    number = len(psus_of(tmp_path / "draw"))
    assert f"{number} villages and communities to be listed" in drawn.stdout
    record = json.loads((tmp_path / "draw" / "draw.json").read_bytes())
    others = [one for one in record["shortfalls"] if one["group"] in ("delegates", "enterprise")]
    assert f"shortfalls: {len(others)} " in drawn.stdout


def test_sheets_carry_the_draws_fingerprint(first: Path, sheets: Path) -> None:
    record = json.loads((first / "draw.json").read_bytes())
    assert len(list(sheets.iterdir())) == len(psus_of(first))
    for path in sheets.iterdir():
        cells = [
            cell
            for row in openpyxl.load_workbook(path)["住户名录"].iter_rows(max_row=6, values_only=True)
            for cell in row
        ]
        assert record["fingerprint"] in cells


def test_bad_sheets_are_refused_with_every_fault_and_nothing_is_written(
    run: Run, frame: Path, first: Path, sheets: Path, tmp_path: Path
) -> None:
    one, two = sorted(sheets.iterdir())[:2]
    fill(one, 30, {"B9": None, "B10": "a|b"})
    fill(two, 30, {"B5": "0" * 64})
    out = tmp_path / "frame2.csv"
    refused = run("listing", "import", first, "--frame", frame, "--sheets", sheets, "--out", out)
    assert refused.exit_code == 1
    lines = refused.stderr.splitlines()
    assert len(lines) == 3
    assert [one.name in lines[0], one.name in lines[1], two.name in lines[2]] == [True] * 3
    assert not out.exists()
    assert "Traceback" not in refused.output


def test_missing_sheets_are_warned_of_and_can_come_later(
    run: Run, frame: Path, first: Path, sheets: Path, tmp_path: Path
) -> None:
    some = sorted(sheets.iterdir())[:3]
    arguments = [part for path in some for part in ("--sheets", path)]
    imported = run("listing", "import", first, "--frame", frame, *arguments, "--out", tmp_path / "frame2.csv")
    assert imported.exit_code == 0, imported.output
    number = len(psus_of(first)) - 3
    assert f"{number} villages still missing" in imported.stdout
    assert imported.stderr.count("has no sheet yet") == number
    assert run("draw", tmp_path / "frame2.csv", "--seed", "7", "--out", tmp_path / "second").exit_code == 0
    assert run("verify", tmp_path / "second", "--first", first).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (
            ("listing", "import", "first", "--frame", "frame.csv", "--sheets", "sheets", "--out", "frame.csv"),
            2,
            "exists",
        ),
        (("listing", "export", "first", "--frame", "frame.csv", "--out", "sheets"), 2, "not empty"),
        (("listing", "export", "first", "--frame", "none.csv", "--out", "x"), 2, "none.csv"),
        (("listing", "export", "first", "--out", "x"), 2, "--frame"),
        (("listing", "export", "sheets", "--frame", "frame.csv", "--out", "x"), 1, "draw.json"),
        (("draw", "frame.csv", "--stage", "ssu", "--seed", "1", "--out", "x"), 2, "psu"),
        (("draw", "frame.csv", "--exclude", "sheets", "--seed", "1", "--out", "x"), 1, "sample.csv"),
        (("draw", "frame.csv", "--avoid", "nowhere", "--seed", "1", "--out", "x"), 2, "nowhere"),
    ],
)
def test_wrong_calls_are_refused_in_one_sentence_and_write_nothing(
    run: Run,
    sheets: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    what: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    refused = run(*arguments)
    assert (refused.exit_code, what in refused.stderr) == (status, True), refused.output
    assert "Traceback" not in refused.output
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_design_without_stages_has_no_draw_of_villages(run: Run, frame: Path, tmp_path: Path) -> None:
    design = tmp_path / "flat.yaml"
    design.write_text(
        "name: flat\ntitle: {zh: 平, en: Flat}\ndescription: {zh: 平, en: Flat}\ngroups:\n"
        "  - {group: delegates, label: {zh: 代表, en: D}, stages: [{stage: unit, method: equal_interval, n: 3}], reserves: 0}\n",
        encoding="utf-8",
    )
    refused = run("draw", frame, "--design", design, "--stage", "psu", "--seed", "1", "--out", tmp_path / "x")
    assert refused.exit_code == 2
    assert "no group in stages" in refused.stderr


def test_verify_first_names_what_does_not_continue(run: Run, frame: Path, first: Path, tmp_path: Path) -> None:
    run("draw", frame, "--seed", "8", "--out", tmp_path / "other")
    refused = run("verify", tmp_path / "other", "--first", first)
    assert refused.exit_code == 1
    assert "seed" in refused.stderr
    run("draw", frame, "--seed", "7", "--out", tmp_path / "whole")
    refused = run("verify", tmp_path / "whole", "--first", first)
    assert refused.exit_code == 1
    assert "frame.csv" in refused.stderr


def test_units_of_earlier_draws_are_left_out_and_the_number_is_said(run: Run, frame: Path, tmp_path: Path) -> None:
    run("draw", frame, "--seed", "1", "--out", tmp_path / "one")
    again = run("draw", frame, "--seed", "2", "--exclude", tmp_path / "one", "--main-only", "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert "220 units of earlier draws left out" in again.stdout
    earlier = units_of(tmp_path / "one" / "sample.csv", "main")
    assert not earlier & units_of(tmp_path / "two" / "sample.csv")
    assert not earlier & units_of(tmp_path / "two" / "frame.csv")
    assert run("verify", tmp_path / "two").exit_code == 0
    third = run(
        *("draw", frame, "--seed", "3", "--main-only", "--out", tmp_path / "three"),
        *("--exclude", tmp_path / "one", "--exclude", tmp_path / "two" / "sample.csv"),
    )
    assert third.exit_code == 0
    both = earlier | units_of(tmp_path / "two" / "sample.csv", "main")
    assert f"{len(both)} units of earlier draws left out" in third.stdout


def test_avoiding_keeps_short_lists_whole_and_says_so(run: Run, frame: Path, tmp_path: Path) -> None:
    run("draw", frame, "--seed", "1", "--out", tmp_path / "one")
    again = run("draw", frame, "--seed", "2", "--avoid", tmp_path / "one", "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert "359900101000 delegates: kept whole" in again.stdout  # 33 listed, 30 + 60 wanted
    assert "probability 0" in again.stderr
    assert len([unit for unit in units_of(tmp_path / "two" / "frame.csv") if unit[1] == "delegates"]) == 66


@pytest.mark.parametrize("option", ["--exclude", "--avoid"])
def test_leaving_out_goes_with_the_second_draw_not_with_the_villages(
    run: Run, frame: Path, tmp_path: Path, option: str
) -> None:
    run("draw", frame, "--seed", "1", "--out", tmp_path / "one")
    refused = run("draw", frame, "--stage", "psu", option, tmp_path / "one", "--seed", "2", "--out", tmp_path / "two")
    assert refused.exit_code == 2
    assert "--exclude and --avoid go with the second draw" in refused.stderr
    assert not (tmp_path / "two").exists()


def test_in_two_steps_sizes_are_whole_and_earlier_households_left_out_at_the_end(
    run: Run, frame: Path, first: Path, sheets: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "frame2.csv"
    assert run("listing", "import", first, "--frame", frame, "--sheets", sheets, "--out", listed).exit_code == 0
    run("draw", listed, "--seed", "7", "--out", tmp_path / "one")
    again = run("draw", listed, "--seed", "7", "--exclude", tmp_path / "one", "--main-only", "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    earlier = units_of(tmp_path / "one" / "sample.csv", "main")
    assert not earlier & units_of(tmp_path / "two" / "sample.csv")
    before, after = (
        pd.read_csv(tmp_path / folder / "sample.csv", dtype=str, keep_default_na=False) for folder in ("one", "two")
    )
    rural = [table[table["psu_code"] != ""].groupby("psu_code") for table in (before, after)]
    assert rural[0]["pi_1"].first().equals(rural[1]["pi_1"].first())
    assert (rural[0]["pi_2"].first() != rural[1]["pi_2"].first()).any()


def test_all_is_said_in_chinese_where_that_is_asked(
    run: Run, frame: Path, first: Path, sheets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_LANG", "zh")
    out = tmp_path / "frame2.csv"
    said = run("listing", "import", first, "--frame", frame, "--sheets", sheets, "--out", out)
    assert "第二步抽样用的抽样框" in said.stdout
    assert "不会覆盖" in run("listing", "import", first, "--frame", frame, "--sheets", sheets, "--out", out).stderr
    assert "份住户名录" in run("listing", "export", first, "--frame", frame, "--out", tmp_path / "again").stdout

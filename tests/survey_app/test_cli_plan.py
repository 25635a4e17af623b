"""`pingyi plan`: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_app.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pingyi plan` in English."""
    monkeypatch.setenv("PINGYI_LANG", "en")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["plan", *(str(argument) for argument in arguments)])

    return invoke


def figures(result: Result, group: str) -> list[list[str]]:
    """The numbers behind a group's name, one list for each design."""
    return [line.split(group)[1].split() for line in result.output.splitlines() if line.strip().startswith(group)]


def test_the_plain_command_tells_what_the_official_design_gives(run: Run) -> None:
    result = run("--icc", "0.0333333333333333333")
    assert result.exit_code == 0, result.output
    assert figures(result, "Rural residents") == [["5", "×", "10", "50", "50", "1.30", "2.90", "5.69", "8.04", "11.50"]]
    (appraisal,) = figures(result, "Public appraisal score")
    assert appraisal[:2] == ["110", "110"]
    assert "found with probability 0.8" in result.output


def test_another_design_stands_beside_it(run: Run) -> None:
    result = run("--compare", "10x5", "--compare", "urban=4×5", "--response", "0.8", "--population", "rural=1200")
    assert result.exit_code == 0, result.output
    assert "Rural residents 10×5" in result.output
    assert "Urban residents 4×5" in result.output
    deffs = [row[5] for row in figures(result, "Rural residents") if row[0] != "10×5"]
    assert deffs == ["1.35", "1.15", "1.35"]


def test_it_speaks_chinese(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANG", "zh")
    result = run("--compare", "10x5")
    assert result.exit_code == 0, result.output
    assert "农村居民 10×5" in result.output
    assert "公众评议总分" in result.output


def test_table_and_chart_are_written_where_asked(run: Run, tmp_path: Path) -> None:
    table, chart, curve = tmp_path / "plan.csv", tmp_path / "plan.svg", tmp_path / "curve.svg"
    result = run("--compare", "10x5", "--out", table, "--out", chart)
    assert result.exit_code == 0, result.output
    assert table.read_bytes().startswith(b"\xef\xbb\xbfdesign,group,clusters,take,n,")
    assert b"\r" not in table.read_bytes()
    assert len(table.read_text(encoding="utf-8-sig").splitlines()) == 11
    assert "instead of" in chart.read_text(encoding="utf-8")
    assert run("--out", curve).exit_code == 0
    for path in (chart, curve):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--compare", "10"], "--compare expects CLUSTERSxTAKE"),
        (["--compare", "0x5"], "at least 1 as `clusters`, got 0"),
        (["--compare", "x=10x5"], "got “x”"),
        (["--population", "many"], "--population expects"),
        (["--population", "villages=3"], "got “villages”"),
        (["--population", "enterprise=7"], "has 7 in the township"),
        (["--sd", "abc"], "`sd`, got 'abc'"),
        (["--icc", "2"], "`icc`, got '2'"),
        (["--response", "0"], "`response`, got '0'"),
        (["--confidence", "95"], "`confidence`, got '95'"),
        (["--power", "1"], "`power`, got '1'"),
        (["--design", "county-111"], "county-111"),
        (["--out", "plan.pdf"], "--out writes a .csv or an .svg"),
    ],
)
def test_a_bad_option_is_refused_in_one_sentence_with_status_2(run: Run, arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_file_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    result = run("--out", tmp_path / "missing" / "plan.csv")
    assert result.exit_code == 1
    assert "plan.csv" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--confidence", "0.99999999999999999"),
        ("--sd", "1e400"),
        ("--sd", "1e999999999"),
        ("--power", "0.01"),
        ("--population", "9" * 5000),
        ("--compare", "9" * 5000 + "x5"),
    ],
)
def test_numbers_beyond_all_measure_are_refused_in_one_sentence(run: Run, arguments: tuple[str, str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "xpect" in result.stderr

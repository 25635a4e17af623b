"""`pingyi score` on bad folders: one clear sentence, exit status 1, nothing written; and on odd ones that are lawful."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_app.cli import main

A, B = "359900101000", "359900102000"
HEADER = "round,wave,township_code,group,psu_code,weight,mode,minutes,R01,R02\n"
TOWNSHIPS = f"township_code,township,last_rank\n{A},甲镇,\n{B},乙镇,\n"
Score = Callable[[], Result]


def row(
    township: str = A, answers: str = "satisfied,basic", *, weight: str = "1", round_: str = "r", group: str = "rural"
) -> str:
    return f"{round_},1,{township},{group},,{weight},,,{answers}\n"


GOOD = row() + row(B) + row(A, "unsatisfied,") + row(B, "basic,unknown")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "answers"
    made.mkdir()
    (made / "rural.csv").write_text(HEADER + GOOD, encoding="utf-8")
    (made / "townships.csv").write_text(TOWNSHIPS, encoding="utf-8")
    return made


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def score(tmp_path: Path, folder: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> Score:
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PINGYI_LANG", language)
    return lambda: CliRunner().invoke(main, ["score", str(folder), "--out", str(tmp_path / "out")])


def questionnaire(folder: Path) -> None:
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "rural.yaml").write_text(
        "id: rural\nitems: [{id: R01}, {id: R03}]\n", encoding="utf-8"
    )


BAD: dict[str, tuple[str, dict[str, str]]] = {
    "unknown answer code": (HEADER + GOOD + row(A, "9,basic"), {"en": "row 6, column R01: expected satisfied", "zh": "第 6 行“R01”列"}),
    "weight of zero": (HEADER + GOOD + row(weight="0"), {"en": "row 6, column weight: expected a number above 0", "zh": "第 6 行“weight”列"}),
    "weight below zero": (HEADER + GOOD + row(weight="-2"), {"en": "row 6, column weight", "zh": "第 6 行“weight”列"}),
    "ragged row": (HEADER + GOOD + "r,1,2\n" + GOOD, {"en": "row 6: expected 10 cells", "zh": "第 6 行"}),
    "file cut off": (HEADER + GOOD + f"r,1,{A},rur", {"en": "the file was cut off", "zh": "文件被截断"}),
    "empty group": (HEADER, {"en": "at least one row of answers", "zh": "至少"}),
    "another township": (HEADER + row("359900199000"), {"en": "a township of townships.csv", "zh": "townships.csv"}),
    "another group's rows": (HEADER + GOOD + row(group="urban"), {"en": "the group of the file, rural", "zh": "rural"}),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_written(
    score: Score, folder: Path, language: str, case: str
) -> None:
    text, words = BAD[case]
    (folder / "rural.csv").write_text(text, encoding="utf-8")
    refused(score(), words[language], folder)


def refused(found: Result, words: str, folder: Path, file: str = "rural.csv") -> None:
    assert found.exit_code == 1, found.output
    assert isinstance(found.exception, SystemExit)
    assert file in found.stderr
    assert words in found.stderr
    assert "Traceback" not in found.stderr
    assert len(found.stderr.strip().splitlines()) <= 3
    assert not (folder.parent / "out").exists()


def test_items_of_another_questionnaire_are_refused(score: Score, folder: Path, language: str) -> None:
    questionnaire(folder)
    refused(score(), {"en": "column R03: expected this column", "zh": "“R03”列"}[language], folder)


def test_files_of_two_folders_mixed_are_refused(score: Score, folder: Path, language: str) -> None:
    other = HEADER.replace("R0", "U0") + row(round_="another", group="urban")
    (folder / "urban.csv").write_text(other, encoding="utf-8")
    refused(score(), {"en": "column round: expected the round", "zh": "“round”列"}[language], folder, "urban.csv")


def test_a_township_without_a_group_is_scored_from_the_others_and_it_is_said(
    score: Score, folder: Path, language: str
) -> None:
    other = HEADER.replace("R0", "U0") + row(group="urban") * 2
    (folder / "urban.csv").write_text(other, encoding="utf-8")
    found = score()
    assert found.exit_code == 0, found.output
    assert any("乙镇" in line and {"en": "Urban", "zh": "城镇"}[language] in line for line in found.stderr.splitlines())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (row(), {"en": "too few independent answers for a standard error", "zh": "标准误"}),
        (row(A, "unknown,unknown") * 3 + row(B) * 2, {"en": "nobody could judge", "zh": "无人"}),
        (row(A, "unknown,unknown") * 3, {"en": "no group has a total", "zh": "总分"}),
        (row() * 4 + row(B) * 4, {"en": "agree", "zh": "相同"}),
    ],
    ids=["one respondent", "a township all don't-know", "all don't-know", "equal rows"],
)
def test_what_is_odd_but_lawful_is_scored_with_a_note(
    score: Score, folder: Path, language: str, rows: str, said: dict[str, str]
) -> None:
    (folder / "rural.csv").write_text(HEADER + rows, encoding="utf-8")
    found = score()
    assert found.exit_code == 0, found.output
    assert said[language] in found.stderr, found.stderr
    lines = (folder.parent / "out" / "groups.csv").read_text(encoding="utf-8-sig").splitlines()
    head, first = (line.split(",") for line in lines[:2])
    assert int(first[head.index("respondents")]) == rows.count(A)

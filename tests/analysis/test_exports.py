"""Exports equal the golden files; the workbook holds the figures of the CSV files."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet
from python_calamine import CalamineWorkbook

from analysis import DEFAULT_FORMATS, EXPORTS, TABLES, ExportError, Scores, score, score_files, write_scores

GOLDEN = Path(__file__).parent / "golden"
TELLING = ("docProps/core.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/")


@pytest.fixture(scope="module")
def scores() -> Scores:
    samples = pd.DataFrame(
        {
            "township_code": [A, A, B], "group": "rural", "psu_code": ["1", "2", ""], "size": [40, 50, None],
            "listed": [40, 50, 90], "hits": [1, 1, None], "pi_1": [0.4, 0.5, None], "issued": 5, "released": 5,
            "eligible": [4, 5, 7], "answered": [3, 4, 7],
        }
    )  # fmt: skip
    given = responses(
        sheet("rural", A, R01="ssbbu?-", R02="sbbbu??", psu_code=["1"] * 3 + ["2"] * 4),
        sheet("rural", B, R01="sssssss", R02="?????--"),
        sheet("urban", A, U01="sb?"),
        sheet("urban", B, U01="ssb"),
        codes=(A, B, C),
        samples=samples,
    )
    townships = given.townships.assign(township=["甲镇", '=乙"镇', "丙乡"])
    return replace(score(replace(given, townships=townships)), engine="pingyi (golden)")


def as_text(name: str, data: bytes) -> bytes:
    """What a workbook says, as text: its sheets, texts, formats and dates."""
    if not name.endswith(".xlsx"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        telling = [part for part in sorted(archive.namelist()) if part.startswith(TELLING)]
        parts = [f"== {part}\n{archive.read(part).decode('utf-8')}\n" for part in telling]
    return "".join(parts).replace("><", ">\n<").encode("utf-8")


@pytest.mark.parametrize("name", ["items.csv", "groups.csv", "townships.csv", "scores.xlsx"])
def test_each_file_equals_its_golden_one(scores, name):
    """UPDATE_GOLDEN=1 rewrites them; a missing one fails."""
    golden = GOLDEN / (name + ".txt" if name.endswith(".xlsx") else name)
    data = as_text(name, score_files(scores)[name])
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(data)
    assert golden.is_file(), f"{golden} is missing; UPDATE_GOLDEN=1 writes it"
    assert data == golden.read_bytes()


def sheet_rows(data: bytes, title: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(title).to_python()


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_the_workbook_holds_the_figures_of_the_csv_files(scores, table):
    files = score_files(scores)
    text = files[f"{table.name}.csv"].decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    titles, *rows = sheet_rows(files["scores.xlsx"], table.sheet.zh)
    assert header == list(table.names)
    assert titles[: len(header)] == [column.header.zh for column in table.columns]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        for column, shown, written in zip(table.columns, row[: len(header)], line, strict=True):
            if column.format == "text":
                assert shown == (written[1:] if written.startswith("'=") else written)
            elif not written:
                assert shown == ""
            else:
                assert shown == float(written)


def test_a_cell_of_the_workbook_keeps_the_last_of_17_digits():
    figure = 115 / 27
    assert float(f"{figure:.16g}") != figure
    answered = sheet("rural", A, R01="s" * 20 + "b" * 5 + "u" * 2)
    found = score(responses(answered, codes=(A, B)))
    assert figure in found.items["score"].tolist()
    written = [row[4] for row in sheet_rows(score_files(found)["scores.xlsx"], "单项得分")[1:]]
    assert figure in written


def test_every_figure_of_the_csv_files_reads_back_to_the_same_double(scores):
    text = score_files(scores)["townships.csv"].decode("utf-8-sig")
    column = list(TABLES["townships"].names).index("public_appraisal")
    written = [line[column] for line in csv.reader(io.StringIO(text))][1:]
    assert [float(figure) for figure in written[:2]] == scores.townships["public_appraisal"].tolist()[:2]
    assert written[2] == ""


def test_the_notes_sheet_says_what_the_figures_were_made_with(scores):
    rows = sheet_rows(score_files(scores)["scores.xlsx"], "说明")
    text = "\n".join(str(cell) for row in rows for cell in row)
    for reading, choice in scores.scheme.readings.items():
        assert f" {reading}" in text
        assert f"（{choice}）" in text
    for note in scores.notes:
        assert note.zh in text
        assert note.en in text
    for fact in (scores.engine, scores.round, "county，第 1 版"):
        assert fact in text


def test_the_sheets_stand_in_order_with_names_in_words_behind(scores):
    data = score_files(scores)["scores.xlsx"]
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names == ["乡镇得分", "各类得分", "单项得分", "说明"]
    assert [row[-2:] for row in sheet_rows(data, "各类得分")[:2]] == [["乡镇", "类别名称"], ["甲镇", "农村居民"]]


def test_no_text_becomes_a_formula(scores):
    files = score_files(scores)
    with zipfile.ZipFile(io.BytesIO(files["scores.xlsx"])) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        formulas = [found for name in sheets for found in re.findall(rb"<f>(.*?)</f>", archive.read(name))]
    assert len(sheets) == 4
    shares = [found for found in formulas if re.fullmatch(rb"\$[G-J]\d+/\(\$G\d+\+\$H\d+\+\$I\d+\+\$J\d+\)", found)]
    assert shares
    assert {found.split(b"(")[0] for found in formulas if found not in shares} == {b"IF", b"AVERAGEIFS", b"SUMPRODUCT"}
    assert not any("乙".encode() in found for found in formulas)
    assert "'=乙" in files["townships.csv"].decode("utf-8-sig")


def test_the_same_scores_give_the_same_bytes(scores):
    assert score_files(scores) == score_files(scores)


def test_a_folder_is_written_whole_and_not_overwritten_unasked(scores, tmp_path):
    folder = tmp_path / "round" / "scores"
    written = write_scores(scores, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    assert [path.name for path in folder.parent.iterdir()] == ["scores"]
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="new or empty folder"):
        write_scores(scores, folder)
    (folder / "items.csv").write_text("old")
    write_scores(scores, folder, overwrite=True)
    assert (folder / "items.csv").read_bytes() == score_files(scores)["items.csv"]
    assert (folder / "mine.txt").read_text() == "mine"


def test_one_format_may_be_asked_for_and_an_unknown_one_is_refused(scores, tmp_path):
    assert [path.name for path in write_scores(scores, tmp_path / "x", formats=["xlsx"])] == ["scores.xlsx"]
    with pytest.raises(ExportError, match="found 'xls'; the nearest known one is 'xlsx'"):
        write_scores(scores, tmp_path / "y", formats=["xls"])
    assert not (tmp_path / "y").exists()
    assert set(DEFAULT_FORMATS) < set(EXPORTS)
    with pytest.raises(ExportError, match="at least one format"):
        write_scores(scores, tmp_path / "y", formats=[])


def test_a_place_that_cannot_be_written_is_refused(scores, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="expected a folder, found a file"):
        write_scores(scores, tmp_path / "file")
    with pytest.raises(ExportError, match="cannot"):
        write_scores(scores, tmp_path / "file" / "below")

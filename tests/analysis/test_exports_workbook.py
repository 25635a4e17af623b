"""
The workbook's formulas recompute its figures from the counts.

``sheet_formulas`` works them out without the stored figures. LibreOffice 7.4 recalculated the workbook of ``made_round`` (its
stored figures taken out): all 1,634 formulas agreed within 6e-14.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction

import openpyxl
import pytest
from answer_sheets import A, B, C, responses, sheet
from made_round import made_source
from sheet_formulas import Workbook

from analysis import TABLES, ExportError, load_scheme, precision, score, score_files
from analysis.exports import live_formulas, to_xlsx


def workbook(given) -> bytes:
    return score_files(given, ["xlsx"])["scores.xlsx"]


def stored(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


@pytest.mark.parametrize("column", ["public_appraisal", "rank"])
def test_the_townships_sheet_recomputes_itself_from_the_counts(column):
    source = made_source()
    data = workbook(source)
    book, table = Workbook(data), TABLES["townships"]
    letter = openpyxl.utils.get_column_letter(table.names.index(column) + 1)
    for row, official in enumerate(source.scores.townships[column], start=2):
        assert book.value(table.sheet.zh, f"{letter}{row}") == pytest.approx(float(official), abs=1e-10)


def test_every_formula_gives_the_figure_stored_beside_it():
    data = workbook(made_source(4))
    book, cells = Workbook(data), stored(data)
    places = book.formulas()
    assert len(places) == 4 * 80 * (1 + 4) + 4 * 4 + 4 * 2
    for name, place in places:
        assert book.value(name, place) == pytest.approx(cells[name][place].value, abs=1e-10)


def test_changing_a_count_changes_score_total_appraisal_and_rank():
    source = made_source(4)
    book = Workbook(workbook(source))
    worst = source.scores.townships.sort_values("rank").iloc[-1]
    code = worst["township_code"]
    before = book.value("乡镇得分", "D2")
    for row, (township, judged) in enumerate(
        zip(source.scores.items["township_code"], source.scores.items["satisfied"], strict=True), start=2
    ):
        if township == code:
            book.set("单项得分", f"G{row}", int(judged) + 1000)
    place = source.scores.townships["township_code"].tolist().index(code) + 2
    assert book.value("乡镇得分", f"D{place}") > 98
    assert book.value("乡镇得分", f"H{place}") == 1
    assert place == 2 or book.value("乡镇得分", "D2") == before


def test_an_item_nobody_could_judge_takes_the_countys_mean_in_the_sheet_too():
    scores = score(responses(sheet("rural", A, R01="??", R02="sb"), sheet("rural", B, R01="ssb", R02="uu-")))
    assert scores.exact.items[1, A, "rural", "R01"] == Fraction(13, 3)
    book = Workbook(workbook(scores))
    assert book.value("单项得分", "E2") == pytest.approx(13 / 3, abs=1e-12)


def test_what_has_no_score_stays_empty_and_ties_share_a_rank():
    scores = score(
        responses(sheet("rural", A, R01="??", R02="sb"), sheet("rural", B, R01="??", R02="bs"), codes=(A, B, C))
    )
    book = Workbook(workbook(scores))
    assert [book.value("乡镇得分", f"H{row}") for row in (2, 3, 4)] == [1, 1, None]
    assert book.value("单项得分", "E2") is None
    assert not any(place == ("单项得分", "E2") for place in book.formulas())


def test_under_another_reading_figures_stand_without_formulas():
    given = responses(sheet("rural", A, R01="ssb?"))
    scores = score(given, load_scheme().with_readings(unknown_scores="midpoint"))
    data = workbook(scores)
    assert Workbook(data).formulas() == []
    assert stored(data)["乡镇得分"]["D2"].value == float(scores.exact.townships[1, A])
    assert any("不含公式" in str(cell.value) for row in stored(data)["说明"] for cell in row)


def test_large_tables_stand_without_formulas_and_too_large_ones_are_refused(monkeypatch):
    scores = made_source(2).scores
    monkeypatch.setattr(live_formulas, "MOST_ITEM_ROWS", 100)
    assert Workbook(workbook(scores)).formulas() == []
    monkeypatch.setattr(to_xlsx, "_MOST_ROWS", 100)
    with pytest.raises(ExportError, match="items: expected at most 100 rows for a workbook, found 161") as refusal:
        workbook(scores)
    assert "请改用 csv 或 parquet" in refusal.value.zh


def test_the_notes_sheet_holds_hashes_seed_and_versions():
    source = made_source(2)
    text = "\n".join(str(cell.value) for row in stored(workbook(source))["说明"] for cell in row)
    for items in source.item_lists.values():
        assert str(items.sha256) in text
    assert "2026-11-23 lottery 071215" in text
    assert source.scores.engine in text
    for sentence in ("答卷 rural.csv 的 SHA-256", "方案的 SHA-256"):
        assert sentence in text


def test_panes_are_frozen_and_scores_shaded():
    book = openpyxl.load_workbook(io.BytesIO(workbook(made_source(2))))
    for table in TABLES.values():
        assert book[table.sheet.zh].freeze_panes == "D2"
        assert len(book[table.sheet.zh].conditional_formatting) >= 1


def test_scores_alone_are_enough_for_the_workbook():
    alone = replace(made_source(2), responses=None, changes=None, settings=())
    assert "SHA-256 of rural.csv" not in str(list(stored(workbook(alone))["说明"].values))


def test_the_item_sheet_shows_the_shares_of_the_four_answers_after_the_counts():
    source = made_source(4)
    sheet_ = stored(workbook(source))["单项得分"]
    header = [cell.value for cell in sheet_[1]]
    first = header.index("满意率")
    assert header[first - 1 : first + 4] == ["未答", "满意率", "基本满意率", "不满意率", "不了解率"]
    line = source.scores.items.iloc[0]
    counts = [int(line[name]) for name in ("satisfied", "basic", "unsatisfied", "unknown")]
    assert [cell.value for cell in sheet_[2][first : first + 4]] == pytest.approx([n / sum(counts) for n in counts])


def test_precision_of_every_figure_stands_in_its_sheet_and_in_csv():
    source = made_source(4)
    found = precision(source.responses, source.scores.scheme)
    lines = list(csv.DictReader(io.StringIO(score_files(source, ["csv"])["precision.csv"].decode("utf-8-sig"))))
    assert [line["level"] for line in lines] == ["township"] * 4 + ["group"] * 16 + ["item"] * 320
    for name in ("est", "se", "df", "ci_low", "ci_high", "deff", "weighted"):
        figures = [*found.townships[name], *found.groups[name], *found.items[name]]
        assert [float(line[name] or "nan") for line in lines] == pytest.approx(figures, rel=1e-15, nan_ok=True)
    rows = stored(workbook(source))["精度"].iter_rows(values_only=True)
    header = next(rows)
    assert header[5:] == ("得分", "标准误", "自由度", "置信区间下限", "置信区间上限", "设计效应", "加权得分")
    for row, line in zip(rows, lines, strict=True):
        assert [row[0], row[2], row[3] or "", row[4] or ""] == [
            line[key] for key in ("level", "township_code", "group", "item")
        ]
        assert row[6] == (float(line["se"]) if line["se"] else None)


def test_scores_alone_have_no_precision_to_write():
    assert "precision.csv" not in score_files(made_source(4).scores, ["csv"])
    assert "精度" not in stored(workbook(made_source(4).scores)).sheetnames

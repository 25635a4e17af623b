"""
The tables of scores as one workbook for people.

Sheets 乡镇得分, 各类得分, 单项得分 hold the columns of the CSV files in their order, with Chinese headers, then (单项得分) the
shares of the four answers, and names in words; 精度, with the answers, how sure each figure is; 说明 says what the figures were
made with. Under the default readings scores, shares, totals and ranks are formulas that recompute them from the counts
(``live_formulas``), each with its figure beside. The same scores give the same bytes. Texts are written as texts, so that no
text becomes a formula. A cell holds its number to the last digit, as the CSV files do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NoReturn

import xlsxwriter

from analysis.errors import ExportError
from analysis.exports.live_formulas import Formulas, are_live
from analysis.exports.precision_lines import PRECISION, precision_lines
from analysis.exports.provenance import provenance
from analysis.exports.source import ExportSource
from analysis.figures import is_missing, shortest
from analysis.labels import Label
from analysis.results import TABLES, Column, Scores, Table

NUMBER_FORMATS = {"text": "@", "whole": "0", "score": "0.00", "share": "0.0%"}

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed date: the workbook must not depend on when it is made
_NAME = Column("township", Label("乡镇", "Township"), "text", 18)
_GROUP_LABEL = Column("group_label", Label("类别名称", "Group's name"), "text", 14)
SHARES = {
    "satisfied": Column("share_satisfied", Label("满意率", "Share satisfied"), "share", 10),
    "basic": Column("share_basic", Label("基本满意率", "Share basically satisfied"), "share", 12),
    "unsatisfied": Column("share_unsatisfied", Label("不满意率", "Share unsatisfied"), "share", 10),
    "unknown": Column("share_unknown", Label("不了解率", "Share not familiar"), "share", 10),
}
"""Of those who answered the item: the score's rates, which are no scores."""
_NOTES_HEADER = ("项目", "内容", "English")
_NOTES_WIDTHS = (24, 60, 60)
_MOST_ROWS = 1_048_576  # of a sheet, as the file format has it
_LOW, _HIGH = "#FBF9F4", "#8DB9A3"
_SHADED = {"townships": ("public_appraisal", "p_top6"), "groups": ("total", "response_rate"), "items": ("score",)}


def workbook_files(source: ExportSource) -> dict[str, bytes]:
    """
    ``scores.xlsx``, by name.

    Raises
    ------
    ExportError
        If a table has more rows than a sheet can hold.
    """
    scores = source.scores
    _refuse_too_long(scores)
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": "公众评议得分", "created": _CREATED})
    formats = _Formats(workbook)
    formulas = Formulas(scores) if are_live(scores) else None
    for table in TABLES.values():
        _write_table(workbook, table, scores, formats, formulas)
    _write_precision(workbook, source, formats)
    _write_notes(workbook, source, formats)
    workbook.close()
    return {"scores.xlsx": out.getvalue()}


def _refuse_too_long(scores: Scores) -> None:
    for table in TABLES.values():
        rows = len(scores.table(table.name)) + 1
        if rows > _MOST_ROWS:
            _refuse_rows(table, rows)


def _refuse_rows(table: Table, rows: int) -> NoReturn:
    raise ExportError(
        f"{table.name}: expected at most {_MOST_ROWS} rows for a workbook, found {rows}; write csv or parquet.",
        f"{table.sheet.zh}：工作簿每表至多 {_MOST_ROWS} 行，实有 {rows} 行，请改用 csv 或 parquet。",
    )


class _Exact(float):
    """A number that is written as the shortest decimal that reads back to it; the library asks for 16 digits."""

    def __format__(self, _wish: str) -> str:
        return shortest(self)


class _Formats:
    """The cell formats of the workbook."""

    def __init__(self, workbook: Any) -> None:
        self.header = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1, "bg_color": "#FBF9F4"}
        )
        self.note = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.of = {name: workbook.add_format({"num_format": code}) for name, code in NUMBER_FORMATS.items()}


def _write_table(workbook: Any, table: Table, scores: Scores, formats: _Formats, formulas: Formulas | None) -> None:
    sheet = workbook.add_worksheet(table.sheet.zh)
    lines = list(zip(*(scores.table(table.name)[name].tolist() for name in table.names), strict=True))
    columns = list(table.columns)
    if table.name == "items":
        columns += SHARES.values()
        lines = [(*line, *_shares(line)) for line in lines]
    if table.name != "townships":
        names = dict(zip(scores.townships["township_code"], scores.townships["township"], strict=True))
        columns += [_NAME, _GROUP_LABEL]
        lines = [(*line, names[line[1]], scores.scheme.group(line[2]).label.zh) for line in lines]
    _write_cells(
        sheet, columns, lines, formats, lambda name, row: formulas.of(table.name, name, row) if formulas else None
    )
    for position, column in enumerate(columns):
        if column.name in _SHADED[table.name] and lines:
            sheet.conditional_format(
                1, position, len(lines), position, {"type": "2_color_scale", "min_color": _LOW, "max_color": _HIGH}
            )
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(lines), len(columns) - 1)


def _shares(line: tuple[Any, ...]) -> list[float | None]:
    """The shares of the four answers among those who gave one."""
    counts = [int(line[TABLES["items"].names.index(name)]) for name in SHARES]
    return [count / sum(counts) if sum(counts) else None for count in counts]


def _write_precision(workbook: Any, source: ExportSource, formats: _Formats) -> None:
    """How sure each figure is, where there are the answers to tell it from."""
    precision = precision_lines(source)
    if precision is None:
        return
    if len(precision) >= _MOST_ROWS:
        _refuse_rows(PRECISION, len(precision) + 1)
    sheet = workbook.add_worksheet(PRECISION.sheet.zh)
    lines = list(zip(*(precision[name].tolist() for name in PRECISION.names), strict=True))
    _write_cells(sheet, PRECISION.columns, lines, formats, lambda _name, _row: None)
    sheet.freeze_panes(1, 5)
    sheet.autofilter(0, 0, len(lines), len(PRECISION.columns) - 1)


def _write_cells(
    sheet: Any,
    columns: Sequence[Column],
    lines: Sequence[tuple[Any, ...]],
    formats: _Formats,
    formula: Callable[[str, int], str | None],
) -> None:
    """Headers and figures; ``formula`` by column's name and row."""
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.header.zh, formats.header)
        for row, line in enumerate(lines, start=1):
            _write_cell(sheet, row, position, line[position], formats.of[column.format], formula(column.name, row))


def _write_cell(
    sheet: Any, row: int, position: int, value: Any, number_format: Any, formula: str | None = None
) -> None:
    """A missing figure leaves the cell empty, formula or not: there is nothing to recompute it from."""
    if is_missing(value):
        return
    if isinstance(value, str):
        sheet.write_string(row, position, value, number_format)
    elif formula is not None:
        sheet.write_formula(row, position, formula, number_format, _Exact(value))
    else:
        sheet.write_number(row, position, _Exact(value), number_format)


def _write_notes(workbook: Any, source: ExportSource, formats: _Formats) -> None:
    sheet = workbook.add_worksheet("说明")
    for position, (title, width) in enumerate(zip(_NOTES_HEADER, _NOTES_WIDTHS, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, formats.header)
    for row, line in enumerate(provenance(source, is_live=are_live(source.scores)), start=1):
        for position, text in enumerate((line.head.zh, line.words.zh, line.words.en)):
            sheet.write_string(row, position, text, formats.note)
    sheet.freeze_panes(1, 0)

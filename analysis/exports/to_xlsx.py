"""
The tables of scores as one workbook for people.

Sheets 乡镇得分, 各类得分, 单项得分 hold the columns of the CSV files in their order, with Chinese headers, and then names in
words; 说明 says what the figures were made with. The same scores give the same bytes. Texts are written as texts, so that
nothing becomes a formula. A cell holds its number to the last digit, as the CSV files do.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlsxwriter

from analysis.figures import is_missing, shortest
from analysis.labels import Label
from analysis.readings import READINGS
from analysis.results import TABLES, Column, Scores, Table

NUMBER_FORMATS = {"text": "@", "whole": "0", "score": "0.00", "share": "0.0%"}

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed date: the workbook must not depend on when it is made
_NAME = Column("township", Label("乡镇", "Township"), "text", 18)
_GROUP_LABEL = Column("group_label", Label("类别名称", "Group's name"), "text", 14)
_NOTES_HEADER = ("项目", "内容", "English")
_NOTES_WIDTHS = (24, 60, 60)


def workbook_files(scores: Scores) -> dict[str, bytes]:
    """``scores.xlsx``, by name."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": "公众评议得分", "created": _CREATED})
    formats = _Formats(workbook)
    for table in TABLES.values():
        _write_table(workbook, table, scores, formats)
    _write_notes(workbook, scores, formats)
    workbook.close()
    return {"scores.xlsx": out.getvalue()}


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


def _write_table(workbook: Any, table: Table, scores: Scores, formats: _Formats) -> None:
    sheet = workbook.add_worksheet(table.sheet.zh)
    lines = list(zip(*(scores.table(table.name)[name].tolist() for name in table.names), strict=True))
    columns = list(table.columns)
    if table.name != "townships":
        names = dict(zip(scores.townships["township_code"], scores.townships["township"], strict=True))
        columns += [_NAME, _GROUP_LABEL]
        lines = [(*line, names[line[1]], scores.scheme.group(line[2]).label.zh) for line in lines]
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.header.zh, formats.header)
        for row, line in enumerate(lines, start=1):
            _write_cell(sheet, row, position, line[position], formats.of[column.format])
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(lines), len(columns) - 1)


def _write_cell(sheet: Any, row: int, position: int, value: Any, number_format: Any) -> None:
    if is_missing(value):
        return
    if isinstance(value, str):
        sheet.write_string(row, position, value, number_format)
    else:
        sheet.write_number(row, position, _Exact(value), number_format)


def _write_notes(workbook: Any, scores: Scores, formats: _Formats) -> None:
    sheet = workbook.add_worksheet("说明")
    for position, (title, width) in enumerate(zip(_NOTES_HEADER, _NOTES_WIDTHS, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, formats.header)
    for row, line in enumerate(_note_lines(scores), start=1):
        for position, text in enumerate(line):
            sheet.write_string(row, position, text, formats.note)
    sheet.freeze_panes(1, 0)


def _note_lines(scores: Scores) -> Iterator[tuple[str, str, str]]:
    """What the figures were made with, then what a reader must know."""
    scheme = scores.scheme
    name = f"{scheme.id}，第 {scheme.version} 版", f"{scheme.id}, version {scheme.version}"
    yield "轮次", scores.round, scores.round
    yield "计分方案", f"{scheme.title.zh}（{name[0]}）", f"{scheme.title.en} ({name[1]})"
    yield "方案说明", scheme.description.zh, scheme.description.en
    yield "引擎版本", scores.engine, scores.engine
    for code, reading in READINGS.items():
        choice = scheme.readings[code]
        words = reading.choices[choice]
        yield (
            f"读法 {reading.question} {code}",
            f"{reading.label.zh}：{words.zh}（{choice}）",
            f"{reading.label.en}: {words.en} ({choice})",
        )
    for group in scheme.groups:
        yield f"类别 {group.code}", group.label.zh, group.label.en
    for number, note in enumerate(scores.notes, start=1):
        yield f"注 {number}", note.zh, note.en

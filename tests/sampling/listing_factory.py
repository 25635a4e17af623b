"""Two-step draws for tests, and sheets filled as a village's clerk would, with openpyxl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from sampling_factory import SMALL_TOWNSHIP, drawn, households, one_stage_rows, rural_rows

from sampling import Design, Draw, listing_sheets, load_design

HEADER_ROW = 7
CODE, NAME, SSU_CODE, SSU, PHONE = 2, 3, 4, 5, 6


def psu_rows(*townships: str) -> list[dict[str, str]]:
    """One row per village, its size as the formula says."""
    found = {row["psu_code"]: row for row in rural_rows(*townships)}
    return [{**row, "unit_code": "", "unit": "", "size": str(households(code))} for code, row in sorted(found.items())]


def first_rows(*townships: str) -> list[dict[str, str]]:
    """Rows of whole villages, and delegates in one stage."""
    return psu_rows(*(townships or (SMALL_TOWNSHIP,))) + one_stage_rows("delegates", 11)


def first_draw(design: Design | None = None) -> Draw:
    return drawn(first_rows(), design or load_design("teaching"))


def fill(path: Path, count: int, **columns: Any) -> None:
    """Give the first rows names, and what else is given by column name."""
    book = openpyxl.load_workbook(path)
    sheet = sheet_of(book)
    for number in range(1, count + 1):
        sheet.cell(HEADER_ROW + number, NAME, f"户主{number}")
        for column, value in columns.items():
            sheet.cell(HEADER_ROW + number, globals()[column], value(number) if callable(value) else value)
    book.save(path)


def change(path: Path, cells: dict[str, Any]) -> None:
    """Write single cells, such as ``{"B9": "x"}``."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet_of(book)[place] = value
    book.save(path)


def filled(draw: Draw, folder: Path) -> list[Path]:
    """All sheets, each with as many households as the village's size."""
    paths = list(listing_sheets(draw, folder))
    for path, size in zip(paths, draw.psus["size"].tolist(), strict=True):
        fill(path, size)
    return paths


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    sheet = book["住户名录"]
    assert isinstance(sheet, Worksheet)
    return sheet

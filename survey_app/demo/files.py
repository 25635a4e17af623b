"""
Write a demo frame as a file.

write_frame_csv    UTF-8 with a BOM, so that Excel opens it rightly
write_frame_xlsx   a workbook with all cells as text, so that no code loses its zeros
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from survey_app.demo.frame import HEADER


def write_frame_csv(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> None:
    """Write rows as CSV: UTF-8 with BOM, LF."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_frame_xlsx(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> None:
    """Write rows as a workbook, one row in memory at a time; a cell that begins with = is a formula."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("抽样框")
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(header):
            sheet.write_string(0, column, text)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                if text.startswith("="):
                    sheet.write_formula(number, column, text)
                elif text:
                    sheet.write_string(number, column, text)

"""
The investigator's list: which serial number is which person or household.

It holds names, so it is kept apart from the cards. Reserve units stand on no list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from survey_app.printing.drawing import GREY, INK, LINE, MM, SEAL, draw_mark, draw_text, fitting_size, wrap
from survey_app.printing.fonts import font, printable

COLUMNS = ("乡镇", "类别", "序号", "村（居）", "名称", "地址", "电话")
COLUMNS_EN = ("Township", "Group", "No.", "Village", "Name", "Address", "Phone")
MARGIN = 14 * MM
SIZE, LEADING, PADDING = 9.0, 4.3 * MM, 1.6 * MM
# Left edge and width of what a row of the PDF shows: number, name, village, address, phone, and a box to tick.
PLACES = {
    "sequence": (0, 11),
    "name": (13, 40),
    "psu": (55, 32),
    "address": (89, 52),
    "phone": (143, 28),
    "box": (174, 8),
}
HEADS = (
    ("sequence", "序号", "No."),
    ("name", "名称", "Name"),
    ("psu", "村（居）", "Village"),
    ("address", "地址", "Address"),
    ("phone", "电话", "Phone"),
    ("box", "已送", "Done"),
)


@dataclass(frozen=True)
class ListedCard:
    """One row of the list."""

    township: str
    group: str
    sequence: int
    psu: str
    name: str
    address: str
    phone: str


def list_csv(rows: Sequence[ListedCard]) -> bytes:
    """Return the list as CSV for Excel: UTF-8 with BOM, LF."""
    return csv_bytes(COLUMNS, [_cells(row) for row in rows])


def csv_bytes(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a table as CSV for Excel: UTF-8 with BOM, LF, minimal quoting."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def list_xlsx(rows: Sequence[ListedCard]) -> bytes:
    """Return the list as a workbook, all cells text but the serial number."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("样本名单")
        bold = workbook.add_format({"bold": True, "bottom": 1})
        sheet.freeze_panes(1, 0)
        for column, (label, width) in enumerate(zip(COLUMNS, (14, 14, 6, 18, 22, 36, 16), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, label, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(_cells(row)):
                if COLUMNS[column] == "序号":
                    sheet.write_number(number, column, row.sequence)
                else:
                    sheet.write_string(number, column, text)
    return buffer.getvalue()


def list_pdf(rows: Sequence[ListedCard], *, title: str, part: str, is_demo: bool) -> bytes:
    """Return the list as PDF, with a box to tick in each row; what the font cannot show is named at the foot."""
    font()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(printable(title)[0])
    canvas.setProducer("Pingyi")
    pages = _pages(rows)
    for number, page in enumerate(pages, start=1):
        _head(canvas, printable(title)[0], printable(part)[0], is_demo)
        y = A4[1] - 40 * MM
        lacking = ""
        for entry in page:
            y = entry.draw(canvas, y)
            lacking += entry.lacking
        _foot(canvas, "".join(dict.fromkeys(lacking)), number, len(pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True)
class _Entry:
    """A row or a heading as it will be drawn."""

    height: float
    lacking: str
    draw: Callable[[Any, float], float]


def _cells(row: ListedCard) -> list[str]:
    return [row.township, row.group, str(row.sequence), row.psu, row.name, row.address, row.phone]


def _pages(rows: Sequence[ListedCard]) -> list[list[_Entry]]:
    room = A4[1] - 40 * MM - 22 * MM
    pages: list[list[_Entry]] = [[]]
    left, standing = room, ("", "")
    for row in rows:
        entry = _row(row)
        where = row.township, row.group
        heading = [_heading(*where)] if where != standing else []
        needed = entry.height + sum(part.height for part in heading)
        if needed > left and pages[-1]:
            pages.append([])
            left, heading = room, [_heading(*where)]
            needed = entry.height + heading[0].height
        pages[-1] += [*heading, entry]
        left -= needed
        standing = where
    return pages


def _heading(township: str, group: str) -> _Entry:
    text, lacking = printable(f"{township} · {group}")

    def draw(canvas: Any, y: float) -> float:
        draw_text(canvas, text, MARGIN, y - 8 * MM, 11)
        return y - 10.5 * MM

    return _Entry(10.5 * MM, lacking, draw)


def _row(row: ListedCard) -> _Entry:
    texts = {"name": row.name or "–", "psu": row.psu, "address": row.address, "phone": row.phone}
    shown = {name: printable(text) for name, text in texts.items()}
    cells = {name: wrap(text, SIZE, PLACES[name][1] * MM) for name, (text, _lacking) in shown.items()}
    height = max(1, *(len(lines) for lines in cells.values())) * LEADING + 2 * PADDING

    def draw(canvas: Any, y: float) -> float:
        base = y - PADDING - 3.2 * MM
        number_x, number_width = PLACES["sequence"]
        draw_text(canvas, str(row.sequence), MARGIN + (number_x + number_width) * MM, base, SIZE + 1, align="right")
        for name, lines in cells.items():
            for place, line in enumerate(lines):
                draw_text(canvas, line, MARGIN + PLACES[name][0] * MM, base - place * LEADING, SIZE)
        canvas.setStrokeColor(GREY)
        canvas.setLineWidth(0.6)
        canvas.rect(MARGIN + PLACES["box"][0] * MM, base - 0.7 * MM, 4 * MM, 4 * MM)
        _rule(canvas, y - height)
        return y - height

    return _Entry(height, "".join(lacking for _text, lacking in shown.values()), draw)


def _head(canvas: Any, title: str, part: str, is_demo: bool) -> None:
    top = A4[1] - 12 * MM
    draw_mark(canvas, MARGIN, top - 9 * MM, 9 * MM)
    draw_text(canvas, title, MARGIN + 12 * MM, top - 4 * MM, fitting_size(title, 120 * MM, largest=13))
    shown = f"样本名单 List of the sample · {part}"
    draw_text(canvas, shown, MARGIN + 12 * MM, top - 8.6 * MM, fitting_size(shown, 120 * MM, largest=9), colour=GREY)
    if is_demo:
        draw_text(canvas, "演示数据 Demo data", A4[0] - MARGIN, top - 4 * MM, 10, colour=SEAL, align="right")
    for name, zh, en in HEADS:
        x, width = PLACES[name]
        align, x = ("right", x + width) if name == "sequence" else ("left", x)
        draw_text(canvas, zh, MARGIN + x * MM, top - 18 * MM, 8.5, colour=INK, align=align)
        draw_text(canvas, en, MARGIN + x * MM, top - 21.6 * MM, 7, colour=GREY, align=align)
    canvas.setLineWidth(0.9)
    canvas.setStrokeColor(INK)
    canvas.line(MARGIN, top - 24 * MM, A4[0] - MARGIN, top - 24 * MM)


def _foot(canvas: Any, lacking: str, number: int, pages: int) -> None:
    if lacking:
        codes = " ".join(f"[U+{ord(character):04X}]" for character in lacking)
        text = f"字库缺字，原字见 list.csv：{codes} · Characters the font lacks; list.csv has them."
        draw_text(canvas, text, MARGIN, 15.5 * MM, fitting_size(text, A4[0] - 2 * MARGIN, largest=7.5), colour=SEAL)
    words = "内部使用：与答卷卡分开保管，调查结束后收回。For the investigator alone: keep apart from the cards, return after the fieldwork."
    draw_text(canvas, words, MARGIN, 11 * MM, 7, colour=GREY)
    draw_text(canvas, f"{number} / {pages}", A4[0] - MARGIN, 11 * MM, 8, colour=GREY, align="right")


def _rule(canvas: Any, y: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y, A4[0] - MARGIN, y)

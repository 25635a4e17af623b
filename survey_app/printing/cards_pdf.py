"""
Cards as PDF: A4, eight a page, with lines to cut along.

A card names the township, the group and the serial number, never a person. What all cards of a file share is drawn once as a form of the
PDF and used by each.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from survey_app.printing.drawing import GREY, INK, LINE, MM, SEAL, draw_mark, draw_qr, draw_text, fitting_size, wrap
from survey_app.printing.fonts import font, printable, text_width

COLUMNS, ROWS = 2, 4
PER_PAGE = COLUMNS * ROWS
WIDTH, HEIGHT = 99 * MM, 71.5 * MM
LEFT, BOTTOM = (A4[0] - COLUMNS * WIDTH) / 2, (A4[1] - ROWS * HEIGHT) / 2
EDGE = 5 * MM
STRIP_HEIGHT = 16.4 * MM
"""The foot of a card, below its last line: it holds code and number, and can be cut off and stuck on a paper slip."""
QR_BOX = 34 * MM
"""With the quiet zone: the code itself is 26 mm wide or more, whatever the length of the link."""

COLUMN_X, COLUMN_WIDTH = 38 * MM, 57 * MM
INVITATION = (
    "请用手机微信“扫一扫”作答，约三分钟。不记姓名，每卡只答一次。",
    "Scan with your phone: three minutes, no name asked. Each card answers once.",
)
WHO_SIZES = ((8.0, 6.6), (7.5, 6.2), (7.2, 6.0), (6.8, 5.7), (6.5, 5.5), (6.0, 5.2), (5.6, 4.9), (5.0, 4.5))
PART_GAP = 1.2 * MM
CODE_GAP = 3 * MM


@dataclass(frozen=True)
class PrintedCard:
    """One card."""

    link: str
    code: str
    """In groups, parted by blanks."""
    township: str
    group_zh: str
    group_en: str
    sequence: int
    who: tuple[str, str] | None = None
    """Who of the household answers, in English and Chinese."""


@dataclass(frozen=True)
class SheetFacts:
    """What all cards of a round share."""

    title: str
    address: str
    """Where the code can be typed, as short as it can be written."""
    is_demo: bool
    deadline: date | None = None
    contact: str = ""


def cards_pdf(cards: Iterable[PrintedCard], facts: SheetFacts, *, each: Callable[[], None] = lambda: None) -> bytes:
    """Return cards as PDF; ``each`` is called after every card."""
    font()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(printable(facts.title)[0])
    canvas.setProducer("Pingyi")
    _form(canvas, "cut", _cut_lines)
    _form(canvas, "shared", lambda to: _shared(to, facts))
    _form(canvas, "invitation", _invitation)
    known: dict[tuple[str, str], str] = {}
    for number, card in enumerate(cards):
        place = number % PER_PAGE
        if place == 0:
            if number:
                canvas.showPage()
            canvas.doForm("cut")
        if card.who and card.who not in known:
            known[card.who] = name = f"who{len(known)}"
            _form(canvas, name, lambda to, who=card.who: _who(to, who))  # type: ignore[misc]
        canvas.saveState()
        canvas.translate(LEFT + place % COLUMNS * WIDTH, BOTTOM + (ROWS - 1 - place // COLUMNS) * HEIGHT)
        canvas.doForm("shared")
        canvas.doForm(known[card.who] if card.who else "invitation")
        _own(canvas, card)
        canvas.restoreState()
        each()
    canvas.save()
    return buffer.getvalue()


def dates(deadline: date | None) -> tuple[str, str]:
    """Return a deadline in Chinese and in English, or room to write it by hand."""
    if deadline is None:
        return "＿＿月＿＿日", "________"
    return f"{deadline.year}年{deadline.month}月{deadline.day}日", f"{deadline.day} {deadline:%B %Y}"


def _form(canvas: Any, name: str, draw: Callable[[Any], None]) -> None:
    canvas.beginForm(name, 0, 0, *A4)
    draw(canvas)
    canvas.endForm()


def _cut_lines(canvas: Any) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.setDash(2, 2)
    for column in range(COLUMNS + 1):
        canvas.line(LEFT + column * WIDTH, 0, LEFT + column * WIDTH, A4[1])
    for row in range(ROWS + 1):
        canvas.line(0, BOTTOM + row * HEIGHT, A4[0], BOTTOM + row * HEIGHT)


def _shared(canvas: Any, facts: SheetFacts) -> None:
    top, right = HEIGHT - 4 * MM, WIDTH - EDGE
    draw_mark(canvas, EDGE, top - 6.5 * MM, 6.5 * MM)
    room = right - EDGE - 9 * MM
    if facts.is_demo:
        room -= _demo_tag(canvas, right, top) + 2 * MM
    title = printable(facts.title)[0]
    draw_text(canvas, title, EDGE + 8.5 * MM, top - 3 * MM, fitting_size(title, room, largest=10))
    draw_text(canvas, "公众评议答卷卡 · Public appraisal card", EDGE + 8.5 * MM, top - 6.2 * MM, 6.2, colour=GREY)
    _rule(canvas, top - 8.2 * MM)
    _deadline_and_contact(canvas, facts)
    _rule(canvas, STRIP_HEIGHT)
    line = f"扫不了码？请打开 {facts.address} 输入下面的代码 · Cannot scan? Open it and type this code"
    draw_text(canvas, line, EDGE, 12.6 * MM, fitting_size(line, right - EDGE, largest=6.6, smallest=4.5), colour=INK)


def _demo_tag(canvas: Any, right: float, top: float) -> float:
    text = "演示数据 Demo data"
    width = text_width(text, 7.5) + 3 * MM
    canvas.setStrokeColor(SEAL)
    canvas.setLineWidth(0.6)
    canvas.roundRect(right - width, top - 5.4 * MM, width, 4.6 * MM, 1 * MM, stroke=1, fill=0)
    draw_text(canvas, text, right - width / 2, top - 4 * MM, 7.5, colour=SEAL, align="centre")
    return width


def _deadline_and_contact(canvas: Any, facts: SheetFacts) -> None:
    zh, en = dates(facts.deadline)
    contact = printable(facts.contact)[0] or "＿＿＿＿＿＿＿＿"
    lines = (
        (f"请于 {zh} 前作答　咨询 {contact}", 7.6, 20.8, INK),
        (f"Please answer by {en}. Questions: {contact}", 6.2, 18.0, GREY),
    )
    for text, size, y, colour in lines:
        draw_text(canvas, text, EDGE, y * MM, fitting_size(text, WIDTH - 2 * EDGE, largest=size), colour=colour)


def _rule(canvas: Any, y: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(EDGE, y, WIDTH - EDGE, y)


def _who(canvas: Any, who: tuple[str, str]) -> None:
    """Say who of the household answers, in the largest type that fits beside the code."""
    en, zh = who
    room = 22.5 * MM - PART_GAP
    for size_zh, size_en in WHO_SIZES:
        parts = _lines(zh, size_zh, INK), _lines(en, size_en, GREY)
        if sum(leading for part in parts for *_rest, leading in part) <= room:
            break
    _column(canvas, parts, 47 * MM)


def _invitation(canvas: Any) -> None:
    _column(canvas, (_lines(INVITATION[0], 10, INK), _lines(INVITATION[1], 7.2, GREY)), 46 * MM)


def _lines(text: str, size: float, colour: Color) -> list[tuple[str, float, Color, float]]:
    return [(line, size, colour, size * 1.36) for line in wrap(text, size, COLUMN_WIDTH)]


def _column(canvas: Any, parts: Iterable[list[tuple[str, float, Color, float]]], y: float) -> None:
    for part in parts:
        for text, size, colour, leading in part:
            draw_text(canvas, text, COLUMN_X, y - size, size, colour=colour)
            y -= leading
        y -= PART_GAP


def _own(canvas: Any, card: PrintedCard) -> None:
    """Draw what is this card's alone."""
    draw_qr(canvas, card.link, 1.5 * MM, 23.5 * MM, QR_BOX)
    where = printable(f"{card.township} · {card.group_zh}")[0]
    draw_text(canvas, where, COLUMN_X, 54 * MM, fitting_size(where, COLUMN_WIDTH, largest=10.5))
    draw_text(canvas, card.group_en, COLUMN_X, 50.6 * MM, 6.6, colour=GREY)
    x = EDGE
    for group in card.code.split():
        draw_text(canvas, group, x, 5.6 * MM, 15.5)
        x += text_width(group, 15.5) + CODE_GAP
    number = str(card.sequence)
    draw_text(canvas, number, WIDTH - EDGE, 5.6 * MM, 15.5, align="right")
    left = WIDTH - EDGE - text_width(number, 15.5) - 1.5 * MM
    draw_text(canvas, "序号 No.", left, 5.6 * MM, 7, colour=GREY, align="right")

"""
Cards as PDF: A4, eight a page, with lines to cut along.

A card names the township, the group and the serial number, never a person. What all cards of a file share is drawn once as a form of the
PDF and used by each. Where its texts stand, and what is too long for a card, ``card_lines`` tells.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from survey_app.printing.card_lines import (
    COLUMN_WIDTH,
    COLUMN_X,
    DEMO,
    EDGE,
    HEIGHT,
    STRIP_HEIGHT,
    WIDTH,
    PrintedCard,
    SheetFacts,
    address_lines,
    contact_lines,
    demo_width,
    place_lines,
    title_lines,
)
from survey_app.printing.drawing import GREY, INK, LINE, MM, SEAL, draw_mark, draw_qr, draw_text, wrap
from survey_app.printing.fonts import font, printable, text_width

COLUMNS, ROWS = 2, 4
PER_PAGE = COLUMNS * ROWS
LEFT, BOTTOM = (A4[0] - COLUMNS * WIDTH) / 2, (A4[1] - ROWS * HEIGHT) / 2
QR_BOX = 34 * MM
"""With the quiet zone: the code itself is 26 mm wide or more, whatever the length of the link."""
QR_X, QR_Y = 1.5 * MM, 24.7 * MM

INVITATION = (
    "请用手机微信“扫一扫”作答，约需5分钟。不记姓名，每卡只答一次。",
    "Scan with your phone: about 5 minutes, no name asked. Each card answers once.",
)
WHO_SIZES = ((8.0, 6.6), (7.5, 6.2), (7.2, 6.0), (6.8, 5.7), (6.5, 5.5), (6.0, 5.2), (5.6, 4.9), (5.0, 4.5))
PART_GAP = 1.2 * MM
CODE_GAP = 3 * MM


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
    if facts.is_demo:
        _demo_tag(canvas, right, top)
    for line in title_lines(facts):
        line.draw(canvas)
    draw_text(canvas, "公众评议答卷卡 · Public appraisal card", EDGE + 8.5 * MM, top - 6.2 * MM, 6.2, colour=GREY)
    _rule(canvas, top - 8.2 * MM)
    _rule(canvas, STRIP_HEIGHT)
    for line in (*contact_lines(facts), *address_lines(facts)):
        line.draw(canvas)


def _demo_tag(canvas: Any, right: float, top: float) -> None:
    width = demo_width()
    canvas.setStrokeColor(SEAL)
    canvas.setLineWidth(0.6)
    canvas.roundRect(right - width, top - 5.4 * MM, width, 4.6 * MM, 1 * MM, stroke=1, fill=0)
    draw_text(canvas, DEMO, right - width / 2, top - 4 * MM, 7.5, colour=SEAL, align="centre")


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
    _column(canvas, parts, 48 * MM)


def _invitation(canvas: Any) -> None:
    _column(canvas, (_lines(INVITATION[0], 10, INK), _lines(INVITATION[1], 7.2, GREY)), 47 * MM)


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
    draw_qr(canvas, card.link, QR_X, QR_Y, QR_BOX)
    for line in place_lines(card):
        line.draw(canvas)
    x = EDGE
    for group in card.code.split():
        draw_text(canvas, group, x, 5.6 * MM, 15.5)
        x += text_width(group, 15.5) + CODE_GAP
    number = str(card.sequence)
    draw_text(canvas, number, WIDTH - EDGE, 5.6 * MM, 15.5, align="right")
    left = WIDTH - EDGE - text_width(number, 15.5) - 1.5 * MM
    draw_text(canvas, "序号 No.", left, 5.6 * MM, 7, colour=GREY, align="right")

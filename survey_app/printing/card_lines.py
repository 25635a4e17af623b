"""
Where the texts of a card stand, and the refusal of what a card cannot hold.

Nothing ever leaves its card: a long text is set smaller, then broken into lines, and refused before the printing where even that does
not hold (``refuse_overlong``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from reportlab.lib.colors import Color

from survey_app.errors import BadInput
from survey_app.printing.drawing import GREY, INK, MM, draw_text, fitting_size, wrap
from survey_app.printing.fonts import printable, text_width

WIDTH, HEIGHT = 99 * MM, 71.5 * MM
EDGE = 5 * MM
LINE_WIDTH = WIDTH - 2 * EDGE
STRIP_HEIGHT = 16.4 * MM
"""The foot of a card, below its last line: it holds code and number, and can be cut off and stuck on a paper slip."""
COLUMN_X, COLUMN_WIDTH = 38 * MM, 57 * MM
TITLE_X = EDGE + 8.5 * MM
DEMO = "演示数据 Demo data"
READABLE = 6.0
"""A line is broken before it is set smaller than this."""
SMALL_SIZES = (6.6, 6.3, READABLE, 5.7, 5.4, 5.0)
TITLE_SIZES = (7.5, 7.0, 6.5, READABLE, 5.5, 5.0)
LEADING = 1.18
QUOTED = 60
"""So many characters of a text that is too long are shown in its refusal."""


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


@dataclass(frozen=True)
class CardLine:
    """A line of text on a card, from the card's lower left corner."""

    text: str
    x: float
    y: float
    size: float
    colour: Color = INK

    def draw(self, canvas: Any) -> None:
        """Draw it."""
        draw_text(canvas, self.text, self.x, self.y, self.size, colour=self.colour)


def refuse_overlong(facts: SheetFacts, cards: Iterable[PrintedCard] = ()) -> None:
    """
    Refuse what a card cannot hold, before anything is printed.

    Raises
    ------
    BadInput
        If title, contact, address or the name of a place is too long for a card.
    """
    for lines in (title_lines, contact_lines, address_lines):
        lines(facts)
    seen = set()
    for card in cards:
        place = card.township, card.group_zh, card.group_en
        if place not in seen:
            seen.add(place)
            place_lines(card)


def dates(deadline: date | None) -> tuple[str, str]:
    """Return a deadline in Chinese and in English, or room to write it by hand."""
    if deadline is None:
        return "＿＿月＿＿日", "________"
    return f"{deadline.year}年{deadline.month}月{deadline.day}日", f"{deadline.day} {deadline:%B %Y}"


def demo_width() -> float:
    """Return how wide the frame is that marks a demo's cards."""
    return text_width(DEMO, 7.5) + 3 * MM


def title_lines(facts: SheetFacts) -> list[CardLine]:
    """Return the round's name beside the mark."""
    title = printable(facts.title)[0]
    room = WIDTH - EDGE - TITLE_X - 0.5 * MM - (demo_width() + 2 * MM if facts.is_demo else 0)
    if size := _one_line(title, room, 10):
        return [CardLine(title, TITLE_X, HEIGHT - 7 * MM, size)]
    broken = _broken(title, room, TITLE_SIZES[:-1], 2) or _broken(title, room, TITLE_SIZES, 3)
    if broken is None:
        raise _too_long(facts.title, "The round's name", "轮次名称", "name the round shorter", "请改用较短的轮次名称")
    return _stacked(*broken, TITLE_X, 63.7 * MM)


def contact_lines(facts: SheetFacts) -> list[CardLine]:
    """Return until when and whom to ask: a line for each language, or the contact once below both where it is long."""
    zh, en = dates(facts.deadline)
    contact = printable(facts.contact)[0] or "＿＿＿＿＿＿＿＿"
    in_zh, in_en = f"请于 {zh} 前作答　咨询 {contact}", f"Please answer by {en}. Questions: {contact}"
    size_zh, size_en = _one_line(in_zh, LINE_WIDTH, 7.6), _one_line(in_en, LINE_WIDTH, 6.2)
    if size_zh and size_en:
        return [CardLine(in_zh, EDGE, 20.8 * MM, size_zh), CardLine(in_en, EDGE, 18 * MM, size_en, GREY)]
    broken = _broken(contact, LINE_WIDTH, SMALL_SIZES[2:], 2)
    if broken is None:
        raise _too_long(facts.contact, "The contact", "联系方式", "shorten it", "请缩短")
    head = f"请于 {zh} 前作答 Please answer by {en}. 咨询 Questions:"
    lines = _stacked(*broken, EDGE, (17.5 if len(broken[0]) > 1 else 18.2) * MM)
    top = lines[0].y + max(lines[0].size, READABLE) * LEADING
    return [CardLine(head, EDGE, top, fitting_size(head, LINE_WIDTH, largest=6.2)), *lines]


def address_lines(facts: SheetFacts) -> list[CardLine]:
    """Return where the code below can be typed: on one line, one for each language, or by itself where it is long."""
    zh, en = f"扫不了码？请打开 {facts.address} 输入下面的代码", "Cannot scan? Open it and type this code"
    if size := _one_line(f"{zh} · {en}", LINE_WIDTH, 6.6):
        return [CardLine(f"{zh} · {en}", EDGE, 12.6 * MM, size)]
    if size := _one_line(zh, LINE_WIDTH, 6.6):
        return [CardLine(zh, EDGE, 13.9 * MM, size), CardLine(en, EDGE, 11.5 * MM, 6.2, GREY)]
    broken = _broken(facts.address, LINE_WIDTH, SMALL_SIZES, 1)
    if broken is None:
        remedy_en, remedy_zh = "set PINGYI_BASE_URL to a shorter one", "请将 PINGYI_BASE_URL 设为较短的网址后重新启动"
        raise _too_long(facts.address, "The address", "网址", remedy_en + " and start again", remedy_zh)
    head = "扫不了码？请打开以下网址，输入代码 · Cannot scan? Open this and type the code"
    size = fitting_size(head, LINE_WIDTH, largest=6.6)
    return [CardLine(head, EDGE, 13.9 * MM, size), *_stacked(*broken, EDGE, 11.5 * MM)]


def place_lines(card: PrintedCard) -> list[CardLine]:
    """Return township and group beside the code."""
    zh, en = printable(f"{card.township} · {card.group_zh}")[0], printable(card.group_en)[0]
    size, size_en = _one_line(zh, COLUMN_WIDTH, 10.5), _one_line(en, COLUMN_WIDTH, 6.6)
    broken = ((zh,), size) if size else _broken(zh, COLUMN_WIDTH, TITLE_SIZES[1:], 2)
    broken_en = ((en,), size_en) if size_en else _broken(en, COLUMN_WIDTH, (5.0,), 2)
    if broken is None or broken_en is None:
        named = f"{card.township} · {card.group_zh} · {card.group_en}"
        raise _too_long(
            named, "The name of a place and its group", "乡镇和类别的名称", "use shorter names", "请改用较短的名称"
        )
    low_en = 51.5 * MM if size_en else 49.6 * MM
    low = 55 * MM if size else 53.8 * MM
    return [*_stacked(*broken, COLUMN_X, low), *_stacked(*broken_en, COLUMN_X, low_en, GREY)]


def _one_line(text: str, width: float, largest: float) -> float | None:
    """Return the largest readable size at which a text stands on one line, None where there is none."""
    size = fitting_size(text, width, largest=largest, smallest=READABLE)
    return size if text_width(text, size) <= width + 0.01 else None


def _broken(text: str, width: float, sizes: Iterable[float], most: int) -> tuple[tuple[str, ...], float] | None:
    """Return a text broken into no more lines than this, at the first size that allows it."""
    for size in sizes:
        lines = wrap(text, size, width)
        if len(lines) <= most:
            return lines, size
    return None


def _stacked(lines: tuple[str, ...], size: float, x: float, low: float, colour: Color = INK) -> list[CardLine]:
    """Return lines one above the other, the last at this height."""
    last = len(lines) - 1
    return [CardLine(line, x, low + (last - n) * size * LEADING, size, colour) for n, line in enumerate(lines)]


def _too_long(text: str, en: str, zh: str, remedy_en: str, remedy_zh: str) -> BadInput:
    shown = text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
    return BadInput(
        en=f"{en} {shown!r} has {len(text)} characters, too many to be printed on a card; {remedy_en}.",
        zh=f"{zh}“{shown}”有 {len(text)} 个字符，答卷卡上印不下；{remedy_zh}。",
    )

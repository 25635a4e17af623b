"""
The style of the charts: paper, ink, and the few shapes that they are made of.

Drawn 360 wide, so that a phone shows them at their own size; as vectors they print at any other.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

PAPER, INK, PINE, SEAL, GREY, HAIRLINE = "#FBF9F4", "#1F2623", "#1B6B58", "#B8392B", "#5B6460", "#D9D4C8"
ANSWER_COLOURS = {"satisfied": "#1B6B58", "basic": "#8DB9A3", "unsatisfied": "#B8392B", "unknown": "#A7A9A6"}
FONTS = "PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"
WIDTH, MARGIN = 360, 12
TITLE_SIZE, TEXT_SIZE, SMALL = 16, 12, 11
ROW = 22


class Scale(NamedTuple):
    """From values to places on the paper."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Where a value stands."""
        return self.first + (value - self.low) / ((self.high - self.low) or 1) * (self.last - self.first)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """
    Round numbers within a range, 1, 2 or 5 times a power of ten apart.

    Examples
    --------
    >>> ticks(61.2, 84.9)
    [65.0, 70.0, 75.0, 80.0]
    """
    spread = high - low
    if spread <= 0:
        return [low]
    decade = 10.0 ** math.floor(math.log10(spread / count))
    step = next(factor * decade for factor in (1, 2, 5, 10, 20) if spread / (factor * decade) <= count + 1)
    return [round(k * step, 10) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """
    About how wide a text is: Chinese characters are square, others a little over half as wide.

    Examples
    --------
    >>> text_width("评议", 10)
    20.0
    """
    return sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56) for c in text)


def shortened(text: str, width: float, size: float = TEXT_SIZE) -> str:
    """The text, cut with … where it is wider than there is room."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of at most that width, broken at blanks and between Chinese characters, never before a stop."""
    lines, line = [], ""
    for piece in _unbroken(text):
        if line and text_width((line + piece).rstrip(), size * 1.04) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def _unbroken(text: str) -> list[str]:
    pieces: list[str] = []
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        stop = sign in "，。；：、）”！？%"
        behind_wide = bool(pieces) and unicodedata.east_asian_width(pieces[-1][-1]) in "WF"
        if not stop and sign != " " and (not pieces or wide or behind_wide or pieces[-1].endswith(" ")):
            pieces.append(sign)
        elif pieces:
            pieces[-1] += sign
    return pieces


def place(value: float) -> str:
    """A coordinate to a tenth, without a minus before zero."""
    return f"{round(value, 1) + 0.0:g}"


def number(value: float) -> str:
    """A number at an axis."""
    return f"{value:g}".replace("-", "−")


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: int = TEXT_SIZE,
    weight: int = 400,
    rim: str = "",
    turn: int = 0,
) -> str:
    """One line of text; a rim in the colour of its ground keeps it readable across lines."""
    extra = f' text-anchor="{anchor}"' if anchor != "start" else ""
    extra += f' font-size="{size}"' if size != TEXT_SIZE else ""
    extra += f' font-weight="{weight}"' if weight != 400 else ""
    extra += f' stroke="{rim}" stroke-width="3" paint-order="stroke"' if rim else ""
    extra += f' transform="rotate({turn} {place(x)} {place(y)})"' if turn else ""
    return f'<text x="{place(x)}" y="{place(y)}" fill="{fill}"{extra}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, thick: float = 1, dash: str = "") -> str:
    """One straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{place(x1)}" y1="{place(y1)}" x2="{place(x2)}" y2="{place(y2)}" '
        f'stroke="{colour}" stroke-width="{thick:g}"{dashes}/>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    """One filled rectangle."""
    return f'<rect x="{place(x)}" y="{place(y)}" width="{place(width)}" height="{place(height)}" fill="{fill}"/>'


def dot(x: float, y: float, colour: str, radius: float = 3.5, shape: str = "circle") -> str:
    """A mark: a circle, square, diamond or triangle (up or down), so that colour is never all that tells marks apart."""
    if shape == "circle":
        return f'<circle cx="{place(x)}" cy="{place(y)}" r="{radius:g}" fill="{colour}"/>'
    far = radius * 1.25
    points = {
        "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        "diamond": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
        "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
        "down": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
    }[shape]
    size = radius * 0.9 if shape == "square" else far * 0.85
    path = " ".join(f"{place(x + a * size)},{place(y + b * size)}" for a, b in points)
    return f'<polygon points="{path}" fill="{colour}"/>'


def heading(title: str) -> tuple[str, float]:
    """The title, wrapped, and where it ends."""
    lines = wrapped(title, WIDTH - 2 * MARGIN, TITLE_SIZE)
    shown = [
        text(MARGIN, MARGIN + TITLE_SIZE + k * (TITLE_SIZE + 5), words, size=TITLE_SIZE, weight=600)
        for k, words in enumerate(lines)
    ]
    return "\n".join(shown), float(MARGIN + TITLE_SIZE + (len(lines) - 1) * (TITLE_SIZE + 5))


def remark(words: str, y: float) -> tuple[list[str], float]:
    """Small grey lines under a chart, from y on, and where they end."""
    lines = wrapped(words, WIDTH - 2 * MARGIN, SMALL)
    return [text(MARGIN, y + k * (SMALL + 5), each, fill=GREY, size=SMALL) for k, each in enumerate(lines)], y + (
        len(lines) - 1
    ) * (SMALL + 5)


def axis(values: Sequence[float], across: Scale, top: float, bottom: float) -> list[str]:
    """Hairlines down from top to bottom with their numbers below."""
    lines = [line(across.at(x), top, across.at(x), bottom, HAIRLINE) for x in values]
    return lines + [text(across.at(x), bottom + 14, number(x), anchor="middle", fill=GREY, size=SMALL) for x in values]


def document(title: str, description: str, height: float, body: Iterable[str], definitions: str = "") -> str:
    """The whole SVG, with title and description for those who listen."""
    tall = math.ceil(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH * 2}" height="{tall * 2}" '
        f'role="img" font-family="{FONTS}" font-size="{TEXT_SIZE}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n{definitions}"
        f'<rect width="{WIDTH}" height="{tall}" fill="{PAPER}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )

"""
What charts are drawn with: colours, scales, and pieces of SVG text.

Scale                        from values to places on the paper
nice_ticks(low, high)        round numbers for an axis
text_width, wrapped          how wide a text is, and its lines
document, heading_of, …      the whole, the title, one line of text, one straight line
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from html import escape
from typing import NamedTuple

PAPER, INK, PINE, SEAL, GREY, HAIRLINE = "#FBF9F4", "#1F2623", "#1B6B58", "#B8392B", "#5B6460", "#D9D4C8"
FONTS = "PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"
WIDTH, MARGIN = 360, 16
TITLE_SIZE, TEXT_SIZE = 16, 13
LINE = 19
_POINT = Fraction(1, 10**9)


class Scale(NamedTuple):
    """From values to places on the paper."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Where a value stands."""
        return self.first + (value - self.low) / ((self.high - self.low) or 1) * (self.last - self.first)


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """
    Round numbers that enclose a range.

    Parameters
    ----------
    low, high : float
        low ≤ high.
    count : int
        About how many steps, at least 1.

    Returns
    -------
    list of float
        Multiples of 1, 2 or 5 times a power of ten, the first at most ``low``, the last at least ``high``.

    Examples
    --------
    >>> nice_ticks(0, 8.3)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    spread = Fraction(high) - Fraction(low)
    # A range that is a point, but for rounding, has no scale of its own.
    rough = (spread if spread > _POINT else Fraction(1)) / count
    decade = Fraction(10) ** math.floor(math.log10(rough))
    step = next(factor * decade for factor in (1, 2, 5, 10, 20) if factor * decade >= rough)
    first, last = math.floor(Fraction(low) / step), math.ceil(Fraction(high) / step)
    return [float(step * k) for k in range(first, max(last, first + 1) + 1)]


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """
    About how wide a text is: Chinese characters are square, others a little over half as wide.

    Examples
    --------
    >>> text_width("评议", 10)
    20.0
    """
    return sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56) for c in text)


def heading_of(title: str) -> tuple[str, float]:
    """The title, wrapped, and where it ends."""
    lines = wrapped(title, WIDTH - 2 * MARGIN, TITLE_SIZE)
    shown = [
        text_of(MARGIN, MARGIN + TITLE_SIZE + k * (LINE + 2), line, size=TITLE_SIZE, weight=600)
        for k, line in enumerate(lines)
    ]
    return "\n".join(shown), float(MARGIN + TITLE_SIZE + (len(lines) - 1) * (LINE + 2))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of at most that width, broken at blanks and between Chinese characters."""
    lines, line = [], ""
    for piece in pieces(text):
        if line and text_width((line + piece).rstrip(), size * 1.04) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def pieces(text: str) -> list[str]:
    """What may not be broken: words with the blank behind them, Chinese characters with the stop behind them."""
    pieces: list[str] = []
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        stop = character in "，。；：、）”！？"
        fresh = not pieces or pieces[-1].endswith(" ") or (wide and not stop)
        after_wide = bool(pieces) and unicodedata.east_asian_width(pieces[-1][-1]) in "WF" and not stop
        if fresh or (after_wide and character != " "):
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def document(title: str, description: str, height: float, body: Iterable[str]) -> str:
    """The whole SVG, with title and description for those who listen."""
    tall = math.ceil(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH * 2}" '
        f'style="max-width:100%;height:auto" role="img" font-family="{FONTS}" font-size="{TEXT_SIZE}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        f'<rect width="{WIDTH}" height="{tall}" fill="{PAPER}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def text_of(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: int = TEXT_SIZE,
    weight: int = 400,
) -> str:
    """One line of text."""
    extra = f' text-anchor="{anchor}"' if anchor != "start" else ""
    extra += f' font-size="{size}"' if size != TEXT_SIZE else ""
    extra += f' font-weight="{weight}"' if weight != 400 else ""
    # A rim of paper keeps the text readable where it crosses a line.
    rim = f'stroke="{PAPER}" stroke-width="3" paint-order="stroke"'
    return f'<text x="{place_of(x)}" y="{place_of(y)}" fill="{fill}" {rim}{extra}>{escape(text)}</text>'


def line_of(x1: float, y1: float, x2: float, y2: float, colour: str, thick: float = 1) -> str:
    """One straight line."""
    return (
        f'<line x1="{place_of(x1)}" y1="{place_of(y1)}" x2="{place_of(x2)}" y2="{place_of(y2)}" '
        f'stroke="{colour}" stroke-width="{thick:g}"/>'
    )


def place_of(value: float) -> str:
    """A coordinate to a tenth, without a minus before zero."""
    return f"{round(value, 1) + 0.0:g}"


def number_of(value: float) -> str:
    """A number at an axis."""
    return f"{value:g}".replace("-", "−")

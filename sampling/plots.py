"""
Charts as SVG text: curves, and intervals side by side.

line_chart(curves, …)         curves against a number, labelled where they end
interval_chart(sections, …)   estimates with their intervals, in sections with a heading
nice_ticks(low, high)         round numbers for an axis

One message a chart, which is its title. Drawn 360 wide, so that a phone shows it at its own size; as vectors it prints at
any other. The text of a chart depends on its values alone.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import NamedTuple

PAPER, INK, PINE, SEAL, GREY, HAIRLINE = "#FBF9F4", "#1F2623", "#1B6B58", "#B8392B", "#5B6460", "#D9D4C8"
FONTS = "PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"
WIDTH, MARGIN = 360, 16
TITLE_SIZE, TEXT_SIZE = 16, 13
LINE = 19
_STYLES = ((PINE, 2.5, ""), (INK, 1.5, "7 3"), (GREY, 1.5, "2 3"), (INK, 1.5, "1 4"), (GREY, 1.5, "9 3 2 3"))
_ROW = 26
_POINT = Fraction(1, 10**9)


class Curve(NamedTuple):
    """
    One curve.

    Attributes
    ----------
    label : str
        Stands at its right end.
    points : sequence of (float, float), shape (K, 2)
        With x increasing, K ≥ 1.
    marks : sequence of (float, float, str)
        Points to mark with a dot and a word.
    """

    label: str
    points: Sequence[tuple[float, float]]
    marks: Sequence[tuple[float, float, str]] = ()


class Interval(NamedTuple):
    """
    One estimate and its interval.

    Attributes
    ----------
    label : str
    low, est, high : float
    text : str
        Stands at the right, such as ``±4.0``.
    strong : bool
        Whether it is what the chart is about; the others are context and grey.
    """

    label: str
    low: float
    est: float
    high: float
    text: str
    strong: bool = False


class _Scale(NamedTuple):
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


def line_chart(
    curves: Sequence[Curve], *, title: str, description: str, x_label: str, y_label: str, height: int = 240
) -> str:
    """
    Curves against a number, each labelled where it ends.

    Parameters
    ----------
    curves : sequence of Curve
        The first is what the chart is about. The y axis begins at 0.
    title : str
        The chart's message.
    description : str
        The same in words for those who cannot see it.
    x_label, y_label : str
    height : int
        Of the plotting area.

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        When there is no curve, or one without points.

    Examples
    --------
    >>> svg = line_chart([Curve("a", [(1, 2), (2, 1)])], title="T", description="D", x_label="x", y_label="y")
    >>> svg.startswith("<svg") and svg.count("<polyline") == 1
    True
    """
    if not curves or not all(curve.points for curve in curves):
        raise ValueError("a chart needs at least one curve, and every curve a point")
    heading, top = _heading(title)
    top += LINE + 16
    xs, ys = [x for c in curves for x, _ in c.points], [y for c in curves for _, y in c.points]
    x_ticks, y_ticks = nice_ticks(min(xs), max(xs), 5), nice_ticks(0, max(ys), 5)
    left = MARGIN + 8 + max(text_width(_number(y)) for y in y_ticks)
    right = WIDTH - MARGIN - 6 - max(text_width(curve.label) for curve in curves)
    across, down = _Scale(min(xs), max(xs), left, right), _Scale(y_ticks[0], y_ticks[-1], top + height, top)
    shown_x = [x for x in x_ticks if min(xs) <= x <= max(xs)]
    body = [
        heading,
        _text(MARGIN, top - 12, y_label, fill=GREY),
        *_level_lines(y_ticks, down, left, right),
        *(_text(across.at(x), top + height + 18, _number(x), anchor="middle", fill=GREY) for x in shown_x),
        _text(right, top + height + 38, x_label, anchor="end", fill=GREY),
        *_curves(curves, across, down),
        *_end_labels(curves, right + 6, down),
    ]
    return _document(title, description, top + height + 38 + MARGIN, body)


def interval_chart(
    sections: Sequence[tuple[str, Sequence[Interval]]], *, title: str, description: str, x_label: str
) -> str:
    """
    Estimates with their intervals, one below the other.

    Parameters
    ----------
    sections : sequence of (str, sequence of Interval)
        Each with its heading.
    title, description : str
        As in ``line_chart``.
    x_label : str

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        When there is no interval.

    Examples
    --------
    >>> rows = [Interval("5 × 10", -6, 0, 6, "±6.0"), Interval("10 × 5", -5.5, 0, 5.5, "±5.5", True)]
    >>> interval_chart([("Rural", rows)], title="T", description="D", x_label="points").count("<circle")
    2
    """
    rows = [row for _, own in sections for row in own]
    if not rows:
        raise ValueError("a chart needs at least one interval")
    heading, top = _heading(title)
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    ticks = [x for x in nice_ticks(low, high, 4) if low <= x <= high]
    left = MARGIN + 12 + max(text_width(row.label) for row in rows)
    right = WIDTH - MARGIN - 12 - max(text_width(row.text) for row in rows)
    across = _Scale(low, high, left, right)
    body, bottom = [], top + 4.0
    for name, own in sections:
        bottom += LINE + 4
        body.append(_text(MARGIN, bottom, name, fill=INK, weight=600))
        for row in own:
            bottom += _ROW
            body += _interval(row, across, bottom - 5)
    bottom += 14
    grid = [_line(across.at(x), top + 12, across.at(x), bottom, HAIRLINE) for x in ticks]
    axis = [_text(across.at(x), bottom + 16, _number(x), anchor="middle", fill=GREY) for x in ticks]
    label = _text(right, bottom + 36, x_label, anchor="end", fill=GREY)
    return _document(title, description, bottom + 36 + MARGIN, [heading, *grid, *body, *axis, label])


def _interval(row: Interval, across: _Scale, y: float) -> list[str]:
    """A thin line with its estimate, the name at the left and the figure at the right."""
    colour = PINE if row.strong else GREY
    return [
        _text(MARGIN, y + 5, row.label),
        _line(across.at(row.low), y, across.at(row.high), y, colour, 2.5 if row.strong else 1.5),
        *(_line(across.at(end), y - 5, across.at(end), y + 5, colour, 1.5) for end in (row.low, row.high)),
        f'<circle cx="{_place(across.at(row.est))}" cy="{_place(y)}" r="4" fill="{colour}"/>',
        _text(WIDTH - MARGIN, y + 5, row.text, anchor="end", fill=colour, weight=600 if row.strong else 400),
    ]


def _level_lines(ticks: Sequence[float], down: _Scale, left: float, right: float) -> Iterable[str]:
    """Hairlines across with their numbers at the left."""
    for y in ticks:
        yield _line(left, down.at(y), right, down.at(y), HAIRLINE)
        yield _text(left - 8, down.at(y) + 4.5, _number(y), anchor="end", fill=GREY)


def _curves(curves: Sequence[Curve], across: _Scale, down: _Scale) -> Iterable[str]:
    """The context first, so that the curve the chart is about lies on top."""
    for k, curve in reversed(list(enumerate(curves))):
        colour, thick, dash = _STYLES[k % len(_STYLES)]
        places = " ".join(f"{_place(across.at(x))},{_place(down.at(y))}" for x, y in curve.points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        yield f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{thick:g}"{dashes}/>'
        for x, y, word in curve.marks:
            yield f'<circle cx="{_place(across.at(x))}" cy="{_place(down.at(y))}" r="4.5" fill="{colour}"/>'
            yield _text(across.at(x) + 6, down.at(y) - 10, word, fill=colour, weight=600)


def _end_labels(curves: Sequence[Curve], x: float, down: _Scale) -> Iterable[str]:
    """Labels at the curves' ends, pushed apart where they would meet."""
    ends = sorted((down.at(curve.points[-1][1]), k) for k, curve in enumerate(curves))
    places = [y for y, _ in ends]
    gap = TEXT_SIZE + 3
    for above, below in pairwise(range(len(places))):
        places[below] = max(places[below], places[above] + gap)
    # What was pushed down shares the shift with those above, so that the block stays around its curves.
    shift = (sum(places) - sum(y for y, _ in ends)) / len(places)
    for place, (_, k) in zip(places, ends, strict=True):
        yield _text(
            x, place - shift + 4.5, curves[k].label, fill=_STYLES[k % len(_STYLES)][0], weight=400 if k else 600
        )


def _heading(title: str) -> tuple[str, float]:
    """The title, wrapped, and where it ends."""
    lines = _wrapped(title, WIDTH - 2 * MARGIN, TITLE_SIZE)
    shown = [
        _text(MARGIN, MARGIN + TITLE_SIZE + k * (LINE + 2), line, size=TITLE_SIZE, weight=600)
        for k, line in enumerate(lines)
    ]
    return "\n".join(shown), float(MARGIN + TITLE_SIZE + (len(lines) - 1) * (LINE + 2))


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of at most that width, broken at blanks and between Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size * 1.04) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> list[str]:
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


def _document(title: str, description: str, height: float, body: Iterable[str]) -> str:
    """The whole SVG, with title and description for those who listen."""
    tall = math.ceil(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH * 2}" '
        f'style="max-width:100%;height:auto" role="img" font-family="{FONTS}" font-size="{TEXT_SIZE}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        f'<rect width="{WIDTH}" height="{tall}" fill="{PAPER}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _text(
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
    return f'<text x="{_place(x)}" y="{_place(y)}" fill="{fill}" {rim}{extra}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, thick: float = 1) -> str:
    """One straight line."""
    return (
        f'<line x1="{_place(x1)}" y1="{_place(y1)}" x2="{_place(x2)}" y2="{_place(y2)}" '
        f'stroke="{colour}" stroke-width="{thick:g}"/>'
    )


def _place(value: float) -> str:
    """A coordinate to a tenth, without a minus before zero."""
    return f"{round(value, 1) + 0.0:g}"


def _number(value: float) -> str:
    """A number at an axis."""
    return f"{value:g}".replace("-", "−")

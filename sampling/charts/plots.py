"""
Charts as SVG text: curves, and intervals side by side.

line_chart(curves, …)         curves against a number, labelled where they end
interval_chart(sections, …)   estimates with their intervals, in sections with a heading

One message a chart, which is its title. Drawn 360 wide, so that a phone shows it at its own size; as vectors it prints at
any other. The text of a chart depends on its values alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from sampling.charts.svg import (
    GREY,
    HAIRLINE,
    INK,
    LINE,
    MARGIN,
    PINE,
    TEXT_SIZE,
    WIDTH,
    Scale,
    document,
    heading_of,
    line_of,
    nice_ticks,
    number_of,
    place_of,
    text_of,
    text_width,
)

_STYLES = ((PINE, 2.5, ""), (INK, 1.5, "7 3"), (GREY, 1.5, "2 3"), (INK, 1.5, "1 4"), (GREY, 1.5, "9 3 2 3"))
_ROW = 26


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
    heading, top = heading_of(title)
    top += LINE + 16
    xs, ys = [x for c in curves for x, _ in c.points], [y for c in curves for _, y in c.points]
    x_ticks, y_ticks = nice_ticks(min(xs), max(xs), 5), nice_ticks(0, max(ys), 5)
    left = MARGIN + 8 + max(text_width(number_of(y)) for y in y_ticks)
    right = WIDTH - MARGIN - 6 - max(text_width(curve.label) for curve in curves)
    across, down = Scale(min(xs), max(xs), left, right), Scale(y_ticks[0], y_ticks[-1], top + height, top)
    shown_x = [x for x in x_ticks if min(xs) <= x <= max(xs)]
    body = [
        heading,
        text_of(MARGIN, top - 12, y_label, fill=GREY),
        *_level_lines(y_ticks, down, left, right),
        *(text_of(across.at(x), top + height + 18, number_of(x), anchor="middle", fill=GREY) for x in shown_x),
        text_of(right, top + height + 38, x_label, anchor="end", fill=GREY),
        *_curves(curves, across, down),
        *_end_labels(curves, right + 6, down),
    ]
    return document(title, description, top + height + 38 + MARGIN, body)


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
    heading, top = heading_of(title)
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    ticks = [x for x in nice_ticks(low, high, 4) if low <= x <= high]
    left = MARGIN + 12 + max(text_width(row.label) for row in rows)
    right = WIDTH - MARGIN - 12 - max(text_width(row.text) for row in rows)
    across = Scale(low, high, left, right)
    body, bottom = [], top + 4.0
    for name, own in sections:
        bottom += LINE + 4
        body.append(text_of(MARGIN, bottom, name, fill=INK, weight=600))
        for row in own:
            bottom += _ROW
            body += _interval(row, across, bottom - 5)
    bottom += 14
    grid = [line_of(across.at(x), top + 12, across.at(x), bottom, HAIRLINE) for x in ticks]
    axis = [text_of(across.at(x), bottom + 16, number_of(x), anchor="middle", fill=GREY) for x in ticks]
    label = text_of(right, bottom + 36, x_label, anchor="end", fill=GREY)
    return document(title, description, bottom + 36 + MARGIN, [heading, *grid, *body, *axis, label])


def _interval(row: Interval, across: Scale, y: float) -> list[str]:
    """A thin line with its estimate, the name at the left and the figure at the right."""
    colour = PINE if row.strong else GREY
    return [
        text_of(MARGIN, y + 5, row.label),
        line_of(across.at(row.low), y, across.at(row.high), y, colour, 2.5 if row.strong else 1.5),
        *(line_of(across.at(end), y - 5, across.at(end), y + 5, colour, 1.5) for end in (row.low, row.high)),
        f'<circle cx="{place_of(across.at(row.est))}" cy="{place_of(y)}" r="4" fill="{colour}"/>',
        text_of(WIDTH - MARGIN, y + 5, row.text, anchor="end", fill=colour, weight=600 if row.strong else 400),
    ]


def _level_lines(ticks: Sequence[float], down: Scale, left: float, right: float) -> Iterable[str]:
    """Hairlines across with their numbers at the left."""
    for y in ticks:
        yield line_of(left, down.at(y), right, down.at(y), HAIRLINE)
        yield text_of(left - 8, down.at(y) + 4.5, number_of(y), anchor="end", fill=GREY)


def _curves(curves: Sequence[Curve], across: Scale, down: Scale) -> Iterable[str]:
    """The context first, so that the curve the chart is about lies on top."""
    for k, curve in reversed(list(enumerate(curves))):
        colour, thick, dash = _STYLES[k % len(_STYLES)]
        places = " ".join(f"{place_of(across.at(x))},{place_of(down.at(y))}" for x, y in curve.points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        yield f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{thick:g}"{dashes}/>'
        for x, y, word in curve.marks:
            yield f'<circle cx="{place_of(across.at(x))}" cy="{place_of(down.at(y))}" r="4.5" fill="{colour}"/>'
            yield text_of(across.at(x) + 6, down.at(y) - 10, word, fill=colour, weight=600)


def _end_labels(curves: Sequence[Curve], x: float, down: Scale) -> Iterable[str]:
    """Labels at the curves' ends, pushed apart where they would meet."""
    ends = sorted((down.at(curve.points[-1][1]), k) for k, curve in enumerate(curves))
    places = [y for y, _ in ends]
    gap = TEXT_SIZE + 3
    for above, below in pairwise(range(len(places))):
        places[below] = max(places[below], places[above] + gap)
    # What was pushed down shares the shift with those above, so that the block stays around its curves.
    shift = (sum(places) - sum(y for y, _ in ends)) / len(places)
    for place, (_, k) in zip(places, ends, strict=True):
        yield text_of(
            x, place - shift + 4.5, curves[k].label, fill=_STYLES[k % len(_STYLES)][0], weight=400 if k else 600
        )

"""
Charts as SVG text, beside those of plots.py: bars side by side, and a matrix as a heat map.

bar_chart(sections, …)   figures as bars, in sections with a heading, each with a mark to compare it with
heat_chart(matrix, …)    a square matrix, darker where it is larger, its zeros crossed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sampling.charts.svg import (
    GREY,
    HAIRLINE,
    INK,
    LINE,
    MARGIN,
    PINE,
    SEAL,
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

_ROW, _THICK = 22, 13
_PALE, _DARK = (0xE3, 0xEC, 0xE6), (0x1B, 0x6B, 0x58)
"""The least value above zero, and the largest."""


class Bar(NamedTuple):
    """
    One figure.

    Attributes
    ----------
    label : str
    value : float
        At least 0.
    text : str
        Stands at the right.
    strong : bool
        Whether it is what the chart is about; the others are context and grey.
    mark : float or None
        What it is compared with, a stroke across the bar.
    """

    label: str
    value: float
    text: str
    strong: bool = False
    mark: float | None = None


def bar_chart(sections: Sequence[tuple[str, Sequence[Bar]]], *, title: str, description: str, x_label: str) -> str:
    """
    Figures as bars from 0, one below the other.

    Parameters
    ----------
    sections : sequence of (str, sequence of Bar)
        Each with its heading, which may be empty.
    title : str
        The chart's message.
    description : str
        The same in words for those who cannot see it.
    x_label : str

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        When there is no bar, or a value or mark below 0.

    Examples
    --------
    >>> svg = bar_chart([("", [Bar("a", 2, "2", True), Bar("b", 1, "1", mark=1.5)])], title="T", description="D", x_label="x")
    >>> svg.count("<rect") - 1, svg.count(SEAL)
    (2, 1)
    """
    rows = [row for _, own in sections for row in own]
    if not rows or min(min(row.value, row.mark or 0) for row in rows) < 0:
        raise ValueError("a chart needs at least one bar, and no value below 0")
    heading, top = heading_of(title)
    ticks = nice_ticks(0, max(max(row.value, row.mark or 0) for row in rows), 4)
    left = MARGIN + 8 + max(text_width(row.label) for row in rows)
    right = WIDTH - MARGIN - 10 - max(text_width(row.text) for row in rows)
    across = Scale(0, ticks[-1], left, right)
    body, bottom = [], top + 8.0
    for name, own in sections:
        if name:
            bottom += LINE + 4
            body.append(text_of(MARGIN, bottom, name, weight=600))
        for row in own:
            bottom += _ROW
            body += _bar(row, across, bottom - 5)
    bottom += 10
    grid = [line_of(across.at(x), top + 12, across.at(x), bottom, HAIRLINE) for x in ticks]
    axis = [text_of(across.at(x), bottom + 16, number_of(x), anchor="middle", fill=GREY) for x in ticks]
    label = text_of(right, bottom + 36, x_label, anchor="end", fill=GREY)
    return document(title, description, bottom + 36 + MARGIN, [heading, *grid, *body, *axis, label])


def heat_chart(
    matrix: Sequence[Sequence[float]], *, title: str, description: str, legend: str, zero: str, label: str
) -> str:
    """
    A square matrix, element 1 at the top left, darker where it is larger; the diagonal is left empty.

    Parameters
    ----------
    matrix : sequence of sequence of float, shape (K, K)
        At least 0, K from 2 to 60.
    title, description : str
        As in ``bar_chart``.
    legend, zero, label : str
        What the shade means, what a cross means, and what stands along the sides.

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        When the matrix is not square, or K is not from 2 to 60.

    Examples
    --------
    >>> svg = heat_chart([[1, 0], [0, 1]], title="T", description="D", legend="l", zero="never", label="unit")
    >>> svg.count("<path")
    3
    """
    count = len(matrix)
    if not 2 <= count <= 60 or any(len(row) != count for row in matrix):
        raise ValueError(f"expected a square matrix of 2 to 60 rows, got {count} rows")
    heading, top = heading_of(title)
    left, size = MARGIN + 22.0, (WIDTH - 2 * MARGIN - 22.0) / count
    top += LINE + 30
    shown = [k for k in range(count) if count <= 12 or k == 0 or (k + 1) % 5 == 0]
    sides = [text_of(left + (k + 0.5) * size, top - 6, str(k + 1), anchor="middle", fill=GREY) for k in shown]
    sides += [text_of(left - 6, top + (k + 0.5) * size + 4.5, str(k + 1), anchor="end", fill=GREY) for k in shown]
    bottom = top + count * size
    largest = max(matrix[i][j] for i in range(count) for j in range(count) if i != j)
    cells = [
        cell
        for i in range(count)
        for j in range(count)
        if i != j
        for cell in _cell(left + j * size, top + i * size, size, matrix[i][j], largest)
    ]
    axis = text_of(MARGIN, top - 22, label, fill=GREY)
    body = [heading, axis, *sides, *cells, *_legend(bottom, largest, legend, zero)]
    return document(title, description, bottom + 2 * LINE + MARGIN + 10, body)


def _bar(row: Bar, across: Scale, y: float) -> list[str]:
    """The bar, its name at the left and its figure at the right, and what it is compared with."""
    colour, end = PINE if row.strong else GREY, across.at(row.value)
    body = [
        text_of(MARGIN, y + 5, row.label),
        _rectangle(across.first, y - _THICK / 2, end - across.first, _THICK, colour),
        text_of(WIDTH - MARGIN, y + 5, row.text, anchor="end", fill=colour, weight=600 if row.strong else 400),
    ]
    if row.mark is not None:
        body.append(line_of(across.at(row.mark), y - 10, across.at(row.mark), y + 10, SEAL, 2.5))
    return body


def _cell(x: float, y: float, size: float, value: float, largest: float) -> Iterable[str]:
    """One element: a shade, or a cross where it is zero."""
    gap = 0.5 if size > 6 else 0.25
    if value > 0:
        yield _rectangle(x + gap, y + gap, size - 2 * gap, size - 2 * gap, _shade(value / largest))
    else:
        yield _cross(x + size / 2, y + size / 2, size * 0.24)


def _cross(x: float, y: float, arm: float) -> str:
    low, high = place_of(x - arm), place_of(x + arm)
    up, down = place_of(y - arm), place_of(y + arm)
    return f'<path d="M{low} {up}L{high} {down}M{low} {down}L{high} {up}" stroke="{SEAL}" stroke-width="1.2"/>'


def _shade(part: float) -> str:
    """Between the pale and the dark colour."""
    return "#" + "".join(f"{round(p + (d - p) * part):02X}" for p, d in zip(_PALE, _DARK, strict=True))


def _legend(bottom: float, largest: float, legend: str, zero: str) -> Iterable[str]:
    """What shades and crosses mean."""
    y = bottom + LINE
    yield _rectangle(MARGIN, y - 10, 12, 12, _shade(1.0))
    yield text_of(MARGIN + 18, y, f"{legend}, at most {largest:.3g}", fill=INK)
    yield _cross(MARGIN + 6, y + LINE - 4, 4)
    yield text_of(MARGIN + 18, y + LINE, zero, fill=INK)


def _rectangle(x: float, y: float, wide: float, tall: float, fill: str) -> str:
    shape = f'x="{place_of(x)}" y="{place_of(y)}" width="{place_of(wide)}" height="{place_of(tall)}"'
    return f'<rect {shape} fill="{fill}"/>'

"""Rows that flow down pages: what belongs together stays together, and what does not fit goes on the next page, never cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import Color

from survey_app.printing.drawing import INK, draw_text, wrap


@dataclass(frozen=True)
class Row:
    """What is drawn in one piece: its height, and how, given the canvas and the row's top."""

    height: float
    draw: Callable[[Any, float], None]


Block = tuple[Row, ...]
"""Rows that stand on one page where they can."""


def height_of(block: Block) -> float:
    """Return how high a block is."""
    return sum(row.height for row in block)


def gap(height: float) -> Row:
    """Return an empty row."""
    return Row(height, lambda _canvas, _top: None)


def lines(text: str, size: float, leading: float, x: float, width: float, *, colour: Color = INK) -> Block:
    """Return a text as rows, one a line."""

    def row(line: str) -> Row:
        return Row(leading, lambda canvas, top: draw_text(canvas, line, x, top - leading * 0.8, size, colour=colour))

    return tuple(row(line) for line in wrap(text, size, width))


def paginate(blocks: Iterable[Block], rooms: Callable[[int], float]) -> tuple[list[list[Row]], float]:
    """
    Lay blocks on pages; return each page's rows, and the height that is left on the last page.

    Parameters
    ----------
    rooms : Callable
        Page, counted from 0 → the height that its rows have.
    """
    pages: list[list[Row]] = [[]]
    left = rooms(0)
    for block in blocks:
        if left < height_of(block) <= rooms(len(pages)) and pages[-1]:
            pages.append([])
            left = rooms(len(pages) - 1)
        for part in _parts(block, left):
            if height_of(part) > left and pages[-1]:
                pages.append([])
                left = rooms(len(pages) - 1)
            pages[-1] += part
            left -= height_of(part)
    return pages, left


def draw_rows(canvas: Any, rows: Sequence[Row], top: float) -> None:
    """Draw rows one below the other."""
    for row in rows:
        row.draw(canvas, top)
        top -= row.height


def _parts(block: Block, left: float) -> list[Block]:
    """Return a block whole where it fits; one that no page holds goes on row by row."""
    return [block] if height_of(block) <= left else [(row,) for row in block]

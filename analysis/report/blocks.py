"""What the report is made of."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A section's title."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True)
class TableBlock:
    """
    A table with its caption.

    ``widths`` are in centimetres; ``figures`` says which columns hold figures, set to the right.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    figures: tuple[bool, ...]


@dataclass(frozen=True)
class ChartBlock:
    """A chart as SVG, and its words for those who cannot see it."""

    svg: str
    words: str


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on, each with what stands before it."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | TableBlock | ChartBlock | Signatures


def table(caption: str, columns: Sequence[tuple[str, float, bool]], rows: Sequence[Sequence[str]]) -> TableBlock:
    """A table from its columns, each with header, width and whether it holds figures."""
    return TableBlock(
        caption,
        tuple(name for name, _, _ in columns),
        tuple(tuple(row) for row in rows),
        tuple(width for _, width, _ in columns),
        tuple(is_figure for _, _, is_figure in columns),
    )


def chart(svg: str | None) -> list[Block]:
    """A chart, or nothing where there is none; its words are the drawing's own title."""
    if svg is None:
        return []
    start, end = svg.index("<title>") + len("<title>"), svg.index("</title>")
    return [ChartBlock(svg, html.unescape(svg[start:end]))]

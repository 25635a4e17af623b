"""Where the fieldwork stands, as stacked bars: answered, refused, not found, otherwise, still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.charts import drawing
from analysis.charts.drawing import GREY, INK, MARGIN, PAPER, PINE, SEAL, SMALL, WIDTH

NAME_ROOM, COUNT_ROOM, BAR, ROW = 76, 62, 14, 22
_GREY_PART, _BROWN, _TRACK = "#A7A9A6", "#8C7A5B", "#E7E2D6"
# Stripes, dots and lines besides colour, so that parts are told apart in grey print too.
_PATTERNS = (
    '<defs><pattern id="refused" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="{SEAL}"/>'
    f'<line x1="0" y1="0" x2="0" y2="5" stroke="{PAPER}" stroke-width="1.6"/></pattern>'
    '<pattern id="not-found" width="5" height="5" patternUnits="userSpaceOnUse">'
    f'<rect width="5" height="5" fill="{_GREY_PART}"/>'
    f'<circle cx="2.5" cy="2.5" r="1" fill="{PAPER}"/></pattern>'
    '<pattern id="otherwise" width="4" height="4" patternUnits="userSpaceOnUse">'
    f'<rect width="4" height="4" fill="{_BROWN}"/>'
    f'<line x1="0" y1="1" x2="4" y2="1" stroke="{PAPER}" stroke-width="1.2"/></pattern></defs>\n'
)
_FILLS = (PINE, "url(#refused)", "url(#not-found)", "url(#otherwise)", _TRACK)


def progress_chart(
    rows: Sequence[tuple[str, Sequence[int]]], labels: Mapping[str, str], *, title: str, note: str
) -> str:
    """
    One bar a row over its whole width, its parts in proportion.

    Parameters
    ----------
    rows : sequence of (name, counts)
        The counts in the order of ``labels``.
    labels : mapping
        What each part is called.
    title, note : str
        The sentence that the chart shows, and what stands below it.
    """
    head, top = drawing.heading(title)
    legend, y = _legend(top + 22, list(labels.values()))
    body = [head, *legend]
    y += 14
    spoken = []
    for name, counts in rows:
        shown = drawing.shortened(name, NAME_ROOM - 6)
        body.append(drawing.text(MARGIN, y + 11, shown))
        body += _bar(counts, y)
        body.append(
            drawing.text(WIDTH - MARGIN, y + 11, f"{counts[0]} / {sum(counts)}", anchor="end", fill=GREY, size=SMALL)
        )
        spoken.append(f"{name}: " + ", ".join(f"{label} {n}" for label, n in zip(labels.values(), counts, strict=True)))
        y += ROW
    below, end = drawing.remark(note, y + 12)
    return drawing.document(title, "; ".join(spoken), end + MARGIN, [*body, *below], _PATTERNS)


def _legend(y: float, labels: Sequence[str]) -> tuple[list[str], float]:
    marks, x = [], float(MARGIN)
    for label, fill in zip(labels, _FILLS, strict=True):
        wide = 15 + drawing.text_width(label, SMALL) + 10
        if x + wide - 10 > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 16
        marks += [drawing.rect(x, y - 9, 11, 11, fill), drawing.text(x + 15, y, label, size=SMALL, fill=INK)]
        x += wide
    return marks, y


def _bar(counts: Sequence[int], y: float) -> list[str]:
    first, full = MARGIN + NAME_ROOM, WIDTH - 2 * MARGIN - NAME_ROOM - COUNT_ROOM
    total, x, marks = sum(counts), float(MARGIN + NAME_ROOM), []
    if not total:
        return [drawing.rect(first, y, full, BAR, _TRACK)]
    for number, (count, fill) in enumerate(zip(counts, _FILLS, strict=True)):
        wide = count / total * full
        if count:
            marks.append(drawing.rect(x, y, wide, BAR, fill))
        if wide >= (18 if number in (0, 4) else 24):
            ink = "#FFFFFF" if number == 0 else INK
            rim = PAPER if number in (1, 2, 3) else ""
            marks.append(drawing.text(x + wide / 2, y + 11, str(count), anchor="middle", fill=ink, size=SMALL, rim=rim))
        x += wide
    return marks

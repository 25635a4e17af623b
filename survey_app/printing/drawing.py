"""What cards and lists draw with: colours, the mark, text that wraps, QR codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from reportlab.lib.colors import Color, HexColor, white

from survey_app.printing.fonts import NAME, text_width
from survey_app.printing.qr import QUIET_ZONE, qr_matrix, qr_runs

MM = 72 / 25.4
INK, GREY, LINE, SEAL = (HexColor(code) for code in ("#1F2623", "#5B6460", "#BDB7A9", "#B8392B"))
MARK = (
    "M82.9 33.2 72.1 29.4C71.2 35 68.9 44.3 66.1 50.5L66.7 51.2C72.2 46.7 77.4 39.6 80.1 34.5C82 34.5 82.6 33.9 82.9 33.2Z"
    "M40.8 30.4 40 30.7C42.1 35.8 44.1 42.5 44.1 48.3C51.3 55.5 59.5 40.3 40.8 30.4Z"
    "M21.1 15.9 20.4 16.3C22.8 19.4 25.7 24.2 26.7 28.2C34.3 33.4 40.8 18.9 21.1 15.9Z"
    "M32.2 38.8C34.1 38.5 35 37.9 35.3 37.3L28.2 31.4L24.3 35.3H14.9L15.6 37.4L24.2 37.3V68.1C24.2 69.8 23.7 70.5 20.4 72.3"
    "L26.4 81.5C27.4 80.8 28.4 79.6 28.9 77.8C35.3 71.3 40.4 65.3 43 62.1L42.7 61.3L32.2 67Z"
    "M77.2 47.7 72.6 53.7H64V24.8H80.6C81.5 24.8 82.4 24.5 82.6 23.7C79.4 20.8 74 16.6 74 16.6L69.4 22.7H38.6L39.2 24.8H55.3V53.7"
    "H35.3L35.9 55.8H55.3V84.5H56.9C61.3 84.5 64 82.6 64 82V55.8H83.5C84.6 55.8 85.4 55.4 85.6 54.6C82.4 51.8 77.2 47.7 77.2 47.7Z"
)
"""The mark's character as in static/mark.svg, in a square of 100."""

_WORDS = re.compile(r"\s+|[（“《]*(?:[!-\u2e7f]+|[^\s])[，。；：、）》”！？]*")


def draw_mark(canvas: Any, x: float, y: float, size: float) -> None:
    """Draw the mark with its lower left corner here."""
    canvas.saveState()
    canvas.translate(x, y + size)
    canvas.scale(size / 100, -size / 100)
    canvas.setFillColor(SEAL)
    canvas.roundRect(0, 0, 100, 100, 14, stroke=0, fill=1)
    canvas.setFillColor(white)
    path = canvas.beginPath()
    _follow(path, MARK)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def draw_qr(canvas: Any, text: str, x: float, y: float, box: float) -> None:
    """Draw a QR code in a square box that holds its quiet zone too, the lower left corner here."""
    matrix = qr_matrix(text)
    size = len(matrix)
    module = box / (size + 2 * QUIET_ZONE)
    runs = " ".join(f"{column} {size - 1 - row} {width} 1 re" for column, row, width in qr_runs(matrix))
    # One path for the whole code: no seams between its rows, and a tenth of the time of a call for each run.
    left, low = x + QUIET_ZONE * module, y + QUIET_ZONE * module
    canvas._code.append(f"q 0 0 0 rg {module:.5f} 0 0 {module:.5f} {left:.4f} {low:.4f} cm {runs} f Q")


def draw_text(
    canvas: Any, text: str, x: float, y: float, size: float, *, colour: Color = INK, align: str = "left"
) -> None:
    """Draw one line of text on its baseline."""
    canvas.setFont(NAME, size)
    canvas.setFillColor(colour)
    {"left": canvas.drawString, "right": canvas.drawRightString, "centre": canvas.drawCentredString}[align](x, y, text)


def fitting_size(text: str, width: float, *, largest: float, smallest: float = 5.0) -> float:
    """Return the largest size at which a text stands on one line of this width."""
    return max(smallest, min(largest, largest * width / max(text_width(text, largest), 0.01)))


@lru_cache(maxsize=20_000)
def wrap(text: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text into lines: Chinese anywhere but before closing marks, other words at blanks, too long words where they must."""
    lines, line = [], ""
    for word in _WORDS.findall(text):
        if text_width(line + word.rstrip(), size) <= width:
            line += word
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = word.lstrip()
        while text_width(line, size) > width and len(line) > 1:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or text_width(line[:n], size) <= width)
            lines.append(line[:fits])
            line = line[fits:]
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def _follow(path: Any, commands: str) -> None:
    """Put an SVG path of M, L, H, V, C and Z (absolute) into a PDF path."""
    x = y = 0.0
    for letter, figures in re.findall(r"([MLHVCZ])([^MLHVCZ]*)", commands):
        numbers = [float(number) for number in figures.split()]
        if letter == "Z":
            path.close()
        elif letter == "C":
            path.curveTo(*numbers)
            x, y = numbers[-2:]
        else:
            points = {"H": [*numbers, y], "V": [x, *numbers]}.get(letter, numbers)
            for start in range(0, len(points), 2):
                x, y = points[start : start + 2]
                (path.moveTo if letter == "M" and start == 0 else path.lineTo)(x, y)

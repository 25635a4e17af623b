"""
QR codes at error correction Q: the matrix, its runs of dark modules, and an SVG of one path.

The mask is the one the standard asks for, of least penalty; qrcode's own search finds the same at five times the cost, which would be
most of what printing costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import mask_func

QUIET_ZONE = 4
"""Modules of white that a reader needs on each side."""

MASKS = range(8)
_FINDER_LIKE = (0b10111010000, 0b00001011101)
_Modules = npt.NDArray[np.uint8]


class _Layout(NamedTuple):
    """What all codes of one version share: the modules free for data, the eight masks, and the others' values by mask."""

    free: npt.NDArray[np.bool_]
    masks: _Modules
    fixed: _Modules
    fixed_in_search: _Modules


def qr_matrix(text: str) -> list[list[bool]]:
    """Return the modules of a QR code (error correction Q, least penalty) without its quiet zone; True is dark."""
    code: Any = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=0)
    code.add_data(text)
    code.make(fit=True)
    layout = _layout(code.version)
    data = np.array(code.modules, dtype=np.uint8) ^ layout.masks[0]
    masked = data ^ layout.masks
    best = int(np.argmin(penalties(np.where(layout.free, masked, layout.fixed_in_search))))
    found: list[list[bool]] = np.where(layout.free, masked[best], layout.fixed[best]).astype(bool).tolist()
    return found


def qr_runs(matrix: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    """Give the runs of dark modules as (column, row, width), counted without the quiet zone."""
    edges = np.diff(np.pad(np.array(matrix, dtype=np.int8), ((0, 0), (1, 1))))
    rows, starts = np.nonzero(edges == 1)
    _rows, ends = np.nonzero(edges == -1)
    yield from zip(starts.tolist(), rows.tolist(), (ends - starts).tolist(), strict=True)


def qr_svg(text: str) -> str:
    """Return a QR code with its quiet zone as an SVG with one path."""
    matrix = qr_matrix(text)
    size = len(matrix) + 2 * QUIET_ZONE
    runs = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{width}v1h-{width}z" for x, y, width in qr_runs(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="QR" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{runs}"/></svg>'
    )


def penalties(symbols: _Modules) -> npt.NDArray[np.int64]:
    """Return the penalty of each symbol of a stack (ISO/IEC 18004, 7.8.3): runs, blocks, finder-like patterns, uneven darkness."""
    lines = np.stack([symbols, symbols.swapaxes(1, 2)])
    same = lines[..., 1:] == lines[..., :-1]
    fives = same[..., :-3] & same[..., 1:-2] & same[..., 2:-1] & same[..., 3:]
    runs = fives.copy()
    runs[..., 1:] &= ~fives[..., :-1]
    level_1 = _count(fives) + 2 * _count(runs)
    across = same[0]
    blocks = across[:, 1:] & across[:, :-1] & same[1].swapaxes(1, 2)[..., :-1]
    level_2 = 3 * blocks.sum(axis=(1, 2), dtype=np.int64)
    width = symbols.shape[2] - 10
    windows = np.zeros((*lines.shape[:3], width), dtype=np.uint16)
    for place in range(11):
        windows <<= 1
        windows |= lines[..., place : place + width]
    level_3 = 40 * sum(_count(windows == pattern) for pattern in _FINDER_LIKE)
    dark = symbols.mean(axis=(1, 2))
    level_4 = 10 * (np.abs(dark * 100 - 50) / 5).astype(np.int64)
    total: npt.NDArray[np.int64] = level_1 + level_2 + level_3 + level_4
    return total


def _count(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    counted: npt.NDArray[np.int64] = found.sum(axis=(0, 2, 3), dtype=np.int64)
    return counted


@lru_cache(maxsize=40)
def _layout(version: int) -> _Layout:
    code: Any = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=0)
    code.add_data("0")
    code.make(fit=False)
    size = code.modules_count
    fixed: list[Any] = []
    in_search: list[Any] = []
    for mask in MASKS:
        for kept, test in ((fixed, False), (in_search, True)):
            code.modules = [[None] * size for _ in range(size)]
            _function_patterns(code, mask, test=test)
            kept.append(code.modules)
    free = np.array([[module is None for module in row] for row in code.modules])
    masks = np.array([[[mask_func(mask)(y, x) for x in range(size)] for y in range(size)] for mask in MASKS])
    return _Layout(
        free, masks.astype(np.uint8), *(np.array(part).astype(bool).astype(np.uint8) for part in (fixed, in_search))
    )


def _function_patterns(code: Any, mask: int, *, test: bool) -> None:
    """Put in what is no data; qrcode's search for the mask leaves format and version blank."""
    size = code.modules_count
    for row, column in ((0, 0), (size - 7, 0), (0, size - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(test, mask)
    if code.version >= 7:
        code.setup_type_number(test)

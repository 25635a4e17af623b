"""
The lists of a frame: one of each group in each township, as the selection works on them.

group_sources(frame, design)   the townships, and the lists of each group in them
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design import Design
from sampling.frames.frame import Frame, list_bounds
from sampling.selection.group_draw import GroupSource
from sampling.selection.lists import Lists

Ints = NDArray[np.int64]


def group_sources(frame: Frame, design: Design) -> tuple[list[str], dict[str, GroupSource]]:
    """The townships of a frame, and the lists of each group in them, in the order of ``frame.csv``."""
    coded = frame.coded
    bounds = np.array(list_bounds(coded), dtype=np.int64)
    codes, groups = coded["township_code"].codes[bounds[:, 0]], coded["group"].codes[bounds[:, 0]]
    found = np.unique(codes)
    townships = [coded["township_code"].texts[code] for code in found.tolist()]
    sizes = coded["size"].numbers(lambda text: int(text) if text else None)
    columns = {name: coded[name] for name in ("psu_code", "ssu_code", "subgroup", "order")}
    numbers = {text: k for k, text in enumerate(coded["group"].texts)}
    sources = {}
    for group in design.by_group:
        mine = np.flatnonzero(groups == numbers.get(group, -1))
        first, end = np.zeros(len(found), dtype=np.int64), np.zeros(len(found), dtype=np.int64)
        place = np.searchsorted(found, codes[mine])
        first[place], end[place] = bounds[mine, 0], bounds[mine, 1]
        psu_rows = _psu_rows(coded["unit_code"].given, first, end)
        sources[group] = GroupSource(
            townships,
            Lists(None, first, psu_rows),
            Lists(None, first + psu_rows, end - first - psu_rows),
            columns,
            sizes,
        )
    return townships, sources


def _psu_rows(is_unit: NDArray[np.bool_], first: Ints, end: Ints) -> Ints:
    """How many rows of whole PSUs stand before the units of each list."""
    if is_unit.all():
        return np.zeros_like(first)
    units_before = np.concatenate([[0], np.cumsum(is_unit)])
    psu_rows: Ints = (end - first) - (units_before[end] - units_before[first])
    return psu_rows

"""
The order of the lists, over which the equal interval runs.

list_order(sheet)   the rows by township, group, PSU rows before units, then ``order`` or the design's own columns
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq

import numpy as np
from numpy.typing import NDArray

from sampling.checks import Sheet
from sampling.design_groups import LIST_KEYS, GroupDesign

Ints = NDArray[np.int64]


def list_order(sheet: Sheet) -> Ints:
    """
    Rows in the order of ``frame.csv``.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
    """
    groups = sheet.cells["group"]
    outer = [sheet.cells["township_code"].codes, groups.codes, sheet.unit_rows.astype(np.int64), sheet.orders]
    keys = np.zeros((len(LIST_KEYS), len(sheet.rows)), dtype=np.int64)
    for group in sheet.design.groups:
        rows = np.flatnonzero(groups.where(lambda text, group=group: eq(text, group.group)))  # type: ignore[misc]
        if len(rows):
            keys[:, rows] = _group_keys(sheet, group, rows, [key[rows] for key in outer])
    return sorted_by([*outer, *keys])


def sorted_by(keys: Sequence[Ints]) -> Ints:
    """
    The order of rows by several whole numbers of at least −1, the first the most significant; equal rows as they stand.

    Examples
    --------
    >>> sorted_by([np.array([1, 0, 1]), np.array([5, 9, 4])]).tolist()
    [1, 2, 0]
    """
    one = np.zeros(len(keys[0]), dtype=np.int64)
    width = 1
    for key in keys:
        span = int(key.max(initial=-1)) + 2
        width *= span
        if width >= 2**63:  # too wide for a single number
            return np.lexsort(keys[::-1])
        if span > 1:
            one = one * span + (key + 1)
    if not len(one) or bool((one[1:] >= one[:-1]).all()):
        return np.arange(len(one), dtype=np.int64)
    return np.argsort(one, kind="stable")


def _group_keys(sheet: Sheet, group: GroupDesign, rows: Ints, outer: Sequence[Ints]) -> list[Ints]:
    """What orders the rows of one group, one key a column, each so that a smaller number stands first."""
    keys: list[Ints] = []
    for column, direction in group.order_keys:
        cells = sheet.cells[column]
        key = cells.codes[rows]
        if direction == "descending":
            key = len(cells.texts) - 1 - key
        elif direction == "serpentine":
            above = [*outer, *_stratum(sheet, group, rows), *keys]
            odd = _odd_runs(above, len(outer) + (group.strata is not None))
            # where strata stand mixed, a turned run comes first, whatever number of texts other lists have
            key = np.where(odd, len(cells.texts) - 1 - key, len(cells.texts) + key)
        keys.append(key)
    return keys


def _stratum(sheet: Sheet, group: GroupDesign, rows: Ints) -> list[Ints]:
    return [] if group.strata is None else [sheet.cells[group.strata.by].codes[rows]]


def _odd_runs(keys: Sequence[Ints], n_outer: int) -> NDArray[np.bool_]:
    """
    Whether each row lies in the second, fourth … of the runs that ``keys`` form within its list.

    The first ``n_outer`` of the keys are the list (and stratum) within which runs are counted, so that a list is
    ordered the same whatever stands in others.
    """
    order = sorted_by(keys)
    new = _changes([key[order] for key in keys])
    begins = _changes([key[order] for key in keys[:n_outer]])
    run = np.cumsum(new)
    first = np.maximum.accumulate(np.where(begins, run, 0))
    odd = np.empty(len(order), dtype=bool)
    odd[order] = (run - first) % 2 == 1
    return odd


def _changes(keys: Sequence[Ints]) -> NDArray[np.bool_]:
    """The rows in which any key differs from the row before; the first row always."""
    new = np.zeros(len(keys[0]), dtype=bool)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new

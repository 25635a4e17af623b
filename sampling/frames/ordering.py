"""
The order of the lists, over which the equal interval runs.

list_order(sheet)   the rows by township, group, PSU rows before units, then ``order`` or the design's own columns
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design_groups import LIST_KEYS, GroupDesign
from sampling.frames.sheet import Sheet
from sampling.selection.lists import ranges

Ints = NDArray[np.int64]


def list_order(sheet: Sheet) -> Ints | None:
    """
    Rows in the order of ``frame.csv``.

    Returns
    -------
    ndarray of int64, shape (n_rows,), or None
        None where they stand in that order already.
    """
    runs = _ordered_runs(sheet)
    if runs is not None:
        sorted_already = bool((runs[1:] > runs[:-1]).all())
        return None if sorted_already else ranges(sheet.runs[runs], sheet.run_lengths[runs])[0]
    order = sorted_by(_all_keys(sheet, np.arange(len(sheet.rows), dtype=np.int64)))
    return None if bool((order[1:] > order[:-1]).all()) else order


def _all_keys(sheet: Sheet, rows: Ints) -> list[Ints]:
    """What orders some rows, all that may be compared with one another being among them."""
    groups = sheet.cells["group"]
    numbers = (sheet.cells["township_code"].codes, groups.codes, sheet.unit_rows, sheet.orders)
    outer: list[Ints] = [key[rows].astype(np.int64) for key in numbers]
    keys = np.zeros((len(LIST_KEYS), len(rows)), dtype=np.int64)
    for group in sheet.design.groups:
        own = np.flatnonzero(groups.where(lambda text, group=group: eq(text, group.group))[rows])  # type: ignore[misc]
        if len(own):
            keys[:, own] = _group_keys(sheet, group, rows[own], [key[own] for key in outer])
    return [*outer, *keys]


def _ordered_runs(sheet: Sheet) -> Ints | None:
    """
    The order of whole runs of rows, where no row within them need be moved; what this cannot tell quickly it leaves.

    A run has one township, group and PSU. Where nothing but ``unit_code`` orders its rows, that must grow from row to
    row, and only the first and last row of each run are compared by all keys. So most lists, which have been kept in
    some order, are sorted by villages rather than by households.
    """
    plain = all(sheet.cells[column].texts == [""] for column in ("order", "ssu_code", "subgroup"))
    directions = {key.direction for group in sheet.design.groups for key in group.order_keys}
    if not plain or directions != {"ascending"} or sheet.some_without_unit:
        return None
    units, first = sheet.cells["unit_code"].codes, sheet.runs
    last = first + sheet.run_lengths - 1
    grows = units[1:] > units[:-1]
    grows[last[:-1]] = True
    if not grows.all():
        return None
    keys = _all_keys(sheet, np.concatenate([first, last]))
    order = sorted_by([key[: len(first)] for key in keys])
    before, after = len(first) + order[:-1], order[1:]
    return order if _all_before([(key[before], key[after]) for key in keys]) else None


def _all_before(halves: Sequence[tuple[Ints, Ints]]) -> bool:
    """Whether each of some rows stands before the other of its pair, the first key being the most significant."""
    open_ = np.ones(len(halves[0][0]), dtype=bool)
    for before, after in halves:
        if bool((open_ & (before > after)).any()):
            return False
        open_ &= before == after
    return True


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
        key = cells.codes[rows].astype(np.int64)
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
    return [] if group.strata is None else [sheet.cells[group.strata.by].codes[rows].astype(np.int64)]


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

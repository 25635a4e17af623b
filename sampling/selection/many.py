"""
The methods of selection on many lists at once.

units_of_lists     positions chosen from each of many lists with equal probability
hits_of_clusters   hits of the clusters of many lists

What a systematic method chooses from a thousand lists is worked out in a few operations on whole arrays; a method that
needs random numbers one after another is called list by list. Either way it is what ``METHODS`` defines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.methods import METHODS
from sampling.methods.certainty import with_certainty
from sampling.methods.checks import fits_int64
from sampling.selection.lists import ranges, sums
from sampling.starts import Numbers, first_numbers

Ints = NDArray[np.int64]


def units_of_lists(method: str, size: Ints, n: Ints, numbers: Sequence[Numbers]) -> tuple[Ints, Ints]:
    """
    Positions chosen from each list.

    Parameters
    ----------
    method : str
        A key of ``METHODS``, not by size.
    size, n : ndarray of int64, shape (n_lists,)
        Units of each list, and how many to choose; where n ≥ N all are taken.
    numbers : sequence of Numbers
        The random numbers of each list.

    Returns
    -------
    positions : ndarray of int64
        Increasing within each list, counted from 0 there.
    owner : ndarray of int64
        The list of each.
    """
    turn = _TURNS.get(method)
    if turn is None or not fits_int64(_largest(size + 1, n)):
        return _one_by_one(method, size, n, numbers)
    taken = np.minimum(n, size)
    start = first_numbers(numbers, np.where(n < size, size, 0).tolist())
    positions, owner = _interval(size, taken, np.array(start, dtype=np.int64))
    return turn(positions, owner, size, taken), owner


def hits_of_clusters(
    method: str, measure: Ints, bounds: Ints, n: Ints, numbers: Sequence[Numbers], *, with_certain: bool = False
) -> Ints:
    """
    Hits of the clusters of each list.

    Parameters
    ----------
    method : str
        A key of ``METHODS``.
    measure : ndarray of int64, shape (n_clusters,)
        Size measures, list after list.
    bounds : ndarray of int64, shape (n_lists + 1,)
        Where the clusters of each list begin; the last is the number of clusters.
    n : ndarray of int64, shape (n_lists,)
        Hits of each list.
    numbers : sequence of Numbers
        The random numbers of each list.
    with_certain : bool
        Whether large clusters are taken once and the rest drawn anew.

    Returns
    -------
    ndarray of int64, shape (n_clusters,)
    """
    counts = np.diff(bounds)
    if not METHODS[method].by_size:
        positions, owner = units_of_lists(method, counts, n, numbers)
        return np.bincount(bounds[:-1][owner] + positions, minlength=len(measure)).astype(np.int64)
    totals = sums(measure, bounds)
    if method != "pps_equal_interval" or with_certain or not fits_int64(_largest(totals, n)):
        return _hits_one_by_one(method, measure, bounds, n, numbers, with_certain)
    start = np.array(first_numbers(numbers, totals.tolist()), dtype=np.int64)
    elements, owner = _interval(totals, np.where(totals > 0, n, 0), start)
    before = np.cumsum(totals) - totals
    hit = np.searchsorted(np.cumsum(measure), before[owner] + elements, side="right")
    return np.bincount(hit, minlength=len(measure)).astype(np.int64)


def _interval(size: Ints, n: Ints, start: Ints) -> tuple[Ints, Ints]:
    """``(r + i·N) // n`` for i = 0 … n−1 of each list."""
    i, owner = ranges(np.zeros_like(n), n)
    return (start[owner] + i * size[owner]) // np.maximum(n, 1)[owner], owner


def _straight(positions: Ints, owner: Ints, size: Ints, n: Ints) -> Ints:
    return positions


def _turned(positions: Ints, owner: Ints, size: Ints, n: Ints) -> Ints:
    """Every second block of each list turned round, as ``methods.symmetric`` says; a list taken whole stays."""
    block = positions * n[owner] // np.maximum(size, 1)[owner]
    first = -(-block * size[owner] // np.maximum(n, 1)[owner])
    end = -(-(block + 1) * size[owner] // np.maximum(n, 1)[owner])
    turned = np.where((block % 2 == 1) & (n < size)[owner], first + end - 1 - positions, positions)
    begins = (np.cumsum(size) - size)[owner]
    ordered: Ints = np.sort(begins + turned) - begins
    return ordered


_TURNS: dict[str, Callable[[Ints, Ints, Ints, Ints], Ints]] = {"equal_interval": _straight, "symmetric": _turned}
"""What follows the equal interval in the methods that are made of it."""


def _one_by_one(method: str, size: Ints, n: Ints, numbers: Sequence[Numbers]) -> tuple[Ints, Ints]:
    hits = METHODS[method].hits
    lists = zip(size.tolist(), n.tolist(), numbers, strict=True)
    chosen = [np.flatnonzero(hits(range(m), k, start=draw)) for m, k, draw in lists]
    owner = np.repeat(np.arange(len(chosen), dtype=np.int64), [len(part) for part in chosen])
    return np.concatenate([*chosen, np.zeros(0, dtype=np.int64)]), owner


def _hits_one_by_one(
    method: str, measure: Ints, bounds: Ints, n: Ints, numbers: Sequence[Numbers], with_certain: bool
) -> Ints:
    select = METHODS[method].hits
    result = np.zeros(len(measure), dtype=np.int64)
    for k, draw in enumerate(numbers):
        own = slice(int(bounds[k]), int(bounds[k + 1]))
        sizes = measure[own]
        if sizes.any() and n[k]:
            wanted = int(n[k])
            if with_certain:
                result[own] = with_certainty(select, sizes, wanted, start=draw)
            else:
                result[own] = select(sizes, wanted, start=draw)
    return result


def _largest(size: Ints, n: Ints) -> int:
    """The largest product of a list's size and number, in whole numbers of any length."""
    return int(size.max(initial=0)) * int(n.max(initial=0))

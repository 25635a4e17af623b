"""
Many lists at once, each a range of rows, so that a whole country is split at the speed of one array.

Lists       some lists: where each begins and how many rows it has, in the frame's own order or another
Clusters    the parts of lists by the texts of a column, in the order of their first rows
split       lists → their clusters
ranges      all places of some ranges one after another
sums        the sum of the values of each list
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.frames.coded import Coded

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lists:
    """
    Some lists.

    Attributes
    ----------
    rows : ndarray of int64 or None
        The frame's rows in the order in which the lists stand; None where that is the frame's own.
    first, size : ndarray of int64, shape (n_lists,)
        Where in that order each list begins, and how many rows it has.
    """

    rows: Ints | None
    first: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.first)

    def frame_rows(self, owner: Ints, positions: Ints) -> Ints:
        """The frame's rows that stand at the given positions of the given lists."""
        places = self.first[owner] + positions
        return places if self.rows is None else self.rows[places]

    def take(self, chosen: Ints) -> Lists:
        """Some of these lists."""
        return Lists(self.rows, self.first[chosen], self.size[chosen])


@dataclass(frozen=True, eq=False)
class Clusters:
    """
    The clusters of lists, in the order of the lists and, within each, of their first rows.

    Attributes
    ----------
    units : Lists
        The units of each cluster.
    owner : ndarray of int64
        The list to which each belongs, not decreasing.
    code : ndarray of int64
        Each one's text, as its number in the column.
    row : ndarray of int64
        The row of the frame that names it: its own, or its first unit's.
    measure : ndarray of int64
        Its size measure.
    """

    units: Lists
    owner: Ints
    code: Ints
    row: Ints
    measure: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, chosen: Ints, owner: Ints) -> Clusters:
        """Some of these clusters, as those of other lists."""
        return Clusters(self.units.take(chosen), owner, self.code[chosen], self.row[chosen], self.measure[chosen])

    def bounds(self, n_lists: int) -> Ints:
        """Where the clusters of each list begin, and behind the last one where they end."""
        return np.searchsorted(self.owner, np.arange(n_lists + 1))


def ranges(first: Ints, size: Ints) -> tuple[Ints, Ints]:
    """
    All places of some ranges one after another, and the range to which each belongs.

    Examples
    --------
    >>> [part.tolist() for part in ranges(np.array([5, 9]), np.array([2, 1]))]
    [[5, 6, 9], [0, 0, 1]]
    """
    owner = np.repeat(np.arange(len(size), dtype=np.int64), size)
    begins = np.cumsum(size) - size
    return np.arange(len(owner), dtype=np.int64) + np.repeat(first - begins, size), owner


def sums(values: Ints, bounds: Ints) -> Ints:
    """
    The sum of the values of each list.

    Examples
    --------
    >>> sums(np.array([3, 1, 5]), np.array([0, 2, 2, 3])).tolist()
    [4, 0, 5]
    """
    ends = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=ends[1:])
    found: Ints = ends[bounds[1:]] - ends[bounds[:-1]]
    return found


def split(lists: Lists, column: Coded) -> Clusters:
    """
    The clusters of each list by the texts of a column.

    Where the rows of every cluster stand together, as in a list ordered by cluster, no row is moved.
    """
    first, size, owner = _runs(lists, column)
    row = first if lists.rows is None else lists.rows[first]
    code = column.codes[row].astype(np.int64)
    keys = owner * len(column.texts) + code
    if len(np.unique(keys)) == len(keys):
        return Clusters(Lists(lists.rows, first, size), owner, code, row, size)
    return _gathered(lists, column)


def _runs(lists: Lists, column: Coded) -> tuple[Ints, Ints, Ints]:
    """Runs of rows with the same text: where each begins, how many rows it has, and its list."""
    codes = column.codes if lists.rows is None else column.codes[lists.rows]
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    low = np.searchsorted(changes, lists.first, side="right")
    high = np.searchsorted(changes, lists.first + lists.size, side="left")
    inner = np.maximum(high - low, 0)
    places, owner = ranges(low - 1, np.where(lists.size > 0, inner + 1, 0))
    begins = np.searchsorted(owner, np.arange(len(lists)))  # the first run of each list begins with the list
    first = changes[np.maximum(places, 0)] if len(changes) else np.zeros(len(places), dtype=np.int64)
    given = np.flatnonzero(lists.size > 0)
    if not len(given):
        return first, first, owner
    first[begins[given]] = lists.first[given]
    ends = np.append(first[1:], 0)
    last = np.append(begins[given][1:], len(first)) - 1
    ends[last] = (lists.first + lists.size)[given]
    return first, ends - first, owner


def _gathered(lists: Lists, column: Coded) -> Clusters:
    """Clusters whose rows stand apart: a copy of the rows' order in which they stand together."""
    places, owner = ranges(lists.first, lists.size)
    rows = places if lists.rows is None else lists.rows[places]
    keys = owner * len(column.texts) + column.codes[rows]
    numbers, found = pd.factorize(keys)
    size = np.bincount(numbers, minlength=len(found)).astype(np.int64)
    ordered, first = rows[np.argsort(numbers, kind="stable")], np.cumsum(size) - size
    owners, codes = found // len(column.texts), found % len(column.texts)
    return Clusters(Lists(ordered, first, size), owners, codes, ordered[first], size)

"""All hits that a systematic method can give, each with its number of starts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Whole, running_total, widened
from sampling.methods.pps_symmetric import turned_order


class Outcomes(NamedTuple):
    """
    The hits of each group of starts.

    Attributes
    ----------
    hits : ndarray of int64, shape (G, K)
    lengths : ndarray of int64 or object, shape (G,)
        Starts of each group; they add up to ``total``.
    total : int
        Number of starts, M.
    """

    hits: NDArray[np.int64]
    lengths: Whole
    total: int


def systematic_outcomes(method: str, sizes: Whole, n: int) -> Outcomes:
    """
    Hits for all starts of a method of one start.

    Parameters
    ----------
    method : str
        A key of ``METHODS`` with ``single_start``.
    sizes : ndarray of int64 or object, shape (K,)
        From ``whole_sizes``, with a total above 0; all 1 for equal probabilities.
    n : int
        Hits, n ≥ 1; with equal probabilities at most K.

    Returns
    -------
    Outcomes
        At most K groups. The start at which hit i passes from cluster k to the next is ``C(k)·n − i·M``, so the
        hits change only at the values of ``C(k)·n mod M``. (Of the circular method each start is a group.)

    Examples
    --------
    >>> import numpy as np
    >>> found = systematic_outcomes("pps_equal_interval", np.array([3, 1, 6]), 2)
    >>> found.hits.tolist(), found.lengths.tolist()
    ([[1, 0, 1], [0, 1, 1], [0, 0, 2]], [6, 2, 2])
    """
    if method == "circular":
        return _circular(len(sizes), n)
    order = turned_order(sizes, n) if method in {"symmetric", "pps_symmetric"} else np.arange(len(sizes))
    ends, total = running_total(sizes[order])
    ends = widened(ends, total * n) * n
    breaks = np.unique(ends % total)
    marks = breaks[:, None] + np.arange(n, dtype=ends.dtype) * total
    places = np.searchsorted(ends, marks, side="right")
    lengths = np.diff(np.append(breaks, total))
    return Outcomes(_counted(order[places], len(sizes)), lengths, total)


def _circular(n_units: int, n: int) -> Outcomes:
    starts = np.arange(n_units, dtype=np.int64)
    places = (starts[:, None] + np.arange(n) * (n_units // n)) % n_units
    return Outcomes(_counted(places, n_units), np.ones(n_units, dtype=np.int64), n_units)


def _counted(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Hits of each of ``count`` elements, from the elements hit in each row."""
    hits = np.zeros((len(places), count), dtype=np.int64)
    np.add.at(hits, (np.arange(len(places))[:, None], places), 1)
    return hits

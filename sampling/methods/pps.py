"""PPS equal-interval selection: hits of clusters in proportion to their size, larger ones hit more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Sizes, running_total, whole_sizes
from sampling.methods.equal_interval import equal_marks
from sampling.starts import Start, numbers


def pps_equal_interval(sizes: Sizes, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Hits of each cluster.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0 with total M. A cluster of size 0 is never hit.
    n : int
        Number of hits, n ≥ 0.
    start : int, sequence of int, or function
        Random number 0 is r, from 0 to M − 1.

    Returns
    -------
    ndarray of int64, shape (K,)
        Hits; they add up to n (to 0 where M = 0). Each cluster has floor or ceil of n·s/M.

    Raises
    ------
    ValueError
        If a size is no whole number, a size or n is negative, or the start out of range.

    Notes
    -----
    With cumulative sums C, hit i falls on the cluster k with ``C(k−1)·n ≤ r + i·M < C(k)·n``: over all M starts
    cluster k has exactly n·s hits, so its expected number of hits is n·s/M [1]_. In other words: the equal interval
    selects n of the M size units, and hit i is on the cluster that holds unit ``(r + i·M) // n``. An int64 array is
    read in place; sums beyond 2^63 are worked out in Python's integers.

    References
    ----------
    .. [1] Madow (1949), On the theory of systematic sampling, II. Annals of Mathematical Statistics 20, 333–354.

    Examples
    --------
    >>> pps_equal_interval([3, 1, 6], 2, start=4).tolist()
    [1, 0, 1]
    """
    whole = whole_sizes(sizes, n)
    hits = np.zeros(len(whole), dtype=np.int64)
    ends, total = running_total(whole)
    if total and n:
        marks = equal_marks(total, n, numbers(start)(0, total))
        np.add.at(hits, np.searchsorted(ends, marks, side="right"), 1)
    return hits

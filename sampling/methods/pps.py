"""PPS equal-interval selection: hits of clusters in proportion to their size, larger ones hit more than once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import fits_int64


def pps_equal_interval(sizes: Sequence[int], n: int, *, start: int) -> NDArray[np.int64]:
    """
    Hits of each cluster.

    Parameters
    ----------
    sizes : sequence of int, length K
        Whole sizes s ≥ 0 with total M. A cluster of size 0 is never hit.
    n : int
        Number of hits, n ≥ 0.
    start : int
        r, from 0 to M − 1.

    Returns
    -------
    ndarray of int64, shape (K,)
        Hits; they add up to n (to 0 where M = 0). Each cluster has floor or ceil of n·s/M.

    Raises
    ------
    ValueError
        If a size or n is negative, or the start out of range.

    Notes
    -----
    With cumulative sums C, hit i falls on the cluster k with ``C(k−1)·n ≤ r + i·M < C(k)·n``: over all M starts
    cluster k has exactly n·s hits, so its expected number of hits is n·s/M [1]_. Products beyond 2^63 are worked out
    in Python's integers.

    References
    ----------
    .. [1] Madow (1949), On the theory of systematic sampling, II. Annals of Mathematical Statistics 20, 333–354.

    Examples
    --------
    >>> pps_equal_interval([3, 1, 6], 2, start=4).tolist()
    [1, 0, 1]
    """
    exact = [int(size) for size in sizes]
    total = sum(exact)
    if n < 0 or any(size < 0 for size in exact):
        raise ValueError("expected sizes and a number of hits of at least 0")
    if total == 0 or n == 0:
        return np.zeros(len(exact), dtype=np.int64)
    if not 0 <= start < total:
        raise ValueError(f"expected a start from 0 to {total - 1}, got {start}")
    if fits_int64(total * n):
        ends = np.cumsum(np.array(exact, dtype=np.int64)) * n
        hit = np.searchsorted(ends, start + np.arange(n, dtype=np.int64) * total, side="right")
    else:
        exact_ends = [end * n for end in accumulate(exact)]
        hit = np.array([bisect_right(exact_ends, start + i * total) for i in range(n)], dtype=np.int64)
    return np.bincount(hit, minlength=len(exact)).astype(np.int64)

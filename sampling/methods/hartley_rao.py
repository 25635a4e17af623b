"""Randomised PPS equal-interval selection (随机排列的 PPS 等距抽样): the clusters are shuffled first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Sizes, whole_sizes
from sampling.methods.pps import pps_equal_interval
from sampling.starts import Numbers, Start, numbers


def hartley_rao(sizes: Sizes, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Hits of each cluster, by PPS equal interval over the clusters in random order.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0 with total M. A cluster of size 0 is never hit.
    n : int
        Number of hits, n ≥ 0.
    start : int, sequence of int, or function
        Random number 0 is the equal interval's r, from 0 to M − 1; numbers 1 … K−1 shuffle the clusters, number i + 1
        being from 0 to K − i − 1.

    Returns
    -------
    ndarray of int64, shape (K,)
        Hits of the clusters in their own order; they add up to n (to 0 where M = 0). Each has floor or ceil of n·s/M.

    Raises
    ------
    ValueError
        If a size is no whole number, a size or n is negative, a random number is missing or out of range.

    Notes
    -----
    Goodman and Kish's procedure [1]_, studied by Hartley and Rao [2]_. All clusters, those of size 0 too, are
    shuffled by Fisher and Yates: for i = 0 … K−2 the cluster at place i changes places with the one at place
    ``i + number (i+1)``. Whatever the order, n·s/M hits are expected. Two clusters can be hit together wherever some
    order puts them an interval apart; the pairs for which none does are few, and ``second_order`` names them.

    References
    ----------
    .. [1] Goodman and Kish (1950), Controlled selection. Journal of the American Statistical Association 45, 350–372.
    .. [2] Hartley and Rao (1962), Sampling with unequal probabilities and without replacement. Annals of
       Mathematical Statistics 33, 350–374.

    Examples
    --------
    >>> hartley_rao([3, 1, 6, 2], 2, start=[4, 2, 0, 1]).tolist()
    [0, 0, 1, 1]
    """
    whole = whole_sizes(sizes, n)
    number = numbers(start)
    order = _shuffled(len(whole), number) if n and whole.any() else np.arange(len(whole), dtype=np.int64)
    hits = np.empty(len(whole), dtype=np.int64)
    hits[order] = pps_equal_interval(whole[order], n, start=number)
    return hits


def _shuffled(count: int, number: Numbers) -> NDArray[np.int64]:
    """A random order of 0 … K−1, by the random numbers 1 … K−1."""
    order = list(range(count))
    for i in range(count - 1):
        j = i + number(i + 1, count - i)
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype=np.int64)

"""PPS symmetric equal-interval selection (PPS 对称等距): every second block of the clusters is turned round."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Sizes, Whole, running_total, whole_sizes, widened
from sampling.methods.pps import pps_equal_interval
from sampling.starts import Start


def pps_symmetric(sizes: Sizes, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Hits of each cluster, by equal interval over a list with every second block turned round.

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
    With cumulative sums C, cluster k belongs to the block in which its first size unit stands,
    ``floor(C(k−1)·n / M)``. The clusters of blocks 1, 3, 5 … (counted from 0) stand in reversed order within their
    block; then the PPS equal interval runs over this list. The order does not depend on r, so the expected hits stay
    n·s/M. With all sizes 1 it is the symmetric equal interval [1]_. China's rural surveys have drawn their villages in
    this way.

    References
    ----------
    .. [1] Murthy (1967), Sampling Theory and Methods, section 5.9 (balanced systematic sampling).

    Examples
    --------
    >>> pps_symmetric([3, 1, 6, 2, 2], 2, start=6).tolist()
    [0, 1, 0, 0, 1]
    >>> pps_symmetric([1] * 200, 5, start=10).nonzero()[0].tolist()
    [2, 77, 82, 157, 162]
    """
    whole = whole_sizes(sizes, n)
    order = turned_order(whole, n)
    hits = np.empty(len(whole), dtype=np.int64)
    hits[order] = pps_equal_interval(whole[order], n, start=start)
    return hits


def turned_order(sizes: Whole, n: int) -> NDArray[np.int64]:
    """
    Which cluster stands where once every second block is turned round.

    Parameters
    ----------
    sizes : ndarray of int64 or object, shape (K,)
        From ``whole_sizes``.
    n : int
        Number of hits, and of blocks.

    Returns
    -------
    ndarray of int64, shape (K,)
        The number of the cluster at each place, from 0. Turning twice gives the list itself.
    """
    places = np.arange(len(sizes), dtype=np.int64)
    ends, total = running_total(sizes)
    if total == 0:
        return places
    block = widened(ends - sizes, total * n) * n // total
    first = np.searchsorted(block, block, side="left")
    last = np.searchsorted(block, block, side="right") - 1
    return np.where(block % 2 == 1, first + last - places, places).astype(np.int64)

"""Large clusters taken with certainty (必选单元), the rest drawn with what is left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Sizes, whole_sizes
from sampling.starts import Start


def certainty(sizes: Sizes, n: int) -> NDArray[np.bool_]:
    """
    Which clusters are too large to be left to chance.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0.
    n : int
        Clusters to select, n ≥ 0.

    Returns
    -------
    ndarray of bool, shape (K,)
        True where the cluster is taken with certainty; never at size 0. At most n are.

    Raises
    ------
    ValueError
        If a size is no whole number, or a size or n is negative.

    Notes
    -----
    With n' clusters still to take and M' the total size of those not yet taken, all with ``n'·s ≥ M'`` are taken,
    and so on until none is [1]_. Afterwards n'·s < M' holds for each of the rest. Where no more than n clusters have
    a positive size, all of these are taken. It comes to the same to go from the largest down, since taking one never
    raises the limit M'/n' for the others.

    References
    ----------
    .. [1] Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 3.6.

    Examples
    --------
    >>> certainty([50, 20, 10, 10, 10], 3).tolist()
    [True, False, False, False, False]
    >>> certainty([50, 25, 10, 10, 5], 3).tolist()
    [True, True, False, False, False]
    """
    whole = whole_sizes(sizes, n)
    taken = np.zeros(len(whole), dtype=np.bool_)
    left, total = n, int(whole.sum()) if len(whole) else 0
    for k in _largest_first(whole, n):
        size = int(whole[k])
        if size == 0 or left * size < total:
            break
        taken[k] = True
        left, total = left - 1, total - size
    return taken


def with_certainty(
    select: Callable[..., NDArray[np.int64]], sizes: Sizes, n: int, *, start: Start
) -> NDArray[np.int64]:
    """
    Hits of each cluster, large ones taken with certainty and the rest drawn by a method.

    Parameters
    ----------
    select : callable
        ``select(sizes, n, start=…)``, a method by size.
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0.
    n : int
        Clusters to select, n ≥ 0.
    start : int, sequence of int, or function
        Random numbers of ``select``, whose list is the clusters that are left, in their own order.

    Returns
    -------
    ndarray of int64, shape (K,)
        1 for each cluster taken with certainty, and the hits of the rest: n'·s/M' are expected there, fewer than 1.

    Raises
    ------
    ValueError
        As ``certainty`` and ``select`` do.

    Examples
    --------
    >>> from sampling.methods import pps_equal_interval
    >>> with_certainty(pps_equal_interval, [50, 20, 10, 10, 10], 3, start=30).tolist()
    [1, 1, 0, 0, 1]
    """
    whole = whole_sizes(sizes, n)
    taken = certainty(whole, n)
    hits = taken.astype(np.int64)
    left = n - int(taken.sum())
    if left and whole[~taken].any():
        hits[~taken] = select(whole[~taken], left, start=start)
    return hits


def _largest_first(sizes: NDArray[np.int64], n: int) -> list[int]:
    """The n largest clusters, those of equal size in list order; no others can be taken with certainty."""
    found: list[int] = np.argsort(-sizes, kind="stable")[:n].tolist()
    return found

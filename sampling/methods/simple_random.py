"""Simple random selection (简单随机抽样) without replacement: every sample of n has the same probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import check_counts
from sampling.starts import Start, numbers


def simple_random(n_units: int, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Positions of a simple random sample without replacement.

    Parameters
    ----------
    n_units : int
        Units in the list, N ≥ 0.
    n : int
        Units to select, n ≥ 0; where n ≥ N all are taken.
    start : int, sequence of int, or function
        Random numbers 0 … n−1; number i is from 0 to N − i − 1. None is asked for where all are taken.

    Returns
    -------
    ndarray of int64, shape (min(n, N),)
        Distinct positions in increasing order, counted from 0.

    Raises
    ------
    ValueError
        If a count is negative, a random number is missing or out of range.

    Notes
    -----
    The first n steps of Fisher and Yates' shuffle [1]_, [2]_: at step i the element at place ``j = i + number i``
    changes places with the one at place i; the first n places are the sample. Each of the N(N−1)…(N−n+1) sequences
    of numbers gives another ordered sample, so all samples have probability 1/C(N, n) and each unit n/N. Only places
    that were changed are stored: n steps and memory for n, whatever N.

    References
    ----------
    .. [1] Fisher and Yates (1938), Statistical Tables for Biological, Agricultural and Medical Research.
    .. [2] Durstenfeld (1964), Algorithm 235: Random permutation. Communications of the ACM 7, 420.

    Examples
    --------
    >>> simple_random(10, 3, start=[4, 2, 7]).tolist()
    [3, 4, 9]
    >>> simple_random(10, 3, start=[4, 3, 7]).tolist()
    [0, 4, 9]
    """
    check_counts(n_units, n)
    if n >= n_units:
        return np.arange(n_units, dtype=np.int64)
    number = numbers(start)
    moved: dict[int, int] = {}
    chosen = []
    for i in range(n):
        place = i + number(i, n_units - i)
        chosen.append(moved.get(place, place))
        moved[place] = moved.get(i, i)
    return np.array(sorted(chosen), dtype=np.int64)

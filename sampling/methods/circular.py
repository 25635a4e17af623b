"""Circular equal-interval selection (圆形等距抽样): a whole interval, the list closed to a circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Whole, check_counts, fits_int64
from sampling.starts import Start, numbers


def circular(n_units: int, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Positions chosen by a whole interval round the list.

    Parameters
    ----------
    n_units : int
        Units in the list, N ≥ 0.
    n : int
        Units to select, n ≥ 0; where n ≥ N all are taken.
    start : int, sequence of int, or function
        Random number 0 is r, from 0 to N − 1; not asked for where all are taken.

    Returns
    -------
    ndarray of int64, shape (min(n, N),)
        ``(r + i·k) mod N`` with k = N // n, i = 0 … n−1, in increasing order: distinct, counted from 0.

    Raises
    ------
    ValueError
        If a count is negative or the start out of range.

    Notes
    -----
    Lahiri's circular systematic sampling [1]_. For each i every position is met by exactly one r, and since
    ``(n−1)·k < N`` no position is met twice in a sample: every unit's probability is n/N. Textbooks often round N/n
    to the nearest whole number instead; then n·k may exceed N and a unit be selected twice [2]_: of 24 units, 9 by
    interval 3, the ninth is the first one again.

    References
    ----------
    .. [1] Murthy (1967), Sampling Theory and Methods, chapter 5.
    .. [2] Sudakar (1978), A note on circular systematic sampling design. Sankhyā C 40, 72–73.

    Examples
    --------
    >>> circular(10, 3, start=8).tolist()
    [1, 4, 8]
    """
    check_counts(n_units, n)
    if n >= n_units:
        return np.arange(n_units, dtype=np.int64)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    r = numbers(start)(0, n_units)
    i: Whole = np.arange(n, dtype=np.int64 if fits_int64(2 * n_units) else object)
    return np.sort((r + i * (n_units // n)) % n_units).astype(np.int64)

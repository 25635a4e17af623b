"""Equal-interval selection (等距抽样) with a fractional interval: exactly n of N, each with probability n/N."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Whole, check_counts, fits_int64
from sampling.starts import Start, numbers


def equal_interval(n_units: int, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Positions chosen by equal interval from an ordered list.

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
        ``(r + i·N) // n`` for i = 0 … n−1: distinct, increasing, counted from 0.

    Raises
    ------
    ValueError
        If a count is negative or the start out of range.

    Notes
    -----
    Unit p is chosen at exactly the n starts r with ``p·n ≤ r + i·N < (p+1)·n`` for some i, so its probability is
    n/N without rounding [1]_. Products beyond 2^63 are worked out in Python's integers.

    References
    ----------
    .. [1] Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 3.4.

    Examples
    --------
    >>> equal_interval(10, 3, start=4).tolist()
    [1, 4, 8]
    """
    check_counts(n_units, n)
    if n >= n_units:
        return np.arange(n_units, dtype=np.int64)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    return equal_marks(n_units, n, numbers(start)(0, n_units)).astype(np.int64, copy=False)


def equal_marks(total: int, n: int, r: int) -> Whole:
    """
    ``(r + i·M) // n`` for i = 0 … n−1, also where n exceeds M.

    Split as ``i·q + (r + i·t) // n`` with M = q·n + t, so that int64 is wide enough for any M up to about 2^63 − n².
    """
    whole, rest = divmod(total, n)
    i: Whole = np.arange(n, dtype=np.int64 if fits_int64(total + n * n) else object)
    if not rest:
        return i * whole + r // n
    marks: Whole = i * rest  # in place from here on: each pass over a long array costs as much as the division
    marks += r
    marks //= n
    i *= whole
    marks += i
    return marks

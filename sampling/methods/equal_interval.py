"""Equal-interval selection (等距抽样) with a fractional interval: exactly n of N, each with probability n/N."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import check_counts, fits_int64


def equal_interval(n_units: int, n: int, *, start: int) -> NDArray[np.int64]:
    """
    Positions chosen by equal interval from an ordered list.

    Parameters
    ----------
    n_units : int
        Units in the list, N ≥ 0.
    n : int
        Units to select, n ≥ 0; where n ≥ N all are taken.
    start : int
        r, from 0 to N − 1.

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
    check_counts(n_units, n, start)
    if n >= n_units:
        return np.arange(n_units, dtype=np.int64)
    if fits_int64(n_units * n):
        return (start + np.arange(n, dtype=np.int64) * n_units) // n
    return np.array([(start + i * n_units) // n for i in range(n)], dtype=np.int64)

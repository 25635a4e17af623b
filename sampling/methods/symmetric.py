"""Symmetric equal-interval selection (对称等距): every second block of the list is turned round."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import fits_int64
from sampling.methods.equal_interval import equal_interval
from sampling.starts import Start


def symmetric(n_units: int, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Positions chosen by symmetric equal interval from an ordered list.

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
        Distinct positions in increasing order, counted from 0.

    Raises
    ------
    ValueError
        If a count is negative or the start out of range.

    Notes
    -----
    With block bounds ``b(i) = ceil(i·N/n)``, blocks 1, 3, 5 … (counted from 0) are turned round, then the equal
    interval runs over the turned list. Turning is a permutation, so every probability stays exactly n/N, while most
    of a linear trend in the list cancels [1]_.

    References
    ----------
    .. [1] Murthy (1967), Sampling Theory and Methods, section 5.9 (balanced systematic sampling).

    Examples
    --------
    >>> (symmetric(200, 5, start=10) + 1).tolist()
    [3, 78, 83, 158, 163]
    """
    turned = equal_interval(n_units, n, start=start)
    if n >= n_units:
        return turned
    if not fits_int64((n_units + 1) * n):
        return np.array(sorted(_place(position, n_units, n) for position in turned.tolist()), dtype=np.int64)
    block = turned * n // n_units
    first, end = -(-block * n_units // n), -(-(block + 1) * n_units // n)
    return np.sort(np.where(block % 2 == 1, first + end - 1 - turned, turned))


def _place(turned: int, n_units: int, n: int) -> int:
    """Where a position of the turned list stands in the list itself."""
    block = turned * n // n_units
    if block % 2 == 0:
        return turned
    first, end = -(-block * n_units // n), -(-(block + 1) * n_units // n)
    return first + end - 1 - turned

"""What every method asks of its input, and where int64 is wide enough."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_INT64_LIMIT = 2**63

Whole = NDArray[Any]
"""Whole numbers: int64, or Python's integers (dtype object) where int64 is too narrow."""

Sizes = Sequence[int] | NDArray[Any]


def fits_int64(bound: int) -> bool:
    """Whether all values below ``bound`` can be worked out in int64 without overflow."""
    return bound < _INT64_LIMIT


def widened(values: Whole, bound: int) -> Whole:
    """The same numbers, as Python's integers where values up to ``bound`` would not fit in int64."""
    return values if fits_int64(bound) else values.astype(object)


def check_counts(n_units: int, n: int) -> None:
    """
    Refuse negative counts.

    Raises
    ------
    ValueError
        These are a caller's mistakes, not bad data: frames and designs are checked before.
    """
    if n_units < 0 or n < 0:
        raise ValueError(f"expected counts of at least 0, got N = {n_units}, n = {n}")


def whole_sizes(sizes: Sizes, n: int) -> Whole:
    """
    Sizes as an array in which their total cannot overflow.

    Returns
    -------
    ndarray of int64 or object, shape (K,)
        An int64 array is not copied.

    Raises
    ------
    ValueError
        If a size is no whole number, or a size or n is negative.
    """
    array = np.asarray(sizes)
    if array.dtype.kind not in "iu":  # also what numpy makes of no sizes at all, and of integers beyond int64
        array = _python_integers(sizes)
    joined = int(np.bitwise_or.reduce(array)) if len(array) else 0  # in one pass: the sign, and a bound of the largest
    if n < 0 or joined < 0:
        raise ValueError("expected sizes and a number of hits of at least 0")
    if fits_int64(len(array) << joined.bit_length()):
        return array.astype(np.int64, copy=False)
    exact = array.astype(object)
    return exact.astype(np.int64) if fits_int64(sum(exact)) else exact


def running_total(sizes: Whole) -> tuple[Whole, int]:
    """Cumulative sums C of sizes from ``whole_sizes``, and their total M."""
    ends: Whole = np.cumsum(sizes)
    return ends, int(ends[-1]) if len(ends) else 0


def _python_integers(sizes: Sizes) -> Whole:
    """Sizes of any length of digits, one by one."""
    try:
        return np.array([operator.index(size) for size in sizes], dtype=object)
    except TypeError as error:
        raise ValueError(f"expected whole sizes: {error}") from error

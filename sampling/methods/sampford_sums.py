"""
Elementary symmetric sums of Sampford's λ = s/(M − n·s), in whole numbers.

With d = M − n·s, two polynomials hold all that is needed, both multiplied by the product of all d:

    plain(x)  = Π_j (d_j + s_j·x)                        the coefficient of x^m is e_m(λ)
    marked(x) = Σ_l s_l·d_l · Π_{j≠l} (d_j + s_j·x)      the coefficient of x^m is Σ_S Π_{j∈S} λ_j · Σ_{l∉S} s_l
                                                         over all sets S of m clusters

Coefficients are lists from x^0 on, cut off after the degree that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import numpy as np

Sums = tuple[list[int], list[int]]


def marked_sums(sizes: Sequence[int], n: int, degree: int) -> Sums:
    """
    Both polynomials of a list.

    Parameters
    ----------
    sizes : sequence of int
        Whole sizes with n·s < M for each.
    n : int
        Number of clusters to select.
    degree : int
        The highest power that is kept.

    Returns
    -------
    tuple of list of int
        ``plain`` and ``marked``.
    """
    total = sum(sizes)
    plain, marked = [1] + [0] * degree, [0] * (degree + 1)
    for size in sizes:
        rest = total - n * size
        weight = size * rest
        marked = [value + weight * own for value, own in zip(_times(marked, rest, size), plain, strict=True)]
        plain = _times(plain, rest, size)
    return plain, marked


def without(sums: Sums, size: int, rest: int) -> Sums:
    """
    The polynomials of the list without one cluster of this size.

    Parameters
    ----------
    sums : tuple of list of int
        ``plain`` and ``marked`` of a list that holds the cluster.
    size, rest : int
        Its s and M − n·s, M and n being those of the whole list.
    """
    plain = _divided(sums[0], rest, size)
    weight = size * rest
    return plain, _divided([value - weight * own for value, own in zip(sums[1], plain, strict=True)], rest, size)


def _times(values: list[int], constant: int, slope: int) -> list[int]:
    """The polynomial times (constant + slope·x)."""
    return [constant * value + slope * lower for value, lower in zip(values, [0, *values[:-1]], strict=True)]


def _divided(values: list[int], constant: int, slope: int) -> list[int]:
    """The polynomial divided by (constant + slope·x), which leaves no remainder."""
    result: list[int] = []
    lower = 0
    for value in values:
        lower = (value - slope * lower) // constant
        result.append(lower)
    return result


def success_in_doubles(sizes: Sequence[int], n: int) -> float:
    """
    The probability that a try of Sampford's procedure succeeds, in doubles.

    Parameters
    ----------
    sizes : sequence of int
        Whole sizes s > 0 with n·s < M for each.
    n : int
        Number of clusters, n ≥ 2.

    Notes
    -----
    ``plain[k]`` is the probability that k draws with probabilities λ/Λ are distinct, ``marked[k]`` that one more cluster,
    drawn by size, differs from them too. Only products and sums of positive numbers of at most 1 occur, so that no
    digits cancel.

    Examples
    --------
    >>> success_in_doubles([1, 1, 1, 1], 2)
    0.75
    """
    total = sum(sizes)
    odds = [size / (total - n * size) for size in sizes]
    all_odds = fsum(odds)
    plain, marked = np.zeros(n), np.zeros(n)
    plain[0], turns = 1.0, np.arange(n, dtype=np.float64)
    for size, own in zip(sizes, odds, strict=True):
        step = turns[1:] * (own / all_odds)
        marked[1:] += step * marked[:-1]
        marked += plain * (size / total)
        plain[1:] += step * plain[:-1]
    return float(marked[n - 1])

"""
Joint probabilities of the PPS equal interval over clusters in random order (Hartley–Rao).

exact_pairs         by counting subsets, as long as that is not too much work
approximate_pairs   Hartley and Rao's expansion
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, gcd, lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.methods.checks import Whole, fits_int64

EXACT_WORK = 4 * 10**9
"""Additions up to which the exact way is taken: some seconds."""

EXACT_COUNTS = 10**7
"""Counts of subsets that may be held at once: 80 MB."""


class Pairs(NamedTuple):
    """Expected products of hits as whole numbers over a common denominator, and whether they are exact."""

    numerators: Whole
    denominator: int
    exact: bool


def random_order_pairs(sizes: Whole, n: int) -> Pairs:
    """
    Expected products of hits, exact where that can be had.

    Parameters
    ----------
    sizes : ndarray of int64 or object, shape (K,)
        From ``whole_sizes``, with a total above 0.
    n : int
        Hits, n ≥ 1.

    Raises
    ------
    ValueError
        If only the approximation is feasible and n·s > M for a cluster.
    """
    exact = [int(size) for size in sizes.tolist()]
    common = gcd(*exact)
    exact = [size // common for size in exact]
    kinds, total, count = len(set(exact)), sum(exact), len(exact)
    work = (kinds * (kinds + 3) // 2 + count) * count * total
    feasible = work <= EXACT_WORK and count * total <= EXACT_COUNTS and fits_int64(comb(count, count // 2) * total)
    return exact_pairs(exact, n) if feasible else approximate_pairs(exact, n)


def exact_pairs(sizes: list[int], n: int) -> Pairs:
    """
    Expected products of hits over all orders and starts.

    Parameters
    ----------
    sizes : list of int, length K
        With C(K, K/2)·M below 2^63.
    n : int
        Hits, n ≥ 1.

    Notes
    -----
    Close the list to a circle: a rotation only shifts the start, so the products of i and j depend on the size g that
    stands between the end of i and the beginning of j. In random order m = 0 … K−2 clusters stand there, each number
    equally likely, and given m every m of the others equally likely [1]_. Subsets are counted by m and g, those
    without i and j by taking both out of the count of all.

    With n·s = f·M + t cluster i has f + 1 hits at t of the M starts and f at the others, so the products sum up to
    ``f_i·f_j·M + f_i·t_j + f_j·t_i`` and the starts at which both have one more: those common to [0, t_i) and
    [a, a + t_j) on a circle of M, a = n·(s_i + g).

    References
    ----------
    .. [1] Connor (1966), Journal of the American Statistical Association 61, 384–390.

    Examples
    --------
    >>> pairs = exact_pairs([1, 1, 1, 1], 2)
    >>> pairs.numerators.tolist()[0], pairs.denominator
    ([12, 4, 4, 4], 24)
    """
    total, count = sum(sizes), len(sizes)
    scale = lcm(*range(1, count)) if count > 1 else 1
    shares = [scale // ((count - 1) * comb(count - 2, m)) for m in range(count - 1)]
    subsets = _subsets(sizes)

    def product(left: NDArray[np.int64], first: int, second: int) -> int:
        between = _without(left, second)[: count - 1]
        both = between @ _common_starts(first, second, n, total)
        extra = sum(share * int(value) for share, value in zip(shares, both.tolist(), strict=True))
        return scale * _sure(first, second, n, total) + extra

    numerators = _by_kind(sizes, lambda first: _without(subsets, first), product)
    np.fill_diagonal(numerators, [scale * _square(size, n, total) for size in sizes])
    return Pairs(numerators, scale * total, True)


def approximate_pairs(sizes: list[int], n: int) -> Pairs:
    """
    Hartley and Rao's expansion for many clusters, none of them large.

    Parameters
    ----------
    sizes : list of int, length K
        With n·s ≤ M.
    n : int
        Hits, n ≥ 1.

    Raises
    ------
    ValueError
        If n·s > M for a cluster.

    Notes
    -----
    With p = s/M the probability of i and j is taken as ``n(n−1)·p_i·p_j·(1 + p_i + p_j − Σp² + 2(p_i² + p_j² +
    p_i·p_j) − 2Σp³ − 3(p_i + p_j)Σp² + 3(Σp²)²)`` [1]_, equation 5.15. Against the exact count it is off by less than 0.1 %
    for 36 clusters whose sizes vary sixfold and n = 3, but by 1 % for 30 clusters of nearly one size.

    References
    ----------
    .. [1] Hartley and Rao (1962), Annals of Mathematical Statistics 33, 350–374.
    """
    total = sum(sizes)
    if n * max(sizes) > total:
        raise ValueError(f"expected n·s ≤ M = {total} for each of so many clusters: take large ones out first")
    s = np.array(sizes, dtype=object)
    squares, cubes = int((s**2).sum()), int((s**3).sum())
    either, product = s[:, None] + s[None, :], s[:, None] * s[None, :]
    # each power of p in the sum is brought to the denominator M^4
    constant = total**4 - total**2 * squares - 2 * total * cubes + 3 * squares**2
    slope = total**3 - 3 * total * squares
    numerators: Whole = n * (n - 1) * product * (constant + slope * either + 2 * total**2 * (either**2 - product))
    np.fill_diagonal(numerators, n * s * total**5)
    return Pairs(numerators, total**6, False)


def _by_kind(
    sizes: list[int],
    left: Callable[[int], NDArray[np.int64]],
    product: Callable[[NDArray[np.int64], int, int], int],
) -> Whole:
    """A symmetric matrix whose elements depend on the two sizes alone, each pair of sizes worked out once."""
    kinds = sorted(set(sizes))
    table = np.zeros((len(kinds), len(kinds)), dtype=object)
    for u, first in enumerate(kinds):
        without_first = left(first)
        for v, second in enumerate(kinds[: u + 1]):
            if u != v or sizes.count(first) > 1:
                table[u, v] = table[v, u] = product(without_first, first, second)
    places = {size: u for u, size in enumerate(kinds)}
    place = [places[size] for size in sizes]
    return table[np.ix_(place, place)]


def _subsets(sizes: list[int]) -> NDArray[np.int64]:
    """How many sets of m clusters have total g: shape (K + 1, M + 1)."""
    counts = np.zeros((len(sizes) + 1, sum(sizes) + 1), dtype=np.int64)
    counts[0, 0] = 1
    for done, size in enumerate(sizes):
        for m in range(done, -1, -1):
            counts[m + 1, size:] += counts[m, : counts.shape[1] - size]
    return counts


def _without(counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The counts of sets without one cluster of this size."""
    left = counts[:-1].copy()
    for m in range(1, len(left)):
        left[m, size:] -= left[m - 1, : left.shape[1] - size]
    return left


def _common_starts(first: int, second: int, n: int, total: int) -> NDArray[np.int64]:
    """For each g = 0 … M the starts at which both clusters have one hit more than they have at every start."""
    t_i, t_j = n * first % total, n * second % total
    a = n % total * (first + np.arange(total + 1, dtype=np.int64)) % total
    ahead = np.minimum(t_i, a + t_j) - a
    behind = np.minimum(t_i, a + t_j - total)
    return np.maximum(ahead, 0) + np.maximum(behind, 0)


def _sure(first: int, second: int, n: int, total: int) -> int:
    """The part of the summed products that does not depend on where the clusters stand."""
    (f_i, t_i), (f_j, t_j) = divmod(n * first, total), divmod(n * second, total)
    return f_i * f_j * total + f_i * t_j + f_j * t_i


def _square(size: int, n: int, total: int) -> int:
    """The squared hits of one cluster, summed over the M starts."""
    f, t = divmod(n * size, total)
    return f * f * total + (2 * f + 1) * t

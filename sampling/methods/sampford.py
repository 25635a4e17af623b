"""Sampford's rejective selection: distinct clusters in proportion to size, with known joint probabilities."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, count
from math import factorial

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DesignError
from sampling.methods.certainty import certainty
from sampling.methods.checks import Sizes, whole_sizes
from sampling.methods.sampford_sums import marked_sums, success_in_doubles
from sampling.starts import Numbers, Start, numbers

TRIES_LIMIT = 1000
"""A design whose expected number of tries is above this is better drawn by another method."""

_GIVE_UP = 100 * TRIES_LIMIT
"""A design within the limit needs more tries than this less often than once in e^100 draws."""


def sampford(sizes: Sizes, n: int, *, start: Start) -> NDArray[np.int64]:
    """
    Hits (0 or 1) of each cluster.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0 with total M and, unless n = 1, n·s < M for each: larger ones are taken out first
        (``with_certainty``). A cluster of size 0 is never hit.
    n : int
        Number of clusters, n ≥ 0.
    start : int, sequence of int, or function
        Random numbers 0, 1, 2 …, in the order in which they are asked for (see Notes).

    Returns
    -------
    ndarray of int64, shape (K,)
        n ones, the rest zeros (all zeros where M = 0).

    Raises
    ------
    ValueError
        If a size is no whole number, a size or n is negative, n·s ≥ M for a cluster where n > 1, a random number is
        missing or out of range.
    DesignError
        After 100,000 tries, which happens only where ``sampford_tries`` is far above its limit.

    Notes
    -----
    Sampford's procedure [1]_. A *try* takes one cluster with probability s/M, then n − 1 with replacement, each with
    probability proportional to s/(M − n·s). It fails at the first cluster that comes again; then the next try begins
    anew. The probability of cluster k is exactly n·s/M.

    In whole numbers: *by size* takes the cluster k with C(k−1) ≤ u < C(k), u the next random number, from 0 to M − 1.
    The first cluster of a try is taken by size. A further one is proposed by size, and accepted where the next random
    number, from 0 to M − n·s − 1 with s the size of the proposed cluster, is below M − n·s_max with s_max the largest
    size; else another is proposed. At least one proposal in n + 1 is accepted on average. Numbers are counted on from try
    to try: none is used twice, none left out.

    References
    ----------
    .. [1] Sampford (1967), On sampling without replacement with unequal probabilities of selection. Biometrika 54,
       499–513.

    Examples
    --------
    >>> sampford([3, 1, 4, 2], 2, start=[0, 5, 1]).tolist()
    [1, 0, 1, 0]
    >>> sampford([3, 1, 4, 2], 2, start=[0, 3, 2, 2, 1, 0, 5, 1]).tolist()
    [1, 0, 1, 0]
    """
    whole = whole_sizes(sizes, n)
    check_sampford(whole, n)
    hits = np.zeros(len(whole), dtype=np.int64)
    if n and whole.any():
        hits[_distinct(_Proposals.of(whole.tolist(), n, numbers(start)), n)] = 1
    return hits


def sampford_tries(sizes: Sizes, n: int) -> Fraction:
    """
    Expected number of tries of Sampford's procedure, exactly.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        As for ``sampford``.
    n : int
        Number of clusters, n ≥ 0.

    Returns
    -------
    Fraction
        At least 1. Above ``TRIES_LIMIT`` (1000) another method should be chosen: the draw would be slow, and
        ``sampford`` gives up after 100,000 tries.

    Raises
    ------
    ValueError
        As ``sampford`` does.

    Notes
    -----
    With p = s/M, λ = s/(M − n·s) and Λ their sum, a try succeeds with probability
    ``(n−1)! / Λ^(n−1) · Σ_i p_i · e_{n−1}(λ without λ_i)``, e being the elementary symmetric sum. The work grows as
    K²·n: a second for about 2,000 clusters and n = 50.

    References
    ----------
    Sampford (1967), Biometrika 54, 499–513.

    Examples
    --------
    >>> sampford_tries([1, 1, 1, 1], 2)
    Fraction(4, 3)
    """
    whole = whole_sizes(sizes, n)
    check_sampford(whole, n)
    if n <= 1 or not whole.any():
        return Fraction(1)
    exact = [size for size in whole.tolist() if size]
    plain, marked = marked_sums(exact, n, n - 1)
    # plain[0] is the product of all M − n·s, and plain[1] / plain[0] is Λ
    success = Fraction(factorial(n - 1) * marked[n - 1], sum(exact) * plain[0]) * Fraction(plain[0], plain[1]) ** (
        n - 1
    )
    return 1 / success


def too_many_tries(sizes: Sizes, n: int) -> bool:
    """
    Whether Sampford's procedure, large clusters taken out first, needs more than ``TRIES_LIMIT`` tries on average.

    Parameters
    ----------
    sizes : sequence of int, or ndarray of int, length K
        Whole sizes s ≥ 0.
    n : int
        Number of clusters, n ≥ 0.

    Returns
    -------
    bool
        As ``sampford_tries`` says. The work grows as K·n: it is done in doubles, whose error lies far below one in a
        million, and in whole numbers only where the result lies that close to the limit.

    Examples
    --------
    >>> too_many_tries([1] * 100, 35), too_many_tries([1] * 100, 40)
    (False, True)
    """
    whole = whole_sizes(sizes, n)
    sure = certainty(whole, n)
    rest, left = whole[~sure], n - int(sure.sum())
    if left <= 2 or not rest.any():  # two clusters take a few tries at most
        return False
    success = success_in_doubles([size for size in rest.tolist() if size], left) * TRIES_LIMIT
    if abs(success - 1) > 1e-6:
        return success < 1
    return sampford_tries(rest, left) > TRIES_LIMIT


def check_sampford(sizes: NDArray[np.int64], n: int) -> None:
    """
    Refuse clusters that Sampford's procedure cannot draw.

    Raises
    ------
    ValueError
        If n > 1 and n·s ≥ M for a cluster.
    """
    if n <= 1 or not len(sizes) or not sizes.any():
        return
    largest, total = int(sizes.max()), int(sizes.sum())
    if n * largest >= total:
        raise ValueError(f"expected n·s < M = {total} for each cluster, got n = {n}, s = {largest}: take it out first")


@dataclass
class _Proposals:
    """Clusters taken by size or by size and acceptance, from random numbers that are counted on."""

    ends: list[int]
    rest: list[int]
    least: int
    number: Numbers
    counter: count[int]

    @classmethod
    def of(cls, sizes: list[int], n: int, number: Numbers) -> _Proposals:
        """Over all sizes, with ``rest`` the M − n·s and ``least`` their least."""
        ends = list(accumulate(sizes))
        rest = [ends[-1] - n * size for size in sizes]
        return cls(ends, rest, min(rest), number, count())

    def by_size(self) -> int:
        return bisect_right(self.ends, self.number(next(self.counter), self.ends[-1]))

    def accepted(self) -> int:
        while True:
            k = self.by_size()
            if self.number(next(self.counter), self.rest[k]) < self.least:
                return k


def _distinct(proposals: _Proposals, n: int) -> list[int]:
    """The clusters of the first try in which none comes twice."""
    for _ in range(_GIVE_UP):
        chosen = {proposals.by_size()}
        while len(chosen) < n:
            k = proposals.accepted()
            if k in chosen:
                break
            chosen.add(k)
        else:
            return sorted(chosen)
    raise DesignError(
        f"Sampford's method found no {n} distinct clusters in {_GIVE_UP} tries; choose another method, or a smaller n.",
        f"Sampford 方法经 {_GIVE_UP} 次尝试仍未抽出 {n} 个互不相同的群；请改用其他抽样方法或减小 n。",
    )

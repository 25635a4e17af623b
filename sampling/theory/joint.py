"""
Probabilities of first and second order, as exact counts.

first_order(method, units, n)     expected hits of each element
second_order(method, units, n)    expected products of the hits of each two     (outcomes, random_order)

For methods that hit nothing twice these are inclusion probabilities. The probabilities of whole samples are in
``distribution.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.errors import Sentence
from sampling.methods import METHODS
from sampling.methods.checks import Sizes, Whole, check_counts, fits_int64, whole_sizes
from sampling.methods.sampford import check_sampford
from sampling.methods.sampford_sums import Sums, marked_sums, without
from sampling.theory.outcomes import Outcomes, systematic_outcomes
from sampling.theory.random_order import Pairs, random_order_pairs

_FLOAT_LIMIT = 2**53
"""Whole numbers up to here are exact in doubles."""

_APPROXIMATE = Sentence(
    "The list is too long to count the joint probabilities exactly; these are Hartley and Rao's approximation, so an "
    "estimated variance is approximate too.",
    "名单过长，无法精确计算联合入样概率；此处为 Hartley–Rao 近似值，因此方差估计也是近似的。",
)


@dataclass(frozen=True, eq=False)
class JointProbabilities:
    """
    Expected products of hits, E[h_i·h_j].

    Attributes
    ----------
    method : str
        A key of ``METHODS``.
    numerators : ndarray of int64 or object, shape (K, K)
        Whole numbers over ``denominator``; on the diagonal E[h_i²]. Where nothing is hit twice, element (i, j) is the
        probability that both are in the sample, and (i, i) that i is. E[h_i·(h_i − 1)] is the diagonal less
        ``expected``.
    denominator : int
    expected : tuple of Fraction, length K
        Expected hits, E[h_i].
    exact : bool
        False where ``numerators`` hold an approximation off the diagonal.
    """

    method: str
    numerators: Whole
    denominator: int
    expected: tuple[Fraction, ...]
    exact: bool

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Shape (K, K): each fraction rounded once to the nearest double."""
        narrow = self.numerators.dtype != object and self.denominator <= _FLOAT_LIMIT
        exact = self.numerators if narrow and self._largest <= _FLOAT_LIMIT else self.numerators.astype(object)
        return (exact / self.denominator).astype(np.float64)

    @property
    def pi(self) -> NDArray[np.float64]:
        """Shape (K,): expected hits, each rounded once."""
        return np.array([float(value) for value in self.expected], dtype=np.float64)

    @property
    def zeros(self) -> NDArray[np.int64]:
        """Shape (Z, 2): the pairs i < j of elements that can both be drawn, but never together."""
        drawn = np.array([value > 0 for value in self.expected], dtype=np.bool_)
        never = (self.numerators == 0).astype(np.bool_) & drawn[:, None] & drawn[None, :]
        return np.argwhere(np.triu(never, 1)).astype(np.int64)

    @property
    def caution(self) -> Sentence | None:
        """What to mind where a pair is never drawn together, or the numbers are approximate; else None."""
        if not self.exact:
            return _APPROXIMATE
        zeros = self.zeros
        if not len(zeros):
            return None
        i, j = (zeros[0] + 1).tolist()
        return Sentence(
            f"{len(zeros)} pairs can never be in the sample together (the first: places {i} and {j} of the list, "
            "counted from 1), so no unbiased estimator of the variance exists; use an approximate one, or a method "
            "without such pairs.",
            f"有 {len(zeros)} 对单元不可能同时入样（第一对为名单中第 {i} 位与第 {j} 位，从 1 数起），因此不存在方差的无偏估计量；"
            "请使用近似估计，或改用没有这种单元对的抽样方法。",
        )

    def fraction(self, i: int, j: int) -> Fraction:
        """E[h_i·h_j] of two elements, counted from 0, as a fraction."""
        return Fraction(int(self.numerators[i, j]), self.denominator)

    @property
    def _largest(self) -> int:
        return int(self.numerators.max()) if self.numerators.size else 0


def first_order(method: str, units: int | Sizes, n: int) -> list[Fraction]:
    """
    Expected hits of each element: inclusion probabilities, where nothing is hit twice.

    Parameters
    ----------
    method : str
        A key of ``METHODS``.
    units : int or sequence of int
        N of a list, or its sizes, which a method by size needs.
    n : int
        Units or hits to select, n ≥ 0.

    Returns
    -------
    list of Fraction, length N or K
        n/N (1 where n ≥ N), or n·s/M (0 where M = 0).

    Raises
    ------
    ValueError
        If the method is unknown, needs sizes and got N, or cannot draw these.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 2.4.

    Examples
    --------
    >>> first_order("symmetric", 4, 3)
    [Fraction(3, 4), Fraction(3, 4), Fraction(3, 4), Fraction(3, 4)]
    >>> first_order("pps_equal_interval", [3, 1, 6], 2)
    [Fraction(3, 5), Fraction(1, 5), Fraction(6, 5)]
    """
    sizes, n = listed(method, units, n)
    exact = [int(size) for size in sizes.tolist()]
    total = sum(exact)
    return [Fraction(n * size, total) if total else Fraction(0) for size in exact]


def second_order(method: str, units: int | Sizes, n: int) -> JointProbabilities:
    """
    Expected products of hits of each two elements: joint inclusion probabilities, where nothing is hit twice.

    Parameters
    ----------
    method : str
        A key of ``METHODS``.
    units : int or sequence of int
        N of a list, or its sizes, which a method by size needs.
    n : int
        Units or hits to select, n ≥ 0.

    Returns
    -------
    JointProbabilities
        Exact, but for the PPS in random order with more than some dozens of clusters (``exact`` says so). Memory
        grows as K²; some thousands of elements are a matter of seconds, with Sampford's method some hundreds.

    Raises
    ------
    ValueError
        If the method is unknown, needs sizes and got N, or cannot draw these.

    Notes
    -----
    Systematic methods: the M starts fall into at most K intervals in each of which the hits stay the same; the matrix
    is the sum of their products, weighted by the lengths of the intervals [1]_. Simple random:
    n(n−1)/(N(N−1)). Sampford: from elementary symmetric sums in whole numbers [2]_. PPS in random order: by the size
    that stands between two clusters, counted over all subsets [3]_, as long as that takes no more than some seconds;
    beyond, Hartley and Rao's approximation [4]_.

    References
    ----------
    .. [1] Madow (1949), Annals of Mathematical Statistics 20, 333–354.
    .. [2] Sampford (1967), Biometrika 54, 499–513.
    .. [3] Connor (1966), An exact formula for the probability that two specified sampling units will occur in a sample
       drawn with unequal probabilities and without replacement. Journal of the American Statistical Association 61,
       384–390.
    .. [4] Hartley and Rao (1962), Annals of Mathematical Statistics 33, 350–374.

    Examples
    --------
    >>> joint = second_order("equal_interval", 4, 2)
    >>> joint.numerators.tolist(), joint.denominator
    ([[2, 0, 2, 0], [0, 2, 0, 2], [2, 0, 2, 0], [0, 2, 0, 2]], 4)
    >>> joint.zeros.tolist()
    [[0, 1], [0, 3], [1, 2], [2, 3]]
    >>> second_order("simple_random", 4, 2).fraction(0, 1)
    Fraction(1, 6)
    """
    sizes, n = listed(method, units, n)
    if not sizes.any() or n == 0:
        pairs = Pairs(np.zeros((len(sizes), len(sizes)), dtype=np.int64), 1, True)
    elif METHODS[method].single_start:
        pairs = _products(systematic_outcomes(method, sizes, n))
    elif method == "simple_random":
        pairs = _simple_random(len(sizes), n)
    elif method == "pps_sampford":
        pairs = _sampford(sizes, n)
    else:
        pairs = random_order_pairs(sizes, n)
    return JointProbabilities(
        method, pairs.numerators, pairs.denominator, tuple(first_order(method, sizes, n)), pairs.exact
    )


def listed(method: str, units: int | Sizes, n: int) -> tuple[Whole, int]:
    """
    The sizes that a method selects by, all 1 for equal probabilities, and n, there at most N.

    Raises
    ------
    ValueError
        If the method is unknown, needs sizes and got N, or cannot draw these.
    """
    if method not in METHODS:
        raise ValueError(f"expected one of {', '.join(METHODS)}, got {method!r}")
    if METHODS[method].by_size:
        if isinstance(units, int | np.integer):
            raise ValueError(f"expected the sizes of the clusters for {method}, got N = {units}")
        sizes = whole_sizes(units, n)
        if METHODS[method].distinct:
            check_sampford(sizes, n)
        return sizes, n
    n_units = int(units) if isinstance(units, int | np.integer) else len(units)
    check_counts(n_units, n)
    return np.ones(n_units, dtype=np.int64), min(n, n_units)


def _products(outcomes: Outcomes) -> Pairs:
    """Products of hits summed over the starts, in the narrowest arithmetic that is exact."""
    hits, lengths = outcomes.hits, outcomes.lengths
    bound = outcomes.total * int(hits.max()) ** 2
    kind: Any = np.float64 if bound <= _FLOAT_LIMIT else np.int64 if fits_int64(bound) else object
    weighted = hits.astype(kind) * lengths.astype(kind)[:, None]
    products: Whole = hits.T.astype(kind) @ weighted
    return Pairs(products.astype(np.int64) if kind is np.float64 else products, outcomes.total, True)


def _simple_random(n_units: int, n: int) -> Pairs:
    """n(n−1) over N(N−1); n(N−1) on the diagonal."""
    others = max(n_units - 1, 1)  # a list of one has no pairs
    kind: Any = np.int64 if fits_int64(n_units * n_units) else object
    counts: Whole = np.full((n_units, n_units), n * (n - 1), dtype=kind)
    np.fill_diagonal(counts, n * others)
    return Pairs(counts, n_units * others, True)


def _sampford(sizes: Whole, n: int) -> Pairs:
    """
    Sampford's joint probabilities.

    The probability of a sample S is proportional to ``Π_{j∈S} λ_j · Σ_{l∉S} s_l``; summed over all S that hold i and j
    this is s_i·s_j times a coefficient of the list without i and j. Clusters of one size share it.
    """
    exact = [int(size) for size in sizes.tolist()]
    common = gcd(*exact)
    exact = [size // common for size in exact]
    if n == 1:
        return Pairs(np.diag(np.array(exact, dtype=object)), sum(exact), True)
    kinds = sorted(set(exact))
    places = {size: u for u, size in enumerate(kinds)}
    place = np.array([places[size] for size in exact])
    total = sum(exact)
    sums = marked_sums(exact, n, n)
    table = np.zeros((len(kinds), len(kinds)), dtype=object)
    single = np.zeros(len(kinds), dtype=object)
    for u, first in enumerate(kinds):
        left = without(sums, first, total - n * first)
        single[u] = first * left[1][n - 1]
        for v, second in enumerate(kinds[: u + 1]):
            if u != v or exact.count(first) > 1:
                table[u, v] = table[v, u] = first * second * _last(left, second, total - n * second, n - 2)
    reduced = gcd(sums[1][n], *single.tolist(), *table.ravel().tolist())
    counts = table[np.ix_(place, place)] // reduced
    np.fill_diagonal(counts, single[place] // reduced)
    return Pairs(counts, sums[1][n] // reduced, True)


def _last(sums: Sums, size: int, rest: int, degree: int) -> int:
    """The coefficient of one power of ``marked`` without one more cluster."""
    lower = (sums[0][: degree + 1], sums[1][: degree + 1])
    return without(lower, size, rest)[1][degree]

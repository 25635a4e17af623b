"""
Second-order probabilities: against enumeration by distributions, sums that must hold, and known values.

The systematic methods are enumerated start by start in ``test_methods_systematic.py``; here the others are compared
with the moments of complete distributions, which are worked out sample by sample (Sampford) or order by order.
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from sampling import METHODS, first_order, sample_distribution, second_order
from sampling.theory.random_order import approximate_pairs, exact_pairs

BY_SIZE = [key for key, entry in METHODS.items() if entry.by_size]


def moments(method: str, units: int | list[int], n: int, count: int) -> list[list[Fraction]]:
    """E[h_i·h_j] over all samples."""
    result = [[Fraction(0)] * count for _ in range(count)]
    for sample, probability in sample_distribution(method, units, n):
        for i in sample:
            for j in sample:
                result[i][j] += probability
    return result


def fractions(method: str, units: int | list[int], n: int, count: int) -> list[list[Fraction]]:
    joint = second_order(method, units, n)
    return [[joint.fraction(i, j) for j in range(count)] for i in range(count)]


def small_cases(seed: int, *, largest: int) -> list[tuple[list[int], int]]:
    """Lists of up to ``largest`` clusters, each smaller than the interval."""
    rng, cases = random.Random(seed), []
    while len(cases) < 40:
        sizes = [rng.choice([0, 1, 2, 2, 3, 5, 9, 14]) for _ in range(rng.randrange(2, largest + 1))]
        n = rng.randrange(1, 5)
        if n * max(sizes) < sum(sizes):
            cases.append((sizes, n))
    return cases


@pytest.mark.parametrize("method", [key for key, entry in METHODS.items() if not entry.by_size])
def test_equal_probability_methods_agree_with_their_distribution(method: str) -> None:
    for n_units in range(1, 8):
        for n in range(n_units + 2):
            assert fractions(method, n_units, n, n_units) == moments(method, n_units, n, n_units)


@pytest.mark.parametrize(("method", "largest"), [("pps_hartley_rao", 6), ("pps_sampford", 9)])
def test_methods_of_several_numbers_agree_with_their_distribution(method: str, largest: int) -> None:
    for sizes, n in small_cases(3, largest=largest):
        assert fractions(method, sizes, n, len(sizes)) == moments(method, sizes, n, len(sizes)), (sizes, n)


@pytest.mark.parametrize(("sizes", "n"), [([9, 1, 2], 3), ([20, 1, 1, 3, 0], 5), ([4], 3), ([1, 1], 5)])
def test_in_random_order_large_clusters_are_counted_several_times(sizes: list[int], n: int) -> None:
    count = len(sizes)
    assert fractions("pps_hartley_rao", sizes, n, count) == moments("pps_hartley_rao", sizes, n, count)


@pytest.mark.parametrize("method", BY_SIZE)
def test_sums_over_rows_and_the_diagonal_are_those_of_a_fixed_size_design(method: str) -> None:
    for sizes, n in small_cases(8, largest=12):
        joint, pi = second_order(method, sizes, n), first_order(method, sizes, n)
        assert joint.exact
        assert sum(pi) == n
        assert list(joint.expected) == pi
        for i, row in enumerate(joint.numerators.tolist()):
            assert Fraction(sum(map(int, row)), joint.denominator) == n * pi[i], "Σ_j E[h_i·h_j] = n·E[h_i]"
            assert joint.fraction(i, i) == pi[i], "nothing is hit twice here"


def test_simple_random_pairs_have_the_textbooks_probability() -> None:
    assert second_order("simple_random", 10, 4).fraction(2, 7) == Fraction(4 * 3, 10 * 9)
    assert second_order("simple_random", 1, 1).numerators.tolist() == [[1]]


def test_sampford_gives_pairs_to_the_denominator_that_equal_sizes_need() -> None:
    joint = second_order("pps_sampford", [6, 6, 6, 6], 2)
    assert (joint.numerators[0, 0], joint.numerators[0, 1], joint.denominator) == (3, 1, 6)


def test_pairs_that_never_come_together_are_named() -> None:
    joint = second_order("equal_interval", 6, 2)
    assert joint.zeros.tolist() == [[i, j] for i in range(6) for j in range(i + 1, 6) if j - i != 3]
    caution = joint.caution
    assert caution is not None
    assert caution.en.startswith("12 pairs can never be in the sample together (the first: places 1 and 2")
    assert "不存在方差的无偏估计量" in caution.zh


def test_clusters_of_no_size_make_no_such_pairs() -> None:
    joint = second_order("pps_sampford", [2, 0, 3, 4, 3], 2)
    assert joint.zeros.tolist() == []
    assert joint.caution is None
    assert joint.numerators[1].tolist() == [0] * 5


def test_a_random_order_can_leave_a_pair_apart_for_ever() -> None:
    """Total 29, interval 14½: two clusters of size 1 stand 1, 10, 19 or 28 apart, never 14 or 15."""
    assert second_order("pps_hartley_rao", [1, 9, 1, 9, 9], 2).zeros.tolist() == [[0, 2]]


def test_one_cluster_alone_has_only_pairs_that_never_come_together() -> None:
    for method in BY_SIZE:
        assert len(second_order(method, [5, 2, 3], 1).zeros) == 3


@pytest.mark.parametrize("scale", [1, 2**40, 2**60, 2**70])
def test_joint_counts_do_not_depend_on_the_unit_of_size_however_large(scale: int) -> None:
    sizes = [3, 1, 4, 1, 5, 9, 2, 6]
    for method in BY_SIZE:
        joint = second_order(method, [size * scale for size in sizes], 3)
        expected = second_order(method, sizes, 3)
        assert [joint.fraction(i, j) for i in range(8) for j in range(8)] == [
            expected.fraction(i, j) for i in range(8) for j in range(8)
        ]
        assert (joint.matrix == expected.matrix).all()
        assert (joint.pi == np.array([3 * size / 31 for size in sizes])).all()


def test_each_double_of_the_matrix_is_rounded_once() -> None:
    for joint in (
        second_order("pps_sampford", [3, 1, 4, 1, 5], 2),
        second_order("pps_symmetric", [2**60, 5, 2**61], 2),
    ):
        count = len(joint.expected)
        expected = [[float(joint.fraction(i, j)) for j in range(count)] for i in range(count)]
        assert joint.matrix.tolist() == expected


def test_hartley_and_raos_approximation_is_their_formula_and_comes_close_where_sizes_vary() -> None:
    """Their equation 5.15, in doubles and in π = n·s/M; sizes from 30 to 200, 36 of them."""
    rng, n = random.Random(5), 3
    sizes = [rng.randrange(30, 200) for _ in range(36)]
    exact, approximate = exact_pairs(sizes, n), approximate_pairs(sizes, n)
    found = (approximate.numerators / approximate.denominator).astype(float)
    pi = n * np.array(sizes) / sum(sizes)
    a, b, squares = pi[:, None], pi[None, :], (pi**2).sum()
    formula = (n - 1) / n * a * b + (n - 1) / n**2 * (a**2 * b + a * b**2) - (n - 1) / n**3 * a * b * squares
    formula += 2 * (n - 1) / n**3 * (a**3 * b + a * b**3 + a**2 * b**2) - 2 * (n - 1) / n**4 * a * b * (pi**3).sum()
    formula += 3 * (n - 1) / n**5 * a * b * squares**2 - 3 * (n - 1) / n**4 * (a**2 * b + a * b**2) * squares
    pairs = ~np.eye(36, dtype=bool)
    assert np.abs(found / formula - 1)[pairs].max() < 1e-12
    assert np.abs(found / (exact.numerators / exact.denominator).astype(float) - 1).max() < 1e-3
    assert np.abs(found.diagonal() - pi).max() < 1e-15


def test_too_many_clusters_for_the_exact_count_get_the_approximation_and_are_told_so() -> None:
    sizes = [100 + k % 17 for k in range(90)]
    joint = second_order("pps_hartley_rao", sizes, 5)
    assert not joint.exact
    assert joint.caution is not None
    assert "approximat" in joint.caution.en
    assert "近似" in joint.caution.zh
    assert np.abs(joint.matrix.sum(axis=1) / (5 * joint.pi) - 1).max() < 1e-4
    with pytest.raises(ValueError, match="take large ones out first"):
        second_order("pps_hartley_rao", [*sizes, 10**5], 5)


def test_few_kinds_of_very_large_sizes_are_not_counted_for_ever() -> None:
    assert not second_order("pps_hartley_rao", [10**9 + 1] * 4 + [10**9] * 4, 2).exact
    assert second_order("pps_hartley_rao", [2 * 10**9] * 4 + [10**9] * 4, 2).exact, "sizes in the ratio 2 : 1"


def test_nothing_to_draw_has_no_probabilities() -> None:
    for method in METHODS:
        units = [0, 0] if METHODS[method].by_size else 2
        n = 3 if METHODS[method].by_size else 0
        assert first_order(method, units, n) == [0, 0]
        assert second_order(method, units, n).matrix.tolist() == [[0, 0], [0, 0]]
        assert second_order(method, [], n).matrix.shape == (0, 0)
        assert sample_distribution(method, units, n) == [((), 1)]


def test_wrong_calls_are_named() -> None:
    with pytest.raises(ValueError, match="expected one of equal_interval"):
        second_order("equal", 5, 2)
    for units in (5, np.int64(5)):
        with pytest.raises(ValueError, match="expected the sizes"):
            first_order("pps_sampford", units, 2)
    with pytest.raises(ValueError, match="take it out first"):
        second_order("pps_sampford", [5, 1, 1], 2)
    with pytest.raises(ValueError, match="at most 200000 samples"):
        sample_distribution("simple_random", 60, 30)
    with pytest.raises(ValueError, match="at most 200000 samples"):
        sample_distribution("pps_hartley_rao", [1] * 10, 2)

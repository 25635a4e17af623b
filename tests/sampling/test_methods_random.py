"""
Methods of several random numbers.

Simple random and the random order are enumerated over all sequences of numbers. Sampford's procedure is compared with
its definition worked out step by step, its expected tries with a sum over all ordered samples, and its frequencies over
seeds with n·s/M.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import accumulate, combinations, count, permutations, product
from math import comb, perm, prod

import numpy as np
import pytest

from sampling import DesignError, sampford_tries
from sampling.methods import TRIES_LIMIT, hartley_rao, pps_equal_interval, sampford, simple_random
from sampling.starts import hashed


def test_over_all_numbers_every_simple_random_sample_comes_equally_often() -> None:
    for n_units in range(1, 7):
        for n in range(1, n_units):
            found = Counter(
                tuple(simple_random(n_units, n, start=given).tolist())
                for given in product(*(range(n_units - i) for i in range(n)))
            )
            assert sorted(found) == list(combinations(range(n_units), n))
            assert set(found.values()) == {perm(n_units, n) // comb(n_units, n)}


def test_simple_random_is_a_shuffle_worked_out_on_the_whole_list() -> None:
    for seed in range(50):
        number, whole = hashed(str(seed)), list(range(40))
        for i in range(12):
            j = i + number(i, 40 - i)
            whole[i], whole[j] = whole[j], whole[i]
        assert simple_random(40, 12, start=number).tolist() == sorted(whole[:12])


def test_simple_random_takes_all_of_a_short_list_without_numbers() -> None:
    assert simple_random(3, 3, start=[]).tolist() == [0, 1, 2]
    assert simple_random(3, 8, start=[]).tolist() == [0, 1, 2]


def test_simple_random_draws_from_a_list_beyond_int64_products() -> None:
    found = simple_random(2**62, 3, start=[2**62 - 1, 0, 5])
    assert found.tolist() == [1, 7, 2**62 - 1]


@pytest.mark.parametrize("sizes", [[], [5], [2, 3], [1, 0, 2], [1, 2, 3, 1], [4, 1, 1, 1]])
def test_over_all_numbers_a_random_order_gives_every_order_equally_often(sizes: list[int]) -> None:
    clusters, total = len(sizes), sum(sizes)
    for n in range(1, 5):
        found: Counter[tuple[int, ...]] = Counter()
        for given in product(range(total), *(range(clusters - i) for i in range(clusters - 1))):
            found[tuple(hartley_rao(sizes, n, start=given).tolist())] += 1
        expected: Counter[tuple[int, ...]] = Counter()
        for order, start in product(permutations(range(clusters)), range(total)):
            hits = pps_equal_interval([sizes[k] for k in order], n, start=start).tolist()
            expected[tuple(hits[order.index(k)] for k in range(clusters))] += 1
        assert found == expected


def test_a_random_order_takes_its_start_from_number_0_and_its_order_from_the_others() -> None:
    """Numbers 2, 0, 1 of four clusters: places 0 and 2, then 1 and 1, then 2 and 3 are changed: order 2, 1, 3, 0."""
    sizes = [3, 1, 6, 2]
    for start in range(12):
        turned = pps_equal_interval([6, 1, 2, 3], 3, start=start).tolist()
        expected = [turned[3], turned[1], turned[0], turned[2]]
        assert hartley_rao(sizes, 3, start=[start, 2, 0, 1]).tolist() == expected


@pytest.mark.parametrize(("sizes", "n"), [([3, 1, 4, 2, 0, 5], 2), ([10, 9, 8, 7, 11], 3), ([1] * 8, 5), ([7, 3], 1)])
def test_sampford_is_its_definition_worked_out_number_by_number(sizes: list[int], n: int) -> None:
    total, ends = sum(sizes), list(accumulate(sizes))
    for seed in range(200):
        number, ask = hashed(f"s{seed}"), count()
        chosen: list[int] = []
        while len(chosen) < n:
            u = number(next(ask), total)
            k = next(k for k, end in enumerate(ends) if u < end)
            if chosen and number(next(ask), total - n * sizes[k]) >= total - n * max(sizes):
                continue
            chosen = [] if k in chosen else [*chosen, k]
        assert np.flatnonzero(sampford(sizes, n, start=number)).tolist() == sorted(chosen)


def test_sampfords_frequencies_over_seeds_are_the_probabilities() -> None:
    """5,000 draws; each frequency within four standard deviations of n·s/M."""
    sizes, n, draws = [3, 1, 4, 2, 5, 6], 3, 5000
    times = sum(sampford(sizes, n, start=hashed(f"frequency {seed}")) for seed in range(draws))
    pi = n * np.array(sizes) / sum(sizes)
    assert (np.abs(times / draws - pi) < 4 * np.sqrt(pi * (1 - pi) / draws)).all()


@pytest.mark.parametrize(("sizes", "n"), [([1, 1], 1), ([1] * 4, 2), ([3, 1, 4, 2], 2), ([5, 4, 6, 0, 5, 7], 3)])
def test_expected_tries_are_the_reciprocal_of_the_probability_that_all_are_distinct(sizes: list[int], n: int) -> None:
    total = sum(sizes)
    odds = [Fraction(size, total - n * size) if n > 1 else Fraction(0) for size in sizes]
    success = sum(
        Fraction(sizes[first], total) * prod(odds[k] / sum(odds) for k in others)
        for first, *others in permutations(range(len(sizes)), n)
    )
    assert sampford_tries(sizes, n) == 1 / success


def test_expected_tries_of_equal_sizes_are_those_of_the_birthday_problem() -> None:
    assert sampford_tries([7] * 10, 4) == Fraction(10**4, perm(10, 4))
    assert sampford_tries([1] * 120, 60) > TRIES_LIMIT


def test_expected_tries_of_nothing_to_draw_are_one() -> None:
    assert sampford_tries([], 0) == sampford_tries([0, 0], 3) == sampford_tries([4, 0], 1) == 1


@pytest.mark.parametrize("sizes", [[5, 3, 2], [6, 1, 1], [4, 4]])
def test_sampford_refuses_clusters_as_large_as_the_interval(sizes: list[int]) -> None:
    for refuse in (lambda: sampford(sizes, 2, start=hashed("x")), lambda: sampford_tries(sizes, 2)):
        with pytest.raises(ValueError, match="take it out first"):
            refuse()


def test_sampford_gives_up_on_a_hopeless_draw_in_both_languages() -> None:
    with pytest.raises(DesignError) as caught:
        sampford([1] * 9, 2, start=lambda k, m: 0)
    assert "choose another method" in caught.value.en
    assert "请改用其他抽样方法" in caught.value.zh


def test_a_missing_number_is_named() -> None:
    with pytest.raises(ValueError, match="expected at least 2 random numbers, got 1"):
        simple_random(5, 2, start=3)

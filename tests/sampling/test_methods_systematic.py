"""
Systematic methods on all small cases, every start enumerated.

Equal probabilities: every N ≤ 60 and n ≤ N. By size: every list of up to four clusters of sizes 0 to 3 and up to five
hits, and some hundred longer ones. First and second order are counted over the starts and compared with what
``first_order`` and ``second_order`` work out without them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from sampling import first_order, second_order
from sampling.methods import METHODS, circular, equal_interval, pps_equal_interval, pps_symmetric, symmetric

Positions = Callable[..., NDArray[np.int64]]
EQUAL: dict[str, Positions] = {"equal_interval": equal_interval, "circular": circular, "symmetric": symmetric}
BY_SIZE = {"pps_equal_interval": pps_equal_interval, "pps_symmetric": pps_symmetric}


def small_lists() -> list[tuple[int, ...]]:
    lists = [sizes for count in range(5) for sizes in product(range(4), repeat=count)]
    rng = random.Random(7)
    return lists + [tuple(rng.choice([0, 1, 2, 3, 5, 8, 20]) for _ in range(rng.randrange(5, 10))) for _ in range(150)]


@pytest.mark.parametrize("method", EQUAL)
def test_every_small_list_has_the_right_size_distinct_units_and_exact_probabilities(method: str) -> None:
    for n_units in range(1, 61):
        for n in range(1, n_units + 1):
            samples = np.array([EQUAL[method](n_units, n, start=start) for start in range(n_units)])
            assert samples.shape == (n_units, n)
            assert (np.diff(samples, axis=1) > 0).all()
            hits = np.zeros((n_units, n_units))
            np.put_along_axis(hits, samples, 1, axis=1)
            assert (hits.sum(axis=0) == n).all(), (n_units, n)
            joint = second_order(method, n_units, n)
            assert joint.denominator == n_units
            assert (joint.numerators == hits.T @ hits).all(), (n_units, n)


@pytest.mark.parametrize("method", EQUAL)
def test_first_order_is_n_over_n_units(method: str) -> None:
    assert [float(pi) for pi in first_order(method, 7, 3)] == [3 / 7] * 7
    assert first_order(method, 3, 9) == [1, 1, 1]


@pytest.mark.parametrize("method", BY_SIZE)
def test_every_small_list_of_clusters_has_exact_expected_hits_and_products(method: str) -> None:
    for sizes, n in product(small_lists(), range(1, 6)):
        total = sum(sizes)
        hits = np.array([BY_SIZE[method](sizes, n, start=start) for start in range(total)]).reshape(total, len(sizes))
        assert (hits.sum(axis=1) == n).all()
        expected = np.array(sizes, dtype=np.int64) * n
        assert (hits.sum(axis=0) == expected * (total > 0)).all(), (sizes, n)
        assert (np.abs(hits * total - expected) < max(total, 1)).all(), "hits are n·s/M rounded down or up"
        joint = second_order(method, sizes, n)
        assert [pi * total for pi in joint.expected] == (expected * (total > 0)).tolist()
        assert (joint.numerators * total == hits.T @ hits * joint.denominator).all(), (sizes, n)


def test_circular_is_its_definition() -> None:
    for n_units in range(1, 31):
        for n, start in product(range(1, n_units + 1), range(n_units)):
            expected = sorted((start + i * (n_units // n)) % n_units for i in range(n))
            assert circular(n_units, n, start=start).tolist() == expected


def test_a_rounded_interval_would_take_a_unit_twice_where_circular_does_not() -> None:
    """24 units, 9 of them: 24/9 rounds to 3, and the ninth unit is the first again; the whole interval is 2."""
    assert len({i * 3 % 24 for i in range(9)}) == 8
    assert circular(24, 9, start=20).tolist() == [0, 2, 4, 6, 8, 10, 12, 20, 22]


def test_pps_symmetric_is_its_definition_worked_out_on_a_turned_list() -> None:
    for sizes, n in product(small_lists(), range(1, 6)):
        total, blocks, before = sum(sizes), {}, 0
        for k, size in enumerate(sizes):
            blocks.setdefault(before * n // total if total else 0, []).append(k)
            before += size
        order = [k for b in sorted(blocks) for k in (blocks[b][::-1] if b % 2 else blocks[b])]
        for start in range(total):
            turned = pps_equal_interval([sizes[k] for k in order], n, start=start).tolist()
            expected = [0] * len(sizes)
            for place, k in enumerate(order):
                expected[k] = turned[place]
            assert pps_symmetric(sizes, n, start=start).tolist() == expected


def test_pps_symmetric_of_equal_sizes_is_symmetric() -> None:
    for n_units in range(1, 31):
        for n, start in product(range(1, n_units + 1), range(n_units)):
            found = pps_symmetric([1] * n_units, n, start=start)
            assert np.flatnonzero(found).tolist() == symmetric(n_units, n, start=start).tolist()


@pytest.mark.parametrize("size", [2**55, 2**61, 2**62 + 1, 2**70])
def test_hits_in_lists_beyond_int64_stay_exact(size: int) -> None:
    """Seven clusters in the ratio 1 : 3 : 2 : 5 : 0 : 4 : 1, far beyond the size at which products or sums overflow."""
    ratios = [1, 3, 2, 5, 0, 4, 1]
    for method, unit in product(BY_SIZE.values(), range(16)):
        large = method([ratio * size for ratio in ratios], 5, start=unit * size + size // 2)
        # five times the ratios, so that the same start is whole
        assert large.tolist() == method([2 * ratio for ratio in ratios], 5, start=2 * unit + 1).tolist()


@pytest.mark.parametrize("n_units", [2**61 + 3, 2**62 + 1, 2**63 - 2])
def test_positions_round_very_long_lists_stay_exact(n_units: int) -> None:
    for n, start in product((2, 3, 7), (0, 5, n_units - 1)):
        expected = sorted((start + i * (n_units // n)) % n_units for i in range(n))
        assert circular(n_units, n, start=start).tolist() == expected


def test_a_numpy_array_of_sizes_is_read_as_a_list_is_and_not_changed() -> None:
    sizes = np.array([3, 1, 6, 0, 2], dtype=np.int32)
    for dtype in (np.int64, np.int32, np.uint8, np.uint64, object):
        given = sizes.astype(dtype)
        given.flags.writeable = False
        assert pps_equal_interval(given, 4, start=7).tolist() == pps_equal_interval(sizes.tolist(), 4, start=7).tolist()


@pytest.mark.parametrize("sizes", [[2.5, 1], [float("nan"), 1], np.array([1.0, 2.0]), ["3", "4"], [None, 1]])
def test_sizes_that_are_no_whole_numbers_are_refused(sizes: list[int]) -> None:
    for entry in METHODS.values():
        if entry.by_size:
            with pytest.raises(ValueError, match="expected whole sizes"):
                entry.hits(sizes, 1, start=0)


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_list_gives_no_hits_and_asks_for_no_number(method: str) -> None:
    assert METHODS[method].hits([], 3, start=[]).tolist() == []
    assert METHODS[method].hits([2, 1], 0, start=[]).tolist() == [0, 0]


@pytest.mark.parametrize("method", METHODS)
def test_a_negative_number_of_units_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        METHODS[method].hits([2, 1], -1, start=0)


@pytest.mark.parametrize("method", [key for key, entry in METHODS.items() if entry.single_start])
def test_one_number_a_sequence_and_a_function_give_the_same_sample(method: str) -> None:
    hits = METHODS[method].hits
    expected = hits([3, 1, 4, 1, 5], 2, start=4).tolist()
    assert hits([3, 1, 4, 1, 5], 2, start=[4]).tolist() == expected
    assert hits([3, 1, 4, 1, 5], 2, start=np.int64(4)).tolist() == expected
    assert hits([3, 1, 4, 1, 5], 2, start=lambda k, m: {0: 4}[k] % m).tolist() == expected

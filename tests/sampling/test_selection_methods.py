"""Every method on all small cases, every start enumerated."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import numpy as np
import pytest

from sampling.methods import METHODS, equal_interval, pps_equal_interval, symmetric
from sampling.selection.reserves import select_reserves
from sampling.starts import hashed

SELECT = {"equal_interval": equal_interval, "symmetric": symmetric}


@pytest.mark.parametrize("method", SELECT)
def test_every_unit_has_probability_n_by_n_units_and_none_is_taken_twice(method: str) -> None:
    for n_units in range(1, 41):
        for n in range(1, n_units + 1):
            times = np.zeros(n_units, dtype=int)
            for start in range(n_units):
                chosen = SELECT[method](n_units, n, start=start)
                assert len(set(chosen.tolist())) == n
                assert (np.diff(chosen) > 0).all()
                times[chosen] += 1
            assert (times == n).all(), (n_units, n)


def test_symmetric_gives_the_contracts_example() -> None:
    assert (symmetric(200, 5, start=10) + 1).tolist() == [3, 78, 83, 158, 163]


def test_symmetric_is_the_definition_worked_out_on_a_turned_list() -> None:
    for n_units in range(1, 25):
        for n in range(1, n_units + 1):
            bounds = [-(-i * n_units // n) for i in range(n + 1)]
            turned: list[int] = []
            for i in range(n):
                block = list(range(bounds[i], bounds[i + 1]))
                turned += block[::-1] if i % 2 else block
            for start in range(n_units):
                expected = sorted(turned[(start + i * n_units) // n] for i in range(n))
                assert symmetric(n_units, n, start=start).tolist() == expected


@pytest.mark.parametrize("method", SELECT)
def test_where_the_list_is_too_short_all_are_taken(method: str) -> None:
    assert SELECT[method](4, 9, start=0).tolist() == [0, 1, 2, 3]
    assert SELECT[method](0, 3, start=0).tolist() == []


def test_pps_hits_are_exactly_proportional_over_all_starts() -> None:
    rng = random.Random(4)
    for _ in range(300):
        sizes = [rng.choice([0, 1, 2, 3, 5, 8, 20]) for _ in range(rng.randrange(1, 8))]
        n, total = rng.randrange(1, 9), sum(sizes)
        hits = np.zeros(len(sizes), dtype=int)
        for start in range(total):
            found = pps_equal_interval(sizes, n, start=start)
            assert found.sum() == n
            assert all(n * s // total <= h <= -(-n * s // total) for s, h in zip(sizes, found.tolist(), strict=True))
            hits += found
        assert hits.tolist() == [n * size if total else 0 for size in sizes]


def test_pps_is_the_contracts_inequality() -> None:
    sizes, n = [3, 1, 6, 0, 2], 4
    total, ends = sum(sizes), np.cumsum(sizes).tolist()
    for start in range(total):
        expected = [0] * len(sizes)
        for i in range(n):
            for k, end in enumerate(ends):
                if (end - sizes[k]) * n <= start + i * total < end * n:
                    expected[k] += 1
        assert pps_equal_interval(sizes, n, start=start).tolist() == expected


@pytest.mark.parametrize("size", [2**63 // 15 - 1, 2**63 // 15, 2**63 // 15 + 1, 2**64])
def test_hits_of_products_around_and_beyond_int64_stay_exact(size: int) -> None:
    """5 clusters and 3 hits: n·M passes 2^63 among these sizes; both ways of reckoning agree with the definition."""
    for start in (0, size, 5 * size - 1):
        expected = Counter((start + i * 5 * size) // (3 * size) for i in range(3))
        hits = pps_equal_interval([size] * 5, 3, start=start)
        assert {k: h for k, h in enumerate(hits.tolist()) if h} == dict(expected)


@pytest.mark.parametrize(("n_units", "n"), [(2**62, 1), (2**62, 2), (2**62 - 1, 2), (2**62, 3), (2**61 + 1, 4)])
def test_positions_in_lists_beyond_int64_products_stay_exact(n_units: int, n: int) -> None:
    for start in (0, 1, n_units // 2, n_units - 1):
        expected = [(start + i * n_units) // n for i in range(n)]
        assert equal_interval(n_units, n, start=start).tolist() == expected
        assert len(set(symmetric(n_units, n, start=start).tolist())) == n


def test_no_unit_is_lost_where_other_engines_lose_some() -> None:
    """n = 10 of 109 reaches the last nine units; N = 3,000,000 and n = 2 selects two."""
    reached = {p for start in range(109) for p in equal_interval(109, 10, start=start).tolist()}
    assert reached == set(range(109))
    assert len(equal_interval(3_000_000, 2, start=2_999_999)) == 2


@pytest.mark.parametrize(("n_units", "n", "start"), [(-1, 1, 0), (5, -1, 0), (5, 2, 5), (5, 2, -1)])
def test_impossible_counts_and_starts_are_refused(n_units: int, n: int, start: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        equal_interval(n_units, n, start=start)


@pytest.mark.parametrize(("sizes", "n", "start"), [([1, -1], 1, 0), ([2], -1, 0), ([2, 3], 1, 5), ([2, 3], 1, -1)])
def test_impossible_sizes_and_starts_are_refused(sizes: list[int], n: int, start: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        pps_equal_interval(sizes, n, start=start)


def test_reserves_are_equal_interval_over_what_is_left() -> None:
    for n_units, n, per_main in product(range(1, 16), range(1, 6), range(4)):
        main = equal_interval(n_units, n, start=0)
        left = [p for p in range(n_units) if p not in main]
        count = min(per_main * len(main), len(left))
        for start in range(max(1, len(left))):
            found = select_reserves(n_units, main, per_main, start=start)
            expected = [left[(start + i * len(left)) // count] if count < len(left) else left[i] for i in range(count)]
            assert found.positions.tolist() == expected
            assert found.mains.tolist() == [t // per_main for t in range(count)]


def test_the_table_gives_hits_for_every_method() -> None:
    for method in METHODS.values():
        start = 3 if method.single_start else hashed("seed")
        assert method.hits([1] * 10, 4, start=start).sum() == 4
        assert method.zh
        assert method.en

"""
What is chosen from many lists at once, against each list by itself and against a naive grouping in plain Python.

``METHODS`` is the definition: its functions take one list, and they are compared with references elsewhere.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.frames.coded import Coded, all_differ, pair, run_starts
from sampling.methods import METHODS
from sampling.selection.lists import Lists, ranges, split, sums
from sampling.selection.many import hits_of_clusters, units_of_lists
from sampling.selection.reserves import reserves_of_lists, select_reserves
from sampling.starts import Numbers, hashed

EQUAL = sorted(name for name, method in METHODS.items() if not method.by_size)
BY_SIZE = ["pps_equal_interval"]
HUGE = 2**40


def draws(count: int, take: str = "main") -> list[Numbers]:
    return [hashed(f"list {k} {take}") for k in range(count)]


def whole(values: list[int]) -> Any:
    return np.array(values, dtype=np.int64)


@given(st.sampled_from(EQUAL), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 35)), max_size=8))
def test_units_of_many_lists_are_those_of_each(method: str, lists: list[tuple[int, int]]) -> None:
    sizes, n = [size for size, _ in lists], [count for _, count in lists]
    positions, owner = units_of_lists(method, whole(sizes), whole(n), draws(len(lists)))
    for k, (size, count) in enumerate(lists):
        alone = np.flatnonzero(METHODS[method].hits(range(size), count, start=hashed(f"list {k} main")))
        assert positions[owner == k].tolist() == alone.tolist()
    assert owner.tolist() == sorted(owner.tolist())


@pytest.mark.parametrize("method", EQUAL)
def test_products_beyond_64_bits_change_nothing(method: str) -> None:
    """(N + 1)·n of the second list does not fit in 64 bits: all of it is taken, and the others stay as they are."""
    positions, owner = units_of_lists(method, whole([50, 9, 30]), whole([4, 2**61, 7]), draws(3))
    assert positions[owner == 1].tolist() == list(range(9))
    for k, size, n in ((0, 50, 4), (2, 30, 7)):
        alone = np.flatnonzero(METHODS[method].hits(range(size), n, start=hashed(f"list {k} main")))
        assert positions[owner == k].tolist() == alone.tolist()


@given(
    st.sampled_from(BY_SIZE),
    st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 9)), max_size=6),
)
def test_hits_of_many_lists_are_those_of_each(method: str, lists: list[tuple[list[int], int]]) -> None:
    check_hits(method, [(sizes, n) for sizes, n in lists])


@pytest.mark.parametrize("method", sorted(METHODS))
def test_hits_of_many_lists_are_those_of_each_for_every_method(method: str) -> None:
    check_hits(method, [([3, 1, 4, 1, 5], 2), ([2, 2, 2], 1), ([9, 7, 5, 3], 2)])


@pytest.mark.parametrize("n", [1, 3, 40])
def test_hits_of_huge_sizes_are_exact(n: int) -> None:
    """M·n beyond 2^63, against the definition in whole numbers of any length."""
    sizes = [HUGE * 3 + 1, 1, HUGE * 2**20 + 7, HUGE, 2**60]
    check_hits("pps_equal_interval", [(sizes, n), ([1, 2], 1)])
    total, r = sum(sizes), hashed("list 0 main")(0, sum(sizes))
    ends = [sum(sizes[: k + 1]) * n for k in range(len(sizes))]
    expected = [0] * len(sizes)
    for i in range(n):
        expected[next(k for k, end in enumerate(ends) if r + i * total < end)] += 1
    found = hits_of_clusters("pps_equal_interval", whole(sizes), whole([0, 5]), whole([n]), draws(1))
    assert found.tolist() == expected


def check_hits(method: str, lists: list[tuple[list[int], int]]) -> None:
    measure = [size for sizes, _ in lists for size in sizes]
    bounds = np.cumsum([0, *(len(sizes) for sizes, _ in lists)])
    found = hits_of_clusters(method, whole(measure), bounds, whole([n for _, n in lists]), draws(len(lists)))
    for k, (sizes, n) in enumerate(lists):
        own = found[bounds[k] : bounds[k + 1]].tolist()
        if not METHODS[method].by_size or (sum(sizes) and n):
            assert own == METHODS[method].hits(sizes, n, start=hashed(f"list {k} main")).tolist()
        else:
            assert own == [0] * len(sizes)


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 9)), max_size=6), st.integers(0, 3))
def test_reserves_of_many_lists_are_those_of_each(lists: list[tuple[int, int]], per_main: int) -> None:
    sizes, n = whole([size for size, _ in lists]), whole([count for _, count in lists])
    positions, owner = units_of_lists("equal_interval", sizes, n, draws(len(lists)))
    found = reserves_of_lists(sizes, positions, owner, per_main, draws(len(lists), "reserve"))
    for k in range(len(lists)):
        main = positions[owner == k]
        alone = select_reserves(int(sizes[k]), main, per_main, start=hashed(f"list {k} reserve"))
        own = found.owner == k
        assert found.positions[own].tolist() == alone.positions.tolist()
        assert (found.mains[own] - np.searchsorted(owner, k)).tolist() == alone.mains.tolist()


@st.composite
def lists_of_codes(draw: Any) -> tuple[Lists, Coded, list[list[int]]]:
    """Some lists of rows, in the frame's order or another, with gaps between them, and a column of codes."""
    codes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=30))
    rows = draw(st.permutations(range(len(codes)))) if draw(st.booleans()) else list(range(len(codes)))
    cuts = sorted(draw(st.lists(st.integers(0, len(codes)), min_size=2, max_size=8)))
    spans = [(a, b) for k, (a, b) in enumerate(pairwise(cuts)) if draw(st.booleans()) or k == 0]
    own = None if rows == list(range(len(codes))) else whole(rows)
    lists = Lists(own, whole([a for a, _ in spans]), whole([b - a for a, b in spans]))
    column = Coded([str(k) for k in range(5)], np.array(codes, dtype=np.int32))
    return lists, column, [rows[a:b] for a, b in spans]


@given(lists_of_codes())
def test_clusters_are_those_of_a_naive_grouping_however_their_rows_are_scattered(given_: Any) -> None:
    lists, column, members = given_
    expected = []
    for owner, rows in enumerate(members):
        grouped: dict[int, list[int]] = {}
        for row in rows:
            grouped.setdefault(int(column.codes[row]), []).append(row)
        expected += [(owner, code, own) for code, own in grouped.items()]
    found = split(lists, column)
    places, owner = ranges(found.units.first, found.units.size)
    rows = places if found.units.rows is None else found.units.rows[places]
    by_cluster = [rows[owner == k].tolist() for k in range(len(found))]
    assert list(zip(found.owner.tolist(), found.code.tolist(), by_cluster, strict=True)) == expected
    assert found.measure.tolist() == [len(own) for _, _, own in expected]
    assert found.row.tolist() == [own[0] for _, _, own in expected]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_sums_are_those_of_each_list(lists: list[list[int]]) -> None:
    bounds = np.cumsum([0, *map(len, lists)])
    assert sums(whole([x for own in lists for x in own]), bounds).tolist() == [sum(own) for own in lists]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 1, 7, 10**6])), min_size=1, max_size=20))
def test_pairs_are_numbered_densely_and_told_apart(pairs: list[tuple[int, int]]) -> None:
    first, second = whole([a for a, _ in pairs]), whole([b for _, b in pairs])
    numbers = pair(first, second).tolist()
    assert sorted(set(numbers)) == list(range(len(set(pairs))))
    assert len(set(zip(numbers, pairs, strict=True))) == len(set(pairs))
    assert all_differ(first, second) == (len(set(pairs)) == len(pairs))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=20))
def test_runs_begin_where_any_column_changes(rows: list[tuple[int, int]]) -> None:
    columns = [whole([row[k] for row in rows]) for k in range(2)]
    lengths = [len(list(own)) for _, own in groupby(rows)]
    expected = np.cumsum([0, *lengths])[: len(lengths)].tolist()
    assert run_starts(len(rows), columns).tolist() == expected

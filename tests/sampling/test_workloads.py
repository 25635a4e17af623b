"""Places are shared out in runs, the largest load as small as can be."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import SamplingError
from sampling.fieldwork.workloads import balanced_parts, largest_load

Bounds = tuple[tuple[int, int], ...]


def all_cuts(size: int, parts: int) -> list[Bounds]:
    """Every way to cut a list into so many runs, none empty."""
    return [tuple(itertools.pairwise((0, *cuts, size))) for cuts in itertools.combinations(range(1, size), parts - 1)]


def cost(loads: list[int], areas: list[Any], bounds: Bounds) -> tuple[int, int, int, tuple[int, ...]]:
    return (
        largest_load(loads, bounds),
        sum(len(set(areas[first:behind])) for first, behind in bounds),
        sum(sum(loads[first:behind]) ** 2 for first, behind in bounds),
        tuple(behind for _first, behind in bounds),
    )


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=9),
    st.integers(1, 5),
)
def test_the_runs_are_the_best_of_all_ways_to_cut(places: list[tuple[int, int]], parts: int) -> None:
    loads, areas = [load for load, _area in places], sorted(area for _load, area in places)
    found = balanced_parts(loads, parts, areas=areas)
    assert found == min(all_cuts(len(loads), min(parts, len(loads))), key=lambda bounds: cost(loads, areas, bounds))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 70))
def test_the_runs_cover_the_list_once_in_order_and_none_is_empty(loads: list[int], parts: int) -> None:
    found = balanced_parts(loads, parts)
    assert [place for first, behind in found for place in range(first, behind)] == list(range(len(loads)))
    assert len(found) == min(parts, len(loads))
    assert all(first < behind for first, behind in found)


def test_a_county_of_nineteen_townships_is_cut_along_its_borders_where_that_costs_nothing() -> None:
    loads = [30, 10, 10, 10, 10, 10, 10, 10, 10] * 19
    areas = [township for township in range(19) for _place in range(9)]
    found = balanced_parts(loads, 19, areas=areas)
    assert found == tuple((9 * township, 9 * township + 9) for township in range(19))


def test_no_place_gives_no_run() -> None:
    assert balanced_parts([], 3) == ()
    assert largest_load([], ()) == 0


@pytest.mark.parametrize(
    ("loads", "parts", "areas"),
    [([1], 0, None), ([1, -1], 1, None), ([1.0], 1, None), ([True], 1, None), ([1, 2], 1, ["A"])],
)
def test_what_cannot_be_shared_out_is_refused_plainly(loads: list[Any], parts: int, areas: list[str] | None) -> None:
    with pytest.raises(SamplingError, match="Expected"):
        balanced_parts(loads, parts, areas=areas)

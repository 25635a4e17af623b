"""
Allocation: all small cases by enumeration, properties, and references.

The references are PracTools' `strAlloc` (references/README.md), and, for shares within bounds, brute force over all whole
allocations: no whole allocation within the bounds can have a smaller variance than the real-valued optimum.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ALLOCATIONS, Allocation, AllocationError, allocate, allocate_budget
from sampling.allocation.exact import exact, raised

PRACTOOLS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "references" / "allocation_practools.json").read_text(encoding="utf-8")
)["cases"]
NEEDS: dict[str, dict[str, Any]] = {"neyman": {"sd": None}, "cost_optimal": {"sd": None, "cost": None}}


def given_for(rule: str, strata: int) -> dict[str, Any]:
    """Plausible columns for a rule that needs some."""
    columns = {"sd": [1 + h % 3 for h in range(strata)], "cost": [2 + 3 * (h % 2) for h in range(strata)]}
    return {name: columns[name] for name in NEEDS.get(rule, {})}


def all_strata(strata: int, most: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(range(most + 1), repeat=strata)


def variance(n: Sequence[int | Fraction], sizes: Sequence[int], sd: Sequence[Any]) -> Fraction:
    """Of the estimated total: Σ N²S²(1/n − 1/N); strata without variance add nothing."""
    terms = [
        (size * exact(s)) ** 2 * (1 / Fraction(k) - Fraction(1, size))
        for k, size, s in zip(n, sizes, sd, strict=True)
        if s
    ]
    return sum(terms, Fraction(0))


def assert_sound(result: Allocation, total: int, lower: Sequence[int], upper: Sequence[int]) -> None:
    assert sum(result.n) == total == sum(result.share)
    for n, share, low, high in zip(result.n, result.share, lower, upper, strict=True):
        assert low <= n <= high
        assert low <= share <= high
        assert abs(n - share) < 1


def test_proportional_allocations_of_all_small_strata_add_up_and_follow_size() -> None:
    for sizes in all_strata(3, 6):
        for total in range(sum(sizes) + 1):
            result = allocate(total, sizes)
            assert_sound(result, total, [0] * 3, sizes)
            assert result.share == tuple(Fraction(total * size, sum(sizes) or 1) for size in sizes)
            for (a, n), (b, m) in itertools.combinations(zip(sizes, result.n, strict=True), 2):
                assert (a - b) * (n - m) >= 0 or a == b


def test_of_equal_remainders_the_larger_stratum_is_rounded_up_then_the_earlier_one() -> None:
    assert allocate(2, [1, 3]).n == (0, 2)
    assert allocate(1, [2, 2]).n == (1, 0)
    assert allocate(2, [5, 5, 5, 5]).n == (1, 1, 0, 0)
    assert allocate(3, [4, 4, 4, 4], rule="equal").n == (1, 1, 1, 0)


@pytest.mark.parametrize("rule", ALLOCATIONS)
def test_every_rule_keeps_all_small_bounds_or_says_that_it_cannot(rule: str) -> None:
    kept = refused = 0
    for sizes in [(2, 3), (4, 1), (3, 3), (0, 4)]:
        for low, high, total in itertools.product(all_strata(2, 3), all_strata(2, 4), range(8)):
            upper = [min(size, most) for size, most in zip(sizes, high, strict=True)]
            possible = all(a <= b for a, b in zip(low, upper, strict=True)) and sum(low) <= total <= sum(upper)
            arguments = {"rule": rule, "minimum": low, "maximum": high, **given_for(rule, 2)}
            if possible:
                kept += 1
                assert_sound(allocate(total, sizes, **arguments), total, low, upper)
            else:
                refused += 1
                with pytest.raises(AllocationError):
                    allocate(total, sizes, **arguments)
    assert kept > 100
    assert refused > 100


@pytest.mark.parametrize("bounds", [(0, None), (1, None), (2, 4), ([1, 0, 3], [3, 9, 5])])
def test_neyman_shares_have_the_least_variance_of_all_allocations_within_the_bounds(bounds: tuple[Any, Any]) -> None:
    minimum, maximum = bounds
    for sizes, sd in [((5, 8, 6), (1, 2, 3)), ((9, 4, 5), ("0.5", 4, 1)), ((7, 7, 7), (1, 1, 10))]:
        for total in range(8, 12):
            best = allocate(total, sizes, rule="neyman", sd=sd, minimum=minimum, maximum=maximum)
            lows = [minimum] * 3 if isinstance(minimum, int) else minimum
            highs = sizes if maximum is None else [maximum] * 3 if isinstance(maximum, int) else maximum
            ranges = [range(max(1, a), min(b, c) + 1) for a, b, c in zip(lows, highs, sizes, strict=True)]
            whole = [n for n in itertools.product(*ranges) if sum(n) == total]
            assert whole
            assert variance(best.share, sizes, sd) <= min(variance(n, sizes, sd) for n in whole)


def test_budget_shares_have_the_least_variance_of_all_allocations_that_the_budget_pays_for() -> None:
    sizes, sd, cost = (8, 9, 7), (2, 3, 1), (1, 4, 2)
    for budget in range(10, 40):
        best = allocate_budget(budget, sizes, sd=sd, cost=cost)
        whole = itertools.product(*(range(1, size + 1) for size in sizes))
        paid = [n for n in whole if sum(c * k for c, k in zip(cost, n, strict=True)) <= budget]
        least = min(variance(n, sizes, sd) for n in paid)
        # Square roots stand with 60 digits, so the comparison allows for the last of them.
        assert variance(best.share, sizes, sd) <= least + Fraction(1, 10**50)
        assert sum(c * k for c, k in zip(cost, best.n, strict=True)) <= budget
        assert all(abs(n - share) < 1 for n, share in zip(best.n, best.share, strict=True))


@pytest.mark.parametrize(("case", "rule"), [("proportional", "proportional"), ("neyman", "neyman")])
def test_shares_are_those_of_practools(case: str, rule: str) -> None:
    args, expected = PRACTOOLS[case]["args"], PRACTOOLS[case]["nh"]
    shares = allocate(args["n.tot"], args["Nh"], rule=rule, sd=args.get("Sh")).share
    assert [float(share) for share in shares] == pytest.approx(expected, rel=1e-14)


def test_budget_shares_are_those_of_practools() -> None:
    args, expected = PRACTOOLS["cost"]["args"], PRACTOOLS["cost"]["nh"]
    shares = allocate_budget(args["cost"], args["Nh"], sd=args["Sh"], cost=args["ch"]).share
    assert [float(share) for share in shares] == pytest.approx(expected, rel=1e-14)


def test_cost_optimal_with_equal_or_square_costs_is_exact() -> None:
    sizes, sd = [215, 65, 252], [3, 5, 2]
    neyman = allocate(50, sizes, rule="neyman", sd=sd)
    for cost in ([2, 2, 2], ["0.3"] * 3):
        assert allocate(50, sizes, rule="cost_optimal", sd=sd, cost=cost).share == neyman.share
    weights = [Fraction(215 * 3), Fraction(65 * 5, 2), Fraction(252 * 2, 3)]
    exact_shares = tuple(50 * a / sum(weights) for a in weights)
    assert allocate(50, sizes, rule="cost_optimal", sd=sd, cost=[2, 8, 18]).share == exact_shares


def test_power_allocation_lies_between_equal_and_neyman() -> None:
    sizes, sd = [400, 900, 100], [1, 2, 4]
    assert allocate(60, sizes, rule="power", power=0).share == allocate(60, sizes, rule="equal").share
    assert allocate(60, sizes, rule="power", power=1).share == allocate(60, sizes).share
    by_total = allocate(60, sizes, rule="power", power=1, measure=[800, 2700, 200], sd=sd, mean=[2, 3, 2])
    assert by_total.share == allocate(60, sizes, rule="neyman", sd=sd).share
    assert allocate(60, sizes, rule="power").share == (20, 30, 10)  # square roots 20 : 30 : 10
    between = allocate(60, sizes, rule="power", power="1/3").share
    assert 20 > between[2] > allocate(60, sizes).share[2]


def test_shares_clipped_at_their_bounds_leave_the_rest_in_proportion() -> None:
    result = allocate(30, [60, 221, 6], minimum=2)
    assert result.share == (Fraction(28 * 60, 281), Fraction(28 * 221, 281), Fraction(2))
    assert result.n == (6, 22, 2)
    capped = allocate(30, [60, 221, 6], minimum=2, maximum=[30, 15, 30])
    assert capped.share == (13, 15, 2)


def test_huge_numbers_stay_exact() -> None:
    big = 10**30
    assert allocate(3 * big, [big, 2 * big, 3 * big]).n == (big // 2, big, 3 * big // 2)
    assert sum(allocate(big + 1, [big, big, big]).n) == big + 1


def test_a_float_is_its_shortest_decimal_and_all_kinds_of_numbers_agree() -> None:
    kinds: list[Callable[[str], Any]] = [str, float, Decimal, Fraction, np.float64]
    results = {allocate(10, [50, 70], rule="neyman", sd=[kind("0.1"), kind("0.7")]) for kind in kinds}
    assert len(results) == 1
    assert results.pop().share[0] == Fraction(10 * 50, 50 + 490)
    assert allocate(np.int64(4), np.array([10, 30])).n == (1, 3)


def test_roots_are_exact_where_they_come_out_even_and_have_sixty_digits_elsewhere() -> None:
    assert raised(Fraction(4, 9), Fraction(3, 2)) == Fraction(8, 27)
    assert abs(raised(Fraction(2), Fraction(1, 2)) ** 2 - 2) < Fraction(1, 10**60)
    assert abs(raised(Fraction(7, 3), Fraction(1, 3)) ** 3 - Fraction(7, 3)) < Fraction(1, 10**60)


@settings(deadline=None)
@given(data=st.data())
def test_any_allocation_within_its_bounds_is_sound_and_the_only_clipped_one(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
    lower = [data.draw(st.integers(0, size)) for size in sizes]
    upper = [data.draw(st.integers(low, size)) for low, size in zip(lower, sizes, strict=True)]
    total = data.draw(st.integers(sum(lower), sum(upper)))
    rule = data.draw(st.sampled_from(sorted(ALLOCATIONS)))
    result = allocate(total, sizes, rule=rule, minimum=lower, maximum=upper, **given_for(rule, len(sizes)))
    assert_sound(result, total, lower, upper)
    weights = [Fraction(n) for n in allocate(1, sizes, rule=rule, **given_for(rule, len(sizes))).share]
    ratios = [share / a for share, a in zip(result.share, weights, strict=True)]
    free = [r for r, s, a, b in zip(ratios, result.share, lower, upper, strict=True) if a < s < b]
    for ratio, share, low, high in zip(ratios, result.share, lower, upper, strict=True):
        # One λ for all that lie between their bounds; those at a bound would pass it with that λ.
        if free and share == low:
            assert ratio >= min(free) - Fraction(1, 10**40) or low == high
        elif free and share == high:
            assert ratio <= max(free) + Fraction(1, 10**40) or low == high
    assert not free or max(free) - min(free) < Fraction(1, 10**40)


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        ({"total": 10, "sizes": [5, 5], "minimum": 6}, "Stratum 1 holds 5 units, but its minimum is 6", "第 1 层"),
        ({"total": 4, "sizes": [5, 0], "minimum": 1}, "Stratum 2 holds 0 units", "第 2 层"),
        ({"total": 4, "sizes": [5, 5], "minimum": 3, "maximum": 2}, "Stratum 1 may give at most 2", "上限为 2"),
        ({"total": 3, "sizes": [5, 5], "minimum": 2}, "add up to 4, more than the total of 3", "合计 4"),
        ({"total": 11, "sizes": [5, 5]}, "can give 10 units at most", "最多可抽 10"),
        ({"total": 9, "sizes": [5, 5], "maximum": 4}, "can give 8 units at most", "最多可抽 8"),
        ({"total": -1, "sizes": [5]}, "whole number of at least 0 as the total, got -1", "总样本量"),
        ({"total": 1.5, "sizes": [5]}, "got 1.5", "1.5"),
        ({"total": 1, "sizes": [5, -2]}, "stratum 2's size, got -2", "第 2 层的规模"),
        ({"total": 1, "sizes": [5, "7"]}, "got '7'", "'7'"),
        ({"total": 1, "sizes": [5, 5], "minimum": [0]}, "one value per stratum (2), got 1", "共 2 个"),
        ({"total": 1, "sizes": [5], "rule": "neymann"}, "did you mean neyman?", "是否指 neyman"),
        ({"total": 1, "sizes": [5], "rule": "xyz"}, "got “xyz”.", "xyz"),
        ({"total": 1, "sizes": [5], "rule": "neyman"}, "needs `sd`", "需要 sd"),
        ({"total": 1, "sizes": [5], "rule": "cost_optimal", "sd": [1]}, "needs `cost`", "需要 cost"),
        ({"total": 1, "sizes": [5], "rule": "neyman", "sd": [float("nan")]}, "`sd` of stratum 1, got nan", "nan"),
        ({"total": 1, "sizes": [5], "rule": "neyman", "sd": ["1,5"]}, "got '1,5'", "'1,5'"),
        ({"total": 1, "sizes": [5], "rule": "neyman", "sd": [-1]}, "of at least 0", "不小于 0"),
        ({"total": 1, "sizes": [5], "rule": "cost_optimal", "sd": [1], "cost": [0]}, "above 0", "大于 0"),
        ({"total": 1, "sizes": [5], "rule": "power", "sd": [1], "mean": [0]}, "other than 0", "不等于 0"),
        ({"total": 6, "sizes": [5, 5], "rule": "neyman", "sd": [1, 0]}, "nothing beyond their minimum", "只得下限"),
    ],
)
def test_what_cannot_be_allocated_is_refused_in_one_sentence(arguments: dict[str, Any], en: str, zh: str) -> None:
    with pytest.raises(AllocationError) as caught:
        allocate(**arguments)
    assert en in caught.value.en
    assert zh in caught.value.zh


def test_a_budget_below_the_minima_or_beyond_all_units_is_refused() -> None:
    with pytest.raises(AllocationError, match="minima cost 10, more than the budget of 9"):
        allocate_budget(9, [5, 5], sd=[1, 1], cost=[2, 3], minimum=2)
    with pytest.raises(AllocationError, match="cost 25, less than the budget of 26"):
        allocate_budget(26, [5, 5], sd=[1, 1], cost=[2, 3])
    with pytest.raises(AllocationError, match="nothing beyond their minimum"):
        allocate_budget(20, [5, 5], sd=[1, 0], cost=[2, 3])

"""docs/method-planning.md says what the functions give: every figure of its examples is worked out and looked up in the page."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sampling import (
    ALLOCATIONS,
    DesignPlan,
    GroupPlan,
    allocate,
    allocate_budget,
    assign_kish,
    compare_designs,
    design_effect,
    detectable_difference,
    group_precision,
    kish_grid,
    margin_of_error,
    mean_of_groups,
    next_birthday,
    power_of_difference,
    sample_size,
    score_sd,
    selected_adult,
    with_clusters,
)
from sampling.fieldwork.household import SLOTS, kish_start

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "method-planning.md").read_text(encoding="utf-8").split())
SIZES, SD, COST = [400, 500, 100], [10, 20, 25], [1, 4, 9]


def listed(values: object, digits: int = 0) -> str:
    return ", ".join(f"{float(value):.{digits}f}" for value in values)  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", ALLOCATIONS)
def test_each_rules_example_is_what_it_gives(rule: str) -> None:
    extra = {"neyman": {"sd": SD}, "cost_optimal": {"sd": SD, "cost": COST}}.get(rule, {})
    result = allocate(100, SIZES, rule=rule, **extra)  # type: ignore[arg-type]
    assert f"| `{rule}` | {listed(result.share, 2)} | {listed(result.n)} |" in PAGE


def test_the_delegates_and_the_budget_are_what_the_functions_give() -> None:
    free, bounded = allocate(30, [60, 221, 6]), allocate(30, [60, 221, 6], minimum=2)
    assert f"give {listed(free.n)}. With at least 2" in PAGE
    assert f"are {listed(bounded.share, 3)}, and n_h is {listed(bounded.n)}." in PAGE
    paid = allocate_budget(300, SIZES, sd=SD, cost=COST)
    spent = sum(c * n for c, n in zip(COST, paid.n, strict=True))
    assert f"has the shares {listed(paid.share, 2)}, gives {listed(paid.n)} and spends {spent}." in PAGE


def test_the_sample_sizes_are_what_the_functions_give() -> None:
    share = margin_of_error(400, share="0.5").moe
    sizes = [sample_size("0.05", share="0.5", population=population).n for population in (None, 3200)]
    assert f"400 answers: ±{share:.4f}. For ±0.05, {sizes[0]} answers; of a population of 3200, {sizes[1]}." in PAGE
    rural = margin_of_error(50, sd=18, deff="1.3")
    assert f"deff 1.3: se {rural.se:.2f}, moe {rural.moe:.2f}." in PAGE
    households = sample_size(5, sd=18, deff="1.3", population=300, response="0.8").n
    assert f"r = 0.8: {households} households." in PAGE
    assert f"S = {score_sd({5: 62, 3: 27, 0: 6}):.3f} of 5 points" in PAGE


def test_the_design_effects_are_what_the_function_gives() -> None:
    assert f"it is {design_effect(10, '0.05'):.2f} for m = 10 and {design_effect(5, '0.05'):.2f} for m = 5." in PAGE
    assert f"Weights 1, 1, 2 have {design_effect(weights=[1, 1, 2])}." in PAGE


def test_the_townships_errors_are_what_the_functions_give() -> None:
    groups = [GroupPlan("a", 30), GroupPlan("b", 10), GroupPlan("c", 20), GroupPlan("d", 5, 10, icc="1/30")]
    parts = [group_precision(group) for group in groups]
    *first, last = [f"{part.se:.1f}" for part in parts]
    whole = mean_of_groups(parts)
    assert f"standard errors are {', '.join(first)} and {last}, the appraisal's is {whole.se:.1f}" in PAGE
    share = parts[1].se ** 2 / sum(part.se**2 for part in parts)
    assert f"(95 %: ±{whole.moe:.1f}), and {100 * share:.0f} % of its variance" in PAGE


def test_the_compared_designs_are_what_the_functions_give() -> None:
    groups = (GroupPlan("delegates", 30), GroupPlan("enterprise", 10), GroupPlan("urban", 2, 10, icc="0.05"))
    plan = DesignPlan("5 × 10", (*groups, GroupPlan("rural", 5, 10, icc="0.05")))
    other = with_clusters(plan, 10, 5)._replace(name="10 × 5")
    for row in compare_designs([plan, other]).rows:
        if row.group in {"rural", "appraisal"}:
            p = row.precision
            assert f"| {row.group}, {row.design} | {p.deff:.2f} | {p.se:.2f} | {p.moe:.2f} |" in PAGE


def test_the_differences_of_two_townships_are_what_the_functions_give() -> None:
    assert f": {detectable_difference('2.06'):.1f} points for s = s′ = 2.06" in PAGE
    assert f": {power_of_difference(5, '2.06'):.2f} for 5 points" in PAGE
    assert f"= {detectable_difference('2.06', power='0.8'):.1f} points" in PAGE


def test_the_kish_grid_and_its_slots_are_those_of_the_code() -> None:
    shares = Counter(SLOTS)
    for table, numbers in kish_grid().items():
        assert f"| {table} | {shares[table]} | {' | '.join(map(str, numbers))} |" in PAGE
    assert f"stand in the order {' '.join(SLOTS)}," in PAGE


def test_the_household_examples_are_what_the_functions_give() -> None:
    sentence = "pingyi-kish/1|20261123|350722204000|rural"
    begins = hashlib.sha256(sentence.encode()).hexdigest()[:8]
    start = kish_start("20261123", "350722204000", "rural")
    rows = [("350722204000", "rural", "main", k) for k in range(1, 6)]
    sample = pd.DataFrame(rows, columns=["township_code", "group", "role", "sequence"])
    tables = list(assign_kish(sample, "20261123"))
    assert f"for `{sentence}` the hash begins {begins} and r = {start};" in PAGE
    assert f"the tables {', '.join(tables)}." in PAGE
    assert f"with three adults, number {selected_adult(tables[0], 3)} answers." in PAGE
    assert next_birthday([(3, 1), (11, 25), (11, 2)], date(2026, 11, 24)) == 1
    assert "the second is next." in PAGE

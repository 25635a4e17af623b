"""
Planning: textbook figures, R's survey and pwr (references/README.md), enumeration, and properties.

Enumerated: the standard error of a mean is the standard deviation of the means of all samples. Textbook: Cochran (1977),
Sampling Techniques, chapter 4, with t = 2 (a share: 400 people, and 356 of an island's 3,200; a mean: 95, and 78 of 430).
The township's figures are those that the rules' closing paragraph states.
"""

from __future__ import annotations

import itertools
import json
import math
import statistics
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import (
    DesignPlan,
    GroupPlan,
    PlanningError,
    compare_designs,
    design_effect,
    detectable_difference,
    group_precision,
    load_design,
    margin_of_error,
    mean_of_groups,
    plan_design,
    power_of_difference,
    sample_size,
    score_sd,
    with_clusters,
)
from sampling.planning.planning_checks import quantile

REFERENCES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "references" / "planning_r.json").read_text(encoding="utf-8")
)
TWO_SIGMA = 0.954499736103642
"""The confidence at which z = 2, as in the textbook."""


def reference(kind: str) -> list[tuple[list[float], float]]:
    cases = [(case["given"], case["value"]) for case in REFERENCES if case["kind"] == kind]
    assert cases
    return cases


def township(icc: Any = "1/30") -> DesignPlan:
    """The rules' example: sd 18, rural design effect 1.3, the other groups as simple random samples."""
    sizes = {"delegates": 30, "enterprise": 10, "urban": 20}
    groups = [GroupPlan(group, n) for group, n in sizes.items()]
    return DesignPlan("county-110", (*groups, GroupPlan("rural", 5, 10, icc=icc)))


def test_standard_errors_are_those_of_r_survey() -> None:
    for (sd, n, population), se in reference("mean"):
        planned = margin_of_error(int(n), sd=sd, population=int(population) or None)
        assert planned.se == pytest.approx(se, rel=1e-12)


def test_weighting_effects_are_kishs() -> None:
    for weights, effect in reference("weights"):
        assert design_effect(weights=weights) == pytest.approx(effect, rel=1e-12)
        cv = statistics.pstdev(weights) / statistics.fmean(weights)
        assert design_effect(cv=cv) == pytest.approx(effect, rel=1e-12)


def test_powers_are_those_of_r_pwr() -> None:
    for (distance, confidence), power in reference("power"):
        # One score known for certain: the difference then has a standard error of 1.
        assert power_of_difference(distance, 1, 0, confidence=confidence) == pytest.approx(power, rel=1e-10)


def test_quantiles_are_those_of_r() -> None:
    for (probability,), z in reference("quantile"):
        assert float(quantile(Fraction(str(probability)))) == pytest.approx(z, abs=1e-12)


def test_a_detectable_difference_is_found_with_its_power() -> None:
    for power in (0.5, 0.8, 0.9, 0.99):
        difference = detectable_difference(2, 3, power=power)
        assert power_of_difference(difference, 2, 3) == pytest.approx(power, abs=5e-5)
    assert detectable_difference(2, 3) == pytest.approx(1.959963984540 * math.sqrt(13), rel=1e-11)
    assert power_of_difference(0, 2) == pytest.approx(0.05, abs=1e-12)


def test_cochrans_samples_for_a_share_come_out() -> None:
    assert sample_size("0.05", share="0.5", confidence=TWO_SIGMA).n == 400
    assert sample_size("0.05", share="0.5", confidence=TWO_SIGMA, population=3200).n == 356


def test_cochrans_samples_for_a_mean_come_out() -> None:
    sd = math.sqrt(85.6)
    assert sample_size("1.9", sd=sd, confidence=TWO_SIGMA).n == 95
    assert sample_size("1.9", sd=sd, confidence=TWO_SIGMA, population=430).n == 78


@pytest.mark.parametrize("values", [(0, 3, 5, 5, 3, 0), (12, 80, 33, 71, 90, 55, 64)])
def test_the_standard_error_is_the_spread_of_the_means_of_all_samples(values: tuple[int, ...]) -> None:
    sd = statistics.stdev(values)
    for n in range(1, len(values)):
        means = [statistics.fmean(sample) for sample in itertools.combinations(values, n)]
        assert margin_of_error(n, sd=sd, population=len(values)).se == pytest.approx(
            statistics.pstdev(means), rel=1e-12
        )


def test_the_standard_error_of_a_share_is_the_spread_of_the_shares_of_all_samples() -> None:
    answers = (1, 1, 1, 0, 0, 0, 0, 1)
    for n in range(1, len(answers)):
        shares = [sum(sample) / n for sample in itertools.combinations(answers, n)]
        planned = margin_of_error(n, share=0.5, population=len(answers))
        assert planned.se == pytest.approx(statistics.pstdev(shares), rel=1e-12)
        assert planned.est == 0.5


def test_a_census_has_no_error() -> None:
    assert margin_of_error(40, sd=18, population=40).moe == 0
    assert margin_of_error(1, share=0.3, population=1).moe == 0


@settings(deadline=None)
@given(
    moe=st.fractions(Fraction(1, 10), 20, max_denominator=50),
    deff=st.fractions(1, 3, max_denominator=20),
    population=st.one_of(st.none(), st.integers(200, 5000)),
    response=st.sampled_from(["1", "0.9", "0.8"]),
)
def test_the_sample_size_is_the_smallest_that_keeps_the_margin(
    moe: Fraction, deff: Fraction, population: int | None, response: str
) -> None:
    options: dict[str, Any] = {"sd": 18, "deff": deff, "population": population, "response": response}
    try:
        planned = sample_size(moe, **options)
    except PlanningError:
        assert population is not None
        assert margin_of_error(population, **options).moe > float(moe) * (1 - 1e-12)
        return
    assert planned.moe <= float(moe) * (1 + 1e-12)
    if planned.n > 1:
        assert margin_of_error(planned.n - 1, **options).moe > float(moe) * (1 - 1e-12)


def test_the_townships_figures_are_those_of_the_rules() -> None:
    parts = [group_precision(group) for group in township().groups]
    assert [round(part.se, 1) for part in parts] == [3.3, 5.7, 4.0, 2.9]
    assert parts[3].deff == 1.3
    whole = mean_of_groups(parts)
    assert (round(whole.se, 1), round(whole.moe, 1), whole.n) == (2.1, 4.0, 110)
    assert whole.se == pytest.approx(math.sqrt(sum(part.se**2 for part in parts) / 16), rel=1e-14)
    assert 0.45 < parts[1].se ** 2 / sum(part.se**2 for part in parts) < 0.5
    assert round(detectable_difference(whole.se), 1) == 5.7
    assert round(0.4 * detectable_difference(whole.se), 1) == 2.3


def test_ten_villages_of_five_lower_the_rural_error_more_than_the_appraisals() -> None:
    plan = township(icc="0.05")
    comparison = compare_designs([plan, with_clusters(plan, 10, 5)])
    before, after = comparison.of("rural")
    assert (before.precision.deff, after.precision.deff) == (1.45, 1.2)
    assert after.precision.se / before.precision.se == pytest.approx(math.sqrt(1.2 / 1.45), rel=1e-12)
    whole = [row.precision.se for row in comparison.of("appraisal")]
    others = 324 / 30 + 324 / 10 + 324 / 20
    by_hand = [math.sqrt(others + 324 * deff / 50) / 4 for deff in (1.45, 1.2)]
    assert whole == pytest.approx(by_hand, rel=1e-12)
    assert [row.precision for row in comparison.of("urban")] == [comparison.of("urban")[0].precision] * 2
    assert all(row.detectable > row.significant > row.precision.moe for row in comparison.rows)


def test_fewer_answers_per_cluster_lower_the_design_effect() -> None:
    full, some = (group_precision(GroupPlan("rural", 5, 10, icc=0.05, response=r)) for r in (1, "0.6"))
    assert (full.deff, some.deff, some.answers) == (1.45, 1.25, 30)
    assert group_precision(GroupPlan("rural", 50, 1, icc=0.05, response="0.6")).deff == 1


def test_the_table_has_a_row_for_each_group_and_the_appraisal_and_its_csv_says_the_same() -> None:
    comparison = compare_designs([township(), with_clusters(township(), 10, 5)._replace(name='10×5, "tried"')])
    table = comparison.table()
    assert len(table) == 10
    assert table["clusters"].isna().sum() == 2
    lines = comparison.csv().splitlines()
    assert lines[0].split(",") == list(table.columns)
    assert lines[1].startswith("county-110,delegates,30,1,30,30,1,3.286")
    assert lines[10].startswith('"10×5, ""tried""",appraisal,,,110,110,')


def test_a_loaded_design_is_planned_group_by_group() -> None:
    design = load_design("county-110")
    plan = plan_design(design, population={"enterprise": 35})
    assert [(g.group, g.clusters, g.take, g.n) for g in plan.groups] == [
        ("delegates", 30, 1, 30),
        ("enterprise", 10, 1, 10),
        ("urban", 2, 10, 20),
        ("rural", 5, 10, 50),
    ]
    assert [g.population for g in plan.groups] == [None, 35, None, None]
    assert {g.population for g in plan_design(design, population=900).groups} == {900}


def test_scores_of_0_3_and_5_spread_by_2_and_a_half_at_most() -> None:
    assert score_sd({0: 1, 5: 1}) == 2.5
    assert score_sd({3: 1}) == 0
    assert score_sd({5: "0.62", 3: "0.27", 0: "0.06"}) == pytest.approx(
        statistics.pstdev([5] * 62 + [3] * 27 + [0] * 6)
    )


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        (lambda: margin_of_error(0, sd=1), "at least 1 as `n`, got 0", "n 应为"),
        (lambda: margin_of_error(10), "both or neither", "恰好给出一个"),
        (lambda: margin_of_error(10, sd=1, share=0.5), "both or neither", "恰好给出一个"),
        (lambda: margin_of_error(10, share=1.2), "from 0 to 1 as `share`, got 1.2", "share"),
        (lambda: margin_of_error(10, sd="abc"), "`sd`, got 'abc'", "'abc'"),
        (lambda: margin_of_error(10, sd=1, population=9), "larger than the population of 9", "总体规模 9"),
        (lambda: margin_of_error(10, sd=1, confidence=95), "`confidence`, got 95", "confidence"),
        (lambda: margin_of_error(10, sd=1, deff=0), "above 0 as `deff`", "deff"),
        (lambda: margin_of_error(10, sd=1, response=0), "`response`, got 0", "response"),
        (lambda: sample_size(0, sd=1), "above 0 as `moe`", "moe"),
        (lambda: sample_size(0.1, sd=18, population=50, response=0.5), "give fewer", "不足此数"),
        (lambda: design_effect(10, -0.5), "must be above -0.111111", "应大于"),
        (lambda: design_effect(10, 2), "`icc`, got 2", "icc"),
        (lambda: design_effect(weights=[1, 0]), "above 0 as `weight`", "weight"),
        (lambda: design_effect(weights=[1], cv=0), "got both", "只应给出一个"),
        (lambda: design_effect(weights=[]), "at least 1 as `weights`", "weights"),
        (lambda: score_sd({5: 0}), "not all 0", "不应全为 0"),
        (lambda: mean_of_groups([]), "`groups`, got 0", "groups"),
        (lambda: power_of_difference(1, 0), "standard error above 0", "标准误应大于 0"),
        (
            lambda: group_precision(GroupPlan("urban", 2, 10, population=15)),
            "planned with 20 units, but has 15",
            "只有 15",
        ),
        (lambda: with_clusters(DesignPlan("d", (GroupPlan("a", 3),)), 2, 2), "no group in clusters", "没有分群"),
        (lambda: with_clusters(township(), 2, 2, group="x"), "got “x”", "“x”"),
        (lambda: compare_designs([]), "`plans`, got 0", "plans"),
        (lambda: margin_of_error(10, sd=1, confidence="0.99999999999999999"), "at most 1 − 10⁻¹²", "confidence"),
        (lambda: margin_of_error(10, sd="1e400"), "from 10⁻³⁰ to 10³⁰", "10³⁰ 之间"),
        (lambda: margin_of_error(10, sd="1e999999999"), "as `sd`, got '1e999999999'", "sd"),
        (lambda: margin_of_error(10**5000, sd=1), "at most 10¹⁵ as `n`, got a number of more", "10¹⁵"),
        (lambda: sample_size("1e-20", sd=18), "needs more than 10¹⁵ units", "超过 10¹⁵"),
        (lambda: power_of_difference("1e400", 1), "as `difference`", "difference"),
        (
            lambda: detectable_difference(2, power=0.01),
            "above the level of the test, 1 − confidence = 0.05",
            "显著性水平",
        ),
        (lambda: detectable_difference(2, power=0.05), "got 0.05", "显著性水平"),
        (lambda: detectable_difference(2, power="1e-300"), "as `power`", "power"),
        (lambda: compare_designs([township()], confidence=0.1), "1 − confidence = 0.9", "0.9"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_sentence(call: Any, en: str, zh: str) -> None:
    with pytest.raises(PlanningError) as caught:
        call()
    assert en in caught.value.en
    assert zh in caught.value.zh


def test_the_detectable_difference_is_above_0_for_every_power_that_a_test_can_have() -> None:
    found = [detectable_difference(2, power=power) for power in ("0.050000001", "0.06", "0.5", "0.8", "0.999999999999")]
    assert found == sorted(found)
    assert found[0] > 0
    assert power_of_difference(found[0], 2) >= 0.05

"""Corners of the errors' rules that the reference case does not reach: joined, single and lone PSUs, and corrections of replicates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, responses, sheet

from analysis import Responses, precision

SAMPLES = ["township_code", "group", "psu_code", "size", "listed", "hits", "pi_1", "issued", "released", "eligible", "answered"]  # fmt: skip


def samples(group: str, *lines: Mapping[str, object]) -> pd.DataFrame:
    rows = [{"township_code": A, "group": group, **line} for line in lines]
    return pd.DataFrame([{name: row.get(name, "") for name in SAMPLES} for row in rows])


def se(rows: Responses, **options: object) -> float:
    return float(precision(rows, **options).townships["se"].iloc[0])  # type: ignore[arg-type]


def test_joined_psus_of_which_one_was_not_certain_are_a_cluster_among_others():
    rows = sheet("rural", A, R01="sssbbbuuus", psu_code=["a+b"] * 4 + ["c"] * 3 + ["d"] * 3)
    figures = [
        {"psu_code": psu, "listed": 40, "pi_1": pi} for psu, pi in zip("abcd", (1.5, 0.5, 0.4, 0.4), strict=True)
    ]
    found = precision(responses(rows, samples=samples("rural", *figures)))
    assert found.groups["df"].tolist() == [2]


def test_an_only_psu_not_drawn_for_certain_is_corrected_by_both_stages():
    """f = π·answered/L = 0.5 · 6/60."""
    rows = sheet("urban", A, U01="sbusbs", psu_code="a")
    corrected = responses(rows, samples=samples("urban", {"psu_code": "a", "listed": 60, "pi_1": 0.5}))
    assert se(corrected) == pytest.approx(se(responses(rows)) * np.sqrt(1 - 0.5 * 6 / 60))


def test_the_size_of_a_list_stands_in_where_nothing_is_said_of_how_many_were_listed():
    rows = sheet("delegates", A, D01="sbus")
    by_size = responses(rows, samples=samples("delegates", {"psu_code": "", "size": 10}))
    assert se(by_size) == pytest.approx(se(responses(rows)) * np.sqrt(0.6))


@pytest.mark.parametrize("policy", ["remove", "certainty", "adjust", "average"])
def test_a_psu_of_one_respondent_at_the_second_stage_follows_the_policy(policy):
    """Worked out by loops: three PSUs of π = 0.5 and 40 listed, one of them with a single respondent."""
    answers = {"a": [5.0], "b": [5.0, 3.0], "c": [0.0, 3.0]}
    rows = sheet("rural", A, R01="ssbub", psu_code=["a", "b", "b", "c", "c"])
    given = responses(rows, samples=samples("rural", *({"psu_code": p, "listed": 40, "pi_1": 0.5} for p in answers)))
    points = [value for values in answers.values() for value in values]
    mean = sum(points) / 5
    z = {psu: [20 * (value - mean) / 5 for value in values] for psu, values in answers.items()}
    sums = [sum(values) for values in z.values()]
    first = 3 / 2 * sum(0.5 * (each - np.mean(sums)) ** 2 for each in sums)
    second = 0.0
    for values in z.values():
        number = len(values)
        alone = values[0] ** 2 if policy == "adjust" else 0.0
        spread = alone if number == 1 else number / (number - 1) * sum((each - np.mean(values)) ** 2 for each in values)
        second += 0.5 * (1 - number / 40) * spread
    second *= 3 / 2 if policy == "average" else 1
    assert se(given, lonely_psu=policy) == pytest.approx(np.sqrt(first + second), rel=1e-12)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_replicates_of_a_list_are_corrected_by_the_share_that_answered(method):
    letters = "".join(np.random.default_rng(1).choice(list("ssbbu"), 120))
    rows = sheet("delegates", A, D01=letters)
    given = responses(rows, samples=samples("delegates", {"psu_code": "", "listed": 160}))
    assert se(given, method=method, rng=2, replicates=2000) == pytest.approx(se(given), rel=0.06)
    assert se(given) == pytest.approx(se(responses(rows)) / 2)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_replicates_of_psus_are_not_corrected(method):
    """They hold the first stage alone, and a correction would lose part of what lies within PSUs."""
    rows = sheet("rural", A, R01="sssbbbuuus", psu_code=["a"] * 4 + ["b"] * 3 + ["c"] * 3)
    given = responses(rows, samples=samples("rural", *({"psu_code": p, "listed": 10, "pi_1": 0.9} for p in "abc")))
    options = {"method": method, "rng": 3, "replicates": 50}
    assert se(given, **options) == se(given, fpc=False, **options)

"""Simulated answers have the shares and the spread that real ones have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from questionnaires import load_questionnaires
from survey_app.demo import SimulatedAnswer, simulate_answers
from survey_app.demo.answers import BOUNDS, IN_PERSON, IN_TOWNSHIP, IN_VILLAGE, INTERNAL_ITEMS, MINUTES

POINTS = {"satisfied": 100.0, "basic": 60.0, "unsatisfied": 0.0}
ITEMS = {
    group: tuple(f"{letter}{number:02}" for number in range(1, 21))
    for group, letter in {"delegates": "D", "enterprise": "E", "urban": "U", "rural": "R"}.items()
}
TAKE = {"delegates": 30, "enterprise": 10, "urban": 20, "rural": 50}


@dataclass(frozen=True)
class Unit:
    """A sample unit."""

    township_code: str
    group: str
    psu_code: str = ""


def county_sample(townships: int) -> list[Unit]:
    """A sample as the county plan draws it: households ten to a village."""
    units = []
    for township in range(townships):
        for group, take in TAKE.items():
            in_village = group in ("urban", "rural")
            units += [Unit(f"T{township}", group, f"{group}{k // 10}" if in_village else "") for k in range(take)]
    return units


@pytest.fixture(scope="module")
def sample() -> list[Unit]:
    """The sample of many townships, so that shares are near their expectation."""
    return county_sample(120)


@pytest.fixture(scope="module")
def answers(sample: list[Unit]) -> list[SimulatedAnswer]:
    """Its answers."""
    return simulate_answers(sample, ITEMS, seed=3)


def share(answers: list[SimulatedAnswer], items: frozenset[str] | None = None) -> dict[str, float]:
    """The share of each answer, of all items or of some."""
    counts = Counter(
        code for answer in answers for item, code in answer.answers.items() if items is None or item in items
    )
    return {code: count / counts.total() for code, count in counts.items()}


def test_the_same_seed_gives_the_same_answers_and_another_one_others() -> None:
    units = county_sample(2)

    assert simulate_answers(units, ITEMS, seed=1) == simulate_answers(units, ITEMS, seed=1)
    assert simulate_answers(units, ITEMS, seed=1) != simulate_answers(units, ITEMS, seed=2)


def test_a_townships_answers_do_not_depend_on_the_others() -> None:
    units = county_sample(3)
    of_second = [unit for unit in units if unit.township_code == "T1"]
    start = units.index(of_second[0])

    alone = simulate_answers(of_second, ITEMS, seed=1)
    among = [answer for answer in simulate_answers(units, ITEMS, seed=1) if units[answer.index].township_code == "T1"]

    assert [(answer.index + start, answer.answers, answer.mode) for answer in alone] == [
        (answer.index, answer.answers, answer.mode) for answer in among
    ]


def test_a_lower_response_rate_only_leaves_people_out() -> None:
    units = county_sample(2)
    all_answers = {answer.index: answer for answer in simulate_answers(units, ITEMS, seed=1, response_rate=1)}
    half = simulate_answers(units, ITEMS, seed=1, response_rate=0.5)

    assert len(all_answers) == len(units)
    assert len(half) == pytest.approx(len(units) / 2, rel=0.2)
    assert all(all_answers[answer.index] == answer for answer in half)
    assert simulate_answers(units, ITEMS, seed=1, response_rate=0) == []


def test_answers_come_in_the_order_of_units_with_all_items(sample: list[Unit], answers: list[SimulatedAnswer]) -> None:
    places = [answer.index for answer in answers]

    assert places == sorted(set(places))
    assert all(tuple(answer.answers) == ITEMS[sample[answer.index].group] for answer in answers)


def test_92_in_a_hundred_respond(sample: list[Unit], answers: list[SimulatedAnswer]) -> None:
    assert len(answers) / len(sample) == pytest.approx(0.92, abs=0.01)


def test_shares_are_near_62_27_6_and_5(answers: list[SimulatedAnswer]) -> None:
    found = share(answers)

    assert found["satisfied"] == pytest.approx(0.62, abs=0.02)
    assert found["basic"] == pytest.approx(0.27, abs=0.015)
    assert found["unsatisfied"] == pytest.approx(0.06, abs=0.01)
    assert found["unknown"] == pytest.approx(0.05, abs=0.005)
    assert found[""] == pytest.approx(0.005, abs=0.001)


def test_insiders_matters_are_unknown_to_15_to_25_in_a_hundred(answers: list[SimulatedAnswer]) -> None:
    assert 0.15 < share(answers, INTERNAL_ITEMS)["unknown"] < 0.25
    assert share(answers, frozenset({"D01", "E01", "R15", "U15"}))["unknown"] < 0.06


def test_internal_items_are_those_on_capacity_and_integrity() -> None:
    forms = load_questionnaires()
    expected = {
        item.id
        for group in ("delegates", "enterprise")
        for item in forms[group].items
        if item.dimension in ("capacity", "integrity")
    }

    assert expected == INTERNAL_ITEMS


def test_modes_minutes_and_comments_are_lawful(sample: list[Unit], answers: list[SimulatedAnswer]) -> None:
    assisted = Counter(sample[answer.index].group for answer in answers if answer.mode == "assisted")
    commented = sum(bool(answer.comment) for answer in answers)

    assert {answer.mode for answer in answers} == {"self", "assisted"}
    assert {answer.minutes for answer in answers} == set(MINUTES)
    assert assisted["rural"] > assisted["urban"] > assisted["delegates"]
    assert commented / len(answers) == pytest.approx(0.06, abs=0.01)


def score_covariance(correlation: float) -> float:
    """Covariance of the scores of two answers whose normal numbers correlate so, by the bivariate normal distribution."""
    steps = dict(zip(BOUNDS, (60.0, 40.0), strict=True))
    pair = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    mean = sum(step * stats.norm.sf(bound) for bound, step in steps.items())
    product = sum(a * b * pair.cdf([-first, -second]) for first, a in steps.items() for second, b in steps.items())
    return float(product - mean**2)


@pytest.mark.parametrize(("correlation", "variance"), [(IN_TOWNSHIP, 9), (IN_VILLAGE, 25), (IN_PERSON, 281)])
def test_effects_are_as_large_as_their_points_ask(correlation: float, variance: float) -> None:
    assert score_covariance(correlation) == pytest.approx(variance, rel=0.001)


def totals(townships: int, villages: int, people: int) -> NDArray[np.float64]:
    """Points of simulated people on the odd and on the even items, shape (townships, villages, people, 2)."""
    units = [
        Unit(f"T{township}", "rural", f"V{village}")
        for township in range(townships)
        for village in range(villages)
        for _ in range(people)
    ]
    found = [
        [np.mean([POINTS[code] for code in codes[half::2] if code in POINTS]) for half in (0, 1)]
        for codes in (
            list(answer.answers.values()) for answer in simulate_answers(units, ITEMS, seed=5, response_rate=1)
        )
    ]
    return np.array(found).reshape(townships, villages, people, 2)


def test_totals_vary_by_3_points_between_townships_4_between_villages_and_16_between_persons() -> None:
    """Components of a nested analysis of variance; a person's own part is what the two halves of the items have in common."""
    halves = totals(150, 8, 8)
    both = halves.mean(axis=3)
    of_villages, of_townships = both.mean(axis=2), both.mean(axis=(1, 2))
    within = both.var(axis=2, ddof=1).mean()
    village = of_villages.var(axis=1, ddof=1).mean() - within / 8
    township = of_townships.var(ddof=1) - of_villages.var(axis=1, ddof=1).mean() / 8
    from_village = halves - halves.mean(axis=2, keepdims=True)
    person = (from_village[..., 0] * from_village[..., 1]).sum(axis=2).mean() / 7

    assert np.sqrt(township) == pytest.approx(3, abs=0.6)
    assert np.sqrt(village) == pytest.approx(4, abs=0.5)
    assert np.sqrt(person) == pytest.approx(16, abs=0.6)

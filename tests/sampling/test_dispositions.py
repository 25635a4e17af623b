"""Outcomes of visits, what a unit comes to, and the rates, worked by hand from the definitions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sampling import OUTCOMES, REASONS, SamplingError, final_disposition, outcome_rates


def test_every_reason_for_a_replacement_is_an_outcome_of_the_same_class_of_the_standard() -> None:
    differing = {
        code for code, reason in REASONS.items() if code not in OUTCOMES or OUTCOMES[code].aapor[:3] != reason.aapor[:3]
    }
    assert differing == set()


def test_kinds_follow_the_standards_first_digit() -> None:
    digits = {"1": {"I"}, "2": {"R", "NC", "O"}, "3": {"U"}, "4": {"NE"}}
    assert all(outcome.kind in digits[outcome.aapor[0]] for outcome in OUTCOMES.values())


@pytest.mark.parametrize(
    ("visits", "answered", "expected"),
    [
        ([], False, "unvisited"),
        (["refused"], True, "completed"),
        (["no_contact", "refused", "no_contact"], False, "refused"),
        (["refused", "moved"], False, "moved"),
        (["completed"], False, "card_left"),
        (["appointment", "no_contact"], False, "no_contact"),
    ],
)
def test_a_units_visits_come_to_one_disposition(visits: list[str], answered: bool, expected: str) -> None:
    assert final_disposition(visits, answered=answered) == expected


def test_rates_are_exact_fractions_of_the_standards_formulas() -> None:
    rates = outcome_rates(
        {
            "completed": 60,
            "refused": 10,
            "no_contact": 5,
            "card_left": 3,
            "not_located": 2,
            "unvisited": 20,
            "vacant": 7,
        }
    )
    assert rates.issued == 107
    assert rates.response == Fraction(60, 100)
    assert rates.cooperation == Fraction(60, 73)
    assert rates.refusal == Fraction(10, 100)
    assert rates.contact == Fraction(73, 100)


def test_nobody_eligible_gives_no_rate_instead_of_zero() -> None:
    rates = outcome_rates({"vacant": 2})
    assert (rates.response, rates.cooperation, rates.refusal, rates.contact) == (None, None, None, None)


def test_an_unknown_outcome_is_named_with_the_known_ones() -> None:
    with pytest.raises(SamplingError, match="no outcome 'gone'") as refused:
        final_disposition(["gone"], answered=False)
    assert "gone" in refused.value.zh

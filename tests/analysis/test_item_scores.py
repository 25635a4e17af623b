"""One item's score: the identity, the readings Q1 to Q5, and the item nobody could judge."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import SchemeError, load_scheme
from analysis.item_scores import Answers, ItemScore, score_item

COUNTY = load_scheme("county")
NUMBERS = st.integers(0, 60)
TALLIES = st.builds(Answers, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
JUDGED = TALLIES.filter(lambda answers: answers.judged > 0)

ONE = Answers(satisfied=2, basic=1, unsatisfied=1, unknown=2, skipped=3)  # S = 13, m = 4
WIDE = Answers(satisfied=4, basic=1, unsatisfied=5, unknown=9)  # S = 23, m = 10


def scored(answers: Answers, county: Answers = WIDE, **readings: str) -> Fraction | None:
    return score_item(answers, COUNTY.with_readings(**readings), "rural", county).score


@given(JUDGED, TALLIES)
def test_a_dont_know_scored_at_the_own_mean_changes_nothing(answers, county):
    """Q1 (a) and Q2: (S + d·S/m)/(m + d) = S/m, whatever d is, counted or left out."""
    mean = Fraction(5 * answers.satisfied + 3 * answers.basic, answers.judged)
    assert scored(answers, county) == mean
    assert scored(answers, county, unknown_counts="left_out") == mean


@given(JUDGED, NUMBERS)
def test_skipped_items_count_nowhere(answers, skipped):
    """Q3, under every reading of don't-knows."""
    other = Answers(*answers.tally[:4], skipped)
    for reading in ("own_township", "county", "midpoint", "mean_of_points"):
        assert scored(answers, unknown_scores=reading) == scored(other, unknown_scores=reading)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({}, Fraction(13, 4)),
        ({"unknown_scores": "county"}, (13 + 2 * Fraction(23, 10)) / 6),
        ({"unknown_scores": "midpoint"}, Fraction(13 + 5, 6)),
        ({"unknown_scores": "mean_of_points"}, (13 + 2 * Fraction(8, 3)) / 6),
        ({"unknown_scores": "midpoint", "unknown_counts": "left_out"}, Fraction(13, 4)),
        ({"unknown_scores": "midpoint", "skipped": "as_unknown"}, (13 + 5 * Fraction(5, 2)) / 9),
        ({"skipped": "as_unknown"}, Fraction(13, 4)),
        ({"denominator": "planned"}, (13 + 2 * Fraction(13, 4)) / 50),
    ],
)
def test_each_reading_gives_its_figure(readings, expected):
    assert scored(ONE, **readings) == expected


@given(JUDGED, JUDGED, st.sampled_from(["own_township", "county", "midpoint", "mean_of_points"]))
def test_an_item_score_lies_between_nothing_and_the_highest_points(answers, county, reading):
    score = scored(answers, county, unknown_scores=reading)
    assert score is not None
    assert 0 <= score <= 5


@pytest.mark.parametrize("reading", ["own_township", "county", "midpoint", "mean_of_points", "own_answers"])
def test_an_item_nobody_could_judge_takes_the_countys_mean(reading):
    scheme = COUNTY.with_readings(unknown_scores=reading)
    nobody = Answers(unknown=4, skipped=1)
    assert score_item(nobody, scheme, "rural", WIDE) == ItemScore(Fraction(23, 10), "county_mean")


def test_an_item_nobody_in_the_county_could_judge_is_dropped():
    assert score_item(Answers(unknown=4), COUNTY, "rural", Answers(unknown=9)) == ItemScore(None, "dropped")


def test_an_item_nobody_could_judge_is_dropped_where_the_scheme_says_so():
    scheme = COUNTY.with_readings(nobody_could_judge="drop")
    assert score_item(Answers(unknown=4), scheme, "rural", WIDE) == ItemScore(None, "dropped")


def test_more_answers_than_planned_are_refused_where_the_planned_number_divides():
    scheme = COUNTY.with_readings(denominator="planned")
    with pytest.raises(SchemeError, match="at least the 11 who answered, found 10"):
        score_item(Answers(satisfied=11), scheme, "enterprise", WIDE)

"""The pace of visits is counted from times and outcomes alone."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sampling.fieldwork.pace import Pace, PacedVisit, count_pace

NINE = dt.datetime(2026, 11, 24, 9)  # noqa: DTZ001 - the county's clock, without a zone


def visits(minutes: list[float], **facts: object) -> list[PacedVisit]:
    return [
        PacedVisit(NINE + dt.timedelta(minutes=at), unit, **({"outcome": "completed"} | facts))  # type: ignore[arg-type]
        for unit, at in enumerate(minutes)
    ]


def test_visits_at_a_human_pace_count_for_nothing() -> None:
    assert count_pace(visits([0, 12, 25, 40, 55, 70])) == Pace(6, 6, 0, 0, 0, 0)


def test_two_households_within_two_minutes_are_fast_and_two_visits_to_one_are_not() -> None:
    assert count_pace(visits([0, 1.9, 3.9])).fast == 1
    again = [PacedVisit(NINE + dt.timedelta(minutes=at), 1, "no_contact") for at in (0, 1)]
    assert count_pace(again).fast == 0


def test_five_households_answered_within_a_quarter_of_an_hour_are_one_burst_and_ten_are_two() -> None:
    assert count_pace(visits([0, 3, 6, 9, 15])).bursts == 1
    assert count_pace(visits([0, 3, 6, 9, 15.1])).bursts == 0
    assert count_pace(visits([at * 3 for at in range(10)])).bursts == 2
    assert count_pace(visits([0, 3, 6, 9, 12], outcome="no_contact")).bursts == 0


def test_delegates_in_one_hall_are_no_burst() -> None:
    assert count_pace(visits([0.0] * 30, household=False)) == Pace(30, 0, 0, 0, 0, 0)


def test_night_begins_at_ten_and_ends_at_six() -> None:
    times = [(21, 59), (22, 0), (3, 0), (5, 59), (6, 0)]
    found = [PacedVisit(NINE.replace(hour=hour, minute=minute), hour, "no_contact") for hour, minute in times]
    assert count_pace(found).night == 3


def test_a_doubtful_time_counts_for_nothing_but_doubt() -> None:
    assert count_pace(visits([0, 0.1, 0.2, 0.3, 0.4], doubtful=True)) == Pace(5, 0, 0, 0, 0, 5)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 30)), max_size=40))
def test_the_order_in_which_visits_are_sent_does_not_matter(found: list[tuple[int, int]]) -> None:
    listed = [PacedVisit(NINE + dt.timedelta(minutes=at), unit, "completed") for at, unit in found]
    assert count_pace(listed) == count_pace(listed[::-1])
    ordered = sorted(found)
    assert count_pace(listed).fast == sum(a[1] != b[1] and b[0] - a[0] < 2 for a, b in pairwise(ordered))

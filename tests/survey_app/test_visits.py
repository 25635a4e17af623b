"""Visits are kept once each, at the right time, by those whose units they are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Person, SampleUnit, Visit
from survey_app.services import closing, visits
from survey_app.services.visits import VisitKept, Visitor
from survey_app.shell import Shell, no_progress, utc_now
from tests.factories import TOWNSHIPS, CountyFacts, make_county, make_open_round, tokens_of

KEY = bytes(range(16))


def visitor_of(shell: Shell, county: CountyFacts, name: str = "investigator") -> Visitor:
    with shell.database.reading() as session:
        person = session.scalars(select(Person).where(Person.name == name)).one()
        return Visitor(person.id, person.display_name, county.id)


def unit_ids(shell: Shell, round_id: int, *, township: str = min(TOWNSHIPS), role: str = "main") -> list[int]:
    with shell.database.reading() as session:
        query = select(SampleUnit.id).where(
            SampleUnit.round_id == round_id, SampleUnit.township_code == township, SampleUnit.role == role
        )
        return list(session.scalars(query.where(SampleUnit.group == "rural").order_by(SampleUnit.id)))


def record(shell: Shell, visitor: Visitor, unit_id: int, **changed: Any) -> VisitKept:
    facts: dict[str, Any] = {
        "key": KEY,
        "outcome": "no_contact",
        "visited_at": utc_now(),
        "others_present": "none",
        "appointment_at": None,
        "phone_now": None,
    }
    return visits.record_visit(shell, visitor, unit_id=unit_id, **(facts | changed))


def stored(shell: Shell) -> list[Visit]:
    with shell.database.reading() as session:
        return list(session.scalars(select(Visit)))


def test_a_visit_sent_twice_is_kept_once_as_it_was_first(shell: Shell) -> None:
    county = make_county(shell)
    unit = unit_ids(shell, make_open_round(shell, county))[0]
    visitor = visitor_of(shell, county)
    first = record(shell, visitor, unit, outcome="refused", others_present="guide")
    second = record(shell, visitor, unit, outcome="no_contact", others_present="none")
    assert (first.again, second.again) == (False, True)
    assert (second.outcome, second.others_present, second.visited_at) == ("refused", "guide", first.visited_at)
    assert len(stored(shell)) == 1


def test_an_appointment_between_the_phones_clock_and_the_right_time_loses_no_visit(shell: Shell) -> None:
    county = make_county(shell)
    unit = unit_ids(shell, make_open_round(shell, county))[0]
    slow = utc_now() - timedelta(hours=6)
    agreed = slow + timedelta(hours=2)
    record(shell, visitor_of(shell, county), unit, visited_at=slow, phone_now=slow, appointment_at=agreed)
    assert [visit.appointment_at for visit in stored(shell)] == [agreed]


def test_one_visit_sent_by_eight_connections_at_once_is_kept_once(shell: Shell) -> None:
    county = make_county(shell)
    unit = unit_ids(shell, make_open_round(shell, county))[0]
    visitor, found = visitor_of(shell, county), []
    threads = [threading.Thread(target=lambda: found.append(record(shell, visitor, unit))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(kept.again for kept in found) == [False] + [True] * 7
    assert len(stored(shell)) == 1


@pytest.mark.parametrize(
    ("off", "doubtful"),
    [(timedelta(hours=3), False), (timedelta(hours=-3), False), (timedelta(days=40), True), (timedelta(days=-2), True)],
)
def test_a_clock_that_is_wrong_is_put_right_and_far_off_doubted(shell: Shell, off: timedelta, doubtful: bool) -> None:
    county = make_county(shell)
    unit = unit_ids(shell, make_open_round(shell, county))[0]
    now = utc_now()
    kept = record(shell, visitor_of(shell, county), unit, visited_at=now + off, phone_now=now + off)
    assert abs(kept.visited_at - now) < timedelta(seconds=30)
    assert kept.clock_doubtful is doubtful


def test_a_visit_before_the_round_opened_is_kept_but_doubted(shell: Shell) -> None:
    county = make_county(shell)
    unit = unit_ids(shell, make_open_round(shell, county))[0]
    assert record(shell, visitor_of(shell, county), unit, visited_at=utc_now() - timedelta(hours=5)).clock_doubtful


@pytest.mark.parametrize(
    "changed",
    [
        {"visited_at": datetime(2099, 1, 1, tzinfo=UTC)},
        {"visited_at": datetime.max.replace(tzinfo=UTC), "phone_now": datetime.min.replace(tzinfo=UTC)},
        {"visited_at": datetime(2026, 11, 1)},  # noqa: DTZ001 - the missing zone is what is refused
        {"outcome": "satisfied"},
        {"others_present": "mayor"},
        {"key": b"short"},
        {"appointment_at": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_bad_visits_are_refused_and_nothing_is_kept(sqlite_shell: Shell, changed: dict[str, Any]) -> None:
    county = make_county(sqlite_shell)
    unit = unit_ids(sqlite_shell, make_open_round(sqlite_shell, county))[0]
    with pytest.raises(BadInput):
        record(sqlite_shell, visitor_of(sqlite_shell, county), unit, **changed)
    assert stored(sqlite_shell) == []


def test_a_visit_ten_minutes_ahead_of_a_right_clock_is_in_the_future_and_four_are_not(sqlite_shell: Shell) -> None:
    county = make_county(sqlite_shell)
    unit = unit_ids(sqlite_shell, make_open_round(sqlite_shell, county))[0]
    visitor, now = visitor_of(sqlite_shell, county), utc_now()
    with pytest.raises(BadInput, match="future"):
        record(sqlite_shell, visitor, unit, visited_at=now + timedelta(minutes=10), phone_now=now)
    assert not record(sqlite_shell, visitor, unit, visited_at=now + timedelta(minutes=4), phone_now=now).again


def test_units_of_others_and_sealed_reserves_do_not_exist_for_an_investigator(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    round_id = make_open_round(shell, county)
    visitor = visitor_of(shell, county)
    foreign = unit_ids(shell, round_id, township=max(TOWNSHIPS))[0]
    sealed = unit_ids(shell, round_id, role="reserve")[0]
    for unit in (foreign, sealed, 10**6):
        with pytest.raises(NotFound):
            record(shell, visitor, unit)
    with pytest.raises(NotFound):
        record(shell, visitor_of(shell, other, "other_investigator"), unit_ids(shell, round_id)[0])
    assert stored(shell) == []


def test_a_key_of_another_visit_is_refused(shell: Shell) -> None:
    county = make_county(shell)
    first, second = unit_ids(shell, make_open_round(shell, county))[:2]
    visitor = visitor_of(shell, county)
    record(shell, visitor, first)
    with pytest.raises(BadInput, match="another visit"):
        record(shell, visitor, second)


def test_no_visit_is_kept_once_the_round_is_closed_but_a_known_one_is_acknowledged(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    unit = unit_ids(shell, round_id)[0]
    visitor = visitor_of(shell, county)
    record(shell, visitor, unit)
    assert tokens_of(shell, round_id)
    closing.close_round(shell, county.office, round_id, no_progress)
    assert record(shell, visitor, unit).again
    with pytest.raises((WrongState, NotFound)):
        record(shell, visitor, unit, key=bytes(16))
    assert len(stored(shell)) == 1


def test_visits_of_units_come_in_the_order_in_which_they_took_place(shell: Shell) -> None:
    county = make_county(shell)
    unit, silent = unit_ids(shell, make_open_round(shell, county))[:2]
    visitor, now = visitor_of(shell, county), utc_now()
    for number, minutes in enumerate((5, 30, 10)):
        record(shell, visitor, unit, key=bytes([number] * 16), visited_at=now - timedelta(minutes=minutes))
    with shell.database.reading() as session:
        found = visits.visits_of(session, [unit, silent])
    assert [visit.visited_at for visit in found[unit]] == sorted(visit.visited_at for visit in found[unit])
    assert (len(found[unit]), found[silent]) == (3, [])

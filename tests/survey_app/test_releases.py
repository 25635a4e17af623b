"""Reserves are released one at a time, by the rule, with a reason; an answer outweighs."""

from __future__ import annotations

import itertools
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_app.errors import BadInput, NotAllowed, NotFound, WrongState
from survey_app.models import Card, Person, PersonRole, RecordEntry, ReserveRelease, Round, SampleUnit, Visit
from survey_app.services import casting, fieldwork, releases
from survey_app.services.releases import ReleaseAnswer
from survey_app.services.rounds import Actor
from survey_app.services.tokens import card_secrets
from survey_app.services.visits import Visitor
from survey_app.shell import COUNTY_CLOCK, Shell, utc_now
from tests.factories import TOWNSHIPS, CountyFacts, answers, make_county, make_open_round
from tests.survey_app.test_visits import record, unit_ids, visitor_of

REFUSED = ["refused"]
# Monday at ten, Monday at three, Tuesday at seven in the evening.
THREE_VISITS = [(2, 10), (2, 15), (3, 19)]


class Field:
    """A round in the field with an investigator who visits."""

    def __init__(self, shell: Shell, *, rule: str = "supervisor") -> None:
        self.shell = shell
        self.county: CountyFacts = make_county(shell)
        self.round_id = make_open_round(shell, self.county)
        self.visitor: Visitor = visitor_of(shell, self.county)
        self.supervisor = Actor("督导 李", self.county.id)
        with shell.database.transaction() as session:
            opened = datetime(2020, 11, 1, tzinfo=COUNTY_CLOCK)
            session.execute(update(Round).values(release_rule=rule, opened_at=opened))
        self.units = unit_ids(shell, self.round_id)

    def visit(self, unit: int, outcome: str, **changed: Any) -> None:
        record(self.shell, self.visitor, unit, key=secrets.token_bytes(16), outcome=outcome, **changed)

    def visit_at(self, unit: int, times: list[tuple[int, int]], outcome: str = "no_contact") -> None:
        for day, hour in times:
            self.visit(unit, outcome, visited_at=datetime(2020, 11, day, hour, tzinfo=COUNTY_CLOCK))

    def ask(self, unit: int, reason: str = "refused", key: bytes | None = None) -> ReleaseAnswer:
        return releases.ask_release(
            self.shell,
            self.visitor,
            key=key or secrets.token_bytes(16),
            unit_id=unit,
            reason=reason,
            asked_at=utc_now(),
            phone_now=None,
        )

    def decide(self, unit: int, *, approve: bool = True, reason: str = "", by: str = "supervisor") -> ReleaseAnswer:
        with self.shell.database.reading() as session:
            query = select(ReserveRelease.id).where(
                ReserveRelease.failed_unit_id == unit, ReserveRelease.state == "waiting"
            )
            release_id = session.scalars(query).one()
            by_id = session.scalars(select(Person.id).where(Person.name == by)).one()
        return releases.decide_release(
            self.shell, self.supervisor, by_id=by_id, release_id=release_id, approve=approve, reason=reason
        )

    def answer(self, unit: int) -> str:
        with self.shell.database.reading() as session:
            code = session.get_one(Round, self.round_id).code
        token = card_secrets(self.shell.config, round_code=code, unit_id=unit, issue=1).token
        return casting.cast(self.shell, token, answers())

    def listed(self) -> dict[int, fieldwork.ListedUnit]:
        with self.shell.database.reading() as session:
            (_round, units), *_ = fieldwork.assigned_units(session, self.visitor.person_id, self.county.id)
            return {unit.id: unit for unit in units}

    def reserves(self, unit: int) -> list[int]:
        """A main unit's reserves in the order of the draw."""
        with self.shell.database.reading() as session:
            main = session.get_one(SampleUnit, unit)
            query = select(SampleUnit.id).where(
                SampleUnit.draw_id == main.draw_id,
                SampleUnit.township_code == main.township_code,
                SampleUnit.group == main.group,
                SampleUnit.reserve_for == main.unit_code,
            )
            return list(session.scalars(query.order_by(SampleUnit.sequence)))

    def released(self) -> list[ReserveRelease]:
        with self.shell.database.reading() as session:
            return list(session.scalars(select(ReserveRelease).order_by(ReserveRelease.id)))

    def entries(self) -> list[RecordEntry]:
        with self.shell.database.reading() as session:
            return list(session.scalars(select(RecordEntry).order_by(RecordEntry.number.desc())))


def test_a_request_waits_and_names_no_reserve_until_a_supervisor_agrees(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    assert field.ask(unit) == ReleaseAnswer("waiting", None)
    assert not any(listed.role == "reserve" for listed in field.listed().values())
    decided = field.decide(unit, reason="同意")
    assert decided == ReleaseAnswer("approved", field.reserves(unit)[0])
    entry = field.entries()[0]
    assert (entry.action, entry.person, entry.reason) == ("reserve_released", "督导 李", "同意")
    assert json.loads(entry.details)["why"] == "refused"


def test_a_released_reserve_is_listed_has_a_card_and_answers_and_its_unit_is_given_up(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    reserve = field.decide(unit).released_unit_id
    assert reserve is not None
    listed = field.listed()
    assert listed[unit].given_up
    assert (listed[reserve].role, listed[reserve].released) == ("reserve", True)
    field.visit(reserve, "card_left")
    assert field.answer(reserve) == "received"
    assert field.listed()[reserve].answered


def test_reserves_come_in_the_order_of_the_draw_and_then_the_place_stays_empty(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    found, standing = [], unit
    for _ in range(2):
        field.visit(standing, "refused")
        field.ask(standing)
        found.append(standing := field.decide(standing).released_unit_id or 0)
    assert found == field.reserves(unit)
    field.visit(standing, "vacant")
    field.ask(standing, "vacant")
    assert field.decide(standing) == ReleaseAnswer("approved", None)
    assert field.listed()[standing].given_up
    assert field.entries()[0].action == "place_given_up"


def test_a_sealed_reserve_cannot_be_asked_for_out_of_its_order(shell: Shell) -> None:
    field = Field(shell)
    for reserve in field.reserves(field.units[0]):
        with pytest.raises(NotFound):
            field.ask(reserve)
    assert field.released() == []


@pytest.mark.parametrize(
    ("times", "enough"),
    [
        (THREE_VISITS, True),
        ([(2, 10), (2, 15), (3, 17)], False),
        ([(2, 10), (2, 12), (2, 19)], False),
        ([(2, 10), (3, 19)], False),
        ([(6, 10), (6, 15), (7, 9)], True),
    ],
)
def test_nobody_found_needs_three_visits_on_two_local_days_with_an_evening_or_weekend(
    shell: Shell, times: list[tuple[int, int]], enough: bool
) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit_at(unit, times)
    if enough:
        assert field.ask(unit, "no_contact").state == "waiting"
        assert field.decide(unit).state == "approved"
    else:
        with pytest.raises(BadInput, match="visit the unit again"):
            field.ask(unit, "no_contact")
        assert field.released() == []


def test_the_evening_is_the_county_s_and_not_the_server_s(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    # 02:00 in the county is 18:00 of the day before in UTC: late by the server's clock alone, and on one day there.
    field.visit_at(unit, [(3, 2), (3, 10), (4, 11)])
    with pytest.raises(BadInput, match="none of them late"):
        field.ask(unit, "no_contact")


def test_where_the_rule_decides_the_reserve_comes_at_once_and_the_record_names_the_investigator(shell: Shell) -> None:
    field = Field(shell, rule="at_once")
    unit = field.units[0]
    field.visit(unit, "refused")
    assert field.ask(unit) == ReleaseAnswer("approved", field.reserves(unit)[0])
    entry = field.entries()[0]
    assert (entry.action, entry.person) == ("reserve_released", field.visitor.name)
    assert json.loads(entry.details)["rule"] == "at_once"


def test_without_a_visit_that_ended_so_or_with_a_doubtful_clock_a_supervisor_must_look(shell: Shell) -> None:
    field = Field(shell, rule="at_once")
    bare, doubted = field.units[:2]
    assert field.ask(bare, "moved").state == "waiting"
    field.visit_at(doubted, THREE_VISITS[:2])
    off = timedelta(days=400)
    late = datetime(2020, 11, 3, 19, tzinfo=COUNTY_CLOCK)
    field.visit(doubted, "no_contact", visited_at=late + off, phone_now=utc_now() + off)
    assert field.ask(doubted, "no_contact").state == "waiting"
    assert field.decide(doubted).state == "approved"


def test_a_request_sent_again_or_from_a_second_phone_gets_the_answer_of_the_first(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    key = secrets.token_bytes(16)
    asked = [field.ask(unit, key=key), field.ask(unit, key=key), field.ask(unit, "moved")]
    assert {answer.state for answer in asked} == {"waiting"}
    approved = field.decide(unit)
    assert [field.ask(unit, key=key), field.ask(unit, "moved")] == [approved, approved]
    assert [release.reason for release in field.released()] == ["refused"]


def test_a_refused_request_stays_refused_and_another_may_be_made(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    key = secrets.token_bytes(16)
    field.ask(unit, key=key)
    with pytest.raises(BadInput, match="Say why"):
        field.decide(unit, approve=False, reason=" ")
    assert field.decide(unit, approve=False, reason="请晚间再访").state == "refused"
    assert field.entries()[0].reason == "请晚间再访"
    assert field.ask(unit, key=key).state == "refused"
    assert field.ask(unit).state == "waiting"
    assert field.decide(unit).state == "approved"


def test_an_answer_outweighs_a_request_before_and_while_it_waits(shell: Shell) -> None:
    field = Field(shell)
    early, meanwhile = field.units[:2]
    field.answer(early)
    assert field.ask(early) == ReleaseAnswer("void", None)
    field.visit(meanwhile, "refused")
    key = secrets.token_bytes(16)
    field.ask(meanwhile, key=key)
    field.answer(meanwhile)
    assert field.ask(meanwhile, key=key) == ReleaseAnswer("void", None)
    assert field.decide(meanwhile) == ReleaseAnswer("void", None)
    assert [release.state for release in field.released()] == ["void"]
    assert not any(listed.given_up for listed in field.listed().values())


def test_a_reserve_is_not_needed_any_more_once_its_place_has_answered_but_no_answer_is_lost(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    first = field.decide(unit).released_unit_id or 0
    field.visit(first, "refused")
    field.ask(first)
    second = field.decide(first).released_unit_id or 0
    assert field.answer(unit) == "received"
    listed = field.listed()
    assert not listed[unit].given_up
    assert not {first, second} & set(listed)
    assert field.answer(second) == "received"
    assert second in field.listed()


def test_nothing_is_released_twice_when_two_supervisors_decide(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    field.decide(unit)
    release_id = field.released()[0].id
    with pytest.raises(WrongState, match="decided already"):
        releases.decide_release(shell, field.supervisor, by_id=0, release_id=release_id, approve=False, reason="不")
    with shell.database.reading() as session:
        reserves = field.reserves(unit)
        assert len(list(session.scalars(select(Card).where(Card.sample_unit_id.in_(reserves))))) == 1


def test_requests_of_others_units_or_unknown_reasons_or_foreign_counties_are_refused(shell: Shell) -> None:
    field = Field(shell)
    other = make_county(shell, code="359901", prefix="other_")
    unit = field.units[0]
    foreign = unit_ids(shell, field.round_id, township=max(TOWNSHIPS))[0]
    with pytest.raises(NotFound):
        field.ask(foreign)
    with pytest.raises(BadInput, match="no reason"):
        field.ask(unit, "tired")
    field.visit(unit, "refused")
    key = secrets.token_bytes(16)
    field.ask(unit, key=key)
    with pytest.raises(BadInput, match="another request"):
        field.ask(field.units[1], key=key)
    release_id = field.released()[0].id
    with pytest.raises(NotFound):
        releases.decide_release(shell, other.office, by_id=0, release_id=release_id, approve=True, reason="")


@pytest.mark.parametrize("approve", [True, False])
def test_whoever_asked_for_a_reserve_never_decides_on_it_whatever_roles_they_hold(shell: Shell, approve: bool) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    with shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        person.roles.append(PersonRole(role="supervisor"))
    with pytest.raises(NotAllowed, match="somebody else must decide"):
        field.decide(unit, approve=approve, reason="同意", by="investigator")
    assert [release.state for release in field.released()] == ["waiting"]
    assert field.decide(unit).state == "approved"


def test_visits_hold_nothing_that_was_said(sqlite_shell: Shell) -> None:
    columns = {column.name: column.type for column in Visit.__table__.columns}
    free = [name for name, kind in columns.items() if getattr(kind, "length", 0) is None and "String" in repr(kind)]
    assert free == []
    assert not {"answer", "answers", "comment", "note", "token"} & set(columns)
    assert list(itertools.islice(columns, 1)) == ["key"]

"""Open the fieldwork, list the units to visit, and count who has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import (
    AnsweredUnit,
    Assignment,
    Contact,
    FramePsu,
    PastAssignment,
    ReserveRelease,
    Round,
    SampleUnit,
)
from survey_app.models.rounds import KEY_PRINTED, STATE_DRAWN, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.models.visits import RELEASE_APPROVED
from survey_app.services import key_halves, keys
from survey_app.services.cards import issue_cards, refuse_loopback
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, current_draw, get_round, lock_round, require_state
from survey_app.shell import Shell, utc_now


@dataclass(frozen=True)
class ListedUnit:
    """A sample unit with what is needed to find it."""

    id: int
    township_code: str
    group: str
    psu_code: str
    psu: str
    unit_code: str
    role: str
    sequence: int
    hits: int | None
    name: str
    address: str
    phone: str
    answered: bool
    reserve_for: str = ""
    """The code of the main unit that a reserve stands in for."""
    given_up: bool = False
    """Whether it was given up, a reserve taking its place where one was left; an answer outweighs it."""
    released: bool = False
    """Whether it is a reserve that was released."""
    needless: bool = False
    """Whether it is a released reserve of a place in which somebody has answered after all."""


@dataclass(frozen=True)
class Standing:
    """The released reserves of a round, by the keys of units: given up, released, and released but not needed any more."""

    given_up: frozenset[int]
    released: frozenset[int]
    needless: frozenset[int]


def open_fieldwork(shell: Shell, actor: Actor, round_id: int) -> None:
    """Make the ballot box's key and the cards of the main sample, and let answers in."""
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_DRAWN, act_en="open the fieldwork", act_zh="开始调查")
        refuse_loopback(shell.config, round_)
        draw = current_draw(session, round_id)
        assert draw is not None
        units = session.scalars(
            select(SampleUnit)
            .where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
            .order_by(SampleUnit.id)
        ).all()
        issue_cards(session, shell.config, round_, list(units))
        printed = round_.key_holding == KEY_PRINTED
        round_.public_key = (
            key_halves.public_key_of(session, round_) if printed else keys.make_key_pair(shell.config, round_id)
        )
        round_.state = STATE_OPEN
        round_.opened_at = utc_now()
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="fieldwork_opened",
            details={"cards": len(units), "holding": round_.key_holding},
        )


def list_units(session: Session, round_: Round, *, township_code: str | None = None) -> list[ListedUnit]:
    """Return the units of the standing draw, in sample order, with contacts and whether they have answered."""
    draw = current_draw(session, round_.id)
    if draw is None:
        return []
    query = select(SampleUnit).where(SampleUnit.draw_id == draw.id).order_by(SampleUnit.id)
    if township_code is not None:
        query = query.where(SampleUnit.township_code == township_code)
    return listed_units(session, round_, list(session.scalars(query)))


def get_unit(session: Session, county_id: int, unit_id: int) -> tuple[Round, ListedUnit, SampleUnit]:
    """Return a sample unit of this county with its round; a superseded draw's units are gone."""
    unit = session.get(SampleUnit, unit_id)
    if unit is None:
        raise NotFound
    round_ = get_round(session, county_id, unit.round_id)
    draw = current_draw(session, round_.id)
    if draw is None or unit.draw_id != draw.id:
        raise NotFound
    return round_, listed_units(session, round_, [unit])[0], unit


def assigned_units(session: Session, person_id: int, county_id: int) -> list[tuple[Round, list[ListedUnit]]]:
    """Return the units an investigator visits, by open round: the main ones and the released reserves; the others stay sealed."""
    rounds = session.scalars(
        select(Round).where(Round.county_id == county_id, Round.state == STATE_OPEN).order_by(Round.id)
    ).all()
    result = []
    for round_ in rounds:
        assignments = _assignments(session, round_.id, person_id)
        if assignments:
            units = [
                unit
                for township in sorted({assignment.township_code for assignment in assignments})
                for unit in list_units(session, round_, township_code=township)
                if visited(unit) and not unit.needless and covers(assignments, unit)
            ]
            result.append((round_, units))
    return result


def get_assigned_unit(
    session: Session, person_id: int, county_id: int, unit_id: int
) -> tuple[Round, ListedUnit, SampleUnit]:
    """Return a unit that this investigator visits; any other does not exist for them."""
    return _unit_of(session, person_id, county_id, unit_id, None)


def get_unit_visited_at(
    session: Session, person_id: int, county_id: int, unit_id: int, at: datetime
) -> tuple[Round, ListedUnit, SampleUnit]:
    """Return a unit that this investigator visits, or visited at that moment, before it was given to somebody else."""
    return _unit_of(session, person_id, county_id, unit_id, at)


def _unit_of(
    session: Session, person_id: int, county_id: int, unit_id: int, at: datetime | None
) -> tuple[Round, ListedUnit, SampleUnit]:
    round_, listed, unit = get_unit(session, county_id, unit_id)
    theirs: list[Assignment | PastAssignment] = [*_assignments(session, round_.id, person_id)]
    if at is not None:
        theirs += session.scalars(
            select(PastAssignment).where(
                PastAssignment.round_id == round_.id,
                PastAssignment.person_id == person_id,
                PastAssignment.until >= at,
            )
        )
    if not visited(listed) or not covers(theirs, listed):
        raise NotFound
    return round_, listed, unit


def visited(unit: ListedUnit) -> bool:
    """Tell whether a unit is to be known to investigators: a main unit, or a reserve that was released."""
    return unit.role == ROLE_MAIN or unit.released


def standing_releases(session: Session, round_id: int) -> Standing:
    """Return which units of a round were given up, which reserves were released, and which of these are not needed any more."""
    rows = session.execute(
        select(ReserveRelease.failed_unit_id, ReserveRelease.released_unit_id).where(
            ReserveRelease.round_id == round_id, ReserveRelease.state == RELEASE_APPROVED
        )
    ).all()
    failed = {failed_id: released_id for failed_id, released_id in rows}  # noqa: C416 - rows are pairs but typed as rows
    before = {released_id: failed_id for failed_id, released_id in rows if released_id is not None}
    touched = [*failed, *before]
    answered: set[int] = set()
    for start in range(0, len(touched), 500):
        part = touched[start : start + 500]
        answered.update(
            session.scalars(select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.sample_unit_id.in_(part)))
        )

    def needless(unit_id: int) -> bool:
        earlier = before.get(unit_id)
        return earlier is not None and (earlier in answered or needless(earlier))

    return Standing(
        given_up=frozenset(failed) - answered,
        released=frozenset(before),
        needless=frozenset(unit_id for unit_id in before if unit_id not in answered and needless(unit_id)),
    )


def covers(assignments: Sequence[Assignment | PastAssignment], unit: ListedUnit | SampleUnit) -> bool:
    """Tell whether one of the assignments holds the unit; an empty group or PSU code means all of them."""
    return any(
        assignment.township_code == unit.township_code
        and assignment.group in ("", unit.group)
        and assignment.psu_code in ("", unit.psu_code)
        for assignment in assignments
    )


def count_answered(session: Session, round_id: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (units of the main sample, answers that came in, those of reserves with them) by (township code, group)."""
    draw = current_draw(session, round_id)
    if draw is None:
        return {}
    rows = session.execute(
        select(
            SampleUnit.township_code,
            SampleUnit.group,
            func.count(SampleUnit.id).filter(SampleUnit.role == ROLE_MAIN),
            func.count(AnsweredUnit.sample_unit_id),
        )
        .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == SampleUnit.id)
        .where(SampleUnit.draw_id == draw.id)
        .group_by(SampleUnit.township_code, SampleUnit.group)
    )
    return {(township, group): (issued, answered) for township, group, issued, answered in rows}


def count_sample(session: Session, draw_id: int) -> dict[tuple[str, str], dict[str, int]]:
    """Return how many main and reserve units a draw has by (township code, group)."""
    rows = session.execute(
        select(SampleUnit.township_code, SampleUnit.group, SampleUnit.role, func.count(SampleUnit.id))
        .where(SampleUnit.draw_id == draw_id)
        .group_by(SampleUnit.township_code, SampleUnit.group, SampleUnit.role)
    )
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for township, group, role, number in rows:
        counts.setdefault((township, group), {"main": 0, "reserve": 0})[role] = number
    return counts


def psu_names(session: Session, round_id: int) -> dict[str, str]:
    """Return the names of the frame's PSUs, code → name."""
    rows = session.execute(select(FramePsu.psu_code, FramePsu.name).where(FramePsu.round_id == round_id))
    return {code: value for code, value in rows}  # noqa: C416 - rows are pairs but typed as rows


def _assignments(session: Session, round_id: int, person_id: int) -> list[Assignment]:
    return list(
        session.scalars(select(Assignment).where(Assignment.round_id == round_id, Assignment.person_id == person_id))
    )


def listed_units(session: Session, round_: Round, units: list[SampleUnit]) -> list[ListedUnit]:
    """Return these units of a round with what is needed to find them, in the order given."""
    contacts: dict[tuple[str, str, str], Contact] = {}
    answered: set[int] = set()
    for start in range(0, len(units), 300):
        part = units[start : start + 300]
        keys_ = [(unit.township_code, unit.group, unit.unit_code) for unit in part]
        found = session.scalars(
            select(Contact).where(
                Contact.round_id == round_.id,
                tuple_(Contact.township_code, Contact.group, Contact.unit_code).in_(keys_),
            )
        )
        contacts.update({(contact.township_code, contact.group, contact.unit_code): contact for contact in found})
        answered.update(
            session.scalars(
                select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.sample_unit_id.in_([unit.id for unit in part]))
            )
        )
    names = psu_names(session, round_.id)
    standing = standing_releases(session, round_.id)
    return [
        _listed(
            unit, contacts.get((unit.township_code, unit.group, unit.unit_code)), names, unit.id in answered, standing
        )
        for unit in units
    ]


def _listed(
    unit: SampleUnit, contact: Contact | None, names: dict[str, str], answered: bool, standing: Standing
) -> ListedUnit:
    return ListedUnit(
        id=unit.id,
        township_code=unit.township_code,
        group=unit.group,
        psu_code=unit.psu_code,
        psu=names.get(unit.psu_code, ""),
        unit_code=unit.unit_code,
        role=unit.role,
        sequence=unit.sequence,
        hits=unit.hits,
        name=contact.name if contact else "",
        address=contact.address if contact else "",
        phone=contact.phone if contact else "",
        answered=answered,
        reserve_for=unit.reserve_for,
        given_up=unit.id in standing.given_up,
        released=unit.id in standing.released,
        needless=unit.id in standing.needless,
    )

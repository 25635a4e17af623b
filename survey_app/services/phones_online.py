"""
Whose phones may still hold what a round waits for, and when each was last online.

phones_of_round   those of all who visit in the round, or did before their places went to others
phones_of_unit    those of all who visit one unit, or did
phones_of_person  those of one person, whatever rounds they are for

Nothing here tells what lies on a phone: only when it was online, by the quarter of an hour, and when its investigator last recorded a visit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.models import Assignment, Device, PastAssignment, Person, Round, SampleUnit, Visit
from survey_app.services.fieldwork import covers
from survey_app.services.phones import SEEN_STEP, WRONG_PINS
from survey_app.shell import utc_now

LONG_SILENT = timedelta(hours=12)
"""A phone that was not online for so long may hold a day's answers."""


@dataclass(frozen=True)
class PhoneOnline:
    """
    An investigator's phone, or that an investigator has none (``device_id`` is None).

    ``overdue`` where the phone was not online for twelve hours, nor since its investigator's last visit; ``blocked`` where it can send nothing
    until it is enrolled again.
    """

    person_id: int
    name: str
    device_id: int | None
    seen_at: datetime | None
    overdue: bool = False
    blocked: bool = False
    visits_still: bool = True
    """Whether the investigator visits there now; otherwise the places went to others."""

    @property
    def told(self) -> bool:
        """Whether the office should see to this phone first."""
        return self.overdue or self.blocked


def phones_of_round(session: Session, round_: Round, *, now: datetime | None = None) -> list[PhoneOnline]:
    """Return the phones in force of all who visit in a round or did, by name; those without one, too."""
    return _phones(session, round_, _people(session, Assignment, round_), _people(session, PastAssignment, round_), now)


def phones_of_unit(
    session: Session, round_: Round, unit: SampleUnit, *, now: datetime | None = None
) -> list[PhoneOnline]:
    """Return the phones in force of all who visit a unit or did, by name; those without one, too."""
    present = _people(session, Assignment, round_, unit)
    return _phones(session, round_, present, _people(session, PastAssignment, round_, unit), now)


def phones_of_person(session: Session, person_id: int, *, now: datetime | None = None) -> list[PhoneOnline]:
    """Return a person's phones in force; nothing where there is none."""
    person = session.get_one(Person, person_id)
    query = select(Device).where(Device.person_id == person.id, Device.revoked_at.is_(None))
    devices = session.scalars(query.order_by(Device.id)).all()
    last_visit = session.scalar(select(func.max(Visit.visited_at)).where(Visit.person_id == person.id))
    return _phones_of(person, devices, last_visit, True, now or utc_now()) if devices else []


def _people(
    session: Session,
    table: type[Assignment] | type[PastAssignment],
    round_: Round,
    unit: SampleUnit | None = None,
) -> set[int]:
    rows: Iterable[Assignment | PastAssignment] = session.scalars(select(table).where(table.round_id == round_.id))
    return {row.person_id for row in rows if unit is None or covers([row], unit)}


def _phones(
    session: Session, round_: Round, present: set[int], past: set[int], now: datetime | None
) -> list[PhoneOnline]:
    now = now or utc_now()
    people = session.scalars(select(Person).where(Person.id.in_(present | past))).all()
    last_visits = _last_visits(session, round_.id)
    devices: dict[int, list[Device]] = {}
    query = select(Device).where(Device.person_id.in_(present | past), Device.revoked_at.is_(None))
    for device in session.scalars(query.order_by(Device.id)):
        devices.setdefault(device.person_id, []).append(device)
    return [
        phone
        for person in sorted(people, key=lambda person: (person.display_name, person.id))
        for phone in _phones_of(
            person, devices.get(person.id, ()), last_visits.get(person.id), person.id in present, now
        )
    ]


def _phones_of(
    person: Person, devices: Iterable[Device], last_visit: datetime | None, visits_still: bool, now: datetime
) -> list[PhoneOnline]:
    return [
        PhoneOnline(
            person_id=person.id,
            name=person.display_name,
            device_id=device.id,
            seen_at=device.seen_at,
            overdue=_overdue(device.seen_at, last_visit, now),
            blocked=device.wrong_pins >= WRONG_PINS,
            visits_still=visits_still,
        )
        for device in devices
    ] or [PhoneOnline(person.id, person.display_name, None, None, visits_still=visits_still)]


def _overdue(seen_at: datetime | None, last_visit: datetime | None, now: datetime) -> bool:
    if seen_at is None or now - seen_at > LONG_SILENT:
        return True
    return last_visit is not None and seen_at + SEEN_STEP <= last_visit


def _last_visits(session: Session, round_id: int) -> dict[int, datetime]:
    rows = session.execute(
        select(Visit.person_id, func.max(Visit.visited_at)).where(Visit.round_id == round_id).group_by(Visit.person_id)
    )
    return {person_id: last for person_id, last in rows}  # noqa: C416 - rows are pairs but typed as rows

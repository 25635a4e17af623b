"""
Visits as investigators' phones send them: kept once each, their time put right by the server's clock.

record_visit   keep a visit
visits_of      the visits of some units, in the order in which they took place
put_right      a phone's time by the server's clock

A visit says how it ended, by the field's standard codes, and who else was there; never how or what someone answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sampling import SamplingError
from survey_app.errors import BadInput
from survey_app.models import Round, Visit
from survey_app.models.rounds import STATE_OPEN
from survey_app.services.fieldwork import get_unit_visited_at
from survey_app.services.rounds import require_state
from survey_app.shell import Shell, utc_now

KEY_LENGTH = 16
CLOCK_PATIENCE = timedelta(days=1)
"""A phone whose clock is further off than this tells no time that can be relied on."""
AHEAD = timedelta(minutes=5)
"""So much later than now may a visit seem to be: clocks are not set to the second."""
OTHERS = {
    "none": ("nobody else", "无他人在场"),
    "guide": ("the village guide", "村里带路人在场"),
    "official": ("a township or village official", "乡镇或村干部在场"),
    "family": ("family", "家人在场"),
    "neighbour": ("a neighbour", "邻居在场"),
}
"""Who else was present at a visit: code → English, Chinese."""


@dataclass(frozen=True)
class Visitor:
    """The investigator who visits."""

    person_id: int
    name: str
    county_id: int


@dataclass(frozen=True)
class VisitKept:
    """A visit as it is kept; ``again`` where it had been kept before and this sending changed nothing."""

    unit_id: int
    outcome: str
    visited_at: datetime
    others_present: str
    appointment_at: datetime | None
    clock_doubtful: bool
    again: bool


def record_visit(
    shell: Shell,
    visitor: Visitor,
    *,
    key: bytes,
    unit_id: int,
    outcome: str,
    visited_at: datetime,
    others_present: str,
    appointment_at: datetime | None,
    phone_now: datetime | None,
    clock_moved: bool = False,
) -> VisitKept:
    """
    Keep a visit. The same key sent twice is kept once, and the second sending is told what the first said.

    Parameters
    ----------
    key : bytes
        16 random bytes that the phone made when the visit was recorded.
    visited_at : datetime
        By the phone's clock.
    appointment_at : datetime, optional
        When to come again, as agreed.
    phone_now : datetime, optional
        What the phone's clock says at sending; ``visited_at`` is moved by how far it is from the server's.
    clock_moved : bool
        Whether the phone's clock was put back between the visit and the sending, so that the time is doubtful whatever it says now.

    Raises
    ------
    NotFound
        If the unit was another investigator's at the time of the visit, or is a reserve that is still sealed.
    WrongState
        If the round is not in the field.
    BadInput
        If the outcome or who was present is unknown, the visit lies in the future, or the key belongs to another visit.
    """
    check_key(key)
    _check_codes(outcome, others_present)
    now = utc_now()
    at, off = put_right(visited_at, phone_now, now)
    _check_appointment(appointment_at, min(at, visited_at))  # agreed on by the one clock or the other
    try:
        with shell.database.transaction() as session:
            if (known := session.get(Visit, key)) is not None:
                return _kept_before(known, visitor, unit_id)
            round_, _listed, _unit = get_unit_visited_at(session, visitor.person_id, visitor.county_id, unit_id, at)
            _hold_open(session, round_)
            visit = Visit(
                key=key,
                round_id=round_.id,
                sample_unit_id=unit_id,
                person_id=visitor.person_id,
                visited_at=at,
                received_at=now,
                outcome=outcome,
                others_present=others_present,
                appointment_at=appointment_at,
                clock_doubtful=clock_moved
                or off > CLOCK_PATIENCE
                or (round_.opened_at is not None and at < round_.opened_at),
            )
            session.add(visit)
            session.flush()
            return _kept(visit, again=False)
    except IntegrityError:
        # The same visit came by another connection in the same moment.
        with shell.database.reading() as session:
            return _kept_before(session.get_one(Visit, key), visitor, unit_id)


def visits_of(session: Session, unit_ids: Iterable[int]) -> dict[int, list[Visit]]:
    """Return the visits of these units, in the order in which they took place."""
    ids = list(unit_ids)
    found: dict[int, list[Visit]] = {unit_id: [] for unit_id in ids}
    for start in range(0, len(ids), 500):
        query = select(Visit).where(Visit.sample_unit_id.in_(ids[start : start + 500]))
        for visit in session.scalars(query.order_by(Visit.visited_at, Visit.key)):
            found[visit.sample_unit_id].append(visit)
    return found


def put_right(at: datetime, phone_now: datetime | None, now: datetime) -> tuple[datetime, timedelta]:
    """
    Return a phone's time as the server's clock would have told it, and how far the two clocks were apart.

    Raises
    ------
    BadInput
        If a time has no zone, or lies more than five minutes in the future after it was put right.
    """
    if at.tzinfo is None or (phone_now is not None and phone_now.tzinfo is None):
        raise BadInput(
            en="Expected times with their zone, such as 2026-11-23T18:30:00+08:00; send them so.",
            zh="时间应带时区，如 2026-11-23T18:30:00+08:00；请按此发送。",
        )
    try:
        off = timedelta() if phone_now is None else now - phone_now
        right = at + off
    except OverflowError:
        right, off = now + 2 * AHEAD, timedelta()
    if right > now + AHEAD:
        raise BadInput(
            en="The time lies in the future; expected one up to now. Check the phone's clock and date.",
            zh="时间在将来；应不晚于现在。请检查手机的日期和时间。",
        )
    return right, abs(off)


def check_key(key: bytes) -> None:
    """Refuse what is no key of sixteen bytes."""
    if len(key) != KEY_LENGTH:
        raise BadInput(
            en=f"Expected a key of {KEY_LENGTH} bytes, got {len(key)}; make one of random bytes.",
            zh=f"标识应为 {KEY_LENGTH} 字节，实为 {len(key)} 字节；请用随机字节生成。",
        )


def _check_codes(outcome: str, others_present: str) -> None:
    from sampling.fieldwork.dispositions import check_outcome

    try:
        check_outcome(outcome)
    except SamplingError as error:
        raise BadInput(en=error.en, zh=error.zh) from error
    if others_present not in OTHERS:
        raise BadInput(
            en=f"Nobody is known as {others_present[:40]!r} to be present; known are {', '.join(OTHERS)}.",
            zh=f"没有在场情况“{others_present[:40]}”；现有 {'、'.join(OTHERS)}。",
        )


def _check_appointment(appointment_at: datetime | None, visited_at: datetime) -> None:
    if appointment_at is None:
        return
    if appointment_at.tzinfo is None or appointment_at < visited_at:
        raise BadInput(
            en="The appointment lies before the visit or has no time zone; expected a later time, enter it again.",
            zh="约定时间早于本次访问，或没有时区；应为之后的时间，请重新填写。",
        )


def _hold_open(session: Session, round_: Round) -> None:
    """Refuse unless the round is in the field, and keep it there until this transaction ends."""
    session.refresh(round_, with_for_update={"read": True})
    require_state(round_, STATE_OPEN, act_en="record visits", act_zh="记录访问")


def _kept_before(visit: Visit, visitor: Visitor, unit_id: int) -> VisitKept:
    if (visit.person_id, visit.sample_unit_id) != (visitor.person_id, unit_id):
        raise BadInput(
            en="This key belongs to another visit; make a new one for each visit.",
            zh="该标识已属于另一次访问；每次访问须用新的标识。",
        )
    return _kept(visit, again=True)


def _kept(visit: Visit, *, again: bool) -> VisitKept:
    return VisitKept(
        unit_id=visit.sample_unit_id,
        outcome=visit.outcome,
        visited_at=visit.visited_at,
        others_present=visit.others_present,
        appointment_at=visit.appointment_at,
        clock_doubtful=visit.clock_doubtful,
        again=again,
    )

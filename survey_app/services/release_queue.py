"""The supervisor's queue: which units are to be given up, with their visits and what the rule says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput
from survey_app.models import AnsweredUnit, Person, ReserveRelease, Round, SampleUnit, Visit
from survey_app.models.rounds import RELEASE_AT_ONCE, RELEASE_BY_SUPERVISOR, STATE_CLOSED
from survey_app.models.samples import ROLE_MAIN
from survey_app.models.visits import RELEASE_APPROVED, RELEASE_WAITING
from survey_app.services.fieldwork import ListedUnit, listed_units
from survey_app.services.record import append_entry
from survey_app.services.releases import RuleCheck, rule_check
from survey_app.services.rounds import Actor, current_draw, lock_round
from survey_app.services.visits import visits_of
from survey_app.shell import Shell


@dataclass(frozen=True)
class QueuedRelease:
    """A request with what a supervisor needs to decide it."""

    id: int
    unit: ListedUnit
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    visits: tuple[Visit, ...]
    check: RuleCheck
    released: ListedUnit | None
    decided_by: str | None
    decided_at: datetime | None
    decision: str


def count_waiting(session: Session, round_id: int) -> int:
    """Return how many requests wait; those whose unit has answered wait no more."""
    query = (
        select(func.count())
        .select_from(ReserveRelease)
        .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == ReserveRelease.failed_unit_id)
        .where(
            ReserveRelease.round_id == round_id,
            ReserveRelease.state == RELEASE_WAITING,
            AnsweredUnit.sample_unit_id.is_(None),
        )
    )
    return session.scalar(query) or 0


def list_releases(session: Session, round_: Round, *, waiting: bool, limit: int = 200) -> list[QueuedRelease]:
    """Return the requests that wait, oldest first, or those that were decided, newest first."""
    query = select(ReserveRelease).where(
        ReserveRelease.round_id == round_.id,
        (ReserveRelease.state == RELEASE_WAITING) if waiting else (ReserveRelease.state != RELEASE_WAITING),
    )
    order = ReserveRelease.id if waiting else ReserveRelease.decided_at.desc()
    rows = session.scalars(query.order_by(order).limit(limit)).all()
    wanted = {row.failed_unit_id for row in rows} | {row.released_unit_id for row in rows if row.released_unit_id}
    units = list(session.scalars(select(SampleUnit).where(SampleUnit.id.in_(wanted)).order_by(SampleUnit.id)))
    listed = {unit.id: unit for unit in listed_units(session, round_, units)}
    visits = visits_of(session, {row.failed_unit_id for row in rows})
    people = select(Person).where(Person.id.in_({row.asked_by_id for row in rows}))
    names = {person.id: person.display_name for person in session.scalars(people)}
    return [
        QueuedRelease(
            id=row.id,
            unit=listed[row.failed_unit_id],
            reason=row.reason,
            state=row.state,
            asked_by=names.get(row.asked_by_id, ""),
            asked_at=row.asked_at,
            visits=tuple(visits[row.failed_unit_id]),
            check=rule_check(row.reason, visits[row.failed_unit_id]),
            released=listed.get(row.released_unit_id or 0),
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            decision=row.decision,
        )
        for row in rows
    ]


def replaced_share(session: Session, round_: Round) -> tuple[int, int]:
    """Return how many main units were given up, and how many there are."""
    draw = current_draw(session, round_.id)
    if draw is None:
        return 0, 0
    mains = (
        select(func.count()).select_from(SampleUnit).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
    )
    given_up = mains.join(ReserveRelease, ReserveRelease.failed_unit_id == SampleUnit.id).where(
        ReserveRelease.state == RELEASE_APPROVED
    )
    return session.scalar(given_up) or 0, session.scalar(mains) or 0


def set_release_rule(shell: Shell, actor: Actor, round_id: int, rule: str) -> None:
    """
    Say who decides on releases from now on: a supervisor on each, or the rule alone.

    Raises
    ------
    BadInput
        If there is no such rule, or the round is closed.
    """
    if rule not in (RELEASE_BY_SUPERVISOR, RELEASE_AT_ONCE):
        raise BadInput(
            en=f"Expected {RELEASE_BY_SUPERVISOR} or {RELEASE_AT_ONCE}, got {rule[:40]!r}; nothing was stored. "
            "Choose who decides: a supervisor, or the rule alone.",
            zh=f"应为 {RELEASE_BY_SUPERVISOR} 或 {RELEASE_AT_ONCE}，实为“{rule[:40]}”；未作保存。请选择由督导员审批，或按规则直接启用。",
        )
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        if round_.state == STATE_CLOSED:
            raise BadInput(
                en="The round is closed; no reserve is released any more.", zh="本轮已关闭，不再启用备用样本。"
            )
        if round_.release_rule == rule:
            return
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="release_rule_set",
            details={"rule": rule, "before": round_.release_rule},
        )
        round_.release_rule = rule

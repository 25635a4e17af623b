"""
Reserves take the place of units that are given up: asked for by investigators, decided by a supervisor or by the round's rule.

ask_release      ask that a unit be given up
decide_release   the supervisor's word on it
rule_check       whether a unit's visits suffice for a reason, and for a decision without a supervisor

The first request for a unit stands. An answer outweighs a request: once the unit has answered there is nothing to give up, and a reserve
that was released and has not answered is not needed any more. No answer is ever thrown away: where both answered, both count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sampling import SamplingError
from survey_app.errors import BadInput, NotAllowed, NotFound, WrongState
from survey_app.models import AnsweredUnit, ReserveRelease, Round, SampleUnit, Visit
from survey_app.models.rounds import RELEASE_AT_ONCE, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.models.visits import RELEASE_APPROVED, RELEASE_REFUSED, RELEASE_VOID, RELEASE_WAITING
from survey_app.services.cards import issue_cards
from survey_app.services.fieldwork import get_assigned_unit
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, lock_round, require_state
from survey_app.services.visits import Visitor, check_key, put_right, visits_of
from survey_app.shell import COUNTY_CLOCK, Shell, utc_now

if TYPE_CHECKING:
    from sampling import ReserveBook


@dataclass(frozen=True)
class ReleaseAnswer:
    """What became of a request: ``waiting``, ``approved``, ``refused`` or ``void`` (the unit has answered), and the reserve, where one was left."""

    state: str
    released_unit_id: int | None


@dataclass(frozen=True)
class RuleCheck:
    """
    What the rule says of a unit's visits.

    ``refusal`` (English, Chinese) says what is lacking; ``doubts`` what a supervisor should look at before agreeing.
    """

    refusal: tuple[str, str] | None
    doubts: tuple[tuple[str, str], ...]


def ask_release(
    shell: Shell,
    visitor: Visitor,
    *,
    key: bytes,
    unit_id: int,
    reason: str,
    asked_at: datetime,
    phone_now: datetime | None,
) -> ReleaseAnswer:
    """
    Ask that a unit be given up and its next reserve released. The same key, or a unit asked for before, gets the answer of the first request.

    Raises
    ------
    NotFound
        If the unit is another investigator's, or a reserve that is still sealed.
    WrongState
        If the round is not in the field.
    BadInput
        If the reason is unknown, the visits do not suffice for it, the time lies in the future, or the key belongs to another request.
    """
    check_key(key)
    _check_reason(reason)
    at, _off = put_right(asked_at, phone_now, utc_now())
    with shell.database.transaction() as session:
        if (known := session.scalars(select(ReserveRelease).where(ReserveRelease.key == key)).first()) is not None:
            return _known_answer(session, known, visitor, unit_id)
        round_, _listed, unit = get_assigned_unit(session, visitor.person_id, visitor.county_id, unit_id)
        # Answers wait for this lock: none comes in between the look and the release.
        lock_round(session, visitor.county_id, round_.id)
        session.refresh(round_)
        require_state(round_, STATE_OPEN, act_en="release reserves", act_zh="启用备用样本")
        if session.get(AnsweredUnit, unit_id) is not None:
            return ReleaseAnswer(RELEASE_VOID, None)
        if (standing := _standing(session, unit_id)) is not None:
            return _answer(session, standing)
        check = rule_check(reason, visits_of(session, [unit_id])[unit_id])
        if check.refusal is not None:
            raise BadInput(en=check.refusal[0], zh=check.refusal[1])
        release = ReserveRelease(
            key=key,
            round_id=round_.id,
            failed_unit_id=unit_id,
            reason=reason,
            state=RELEASE_WAITING,
            asked_by_id=visitor.person_id,
            asked_at=at,
        )
        session.add(release)
        if round_.release_rule == RELEASE_AT_ONCE and not check.doubts:
            _release(session, shell, round_, release, unit, person=visitor.name, said="")
        session.flush()
        return _answer(session, release)


def round_of(session: Session, county_id: int, release_id: int) -> Round:
    """Return the round of a request of this county; another county's does not exist for it."""
    found = session.get(ReserveRelease, release_id)
    if found is None:
        raise NotFound
    return get_round(session, county_id, found.round_id)


def decide_release(
    shell: Shell, actor: Actor, *, by_id: int, release_id: int, approve: bool, reason: str
) -> ReleaseAnswer:
    """
    Agree to a waiting request or refuse it; a refusal needs a reason. Where the unit has answered meanwhile the request is void, whatever is said.

    Raises
    ------
    NotFound
        If there is no such request in the county.
    NotAllowed
        If the decider is the one who asked, whatever roles they hold.
    WrongState
        If it has been decided already, or the round is not in the field.
    BadInput
        If a refusal has no reason.
    """
    said = reason.strip()
    with shell.database.transaction() as session:
        release = session.get(ReserveRelease, release_id)
        if release is None:
            raise NotFound
        round_ = lock_round(session, actor.county_id, release.round_id)
        session.refresh(release)
        if release.asked_by_id == by_id:
            raise NotAllowed(
                en="You asked for this reserve yourself; somebody else must decide. Nothing has changed.",
                zh="这是您本人提出的申请，须由他人审批，未作更改。",
            )
        require_state(round_, STATE_OPEN, act_en="release reserves", act_zh="启用备用样本")
        if release.state != RELEASE_WAITING:
            raise WrongState(
                en=f"This request was decided already, by {release.decided_by}; nothing has changed.",
                zh=f"该申请已由{release.decided_by}处理，未作更改。",
            )
        unit = session.get_one(SampleUnit, release.failed_unit_id)
        if session.get(AnsweredUnit, unit.id) is not None:
            _settle(release, RELEASE_VOID, person=actor.name, said=said)
        elif approve:
            _release(session, shell, round_, release, unit, person=actor.name, said=said)
        else:
            _refuse(session, round_, release, unit, person=actor.name, said=said)
        session.flush()
        return _answer(session, release)


def rule_check(reason: str, visits: Sequence[Visit]) -> RuleCheck:
    """
    Tell whether the visits suffice for a reason, by the clocks of the county.

    All visits count; but where the rule holds only with one whose time is doubtful, or no visit ended with the reason given, a supervisor
    must look, whatever the round's rule says.
    """
    from sampling.fieldwork.release_reasons import check_visits

    try:
        check_visits(reason, local_times(visits))
    except SamplingError as error:
        return RuleCheck((error.en, error.zh), ())
    doubts = []
    try:
        check_visits(reason, local_times(visit for visit in visits if not visit.clock_doubtful))
    except SamplingError:
        doubts.append(
            (
                "The rule holds only with visits whose time is doubtful: the phone's clock was wrong.",
                "须计入时间存疑的访问才符合规则：当时手机时钟不准。",
            )
        )
    if reason != "no_contact" and reason not in {visit.outcome for visit in visits}:
        doubts.append(("No visit on record ended with this reason.", "没有一次访问的结果是这一原因。"))
    return RuleCheck(None, tuple(doubts))


def local_times(visits: Iterable[Visit]) -> list[datetime]:
    """Return when visits took place, by the clocks of the county and without a zone, as the rule reads them."""
    return [visit.visited_at.astimezone(COUNTY_CLOCK).replace(tzinfo=None) for visit in visits]


def _check_reason(reason: str) -> None:
    from sampling.fieldwork.release_reasons import check_reason

    try:
        check_reason(reason)
    except SamplingError as error:
        raise BadInput(en=error.en, zh=error.zh) from error


def _known_answer(session: Session, release: ReserveRelease, visitor: Visitor, unit_id: int) -> ReleaseAnswer:
    if (release.asked_by_id, release.failed_unit_id) != (visitor.person_id, unit_id):
        raise BadInput(
            en="This key belongs to another request; make a new one for each request.",
            zh="该标识已属于另一项申请；每项申请须用新的标识。",
        )
    return _answer(session, release)


def _answer(session: Session, release: ReserveRelease) -> ReleaseAnswer:
    """What a request has come to; one that waits is void once its unit has answered."""
    if release.state == RELEASE_WAITING and session.get(AnsweredUnit, release.failed_unit_id) is not None:
        return ReleaseAnswer(RELEASE_VOID, None)
    return ReleaseAnswer(release.state, release.released_unit_id)


def _standing(session: Session, unit_id: int) -> ReserveRelease | None:
    query = select(ReserveRelease).where(
        ReserveRelease.failed_unit_id == unit_id, ReserveRelease.state != RELEASE_REFUSED
    )
    return session.scalars(query).first()


def _settle(release: ReserveRelease, state: str, *, person: str, said: str) -> None:
    release.state, release.decided_by, release.decided_at, release.decision = state, person, utc_now(), said


def _refuse(
    session: Session, round_: Round, release: ReserveRelease, unit: SampleUnit, *, person: str, said: str
) -> None:
    if not said:
        raise BadInput(
            en="Say why the request is refused; the investigator sees it.", zh="请说明不同意的理由，调查员会看到。"
        )
    _settle(release, RELEASE_REFUSED, person=person, said=said)
    append_entry(
        session,
        county_id=round_.county_id,
        round_id=round_.id,
        person=person,
        action="release_refused",
        details=_facts(unit) | {"why": release.reason},
        reason=said,
    )


def _release(
    session: Session,
    shell: Shell,
    round_: Round,
    release: ReserveRelease,
    failed: SampleUnit,
    *,
    person: str,
    said: str,
) -> None:
    """Release the next reserve for a unit that is given up, with its card; where none is left its place stays empty."""
    from sampling import REASONS

    reserve = _next_reserve(session, failed, release.reason)
    if reserve is not None:
        issue_cards(session, shell.config, round_, [reserve])
        release.released_unit_id = reserve.id
    _settle(release, RELEASE_APPROVED, person=person, said=said)
    append_entry(
        session,
        county_id=round_.county_id,
        round_id=round_.id,
        person=person,
        action="reserve_released" if reserve is not None else "place_given_up",
        details=_facts(failed)
        | {"why": release.reason, "rule": round_.release_rule}
        | ({"reserve": reserve.sequence} if reserve is not None else {}),
        reason=said or REASONS[release.reason].zh,
    )


def _facts(unit: SampleUnit) -> dict[str, str | int]:
    return {"township": unit.township_code, "group": unit.group, "role": unit.role, "sequence": unit.sequence}


def _next_reserve(session: Session, failed: SampleUnit, reason: str) -> SampleUnit | None:
    """The next reserve of a unit's place by the order of the draw, None where none is left."""
    units = _place(session, failed)
    book, by_code = _book(units), {unit.unit_code: unit for unit in units}
    visits = visits_of(session, [unit.id for unit in units])
    try:
        for earlier, opened, why in _chain(session, units):
            book.repeat(
                *(failed.township_code, failed.group, earlier.unit_code),
                released=opened.unit_code if opened else "",
                reason=why,
                visits=local_times(visits[earlier.id]),
            )
        place = (failed.township_code, failed.group, failed.unit_code)
        main = failed.unit_code if failed.role == ROLE_MAIN else failed.reserve_for
        facts = {"reason": reason, "visits": local_times(visits[failed.id])}
        if not book.left(failed.township_code, failed.group, main):
            book.give_up(*place, **facts)  # type: ignore[arg-type]
            return None
        return by_code[book.release(*place, **facts).released.unit_code]  # type: ignore[arg-type]
    except SamplingError as error:
        raise BadInput(en=error.en, zh=error.zh) from error


def _place(session: Session, unit: SampleUnit) -> list[SampleUnit]:
    """A main unit and its reserves, whichever of them was given."""
    main = unit.unit_code if unit.role == ROLE_MAIN else unit.reserve_for
    query = select(SampleUnit).where(
        SampleUnit.draw_id == unit.draw_id,
        SampleUnit.township_code == unit.township_code,
        SampleUnit.group == unit.group,
        or_((SampleUnit.role == ROLE_MAIN) & (SampleUnit.unit_code == main), SampleUnit.reserve_for == main),
    )
    return list(session.scalars(query.order_by(SampleUnit.id)))


def _book(units: list[SampleUnit]) -> ReserveBook:
    import pandas as pd

    from sampling import ReserveBook

    columns = ["township_code", "group", "psu_code", "unit_code", "role", "sequence", "reserve_for"]
    return ReserveBook(pd.DataFrame([[getattr(unit, name) for name in columns] for unit in units], columns=columns))


def _chain(session: Session, units: list[SampleUnit]) -> list[tuple[SampleUnit, SampleUnit | None, str]]:
    """The releases of a place so far, in their order: the unit given up, the reserve (None where none was left), and why."""
    by_id = {unit.id: unit for unit in units}
    query = select(ReserveRelease).where(
        ReserveRelease.failed_unit_id.in_(by_id), ReserveRelease.state == RELEASE_APPROVED
    )
    return [
        (by_id[row.failed_unit_id], by_id.get(row.released_unit_id or 0), row.reason)
        for row in session.scalars(query.order_by(ReserveRelease.decided_at, ReserveRelease.id))
    ]

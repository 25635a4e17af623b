"""
Call-backs: one completed unit in ten is asked again whether it was visited; never how or what it answered.

The tenth of the sample's places is fixed by the draw's seed (sampling/fieldwork/callbacks.py). A batch takes those of it that have answered
since the last one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import AnsweredUnit, Assignment, Callback, Person, Round, SampleUnit, Visit
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.services.assigning import holds, place_of
from survey_app.services.fieldwork import ListedUnit, listed_units
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, current_draw, get_round, lock_round, require_state
from survey_app.shell import Shell, utc_now

CONFIRMED, NOT_VISITED, WRONG_PERSON, NOT_REACHED = "confirmed", "not_visited", "wrong_person", "not_reached"
RESULTS = (CONFIRMED, NOT_VISITED, WRONG_PERSON, NOT_REACHED)
ACT = {"act_en": "do call-backs", "act_zh": "开展回访"}


class NobodyNew(WrongState):
    """Nobody of the tenth is to be asked who was not asked for before: there is nothing to do, and nothing is wrong."""


@dataclass(frozen=True)
class KnownCallback:
    """A unit to be asked again, with what is needed to reach it."""

    id: int
    batch: int
    unit: ListedUnit
    result: str | None
    done_by: str | None
    done_at: datetime | None
    person_id: int | None
    """Who visited it last, else who holds it."""


@dataclass(frozen=True)
class CallbackFigures:
    """What the call-backs of one investigator's units came to."""

    drawn: int
    results: dict[str, int]

    @property
    def reached(self) -> int:
        """How many were reached."""
        return sum(self.results.values()) - self.results[NOT_REACHED]

    @property
    def denied(self) -> int:
        """How many were not visited, or somebody else was."""
        return self.results[NOT_VISITED] + self.results[WRONG_PERSON]


def draw_batch(shell: Shell, actor: Actor, round_id: int) -> int:
    """
    Take the units of the tenth that have answered since the last batch; return how many.

    Raises
    ------
    NobodyNew
        If none has answered since.
    WrongState
        If the round is neither in the field nor closed.
    """
    from sampling.fieldwork.callbacks import PROTOCOL

    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, STATE_CLOSED, **ACT)
        _label, units = _tenth(session, round_)
        known = set(session.scalars(select(Callback.sample_unit_id).where(Callback.round_id == round_id)))
        answered = set(session.scalars(select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.round_id == round_id)))
        fresh = [unit for unit in units if unit.id in answered and unit.id not in known]
        if not fresh:
            raise _nobody_new(first=not known)
        batch = (session.scalar(select(func.max(Callback.batch)).where(Callback.round_id == round_id)) or 0) + 1
        now = utc_now()
        session.add_all(
            Callback(round_id=round_id, sample_unit_id=unit.id, batch=batch, drawn_at=now) for unit in fresh
        )
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="callbacks_drawn",
            # Not the label: it holds the seed, which stays within the survey team until the round closes.
            details={"protocol": PROTOCOL, "batch": batch, "units": len(fresh)},
        )
        return len(fresh)


def _nobody_new(*, first: bool) -> NobodyNew:
    if first:
        return NobodyNew(
            en="Nobody of the tenth has answered yet, so there is nobody to call back; come again when more have answered.",
            zh="抽中回访的户（人）还没有一户作答，现在没有可回访的；请等更多人作答后再来。",
        )
    return NobodyNew(
        en="Nobody of the tenth has answered since the last batch, so there is nobody new to call back; come again later.",
        zh="上一批之后，抽中回访的户（人）没有新的作答，现在没有可新增的回访；请稍后再来。",
    )


def round_of(session: Session, county_id: int, callback_id: int) -> Round:
    """Return the round of a call-back of this county; another county's does not exist for it."""
    found = session.get(Callback, callback_id)
    if found is None:
        raise NotFound
    return get_round(session, county_id, found.round_id)


def set_result(shell: Shell, actor: Actor, callback_id: int, result: str) -> int:
    """
    Keep what a call-back came to; return the round. It may be corrected, the record keeps both.

    Raises
    ------
    BadInput
        If there is no such result.
    NotFound
        If the call-back is another county's.
    """
    if result not in RESULTS:
        raise BadInput(
            en=f"Expected one of the results {', '.join(RESULTS)}, got {result[:40]!r}; nothing was stored. Choose one of the list.",
            zh=f"回访结果应为 {'、'.join(RESULTS)} 之一，实为“{result[:40]}”；未作保存。请从列表中选择。",
        )
    with shell.database.transaction() as session:
        callback = session.get(Callback, callback_id)
        if callback is None:
            raise NotFound
        round_ = lock_round(session, actor.county_id, callback.round_id)
        session.refresh(callback)
        require_state(round_, STATE_OPEN, STATE_CLOSED, **ACT)
        if callback.result == result:
            return round_.id
        unit = session.get_one(SampleUnit, callback.sample_unit_id)
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_.id,
            person=actor.name,
            action="callback_result",
            details={
                "township": unit.township_code,
                "group": unit.group,
                "role": unit.role,
                "sequence": unit.sequence,
                "result": result,
                "before": callback.result or "",
            },
        )
        callback.result, callback.done_by, callback.done_at = result, actor.name, utc_now()
        return round_.id


def list_callbacks(session: Session, round_: Round) -> list[KnownCallback]:
    """Return a round's call-backs, the newest batch first, each batch in sample order."""
    rows = session.scalars(
        select(Callback).where(Callback.round_id == round_.id).order_by(Callback.batch.desc(), Callback.sample_unit_id)
    ).all()
    units = {
        unit.id: unit
        for unit in session.scalars(select(SampleUnit).where(SampleUnit.id.in_([row.sample_unit_id for row in rows])))
    }
    listed = {unit.id: unit for unit in listed_units(session, round_, list(units.values()))}
    visitors = _visitors(session, round_, list(units.values()))
    return [
        KnownCallback(
            id=row.id,
            batch=row.batch,
            unit=listed[row.sample_unit_id],
            result=row.result,
            done_by=row.done_by,
            done_at=row.done_at,
            person_id=visitors.get(row.sample_unit_id),
        )
        for row in rows
    ]


def figures_by_person(callbacks: list[KnownCallback]) -> dict[int | None, CallbackFigures]:
    """Return what the call-backs came to by investigator, None where nobody visited or holds the unit."""
    drawn = Counter(each.person_id for each in callbacks)
    done = Counter((each.person_id, each.result) for each in callbacks)
    return {
        person_id: CallbackFigures(number, {result: done[person_id, result] for result in RESULTS})
        for person_id, number in drawn.items()
    }


def people_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Return the names of people as pages show them."""
    return {person.id: person.display_name for person in session.scalars(select(Person).where(Person.id.in_(ids)))}


def label_of(session: Session, round_: Round) -> tuple[str, int, int]:
    """Return the public sentence of the tenth, how many main units there are, and how many of them are in it."""
    label, units = _tenth(session, round_)
    return label, _main_count(session, round_), sum(unit.role == ROLE_MAIN for unit in units)


def _main_count(session: Session, round_: Round) -> int:
    draw = current_draw(session, round_.id)
    assert draw is not None
    return (
        session.scalar(
            select(func.count())
            .select_from(SampleUnit)
            .where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
        )
        or 0
    )


def _tenth(session: Session, round_: Round) -> tuple[str, list[SampleUnit]]:
    """The sentence, and the units of the tenth in sample order: the chosen main units, and all reserves of these."""
    from sampling.fieldwork.callbacks import callback_label, callback_positions

    draw = current_draw(session, round_.id)
    if draw is None:
        raise WrongState(en="There is no sample yet; draw it first.", zh="尚未抽样；请先抽取样本。")
    units = list(session.scalars(select(SampleUnit).where(SampleUnit.draw_id == draw.id).order_by(SampleUnit.id)))
    mains = [unit for unit in units if unit.role == ROLE_MAIN]
    chosen = {
        (mains[position].township_code, mains[position].group, mains[position].unit_code)
        for position in callback_positions(draw.seed, round_.code, len(mains))
    }
    return callback_label(draw.seed, round_.code), [
        unit
        for unit in units
        if (unit.township_code, unit.group, unit.unit_code if unit.role == ROLE_MAIN else unit.reserve_for) in chosen
    ]


def _visitors(session: Session, round_: Round, units: list[SampleUnit]) -> dict[int, int]:
    """Who visited each unit last, else who holds it."""
    assignments = list(
        session.scalars(select(Assignment).where(Assignment.round_id == round_.id).order_by(Assignment.id))
    )
    found = {
        unit.id: assignment.person_id
        for unit in units
        for assignment in reversed(assignments)
        if holds(assignment, place_of(unit))
    }
    visits = select(Visit.sample_unit_id, Visit.person_id).where(Visit.round_id == round_.id).order_by(Visit.visited_at)
    wanted = {unit.id for unit in units}
    found |= {unit_id: person_id for unit_id, person_id in session.execute(visits) if unit_id in wanted}
    return found

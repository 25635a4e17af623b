"""
Signals of how each investigator works, from visits, releases and call-backs alone: never from an answer, never a verdict.

Thresholds stand in one table, `SIGNALS`; a signal says that somebody should ask, not that something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Round, SampleUnit, Visit
from survey_app.services.callbacks import CallbackFigures, figures_by_person, list_callbacks, people_names
from survey_app.services.progress import Figures, unit_states
from survey_app.shell import COUNTY_CLOCK

if TYPE_CHECKING:
    from sampling.fieldwork.pace import Pace


@dataclass(frozen=True)
class Signal:
    """What is counted, out of what, and from which count and share on it is told."""

    code: str
    least: int
    """At least so many."""
    above: float
    """And more than this share of what it is counted out of."""
    among: int
    """And out of at least so many."""


@dataclass(frozen=True)
class FoundSignal:
    """One signal of one investigator."""

    code: str
    count: int
    base: int
    told: bool


@dataclass(frozen=True)
class PersonSignals:
    """The signals of one investigator."""

    person_id: int
    name: str
    visits: int
    found: tuple[FoundSignal, ...]


SIGNALS = (
    Signal("fast", least=3, above=0.05, among=1),
    Signal("bursts", least=1, above=0.0, among=1),
    Signal("night", least=3, above=0.0, among=1),
    Signal("doubtful", least=5, above=0.1, among=5),
    Signal("replaced", least=2, above=0.2, among=5),
    Signal("denied", least=2, above=0.1, among=2),
)


def person_signals(session: Session, round_: Round) -> list[PersonSignals]:
    """Return the signals of everyone who visited or holds units in the round, by name."""
    from sampling.fieldwork.pace import PacedVisit, count_pace

    paced: dict[int, list[PacedVisit]] = {}
    rows = session.execute(
        select(Visit, SampleUnit.hits)
        .join(SampleUnit, SampleUnit.id == Visit.sample_unit_id)
        .where(Visit.round_id == round_.id)
    )
    for visit, hits in rows:
        at = visit.visited_at.astimezone(COUNTY_CLOCK).replace(tzinfo=None)
        seen = PacedVisit(at, visit.sample_unit_id, visit.outcome, hits is not None, visit.clock_doubtful)
        paced.setdefault(visit.person_id, []).append(seen)
    held: dict[int, Figures] = {}
    for unit in unit_states(session, round_):
        for person_id in unit.people:
            held.setdefault(person_id, Figures()).add(unit)
    called = figures_by_person(list_callbacks(session, round_))
    names = people_names(session, set(paced) | set(held))
    return [
        PersonSignals(
            person_id=person_id,
            name=name,
            visits=len(paced.get(person_id, [])),
            found=_found(
                count_pace(paced.get(person_id, [])),
                held.get(person_id, Figures()),
                called.get(person_id),
            ),
        )
        for person_id, name in sorted(names.items(), key=lambda item: item[1])
    ]


def _found(pace: Pace, held: Figures, called: CallbackFigures | None) -> tuple[FoundSignal, ...]:
    counts: dict[str, tuple[int, int]] = {
        "fast": (pace.fast, pace.households),
        "bursts": (pace.bursts, pace.households),
        "night": (pace.night, pace.visits - pace.doubtful),
        "doubtful": (pace.doubtful, pace.visits),
        "replaced": (held.given_up, held.main),
        "denied": (called.denied, called.reached) if called else (0, 0),
    }
    return tuple(
        FoundSignal(signal.code, *counts[signal.code], told=is_told(signal, *counts[signal.code])) for signal in SIGNALS
    )


def is_told(signal: Signal, count: int, base: int) -> bool:
    """Tell whether a count is worth asking about."""
    return count >= signal.least and base >= signal.among and count > signal.above * base

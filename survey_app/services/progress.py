"""
How the fieldwork stands: what the visits of each unit come to, as numbers by township, group, place and investigator.

The figures are worked out anew at most every five minutes, so that who watches the page does not see a single answer come in; no time of
an answer exists anywhere. Answers themselves cannot be read by anyone before the closing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import AnsweredUnit, Assignment, Person, Round, SampleUnit, Visit
from survey_app.models.samples import ROLE_MAIN
from survey_app.services.assigning import holds, place_of
from survey_app.services.assignments import Place
from survey_app.services.fieldwork import psu_names, standing_releases
from survey_app.services.rounds import current_draw, get_round
from survey_app.shell import Shell, utc_now

if TYPE_CHECKING:
    from sampling.fieldwork.dispositions import OutcomeRates

Key = TypeVar("Key", bound=Hashable)
EVERY = timedelta(minutes=5)
PARTS = ("answered", "refused", "not_found", "otherwise", "open")


@dataclass(frozen=True)
class UnitState:
    """What has become of a unit that was issued: a main unit, or a reserve that was released and is still needed or has answered."""

    unit_id: int
    place: Place
    role: str
    disposition: str
    given_up: bool
    visits: int
    people: tuple[int, ...]


@dataclass
class Figures:
    """Counts of a set of issued units."""

    dispositions: Counter[str] = field(default_factory=Counter)
    main: int = 0
    released: int = 0
    """Reserves that were released, the needless ones aside."""
    given_up: int = 0
    """Main units that were given up."""

    def add(self, unit: UnitState) -> None:
        """Count one more unit."""
        self.dispositions[unit.disposition] += 1
        self.main += unit.role == ROLE_MAIN
        self.released += unit.role != ROLE_MAIN
        self.given_up += unit.given_up and unit.role == ROLE_MAIN

    @property
    def issued(self) -> int:
        """How many units were issued."""
        return self.main + self.released

    @property
    def answered(self) -> int:
        """How many have answered."""
        return self.dispositions["completed"]

    @property
    def eligible(self) -> int:
        """How many are not known to lie outside the population."""
        return self.issued - sum(self.dispositions[code] for code in _not_eligible())

    @property
    def parts(self) -> dict[str, int]:
        """How many have answered, refused, were not found, ended otherwise, or are still open."""
        found = dict.fromkeys(PARTS, 0)
        for disposition, number in self.dispositions.items():
            found[part_of(disposition)] += number
        return found

    @property
    def rates(self) -> OutcomeRates:
        """The field's standard rates."""
        from sampling.fieldwork.dispositions import outcome_rates

        return outcome_rates(self.dispositions)


@dataclass(frozen=True)
class Progress:
    """The figures of a round, and as of when."""

    at: datetime
    total: Figures
    by_township: dict[str, Figures]
    by_group: dict[str, Figures]
    by_township_group: dict[tuple[str, str], Figures]
    by_place: dict[Place, Figures]
    by_person: dict[int, Figures]
    """By investigator who holds the unit; 0 where nobody does."""
    people: dict[int, str]
    place_names: dict[str, str]


def progress(shell: Shell, county_id: int, round_id: int, *, now: datetime | None = None) -> Progress:
    """Return the figures of a round, at most five minutes old; who may see them is asked every time."""
    moment = now or utc_now()
    with shell.database.reading() as session:
        round_ = get_round(session, county_id, round_id)
        state = round_.state
    window = int(moment.timestamp() // EVERY.total_seconds())

    def work_out() -> Progress:
        with shell.database.reading() as session:
            return figures(session, get_round(session, county_id, round_id), moment)

    found: Progress = shell.progress.get((round_id, state, window), work_out)
    return found


def figures(session: Session, round_: Round, at: datetime) -> Progress:
    """Work the figures of a round out."""
    units = unit_states(session, round_)
    total = Figures()
    for unit in units:
        total.add(unit)
    holders = {person_id for unit in units for person_id in unit.people}
    people = session.scalars(select(Person).where(Person.id.in_(holders))).all()
    return Progress(
        at=at,
        total=total,
        by_township=_grouped(units, lambda unit: (unit.place[0],)),
        by_group=_grouped(units, lambda unit: (unit.place[1],)),
        by_township_group=_grouped(units, lambda unit: (unit.place[:2],)),
        by_place=_grouped(units, lambda unit: (unit.place,)),
        by_person=_grouped(units, lambda unit: unit.people or (0,)),
        people={person.id: person.display_name for person in people},
        place_names=psu_names(session, round_.id),
    )


def unit_states(session: Session, round_: Round) -> list[UnitState]:
    """Return what has become of each issued unit of a round, in sample order."""
    from sampling.fieldwork.dispositions import final_disposition

    draw = current_draw(session, round_.id)
    if draw is None:
        return []
    standing = standing_releases(session, round_.id)
    answered = set(session.scalars(select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.round_id == round_.id)))
    outcomes = _outcomes(session, round_.id)
    assignments = list(session.scalars(select(Assignment).where(Assignment.round_id == round_.id)))
    people: dict[Place, tuple[int, ...]] = {}
    found = []
    for unit in session.scalars(select(SampleUnit).where(SampleUnit.draw_id == draw.id).order_by(SampleUnit.id)):
        if unit.role != ROLE_MAIN and (unit.id not in standing.released or unit.id in standing.needless):
            continue
        place = place_of(unit)
        if place not in people:
            people[place] = tuple(dict.fromkeys(each.person_id for each in assignments if holds(each, place)))
        own = outcomes.get(unit.id, [])
        found.append(
            UnitState(
                unit_id=unit.id,
                place=place,
                role=unit.role,
                disposition=final_disposition(own, answered=unit.id in answered),
                given_up=unit.id in standing.given_up,
                visits=len(own),
                people=people[place],
            )
        )
    return found


def part_of(disposition: str) -> str:
    """Return which part of the progress a disposition belongs to."""
    from sampling.fieldwork.dispositions import NON_CONTACT, OUTCOMES, REFUSAL, UNVISITED

    if disposition == "completed":
        return "answered"
    if disposition in (UNVISITED, "card_left", "appointment"):
        return "open"
    return {REFUSAL: "refused", NON_CONTACT: "not_found"}.get(OUTCOMES[disposition].kind, "otherwise")


def _not_eligible() -> list[str]:
    from sampling.fieldwork.dispositions import NOT_ELIGIBLE, OUTCOMES

    return [outcome.code for outcome in OUTCOMES.values() if outcome.kind == NOT_ELIGIBLE]


def _outcomes(session: Session, round_id: int) -> dict[int, list[str]]:
    rows = session.execute(
        select(Visit.sample_unit_id, Visit.outcome)
        .where(Visit.round_id == round_id)
        .order_by(Visit.sample_unit_id, Visit.visited_at, Visit.key)
    )
    found: dict[int, list[str]] = {}
    for unit_id, outcome in rows:
        found.setdefault(unit_id, []).append(outcome)
    return found


def _grouped(units: Iterable[UnitState], keys: Callable[[UnitState], Iterable[Key]]) -> dict[Key, Figures]:
    found: dict[Key, Figures] = {}
    for unit in units:
        for key in keys(unit):
            found.setdefault(key, Figures()).add(unit)
    return found

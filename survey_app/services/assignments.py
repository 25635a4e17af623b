"""Whose a place of the sample is."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Assignment, Person, Round, SampleUnit
from survey_app.models.samples import ROLE_MAIN
from survey_app.services.rounds import current_draw

Place = tuple[str, str, str]
"""Township code, group, PSU code (empty in a one-stage group)."""


def wholly_theirs(session: Session, round_: Round) -> dict[Place, str]:
    """Return the places all of whose main units were one investigator's and nobody else's, with the investigator's name."""
    draw = current_draw(session, round_.id)
    if draw is None:
        return {}
    assigned = list(session.scalars(select(Assignment).where(Assignment.round_id == round_.id)))
    people: dict[Place, set[frozenset[int]]] = {}
    units = select(SampleUnit).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
    for unit in session.scalars(units):
        place = (unit.township_code, unit.group, unit.psu_code if unit.hits is not None else "")
        theirs = frozenset(each.person_id for each in assigned if _holds(each, unit))
        people.setdefault(place, set()).add(theirs)
    names = _names(session, {each.person_id for each in assigned})
    return {
        place: names[next(iter(who))]
        for place, found in people.items()
        if len(found) == 1 and len(who := min(found)) == 1
    }


def _holds(assignment: Assignment, unit: SampleUnit) -> bool:
    return (
        assignment.township_code == unit.township_code
        and assignment.group in ("", unit.group)
        and assignment.psu_code in ("", unit.psu_code)
    )


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    """Their names as pages show them; two of one name are told apart by what they sign in with."""
    people = list(session.scalars(select(Person).where(Person.id.in_(ids))))
    often = Counter(person.display_name for person in people)
    return {
        person.id: person.display_name if often[person.display_name] == 1 else f"{person.display_name} ({person.name})"
        for person in people
    }

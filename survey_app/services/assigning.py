"""
Who visits which places of a round's sample: by hand, or shared out evenly in the order of codes.

A place is a village or community of a group, or a whole group of a township that is drawn in one stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, WrongState
from survey_app.models import AnsweredUnit, Assignment, PastAssignment, Person, Round, SampleUnit
from survey_app.models.rounds import STATE_DRAWN, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.services.accounts import investigators
from survey_app.services.assignments import Place
from survey_app.services.fieldwork import psu_names
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, current_draw, get_round, lock_round, require_state
from survey_app.shell import Shell, utc_now

TRAVEL = 2
"""How many visits' worth of time it takes to get to a place, where nothing else is said."""
TRAVEL_LIMIT = 50
ACT = {"act_en": "assign places", "act_zh": "分配调查员"}


@dataclass(frozen=True)
class AssignedPlace:
    """A place with its load and whose it is."""

    place: Place
    name: str
    units: int
    answered: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class Load:
    """What an investigator has to do."""

    person_id: int
    name: str
    places: int
    units: int
    answered: int
    townships: int


def place_of(unit: SampleUnit) -> Place:
    """Return the place of a unit."""
    return unit.township_code, unit.group, unit.psu_code if unit.hits is not None else ""


def holds(assignment: Assignment, place: Place) -> bool:
    """Tell whether an assignment holds a place; an empty group or PSU code means all of them."""
    township, group, psu = place
    return assignment.township_code == township and assignment.group in ("", group) and assignment.psu_code in ("", psu)


def assigned_places(session: Session, round_: Round) -> list[AssignedPlace]:
    """Return the places of the main sample in the order of their codes, those without a village first in each township."""
    draw = current_draw(session, round_.id)
    if draw is None:
        return []
    assignments = list(
        session.scalars(select(Assignment).where(Assignment.round_id == round_.id).order_by(Assignment.id))
    )
    done = set(session.scalars(select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.round_id == round_.id)))
    units: Counter[Place] = Counter()
    answered: Counter[Place] = Counter()
    query = select(SampleUnit).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
    for unit in session.scalars(query.order_by(SampleUnit.id)):
        units[place_of(unit)] += 1
        answered[place_of(unit)] += unit.id in done
    names = psu_names(session, round_.id)
    order = {group["group"]: number for number, group in enumerate(round_.design["groups"])}
    return [
        AssignedPlace(
            place=place,
            name=names.get(place[2], ""),
            units=units[place],
            answered=answered[place],
            people=tuple(dict.fromkeys(each.person_id for each in assignments if holds(each, place))),
        )
        for place in sorted(units, key=lambda place: (place[0], place[2], order.get(place[1], 0)))
    ]


def loads(session: Session, round_: Round) -> list[Load]:
    """Return what each of the county's investigators has to do in the round."""
    places = assigned_places(session, round_)
    known = {person.id: person.display_name for person in investigators(session, round_.county_id)}
    holders = {person_id for place in places for person_id in place.people}
    gone = session.scalars(select(Person).where(Person.id.in_(holders - set(known)))).all()
    known |= {person.id: person.display_name for person in gone}
    return [
        Load(
            person_id=person_id,
            name=name,
            places=len(own := [place for place in places if person_id in place.people]),
            units=sum(place.units for place in own),
            answered=sum(place.answered for place in own),
            townships=len({place.place[0] for place in own}),
        )
        for person_id, name in known.items()
    ]


def assign(shell: Shell, actor: Actor, round_id: int, wanted: Mapping[Place, int | None]) -> int:
    """
    Give places to investigators, each to one or to nobody; return how many places changed hands. Other places stay as they are.

    Raises
    ------
    BadInput
        If a place is not in the sample, or somebody is no investigator of the county.
    WrongState
        If the round is neither drawn nor in the field.
    """
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_DRAWN, STATE_OPEN, **ACT)
        return _store(session, actor, round_, wanted, how="by_hand")


def balance(shell: Shell, actor: Actor, round_id: int, person_ids: Sequence[int], *, travel: int = TRAVEL) -> int:
    """
    Share all places out among investigators, in runs of the order of codes with the largest load as small as can be.

    Parameters
    ----------
    person_ids : sequence of int
        Who visits, in the order in which they get their runs.
    travel : int
        What getting to a place costs, in visits; a place's load is its main units and this.

    Raises
    ------
    BadInput
        If nobody is chosen, somebody is no investigator, or ``travel`` is not from 0 to 50.
    WrongState
        If the round is neither drawn nor in the field, or answers are in already.
    """
    from sampling.fieldwork.workloads import balanced_parts

    if not 0 <= travel <= TRAVEL_LIMIT:
        raise BadInput(
            en=f"Expected a way of 0 to {TRAVEL_LIMIT} visits' time, got {travel}; correct it.",
            zh=f"路程应折合 0 至 {TRAVEL_LIMIT} 户的时间，实为 {travel}；请更正。",
        )
    if not person_ids:
        raise BadInput(en="Choose at least one investigator.", zh="请至少选择一名调查员。")
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_DRAWN, STATE_OPEN, **ACT)
        places = assigned_places(session, round_)
        if any(place.answered for place in places):
            raise WrongState(
                en="Answers are in already; sharing everything out anew would part units from who visits them. Change places by hand.",
                zh="已有人作答，重新均分会使各户与正在访问的调查员脱节；请手工调整。",
            )
        runs = balanced_parts(
            [place.units + travel for place in places],
            len(person_ids),
            areas=[place.place[0] for place in places],
        )
        wanted: dict[Place, int | None] = {
            place.place: person_id
            for person_id, (first, behind) in zip(person_ids, runs, strict=False)
            for place in places[first:behind]
        }
        return _store(session, actor, round_, wanted, how="balanced", travel=travel)


def _store(session: Session, actor: Actor, round_: Round, wanted: Mapping[Place, int | None], **how: str | int) -> int:
    places = {place.place: place for place in assigned_places(session, round_)}
    names = {person.id: person.display_name for person in investigators(session, round_.county_id)}
    _check(places, names, wanted)
    changed = {
        place: person_id
        for place, person_id in wanted.items()
        if places[place].people != (() if person_id is None else (person_id,))
    }
    if not changed:
        return 0
    townships = {place[0] for place in changed}
    rows = [
        (place, person_id)
        for place, known in places.items()
        if place[0] in townships
        for person_id in ((changed[place],) if place in changed else known.people)
        if person_id is not None
    ]
    session.execute(delete(Assignment).where(Assignment.round_id == round_.id, Assignment.township_code.in_(townships)))
    session.add_all(
        Assignment(round_id=round_.id, person_id=person_id, township_code=place[0], group=place[1], psu_code=place[2])
        for place, person_id in rows
    )
    _keep_past(session, round_.id, changed, places)
    append_entry(
        session,
        county_id=round_.county_id,
        round_id=round_.id,
        person=actor.name,
        action="places_assigned",
        details={
            **how,
            "places": len(changed),
            "to": sorted({names[person_id] for person_id in changed.values() if person_id is not None}),
        },
    )
    return len(changed)


def _keep_past(
    session: Session, round_id: int, changed: Mapping[Place, int | None], places: Mapping[Place, AssignedPlace]
) -> None:
    """Keep whose the places were until now: visits made before may wait on a phone without a line."""
    now = utc_now()
    session.add_all(
        PastAssignment(
            round_id=round_id, person_id=before, township_code=place[0], group=place[1], psu_code=place[2], until=now
        )
        for place, person_id in changed.items()
        for before in places[place].people
        if before != person_id
    )


def _check(places: Mapping[Place, AssignedPlace], names: Mapping[int, str], wanted: Mapping[Place, int | None]) -> None:
    for place, person_id in wanted.items():
        if place not in places:
            raise BadInput(
                en=f"There is no place {'/'.join(place)[:60]} in the sample; choose one of the list.",
                zh=f"样本中没有“{'/'.join(place)[:60]}”；请从列表中选择。",
            )
        if person_id is not None and person_id not in names:
            raise BadInput(
                en="This person is no investigator of the county with an account in force; choose another.",
                zh="所选人员不是本县在用的调查员账号；请另选。",
            )


def round_of(session: Session, county_id: int, round_id: int) -> Round:
    """Return a round that has a sample; before the draw there is nothing to assign."""
    round_ = get_round(session, county_id, round_id)
    if current_draw(session, round_id) is None:
        raise WrongState(en="There is no sample yet; draw it first.", zh="尚未抽样；请先抽取样本。")
    return round_

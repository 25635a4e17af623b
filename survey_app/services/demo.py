"""Load the demo county, make its links, and answer for its sample. Simulated answers never stand on a real county."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey_app.errors import NotAllowed
from survey_app.models import (
    AnsweredUnit,
    Assignment,
    Ballot,
    County,
    LastRank,
    Person,
    Round,
    SampleUnit,
    Township,
    Year,
)
from survey_app.models.people import ROLE_INVESTIGATOR, ROLE_OBSERVER, ROLE_OFFICE, ROLE_SUPERVISOR
from survey_app.models.rounds import STATE_DRAWN, STATE_FRAME_SEALED, STATE_NEW, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.services import cards, drawing, fieldwork, framing, keys, people, rounds
from survey_app.services.ballots import KEY_LENGTH, BallotContent, pad, psu_of, seal_info
from survey_app.services.receipts import receipt_of
from survey_app.services.record import append_entry
from survey_app.services.results import item_texts
from survey_app.services.rounds import Actor, current_draw, lock_round, require_state
from survey_app.shell import Progress, Shell, no_progress, utc_now

OFFICE, SUPERVISOR, INVESTIGATOR, OBSERVER = "demo-office", "demo-supervisor", "demo-investigator", "demo-observer"
OFFICE_NAME = "演示调查队"
DEMO_PEOPLE = {
    OFFICE: (OFFICE_NAME, ROLE_OFFICE),
    SUPERVISOR: ("演示督导员", ROLE_SUPERVISOR),
    INVESTIGATOR: ("演示调查员", ROLE_INVESTIGATOR),
    OBSERVER: ("演示监督员", ROLE_OBSERVER),
}
DEMO_SEED = "demo 2026"
Say = Callable[[str], None]


@dataclass(frozen=True)
class DemoLinks:
    """Links that need no typing; the three sign-in links work once."""

    office: str
    supervisor: str
    investigator: str
    respondents: dict[str, str]
    public: str


def wants_demo(shell: Shell) -> bool:
    """Tell whether there is no county yet, or a demo county whose loading was cut off."""
    with shell.database.reading() as session:
        county = session.scalars(select(County).order_by(County.id).limit(1)).first()
        if county is None:
            return True
        first = session.scalars(select(Round).where(Round.county_id == county.id).order_by(Round.id).limit(1)).first()
        return county.is_demo and (first is None or not rounds.reached(first, STATE_OPEN))


def load_demo(shell: Shell, say: Say) -> None:
    """
    Make the demo county with a round in the field.

    Each step looks at how far the county has come, so that a first start that was cut off is taken up where it stopped.
    """
    from sampling import load_design, read_frame
    from survey_app.demo import build_county

    say("frame")
    folder = shell.config.home / "demo"
    write_demo_frames(folder)
    actor = _demo_actor(shell) or _load_county(shell, build_county())
    round_id = _demo_round(shell, actor.county_id) or rounds.create_round(
        shell, actor, year=2026, wave=1, name="2026年公众评议（演示）", design_name="county-110"
    )
    if _state(shell, round_id) == STATE_NEW:
        with shell.database.reading() as session:
            townships = rounds.township_names(session, actor.county_id)
        frame = read_frame(folder / "frame.csv", design=load_design("county-110"), townships=townships)
        framing.seal_frame(shell, actor, round_id, frame, name="frame.csv")
    say("draw")
    if _state(shell, round_id) == STATE_FRAME_SEALED:
        drawing.draw_round(shell, actor, round_id, seed=DEMO_SEED, reason="", progress=no_progress)
    if _state(shell, round_id) == STATE_DRAWN:
        _assign_first_township(shell, actor, round_id)
        fieldwork.open_fieldwork(shell, actor, round_id)


def write_demo_frames(folder: Path) -> None:
    """Write the two demo frames: one that only warns, one with the hard faults."""
    from survey_app.demo import build_county, build_faulty_rows, build_frame, write_frame_csv

    folder.mkdir(parents=True, exist_ok=True)
    county = build_county()
    write_frame_csv(folder / "frame.csv", build_frame(county))
    write_frame_csv(folder / "faulty.csv", build_faulty_rows(county))


def demo_links(shell: Shell) -> DemoLinks | None:
    """Return fresh links into the demo county, None where there is none."""
    base = shell.config.base_url
    with shell.database.transaction() as session:
        county = session.scalars(select(County).where(County.is_demo)).first()
        if county is None:
            return None
        tokens = {
            name: people.make_sign_in_link(session, _demo_person(session, county, name))
            for name in (OFFICE, SUPERVISOR, INVESTIGATOR)
        }
        return DemoLinks(
            office=f"{base}/account/link/{tokens[OFFICE]}",
            supervisor=f"{base}/account/link/{tokens[SUPERVISOR]}",
            investigator=f"{base}/account/link/{tokens[INVESTIGATOR]}",
            respondents=_respondent_links(session, shell, county),
            public=f"{base}/public/",
        )


def simulate_round(
    shell: Shell,
    actor: Actor,
    round_id: int,
    *,
    seed: int,
    response_rate: float = 0.92,
    progress: Progress = no_progress,
    reason: str = "",
) -> int:
    """
    Answer for the units of a demo round's sample that have not answered yet; return how many did.

    ``progress`` is told within the transaction, so it must not write to the database.

    Raises
    ------
    NotAllowed
        If the round is not the demo county's: simulated answers never stand on real places.
    """
    from survey_app.demo import simulate_answers

    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        if not round_.county.is_demo:
            raise NotAllowed(
                en="Answers can be simulated for the demo county only, never for a real one.",
                zh="只能为演示县模拟作答，不得用于真实县区。",
            )
        require_state(round_, STATE_OPEN, act_en="simulate answers", act_zh="模拟作答")
        units = _open_units(session, round_)
        items = {group: [item.id for item in form.items] for group, form in item_texts(session, round_id).items()}
        answers = simulate_answers(units, items, seed=seed, response_rate=response_rate)
        tokens = cards.tokens_in_force(session, shell.config, round_)
        ballots = []
        for answer in answers:
            unit = units[answer.index]
            given = {item: code for item, code in answer.answers.items() if code}
            receipt = receipt_of(tokens[unit.id])
            content = BallotContent(
                unit.township_code,
                unit.group,
                psu_of(unit),
                answer.mode,
                answer.minutes,
                given,
                answer.comment,
                receipt,
            )
            assert round_.public_key is not None
            ballots.append(
                {
                    "key": secrets.token_bytes(KEY_LENGTH),
                    "round_id": round_id,
                    "sealed": keys.seal(round_.public_key, pad(content), info=seal_info(round_)),
                }
            )
            progress(len(ballots), len(answers))
        if ballots:
            session.execute(
                insert(AnsweredUnit),
                [{"sample_unit_id": units[answer.index].id, "round_id": round_id} for answer in answers],
            )
            session.execute(insert(Ballot), ballots)
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="answers_simulated",
            details={"answers": len(ballots), "seed": seed},
            reason=reason,
        )
        return len(ballots)


def _open_units(session: Session, round_: Round) -> list[SampleUnit]:
    draw = current_draw(session, round_.id)
    assert draw is not None
    return list(
        session.scalars(
            select(SampleUnit)
            .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == SampleUnit.id)
            .where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN, AnsweredUnit.sample_unit_id.is_(None))
            .order_by(SampleUnit.id)
        )
    )


def _demo_actor(shell: Shell) -> Actor | None:
    with shell.database.reading() as session:
        county = session.scalars(select(County).where(County.is_demo)).first()
        return Actor(name=OFFICE_NAME, county_id=county.id) if county else None


def _demo_round(shell: Shell, county_id: int) -> int | None:
    with shell.database.reading() as session:
        return session.scalars(select(Round.id).where(Round.county_id == county_id).order_by(Round.id).limit(1)).first()


def _state(shell: Shell, round_id: int) -> str:
    with shell.database.reading() as session:
        return session.get_one(Round, round_id).state


def _assign_first_township(shell: Shell, actor: Actor, round_id: int) -> None:
    with shell.database.transaction() as session:
        first = min(rounds.township_names(session, actor.county_id))
        investigator = session.scalars(select(Person).where(Person.name == INVESTIGATOR)).one()
        facts = {
            "round_id": round_id,
            "person_id": investigator.id,
            "township_code": first,
            "group": "",
            "psu_code": "",
        }
        if session.scalars(select(Assignment).filter_by(**facts)).first() is None:
            session.add(Assignment(**facts))


def _load_county(shell: Shell, county: object) -> Actor:
    from survey_app.demo import DemoCounty

    assert isinstance(county, DemoCounty)
    with shell.database.transaction() as session:
        stored = County(code=county.code, name=county.name_zh, name_en=county.name_en, is_demo=True)
        session.add(stored)
        session.flush()
        year = Year(county_id=stored.id, number=2026, scheme="county")
        session.add(year)
        session.flush()
        for township in county.townships:
            row = Township(county_id=stored.id, code=township.code, name=township.name)
            session.add(row)
            session.flush()
            session.add(LastRank(year_id=year.id, township_id=row.id, rank=township.last_rank))
        for name in DEMO_PEOPLE:
            _demo_person(session, stored, name)
        actor = Actor(name=OFFICE_NAME, county_id=stored.id)
        append_entry(
            session,
            county_id=stored.id,
            person=actor.name,
            action="county_created",
            details={"county": stored.code, "demo": True},
            now=utc_now(),
        )
        return actor


def _demo_person(session: Session, county: County, name: str) -> Person:
    """One of the demo's people, made where an older demo county has none such."""
    found = session.scalars(select(Person).where(Person.name == name)).first()
    display_name, role = DEMO_PEOPLE[name]
    return found or people.create_person(
        session, county_id=county.id, name=name, display_name=display_name, roles=(role,)
    )


def _respondent_links(session: Session, shell: Shell, county: County) -> dict[str, str]:
    round_ = session.scalars(
        select(Round).where(Round.county_id == county.id, Round.state == STATE_OPEN).order_by(Round.id)
    ).first()
    if round_ is None:
        return {}
    links: dict[str, str] = {}
    for unit in _open_units(session, round_):
        if unit.group not in links:
            links[unit.group] = cards.card_link(session, shell.config, round_, unit)
    return links

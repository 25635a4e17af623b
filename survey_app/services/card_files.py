"""
Cards, lists and links as files: by township, investigator or village.

Each part is a folder of ``cards.pdf``, ``list.pdf``, ``list.csv`` and ``list.xlsx``; beside the folders stand ``links.csv`` and
each group's empty questionnaire on paper. All but these is secret. What a job has made waits in the data folder until it is downloaded once
or an hour has passed (``handouts``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from survey_app.config import Config
from survey_app.errors import BadInput, NotFound
from survey_app.models import Assignment, Card, Job, Person, RecordEntry, Round, SampleUnit
from survey_app.models.jobs import JOB_DONE
from survey_app.models.rounds import STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.services import handouts, jobs
from survey_app.services.cards import refuse_loopback, who_answers
from survey_app.services.drawing import zip_files
from survey_app.services.fieldwork import ListedUnit, covers, list_units
from survey_app.services.paper_forms import draw_forms, list_forms, sheet_facts
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, current_draw, get_round, lock_round, require_state, township_names
from survey_app.services.tokens import card_secrets, grouped
from survey_app.shell import COUNTY_CLOCK, Progress, Shell, utc_now

if TYPE_CHECKING:
    from survey_app.printing.card_lines import PrintedCard, SheetFacts
    from survey_app.printing.questionnaire import PaperForm

TOWNSHIP, INVESTIGATOR, VILLAGE = "township", "investigator", "village"
WAYS = (TOWNSHIP, INVESTIGATOR, VILLAGE)
CONTACT_LIMIT = 80
PRINTED = "cards_printed"
ACT = {"act_en": "print cards", "act_zh": "打印答卷卡"}


@dataclass(frozen=True)
class Part:
    """The units that go into one folder."""

    folder: str
    label: str
    units: list[ListedUnit]


@dataclass(frozen=True)
class _Plan:
    """All that the files need, so that they are made outside any transaction."""

    facts: SheetFacts
    parts: list[Part]
    cards: dict[int, PrintedCard]
    names: dict[str, str]
    groups: dict[str, str]
    forms: list[PaperForm]

    @property
    def total(self) -> int:
        """How many cards there will be."""
        return sum(len(part.units) for part in self.parts)


def check_contact(contact: str) -> str:
    """
    Return a contact as the cards print it.

    Raises
    ------
    BadInput
        If it is too long for a card.
    """
    from survey_app.printing.card_lines import SheetFacts, contact_lines

    contact = " ".join(contact.split())
    if len(contact) > CONTACT_LIMIT:
        raise BadInput(
            en=f"The contact line holds {CONTACT_LIMIT} characters, this one has {len(contact)}; shorten it.",
            zh=f"联系方式最多 {CONTACT_LIMIT} 个字符，现为 {len(contact)} 个，请缩短。",
        )
    contact_lines(SheetFacts("", "", is_demo=False, contact=contact))
    return contact


def set_card_facts(shell: Shell, actor: Actor, round_id: int, *, answer_by: date | None, contact: str) -> None:
    """
    Set until when the cards ask for an answer, and whom to ask; recorded where it changes.

    Raises
    ------
    BadInput
        If the day is past or the contact too long.
    """
    if answer_by is not None and answer_by < utc_now().astimezone(COUNTY_CLOCK).date():
        raise BadInput(
            en=f"The deadline {answer_by.isoformat()} is past; choose today or a later day.",
            zh=f"截止日期 {answer_by.isoformat()} 已过，请选今天或以后的日期。",
        )
    contact = check_contact(contact)
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        if (round_.answer_by, round_.contact) == (answer_by, contact):
            return
        round_.answer_by, round_.contact = answer_by, contact
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="card_facts_set",
            details={"answer_by": answer_by.isoformat() if answer_by else "", "contact": contact},
        )


def request_print(shell: Shell, actor: Actor, round_id: int, *, by: str, township_code: str = "") -> int:
    """Start making the files in the background; return the job."""
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        _check(shell, round_, by)
        if township_code and township_code not in township_names(session, actor.county_id):
            raise NotFound
    return jobs.enqueue(
        shell, actor, "print_cards", round_id=round_id, parameters={"by": by, "township_code": township_code}
    )


def run_print(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Make the files of a job and lay them down as one zip."""
    assert job.round_id is not None
    actor = Actor(job.person, job.county_id)
    files = dict(
        make_files(
            shell,
            actor,
            job.round_id,
            by=job.parameters["by"],
            township_code=job.parameters["township_code"],
            progress=progress,
        )
    )
    content = zip_files(files)
    handouts.lay_down(shell, job.id, content)
    return {"files": len(files), "bytes": len(content), "cards": files["links.csv"].count(b"\n") - 1}


def make_files(
    shell: Shell, actor: Actor, round_id: int, *, by: str, township_code: str = "", progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """
    Give the files of a round's cards one by one, as (name, content), and record that they were made.

    Raises
    ------
    WrongState
        If the round is not in the field, or a real round's cards would carry an address that no phone reaches.
    """
    from survey_app.printing.cards_pdf import cards_pdf
    from survey_app.printing.lists import csv_bytes, list_csv, list_pdf, list_xlsx

    with shell.database.reading() as session:
        plan = _plan(shell, session, actor, round_id, by, township_code)
    _record(shell, actor, round_id, plan, by, township_code)
    done = 0

    def each() -> None:
        nonlocal done
        done += 1
        progress(done, plan.total)

    for part in plan.parts:
        rows = [_row(unit, plan) for unit in part.units]
        yield f"{part.folder}/cards.pdf", cards_pdf([plan.cards[unit.id] for unit in part.units], plan.facts, each=each)
        pdf = list_pdf(rows, title=plan.facts.title, part=part.label, is_demo=plan.facts.is_demo)
        yield f"{part.folder}/list.pdf", pdf
        yield f"{part.folder}/list.csv", list_csv(rows)
        yield f"{part.folder}/list.xlsx", list_xlsx(rows)
    units = sorted((unit for part in plan.parts for unit in part.units), key=lambda unit: unit.id)
    links = [(unit.township_code, unit.group, str(unit.sequence), plan.cards[unit.id].link) for unit in units]
    yield "links.csv", csv_bytes(("township_code", "group", "sequence", "link"), links)
    yield from draw_forms(plan.forms, plan.facts)


def were_printed(round_: Round) -> bool:
    """Tell whether the record knows of cards made for each township of the sample, from the pages or in the shell, at once or one by one."""
    session = object_session(round_)
    assert session is not None
    entries = session.scalars(
        select(RecordEntry.details).where(RecordEntry.round_id == round_.id, RecordEntry.action == PRINTED)
    )
    printed = {json.loads(details).get("township", "") for details in entries}
    if not printed or "" in printed:
        return bool(printed)
    drawn = select(SampleUnit.township_code).where(SampleUnit.round_id == round_.id).distinct()
    return printed.issuperset(session.scalars(drawn))


def take_print(shell: Shell, county_id: int, round_id: int, job_id: int) -> tuple[str, bytes]:
    """Hand out what a job made, once: return its name and content and remove it from the data folder."""
    job = print_job(shell, county_id, round_id, job_id)
    content = handouts.take(shell, job.id)
    with shell.database.reading() as session:
        return f"cards-{get_round(session, county_id, round_id).code}.zip", content


def print_job(shell: Shell, county_id: int, round_id: int, job_id: int) -> Job:
    """Return a finished job that made cards of this round."""
    job = jobs.get_job(shell, county_id, job_id)
    if job.kind != "print_cards" or job.round_id != round_id or job.state != JOB_DONE:
        raise NotFound
    return job


def _check(shell: Shell, round_: Round, by: str) -> None:
    if by not in WAYS:
        raise BadInput(
            en=f"Cards are printed by {', '.join(WAYS)}, not by {by!r}.", zh="答卷卡可按乡镇、调查员或村（居）打印。"
        )
    require_state(round_, STATE_OPEN, **ACT)
    refuse_unprintable(shell.config, round_)


def refuse_unprintable(config: Config, round_: Round) -> None:
    """Refuse cards with an address that no phone reaches or no card holds, or with a name too long for a card."""
    from survey_app.printing.card_lines import refuse_overlong

    refuse_loopback(config, round_)
    refuse_overlong(sheet_facts(config, round_))


def _plan(shell: Shell, session: Session, actor: Actor, round_id: int, by: str, township_code: str) -> _Plan:
    from survey_app.printing.card_lines import refuse_overlong

    round_ = get_round(session, actor.county_id, round_id)
    _check(shell, round_, by)
    names = township_names(session, round_.county_id)
    groups = {group["group"]: group["label"]["zh"] for group in round_.design["groups"]}
    units = [
        unit for unit in list_units(session, round_, township_code=township_code or None) if unit.role == ROLE_MAIN
    ]
    split = {TOWNSHIP: _by_township, INVESTIGATOR: _by_investigator, VILLAGE: _by_village}[by]
    facts, cards = sheet_facts(shell.config, round_), _printed_cards(shell, session, round_, units, names)
    refuse_overlong(facts, cards.values())
    return _Plan(
        facts=facts,
        parts=split(session, round_, units, names, groups),
        cards=cards,
        names=names,
        groups=groups,
        forms=list_forms(session, round_),
    )


def _printed_cards(
    shell: Shell, session: Session, round_: Round, units: list[ListedUnit], names: dict[str, str]
) -> dict[int, PrintedCard]:
    from survey_app.printing.card_lines import PrintedCard

    draw = current_draw(session, round_.id)
    labels = {group["group"]: group["label"] for group in round_.design["groups"]}
    in_force = session.scalars(select(Card).where(Card.round_id == round_.id, Card.voided.is_(False)))
    issues = {card.sample_unit_id: card.issue for card in in_force}
    found = {}
    for unit in units:
        secrets = card_secrets(shell.config, round_code=round_.code, unit_id=unit.id, issue=issues[unit.id])
        found[unit.id] = PrintedCard(
            link=f"{shell.config.base_url}/r/{secrets.token}",
            code=grouped(secrets.code),
            township=names.get(unit.township_code, unit.township_code),
            group_zh=labels[unit.group]["zh"],
            group_en=labels[unit.group]["en"],
            sequence=unit.sequence,
            who=who_answers(round_, draw, unit),
        )
    return found


def _by_township(
    _session: Session, _round: Round, units: list[ListedUnit], names: dict[str, str], _groups: dict[str, str]
) -> list[Part]:
    parts: dict[str, Part] = {}
    for unit in units:
        code = unit.township_code
        name = names.get(code, "")
        parts.setdefault(code, Part(_folder(code, name), name or code, [])).units.append(unit)
    return list(parts.values())


def _by_village(
    _session: Session, _round: Round, units: list[ListedUnit], names: dict[str, str], groups: dict[str, str]
) -> list[Part]:
    """A part for each village of a group drawn in stages, and one for each township's group drawn at once."""
    parts: dict[tuple[str, str, str], Part] = {}
    for unit in units:
        township = names.get(unit.township_code, "")
        staged = unit.hits is not None
        code, place = (unit.psu_code, unit.psu) if staged else (unit.township_code, township)
        label = " ".join(filter(None, (township, unit.psu if staged else "", groups[unit.group])))
        part = Part(_folder(code, place, groups[unit.group]), label, [])
        parts.setdefault((unit.township_code, unit.group, code), part).units.append(unit)
    return list(parts.values())


def _by_investigator(
    session: Session, round_: Round, units: list[ListedUnit], _names: dict[str, str], _groups: dict[str, str]
) -> list[Part]:
    """A part for each investigator; a unit that two could visit goes to the one whose assignment is narrower, then older."""
    assigned = session.execute(
        select(Assignment, Person)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.round_id == round_.id)
    ).all()
    by_width = sorted(assigned, key=lambda pair: (-bool(pair[0].psu_code), -bool(pair[0].group), pair[0].id))
    parts: dict[int, Part] = {}
    for unit in units:
        person = next((person for assignment, person in by_width if covers([assignment], unit)), None)
        if person is None:
            part = Part("unassigned-未分配", "未分配 Not assigned", [])
        else:
            part = Part(_folder(person.name, person.display_name), person.display_name, [])
        parts.setdefault(person.id if person else 0, part).units.append(unit)
    return [parts[key] for key in sorted(parts, key=lambda key: (key == 0, key))]


def _folder(*parts: str) -> str:
    """Return a folder's name that every system takes."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", "-".join(filter(None, parts))).strip(". ")


def _row(unit: ListedUnit, plan: _Plan) -> Any:
    from survey_app.printing.lists import ListedCard

    return ListedCard(
        township=plan.names.get(unit.township_code, unit.township_code),
        group=plan.groups[unit.group],
        sequence=unit.sequence,
        psu=unit.psu,
        name=unit.name,
        address=unit.address,
        phone=unit.phone,
    )


def _record(shell: Shell, actor: Actor, round_id: int, plan: _Plan, by: str, township_code: str) -> None:
    with shell.database.transaction() as session:
        append_entry(
            session,
            county_id=actor.county_id,
            round_id=round_id,
            person=actor.name,
            action=PRINTED,
            details={"cards": plan.total, "by": by} | ({"township": township_code} if township_code else {}),
        )

"""Made-up counties, rounds and answers with full defaults, so that a test names only what matters to it."""

from __future__ import annotations

import io
from dataclasses import dataclass

from sqlalchemy import select

from survey_app.models import Assignment, County, LastRank, Person, Round, SampleUnit, Township, Year
from survey_app.models.people import ROLE_INVESTIGATOR, ROLE_OBSERVER, ROLE_OFFICE, ROLE_SUPERVISOR
from survey_app.models.samples import ROLE_MAIN
from survey_app.services import casting, drawing, fieldwork, framing, key_halves, people, rounds, worker
from survey_app.services.rounds import Actor
from survey_app.services.tokens import card_secrets
from survey_app.shell import Shell, no_progress

TOWNSHIPS = {"359900101000": "云溪镇", "359900201000": "竹坪乡"}
GROUPS = ("delegates", "enterprise", "urban", "rural")


@dataclass(frozen=True)
class CountyFacts:
    """What tests need to know of a made county."""

    id: int
    office: Actor
    townships: dict[str, str]


def make_county(shell: Shell, *, code: str = "359900", is_demo: bool = True, prefix: str = "") -> CountyFacts:
    """Make a county with two townships, last year's ranks, and one person of each role (names with this prefix)."""
    with shell.database.transaction() as session:
        county = County(code=code, name="明河县", name_en="Minghe County", is_demo=is_demo)
        session.add(county)
        session.flush()
        year = Year(county_id=county.id, number=2026, scheme="county")
        session.add(year)
        session.flush()
        townships = {township.replace("359900", code, 1): name for township, name in TOWNSHIPS.items()}
        for rank, (township_code, name) in enumerate(townships.items(), start=1):
            township = Township(county_id=county.id, code=township_code, name=name)
            session.add(township)
            session.flush()
            session.add(LastRank(year_id=year.id, township_id=township.id, rank=rank))
        for name, role in (
            ("office", ROLE_OFFICE),
            ("supervisor", ROLE_SUPERVISOR),
            ("investigator", ROLE_INVESTIGATOR),
            ("observer", ROLE_OBSERVER),
        ):
            people.create_person(
                session, county_id=county.id, name=prefix + name, display_name=f"{prefix}{name} 王", roles=(role,)
            )
        return CountyFacts(county.id, Actor("office 王", county.id), townships)


def sign_in_token(shell: Shell, name: str) -> str:
    """Return a single-use token for a person; ``other_office`` belongs to another county, made on demand."""
    if name == "other_office":
        with shell.database.reading() as session:
            known = session.scalars(select(Person).where(Person.name == name)).first()
        if known is None:
            make_county(shell, code="359901", prefix="other_")
    with shell.database.transaction() as session:
        return people.make_sign_in_link(session, session.scalars(select(Person).where(Person.name == name)).one())


def frame_csv(townships: dict[str, str] | None = None, *, households: int = 12) -> bytes:
    """Return a small frame for the 110 design: 33 delegates, 11 enterprises, 2 communities, 6 villages a township."""
    townships = townships or TOWNSHIPS
    lines = ["township_code,township,group,psu_code,psu,subgroup,unit_code,unit,address,phone"]
    for code, name in townships.items():
        for number in range(1, 34):
            kind = ("cppcc_member", "npc_deputy", "party_delegate")[number % 3]
            lines.append(f"{code},{name},delegates,,,{kind},D{number:03},代表{number},,1990000{number:04}")
        lines += [f"{code},{name},enterprise,,,,E{number:03},企业{number},," for number in range(1, 12)]
        for group, first, psus in (("urban", 1, 2), ("rural", 201, 6)):
            for psu in range(psus):
                psu_code = f"{code[:9]}{first + psu:03}"
                lines += [
                    f"{code},{name},{group},{psu_code},{'社区' if group == 'urban' else '村'}{psu + 1},,"
                    f"{psu + 1}-{number:03},户主{psu}-{number},{psu + 1}组{number}号,"
                    for number in range(1, households + 1)
                ]
    return ("\n".join(lines) + "\n").encode()


def make_round(shell: Shell, county: CountyFacts, *, wave: int = 1, design: str = "county-110") -> int:
    """Make a round that waits for its frame."""
    return rounds.create_round(
        shell, county.office, year=2026, wave=wave, name=f"第{wave}轮公众评议", design_name=design
    )


def make_sealed_round(shell: Shell, county: CountyFacts, *, content: bytes | None = None, wave: int = 1) -> int:
    """Make a round with its frame sealed, by the same way as the pages take."""
    round_id = make_round(shell, county, wave=wave)
    check = framing.receive_upload(
        shell, county.office, round_id, name="frame.csv", stream=io.BytesIO(content or frame_csv(county.townships))
    )
    worker.run_waiting(shell)
    framing.request_seal(shell, county.office, round_id, check)
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "frame_sealed"
    return round_id


def make_drawn_round(shell: Shell, county: CountyFacts, *, seed: str = "12345", wave: int = 1) -> int:
    """Make a round with a draw."""
    round_id = make_sealed_round(shell, county, wave=wave)
    drawing.draw_round(shell, county.office, round_id, seed=seed, reason="", progress=no_progress)
    return round_id


def make_open_round(shell: Shell, county: CountyFacts, *, wave: int = 1) -> int:
    """Make a round in the field, the investigator assigned to the first township."""
    round_id = make_drawn_round(shell, county, wave=wave)
    fieldwork.open_fieldwork(shell, county.office, round_id)
    with shell.database.transaction() as session:
        investigator = session.scalars(select(Person).where(Person.name == "investigator")).one()
        session.add(
            Assignment(
                round_id=round_id,
                person_id=investigator.id,
                township_code=min(county.townships),
                group="",
                psu_code="",
            )
        )
    return round_id


def make_printed_round(shell: Shell, county: CountyFacts, *, wave: int = 1) -> tuple[int, dict[str, int]]:
    """Make a round in the field whose key halves are printed; return it with the halves by holder."""
    round_id = make_drawn_round(shell, county, wave=wave)
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    halves = {}
    for holder in key_halves.HOLDERS:
        halves[holder] = key_halves.make_half(shell, county.office, round_id, holder)
        key_halves.type_back(shell, county.office, round_id, holder, halves[holder])
    fieldwork.open_fieldwork(shell, county.office, round_id)
    return round_id, halves


def tokens_of(shell: Shell, round_id: int, *, group: str | None = None) -> list[str]:
    """Return the tokens of a round's main units, in sample order."""
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        standing = rounds.current_draw(session, round_id)
        assert standing is not None
        query = select(SampleUnit).where(SampleUnit.draw_id == standing.id, SampleUnit.role == ROLE_MAIN)
        if group:
            query = query.where(SampleUnit.group == group)
        units = session.scalars(query.order_by(SampleUnit.id)).all()
        return [card_secrets(shell.config, round_code=round_.code, unit_id=unit.id, issue=1).token for unit in units]


def item_ids(group: str) -> list[str]:
    """Return the ids of a group's 20 items."""
    letter = {"delegates": "D", "enterprise": "E", "urban": "U", "rural": "R"}[group]
    return [f"{letter}{number:02}" for number in range(1, 21)]


def answers(group: str = "rural", code: str = "satisfied", **changed: str) -> dict[str, str]:
    """Return one answer to all items of a group, some changed."""
    return dict.fromkeys(item_ids(group), code) | changed


def answer_all(shell: Shell, round_id: int, code: str = "basic") -> int:
    """Let every main unit answer the same; return how many did."""
    count = 0
    for group in GROUPS:
        for token in tokens_of(shell, round_id, group=group):
            assert casting.cast(shell, token, answers(group, code), minutes="2-5") == "received"
            count += 1
    return count

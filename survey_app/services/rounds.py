"""Make a round, find it, and tell where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import County, Round, RoundQuestionnaire, SealedFrame, StoredDraw, Township, Year
from survey_app.models.rounds import STATE_CLOSED, STATE_DRAWN, STATE_FRAME_SEALED, STATE_NEW, STATE_OPEN, STATES
from survey_app.services.record import append_entry
from survey_app.shell import Shell, utc_now

STATE_CLAUSES = {
    STATE_NEW: ("The round is new", "本轮待导入抽样框"),
    STATE_FRAME_SEALED: ("The round's frame is sealed", "本轮抽样框已封存"),
    STATE_DRAWN: ("The round's sample is drawn", "本轮已抽样"),
    STATE_OPEN: ("The round is in the field", "本轮调查进行中"),
    STATE_CLOSED: ("The round is closed", "本轮已关闭"),
}
"""How a refusal begins in each state."""

REACHED = {
    STATE_FRAME_SEALED: ("the frame is sealed", "封存抽样框"),
    STATE_DRAWN: ("the sample is drawn", "抽样"),
    STATE_OPEN: ("the fieldwork has begun", "开始调查"),
    STATE_CLOSED: ("the round is closed", "关闭"),
}
"""What leads to each state that a round can come to."""


@dataclass(frozen=True)
class Actor:
    """Who acts: the name that the record keeps, and the county they belong to."""

    name: str
    county_id: int


def create_round(shell: Shell, actor: Actor, *, year: int, wave: int, name: str, design_name: str) -> int:
    """
    Make a round of a year, with its design and the questionnaires frozen as they stand now.

    Raises
    ------
    BadInput
        If there is no such design, or the year already has this wave.
    """
    from questionnaires import load_questionnaires
    from sampling import list_designs, load_design

    # By name only: load_design also reads a file of that name, and the name may come from a browser.
    if design_name not in list_designs():
        raise BadInput(
            en=f"there is no design of the name {design_name[:60]!r}; the designs are {', '.join(list_designs())}",
            zh=f"没有名为“{design_name[:60]}”的抽样设计；可用的设计：{'、'.join(list_designs())}",
        )
    design = load_design(design_name)
    questionnaires = load_questionnaires()
    with shell.database.transaction() as session:
        county = session.get_one(County, actor.county_id)
        stored_year = session.scalars(select(Year).where(Year.county_id == county.id, Year.number == year)).first()
        if stored_year is None:
            stored_year = Year(county_id=county.id, number=year, scheme="county")
            session.add(stored_year)
            session.flush()
        if session.scalars(select(Round).where(Round.year_id == stored_year.id, Round.wave == wave)).first():
            raise BadInput(
                en=f"the year {year} already has a wave {wave}; choose another wave",
                zh=f"{year} 年已有第 {wave} 轮，请改选其他轮次",
            )
        groups = [group.group for group in design.groups]
        missing = [code for code in groups if code not in questionnaires]
        if missing:
            raise BadInput(
                en=f"the design has the group {missing[0]!r}, which has no questionnaire; add questionnaires/definitions/{missing[0]}.yaml",
                zh=f"抽样设计中的“{missing[0]}”没有问卷，请先增加该类问卷",
            )
        round_ = Round(
            county_id=county.id,
            year_id=stored_year.id,
            wave=wave,
            code=f"{county.code}-{year}-{wave}",
            name=name,
            state=STATE_NEW,
            design=design.to_json(),
            created_at=utc_now(),
        )
        session.add(round_)
        session.flush()
        for code in groups:
            form = questionnaires[code]
            session.add(
                RoundQuestionnaire(
                    round_id=round_.id,
                    group=code,
                    version=form.version,
                    sha256=form.sha256,
                    definition=form.to_yaml(),
                )
            )
        append_entry(
            session,
            county_id=county.id,
            round_id=round_.id,
            person=actor.name,
            action="round_created",
            details={"round": round_.code, "design": design.name},
        )
        return round_.id


def get_round(session: Session, county_id: int, round_id: int) -> Round:
    """Return a round of this county; another county's does not exist for it."""
    round_ = session.get(Round, round_id)
    if round_ is None or round_.county_id != county_id:
        raise NotFound
    _ = round_.county.name, round_.year.number
    return round_


def find_round(session: Session, round_id: int) -> Round:
    """Return a round that is known to exist, its county with it."""
    round_ = session.get_one(Round, round_id)
    _ = round_.county.name
    return round_


def holds_only_demo(session: Session) -> bool:
    """Tell whether there are counties and all of them are demos."""
    return set(session.scalars(select(County.is_demo).distinct())) == {True}


def lock_round(session: Session, county_id: int, round_id: int) -> Round:
    """Return a round for a change of its state; others who would change it wait."""
    round_ = session.scalars(select(Round).where(Round.id == round_id).with_for_update()).first()
    if round_ is None or round_.county_id != county_id:
        raise NotFound
    return round_


def require_state(round_: Round, *allowed: str, act_en: str, act_zh: str) -> None:
    """
    Refuse an act unless the round stands in one of these states; the refusal says when it will be possible, or that it no longer is.

    Parameters
    ----------
    act_en, act_zh : str
        What is refused, such as "print cards" and "打印答卷卡": no more than that, since the sentence is made for every state.
    """
    if round_.state in allowed:
        return
    en, zh = STATE_CLAUSES[round_.state]
    to_come = [state for state in STATES[STATES.index(round_.state) :] if state in allowed]
    if not to_come:
        raise WrongState(en=f"{en}; it is no longer possible to {act_en}.", zh=f"{zh}，不能再{act_zh}。")
    once_en, once_zh = REACHED[to_come[0]]
    raise WrongState(
        en=f"{en}; it is not yet possible to {act_en}, but will be once {once_en}.",
        zh=f"{zh}，还不能{act_zh}，{once_zh}后方可。",
    )


def current_draw(session: Session, round_id: int) -> StoredDraw | None:
    """Return the draw that stands, None before the first."""
    return session.scalars(
        select(StoredDraw).where(StoredDraw.round_id == round_id, StoredDraw.superseded_at.is_(None))
    ).first()


def sealed_frame(session: Session, round_id: int) -> SealedFrame | None:
    """Return the round's sealed frame, None before sealing."""
    return session.scalars(select(SealedFrame).where(SealedFrame.round_id == round_id)).first()


def township_names(session: Session, county_id: int) -> dict[str, str]:
    """Return the county's townships, code → name, in code order."""
    rows = session.scalars(select(Township).where(Township.county_id == county_id).order_by(Township.code))
    return {township.code: township.name for township in rows}


def rounds_by_year(session: Session, county_id: int) -> list[tuple[int, list[Round]]]:
    """Return the county's rounds, newest year first."""
    rounds = session.scalars(
        select(Round).join(Year).where(Round.county_id == county_id).order_by(Year.number.desc(), Round.wave.desc())
    ).all()
    years: dict[int, list[Round]] = {}
    for round_ in rounds:
        years.setdefault(round_.year.number, []).append(round_)
    return list(years.items())


def all_counties(session: Session) -> Sequence[County]:
    """Return the installation's counties, in code order."""
    return session.scalars(select(County).order_by(County.code)).all()


def rounds_of(session: Session, county_id: int) -> Sequence[Round]:
    """Return a county's rounds, the newest first."""
    return session.scalars(select(Round).where(Round.county_id == county_id).order_by(Round.id.desc())).all()


def open_rounds(session: Session) -> Sequence[Round]:
    """Return the rounds that take answers now."""
    return session.scalars(select(Round).where(Round.state == STATE_OPEN).order_by(Round.id)).all()


def next_wave(session: Session, county_id: int, year: int) -> int:
    """Return the first wave number that the year does not have yet."""
    highest = session.scalar(
        select(func.max(Round.wave)).join(Year).where(Year.county_id == county_id, Year.number == year)
    )
    return (highest or 0) + 1


def reached(round_: Round, state: str) -> bool:
    """Tell whether the round has come at least to this state."""
    return STATES.index(round_.state) >= STATES.index(state)

"""Links and QR codes of units, for those who may hand them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey_app.config import Config
from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import AnsweredUnit, Card, Round, SampleUnit, StoredDraw
from survey_app.models.rounds import STATE_OPEN
from survey_app.printing.qr import qr_svg
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, lock_round, require_state
from survey_app.services.tokens import card_secrets, code_hash, grouped, token_hash
from survey_app.shell import Shell


class AnyUnit(Protocol):
    """A unit of the sample, stored or listed."""

    @property
    def township_code(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def sequence(self) -> int: ...


@dataclass(frozen=True)
class ShownCard:
    """A unit's card as it is shown: the link, and the QR code as SVG."""

    link: str
    code: str
    qr_svg: str
    issue: int
    who: tuple[str, str] | None
    """Who of the household answers, in English and Chinese, where the design says so."""


def issue_cards(session: Session, config: Config, round_: Round, units: list[SampleUnit]) -> None:
    """Store the first card of each of these units."""
    rows = []
    for unit in units:
        secrets = card_secrets(config, round_code=round_.code, unit_id=unit.id, issue=1)
        rows.append(
            {
                "round_id": round_.id,
                "sample_unit_id": unit.id,
                "issue": 1,
                "token_hash": token_hash(secrets.token),
                "code_hash": code_hash(config, secrets.code),
                "voided": False,
            }
        )
    if rows:
        session.execute(insert(Card), rows)


def card_link(session: Session, config: Config, round_: Round, unit: SampleUnit) -> str:
    """
    Return the link of the unit's card in force.

    Raises
    ------
    WrongState
        If the round is not in the field, the unit has no card, or a real round's cards would carry an address no phone can reach.
    """
    return _link(config, round_, unit, _card_in_force(session, round_, unit))


def show_card(session: Session, config: Config, round_: Round, unit: SampleUnit) -> ShownCard:
    """Return the unit's card in force with its QR code; refuses as `card_link` does."""
    card = _card_in_force(session, round_, unit)
    link = _link(config, round_, unit, card)
    code = card_secrets(config, round_code=round_.code, unit_id=unit.id, issue=card.issue).code
    who = who_answers(round_, session.get(StoredDraw, unit.draw_id), unit)
    return ShownCard(link=link, code=grouped(code), qr_svg=qr_svg(link), issue=card.issue, who=who)


def refuse_loopback(config: Config, round_: Round) -> None:
    """Refuse cards of a real round that would carry this computer's own address."""
    if config.base_url_is_loopback and not round_.county.is_demo:
        host = urlsplit(config.base_url).netloc
        raise WrongState(
            en=f"Cards of a real round need an address that phones reach; PINGYI_BASE_URL is {host}: set it to the server's own address and start again.",
            zh=f"正式轮次的答卷卡须带手机能访问的网址，而 PINGYI_BASE_URL 现为 {host}；请将其设为服务器的公开网址后重新启动。",
        )


def who_answers(round_: Round, draw: StoredDraw | None, unit: AnyUnit) -> tuple[str, str] | None:
    """Return who of the household answers, in English and Chinese, where the design has a rule."""
    from sampling.fieldwork.household import assigned_sentence

    rules = {group["group"]: group.get("within", "") for group in round_.design["groups"]}
    if draw is None or not rules.get(unit.group):
        return None
    return assigned_sentence(
        rules[unit.group],
        seed=draw.seed,
        township_code=unit.township_code,
        group=unit.group,
        sequence=unit.sequence,
    )


def token_of_code(session: Session, config: Config, code: str) -> str | None:
    """Return the token of the card with this typed code, None where there is no such card."""
    card = session.scalars(select(Card).where(Card.code_hash == code_hash(config, code))).first()
    if card is None:
        return None
    round_ = session.get_one(Round, card.round_id)
    return card_secrets(config, round_code=round_.code, unit_id=card.sample_unit_id, issue=card.issue).token


def tokens_in_force(session: Session, config: Config, round_: Round) -> dict[int, str]:
    """Return the tokens of a round's cards in force, unit → token."""
    found = session.execute(
        select(Card.sample_unit_id, Card.issue).where(Card.round_id == round_.id, Card.voided.is_(False))
    )
    return {
        unit: card_secrets(config, round_code=round_.code, unit_id=unit, issue=issue).token for unit, issue in found
    }


def reissue_card(shell: Shell, actor: Actor, unit_id: int, *, reason: str) -> int:
    """
    Void the card of a unit and issue the next at once; return the new issue's number.

    Raises
    ------
    BadInput
        If no reason is given.
    WrongState
        If the round is not in the field, the unit has no card, or has answered already.
    """
    if not reason.strip():
        raise BadInput(en="Say why the card is replaced.", zh="请说明补发的理由。")
    with shell.database.transaction() as session:
        unit = session.get(SampleUnit, unit_id)
        if unit is None:
            raise NotFound
        # Answers wait for this lock and then look at the card anew: nothing comes in by the old one afterwards.
        round_ = lock_round(session, actor.county_id, unit.round_id)
        card = _card_in_force(session, round_, unit)
        if session.get(AnsweredUnit, unit_id) is not None:
            raise WrongState(
                en="This unit has answered; its card is spent and no new one is needed.",
                zh="该单元已经作答，答卷卡已使用，无须补发。",
            )
        card.voided = True
        issue = card.issue + 1
        secrets = card_secrets(shell.config, round_code=round_.code, unit_id=unit_id, issue=issue)
        session.add(
            Card(
                round_id=round_.id,
                sample_unit_id=unit_id,
                issue=issue,
                token_hash=token_hash(secrets.token),
                code_hash=code_hash(shell.config, secrets.code),
            )
        )
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_.id,
            person=actor.name,
            action="card_reissued",
            details={
                "township": unit.township_code,
                "group": unit.group,
                "sequence": unit.sequence,
                "issue": issue,
            },
            reason=reason.strip(),
        )
        return issue


def require_card(session: Session, round_: Round, unit: SampleUnit) -> None:
    """Refuse unless the unit has a card that can be shown now."""
    _card_in_force(session, round_, unit)


def _card_in_force(session: Session, round_: Round, unit: SampleUnit) -> Card:
    require_state(round_, STATE_OPEN, act_en="show cards", act_zh="出示答卷卡")
    card = session.scalars(select(Card).where(Card.sample_unit_id == unit.id, Card.voided.is_(False))).first()
    if card is None:
        raise WrongState(
            en="This unit has no card: reserve units get one only when they are released.",
            zh="该单元没有答卷卡：备用样本启用后才有。",
        )
    return card


def _link(config: Config, round_: Round, unit: SampleUnit, card: Card) -> str:
    refuse_loopback(config, round_)
    secrets = card_secrets(config, round_code=round_.code, unit_id=unit.id, issue=card.issue)
    return f"{config.base_url}/r/{secrets.token}"

"""Links and QR codes of units, for those who may hand them over."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey_app.config import Config
from survey_app.errors import WrongState
from survey_app.models import Card, Round, SampleUnit, StoredDraw
from survey_app.models.rounds import STATE_OPEN
from survey_app.services.rounds import STATE_NAMES, reached, require_state
from survey_app.services.tokens import card_secrets, code_hash, token_hash

QUIET_ZONE = 4


@dataclass(frozen=True)
class ShownCard:
    """A unit's card as it is shown: the link, and the QR code as SVG."""

    link: str
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
    return ShownCard(link=link, qr_svg=qr_svg(link), issue=card.issue, who=_who_answers(session, round_, unit))


def refuse_loopback(config: Config, round_: Round) -> None:
    """Refuse cards of a real round that would carry this computer's own address."""
    if config.base_url_is_loopback and not round_.county.is_demo:
        host = urlsplit(config.base_url).netloc
        raise WrongState(
            en=f"Cards of a real round need an address that phones reach; PINGYI_BASE_URL is {host}: set it to the server's own address and start again.",
            zh=f"正式轮次的答卷卡须带手机能访问的网址，而 PINGYI_BASE_URL 现为 {host}；请将其设为服务器的公开网址后重新启动。",
        )


def qr_svg(text: str) -> str:
    """Return a QR code (error correction Q, quiet zone of four modules) as an SVG with one path."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    size = len(matrix) + 2 * QUIET_ZONE
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            width = next((i for i in range(x, len(row)) if not row[i]), len(row)) - x
            runs.append(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{width}v1h-{width}z")
            x += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="QR" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{"".join(runs)}"/></svg>'
    )


def _card_in_force(session: Session, round_: Round, unit: SampleUnit) -> Card:
    if not reached(round_, STATE_OPEN):
        en, zh = STATE_NAMES[round_.state]
        raise WrongState(
            en=f"The round is {en}; its cards can be shown once the fieldwork has begun.",
            zh=f"本轮{zh}，现在不能出示答卷卡，开始调查后可用。",
        )
    require_state(round_, STATE_OPEN, act_en="show cards", act_zh="出示答卷卡")
    card = session.scalars(select(Card).where(Card.sample_unit_id == unit.id, Card.voided.is_(False))).first()
    if card is None:
        raise WrongState(
            en="This unit has no card: reserve units get one only when they are released.",
            zh="该单元没有答卷卡：备用样本启用后才有。",
        )
    return card


def _who_answers(session: Session, round_: Round, unit: SampleUnit) -> tuple[str, str] | None:
    from sampling.household import assigned_sentence

    rules = {group["group"]: group.get("within", "") for group in round_.design["groups"]}
    draw = session.get(StoredDraw, unit.draw_id)
    if draw is None or not rules.get(unit.group):
        return None
    return assigned_sentence(
        rules[unit.group],
        seed=draw.seed,
        township_code=unit.township_code,
        group=unit.group,
        sequence=unit.sequence,
    )


def _link(config: Config, round_: Round, unit: SampleUnit, card: Card) -> str:
    refuse_loopback(config, round_)
    secrets = card_secrets(config, round_code=round_.code, unit_id=unit.id, issue=card.issue)
    return f"{config.base_url}/r/{secrets.token}"

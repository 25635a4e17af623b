"""
What a card can do now, and the one moment in which it is spent.

While the round is open the database holds that a unit has answered (`AnsweredUnit`) and, under a random key, a sealed ballot of fixed
length; no unit, no time, no order.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.models import AnsweredUnit, Ballot, Card, Round, SampleUnit
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.services import handover, keys
from survey_app.services.ballots import KEY_LENGTH, BallotContent, checked_comment, pad, psu_of, seal_info
from survey_app.services.handover import MODE_ASSISTED
from survey_app.services.receipts import receipt_of
from survey_app.services.tokens import looks_like_token, token_hash
from survey_app.shell import Shell

RECEIVED = "received"
ALREADY = "already"
UNKNOWN = "unknown"
VOIDED = "voided"
EARLY = "early"
LATE = "late"
READY = "ready"


@dataclass(frozen=True)
class CardStatus:
    """What a card's link leads to: the state, and the round and unit where there are any."""

    state: str
    round_id: int | None = None
    group: str = ""
    township_code: str = ""
    receipt: str = ""
    """The receipt, where this very card was spent: a voided card of a unit that answered with its new one has none."""


def look_up(shell: Shell, token: str) -> CardStatus:
    """Tell what the card with this token can do now."""
    with shell.database.reading() as session:
        return _status(session, token)[0]


def cast(
    shell: Shell, token: str, answers: Mapping[str, str], *, mode: str = "self", minutes: str = "", comment: str = ""
) -> str:
    """
    Seal an answer and spend the card, in one transaction.

    Returns
    -------
    str
        ``received`` when the answer is durably in the box; else why it is not: ``already``, ``unknown``, ``voided``, ``early``, ``late``.
        A second sending changes nothing, whatever it says. `CardStatus.receipt` and `receipts.receipt_of` give the card's receipt.

    Raises
    ------
    BadInput
        If the comment is too long.
    """
    said = checked_comment(comment)

    def content(unit: SampleUnit) -> BallotContent:
        return BallotContent(
            unit.township_code, unit.group, psu_of(unit), mode, minutes, dict(answers), said, receipt_of(token)
        )

    return _spend(shell, token, content)


def cast_sealed(shell: Shell, token: str, inner: bytes) -> str:
    """
    Put into the box what an investigator's phone sealed by itself, and spend the card, in one transaction.

    The server cannot read it. Where it belongs is said by the server, which knows the card, so that the phone cannot claim another place.

    Returns
    -------
    str
        As `cast`.

    Raises
    ------
    BadInput
        If it has not the one length that every sealed answer has.
    """
    sealed = handover.checked_inner(inner)

    def content(unit: SampleUnit) -> BallotContent:
        return BallotContent(
            unit.township_code, unit.group, psu_of(unit), MODE_ASSISTED, "", {}, "", receipt_of(token), sealed
        )

    return _spend(shell, token, content)


def _spend(shell: Shell, token: str, content: Callable[[SampleUnit], BallotContent]) -> str:
    try:
        with shell.database.transaction() as session:
            status, unit, round_ = _status(session, token, lock=True)
            if status.state != READY or unit is None or round_ is None or round_.public_key is None:
                return status.state
            session.execute(insert(AnsweredUnit).values(sample_unit_id=unit.id, round_id=round_.id))
            session.execute(
                insert(Ballot).values(
                    key=secrets.token_bytes(KEY_LENGTH),
                    round_id=round_.id,
                    sealed=keys.seal(round_.public_key, pad(content(unit)), info=seal_info(round_)),
                )
            )
    except IntegrityError:
        # Another sending of the same card came first; the primary key of answered_units held.
        return ALREADY
    return RECEIVED


def _status(session: Session, token: str, *, lock: bool = False) -> tuple[CardStatus, SampleUnit | None, Round | None]:
    if not looks_like_token(token):
        return CardStatus(UNKNOWN), None, None
    card = session.scalars(select(Card).where(Card.token_hash == token_hash(token))).first()
    if card is None:
        return CardStatus(UNKNOWN), None, None
    # Many may answer at once, but closing waits for them and they for it.
    round_query = select(Round).where(Round.id == card.round_id)
    round_ = session.scalars(round_query.with_for_update(read=True) if lock else round_query).one()
    if lock:
        session.refresh(card)  # it may have been voided while we waited
    unit = session.get_one(SampleUnit, card.sample_unit_id)
    answered = session.get(AnsweredUnit, unit.id) is not None
    state = _state(card, round_, answered)
    receipt = receipt_of(token) if answered and not card.voided else ""
    return CardStatus(state, round_.id, unit.group, unit.township_code, receipt), unit, round_


def _state(card: Card, round_: Round, answered: bool) -> str:
    if answered:
        return ALREADY
    if card.voided:
        return VOIDED
    if round_.state == STATE_OPEN:
        return READY
    return LATE if round_.state == STATE_CLOSED else EARLY

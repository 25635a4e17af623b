"""
The one moment in which cards are spent: all answers that wait are stored in one durable transaction (docs/decisions/0011-group-commit.md).

While the round is open the database holds that a unit has answered (`AnsweredUnit`) and, under a random key, a sealed ballot of fixed
length; no unit, no time. Both are written in the order of their own keys, so that not even a batch keeps who came with what.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from sqlalchemy.exc import IntegrityError as TwoAtOnce

from survey_app.errors import NotConfirmed
from survey_app.models import AnsweredUnit, Ballot, Card, Round
from survey_app.services.ballots import KEY_LENGTH
from survey_app.services.card_states import ALREADY, READY, RECEIVED, card_state
from survey_app.shell import Shell

log = logging.getLogger(__name__)
Stored = str | BaseException
_ROUNDS = (
    select(Round.id, Round.state, Round.public_key)
    .where(Round.id.in_(bindparam("ids", expanding=True)))
    .order_by(Round.id)
    .with_for_update(read=True)
)
_CARDS = (
    select(Card.id, Card.voided, AnsweredUnit.sample_unit_id.label("answered"))
    .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == Card.sample_unit_id)
    .where(Card.id.in_(bindparam("ids", expanding=True)))
)
_INSERT_UNITS = insert(AnsweredUnit)
_INSERT_BALLOTS = insert(Ballot)


@dataclass(frozen=True)
class SealedBallot:
    """An answer that waits to be stored, and the card it spends."""

    card_id: int
    unit_id: int
    round_id: int
    public_key: bytes
    """What it was sealed with: the round's key as it was when the card was looked up."""
    sealed: bytes


def store(shell: Shell, ballot: SealedBallot) -> str:
    """
    Spend a card and put its ballot into the box, together with whoever else waits; return what became of it.

    Raises
    ------
    NotConfirmed
        If the database could not say that it is stored.
    """
    return shell.answers.act(ballot, lambda waiting: store_all(shell, waiting))


def store_all(shell: Shell, waiting: Sequence[SealedBallot]) -> list[Stored]:
    """Store ballots in one transaction, or each by itself where one stands in the way of the others."""
    try:
        with shell.database.storing() as connection:
            return _spend(connection, waiting)
    except (OperationalError, TimeoutError) as error:
        # The disk or the database, whoever came. Without the error's own text, which may quote what it was doing.
        log.error("answers could not be stored (%s)", type(getattr(error, "orig", error)).__name__)
        return [NotConfirmed() for _ in waiting]
    except TwoAtOnce as error:
        # Another process took the same card between our look and our write; the primary key of answered_units held.
        return [ALREADY] if len(waiting) == 1 else _one_by_one(shell, waiting, error)
    except DBAPIError as error:
        log.error("an answer could not be stored (%s)", type(error.orig).__name__)
        return [NotConfirmed()] if len(waiting) == 1 else _one_by_one(shell, waiting, error)


def _one_by_one(shell: Shell, waiting: Sequence[SealedBallot], error: DBAPIError) -> list[Stored]:
    log.info("storing %s answers one by one (%s)", len(waiting), type(error.orig).__name__)
    return [store_all(shell, [ballot])[0] for ballot in waiting]


def _spend(connection: Connection, waiting: Sequence[SealedBallot]) -> list[Stored]:
    # Many processes may answer at once, but closing and reissuing wait for them and they for it; only then are the cards looked at.
    asked = sorted({ballot.round_id for ballot in waiting})
    rounds = {row.id: row for row in connection.execute(_ROUNDS, {"ids": asked})}
    cards = {row.id: row for row in connection.execute(_CARDS, {"ids": [ballot.card_id for ballot in waiting]})}
    outcomes: list[Stored] = []
    spent: dict[int, SealedBallot] = {}
    for ballot in waiting:
        card, round_ = cards[ballot.card_id], rounds[ballot.round_id]
        answered = card.answered is not None or ballot.unit_id in spent
        state = card_state(answered=answered, voided=card.voided, round_state=round_.state)
        if state != READY:
            outcomes.append(state)
        elif round_.public_key != ballot.public_key:
            outcomes.append(NotConfirmed())  # sealed for another key; the next sending looks it up anew
        else:
            spent[ballot.unit_id] = ballot
            outcomes.append(RECEIVED)
    if spent:
        _write(connection, spent)
    return outcomes


def _write(connection: Connection, spent: dict[int, SealedBallot]) -> None:
    units = [{"sample_unit_id": unit, "round_id": spent[unit].round_id} for unit in sorted(spent)]
    ballots: list[dict[str, Any]] = [
        {"key": secrets.token_bytes(KEY_LENGTH), "round_id": ballot.round_id, "sealed": ballot.sealed}
        for ballot in spent.values()
    ]
    connection.execute(_INSERT_UNITS, units)
    connection.execute(_INSERT_BALLOTS, sorted(ballots, key=lambda row: row["key"]))

"""
The one moment in which cards are spent: all answers that wait are stored in one durable transaction (docs/decisions/0011-group-commit.md).

While the round is open the database holds that a unit has answered (`AnsweredUnit`) and, under a random key, a sealed ballot of fixed
length; no unit, no time. Both are written in the order of their own keys, so that not even a batch keeps who came with what.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from sqlalchemy.exc import IntegrityError as TwoAtOnce

from survey_app.errors import NotConfirmed
from survey_app.services.ballots import KEY_LENGTH
from survey_app.services.card_states import ALREADY, READY, RECEIVED, card_state
from survey_app.shell import Shell

log = logging.getLogger(__name__)
Stored = str | BaseException


# Plain SQL: one text each however many wait, and nothing to be compiled while others wait.
_LOOK = (
    "SELECT cards.id, cards.voided, answered_units.sample_unit_id, rounds.state, rounds.public_key "
    "FROM cards JOIN rounds ON rounds.id = cards.round_id "
    "LEFT JOIN answered_units ON answered_units.sample_unit_id = cards.sample_unit_id "
)
_SQLITE_LOOK = _LOOK + "WHERE cards.id IN (SELECT value FROM json_each(?))"
_SQLITE_UNITS = "INSERT INTO answered_units (sample_unit_id, round_id) VALUES (?, ?)"
_SQLITE_BALLOTS = "INSERT INTO ballots (key, round_id, sealed) VALUES (?, ?, ?)"
_POSTGRESQL_LOCK = "SELECT id FROM rounds WHERE id = ANY(%s) ORDER BY id FOR SHARE"
_POSTGRESQL_LOOK = _LOOK + "WHERE cards.id = ANY(%s)"
# Both in one statement, since each is a way to the server and back; as bytes (%b), since writing ballots as text takes half as long as sealing them.
_POSTGRESQL_WRITE = (
    "WITH units AS (INSERT INTO answered_units (sample_unit_id, round_id) "
    "SELECT * FROM unnest(%b::integer[], %b::integer[])) "
    "INSERT INTO ballots (key, round_id, sealed) SELECT * FROM unnest(%b::bytea[], %b::integer[], %b::bytea[])"
)


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
    cards = _look(connection, waiting)
    outcomes: list[Stored] = []
    spent: dict[int, SealedBallot] = {}
    for ballot in waiting:
        voided, answered_by, round_state, public_key = cards[ballot.card_id]
        answered = answered_by is not None or ballot.unit_id in spent
        state = card_state(answered=answered, voided=bool(voided), round_state=round_state)
        if state != READY:
            outcomes.append(state)
        elif public_key != ballot.public_key:
            outcomes.append(NotConfirmed())  # sealed for another key; the next sending looks it up anew
        else:
            spent[ballot.unit_id] = ballot
            outcomes.append(RECEIVED)
    if spent:
        units = [(unit, spent[unit].round_id) for unit in sorted(spent)]
        ballots = [(secrets.token_bytes(KEY_LENGTH), ballot.round_id, ballot.sealed) for ballot in spent.values()]
        _write(connection, units, sorted(ballots))
    return outcomes


def _look(connection: Connection, waiting: Sequence[SealedBallot]) -> dict[int, tuple[Any, ...]]:
    """Return voided, answered unit, round's state and key of each card, as they stay until the end of this transaction."""
    cards = [ballot.card_id for ballot in waiting]
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(_SQLITE_LOOK, (json.dumps(cards),))
    else:
        # Many processes may answer at once, but closing and reissuing wait for them and they for it; only then are the cards looked at.
        connection.exec_driver_sql(_POSTGRESQL_LOCK, (sorted({ballot.round_id for ballot in waiting}),))
        rows = connection.exec_driver_sql(_POSTGRESQL_LOOK, (cards,))
    return {card: tuple(facts) for card, *facts in rows}


def _write(connection: Connection, units: list[tuple[Any, ...]], ballots: list[tuple[Any, ...]]) -> None:
    """Write both, each in the order of its own keys."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_SQLITE_UNITS, units)
        connection.exec_driver_sql(_SQLITE_BALLOTS, ballots)
    else:
        connection.exec_driver_sql(_POSTGRESQL_WRITE, (*_columns(units), *_columns(ballots)))


def _columns(rows: list[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))

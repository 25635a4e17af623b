"""What a card leads to, and the answer that it takes once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from survey_app.models import AnsweredUnit, Card, County, Round, RoundQuestionnaire, SampleUnit
from survey_app.services import handover, keys
from survey_app.services.ballots import BallotContent, checked_comment, pad, psu_of, seal_info
from survey_app.services.card_states import (
    ALREADY,
    EARLY,
    LATE,
    READY,
    RECEIVED,
    UNKNOWN,
    VOIDED,
    card_state,
)
from survey_app.services.handover import MODE_ASSISTED
from survey_app.services.receipts import receipt_of
from survey_app.services.storing import SealedBallot, store
from survey_app.services.tokens import looks_like_token, token_hash
from survey_app.shell import Shell
from survey_app.together import is_served_with_others

__all__ = [
    "ALREADY",
    "EARLY",
    "LATE",
    "READY",
    "RECEIVED",
    "UNKNOWN",
    "VOIDED",
    "CardStatus",
    "cast",
    "cast_sealed",
    "look_up",
]


@dataclass(frozen=True)
class RoundFacts:
    """What pages and ballots need of a card's round, as it stands at this moment."""

    id: int
    code: str
    public_key: bytes | None
    is_demo: bool
    contact: str
    answer_by: date | None


@dataclass(frozen=True)
class CardUnit:
    """What a ballot needs of a card's unit."""

    id: int
    card_id: int
    township_code: str
    group: str
    psu_code: str
    hits: int | None


@dataclass(frozen=True)
class CardStatus:
    """What a card's link leads to: the state, and the round and unit where there are any."""

    state: str
    round: RoundFacts | None = None
    unit: CardUnit | None = None
    receipt: str = ""
    """The receipt, where this very card was spent: a voided card of a unit that answered with its new one has none."""

    @property
    def round_id(self) -> int | None:
        """The round's number, None where there is no such card."""
        return self.round.id if self.round else None

    @property
    def group(self) -> str:
        """The unit's group, empty where there is no such card."""
        return self.unit.group if self.unit else ""

    @property
    def township_code(self) -> str:
        """The unit's township, empty where there is no such card."""
        return self.unit.township_code if self.unit else ""


@cache
def _cards_asked(number: int) -> Select[*tuple[Any, ...]]:
    """Return the question after this many cards."""
    return (
        select(
            Card.token_hash,
            Card.id.label("card_id"),
            Card.voided,
            SampleUnit.id.label("unit_id"),
            SampleUnit.township_code,
            SampleUnit.group.label("unit_group"),
            SampleUnit.psu_code,
            SampleUnit.hits,
            Round.id.label("round_id"),
            Round.code,
            Round.state,
            Round.public_key,
            Round.contact,
            Round.answer_by,
            County.is_demo,
            AnsweredUnit.sample_unit_id.label("answered"),
        )
        .join(SampleUnit, SampleUnit.id == Card.sample_unit_id)
        .join(Round, Round.id == Card.round_id)
        .join(County, County.id == Round.county_id)
        .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == SampleUnit.id)
        .where(Card.token_hash.in_([bindparam(f"hash_{place}") for place in range(number)]))
    )


_DEFINITION = select(RoundQuestionnaire.definition).where(
    RoundQuestionnaire.round_id == bindparam("round_id"), RoundQuestionnaire.group == bindparam("of_group")
)


def definition_of(shell: Shell, status: CardStatus) -> str:
    """Return the questionnaire that was frozen for a card's round and group, as YAML."""
    stored = shell.database.ask(_DEFINITION, round_id=status.round_id, of_group=status.group)
    assert stored is not None
    return str(stored.definition)


def look_up(shell: Shell, token: str) -> CardStatus:
    """Tell what the card with this token can do now."""
    if not looks_like_token(token):
        return CardStatus(UNKNOWN)
    row = _row_of(shell, token_hash(token))
    if row is None:
        return CardStatus(UNKNOWN)
    return CardStatus(
        card_state(answered=row.answered is not None, voided=row.voided, round_state=row.state),
        RoundFacts(row.round_id, row.code, row.public_key, row.is_demo, row.contact, row.answer_by),
        CardUnit(row.unit_id, row.card_id, row.township_code, row.unit_group, row.psu_code, row.hits),
        receipt_of(token) if row.answered is not None and not row.voided else "",
    )


def _row_of(shell: Shell, hashed: bytes) -> Any:
    """Return what the database holds of a card, None where there is no such card; where many are served together one question does for all."""
    if is_served_with_others():
        return shell.cards_asked.act(hashed, lambda hashes: _rows_of(shell, hashes))
    return _rows_of(shell, [hashed])[0]


def _rows_of(shell: Shell, hashes: Sequence[bytes]) -> list[Any]:
    """Ask after cards. There is a question for 1, 2, 4 … cards, so that each is compiled once; the rest is filled with the last card."""
    number = 1 << (len(hashes) - 1).bit_length()
    asked = [*hashes, *[hashes[-1]] * (number - len(hashes))]
    values = {f"hash_{place}": hashed for place, hashed in enumerate(asked)}
    found = {row.token_hash: row for row in shell.database.ask_all(_cards_asked(number), values)}
    return [found.get(hashed) for hashed in hashes]


def cast(
    shell: Shell,
    token: str,
    answers: Mapping[str, str],
    *,
    mode: str = "self",
    minutes: str = "",
    comment: str = "",
    status: CardStatus | None = None,
) -> str:
    """
    Seal an answer and spend the card, in one transaction.

    ``status`` is what `look_up` has just said of this token, where the caller has asked already.

    Returns
    -------
    str
        ``received`` when the answer is durably in the box; else why it is not: ``already``, ``unknown``, ``voided``, ``early``, ``late``.
        A second sending changes nothing, whatever it says. `CardStatus.receipt` and `receipts.receipt_of` give the card's receipt.

    Raises
    ------
    BadInput
        If the comment is too long.
    NotConfirmed
        If the database could not say that it is stored.
    """

    said = checked_comment(comment)

    def content(unit: CardUnit) -> BallotContent:
        return BallotContent(
            unit.township_code, unit.group, psu_of(unit), mode, minutes, dict(answers), said, receipt_of(token)
        )

    return _spend(shell, status or look_up(shell, token), content)


def cast_sealed(shell: Shell, token: str, inner: bytes, *, status: CardStatus | None = None) -> str:
    """
    Put into the box what an investigator's phone sealed by itself, and spend the card, in one transaction.

    The server cannot read it. Where it belongs is said by the server, which knows the card, so that the phone cannot claim another place.
    ``status`` is as with `cast`.

    Returns
    -------
    str
        As `cast`.

    Raises
    ------
    BadInput
        If it has not the one length that every sealed answer has.
    NotConfirmed
        If the database could not say that it is stored.
    """
    sealed = handover.checked_inner(inner)

    def content(unit: CardUnit) -> BallotContent:
        return BallotContent(
            unit.township_code, unit.group, psu_of(unit), MODE_ASSISTED, "", {}, "", receipt_of(token), sealed
        )

    return _spend(shell, status or look_up(shell, token), content)


def _spend(shell: Shell, status: CardStatus, content: Callable[[CardUnit], BallotContent]) -> str:
    """Seal first, by ourselves; then store with whoever else waits. Whether the card may be spent is asked again there."""
    unit, round_ = status.unit, status.round
    if status.state != READY or unit is None or round_ is None or round_.public_key is None:
        return status.state
    sealed = keys.seal(round_.public_key, pad(content(unit)), info=seal_info(round_))
    return store(shell, SealedBallot(unit.card_id, unit.id, round_.id, round_.public_key, sealed))

"""
Paper slips (纸质问卷): entered twice, by two people, then sealed like every other answer and marked ``paper``.

Between the two entries the first one waits enciphered under a code of nine characters, which the first person writes on the paper: it is
shown once and not kept, so that nothing stored reveals the answers. The second person types code and answers; where both entries agree, the
ballot is cast and the first entry removed. Where they differ the paper is looked at again: either the second entry is put right, or it takes
the first one's place and a third person's eyes confirm it. Codes that are mislaid cost one entry, never an answer: the paper is still there.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey_app.config import Config
from survey_app.errors import BadInput, NotAllowed, NotFound, WrongState
from survey_app.models import AnsweredUnit, Card, Round, SampleUnit, Slip
from survey_app.models.rounds import STATE_OPEN
from survey_app.services import casting
from survey_app.services.ballots import COMMENT_LIMIT
from survey_app.services.record import append_entry
from survey_app.services.results import item_texts
from survey_app.services.rounds import Actor, get_round, lock_round, require_state
from survey_app.services.tokens import ALPHABET, as_printed, card_secrets, check_character, code_hash
from survey_app.shell import Shell, utc_now

ANSWER_DIGITS = {"1": "satisfied", "2": "basic", "3": "unsatisfied", "4": "unknown", "0": ""}
"""What an entry clerk types for each answer; 0 is an item left blank."""
PAPER = "paper"
SLIP_CODE_LENGTH = 8
ENTRY_LENGTH = 4096
NONCE_LENGTH = 12
SALT_LENGTH = 16
ACT = {"act_en": "enter slips", "act_zh": "录入纸质问卷"}


@dataclass(frozen=True)
class Clerk:
    """Who enters: the person's id beside what the record keeps."""

    person_id: int
    actor: Actor


@dataclass(frozen=True)
class FoundSlip:
    """The unit that a code on a slip belongs to, and whether somebody has entered it before."""

    unit_id: int
    township_code: str
    group: str
    sequence: int
    entered: bool
    entered_by_me: bool


@dataclass(frozen=True)
class Entry:
    """One reading of a slip: item → answer, blank items left out, and the comment."""

    answers: dict[str, str]
    comment: str = ""


@dataclass(frozen=True)
class SecondEntry:
    """What a second entry came to: cast, or the items in which the two differ (``comment`` where the comments do)."""

    cast: bool
    differing: tuple[str, ...] = ()


def find_slip(shell: Shell, clerk: Clerk, round_id: int, code: str) -> FoundSlip:
    """
    Return the unit of the code that stands on a slip.

    Raises
    ------
    BadInput
        If no card of this round has the code, its card was replaced, or the unit has answered.
    """
    with shell.database.reading() as session:
        round_ = get_round(session, clerk.actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        unit, _card = _unit_of_code(session, shell.config, round_, code)
        slip = session.get(Slip, unit.id)
        return FoundSlip(
            unit.id,
            unit.township_code,
            unit.group,
            unit.sequence,
            slip is not None,
            slip is not None and slip.entered_by_id == clerk.person_id,
        )


def read_digits(items: list[str], digits: str) -> dict[str, str]:
    """
    Return the answers of a row of digits, one an item: 1 satisfied, 2 basically satisfied, 3 unsatisfied, 4 don't know, 0 blank.

    Raises
    ------
    BadInput
        If there are not as many digits as items, or one is none of the five.

    Examples
    --------
    >>> read_digits(["R01", "R02", "R03"], "1 04")
    {'R01': 'satisfied', 'R03': 'unknown'}
    """
    typed = as_printed(digits)
    if foreign := next((digit for digit in typed if digit not in ANSWER_DIGITS), ""):
        raise BadInput(
            en=f"Answers are typed as digits from 0 to 4; {foreign!r} is none of them.",
            zh=f"答案请用 0 至 4 的数字录入，“{foreign}”不是。",
        )
    if len(typed) != len(items):
        raise BadInput(
            en=f"The questionnaire has {len(items)} items; {len(typed)} digits were typed. Type 0 for a blank item.",
            zh=f"问卷共 {len(items)} 题，录入了 {len(typed)} 个数字；未答的题请录 0。",
        )
    return {item: ANSWER_DIGITS[digit] for item, digit in zip(items, typed, strict=True) if ANSWER_DIGITS[digit]}


def check_comment(comment: str) -> str:
    """
    Return a slip's comment as it is kept.

    Raises
    ------
    BadInput
        If it is longer than any comment may be.
    """
    comment = comment.strip()
    if len(comment) > COMMENT_LIMIT:
        raise BadInput(
            en=f"A comment has at most {COMMENT_LIMIT} characters; this one has {len(comment)}. Leave out what matters least.",
            zh=f"留言最多 {COMMENT_LIMIT} 字，现为 {len(comment)} 字，请略去次要的内容。",
        )
    return comment


def enter_first(shell: Shell, clerk: Clerk, round_id: int, code: str, entry: Entry, *, replace: bool = False) -> str:
    """
    Keep a first entry of a slip, and return the code to be written on the paper; it is shown now and never again.

    Parameters
    ----------
    replace : bool
        Whether it takes the place of another person's entry that was found wrong.

    Raises
    ------
    WrongState
        If somebody has entered the slip already and it is not to be replaced.
    NotAllowed
        If it would replace the same person's own entry of a moment ago without a second person.
    """
    slip_code, salt = _new_slip_code(), secrets.token_bytes(SALT_LENGTH)
    key = _key(salt, slip_code)  # slow by intent, so before the round is locked
    with shell.database.transaction() as session:
        round_ = lock_round(session, clerk.actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        unit, _card = _unit_of_code(session, shell.config, round_, code)
        _check_entry(session, round_, unit, entry)
        before = session.get(Slip, unit.id)
        if before is not None:
            _replaceable(before, clerk, replace)
            session.delete(before)
            session.flush()
        session.add(
            Slip(
                sample_unit_id=unit.id,
                round_id=round_.id,
                salt=salt,
                entry=_encipher(round_, unit.id, key, entry),
                entered_by_id=clerk.person_id,
                entered_at=utc_now(),
            )
        )
        _note(session, round_, unit, clerk, "slip_entered" if before is None else "slip_entry_replaced")
    return slip_code


def enter_second(shell: Shell, clerk: Clerk, round_id: int, code: str, slip_code: str, entry: Entry) -> SecondEntry:
    """
    Compare a second person's entry with the first; cast the ballot where they agree.

    Raises
    ------
    NotAllowed
        If the same person made the first entry.
    BadInput
        If the code on the paper does not open the first entry.
    WrongState
        If there is no first entry.
    """
    with shell.database.reading() as session:
        round_ = get_round(session, clerk.actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        unit, card = _unit_of_code(session, shell.config, round_, code)
        _check_entry(session, round_, unit, entry)
        slip = session.get(Slip, unit.id)
        if slip is None:
            raise WrongState(
                en="Nobody has entered this slip yet; enter it as the first.", zh="此份尚无人录入，请作第一次录入。"
            )
        if slip.entered_by_id == clerk.person_id:
            raise _own_entry()
        first = _decipher(round_, unit.id, slip, slip_code)
    if differing := _differing(first, entry):
        return SecondEntry(False, differing)
    token = card_secrets(shell.config, round_code=round_.code, unit_id=unit.id, issue=card.issue).token
    state = casting.cast(shell, token, entry.answers, mode=PAPER, comment=entry.comment)
    if state not in (casting.RECEIVED, casting.ALREADY):
        raise WrongState(en="This card cannot be answered any more.", zh="此卡已不能作答。")
    with shell.database.transaction() as session:
        session.execute(delete(Slip).where(Slip.sample_unit_id == unit.id))
        _note(session, session.get_one(Round, round_id), unit, clerk, "slip_confirmed")
    return SecondEntry(True)


def waiting_slips(session: Session, round_id: int) -> int:
    """Return how many slips wait for their second entry; one whose unit has answered by its card meanwhile waits for nothing."""
    query = (
        select(func.count())
        .select_from(Slip)
        .outerjoin(AnsweredUnit, AnsweredUnit.sample_unit_id == Slip.sample_unit_id)
        .where(Slip.round_id == round_id, AnsweredUnit.sample_unit_id.is_(None))
    )
    return session.scalar(query) or 0


def waits_for(session: Session, unit_id: int) -> bool:
    """Tell whether a slip of this unit waits for its second entry."""
    return session.get(Slip, unit_id) is not None and session.get(AnsweredUnit, unit_id) is None


def remove_slips(session: Session, round_id: int) -> int:
    """Remove the first entries that are left, at the closing; return for how many units no answer came in."""
    left = waiting_slips(session, round_id)
    session.execute(delete(Slip).where(Slip.round_id == round_id))
    return left


def discard_slip(shell: Shell, clerk: Clerk, round_id: int, code: str, *, reason: str) -> None:
    """Throw away a first entry whose code was lost, so that the slip can be entered anew."""
    if not reason.strip():
        raise BadInput(en="Say why the first entry is thrown away.", zh="请说明作废第一次录入的理由。")
    with shell.database.transaction() as session:
        round_ = lock_round(session, clerk.actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        unit, _card = _unit_of_code(session, shell.config, round_, code)
        slip = session.get(Slip, unit.id)
        if slip is None:
            raise WrongState(en="Nobody has entered this slip yet.", zh="此份尚无人录入。")
        session.delete(slip)
        _note(session, round_, unit, clerk, "slip_entry_discarded", reason=reason.strip())


def group_items(session: Session, round_id: int, group: str) -> list[str]:
    """Return the ids of a group's items, in the order of its frozen questionnaire."""
    return [item.id for item in item_texts(session, round_id)[group].items]


def _unit_of_code(session: Session, config: Config, round_: Round, code: str) -> tuple[SampleUnit, Card]:
    card = session.scalars(select(Card).where(Card.code_hash == code_hash(config, as_printed(code)))).first()
    if card is None or card.round_id != round_.id:
        raise BadInput(
            en="No card of this round has this code; compare it with the slip again.",
            zh="本轮没有这个代码的答卷卡，请对照纸卷再看一遍。",
        )
    if card.voided:
        raise BadInput(
            en="This card was replaced by a new one; its code is no longer good.", zh="此卡已作废并补发新卡，代码无效。"
        )
    unit = session.get(SampleUnit, card.sample_unit_id)
    if unit is None:
        raise NotFound
    if session.get(AnsweredUnit, unit.id) is not None:
        raise BadInput(
            en="An answer has come in by this card already; the slip is not entered.",
            zh="该卡已收到答卷，此份纸卷不再录入。",
        )
    return unit, card


def _check_entry(session: Session, round_: Round, unit: SampleUnit, entry: Entry) -> None:
    items = set(group_items(session, round_.id, unit.group))
    foreign = [item for item in entry.answers if item not in items]
    wrong = [item for item, answer in entry.answers.items() if answer not in ANSWER_DIGITS.values()]
    if foreign or wrong:
        raise BadInput(
            en=f"Item {(foreign + wrong)[0]} is not on this questionnaire, or its answer is none of the four.",
            zh=f"“{(foreign + wrong)[0]}”不是本问卷的题目，或答案无效。",
        )
    check_comment(entry.comment)


def _replaceable(before: Slip, clerk: Clerk, replace: bool) -> None:
    if before.entered_by_id == clerk.person_id:
        raise _own_entry()
    if not replace:
        raise WrongState(
            en="Somebody has entered this slip already; make the second entry.", zh="此份已有人录入，请作第二次录入。"
        )


def _own_entry() -> NotAllowed:
    return NotAllowed(
        en="You made the first entry of this slip; the second must be another person's.",
        zh="此份的第一次录入是您做的，第二次须由另一人录入。",
    )


def _differing(first: Entry, second: Entry) -> tuple[str, ...]:
    items = sorted(first.answers.keys() | second.answers.keys())
    differing = [item for item in items if first.answers.get(item) != second.answers.get(item)]
    if _plain(first.comment) != _plain(second.comment):
        differing.append("comment")
    return tuple(differing)


def _plain(comment: str) -> str:
    return "".join(comment.split())


def _new_slip_code() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(SLIP_CODE_LENGTH))
    return code + check_character(code)


def _key(salt: bytes, slip_code: str) -> bytes:
    # Forty bits, each guess of which costs a tenth of a second and 64 MB.
    return hash_secret_raw(
        slip_code.encode(), salt, time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, type=Type.ID
    )


def _bound_to(round_: Round, unit_id: int) -> bytes:
    return f"pingyi-slip/1|{round_.code}|{unit_id}".encode()


def _encipher(round_: Round, unit_id: int, key: bytes, entry: Entry) -> bytes:
    plain = json.dumps([entry.answers, entry.comment], ensure_ascii=False).encode()
    nonce = os.urandom(NONCE_LENGTH)
    sealed = AESGCM(key).encrypt(nonce, plain.ljust(ENTRY_LENGTH), _bound_to(round_, unit_id))
    return nonce + sealed


def _decipher(round_: Round, unit_id: int, slip: Slip, typed: str) -> Entry:
    code = as_printed(typed)
    try:
        if len(code) != SLIP_CODE_LENGTH + 1 or check_character(code[:-1]) != code[-1]:
            raise InvalidTag
        cipher = AESGCM(_key(slip.salt, code))
        plain = cipher.decrypt(slip.entry[:NONCE_LENGTH], slip.entry[NONCE_LENGTH:], _bound_to(round_, unit_id))
    except InvalidTag:
        raise BadInput(
            en="The code written on the paper after the first entry is not right; read it again.",
            zh="第一次录入后写在纸上的代码不对，请再看一遍。",
        ) from None
    answers, comment = json.loads(plain)
    return Entry(answers, comment)


def _note(session: Session, round_: Round, unit: SampleUnit, clerk: Clerk, action: str, *, reason: str = "") -> None:
    # Township and group only: an entry of the record has a time, and a unit's answer must have none.
    append_entry(
        session,
        county_id=round_.county_id,
        round_id=round_.id,
        person=clerk.actor.name,
        action=action,
        details={"township": unit.township_code, "group": unit.group},
        reason=reason,
    )

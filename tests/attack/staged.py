"""
A round of realistic size whose truth the attacker is told: who answered what, in which order, by which way. Copies are taken all along.

220 units in two townships; nine in ten of them answer, in a shuffled order: most by themselves, some on an investigator's phone, some on paper.
Every answer is different from all others, so that each row after the closing can be known for its owner's, and each guess be judged.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, text

from survey_app.db import Database
from survey_app.models import Assignment, Person, Response, Round, SampleUnit
from survey_app.models.people import ROLE_SUPERVISOR
from survey_app.services import casting, closing, keys, online, people, phone_data, phone_sync, slips, worker
from survey_app.services.ballots import psu_of, seal_info, unpad
from survey_app.services.handover import inner_info
from survey_app.services.phones import Phone
from survey_app.services.receipts import receipt_of
from survey_app.services.rounds import Actor
from survey_app.services.slips import Clerk, Entry
from survey_app.services.tokens import CardSecrets, card_secrets
from survey_app.shell import Shell, utc_now
from tests.attack.copies import Copy, log_position, take_copy
from tests.factories import CountyFacts, item_ids, make_county, make_printed_round
from tests.phone_factory import enrolled_phone, pad_inner, visit

CODES = ("satisfied", "basic", "unsatisfied", "unknown")
MINUTES = ("<1", "1-2", "2-5", ">5")
SEED = 20261124
PAPER, HANDED_OVER, SILENT = 8, 30, 22
TOWNSHIP = "359900101000"


@dataclass
class Answered:
    """One unit that answered, as only the attacker's informer knows it."""

    unit_id: int
    cell: tuple[str, str, str]
    card: CardSecrets
    answers: dict[str, str]
    comment: str
    way: str = "self"
    arrival: int = -1

    @property
    def receipt(self) -> str:
        return receipt_of(self.card.token)


@dataclass
class Stage:
    """The round, its truth, and what was taken away at each moment."""

    shell: Shell
    county: CountyFacts
    round_id: int
    round_code: str
    halves: dict[str, int]
    answered: dict[int, Answered] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    between: int = 0
    """The unit that answered between the copies ``early`` and ``later``."""
    waiting_slip: int = 0
    since: str = ""
    owners: dict[bytes, int] = field(default_factory=dict)
    """Key of a ballot in the copy ``before`` → its unit, found with both halves of the key, which no attacker has."""
    online_codes: list[str] = field(default_factory=list)
    slip_codes: list[str] = field(default_factory=list)

    def take(self, moment: str) -> None:
        self.copies[moment] = take_copy(self.shell, self.since)

    def cells(self) -> dict[int, tuple[str, str, str]]:
        return {unit: one.cell for unit, one in self.answered.items()}

    def arrivals(self) -> dict[int, int]:
        return {unit: one.arrival for unit, one in self.answered.items()}


def perform(shell: Shell) -> Stage:
    """Play the round from its opening to after its closing."""
    stage = _opened(shell)
    chance = random.Random(SEED)
    people_of_round = _cast_list(stage, chance)
    stage.take("opened")
    phone = enrolled_phone(shell)
    first, second = _clerks(stage)
    third = len(people_of_round) // 3
    for place, one in enumerate(people_of_round):
        if place == third:
            stage.take("early")
            stage.between = one.unit_id
        one.arrival = place
        _answer(stage, one, phone, (first, second), chance)
        stage.answered[one.unit_id] = one
        if place == third:
            stage.take("later")
    _leave_a_slip(stage, first)
    _answer_online(stage)
    if not shell.database.is_sqlite:
        with shell.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # as the server does by itself now and then
    stage.take("before")
    _close(stage)
    stage.take("after")
    return stage


def _opened(shell: Shell) -> Stage:
    county = make_county(shell)
    round_id, halves = make_printed_round(shell, county)
    with shell.database.transaction() as session:
        investigator = session.scalars(select(Person).where(Person.name == "investigator")).one()
        session.add(
            Assignment(round_id=round_id, person_id=investigator.id, township_code=TOWNSHIP, group="", psu_code="")
        )
        code = session.get_one(Round, round_id).code
    online.open_online(shell, county.office, round_id)
    return Stage(shell, county, round_id, code, halves, since=log_position(shell))


def _cast_list(stage: Stage, chance: random.Random) -> list[Answered]:
    """Return who will answer what, in the order of arrival: neither order nor answers have to do with the place in the sample."""
    with stage.shell.database.reading() as session:
        units = session.scalars(
            select(SampleUnit).where(SampleUnit.round_id == stage.round_id, SampleUnit.role == "main")
        ).all()
    numbers = list(range(len(units)))
    chance.shuffle(numbers)
    found = []
    for unit, number in zip(units, numbers, strict=True):
        card = card_secrets(stage.shell.config, round_code=stage.round_code, unit_id=unit.id, issue=1)
        items = item_ids(unit.group)
        given = {item: CODES[number >> 2 * place & 3] for place, item in enumerate(items[:4])}
        given |= {item: chance.choice(CODES) for item in items[4:]}
        comment = f"路灯{number:04}不亮 unmistakable-{number:04}" if number % 3 == 0 else ""
        found.append(Answered(unit.id, (unit.township_code, unit.group, psu_of(unit)), card, given, comment))
    chance.shuffle(found)
    stage.waiting_slip = found.pop().unit_id
    found = found[SILENT - 1 :]
    there = [one for one in found if one.cell[0] == TOWNSHIP]
    for one in there[:HANDED_OVER]:
        one.way = "assisted"
    for one in there[HANDED_OVER : HANDED_OVER + PAPER]:
        one.way = "paper"
    return found


def _clerks(stage: Stage) -> tuple[Clerk, Clerk]:
    county = stage.county
    with stage.shell.database.transaction() as session:
        people.create_person(
            session, county_id=county.id, name="reviewer", display_name="审核员", roles=(ROLE_SUPERVISOR,)
        )
    with stage.shell.database.reading() as session:
        ids = {person.name: person.id for person in session.scalars(select(Person))}
    return Clerk(ids["office"], county.office), Clerk(ids["reviewer"], Actor("审核员", county.id))


def _answer(stage: Stage, one: Answered, phone: Phone, clerks: tuple[Clerk, Clerk], chance: random.Random) -> None:
    shell = stage.shell
    if one.way == "self":
        state = casting.cast(shell, one.card.token, one.answers, minutes=chance.choice(MINUTES), comment=one.comment)
        assert state == "received"
        if one.cell[0] == TOWNSHIP:
            _send(stage, phone, visit(one.unit_id, outcome="completed"))
    elif one.way == "assisted":
        _send(stage, phone, _handed_over(stage, one, chance), visit(one.unit_id, outcome="completed"))
    else:
        first, second = clerks
        entry = Entry(one.answers, one.comment)
        slip_code = slips.enter_first(shell, first, stage.round_id, one.card.code, entry)
        assert slips.enter_second(shell, second, stage.round_id, one.card.code, slip_code, entry).cast
        stage.slip_codes.append(slip_code)


def _handed_over(stage: Stage, one: Answered, chance: random.Random) -> dict[str, Any]:
    """What the investigator's phone sends: sealed in its browser, the answers in an order of the phone's own."""
    shuffled = list(one.answers.items())
    chance.shuffle(shuffled)
    said = {"mode": "assisted", "minutes": "2-5", "answers": dict(shuffled), "comment": one.comment}
    with stage.shell.database.reading() as session:
        key = session.get_one(Round, stage.round_id).public_key
    assert key is not None
    inner = keys.seal(key, pad_inner(json.dumps(said).encode()), info=inner_info(stage.round_code))
    return {
        "key": f"{one.unit_id:032x}",
        "kind": "ballot",
        "unit_id": one.unit_id,
        "token": one.card.token,
        "inner": phone_base64(inner),
    }


def phone_base64(inner: bytes) -> str:
    """As a phone writes what it has sealed."""
    import base64

    return base64.b64encode(inner).decode()


def _send(stage: Stage, phone: Phone, *actions: dict[str, Any]) -> None:
    body = {"phone_now": utc_now().isoformat(), "actions": list(actions)}
    found = phone_sync.take_actions(stage.shell, phone, body)
    assert {result.state for result in found} == {"kept"}, found


def _leave_a_slip(stage: Stage, clerk: Clerk) -> None:
    card = card_secrets(stage.shell.config, round_code=stage.round_code, unit_id=stage.waiting_slip, issue=1)
    with stage.shell.database.reading() as session:
        items = slips.group_items(session, stage.round_id, session.get_one(SampleUnit, stage.waiting_slip).group)
    entry = Entry(dict.fromkeys(items, "basic"), "waiting-unmistakable-slip")
    stage.slip_codes.append(slips.enter_first(stage.shell, clerk, stage.round_id, card.code, entry))


def _answer_online(stage: Stage) -> None:
    with stage.shell.database.reading() as session:
        page = online.open_page(session, stage.round_code, TOWNSHIP)
    for number in range(12):
        token = online.hand_out(stage.shell, page)
        stage.online_codes.append(token)
        if number < 8:
            given = {f"O{item:02}": CODES[(number + item) % 4] for item in range(1, 11)}
            assert online.cast_online(stage.shell, token, given) == "received"


def _close(stage: Stage) -> None:
    """Close as the office's page does, and take a copy in the moment between the closing and the overwriting."""
    shell = stage.shell
    stage.owners = {key: _owner(stage, sealed) for key, sealed in _ballots(stage)}
    overwrite = Database.wipe_free_pages

    def copied_first(database: Database) -> None:
        stage.take("during")
        overwrite(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "wipe_free_pages", copied_first)
        closing.request_close(shell, stage.county.office, stage.round_id, stage.halves)
        worker.run_waiting(shell)
    with shell.database.reading() as session:
        round_ = session.get_one(Round, stage.round_id)
        assert (round_.state, round_.traces_left) == ("closed", False)
        assert len(session.scalars(select(Response.key)).all()) == len(stage.answered)


def _ballots(stage: Stage) -> list[tuple[bytes, bytes]]:
    return [(bytes(row["key"]), bytes(row["sealed"])) for row in stage.copies["before"].rows["ballots"]]


def _owner(stage: Stage, sealed: bytes) -> int:
    content = unpad(keys.unseal(private_key(stage), sealed, info=seal_info(Coded(stage.round_code))))
    return next(unit for unit, one in stage.answered.items() if one.receipt == content.receipt)


def private_key(stage: Stage) -> ec.EllipticCurvePrivateKey:
    """The key that nobody has but both holders together."""
    return keys.joined(stage.halves.values())


@dataclass(frozen=True)
class Coded:
    code: str


def data_of_phone(stage: Stage, phone: Phone) -> dict[str, Any]:
    """What the phone is given to work without a line."""
    with stage.shell.database.reading() as session:
        return phone_data.phone_data(session, stage.shell.config, phone)


def answer_digits(answers: dict[str, str]) -> str:
    """As a clerk types a slip's answers."""
    digits = {answer: digit for digit, answer in slips.ANSWER_DIGITS.items()}
    return "".join(digits[answer] for _item, answer in sorted(answers.items()))

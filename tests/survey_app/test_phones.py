"""Phones are enrolled once, opened by a PIN, blocked after five wrong ones, refused when revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from survey_app.errors import BadInput, NotAllowed, PhoneRefused
from survey_app.models import Device, Person, RecordEntry
from survey_app.services import people, phones
from survey_app.shell import Shell, utc_now
from tests.factories import make_county, sign_in_token
from tests.phone_factory import PIN, enrol_token


def refusal_of(shell: Shell, secret: str | None) -> str:
    with shell.database.reading() as session, pytest.raises(PhoneRefused) as refused:
        phones.find_phone(session, secret)
    return refused.value.state


def wrong(shell: Shell, secret: str) -> PhoneRefused:
    with pytest.raises(PhoneRefused) as refused:
        phones.open_phone(shell, secret, "000001")
    return refused.value


def test_a_link_enrols_one_phone_and_is_used_up(shell: Shell) -> None:
    make_county(shell)
    token = enrol_token(shell)
    enrolled = phones.enrol_by_link(shell, token, PIN)
    with shell.database.reading() as session:
        assert phones.find_phone(session, enrolled.secret) == enrolled.phone
        device = session.get_one(Device, enrolled.phone.id)
        assert enrolled.secret.encode() not in device.secret_hash
        assert device.pin_hash is not None
        assert PIN not in device.pin_hash
        assert session.scalars(select(RecordEntry.action).order_by(RecordEntry.number.desc())).first() == (
            "phone_enrolled"
        )
    with pytest.raises(NotAllowed):
        phones.enrol_by_link(shell, token, PIN)


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12a456", "１２３４５６", "111111", "123456", "654321", "890123"]
)
def test_a_pin_that_is_no_pin_or_is_guessed_first_is_refused_and_the_link_still_works(
    pin: str, sqlite_shell: Shell
) -> None:
    make_county(sqlite_shell)
    token = enrol_token(sqlite_shell)
    with pytest.raises(BadInput):
        phones.enrol_by_link(sqlite_shell, token, pin)
    assert phones.enrol_by_link(sqlite_shell, token, PIN).phone.name == "investigator 王"


def test_links_that_sign_in_or_are_old_or_of_others_enrol_nothing(sqlite_shell: Shell) -> None:
    make_county(sqlite_shell)
    for token in (
        sign_in_token(sqlite_shell, "investigator"),
        enrol_token(sqlite_shell, now=utc_now() - timedelta(hours=25)),
        enrol_token(sqlite_shell, "office"),
        "x",
    ):
        with pytest.raises(NotAllowed):
            phones.enrol_by_link(sqlite_shell, token, PIN)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Device)).all() == []


def test_five_wrong_pins_block_the_phone_and_a_new_enrolment_frees_it(shell: Shell) -> None:
    make_county(shell)
    first = phones.enrol_by_link(shell, enrol_token(shell), PIN)
    told = [wrong(shell, first.secret) for _ in range(5)]
    assert [(one.state, one.left) for one in told] == [
        ("wrong_pin", 4),
        ("wrong_pin", 3),
        ("wrong_pin", 2),
        ("wrong_pin", 1),
        ("blocked", None),
    ]
    with pytest.raises(PhoneRefused):
        phones.open_phone(shell, first.secret, PIN)
    assert refusal_of(shell, first.secret) == "blocked"
    again = phones.enrol_by_link(shell, enrol_token(shell), "905172", earlier=first.secret)
    assert phones.open_phone(shell, again.secret, "905172") == again.phone
    assert refusal_of(shell, first.secret) == "revoked"
    assert phones.recovery_key(shell.config, first.phone.person_id) == phones.recovery_key(
        shell.config, again.phone.person_id
    )


def test_a_right_pin_forgets_the_wrong_ones_before_it(shell: Shell) -> None:
    make_county(shell)
    phone = phones.enrol_by_link(shell, enrol_token(shell), PIN)
    for _ in range(3):
        for _ in range(4):
            wrong(shell, phone.secret)
        assert phones.open_phone(shell, phone.secret, PIN) == phone.phone


def test_many_wrong_pins_at_once_are_no_more_than_five(shell: Shell) -> None:
    make_county(shell)
    phone = phones.enrol_by_link(shell, enrol_token(shell), PIN)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _n: wrong(shell, phone.secret).state, range(16)))
    assert told.count("wrong_pin") <= 4
    assert refusal_of(shell, phone.secret) == "blocked"


def test_revoked_phones_closed_accounts_and_lost_roles_are_refused(shell: Shell) -> None:
    make_county(shell)
    one = phones.enrol_by_link(shell, enrol_token(shell), PIN)
    two = phones.enrol_by_link(shell, enrol_token(shell), PIN)
    with shell.database.transaction() as session:
        session.execute(update(Device).where(Device.id == one.phone.id).values(revoked_at=utc_now()))
    assert refusal_of(shell, one.secret) == "revoked"
    with shell.database.transaction() as session:
        session.execute(update(Person).where(Person.id == two.phone.person_id).values(active=False))
    assert refusal_of(shell, two.secret) == "revoked"
    assert refusal_of(shell, "something else") == "none"
    assert refusal_of(shell, None) == "none"


def test_an_enrolment_link_signs_nobody_in(sqlite_shell: Shell) -> None:
    make_county(sqlite_shell)
    with pytest.raises(NotAllowed):
        people.use_sign_in_link(sqlite_shell, enrol_token(sqlite_shell))


def test_a_phone_that_is_online_is_noted_once_in_a_quarter_of_an_hour_and_no_finer(shell: Shell) -> None:
    make_county(shell)
    phone = phones.enrol_by_link(shell, enrol_token(shell), PIN).phone
    quarter = datetime(2030, 1, 1, 8, 15, tzinfo=UTC)

    def seen() -> datetime | None:
        with shell.database.reading() as session:
            return session.get_one(Device, phone.id).seen_at

    before = seen()
    assert before is not None
    assert (before.minute % 15, before.second, before.microsecond) == (0, 0, 0)
    for minutes, expected in ((0, 0), (9, 0), (14.99, 0), (15, 15), (3, 15), (61, 60)):
        phones.note_online(shell, phone, now=quarter + timedelta(minutes=minutes))
        assert seen() == quarter + timedelta(minutes=expected)

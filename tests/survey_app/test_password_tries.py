"""Passwords cannot be tried without limit, and nobody elsewhere can lock their owner out."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from survey_app.services import password_tries, people
from survey_app.services.password_tries import NAME_CAPACITY, PAIR_CAPACITY, PasswordTries
from survey_app.shell import Shell
from tests.conftest import csrf_of
from tests.factories import CountyFacts
from tests.survey_app.test_typed_codes import Clock

BASE = "https://pingyi.test"
PASSWORD = "correct horse battery"
HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def clock(app: Flask, sqlite_shell: Shell, county: CountyFacts) -> Clock:
    """The clock of the limit, beside an account with a password."""
    with sqlite_shell.database.transaction() as session:
        people.create_person(
            session, county_id=county.id, name="li", display_name="李", roles=("office",), password=PASSWORD
        )
    clock = Clock()
    app.extensions["pingyi-password-tries"] = PasswordTries(clock)
    return clock


def sign_in(app: Flask, password: str, *, name: str = "li", address: str = HERE, language: str = "zh") -> TestResponse:
    client = app.test_client()
    where: dict[str, object] = {"base_url": BASE, "environ_base": {"REMOTE_ADDR": address}}
    token = csrf_of(client.get("/account/sign-in", **where).text)
    filled = {"name": name, "password": password, "csrf_token": token}
    return client.post(
        f"/account/sign-in?lang={language}",
        data=filled,
        headers={"Referer": f"{BASE}/account/sign-in"},
        **where,
    )


def use_up(tries: PasswordTries, name: str, address: str, times: float) -> None:
    for _ in range(int(times)):
        assert tries.begin(name, address) == 0


@pytest.mark.parametrize(("language", "words"), [("zh", "请等 60 秒再试"), ("en", "Please wait 60 seconds")])
def test_the_eleventh_wrong_password_is_refused_with_the_seconds_to_wait(
    app: Flask, clock: Clock, language: str, words: str
) -> None:
    for _ in range(10):
        assert sign_in(app, "wrong horse!").status_code == 403
    refused = sign_in(app, PASSWORD, language=language)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert words in refused.text
    clock.now += 60
    assert sign_in(app, PASSWORD).status_code == 302


def test_a_refused_try_does_not_run_argon2(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    use_up(app.extensions["pingyi-password-tries"], "li", HERE, PAIR_CAPACITY)
    seen: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str | bytes, typed: str | bytes) -> bool:
        seen.append(str(typed))
        return verify(self, stored, typed)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    assert sign_in(app, PASSWORD).status_code == 429
    assert seen == []
    assert sign_in(app, PASSWORD, address=THERE).status_code == 302
    assert seen == [PASSWORD]


def test_wrong_passwords_elsewhere_do_not_hold_the_right_person_up(app: Flask, clock: Clock) -> None:
    for _ in range(12):
        sign_in(app, "wrong horse!", address=THERE)
    assert sign_in(app, "wrong horse!", address=THERE).status_code == 429
    assert sign_in(app, PASSWORD).status_code == 302


def test_a_network_of_many_addresses_is_slowed_but_not_an_address_that_signed_in_before() -> None:
    clock = Clock()
    tries = PasswordTries(clock)
    tries.begin("li", HERE)
    tries.succeeded("li", HERE)
    for number in range(int(NAME_CAPACITY)):
        assert tries.begin("li", f"192.0.2.{number}") == 0
    assert tries.begin("li", THERE) == 10
    assert tries.begin("wang", THERE) == 0
    assert tries.begin("li", HERE) == 0
    clock.now += 10
    assert tries.begin("li", THERE) == 0


def test_one_password_tried_on_many_names_from_one_address_is_slowed() -> None:
    tries = PasswordTries(Clock())
    waits = [tries.begin(f"name{number}", HERE) for number in range(41)]
    assert waits == [0] * 40 + [15]
    assert tries.begin("name1", THERE) == 0


def test_right_passwords_cost_nothing() -> None:
    tries = PasswordTries(Clock())
    for _ in range(500):
        assert tries.begin("li", HERE) == 0
        tries.succeeded("li", HERE)


def test_a_flood_of_names_and_addresses_neither_fills_the_memory_nor_frees_the_account_that_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(password_tries, "MOST_KEPT", 50)
    tries = PasswordTries(Clock())
    use_up(tries, "li", HERE, PAIR_CAPACITY)
    for number in range(200):
        tries.begin(f"name{number}", f"192.0.2.{number}")
        assert tries.begin("li", HERE) > 0
    assert {len(store) for store in (tries._names, tries._addresses, tries._pairs)} == {50}


def test_a_link_signs_in_however_many_passwords_were_wrong(app: Flask, clock: Clock, sqlite_shell: Shell) -> None:
    from tests.factories import sign_in_token

    use_up(app.extensions["pingyi-password-tries"], "li", HERE, PAIR_CAPACITY)
    client, path = app.test_client(), f"/account/link/{sign_in_token(sqlite_shell, 'li')}"
    where: dict[str, object] = {"base_url": BASE, "environ_base": {"REMOTE_ADDR": HERE}}
    token = csrf_of(client.get(path, **where).text)
    entered = client.post(path, data={"csrf_token": token}, headers={"Referer": BASE + path}, **where)
    assert entered.status_code == 302

"""The questionnaire that is handed out before Flask: the same answer as Flask's own, and only where the card can be answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask, request_started
from sqlalchemy import update

from survey_app.errors import DatabaseAway
from survey_app.models import Card, Round
from survey_app.respondent import views
from survey_app.services import casting
from survey_app.services.casting import RECEIVED
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_open_round, tokens_of

BASE = "https://pingyi.test"
THROUGH_FLASK = {"Cookie": "other=1"}
"""A cookie of anybody's: the page is the same, but goes the ordinary way."""


@pytest.fixture
def tokens(sqlite_shell: Shell, county: CountyFacts, app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(views, "utc_now", lambda: datetime.fromtimestamp(1_700_000_000, UTC))
    found = tokens_of(sqlite_shell, make_open_round(sqlite_shell, county), group="rural")
    assert app.test_client().get(f"/r/{found[0]}", base_url=BASE).status_code == 200  # kept from now on
    return found


@pytest.fixture
def through_flask(app: Flask) -> Iterator[list[str]]:
    """The requests that Flask was asked."""
    asked: list[str] = []

    def note(_app: Flask, **_values: object) -> None:
        asked.append("asked")

    with request_started.connected_to(note, app):
        yield asked


@pytest.mark.parametrize("base", [BASE, "http://pingyi.test"])
@pytest.mark.parametrize("accepted", ["", "gzip, deflate"])
def test_it_is_the_same_answer_as_flasks_own(
    app: Flask, tokens: list[str], through_flask: list[str], base: str, accepted: str
) -> None:
    client = app.test_client(use_cookies=False)
    asked = {"Accept-Encoding": accepted} if accepted else {}
    straight = client.get(f"/r/{tokens[1]}", base_url=base, headers=asked)
    assert not through_flask
    ordinary = client.get(f"/r/{tokens[1]}", base_url=base, headers=asked | THROUGH_FLASK)
    assert through_flask
    assert straight.status == ordinary.status == "200 OK"
    assert straight.data == ordinary.data
    assert sorted(straight.headers) == sorted(ordinary.headers)
    assert "Set-Cookie" not in straight.headers


def test_a_card_that_cannot_be_answered_goes_to_flask(
    app: Flask, sqlite_shell: Shell, tokens: list[str], through_flask: list[str]
) -> None:
    client = app.test_client(use_cookies=False)
    spent, voided, unknown = tokens[1], tokens[2], "0" * 26
    assert casting.cast(sqlite_shell, spent, {"R01": "satisfied"}) == RECEIVED
    with sqlite_shell.database.transaction() as session:
        unit = casting.look_up(sqlite_shell, voided).unit
        assert unit is not None
        session.execute(update(Card).where(Card.id == unit.card_id).values(voided=True))
    for token, status, state in ((spent, 200, "already"), (voided, 410, "voided"), (unknown, 404, "unknown")):
        page = client.get(f"/r/{token}", base_url=BASE)
        assert (page.status_code, f'data-state="{state}"' in page.text) == (status, True)
    assert len(through_flask) == 3
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Round).values(state="closed"))
    assert 'data-state="late"' in client.get(f"/r/{tokens[3]}", base_url=BASE).text


@pytest.mark.parametrize("path", ["/r/", "/r/short", "/r/{token}/more", "/r/{token}é", "/R/{token}"])
def test_what_is_no_card_goes_to_flask(app: Flask, tokens: list[str], through_flask: list[str], path: str) -> None:
    page = app.test_client(use_cookies=False).get(path.format(token=tokens[1]), base_url=BASE)
    assert page.status_code == 404
    assert through_flask


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_other_methods_go_to_flask(app: Flask, tokens: list[str], through_flask: list[str], method: str) -> None:
    app.test_client(use_cookies=False).open(f"/r/{tokens[1]}", method=method, base_url=BASE)
    assert through_flask


@pytest.mark.parametrize("query", ["?lang=en", "?size=large"])
def test_another_language_or_size_goes_to_flask(
    app: Flask, tokens: list[str], through_flask: list[str], query: str
) -> None:
    assert app.test_client(use_cookies=False).get(f"/r/{tokens[1]}{query}", base_url=BASE).status_code == 200
    assert through_flask


def test_a_phone_of_the_staff_gets_the_page_that_keeps_no_draft(app: Flask, tokens: list[str]) -> None:
    client = app.test_client(use_cookies=False)
    own = client.get(f"/r/{tokens[1]}", base_url=BASE)
    staff = client.get(f"/r/{tokens[1]}", base_url=BASE, headers={"Cookie": "pingyi_staff_phone=1"})
    assert own.data != staff.data


def test_a_database_that_is_away_is_told_by_flask(
    app: Flask, sqlite_shell: Shell, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_values: object, **_named: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr(type(sqlite_shell.database), "ask", away)
    page = app.test_client(use_cookies=False).get(f"/r/{tokens[1]}", base_url=BASE)
    assert page.status_code == 503
    assert tokens[1] not in page.text

"""The questionnaire that is handed out before Flask: the same answer as Flask's own, and only where the card can be answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from flask import Flask, request_started
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from survey_app.errors import DatabaseAway, NotConfirmed
from survey_app.models import Ballot, Card, Round
from survey_app.respondent import views
from survey_app.respondent.straight import MOST_FIELDS, fields_of
from survey_app.services import casting
from survey_app.services.casting import RECEIVED
from survey_app.services.receipts import receipt_of
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

    monkeypatch.setattr(type(sqlite_shell.database), "ask_all", away)
    page = app.test_client(use_cookies=False).get(f"/r/{tokens[1]}", base_url=BASE)
    assert page.status_code == 503
    assert tokens[1] not in page.text


SENT = {
    "R01": "satisfied",
    "R02": "basic",
    "step": "send",
    "lang": "zh",
    "size": "",
    "started": "1699999900",
    "comment": "",
}


def ballots(shell: Shell) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Ballot)) or 0


@pytest.fixture
def warm(app: Flask, tokens: list[str]) -> list[str]:
    """The cards left once the first has answered, through Flask, which keeps the thank-you from then on."""
    page = app.test_client(use_cookies=False).post(f"/r/{tokens[0]}", base_url=BASE, data=SENT)
    assert 'data-state="received"' in page.text
    return tokens[1:]


def test_the_thanks_are_flasks_own_and_the_answer_is_stored(
    app: Flask, sqlite_shell: Shell, warm: list[str], through_flask: list[str]
) -> None:
    client = app.test_client(use_cookies=False)
    straight = client.post(f"/r/{warm[0]}", base_url=BASE, data=SENT)
    assert not through_flask
    assert ballots(sqlite_shell) == 2
    ordinary = client.post(f"/r/{warm[1]}", base_url=BASE, data=SENT, headers=THROUGH_FLASK)
    assert through_flask
    receipts = [receipt_of(token) for token in warm[:2]]
    assert straight.text.replace(receipts[0], receipts[1]) == ordinary.text
    assert (straight.status, sorted(straight.headers)) == (ordinary.status, sorted(ordinary.headers))


def test_both_ways_seal_the_same(
    app: Flask, warm: list[str], through_flask: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[tuple[object, object]] = []
    monkeypatch.setattr(
        casting, "cast", lambda _shell, _token, given, **named: stored.append((given, named["minutes"])) or RECEIVED
    )
    for headers in ({}, THROUGH_FLASK):
        app.test_client(use_cookies=False).post(f"/r/{warm[0]}", base_url=BASE, data=SENT, headers=headers)
    assert stored == [({"R01": "satisfied", "R02": "basic"}, "1-2")] * 2
    assert len(through_flask) == 1


def test_a_second_sending_changes_nothing_and_is_told_by_flask(
    app: Flask, sqlite_shell: Shell, warm: list[str], through_flask: list[str]
) -> None:
    client = app.test_client(use_cookies=False)
    assert 'data-state="received"' in client.post(f"/r/{warm[0]}", base_url=BASE, data=SENT).text
    again = client.post(f"/r/{warm[0]}", base_url=BASE, data=SENT | {"R01": "unsatisfied"})
    assert 'data-state="already"' in again.text
    assert len(through_flask) == 1
    assert ballots(sqlite_shell) == 2


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"step": "review"}, 200, 'data-state="review"'),
        ({"lang": "en"}, 200, '<html lang="en"'),
        ({"size": "large"}, 200, '<body class="big large"'),
        ({"comment": "好"}, 200, 'data-state="received"'),
        ({"R01": "nonsense"}, 400, ""),
        ({"D99": "satisfied"}, 400, ""),
        ({"R01": "", "R02": ""}, 200, 'data-state="review"'),
    ],
)
def test_what_needs_more_than_thanks_reaches_flask_whole(
    app: Flask, warm: list[str], through_flask: list[str], changed: dict[str, str], status: int, said: str
) -> None:
    page = app.test_client(use_cookies=False).post(f"/r/{warm[0]}", base_url=BASE, data=SENT | changed)
    assert (page.status_code, said in page.text) == (status, True)
    assert len(through_flask) == 1


@pytest.mark.parametrize("headers", [{}, THROUGH_FLASK])
@pytest.mark.parametrize(("twice", "step"), [("R02", "send"), ("R02", "review"), ("comment", "send")])
def test_a_form_with_an_item_or_the_comment_twice_is_refused_and_nothing_is_stored(
    app: Flask, sqlite_shell: Shell, warm: list[str], headers: dict[str, str], twice: str, step: str
) -> None:
    sent = SENT | {"step": step, twice: ["basic", "unsatisfied"]}
    page = app.test_client(use_cookies=False).post(f"/r/{warm[0]}", base_url=BASE, data=sent, headers=headers)
    assert (page.status_code, f"“{twice}”出现了两次" in page.text) == (400, True)
    assert f"&#39;{twice}&#39; stands twice in this form" in page.text
    assert casting.look_up(sqlite_shell, warm[0]).state == casting.READY
    assert ballots(sqlite_shell) == 1


def test_a_field_of_the_page_itself_may_come_twice(app: Flask, warm: list[str], through_flask: list[str]) -> None:
    sent = SENT | {"step": ["send", "send"]}
    page = app.test_client(use_cookies=False).post(f"/r/{warm[0]}", base_url=BASE, data=sent)
    assert 'data-state="received"' in page.text
    assert len(through_flask) == 1


def test_a_body_that_is_too_large_or_of_another_kind_reaches_flask(
    app: Flask, sqlite_shell: Shell, warm: list[str], through_flask: list[str]
) -> None:
    client = app.test_client(use_cookies=False)
    large = client.post(f"/r/{warm[0]}", base_url=BASE, data=SENT | {"started": "1" * 70_000})
    assert large.status_code == 413
    assert ballots(sqlite_shell) == 1
    several = client.post(f"/r/{warm[0]}", base_url=BASE, data=SENT, content_type="multipart/form-data")
    assert 'data-state="received"' in several.text
    assert len(through_flask) == 2


@pytest.mark.parametrize(("error", "status"), [(NotConfirmed(), 503), (RuntimeError("unforeseen"), 500)])
def test_what_could_not_be_stored_is_told_by_flask_and_not_tried_twice(
    app: Flask,
    warm: list[str],
    through_flask: list[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
) -> None:
    tried: list[str] = []

    def refuse(_shell: Shell, token: str, *_values: object, **_named: object) -> str:
        tried.append(token)
        raise error

    monkeypatch.setattr(casting, "cast", refuse)
    page = app.test_client(use_cookies=False).post(f"/r/{warm[0]}", base_url=BASE, data=SENT)
    assert (page.status_code, 'data-state="unsent"' in page.text) == (status, True)
    assert 'name="R01" value="satisfied"' in page.text
    assert tried == [warm[0]]
    assert through_flask


@given(st.text("ab=&;%+2", max_size=30))
def test_a_form_is_read_as_the_library_reads_it(body: str) -> None:
    assert fields_of(body) == parse_qsl(body, keep_blank_values=True)


@pytest.mark.parametrize("mark", ["", "%20"])
def test_more_fields_than_anybody_sends_are_not_read(mark: str) -> None:
    assert len(fields_of("&".join([f"a=1{mark}"] * MOST_FIELDS))) == MOST_FIELDS
    with pytest.raises(ValueError, match="Max number of fields"):
        fields_of("&".join([f"a=1{mark}"] * (MOST_FIELDS + 1)))

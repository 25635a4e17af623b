"""Answers stored together: one card, one answer whatever comes at once; what could not be stored is never called stored."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from survey_app import create_app
from survey_app.errors import DatabaseAway, NotConfirmed
from survey_app.models import AnsweredUnit, Ballot, Card, Round
from survey_app.services import casting, storing
from survey_app.services.casting import ALREADY, READY, RECEIVED, VOIDED
from survey_app.services.storing import SealedBallot
from survey_app.shell import Shell
from tests.factories import answers, item_ids, make_county, make_open_round, tokens_of

BASE = "https://pingyi.test"
THREADS = 200


def counts(shell: Shell) -> tuple[int, int]:
    with shell.database.reading() as session:
        tables = (AnsweredUnit, Ballot)
        first, second = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        return first, second


def sealed(shell: Shell, token: str, content: bytes = b"sealed") -> SealedBallot:
    status = casting.look_up(shell, token)
    assert status.round is not None
    assert status.unit is not None
    assert status.round.public_key is not None
    return SealedBallot(status.unit.card_id, status.unit.id, status.round.id, status.round.public_key, content)


@contextmanager
def full_disk(shell: Shell) -> Iterator[None]:
    """Let the database find no more room: SQLite by its own limit of pages, PostgreSQL by the error that a full disk gives."""
    if not shell.database.is_sqlite:
        with shell.database.transaction() as session:
            session.execute(
                text(
                    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
                )
            )
            session.execute(
                text("CREATE TRIGGER full_disk BEFORE INSERT ON ballots FOR EACH ROW EXECUTE FUNCTION no_room()")
            )
        yield
        with shell.database.transaction() as session:
            session.execute(text("DROP TRIGGER full_disk ON ballots"))
        return

    def limit(connection: Any, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    def lift(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1000000")

    event.listen(shell.database.engine, "checkout", limit)
    yield
    event.remove(shell.database.engine, "checkout", limit)
    event.listen(shell.database.engine, "checkout", lift)


def test_what_a_full_disk_does_not_take_is_not_called_received_and_can_be_sent_again(shell: Shell) -> None:
    token = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[0]
    with full_disk(shell):
        for _ in range(3):
            with pytest.raises(NotConfirmed, match="could not confirm"):
                casting.cast(shell, token, answers())
        assert counts(shell) == (0, 0)
        assert casting.look_up(shell, token).state == READY
    assert casting.cast(shell, token, answers()) == RECEIVED
    assert counts(shell) == (1, 1)


def test_on_a_full_disk_the_respondents_page_keeps_the_answers_and_never_says_received(shell: Shell) -> None:
    token = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[0]
    client = create_app(shell=shell).test_client()
    sent = answers(R02="unsatisfied") | {"step": "send", "lang": "en", "size": "large", "started": "7"}
    with full_disk(shell):
        page = client.post(f"/r/{token}", data=sent, base_url=BASE)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    assert 'data-state="unsent"' in page.text
    assert "could not confirm" in page.text
    assert token not in page.text
    kept = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert kept == {name: value for name, value in sent.items() if name != "step"}
    again = client.post(f"/r/{token}", data=kept | {"step": "send"}, base_url=BASE)
    assert 'data-state="received"' in again.text
    assert counts(shell) == (1, 1)


def test_a_full_disk_fails_all_who_wait_and_stores_nothing(shell: Shell) -> None:
    tokens = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[:5]
    waiting = [sealed(shell, token, b"x" * 4177) for token in tokens]
    with full_disk(shell):
        assert [type(outcome) for outcome in storing.store_all(shell, waiting)] == [NotConfirmed] * 5
    assert counts(shell) == (0, 0)
    assert storing.store_all(shell, waiting) == [RECEIVED] * 5


def test_of_200_threads_with_one_card_one_is_received_and_199_are_told_kindly(shell: Shell) -> None:
    token = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[0]
    app = create_app(shell=shell)
    at_once = threading.Barrier(THREADS)
    states: list[tuple[int, str]] = []

    def send() -> None:
        client = app.test_client()
        at_once.wait()
        answer = client.post(f"/r/{token}", data=answers(), base_url=BASE)
        found = re.search(r'data-state="([a-z]+)"', answer.text)
        states.append((answer.status_code, found.group(1) if found else ""))

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(states) == {(200, "received"): 1, (200, "already"): THREADS - 1}
    assert counts(shell) == (1, 1)


def test_a_lost_acknowledgement_and_five_retries_make_one_answer(shell: Shell) -> None:
    token = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[0]
    client = create_app(shell=shell).test_client()
    pages = [client.post(f"/r/{token}", data=answers(), base_url=BASE).text for _ in range(6)]
    assert 'data-state="received"' in pages[0]
    assert all('data-state="already"' in page for page in pages[1:])
    assert len(set(pages[1:])) == 1
    assert counts(shell) == (1, 1)


def test_a_batch_stores_each_card_once_and_tells_each_what_became_of_it(shell: Shell) -> None:
    first, second, voided, spent = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[:4]
    assert casting.cast(shell, spent, answers()) == RECEIVED
    waiting = [sealed(shell, token) for token in (first, second, first, voided, spent)]
    with shell.database.transaction() as session:
        session.execute(update(Card).where(Card.id == waiting[3].card_id).values(voided=True))
    assert storing.store_all(shell, waiting) == [RECEIVED, RECEIVED, ALREADY, VOIDED, ALREADY]
    assert counts(shell) == (3, 3)


def test_one_that_another_process_was_quicker_with_does_not_stand_in_the_way_of_the_others(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, taken, last = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[:3]
    waiting = [sealed(shell, token) for token in (first, taken, last)]
    assert casting.cast(shell, taken, answers()) == RECEIVED
    # As it looks to a process whose look came before the other's commit.
    monkeypatch.setattr(storing, "card_state", lambda **_: READY)
    assert storing.store_all(shell, waiting) == [RECEIVED, ALREADY, RECEIVED]
    assert counts(shell) == (3, 3)


def test_a_ballot_sealed_with_another_key_than_the_rounds_is_not_stored(shell: Shell) -> None:
    token = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[0]
    outcome = storing.store_all(shell, [replace(sealed(shell, token), public_key=b"another")])[0]
    assert isinstance(outcome, NotConfirmed)
    assert counts(shell) == (0, 0)


def test_answers_that_come_once_the_round_is_closed_are_late_even_if_they_waited(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    waiting = sealed(shell, tokens_of(shell, round_id)[0])
    with shell.database.transaction() as session:
        session.execute(update(Round).values(state="closed"))
    assert storing.store_all(shell, [waiting]) == ["late"]
    assert counts(shell) == (0, 0)


def test_a_database_that_is_away_is_said_so_and_does_not_call_the_card_unknown(sqlite_shell: Shell) -> None:
    token = tokens_of(sqlite_shell, make_open_round(sqlite_shell, make_county(sqlite_shell)))[0]
    client = create_app(shell=sqlite_shell).test_client()
    with sqlite_shell.database.transaction() as session:
        session.execute(text("ALTER TABLE cards RENAME TO cards_away"))
    with pytest.raises(DatabaseAway):
        casting.look_up(sqlite_shell, token)
    opened = client.get(f"/r/{token}", base_url=BASE)
    assert (opened.status_code, opened.headers["Retry-After"]) == (503, "60")
    sent = client.post(f"/r/{token}", data=dict.fromkeys(item_ids("delegates"), "basic"), base_url=BASE)
    assert sent.status_code == 503
    assert 'data-state="unsent"' in sent.text
    assert sent.text.count('value="basic"') == 20


def test_what_nobody_foresaw_keeps_the_answers_too_and_promises_nothing(
    sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens_of(sqlite_shell, make_open_round(sqlite_shell, make_county(sqlite_shell)), group="rural")[0]
    app = create_app(shell=sqlite_shell)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(casting, "store", broken)
    page = app.test_client().post(f"/r/{token}", data=answers(), base_url=BASE)
    assert page.status_code == 500
    assert 'data-state="unsent"' in page.text
    assert page.text.count('value="satisfied"') == 20
    assert "未作任何改动" not in page.text


def test_an_error_of_the_database_quotes_nothing_of_what_was_to_be_stored(shell: Shell) -> None:
    with pytest.raises(DBAPIError) as refused, shell.database.transaction() as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:token)"), {"token": "7ZGBBY719VMVZB606WGGD3DE7M"})
    assert "no_such_table" in str(refused.value)
    assert "7ZGBBY" not in str(refused.value)

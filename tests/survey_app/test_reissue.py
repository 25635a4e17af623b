"""A lost card is replaced: the old one ends at once, the new one answers once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Card, RecordEntry, Round, SampleUnit
from survey_app.services import cards, casting, closing
from survey_app.services.casting import ALREADY, READY, RECEIVED, VOIDED
from survey_app.services.tokens import CardSecrets, card_secrets
from survey_app.shell import Shell, no_progress
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answers, make_county, make_open_round

BASE = "https://pingyi.test"


def first_unit(shell: Shell, round_id: int, role: str = "main") -> int:
    with shell.database.reading() as session:
        query = select(SampleUnit.id).where(SampleUnit.round_id == round_id, SampleUnit.role == role)
        return session.scalars(query.where(SampleUnit.group == "rural").order_by(SampleUnit.id)).first() or 0


def secrets_of(shell: Shell, round_id: int, unit_id: int, issue: int) -> CardSecrets:
    with shell.database.reading() as session:
        code = session.get_one(Round, round_id).code
    return card_secrets(shell.config, round_code=code, unit_id=unit_id, issue=issue)


def test_the_old_card_ends_the_new_one_answers_once_and_the_reason_is_kept(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    unit = first_unit(shell, round_id)
    assert cards.reissue_card(shell, county.office, unit, reason=" 卡片遗失 ") == 2
    old, new = (secrets_of(shell, round_id, unit, issue).token for issue in (1, 2))
    assert casting.look_up(shell, old).state == VOIDED
    assert casting.cast(shell, old, answers()) == VOIDED
    assert casting.look_up(shell, new).state == READY
    assert casting.cast(shell, new, answers()) == RECEIVED
    assert casting.cast(shell, new, answers()) == ALREADY
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "card_reissued")).one()
        issues = session.scalars(select(Card).where(Card.sample_unit_id == unit).order_by(Card.issue)).all()
    assert entry.reason == "卡片遗失"
    assert json.loads(entry.details)["issue"] == 2
    assert not any(secret in entry.details for secret in (old, new))
    assert [(card.issue, card.voided) for card in issues] == [(1, True), (2, False)]


def test_a_card_can_be_lost_again(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    unit = first_unit(shell, round_id)
    assert [cards.reissue_card(shell, county.office, unit, reason="遗失") for _ in range(3)] == [2, 3, 4]
    states = [casting.look_up(shell, secrets_of(shell, round_id, unit, issue).token).state for issue in (1, 2, 3, 4)]
    assert states == [VOIDED, VOIDED, VOIDED, READY]


def test_nothing_is_reissued_without_reason_or_card_or_after_an_answer_or_the_closing(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    round_id = make_open_round(shell, county)
    unit = first_unit(shell, round_id)
    with pytest.raises(BadInput, match="why"):
        cards.reissue_card(shell, county.office, unit, reason=" ")
    with pytest.raises(NotFound):
        cards.reissue_card(shell, other.office, unit, reason="遗失")
    with pytest.raises(WrongState, match="reserve"):
        cards.reissue_card(shell, county.office, first_unit(shell, round_id, "reserve"), reason="遗失")
    casting.cast(shell, secrets_of(shell, round_id, unit, 1).token, answers())
    with pytest.raises(WrongState, match="has answered"):
        cards.reissue_card(shell, county.office, unit, reason="遗失")
    closing.close_round(shell, county.office, round_id, no_progress)
    with pytest.raises(WrongState, match="closed"):
        cards.reissue_card(shell, county.office, unit, reason="遗失")


def test_an_answer_that_waited_while_its_card_was_replaced_does_not_get_in(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    unit = first_unit(shell, round_id)
    token = secrets_of(shell, round_id, unit, 1).token
    real, states, threads = cards.append_entry, [], []

    def answer_meanwhile(*arguments: object, **named: object) -> object:
        thread = threading.Thread(target=lambda: states.append(casting.cast(shell, token, answers())))
        thread.start()
        thread.join(timeout=0.5)  # it waits for the lock that the reissue holds
        threads.append(thread)
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(cards, "append_entry", answer_meanwhile)
    cards.reissue_card(shell, county.office, unit, reason="遗失")
    threads[0].join(timeout=20)
    assert states == [VOIDED]


def test_the_office_replaces_a_card_from_its_page_and_the_old_link_and_code_say_so_kindly(
    app: Flask, client_as: Callable[[str], FlaskClient], sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    unit = first_unit(sqlite_shell, round_id)
    client, path = client_as("office"), f"/office/units/{unit}/reissue"
    assert path in client.get(f"/office/units/{unit}", base_url=BASE).text
    page = client.get(path, base_url=BASE).text
    filled = {"csrf_token": csrf_of(page), "reason": "卡片遗失"}
    answer = client.post(path, base_url=BASE, headers={"Referer": BASE + path}, data=filled, follow_redirects=True)
    old, new = (secrets_of(sqlite_shell, round_id, unit, issue) for issue in (1, 2))
    assert new.token in answer.text
    assert old.token not in answer.text
    visitor = app.test_client()
    for shown in (
        visitor.get(f"/r/{old.token}", base_url=BASE),
        visitor.post(f"/r/{old.token}", base_url=BASE, data=answers()),
        visitor.post("/", base_url=BASE, data={"code": old.code}),
    ):
        assert shown.status_code == 410
        assert re.search(r'data-state="voided"', shown.text)
        assert "已作废" in shown.text
        assert "请用新卡作答" in shown.text
        assert new.token not in shown.text
    assert "found" in visitor.post("/", base_url=BASE, data={"code": new.code}).text
    record = client.get("/office/record", base_url=BASE).text
    assert "补发答卷卡" in record
    assert "卡片遗失" in record

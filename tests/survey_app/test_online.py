"""The online appraisal: a code answers once, nothing mixes with the sample, few answers are withheld."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from analysis import load_scheme, read_responses, score
from survey_app.errors import NotFound, WrongState
from survey_app.models import (
    AnsweredUnit,
    Ballot,
    OnlineBallot,
    OnlineCode,
    OnlineResponse,
    RecordEntry,
    Response,
    Round,
)
from survey_app.services import closing, online, results
from survey_app.services.casting import ALREADY, LATE, READY, RECEIVED, UNKNOWN
from survey_app.services.online import CodeRate, OpenPage
from survey_app.shell import Shell, no_progress
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answer_all, make_county, make_drawn_round, make_open_round

BASE = "https://pingyi.test"
ANSWERS = {f"O{number:02}": "satisfied" for number in range(1, 11)}


def opened(shell: Shell, county: CountyFacts) -> tuple[int, OpenPage]:
    """A round in the field with its online appraisal, and the open page of its first township."""
    round_id = make_open_round(shell, county)
    online.open_online(shell, county.office, round_id)
    with shell.database.reading() as session:
        code = session.get_one(Round, round_id).code
        return round_id, online.open_page(session, code, min(county.townships))


def count(shell: Shell, table: type) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_code_answers_once_and_no_table_of_the_sample_is_touched(shell: Shell) -> None:
    round_id, page = opened(shell, make_county(shell))
    token = online.hand_out(shell, page)
    assert online.look_up(shell, token).state == READY
    assert online.cast_online(shell, token, ANSWERS) == RECEIVED
    assert online.cast_online(shell, token, {}) == ALREADY
    assert online.look_up(shell, token).state == ALREADY
    assert online.look_up(shell, "0" * 26).state == UNKNOWN
    assert (count(shell, OnlineBallot), count(shell, Ballot), count(shell, AnsweredUnit)) == (1, 0, 0)
    with shell.database.reading() as session:
        assert online.count_online(session, round_id) == (1, 1)


def test_many_sendings_of_one_code_at_once_leave_one_answer(shell: Shell) -> None:
    _round_id, page = opened(shell, make_county(shell))
    token = online.hand_out(shell, page)
    states: list[str] = []
    threads = [
        threading.Thread(target=lambda: states.append(online.cast_online(shell, token, ANSWERS))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == [ALREADY] * 11 + [RECEIVED]
    assert count(shell, OnlineBallot) == 1


def test_what_is_stored_says_neither_code_nor_answer_and_all_ballots_have_one_length(shell: Shell) -> None:
    _round_id, page = opened(shell, make_county(shell))
    tokens = [online.hand_out(shell, page) for _ in range(3)]
    for token, sent in zip(tokens, (ANSWERS, {}, {"O01": "unsatisfied"}), strict=True):
        online.cast_online(shell, token, sent)
    with shell.database.reading() as session:
        sealed = session.scalars(select(OnlineBallot.sealed)).all()
        codes = session.scalars(select(OnlineCode)).all()
    assert len({len(ballot) for ballot in sealed}) == 1
    assert all(b"satisfied" not in ballot for ballot in sealed)
    assert all(token.encode() not in code.token_hash for token in tokens for code in codes)


def test_the_closing_opens_it_apart_and_the_samples_scores_do_not_change(shell: Shell, tmp_path: Path) -> None:
    county = make_county(shell)
    round_id, page = opened(shell, county)
    sample = answer_all(shell, round_id)
    for number in range(7):
        online.cast_online(shell, online.hand_out(shell, page), ANSWERS if number < 5 else ANSWERS | {"O01": "basic"})
    left_over = online.hand_out(shell, page)
    closing.close_round(shell, county.office, round_id, no_progress)
    assert (count(shell, OnlineResponse), count(shell, OnlineBallot), count(shell, OnlineCode)) == (7, 0, 0)
    assert count(shell, Response) == sample
    assert online.look_up(shell, left_over).state == UNKNOWN
    scores = results.score_round(shell, county.office, round_id)
    assert set(scores.groups["group"]) == {"delegates", "enterprise", "urban", "rural"}
    online.write_online(shell, county.office, round_id, tmp_path / "online")
    found = score(read_responses(tmp_path / "online"), load_scheme("online"))
    assert found.groups["total"].tolist() == pytest.approx([100 * (9 * 5 + (5 * 5 + 2 * 3) / 7) / 50])
    assert found.groups["respondents"].tolist() == [7]


def test_a_township_with_fewer_than_five_answers_is_withheld(shell: Shell, tmp_path: Path) -> None:
    county = make_county(shell)
    round_id, page = opened(shell, county)
    answer_all(shell, round_id)
    for _ in range(4):
        online.cast_online(shell, online.hand_out(shell, page), ANSWERS)
    closing.close_round(shell, county.office, round_id, no_progress)
    assert online.write_online(shell, county.office, round_id, tmp_path / "online") is None
    assert not (tmp_path / "online").exists()


def test_codes_come_at_a_rate_for_each_township_and_each_address() -> None:
    now = [0.0]
    rate = CodeRate(clock=lambda: now[0])
    page = OpenPage(1, "一", "359900101000", "云溪镇", True)
    hall = [rate.allows(page, "10.0.0.1") for _ in range(25)]
    assert hall == [True] * 20 + [False] * 5
    others = [rate.allows(page, f"10.0.{number}.2") for number in range(60)]
    assert others == [True] * 40 + [False] * 20
    other_township = OpenPage(1, "一", "359900201000", "竹坪乡", True)
    assert rate.allows(other_township, "10.0.9.9")
    now[0] = 60.0
    assert rate.allows(page, "10.0.0.1")


def test_it_opens_once_with_a_name_in_the_record_and_only_in_the_field(shell: Shell) -> None:
    county = make_county(shell)
    round_id, _page = opened(shell, county)
    with pytest.raises(WrongState, match="open already"):
        online.open_online(shell, county.office, round_id)
    drawn = make_drawn_round(shell, county, wave=2)
    with pytest.raises(WrongState, match="open the online appraisal"):
        online.open_online(shell, county.office, drawn)
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "online_opened")).one()
        with pytest.raises(NotFound):
            online.open_page(session, "359900-2026-2", min(county.townships))
        with pytest.raises(NotFound):
            online.open_page(session, "359900-2026-1", "359900999000")
    assert entry.person == county.office.name


def test_a_code_is_late_once_its_round_is_closed_and_before_its_codes_are_gone(shell: Shell) -> None:
    county = make_county(shell)
    round_id, page = opened(shell, county)
    token = online.hand_out(shell, page)
    with shell.database.transaction() as session:
        session.get_one(Round, round_id).state = "closed"
    assert online.cast_online(shell, token, ANSWERS) == LATE
    assert count(shell, OnlineBallot) == 0


def test_the_open_page_leads_to_one_answer_and_never_shows_a_code_in_a_header(
    sqlite_shell: Shell, county: CountyFacts, app: Flask
) -> None:
    opened(sqlite_shell, county)
    client = app.test_client()
    address = f"/public/online/359900-2026-1/{min(county.townships)}"
    assert 'data-state="online"' in client.get(address, base_url=BASE).text
    handed = client.post(address, base_url=BASE)
    found = re.search(r'href="(/public/o/[^"]+)"', handed.text)
    assert found is not None
    assert not any("/public/o/" in value for value in handed.headers.values())
    form = client.get(found.group(1), base_url=BASE)
    assert 'data-state="ready"' in form.text
    assert "云溪镇" in form.text
    assert 'name="comment"' not in form.text
    review = client.post(found.group(1), base_url=BASE, data=ANSWERS | {"step": "review"})
    assert 'data-state="review"' in review.text
    sent = client.post(found.group(1), base_url=BASE, data=ANSWERS | {"step": "send", "reviewed": "1"})
    assert 'data-state="received"' in sent.text
    again = client.post(found.group(1), base_url=BASE, data={"step": "send", "reviewed": "1"})
    assert 'data-state="already"' in again.text
    assert (
        client.post(found.group(1), base_url=BASE, data={"R01": "satisfied"}).status_code == 200
    )  # spent: told kindly
    assert "卡" not in sent.text + again.text, "who takes part online has no card"


def test_after_the_closing_the_posted_address_and_the_links_say_that_it_is_over(
    sqlite_shell: Shell, county: CountyFacts, app: Flask
) -> None:
    round_id, page = opened(sqlite_shell, county)
    token = online.hand_out(sqlite_shell, page)
    answer_all(sqlite_shell, round_id)
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    client = app.test_client()
    address = "/public/online/359900-2026-1/"
    for answer in (client.get(address + page.township_code), client.post(address + page.township_code)):
        assert answer.status_code == 200
        assert 'data-state="late"' in answer.text
        assert "评议已经结束" in answer.text
    assert client.get(address + "359900999000").status_code == 404
    link = client.get(f"/public/o/{token}", base_url=BASE)
    assert link.status_code == 404
    assert "或者那次评议已经结束" in link.text
    assert "输入卡上的代码" not in link.text


def test_a_foreign_item_or_answer_or_an_item_twice_is_refused_and_keeps_the_code(
    sqlite_shell: Shell, county: CountyFacts, app: Flask
) -> None:
    _round_id, page = opened(sqlite_shell, county)
    token = online.hand_out(sqlite_shell, page)
    client = app.test_client()
    for wrong in ({"R01": "satisfied"}, {"O01": "splendid"}, {"O01": ["satisfied", "basic"]}):
        answer = client.post(f"/public/o/{token}", base_url=BASE, data=wrong | {"step": "send"})
        assert answer.status_code == 400
    assert online.look_up(sqlite_shell, token).state == READY


def test_the_open_page_says_kindly_when_too_many_ask(sqlite_shell: Shell, county: CountyFacts, app: Flask) -> None:
    opened(sqlite_shell, county)
    client = app.test_client()
    address = f"/public/online/359900-2026-1/{min(county.townships)}"
    asked = [client.post(address, base_url=BASE) for _ in range(22)]
    assert [answer.status_code for answer in asked] == [200] * 20 + [429] * 2
    assert asked[-1].headers["Retry-After"] == "60"
    assert 'data-state="throttled"' in asked[-1].text
    assert count(sqlite_shell, OnlineCode) == 20


def test_the_offices_page_opens_it_and_shows_addresses_then_scores(
    sqlite_shell: Shell, county: CountyFacts, client_as: Callable[[str], FlaskClient]
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    office = client_as("office")
    address = f"/office/rounds/{round_id}/online"
    office.post(address, base_url=BASE, data={"csrf_token": csrf_of(office.get(address, base_url=BASE).text)})
    assert f"/public/online/359900-2026-1/{min(county.townships)}" in office.get(address, base_url=BASE).text
    with sqlite_shell.database.reading() as session:
        page = online.open_page(session, "359900-2026-1", min(county.townships))
    for _ in range(5):
        online.cast_online(sqlite_shell, online.hand_out(sqlite_shell, page), ANSWERS)
    answer_all(sqlite_shell, round_id)
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    shown = office.get(address, base_url=BASE).text
    assert "100.00" in shown
    assert "不足 5 份" in shown
    folder = office.get(f"/office/rounds/{round_id}/online.zip", base_url=BASE)
    assert "online.csv" in zipfile.ZipFile(io.BytesIO(folder.data)).namelist()

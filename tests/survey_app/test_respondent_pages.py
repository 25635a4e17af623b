"""What the respondent's pages tell and carry beside the answers: comment, deadline, whom to call, what anonymity means, weight."""

from __future__ import annotations

import gzip
import html
import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

import survey_app
from survey_app.models import Card, Response, Round
from survey_app.models.rounds import KEY_PRINTED
from survey_app.services import casting, closing
from survey_app.shell import Shell, no_progress
from tests.factories import CountyFacts, answers, make_open_round, tokens_of

BASE = "https://pingyi.test"
CONTACT = "县调查队 0599-7654321"
STATIC = Path(survey_app.__file__).parent / "static"
WEIGHT = 40_000
SCRIPT_WEIGHT = 6_000


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts) -> int:
    made = make_open_round(sqlite_shell, county)
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Round).values(contact=CONTACT, answer_by=date(2026, 12, 5)))
    return made


@pytest.fixture
def token(sqlite_shell: Shell, round_id: int) -> str:
    return tokens_of(sqlite_shell, round_id, group="rural")[0]


def hidden(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }


def test_a_comment_travels_through_look_back_and_edit_and_goes_into_the_box(
    app: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    said = '路灯坏了。"<b>修</b>\r\n谢谢'
    review = client.post(f"/r/{token}", data=answers() | {"comment": said, "step": "review"}, base_url=BASE).text
    kept = said.replace("\r\n", "\n")
    assert hidden(review)["comment"] == kept
    assert "<b>修</b>" not in review
    edit = client.post(f"/r/{token}", data=hidden(review) | {"step": "edit"}, base_url=BASE).text
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", edit, re.DOTALL)
    assert found
    assert html.unescape(found.group(1)) == kept
    taken = []

    def cast(*args: object, **named: object) -> str:
        taken.append(named["comment"])
        return casting.RECEIVED

    monkeypatch.setattr(casting, "cast", cast)
    client.post(f"/r/{token}", data=hidden(review) | {"step": "send"}, base_url=BASE)
    assert taken == [kept]


def test_a_comment_of_500_characters_and_line_ends_is_taken(app: Flask, token: str) -> None:
    comment = "\r\n".join(["好" * 9] * 50)  # 499 as a browser counts them
    client = app.test_client()
    assert (
        '<textarea id="comment" name="comment" rows="4" maxlength="500"'
        in client.get(f"/r/{token}", base_url=BASE).text
    )
    answer = client.post(f"/r/{token}", data=answers() | {"comment": comment}, base_url=BASE)
    assert 'data-state="received"' in answer.text


@pytest.mark.parametrize(
    ("case", "deadline"), [("ready", True), ("already", False), ("voided", True), ("early", True), ("late", False)]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_page_of_a_card_says_whom_to_call_and_until_when_it_matters(
    case: str, deadline: bool, language: str, app: Flask, sqlite_shell: Shell, token: str
) -> None:
    client = app.test_client()
    if case == "already":
        client.post(f"/r/{token}", data=answers(), base_url=BASE)
    with sqlite_shell.database.transaction() as session:
        if case in ("late", "early"):
            session.execute(update(Round).values(state="closed" if case == "late" else "drawn"))
        if case == "voided":
            session.execute(update(Card).values(voided=True))
    page = client.get(f"/r/{token}?lang={language}", base_url=BASE).text
    assert f'data-state="{case}"' in page
    assert CONTACT in page
    assert (("2026年12月5日" if language == "zh" else "5 December 2026") in page) is deadline


def test_an_unknown_card_is_led_to_the_typed_code(app: Flask, round_id: int) -> None:
    page = app.test_client().get(f"/r/{'0' * 26}?lang=en", base_url=BASE).text
    assert 'href="/?lang=en"' in page


def test_no_page_between_scanning_and_thanks_holds_the_token(app: Flask, token: str) -> None:
    client = app.test_client()
    for page in (
        client.get(f"/r/{token}", base_url=BASE),
        client.post(f"/r/{token}", data=answers() | {"step": "review"}, base_url=BASE),
        client.post(f"/r/{token}", data=answers() | {"step": "edit"}, base_url=BASE),
        client.post(f"/r/{token}", data=answers(), base_url=BASE),
    ):
        assert token not in page.text


def test_a_failing_server_keeps_the_answers_on_the_page_and_never_says_sent(
    app: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    given = answers() | {"comment": "好", "step": "send", "reviewed": "1"}
    with monkeypatch.context() as broke:
        broke.setattr(casting, "cast", broken)
        answer = client.post(f"/r/{token}", data=given, base_url=BASE)
    assert answer.status_code >= 500
    assert 'data-state="unsent"' in answer.text
    assert "还没有提交成功" in answer.text
    assert "已收到" not in answer.text
    assert hidden(answer.text) == {name: value for name, value in given.items() if name != "step"}
    again = client.post(f"/r/{token}", data=hidden(answer.text) | {"step": "send"}, base_url=BASE)
    assert 'data-state="received"' in again.text


def test_a_skipped_item_is_one_press_away_from_the_look_back_without_script(app: Flask, token: str) -> None:
    client = app.test_client()
    given = answers()
    del given["R07"]
    review = client.post(f"/r/{token}", data=given | {"step": "review"}, base_url=BASE).text
    assert re.findall(r'value="edit" formaction="(#[^"]+)">([^<]+)<', review) == [("#item-R07", "第 7 题")]
    assert 'id="item-R07"' in client.post(f"/r/{token}", data=given | {"step": "edit"}, base_url=BASE).text


def test_a_phone_of_the_staff_is_told_to_keep_no_draft(app: Flask, token: str) -> None:
    client = app.test_client()
    assert 'data-drafts="yes"' in client.get(f"/r/{token}", base_url=BASE).text
    client.set_cookie("session", "x", domain="pingyi.test")
    assert 'data-drafts="no"' in client.get(f"/r/{token}", base_url=BASE).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            ("统计法", "个人信息保护法", "您的权利", "保存多久", "谁在问", "记下什么", "保护不了什么", "2026年12月5日"),
        ),
        (
            "en",
            ("Statistics Law", "Your rights", "How long", "Who asks", "What is recorded", "cannot be protected"),
        ),
    ],
)
def test_the_page_on_anonymity_tells_what_the_law_asks_for_and_sets_no_cookie(
    language: str, words: tuple[str, ...], app: Flask, round_id: int
) -> None:
    answer = app.test_client().get(f"/public/anonymity?lang={language}", base_url=BASE)
    assert answer.status_code == 200
    assert [word for word in (*words, CONTACT) if word not in answer.text] == []
    assert "Set-Cookie" not in answer.headers


def test_the_page_on_anonymity_says_where_the_key_of_each_round_lies(
    app: Flask, sqlite_shell: Shell, round_id: int
) -> None:
    client = app.test_client()
    assert "存在服务器上" in client.get("/public/anonymity", base_url=BASE).text
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Round).values(key_holding=KEY_PRINTED))
    page = client.get("/public/anonymity", base_url=BASE).text
    assert "存在服务器上" not in page
    assert "监督人员各拿一半" in page


def test_the_page_on_anonymity_stands_without_any_round(app: Flask) -> None:
    assert app.test_client().get("/public/anonymity", base_url=BASE).status_code == 200


def test_all_that_a_phone_loads_is_under_40_kb_and_from_here(app: Flask, token: str) -> None:
    client = app.test_client()
    for query in ("", "?lang=en", "?size=large"):
        page = client.get(f"/r/{token}{query}", base_url=BASE).text
        parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        assert {Path(part).name for part in parts} == {"pingyi.css", "respondent.js", "favicon.svg"}
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page) == []
        packed = [gzip.compress(page.encode())]
        packed += [gzip.compress((STATIC / Path(part).name).read_bytes()) for part in parts]
        assert sum(map(len, packed)) < WEIGHT
    assert len(gzip.compress((STATIC / "respondent.js").read_bytes())) < SCRIPT_WEIGHT


@pytest.mark.parametrize(
    "newer", [r"=>", r"`", r"\b(?:let|const|class|async|await)\s", r"\?\.", r"\?\?", r"\.\.\.\w", r"\bfetch\("]
)
def test_the_script_keeps_to_what_old_browsers_read(newer: str) -> None:
    script = (STATIC / "respondent.js").read_text()
    code = re.sub(r"/\*.*?\*/|//[^\n]*|'[^'\n]*'", "''", script, flags=re.DOTALL)
    assert re.findall(newer, code) == []


def test_the_answers_of_a_sending_with_comment_are_counted(
    app: Flask, sqlite_shell: Shell, county: CountyFacts, round_id: int, token: str
) -> None:
    app.test_client().post(f"/r/{token}", data=answers() | {"comment": "好"}, base_url=BASE)
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Response)).one().answers == answers()


def test_a_slash_behind_the_token_leads_to_the_same_page_and_takes_answers_without_a_redirect(
    app: Flask, token: str
) -> None:
    client = app.test_client(use_cookies=False)
    slashed = client.get(f"/r/{token}/", base_url=BASE)
    assert (slashed.status_code, "Location" in slashed.headers) == (200, False)
    assert slashed.text.count('type="radio"') == client.get(f"/r/{token}", base_url=BASE).text.count('type="radio"') > 0
    sent = client.post(f"/r/{token}/", base_url=BASE, data=answers() | {"step": "send", "lang": "zh"})
    assert (sent.status_code, "Location" in sent.headers) == (200, False)
    assert client.get(f"/r/{token}", base_url=BASE).text.count('type="radio"') == 0

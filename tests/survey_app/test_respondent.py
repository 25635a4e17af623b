"""The respondent's pages: no cookies, no need of script; what the contract's form promises."""

from __future__ import annotations

import html
import logging
import re
from urllib.parse import urljoin

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.models import Ballot, Response
from survey_app.services import casting, closing
from survey_app.shell import Shell, no_progress
from tests.factories import CountyFacts, answers, item_ids, make_drawn_round, make_open_round, tokens_of

BASE = "https://pingyi.test"


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts) -> int:
    return make_open_round(sqlite_shell, county)


@pytest.fixture
def token(sqlite_shell: Shell, round_id: int) -> str:
    return tokens_of(sqlite_shell, round_id, group="rural")[0]


def state(page: str) -> str:
    found = re.search(r'<main[^>]*data-state="([a-z]+)"', page)
    assert found
    return found.group(1)


def ballots(shell: Shell) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Ballot)) or 0


def test_the_form_asks_the_groups_20_items_with_four_answers_none_chosen(app: Flask, token: str) -> None:
    page = app.test_client().get(f"/r/{token}", base_url=BASE).text
    assert re.findall(r'name="(R\d\d)"[^>]*value="satisfied"', page) == item_ids("rural")
    for code in ("satisfied", "basic", "unsatisfied", "unknown"):
        assert page.count(f'value="{code}"') == 20
    assert "checked" not in page


def test_posting_all_answers_at_once_is_received(app: Flask, sqlite_shell: Shell, token: str) -> None:
    answer = app.test_client().post(f"/r/{token}", data=answers(), base_url=BASE)
    assert state(answer.text) == "received"
    assert ballots(sqlite_shell) == 1


def test_a_second_sending_is_told_kindly_and_changes_nothing(
    app: Flask, sqlite_shell: Shell, county: CountyFacts, round_id: int, token: str
) -> None:
    client = app.test_client()
    client.post(f"/r/{token}", data=answers(), base_url=BASE)
    again = client.post(f"/r/{token}", data=answers(code="unsatisfied"), base_url=BASE)
    assert (again.status_code, state(again.text)) == (200, "already")
    assert state(client.get(f"/r/{token}", base_url=BASE).text) == "already"
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Response)).one().answers == answers()


def test_the_look_back_shows_the_answers_and_carries_them_in_hidden_fields(
    app: Flask, sqlite_shell: Shell, token: str
) -> None:
    client = app.test_client()
    given = answers(R02="unsatisfied")
    del given["R03"]
    review = client.post(f"/r/{token}", data=given | {"step": "review", "started": "1"}, base_url=BASE).text
    assert state(review) == "review"
    assert ballots(sqlite_shell) == 0
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', review))
    assert {name: value for name, value in hidden.items() if name.startswith("R")} == given
    assert "第 3 题" in review
    edit = client.post(f"/r/{token}", data=hidden | {"step": "edit"}, base_url=BASE).text
    assert edit.count("checked") == 19
    assert state(client.post(f"/r/{token}", data=hidden | {"step": "send"}, base_url=BASE).text) == "received"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"R01": "excellent"}, "R01"),
        ({"D01": "satisfied"}, "不属于本问卷"),
        ({"R21": "satisfied"}, "不属于本问卷"),
        ({"<script>": "satisfied"}, "不属于本问卷"),
    ],
)
def test_foreign_items_and_answers_are_refused_and_nothing_is_stored(
    app: Flask, sqlite_shell: Shell, token: str, change: dict[str, str], what: str
) -> None:
    answer = app.test_client().post(f"/r/{token}", data=answers() | change, base_url=BASE)
    assert answer.status_code == 400
    assert what in answer.text
    assert "<script>" not in answer.text
    assert ballots(sqlite_shell) == 0


@pytest.mark.parametrize(
    "sent", [{}, {"R01": ""}, {"step": "send"}, {"step": ""}, {"step": "sned"}, answers() | {"step": "sned"}]
)
def test_an_empty_or_foreign_sending_leads_to_the_look_back_and_spends_no_card(
    app: Flask, sqlite_shell: Shell, token: str, sent: dict[str, str]
) -> None:
    answer = app.test_client().post(f"/r/{token}", data=sent, base_url=BASE)
    assert (answer.status_code, state(answer.text)) == (200, "review")
    assert ballots(sqlite_shell) == 0


def test_a_blank_sheet_can_be_sent_on_purpose_from_the_look_back(app: Flask, sqlite_shell: Shell, token: str) -> None:
    client = app.test_client()
    review = client.post(f"/r/{token}", data={"step": "review"}, base_url=BASE).text
    assert "20 题没有回答" in review
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', review))
    assert state(client.post(f"/r/{token}", data=hidden | {"step": "send"}, base_url=BASE).text) == "received"
    assert ballots(sqlite_shell) == 1


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def tool_buttons(page: str) -> dict[str, tuple[str, str]]:
    """What the buttons above the questionnaire say, and where each sends which step."""
    found = re.findall(r'name="step" value="(\w+)" formaction="([^"]+)"[^>]*>([^<]+)<', page)
    return {words: (step, address) for step, address, words in found}


def test_large_type_and_english_keep_every_answer_given_so_far(app: Flask, sqlite_shell: Shell, token: str) -> None:
    client = app.test_client()
    page = client.get(f"/r/{token}", base_url=BASE).text
    given = dict(list(answers().items())[:7]) | {"R03": "unsatisfied"}
    for words, told, type_ in (
        ("大字", "标准字", "big large"),
        ("English", "Normal type", "big large"),
        ("Normal type", "Larger type", "big "),
        ("中文", "大字", "big "),
    ):
        step, address = tool_buttons(page)[words]
        page = client.post(
            f"/r/{token}{address}", data=given | hidden_fields(page) | {"step": step}, base_url=BASE
        ).text
        assert state(page) == "ready"
        assert told in tool_buttons(page)
        assert f'<body class="{type_}">' in page
        chosen = re.findall(r'name="(R\d\d)"[^>]*value="(\w+)" checked', page)
        assert dict(chosen) == given
    assert ballots(sqlite_shell) == 0


def test_the_look_back_too_changes_its_type_and_language_and_keeps_the_answers(app: Flask, token: str) -> None:
    client = app.test_client()
    page = client.post(f"/r/{token}", data=answers() | {"step": "review"}, base_url=BASE).text
    for words in ("大字", "English"):
        step, address = tool_buttons(page)[words]
        page = client.post(f"/r/{token}{address}", data=hidden_fields(page) | {"step": step}, base_url=BASE).text
        assert state(page) == "review"
    assert '<html lang="en">' in page
    assert '<body class="big large">' in page
    assert answers().items() <= hidden_fields(page).items()


@pytest.mark.parametrize("case", ["already", "late", "early", "voided", "unknown", "error"])
def test_the_demo_mark_stands_on_every_page_a_card_can_lead_to(
    case: str, app: Flask, sqlite_shell: Shell, county: CountyFacts, round_id: int, token: str
) -> None:
    from sqlalchemy import update

    from survey_app.models import Card, Round

    client = app.test_client()
    data = None
    if case == "already":
        client.post(f"/r/{token}", data=answers(), base_url=BASE)
    elif case == "unknown":
        token = "0" * 26
    elif case == "error":
        data = {"R99": "satisfied"}
    with sqlite_shell.database.transaction() as session:
        if case in ("late", "early"):
            session.execute(update(Round).values(state="closed" if case == "late" else "drawn"))
        if case == "voided":
            session.execute(update(Card).values(voided=True))
    page = client.open(f"/r/{token}", method="POST" if data else "GET", data=data, base_url=BASE).text
    assert state(page) == case
    assert "演示数据" in page


def test_a_body_that_is_too_large_is_refused(app: Flask, sqlite_shell: Shell, token: str) -> None:
    answer = app.test_client().post(f"/r/{token}", data={"R01": "x" * 100_000}, base_url=BASE)
    assert answer.status_code == 413
    assert ballots(sqlite_shell) == 0


@pytest.mark.parametrize("token", ["0" * 26, "x", "x" * 3000, "%F0%9F%99%82"])
def test_an_unknown_card_gets_its_own_kind_page(app: Flask, round_id: int, token: str) -> None:
    answer = app.test_client().get(f"/r/{token}", base_url=BASE)
    assert (answer.status_code, state(answer.text)) == (404, "unknown")


def test_early_and_late_cards_get_their_own_kind_pages(
    app: Flask, sqlite_shell: Shell, county: CountyFacts, round_id: int, token: str
) -> None:
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    client = app.test_client()
    assert state(client.get(f"/r/{token}", base_url=BASE).text) == "late"
    assert state(client.post(f"/r/{token}", data=answers(), base_url=BASE).text) == "late"
    drawn = make_drawn_round(sqlite_shell, county, wave=2)
    assert state(client.get(f"/r/{tokens_of(sqlite_shell, drawn)[0]}", base_url=BASE).text) == "unknown"


def test_no_cookie_is_ever_set_and_no_other_host_is_asked(app: Flask, token: str) -> None:
    client = app.test_client()
    for answer in (
        client.get(f"/r/{token}?lang=en&size=large", base_url=BASE),
        client.post(f"/r/{token}", data=answers() | {"step": "review", "lang": "en"}, base_url=BASE),
        client.post(f"/r/{token}", data=answers(), base_url=BASE),
        client.get(f"/r/{token}", base_url=BASE),
    ):
        assert "Set-Cookie" not in answer.headers
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)
        assert re.findall(r"<script[^>]*>[^<]*", answer.text) == ['<script src="/static/respondent.js" defer>']
        assert " style=" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_language_and_the_size_of_type_travel_through_the_forms(app: Flask, token: str) -> None:
    client = app.test_client()
    page = client.get(f"/r/{token}?lang=en&size=large", base_url=BASE).text
    assert "How satisfied are you" in page
    assert '<body class="big large">' in page
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    review = client.post(f"/r/{token}", data=answers() | hidden | {"step": "review"}, base_url=BASE).text
    assert "How satisfied are you" in review
    assert '<body class="big large">' in review


def test_unknown_parameters_that_a_messenger_adds_are_ignored(app: Flask, token: str) -> None:
    answer = app.test_client().get(f"/r/{token}?from=singlemessage&isappinstalled=0&lang=xx&size=9", base_url=BASE)
    assert (answer.status_code, state(answer.text)) == (200, "ready")


def test_no_log_line_and_no_error_page_ever_holds_a_token(
    app: Flask, token: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    caplog.set_level(logging.DEBUG)
    client = app.test_client()
    client.get(f"/r/{token}", base_url=BASE)
    with monkeypatch.context() as broke:
        broke.setattr(casting, "look_up", broken)
        answer = client.get(f"/r/{token}", base_url=BASE)
    assert answer.status_code == 500
    assert token not in html.unescape(answer.text)
    assert token not in caplog.text


def test_a_token_with_something_behind_it_is_shown_nowhere(app: Flask, token: str) -> None:
    """A link that a messenger glued a letter to fails, and its page is what people send on as a picture or a file."""
    client = app.test_client()
    for tail in ("X", "?lang=en", "X?lang=en&size=large", "/", "/X", "。", " x"):
        for send in (client.get, client.post, client.put):
            answer = send(f"/r/{token}{tail}", base_url=BASE)
            if answer.status_code == 200:
                continue
            assert answer.status_code in (404, 405), tail
            assert token not in html.unescape(answer.text)
            assert not any(token in value for value in answer.headers.values())
            assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_no_page_of_a_spent_card_and_no_tool_of_the_form_holds_the_token(app: Flask, token: str) -> None:
    client = app.test_client()
    page = client.get(f"/r/{token}?lang=en", base_url=BASE).text
    assert token not in "".join(re.findall(r"<a [^>]*>", page))
    assert token not in client.post(f"/r/{token}", data=answers(), base_url=BASE).text
    spent = client.get(f"/r/{token}", base_url=BASE)
    assert state(spent.text) == "already"
    assert token not in spent.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_buttons_for_the_other_language_and_size_lead_back_to_the_same_card(
    app: Flask, token: str, language: str
) -> None:
    client = app.test_client()
    here = f"{BASE}/r/{token}?lang={language}&size=large"
    other = "zh" if language == "en" else "en"
    page = client.get(here, base_url=BASE).text
    links = [html.unescape(link) for link in re.findall(r'formaction="(\?[^"]*)"', page)]
    assert len(links) == 2
    sent = hidden_fields(page) | {"step": "edit"}
    shown = [client.post(urljoin(here, link), data=sent, base_url=BASE) for link in links]
    assert [state(page.text) for page in shown] == ["ready", "ready"]
    assert '<body class="big large">' not in shown[0].text
    assert f'lang="{"en" if other == "en" else "zh-Hans"}"' in shown[1].text.splitlines()[1]
    assert '<body class="big large">' in shown[1].text


def test_a_used_or_false_sign_in_link_is_not_repeated_on_its_page(app: Flask, county: CountyFacts) -> None:
    from tests.factories import sign_in_token

    link = sign_in_token(app.extensions["pingyi"], "office")
    client = app.test_client()
    for tail in ("", "?lang=en", "X", "X?lang=en", "/"):
        answer = client.get(f"/account/link/{link}{tail}", base_url=BASE)
        assert link not in html.unescape(answer.text), tail
        assert not any(link in value for value in answer.headers.values())


@pytest.mark.parametrize(
    ("seconds", "band"),
    [(5, "<1"), (59, "<1"), (60, "1-2"), (119, "1-2"), (300, "2-5"), (301, ">5"), (90_000, ""), (-9, "")],
)
def test_the_time_taken_becomes_a_band(app: Flask, seconds: int, band: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from survey_app.respondent import views

    monkeypatch.setattr(views, "utc_now", lambda: datetime.fromtimestamp(1_800_000_000, UTC))
    assert views.minutes_band(1_800_000_000 - seconds) == band

"""The pages of the desk do what their buttons say, for office and supervisor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sampling import REASONS
from survey_app.models import Callback, ReserveRelease, Round
from survey_app.services import accounts, callbacks
from survey_app.shell import Shell
from tests.conftest import csrf_of
from tests.factories import TOWNSHIPS, CountyFacts, answer_all
from tests.survey_app.test_desk import holders
from tests.survey_app.test_releases import Field

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]
FIRST = min(TOWNSHIPS)


@pytest.fixture
def field(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch, county: CountyFacts) -> Field:
    """A round in the field of the county whose people sign in."""
    monkeypatch.setattr("tests.survey_app.test_releases.make_county", lambda _shell: county)
    return Field(sqlite_shell)


def send(client: FlaskClient, page: str, path: str, **filled: object) -> TestResponse:
    token = csrf_of(client.get(page, base_url=BASE).text)
    return client.post(path, base_url=BASE, headers={"Referer": BASE + page}, data=filled | {"csrf_token": token})


@pytest.mark.parametrize("who", ["office", "supervisor"])
def test_a_request_is_granted_or_refused_from_the_queue(
    who: str, client_as: ClientAs, field: Field, sqlite_shell: Shell
) -> None:
    granted, refused = field.units[:2]
    for unit in (granted, refused):
        field.visit(unit, "refused", others_present="official")
        field.ask(unit)
    client, queue = client_as(who), f"/office/rounds/{field.round_id}/releases"
    shown = client.get(queue, base_url=BASE).text
    assert shown.count("乡镇或村干部在场") == 2
    assert "符合规则" in shown
    first, second = (release.id for release in field.released())
    assert send(client, queue, f"/office/releases/{first}", choice="approve").status_code == 302
    bare = send(client, queue, f"/office/releases/{second}", choice="refuse")
    assert (bare.status_code, "请说明不同意的理由" in bare.text) == (400, True)
    send(client, queue, f"/office/releases/{second}", choice="refuse", reason="请晚间再访")
    with sqlite_shell.database.reading() as session:
        states = list(session.scalars(select(ReserveRelease.state).order_by(ReserveRelease.id)))
    assert states == ["approved", "refused"]
    assert "请晚间再访" in client.get(queue, base_url=BASE).text
    told = {
        language: client_as("office").get(f"/office/record?lang={language}", base_url=BASE).text
        for language in ("en", "zh")
    }
    fixed = REASONS["refused"]
    assert f"Reason: {fixed.en}" in told["en"]
    assert fixed.zh not in told["en"]
    assert f"理由：{fixed.zh}" in told["zh"]
    assert "请晚间再访" in told["en"]


def test_a_choice_that_is_neither_is_refused_and_changes_nothing(client_as: ClientAs, field: Field) -> None:
    field.visit(field.units[0], "refused")
    field.ask(field.units[0])
    (release,) = field.released()
    queue = f"/office/rounds/{field.round_id}/releases"
    path, client = f"/office/releases/{release.id}", client_as("supervisor")
    for sent in ({"choice": "foo"}, {"choice": ""}, {}):
        answer = send(client, queue, path, reason="不同意", **sent)
        assert (answer.status_code, "应为 approve 或 refuse" in answer.text) == (400, True)
    english = send(client, queue, path + "?lang=en", choice="foo").text
    assert "Expected approve or refuse, got &#39;foo&#39;; nothing was stored" in english
    assert field.released()[0].state == "waiting"


def test_a_decision_with_too_long_a_reason_is_refused_beside_the_request(client_as: ClientAs, field: Field) -> None:
    field.visit(field.units[0], "refused")
    field.ask(field.units[0])
    (release,) = field.released()
    queue = f"/office/rounds/{field.round_id}/releases"
    answer = send(client_as("supervisor"), queue, f"/office/releases/{release.id}", choice="refuse", reason="长" * 201)
    assert (answer.status_code, "意见最多 200 个字" in answer.text) == (400, True)
    assert field.released()[0].state == "waiting"


def test_the_office_alone_says_who_decides(client_as: ClientAs, field: Field, sqlite_shell: Shell) -> None:
    queue = f"/office/rounds/{field.round_id}/releases"
    field.visit(field.units[0], "refused")
    field.ask(field.units[0])
    path = f"/office/rounds/{field.round_id}/release-rule"
    assert send(client_as("supervisor"), queue, path, rule="at_once").status_code == 403
    assert "release-rule" not in client_as("supervisor").get(queue, base_url=BASE).text
    for sent in ({"rule": "never"}, {}):
        refused = send(client_as("office"), queue, path, **sent)
        assert (refused.status_code, "应为 supervisor 或 at_once" in refused.text) == (400, True)
    english = send(client_as("office"), queue, path + "?lang=en", rule="never").text
    assert "Expected supervisor or at_once, got &#39;never&#39;; nothing was stored" in english
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Round, field.round_id).release_rule == "supervisor"
    assert send(client_as("office"), queue, path, rule="at_once").status_code == 302
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Round, field.round_id).release_rule == "at_once"


def test_places_are_shared_out_and_changed_by_hand_on_the_pages(
    client_as: ClientAs, field: Field, sqlite_shell: Shell
) -> None:
    other = accounts.invite(sqlite_shell, field.county.office, display_name="乙", roles=["investigator"])[0]
    people = [field.visitor.person_id, other]
    client, page = client_as("supervisor"), f"/office/rounds/{field.round_id}/assignments"
    asked = client.get(page, base_url=BASE).text
    assert "9 处没有调查员" in asked
    boxes = re.findall(r'<input[^>]*name="people"[^>]*>', asked)
    assert len(boxes) == 2
    assert not [box for box in boxes if "required" in box]  # else a browser asks that every box be ticked
    assert send(client, page, page, people=people[1:], travel=2).status_code == 302
    assert set(holders(sqlite_shell, field).values()) == {(other,)}
    assert send(client, page, page, people=people, travel=2).status_code == 302
    held = holders(sqlite_shell, field)
    assert {who for place, who in held.items() if place[0] == FIRST} == {(people[0],)}
    place = next(iter(held))
    name = "place-" + "-".join(place)
    one = f"{page}/{FIRST}"
    send(client, one, one, **{name: str(other)})
    assert holders(sqlite_shell, field)[place] == (other,)
    assert send(client, one, one, **{name: "99999999999999"}).status_code == 400
    elsewhere = next("place-" + "-".join(each) for each in holders(sqlite_shell, field) if each[0] != FIRST)
    before = holders(sqlite_shell, field)
    for unknown in ("place-zzz", "place-", elsewhere):
        answer = send(client, one, one, **{name: str(people[0]), unknown: str(people[0])})
        assert (answer.status_code, "应只有本乡镇的地方" in answer.text) == (400, True)
    english = send(client_as("office"), one, f"{one}?lang=en", **{"place-zzz": ""}).text
    assert "Expected places of this township alone, got &#39;zzz&#39;" in english
    assert holders(sqlite_shell, field) == before
    assert holders(sqlite_shell, field)[place] == (other,)
    assert client.get(f"{page}/999", base_url=BASE).status_code == 404
    nobody = send(client, page, page, travel=2)
    assert "请至少选择一名调查员" in nobody.text


def test_call_backs_are_drawn_and_answered_on_the_page(client_as: ClientAs, field: Field, sqlite_shell: Shell) -> None:
    answer_all(sqlite_shell, field.round_id)
    client, page = client_as("supervisor"), f"/office/rounds/{field.round_id}/callbacks"
    assert send(client, page, page).status_code == 302
    with sqlite_shell.database.reading() as session:
        found = callbacks.list_callbacks(session, session.get_one(Round, field.round_id))
    path = f"/office/callbacks/{found[0].id}"
    for sent in ({"result": "zzz"}, {"result": ""}, {}):
        refused = send(client, page, path, **sent)
        assert (refused.status_code, "回访结果应为 confirmed、" in refused.text) == (400, True)
    english = send(client, page, path + "?lang=en", result="zzz").text
    assert "Expected one of the results confirmed, " in english
    assert "got &#39;zzz&#39;; nothing was stored" in english
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Callback, found[0].id).result is None
    assert send(client, page, path + "?lang=zh", result="not_visited").status_code == 302
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Callback, found[0].id).result == "not_visited"
    shown = client.get(page, base_url=BASE).text
    assert "12345" not in shown
    assert "pingyi-callback/1|12345|359900-2026-1" in client_as("office").get(page, base_url=BASE).text
    assert "12345" not in client_as("observer").get("/office/record", base_url=BASE).text
    assert "21 / 22 未回访" in shown


@pytest.mark.parametrize(
    ("language", "first", "later"), [("zh", "还没有一户作答", "没有新的作答"), ("en", "yet", "since the last")]
)
def test_where_nobody_new_is_to_be_called_back_the_page_says_so_itself_and_draws_nothing(
    client_as: ClientAs, field: Field, sqlite_shell: Shell, language: str, first: str, later: str
) -> None:
    client, page = client_as("supervisor"), f"/office/rounds/{field.round_id}/callbacks"
    client.get(f"{page}?lang={language}", base_url=BASE)
    for drawn, said in ((0, first), (22, later)):
        if drawn:
            answer_all(sqlite_shell, field.round_id)
            assert send(client, page, page).status_code == 302
        told = send(client, page, page)
        notice = re.search(r'(?s)<div role="status">.*?<p>([^<]+)</p>', told.text)
        assert notice
        assert (told.status_code, said in notice[1]) == (409, True)
        assert f'<form method="post" action="{page}">' in told.text
        with sqlite_shell.database.reading() as session:
            assert len(session.scalars(select(Callback)).all()) == drawn


def test_the_chart_of_the_progress_has_its_sentence_and_no_style_that_the_policy_forbids(
    client_as: ClientAs, field: Field
) -> None:
    field.answer(field.units[0])
    for who in ("office", "supervisor"):
        shown = client_as(who).get(f"/office/rounds/{field.round_id}/progress", base_url=BASE).text
        drawn = re.search(r'(?s)<div class="drawn"><svg.*?</svg>', shown)
        assert drawn
        assert "<title>已答 1，还有 219 户（人）待访</title>" in drawn[0]
        assert " style=" not in shown
        assert ("关闭本轮" in shown) is (who == "office")


def test_the_signals_page_says_what_to_ask_and_never_an_answer(client_as: ClientAs, field: Field) -> None:
    for unit in field.units[:6]:
        field.visit(unit, "completed")
    shown = client_as("supervisor").get(f"/office/rounds/{field.round_id}/signals", base_url=BASE).text
    assert "不足 2 分钟" in shown
    assert "请了解这些访问是怎样做的" in shown
    assert "满意" not in shown


def test_a_given_up_unit_and_its_reserve_stand_in_the_township_s_list_with_a_card(
    client_as: ClientAs, field: Field
) -> None:
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    reserve = field.decide(unit).released_unit_id
    client = client_as("office")
    shown = client.get(f"/office/rounds/{field.round_id}/sample/{FIRST}", base_url=BASE).text
    assert "✗ 已放弃" in shown
    assert f'href="/office/units/{reserve}"' in shown
    assert "https://pingyi.test/r/" in client.get(f"/office/units/{reserve}", base_url=BASE).text


@pytest.mark.parametrize(("who", "leads_to"), [("office", ""), ("supervisor", "/progress")])
def test_a_refusal_leads_back_to_a_page_of_the_round_that_the_reader_may_open(
    client_as: ClientAs, field: Field, sqlite_shell: Shell, who: str, leads_to: str
) -> None:
    client, page = client_as(who), f"/office/rounds/{field.round_id}/callbacks"
    token = csrf_of(client.get(page, base_url=BASE).text)
    with sqlite_shell.database.transaction() as session:
        session.get_one(Round, field.round_id).state = "drawn"  # call-backs are for a round in the field
    refused = client.post(page, base_url=BASE, headers={"Referer": BASE + page}, data={"csrf_token": token})
    assert refused.status_code == 409
    links = re.findall(r'class="button[^"]*" href="([^"]+)"', refused.text)
    assert links[0] == f"/office/rounds/{field.round_id}{leads_to}"
    assert [client.get(link, base_url=BASE).status_code for link in links] == [200, 200]


def test_the_answer_of_a_reserve_is_counted_before_the_box_is_opened(client_as: ClientAs, field: Field) -> None:
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    reserve = field.decide(unit).released_unit_id
    assert reserve is not None
    assert field.answer(reserve) == "received"
    client = client_as("office")
    assert "已收到 1 份答卷" in client.get(f"/office/rounds/{field.round_id}/close", base_url=BASE).text
    assert "1 / 220" in client.get(f"/office/rounds/{field.round_id}", base_url=BASE).text


def test_the_page_that_changes_places_says_that_visits_made_before_are_still_taken(
    client_as: ClientAs, field: Field
) -> None:
    path = f"/office/rounds/{field.round_id}/assignments/{FIRST}"
    page = client_as("supervisor").get(path, base_url=BASE).text
    assert "改派之前所做的访问和密封的答卷，改派之后发送仍然收下；替换申请和改派之后所做的访问不再收下" in page
    english = client_as("supervisor").get(f"{path}?lang=en", base_url=BASE).text
    assert "Visits made and answers sealed before the change are kept also where they are sent after it" in english


def test_in_english_one_waiting_request_is_not_many_and_not_found_is_a_reason(
    client_as: ClientAs, field: Field
) -> None:
    field.visit(field.units[0], "refused")
    field.ask(field.units[0])
    client = client_as("supervisor")
    assert "Requests for reserves that wait: 1" in client.get("/office/desk?lang=en", base_url=BASE).text
    queue = client.get(f"/office/rounds/{field.round_id}/releases?lang=en", base_url=BASE).text
    assert "Before “not found” counts as a reason there must be three visits on two days" in queue

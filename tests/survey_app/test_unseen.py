"""What nobody sees is refused wherever text is sent, on both databases: plainly, with nothing stored, and never as an error of the server."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app import create_app
from survey_app.errors import BadInput
from survey_app.models import AnsweredUnit, Card, Person, RecordEntry, Visit
from survey_app.models.base import Base
from survey_app.services import accounts, online
from survey_app.shell import Shell
from survey_app.unseen import clean_name, has_unseen
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answers, make_county, make_open_round, sign_in_token, tokens_of
from tests.phone_factory import BASE, PIN, PhoneClient, enrol_token, release, units_of, visit

NUL = "\x00"
SENTENCE = re.compile("控制字符 U\\+[0-9A-F]{4}；未作保存")


@pytest.fixture
def county(shell: Shell) -> CountyFacts:
    """A small county, on each kind of database in turn."""
    return make_county(shell)


@pytest.fixture
def both_app(shell: Shell) -> Flask:
    """The web app, on each kind of database in turn; its errors become pages as they do when it serves."""
    app = create_app(shell=shell)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def post(client: FlaskClient, path: str, fields: dict[str, Any], *, page: str | None = None) -> TestResponse:
    token = csrf_of(client.get(page or path, base_url=BASE).text)
    return client.post(
        path, base_url=BASE, headers={"Referer": BASE + (page or path)}, data=fields | {"csrf_token": token}
    )


def office(app: Flask) -> FlaskClient:
    client = app.test_client()
    path = f"/account/link/{sign_in_token(app.extensions['pingyi'], 'office')}"
    assert post(client, path, {}).status_code == 302
    return client


def rows(shell: Shell) -> dict[str, int]:
    """How many rows each table has."""
    with shell.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def is_plain_refusal(answer: TestResponse) -> bool:
    return answer.status_code == 400 and SENTENCE.search(answer.text) is not None


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1b", "\x7f", "\x85"])
def test_a_control_character_in_a_field_of_the_office_is_refused_and_nothing_stored(
    both_app: Flask, shell: Shell, county: CountyFacts, character: str
) -> None:
    round_id = make_open_round(shell, county)
    unit = units_of(shell, round_id)[0]
    with shell.database.reading() as session:
        person = session.scalars(select(Person.id).where(Person.name == "observer")).one()
    client = office(both_app)
    before = rows(shell)
    for path, fields in {
        "/office/people/new": {"display_name": f"李{character}", "roles": "observer"},
        f"/office/people/{person}/close": {"reason": f"{character}离职"},
        f"/office/units/{unit}/reissue": {"reason": f"遗{character}失"},
        "/office/rounds/new": {"year": "2026", "wave": "2", "name": f"a{character}", "design": "county-110"},
    }.items():
        assert is_plain_refusal(post(client, path, fields)), path
    assert rows(shell) == before
    with shell.database.reading() as session:
        assert session.get_one(Person, person).active
        assert not session.scalars(select(Card).where(Card.voided)).all()


def test_tabs_and_line_ends_are_no_control_characters_of_that_kind(
    both_app: Flask, shell: Shell, county: CountyFacts
) -> None:
    with shell.database.reading() as session:
        person = session.scalars(select(Person.id).where(Person.name == "observer")).one()
    answer = post(office(both_app), f"/office/people/{person}/close", {"reason": "离职\r\n\t另有安排"})
    assert answer.status_code == 302
    with shell.database.reading() as session:
        assert not session.get_one(Person, person).active


def test_a_control_character_is_refused_at_the_sign_in_in_both_languages(both_app: Flask, county: CountyFacts) -> None:
    client = both_app.test_client()
    wrong = {"name": "off\x00ice", "password": "whatever it is"}
    told = post(client, "/account/sign-in", wrong)
    assert is_plain_refusal(told)
    assert NUL not in told.text
    english = post(client, "/account/sign-in?lang=en", wrong)
    assert (english.status_code, "got the control character U+0000" in english.text) == (400, True)
    assert is_plain_refusal(client.post("/public/receipts", base_url=BASE, data={"receipt": NUL}))


@pytest.mark.parametrize("path", ["/public/?x=%00", "/account/sign-in?next=%2Foffice%00", "/public/?%00=1"])
def test_a_control_character_in_a_query_is_refused(both_app: Flask, county: CountyFacts, path: str) -> None:
    assert is_plain_refusal(both_app.test_client().get(path, base_url=BASE))


def test_a_control_character_in_an_address_leads_to_no_page(both_app: Flask, shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(shell, county)
    client = office(both_app)
    for path in (
        "/r/%00",
        "/r/ABC%00",
        "/public/%00",
        "/public/o/%00",
        "/public/online/%00/%00",
        "/public/online/359900-2026-1/359900101000%00",
        "/office/%00",
        f"/office/rounds/{round_id}/sample/%00",
        f"/office/rounds/{round_id}/progress/%00",
        f"/office/rounds/{round_id}/assignments/%00",
        f"/office/rounds/{round_id}/questionnaires/%00.pdf",
        "/account/link/%00",
        "/account/invite/%00",
        "/field/enrol/%00",
        "/static/%00",
        "/%00",
    ):
        for method in ("get", "post"):
            answer = getattr(client, method)(path, base_url=BASE)
            assert answer.status_code == 404, (method, path)


def test_a_respondents_comment_is_cleaned_and_not_refused(both_app: Flask, shell: Shell, county: CountyFacts) -> None:
    token = tokens_of(shell, make_open_round(shell, county), group="rural")[0]
    fields = {**answers("rural"), "step": "send", "comment": "路\x00修好了\x07"}
    answer = both_app.test_client().post(f"/r/{token}", base_url=BASE, data=fields)
    assert (answer.status_code, 'data-state="received"' in answer.text) == (200, True)
    assert rows(shell)["ballots"] == 1


def test_a_nul_in_any_other_field_of_a_respondent_is_no_error_of_the_server(
    both_app: Flask, shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(shell, county)
    online.open_online(shell, county.office, round_id)
    with shell.database.reading() as session:
        page = online.open_page(session, "359900-2026-1", min(county.townships))
    code = online.hand_out(shell, page)
    client = both_app.test_client()
    statuses = {}
    for path in ("/", "/?lang=%00&size=%00", f"/public/online/359900-2026-1/{page.township_code}?lang=%00"):
        statuses[path] = client.get(path, base_url=BASE).status_code
    assert set(statuses.values()) == {200}
    assert client.post("/", base_url=BASE, data={"code": NUL}).status_code == 400
    odd = [{name: NUL} for name in ("R01", "O01", "started", "lang", "size", "reviewed", "step", NUL)]
    tokens = tokens_of(shell, round_id, group="rural")
    for fields, token in zip(odd, tokens, strict=False):
        for path in (f"/r/{token}", f"/public/o/{code}"):
            assert client.post(path, base_url=BASE, data=fields).status_code in (200, 400), fields
            assert client.post(path, base_url=BASE, data={"lang": "zh", "step": "send"} | fields).status_code < 500
    assert rows(shell)["answered_units"] <= len(odd)


def test_a_phones_text_with_a_nul_is_refused_by_itself_and_the_others_are_kept(
    both_app: Flask, shell: Shell, county: CountyFacts
) -> None:
    unit = units_of(shell, make_open_round(shell, county))[0]
    phone = PhoneClient(both_app)
    odd = [
        visit(unit, outcome="refused\x00"),
        visit(unit, others_present=NUL),
        visit(unit, visited_at=NUL),
        visit(unit, appointment_at=NUL),
        visit(unit, note="a\x00b"),
        visit(unit, key=NUL),
        visit(unit, kind=NUL),
        visit(unit, **{NUL: 1}),
        release(unit, reason="\x00"),
        {"kind": "ballot", "key": secrets.token_hex(16), "unit_id": unit, "token": NUL, "inner": "AAAA"},
        {"kind": "ballot", "key": secrets.token_hex(16), "unit_id": unit, "token": "\ud800", "inner": "AAAA"},
    ]
    results = phone.send(*odd, visit(unit))
    assert [result["state"] for result in results] == ["refused"] * len(odd) + ["kept"]
    assert all(SENTENCE.search(result["zh"]) and "control character" in result["en"] for result in results[:-1])
    counted = rows(shell)
    assert (counted[Visit.__tablename__], counted[AnsweredUnit.__tablename__]) == (1, 0)


def test_what_else_a_phone_sends_is_refused_where_it_holds_a_nul(
    both_app: Flask, shell: Shell, county: CountyFacts
) -> None:
    phone, token = PhoneClient(both_app), enrol_token(shell)
    before = rows(shell)
    for path, field, text in itertools.product(
        ("enrol", "open", "sync"), ("pin", "token", "phone_now", NUL), (NUL, "48\x002913", "\ud800")
    ):
        answer = phone.post(path, **{"pin": PIN, "token": token, "actions": []} | {field: text})
        assert answer.status_code == 400, answer.text
        assert answer.json is not None
        assert (answer.json["state"], bool(SENTENCE.search(answer.json["zh"]))) == ("refused", True)
    assert rows(shell) == before
    assert phone.post("open", pin=PIN).status_code == 200  # none of them counted as a wrong PIN


def test_a_name_of_which_nothing_can_be_seen_is_refused(shell: Shell, county: CountyFacts) -> None:
    before = rows(shell)
    for name in ("", " ", "\x00\x01", "\u200b", "\u202e\u2066", "\u3164", "\u2800 \u00ad", "\ufe0f", "\u2028"):
        with pytest.raises(BadInput, match="nothing that can be seen") as refused:
            accounts.invite(shell, county.office, display_name=name, roles=["observer"])
        assert "没有可见的字" in refused.value.zh
    assert rows(shell) == before


def test_an_invited_name_is_kept_without_what_nobody_sees(shell: Shell, county: CountyFacts) -> None:
    person_id, _token = accounts.invite(shell, county.office, display_name="\ufeff李\x00\u200b明 ", roles=["observer"])
    with shell.database.reading() as session:
        assert session.get_one(Person, person_id).display_name == "李明"
        last = session.scalars(select(RecordEntry).order_by(RecordEntry.id.desc())).first()
    assert last is not None
    assert json.loads(last.details)["person"] == "李明"


@pytest.mark.parametrize("name", ["李明", "买买提·吐尔逊", "O'Brien", "བཀྲ་ཤིས", "𠮷田", "\ue000"])
def test_names_of_all_scripts_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name
    assert not has_unseen(name)

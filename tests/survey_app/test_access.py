"""Every page says whom it is for, and others are refused."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.access import CARD_HOLDER, EVERYONE, access_of
from survey_app.errors import NotFound
from survey_app.services import all_formats, card_files, closing, fieldwork, key_halves, worker
from survey_app.shell import Shell, no_progress, utc_now
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answer_all, make_drawn_round, make_open_round, tokens_of

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]

# path → status by who asks. {round} is in the field, {closed} closed, {unit} a unit of the investigator's township.
OFFICE = {"office": 200, "supervisor": 403, "investigator": 403, "observer": 403, "other_office": 404, "nobody": 302}
DESK = OFFICE | {"supervisor": 200}
OFFICE_LIST = OFFICE | {"other_office": 200}
PAGES: dict[str, dict[str, int]] = {
    "/office/": OFFICE_LIST,
    "/office/rounds/new": OFFICE_LIST,
    "/office/rounds/{round}": OFFICE,
    "/office/rounds/{round}/frame": OFFICE,
    "/office/rounds/{round}/frame/check/{check}": OFFICE,
    "/office/rounds/{round}/draw": OFFICE,
    "/office/rounds/{round}/sample": OFFICE,
    "/office/rounds/{round}/sample/359900101000": OFFICE,
    "/office/rounds/{round}/draw.zip": OFFICE,
    "/office/desk": DESK | {"other_office": 200},
    "/office/rounds/{round}/progress": DESK,
    "/office/rounds/{round}/progress/359900101000": DESK,
    "/office/rounds/{round}/assignments": DESK,
    "/office/rounds/{round}/assignments/359900101000": DESK,
    "/office/rounds/{round}/releases": DESK,
    "/office/rounds/{round}/callbacks": DESK,
    "/office/rounds/{round}/signals": DESK,
    "/office/people": OFFICE_LIST,
    "/office/people/new": OFFICE_LIST,
    "/office/people/{person}": OFFICE,
    "/office/people/{person}/close": OFFICE,
    "/office/people/{person}/phones/{device}/revoke": OFFICE,
    "/office/rounds/{round}/close": OFFICE,
    "/office/keys": OFFICE | {"observer": 200, "other_office": 200},
    "/office/rounds/{round}/keys": OFFICE | {"observer": 200},
    "/office/rounds/{printed}/keys/office": OFFICE,
    "/office/rounds/{printed}/keys/observer": OFFICE | {"observer": 200},
    "/office/units/{unit}": OFFICE,
    "/office/units/{unit}/reissue": OFFICE,
    "/office/rounds/{round}/cards": OFFICE,
    "/office/rounds/{round}/cards/{print}": OFFICE,
    "/office/rounds/{round}/questionnaires/rural.pdf": OFFICE,
    "/office/rounds/{round}/slips": DESK,
    "/office/rounds/{closed}/results": OFFICE,
    "/office/rounds/{closed}/results/359900101000": OFFICE,
    "/office/rounds/{closed}/results/opinions": OFFICE,
    "/office/rounds/{closed}/results/sureness": OFFICE,
    "/office/rounds/{closed}/results/quality": OFFICE,
    "/office/rounds/{closed}/results/comments": OFFICE,
    "/office/rounds/{closed}/comments.csv": OFFICE,
    "/office/rounds/{closed}/scores.xlsx": OFFICE,
    "/office/rounds/{closed}/report.docx": OFFICE,
    "/office/rounds/{closed}/exports/{made}": OFFICE,
    "/office/rounds/{closed}/responses.zip": OFFICE,
    "/office/rounds/{round}/online": OFFICE,
    "/office/rounds/{closed}/online.zip": OFFICE | {"office": 404},  # that round had none
    "/public/online/359900-2026-2/359900101000": dict.fromkeys(OFFICE, 404),  # not opened there
    "/public/o/{token}": dict.fromkeys(OFFICE, 404),  # a card's token is no code of the online appraisal
    "/office/record": OFFICE | {"observer": 200, "other_office": 200},
    "/field/": dict.fromkeys(OFFICE, 200),  # holds no data
    "/field/sw.js": dict.fromkeys(OFFICE, 200),
    "/field/manifest.webmanifest": dict.fromkeys(OFFICE, 200),
    "/field/data.json": dict.fromkeys(OFFICE, 401),  # a phone asks, see test_phone_pages
    "/": dict.fromkeys(OFFICE, 200),
    "/public/": dict.fromkeys(OFFICE, 200),
    "/public/receipts": dict.fromkeys(OFFICE, 200),
    "/public/rounds/{closed}/receipts.txt": dict.fromkeys(OFFICE, 200),
    "/public/anonymity": dict.fromkeys(OFFICE, 200),
    "/healthz": dict.fromkeys(OFFICE, 200),
    "/account/sign-in": dict.fromkeys(OFFICE, 200),
    "/r/{token}": dict.fromkeys(OFFICE, 200),
}
DESK_POSTS = {
    "/office/rounds/{round}/assignments",
    "/office/rounds/{round}/assignments/359900101000",
    "/office/releases/{release}",
    "/office/rounds/{round}/callbacks",
    "/office/callbacks/{callback}",
    "/office/rounds/{round}/slips",
    "/office/rounds/{round}/slips/entry",
    "/office/rounds/{round}/slips/discard",
}
POSTS = DESK_POSTS | {
    "/office/people/new",
    "/office/people/{person}/link",
    "/office/people/{person}/phone",
    "/office/people/{person}/close",
    "/office/people/{person}/phones/{device}/revoke",
    "/office/rounds/{round}/release-rule",
    "/office/rounds/new",
    "/office/rounds/{round}/frame",
    "/office/rounds/{round}/frame/check/{check}/seal",
    "/office/rounds/{round}/draw",
    "/office/rounds/{round}/open",
    "/office/rounds/{round}/close",
    "/office/rounds/{round}/keys/holding",
    "/office/rounds/{printed}/keys/office/make",
    "/office/rounds/{printed}/keys/office",
    "/office/rounds/{round}/cards",
    "/office/rounds/{round}/cards/{print}/file",
    "/office/rounds/{closed}/exports",
    "/office/rounds/{closed}/exports/{made}/file",
    "/office/units/{unit}/reissue",
}


@pytest.fixture
def places(sqlite_shell: Shell, county: CountyFacts) -> dict[str, object]:
    """A round in the field and one that is closed."""
    from sqlalchemy import select

    from survey_app.models import Job, SampleUnit

    closed = make_open_round(sqlite_shell, county, wave=1)
    answer_all(sqlite_shell, closed)
    closing.close_round(sqlite_shell, county.office, closed, no_progress)
    round_id = make_open_round(sqlite_shell, county, wave=2)
    with sqlite_shell.database.reading() as session:
        unit = session.scalars(select(SampleUnit.id).where(SampleUnit.round_id == round_id).limit(1)).one()
        check = session.scalars(select(Job.id).where(Job.round_id == round_id, Job.kind == "check_frame")).one()
    kept = make_drawn_round(sqlite_shell, county, wave=3)
    key_halves.choose_holding(sqlite_shell, county.office, kept, "printed")
    printed = card_files.request_print(sqlite_shell, county.office, round_id, by="township")
    made = all_formats.request_exports(sqlite_shell, county.office, closed, language="zh")
    assert worker.run_waiting(sqlite_shell) == 2
    return desk_facts(sqlite_shell, round_id, unit) | {
        "round": round_id,
        "closed": closed,
        "unit": unit,
        "check": check,
        "print": printed,
        "printed": kept,
        "made": made,
        "token": tokens_of(sqlite_shell, round_id)[0],
    }


def desk_facts(shell: Shell, round_id: int, unit: int) -> dict[str, object]:
    """A request that waits, a call-back, and the investigator with a phone."""
    from sqlalchemy import select

    from survey_app.models import Callback, Device, Person, ReserveRelease

    now = utc_now()
    with shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        asked = {"reason": "refused", "state": "waiting", "asked_by_id": person.id, "asked_at": now}
        release = ReserveRelease(key=bytes(16), round_id=round_id, failed_unit_id=unit, **asked)
        callback = Callback(round_id=round_id, sample_unit_id=unit, batch=1, drawn_at=now)
        device = Device(person_id=person.id, secret_hash=b"x", enrolled_at=now)
        session.add_all([release, callback, device])
        session.flush()
        return {"release": release.id, "callback": callback.id, "person": person.id, "device": device.id}


def test_every_view_says_whom_it_is_for(app: Flask) -> None:
    silent = [name for name, view in app.view_functions.items() if name != "static" and access_of(view) is None]
    assert silent == []


def test_the_table_of_this_test_knows_every_address(app: Flask) -> None:
    known = {"static", "account.invitation", "account.link", "account.sign_out", "office.job", "office.demo_frame"}
    known |= {"investigator.enrol", "phone.enrol", "phone.open_app", "phone.close_app", "phone.resume", "phone.sync"}
    known |= {"phone.hand_in"}  # sealed ballots, from whoever has their cards' tokens
    adapter = app.url_map.bind("pingyi.test")
    values = {
        "{round}": "1",
        "{closed}": "1",
        "{unit}": "1",
        "{check}": "1",
        "{print}": "1",
        "{made}": "1",
        "{printed}": "1",
        "{token}": "x",
        "{person}": "1",
        "{release}": "1",
        "{callback}": "1",
        "{device}": "1",
    }
    for path, method in [(path, "GET") for path in PAGES] + [(path, "POST") for path in POSTS]:
        for name, value in values.items():
            path = path.replace(name, value)
        known.add(str(adapter.match(path, method=method)[0]))
    known |= {"respondent.answer", "respondent.take_code", "respondent.online_answer"}
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == known


@pytest.mark.parametrize("who", ["office", "supervisor", "investigator", "observer", "other_office", "nobody"])
def test_each_page_is_open_to_its_readers_and_closed_to_others(
    who: str, client_as: ClientAs, places: dict[str, object]
) -> None:
    client = client_as(who)
    found = {path: client.get(path.format(**places), base_url=BASE).status_code for path in PAGES}
    assert found == {path: statuses[who] for path, statuses in PAGES.items()}


@pytest.mark.parametrize("who", ["supervisor", "investigator", "observer", "other_office", "nobody"])
def test_nobody_but_the_countys_office_changes_anything(
    who: str, client_as: ClientAs, places: dict[str, object]
) -> None:
    client = client_as(who)
    closed = POSTS - DESK_POSTS if who == "supervisor" else POSTS
    token = csrf_of(client.get("/account/sign-in", base_url=BASE).text)
    filled = {
        "confirm": "y",
        "seed": "1",
        "reason": "x",
        "design": "county-110",
        "year": "2030",
        "wave": "1",
        "name": "x",
    }
    found = {
        path: client.post(
            path.format(**places), base_url=BASE, headers={"Referer": BASE + "/"}, data=filled | {"csrf_token": token}
        ).status_code
        for path in closed
    }
    # The other county's office may make a round and invite people, of its own county.
    expected = {"nobody": 302, "other_office": 404}.get(who, 403)
    own = {"/office/rounds/new": 302, "/office/people/new": 200} if who == "other_office" else {}
    assert found == dict.fromkeys(closed, expected) | own


def test_a_form_without_its_csrf_token_changes_nothing(client_as: ClientAs, places: dict[str, object]) -> None:
    client = client_as("office")
    answer = client.post(f"/office/rounds/{places['round']}/close", base_url=BASE, data={"confirm": "y"})
    assert answer.status_code == 400
    assert "表单已过期" in answer.text
    assert client.get(f"/office/rounds/{places['round']}/close", base_url=BASE).status_code == 200


def test_an_investigator_cannot_learn_of_anothers_unit(places: dict[str, object], sqlite_shell: Shell) -> None:
    from sqlalchemy import select

    from survey_app.models import Person, SampleUnit

    with sqlite_shell.database.reading() as session:
        other = session.scalars(
            select(SampleUnit.id).where(
                SampleUnit.round_id == places["round"], SampleUnit.township_code == "359900201000"
            )
        ).first()
        reserve = session.scalars(
            select(SampleUnit.id).where(SampleUnit.round_id == places["round"], SampleUnit.role == "reserve")
        ).first()
    with sqlite_shell.database.reading() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        for unit in (other, reserve, 10**9):
            assert unit is not None
            with pytest.raises(NotFound):
                fieldwork.get_assigned_unit(session, person.id, person.county_id, unit)


def test_a_get_never_signs_in_by_a_link(app: Flask, county: CountyFacts) -> None:
    from tests.factories import sign_in_token

    token = sign_in_token(app.extensions["pingyi"], "office")
    client = app.test_client()
    for _ in range(2):
        assert client.get(f"/account/link/{token}", base_url=BASE).status_code == 200
    assert client.get("/office/", base_url=BASE).status_code == 302


EVIL_GOALS = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/office\\@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/office/\r\nSet-Cookie: a=b",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/office/\n",
    "",
]


@pytest.mark.parametrize("goal", EVIL_GOALS)
def test_signing_in_never_leads_to_another_site(goal: str, app: Flask, county: CountyFacts) -> None:
    from tests.factories import sign_in_token

    client = app.test_client()
    path = f"/account/link/{sign_in_token(app.extensions['pingyi'], 'office')}"
    token = csrf_of(client.get(path, base_url=BASE).text)
    answer = client.post(
        path,
        query_string={"next": goal},
        base_url=BASE,
        headers={"Referer": BASE + path},
        data={"csrf_token": token},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/office/")


@pytest.mark.parametrize("goal", ["/\x00/evil.example", "/\x7f/evil.example"])
def test_a_goal_with_a_control_character_is_no_path_of_this_site(goal: str) -> None:
    from survey_app.account.views import safe_goal

    assert safe_goal(goal) is None


@pytest.mark.parametrize("goal", ["/", "/office/rounds/1", "/office/record?page=2&lang=en", "/public/#2026", "/评议"])
def test_signing_in_leads_on_to_where_one_wanted_to_go(goal: str) -> None:
    from survey_app.account.views import safe_goal

    assert safe_goal(goal) == goal


@pytest.mark.parametrize("who", ["office", "observer"])
def test_signing_out_ends_the_session_for_a_kept_cookie_too(who: str, client_as: ClientAs, app: Flask) -> None:
    client = client_as(who)
    page = {"office": "/office/", "observer": "/office/record"}[who]
    kept = client.get_cookie("session", domain="pingyi.test")
    assert kept is not None
    answer = client.post(
        "/account/sign-out",
        base_url=BASE,
        headers={"Referer": BASE + page},
        data={"csrf_token": csrf_of(client.get(page, base_url=BASE).text)},
    )
    assert answer.status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", kept.value, domain="pingyi.test")
    assert thief.get(page, base_url=BASE).status_code == 302
    assert client_as(who).get(page, base_url=BASE).status_code == 200


@pytest.mark.parametrize("named", ["1", "1-", "-0", "x-0", "1-x", "1-1", "²-0", ""])
def test_a_cookie_of_another_form_or_session_opens_nothing(named: str, app: Flask, county: CountyFacts) -> None:
    from survey_app.access import load_person

    with app.test_request_context():
        assert load_person("1-0") is not None
        assert load_person(named) is None


HUGE = ("2147483648", "9223372036854775808", "9" * 40, "9" * 5000)


@pytest.mark.parametrize("number", HUGE, ids=len)
@pytest.mark.parametrize("path", ["/office/rounds/{}", "/office/rounds/{}/draw", "/office/units/{}", "/office/jobs/{}"])
def test_a_number_beyond_every_row_leads_to_no_page(path: str, number: str, client_as: ClientAs) -> None:
    client = client_as("office")
    assert client.get(path.format("2147483647"), base_url=BASE).status_code == 404
    assert client.get(path.format(number), base_url=BASE).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "2", *HUGE, "x", ""])
def test_a_page_of_the_record_that_is_not_there_is_the_nearest_that_is(page: str, client_as: ClientAs) -> None:
    answer = client_as("office").get(f"/office/record?page={page}", base_url=BASE)
    assert answer.status_code == 200


def test_a_method_that_a_page_does_not_take_is_told_which_it_takes(app: Flask, county: CountyFacts) -> None:
    client = app.test_client()
    answer = client.get("/account/sign-out", base_url=BASE)
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "此页面不支持这种操作" in answer.text


def language_link(page: str) -> str:
    found = re.search(r'<a href="([^"]+)" lang="en">English</a>', page)
    assert found, "no way to English"
    return html.unescape(found.group(1))


def test_the_other_language_stays_one_tap_away_after_a_refusal(client_as: ClientAs, places: dict[str, object]) -> None:
    client = client_as("office")
    round_ = f"/office/rounds/{places['round']}"
    for path, expected in (
        ("/office/rounds/new", "/office/rounds/new?lang=en"),
        (f"{round_}/frame", f"{round_}/frame?lang=en"),
        (f"{round_}/draw", f"{round_}/draw?lang=en"),
        (f"{round_}/frame/check/{places['check']}/seal", f"{round_}?lang=en"),
        ("/account/sign-out", "/public/?lang=en"),
        ("/healthz", "?lang=en"),
        ("/no/such/page", "?lang=en"),
        ("//evil.example/x", "?lang=en"),
    ):
        assert language_link(client.post(path, base_url=BASE, data={"x": "y"}).text) == expected
    assert language_link(client.get("/account/sign-out", base_url=BASE).text) == "?lang=en"
    large = client.post(f"{round_}/draw", base_url=BASE, data={"seed": "x" * 100_000})
    assert (large.status_code, language_link(large.text)) == (413, f"{round_}/draw?lang=en")
    assert f'href="{round_}"' in large.text
    assert '<html lang="en">' in client.get("/no/such/page?lang=en", base_url=BASE).text


@pytest.mark.parametrize(
    "query", ["_external=1&_scheme=javascript", "endpoint=x", "_anchor=x", "round_id=7", "_method=POST&values=1"]
)
def test_the_language_link_stays_here_whatever_the_address_asks(query: str, client_as: ClientAs) -> None:
    link = language_link(client_as("office").get(f"/public/?{query}", base_url=BASE).text)
    assert link == f"?{query}&lang=en"


def test_open_views_are_only_the_few_meant_for_all(app: Flask) -> None:
    for_all = {
        name
        for name, view in app.view_functions.items()
        if name != "static" and (access_of(view) or frozenset()) & {EVERYONE, CARD_HOLDER}
    }
    assert for_all == {
        "account.sign_in",
        "account.link",
        "account.invitation",
        "account.sign_out",
        "investigator.home",
        "investigator.enrol",
        "investigator.manifest",
        "investigator.worker",
        "phone.enrol",
        "phone.open_app",
        "phone.close_app",
        "phone.resume",
        "phone.hand_in",
        "public.home",
        "public.health",
        "respondent.anonymity",
        "respondent.online_open",
        "respondent.online_form",
        "respondent.online_answer",
        "public.receipts",
        "public.receipt_list",
        "respondent.questionnaire",
        "respondent.answer",
        "respondent.type_code",
        "respondent.take_code",
    }


def test_forms_work_over_https_in_browsers_that_send_no_referer_as_our_own_headers_ask(client_as: ClientAs) -> None:
    client = client_as("office")
    page = client.get("/office/", base_url=BASE)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    answer = client.post("/account/sign-out", base_url=BASE, data={"csrf_token": csrf_of(page.text)})
    assert answer.status_code == 302

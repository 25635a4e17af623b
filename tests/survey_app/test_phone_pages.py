"""The app's pages and answers: whom they are open to, what their headers say, what they hold."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey_app.models import Ballot, Device, SampleUnit
from survey_app.shell import Shell, utc_now
from tests.conftest import csrf_of
from tests.factories import CountyFacts, make_open_round, sign_in_token
from tests.phone_factory import BASE, HEADERS, PIN, PhoneClient, ballot, enrol_token, visit

STATIC = Path(__file__).parent.parent.parent / "survey_app" / "static"
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 10) Mobile MicroMessenger/8.0.40"}
ClientAs = Callable[[str], FlaskClient]
PHONE_POSTS = ("enrol", "open", "resume", "sync", "close")


def statuses(client: FlaskClient, paths: list[str]) -> set[int]:
    found = set()
    for path in paths:
        with client.get(path, base_url=BASE) as answer:
            found.add(answer.status_code)
    return found


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts) -> int:
    """A round in the field."""
    return make_open_round(sqlite_shell, county)


@pytest.mark.parametrize("who", ["office", "observer", "other_office", "nobody"])
def test_only_an_enrolled_phone_gets_data_or_sends(who: str, client_as: ClientAs, round_id: int) -> None:
    client = client_as(who)
    assert client.get("/field/data.json", base_url=BASE).status_code == 401
    for path, body in (("sync", {"actions": []}), ("open", {"pin": PIN}), ("resume", {})):
        answer = client.post(f"/field/{path}", base_url=BASE, headers=HEADERS, json=body)
        assert (answer.status_code, answer.json["state"]) == (401, "none")  # type: ignore[index]
    refused = client.post("/field/enrol", base_url=BASE, headers=HEADERS, json={"pin": PIN})
    assert (refused.status_code, "pingyi_phone" in str(refused.headers)) == (403, False)


def test_a_phone_gets_data_after_its_pin_and_none_after_it_is_closed(app: Flask, round_id: int) -> None:
    phone = PhoneClient(app)
    assert len(phone.get("data.json").json["units"]) == 110  # type: ignore[index]
    assert phone.post("resume").json["recovery"] == phone.enrolled.json["recovery"]  # type: ignore[index]
    phone.post("close")
    for answer in (phone.get("data.json"), phone.post("sync", actions=[]), phone.post("resume")):
        assert (answer.status_code, answer.json["state"]) == (401, "closed")  # type: ignore[index]
    assert phone.post("open", pin="000001").json["state"] == "wrong_pin"  # type: ignore[index]
    assert phone.post("open", pin=PIN).json["state"] == "open"  # type: ignore[index]
    assert phone.get("data.json").status_code == 200


def test_the_open_cookie_of_one_phone_opens_no_other(app: Flask, round_id: int) -> None:
    one, two = PhoneClient(app), PhoneClient(app)
    kept = one.client.get_cookie("pingyi_phone_open", domain="pingyi.test", path="/field")
    assert kept is not None
    for value in (kept.value, "x", "1", ""):
        two.client.set_cookie("pingyi_phone_open", value, domain="pingyi.test", path="/field")
        assert two.get("data.json").status_code == 401


def test_the_pin_opens_the_app_for_twelve_hours_and_no_longer(
    app: Flask, round_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = PhoneClient(app)
    now = time.time()
    for hours, status in ((11.9, 200), (12.1, 401)):
        monkeypatch.setattr(time, "time", lambda later=now + hours * 3600: later)
        for name in ("pingyi_phone", "pingyi_phone_open"):  # a thief keeps them beyond their time
            phone.client.set_cookie(name, value_of(phone, name), domain="pingyi.test", path="/field")
        assert phone.get("data.json").status_code == status


def value_of(phone: PhoneClient, cookie: str) -> str:
    found = re.search(rf"{cookie}=([^;]+);", str(phone.enrolled.headers))
    assert found
    return found.group(1)


def test_a_revoked_phone_is_refused_everywhere(app: Flask, sqlite_shell: Shell, round_id: int) -> None:
    phone = PhoneClient(app)
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Device).values(revoked_at=utc_now()))
    for answer in (phone.get("data.json"), phone.post("sync", actions=[]), phone.post("open", pin=PIN)):
        assert (answer.status_code, answer.json["state"]) == (403, "revoked")  # type: ignore[index]


def test_a_revoked_phone_may_still_hand_in_sealed_ballots_as_anybody_who_has_the_cards(
    app: Flask, sqlite_shell: Shell, round_id: int
) -> None:
    phone = PhoneClient(app)
    units = phone.get("data.json").json["units"][:2]  # type: ignore[index]
    first, second = (ballot(sqlite_shell, round_id, unit) for unit in units)
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Device).values(revoked_at=utc_now(), seen_at=None))
    for client in (phone.client, app.test_client()):
        bare = client.post("/field/ballots", base_url=BASE, json={"actions": [first]})
        assert bare.status_code == 400  # without the app's own header: another site's page
    phone.client = app.test_client()
    answer = phone.post("ballots", actions=[first, second, visit(units[0]["id"])])
    assert [one["state"] for one in answer.json["results"]] == ["kept", "kept", "refused"]  # type: ignore[index]
    assert "Set-Cookie" not in answer.headers
    assert phone.post("ballots", actions=[first] * 21).status_code == 400
    assert phone.post("ballots", actions=[second | {"inner": "A" * 70_000}]).status_code == 413
    with sqlite_shell.database.reading() as session:
        assert len(session.scalars(select(Ballot)).all()) == 2
        assert session.scalars(select(Device.seen_at)).all() == [None]


def test_fifteen_ballots_of_one_sending_of_the_app_fit_into_what_the_server_takes_of_anybody(
    sqlite_shell: Shell, round_id: int, app: Flask
) -> None:
    phone = PhoneClient(app)
    units = [unit for unit in phone.get("data.json").json["units"] if unit["card"]]  # type: ignore[index]
    most = int(re.findall(r"^const BATCH = (\d+);", scripts()["ending.js"], re.MULTILINE)[0])
    answer = phone.post("ballots", actions=[ballot(sqlite_shell, round_id, unit) for unit in units[:most]])
    assert [one["state"] for one in answer.json["results"]] == ["kept"] * most  # type: ignore[index]


def test_an_investigator_who_signed_in_chooses_a_pin_and_the_sign_in_ends(
    client_as: ClientAs, sqlite_shell: Shell, round_id: int
) -> None:
    client = client_as("investigator")
    told = client.post("/field/resume", base_url=BASE, headers=HEADERS, json={})
    assert told.json == {"state": "choose_pin", "person": "investigator 王", "person_id": 3}
    enrolled = client.post("/field/enrol", base_url=BASE, headers=HEADERS, json={"pin": PIN})
    assert enrolled.json["state"] == "open"  # type: ignore[index]
    assert len(client.get("/field/data.json", base_url=BASE).json["units"]) == 110  # type: ignore[index]
    thief = client.application.test_client()
    session_cookie = client.get_cookie("session", domain="pingyi.test")
    if session_cookie is not None:
        thief.set_cookie("session", session_cookie.value, domain="pingyi.test")
    assert thief.post("/field/enrol", base_url=BASE, headers=HEADERS, json={"pin": PIN}).status_code == 403


def test_a_sign_in_link_of_an_investigator_leads_to_the_app(app: Flask, county: CountyFacts) -> None:
    client = app.test_client()
    path = f"/account/link/{sign_in_token(app.extensions['pingyi'], 'investigator')}"
    token = csrf_of(client.get(path, base_url=BASE).text)
    answer = client.post(path, base_url=BASE, headers={"Referer": BASE + path}, data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/field/")


def test_what_another_site_sends_is_refused(app: Flask, sqlite_shell: Shell, round_id: int) -> None:
    phone = PhoneClient(app)
    body = {"pin": PIN, "token": enrol_token(sqlite_shell), "actions": []}
    for headers in (
        {},
        {"X-Pingyi-Phone": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Pingyi-Phone": "1", "Sec-Fetch-Site": "same-site"},
    ):
        for path in PHONE_POSTS:
            answer = phone.client.post(f"/field/{path}", base_url=BASE, headers=headers, json=body)
            assert answer.status_code == 400
    with sqlite_shell.database.reading() as session:
        assert len(session.scalars(select(Device)).all()) == 1


def test_an_action_for_another_investigators_unit_is_refused(app: Flask, sqlite_shell: Shell, round_id: int) -> None:
    phone = PhoneClient(app)
    with sqlite_shell.database.reading() as session:
        foreign = session.scalars(
            select(SampleUnit.id).where(SampleUnit.round_id == round_id, SampleUnit.township_code == "359900201000")
        ).first()
    assert foreign is not None
    assert [result["state"] for result in phone.send(visit(foreign), visit(10**9))] == ["refused", "refused"]
    assert not {unit["id"] for unit in phone.get("data.json").json["units"]} & {foreign}  # type: ignore[index]


def test_too_much_or_no_json_is_refused_in_json(app: Flask, county: CountyFacts) -> None:
    phone = PhoneClient(app)
    large = phone.post("sync", actions=["x" * (1 << 20)])
    assert (large.status_code, large.json["state"]) == (413, "refused")  # type: ignore[index]
    for data in (b"", b"[]", b"{", b"\xff", b"[" * 100_000):
        answer = phone.client.post(
            "/field/sync", base_url=BASE, headers=HEADERS | {"Content-Type": "application/json"}, data=data
        )
        assert (answer.status_code, answer.json["state"]) == (400, "refused")  # type: ignore[index]
    assert phone.get("sync").status_code == 405


def test_the_phones_cookies_are_out_of_reach_of_scripts_and_other_sites(app: Flask, county: CountyFacts) -> None:
    cookies = PhoneClient(app).enrolled.headers.getlist("Set-Cookie")
    ours = [cookie for cookie in cookies if cookie.startswith("pingyi_phone")]
    assert len(ours) == 2
    for cookie in ours:
        assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/field"} <= set(cookie.split("; "))


def test_only_the_apps_pages_allow_scripts_and_only_our_own(app: Flask, county: CountyFacts) -> None:
    client = app.test_client()
    for path in ("/field/", "/field/sw.js", "/field/data.json"):
        policy = client.get(path, base_url=BASE).headers["Content-Security-Policy"]
        wanted = {
            "default-src 'none'",
            "script-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
        }
        assert wanted <= set(policy.split("; "))
        assert "unsafe" not in policy
    assert "worker-src" not in client.get("/public/", base_url=BASE).headers["Content-Security-Policy"]
    page = client.get("/field/", base_url=BASE).text
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|style=", page)
    assert "<noscript>" in page


def test_the_page_that_is_kept_on_the_phone_says_nothing_of_who_opens_it(client_as: ClientAs) -> None:
    pages = {client_as(who).get("/field/", base_url=BASE).text for who in ("investigator", "nobody")}
    assert len(pages) == 1


def test_wechat_is_asked_to_open_the_systems_browser(app: Flask, sqlite_shell: Shell, county: CountyFacts) -> None:
    client = app.test_client()
    token = enrol_token(sqlite_shell)
    for path in ("/field/", f"/field/enrol/{token}"):
        page = client.get(path, base_url=BASE, headers=WECHAT).text
        assert "在浏览器打开" in page
        assert "<script" not in page
    assert "investigator 王" in client.get(f"/field/enrol/{token}", base_url=BASE).text
    assert client.get("/field/enrol/x", base_url=BASE).status_code == 403


def test_the_worker_lists_every_file_of_the_app_and_changes_with_them(app: Flask, county: CountyFacts) -> None:
    client = app.test_client()
    answer = client.get("/field/sw.js", base_url=BASE)
    assert answer.mimetype == "text/javascript"
    version, files = re.findall(r"^const (?:VERSION|FILES) = (.*);$", answer.text, re.MULTILINE)
    assert re.fullmatch(r'"[0-9a-f]{16}"', version)
    paths = json.loads(files)
    assert statuses(client, paths) == {200}
    imported = set()
    for script in (STATIC / "field").glob("*.js"):
        for name in re.findall(r"from '([^']+)'", script.read_text(encoding="utf-8")):
            imported.add("/static/" + (script.parent / name).resolve().relative_to(STATIC).as_posix())
    page = client.get("/field/", base_url=BASE).text
    linked = set(re.findall(r'(?:href|src)="(/(?:static|field)/[^"]+)"', page))
    assert imported | linked <= set(paths)


def test_the_manifest_makes_an_app_of_the_field_alone(app: Flask, county: CountyFacts) -> None:
    client = app.test_client()
    answer = client.get("/field/manifest.webmanifest", base_url=BASE)
    facts = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert (facts["start_url"], facts["scope"], facts["display"]) == ("/field/", "/field/", "standalone")
    assert statuses(client, [icon["src"] for icon in facts["icons"]]) == {200}


def test_the_data_are_sent_small_where_the_phone_can_unpack_them(app: Flask, round_id: int) -> None:
    phone = PhoneClient(app)
    packed = phone.client.get("/field/data.json", base_url=BASE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = json.loads(gzip.decompress(packed.data))
    assert len(plain["units"]) == 110
    assert len(packed.data) < 100_000


def test_the_vendored_file_is_the_one_its_note_names() -> None:
    digest = hashlib.sha256((STATIC / "vendor" / "hpke-core.js").read_bytes()).hexdigest()
    assert digest in (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (STATIC / "field").glob("*.js")}


def test_every_sentence_of_the_app_has_its_english_and_no_more() -> None:
    found = scripts()
    english = dict(re.findall(r"^  '([^']+)': '([^']+)',$", found.pop("words.js"), re.MULTILINE))
    chinese = re.compile("[\u4e00-\u9fff]")
    code = "\n".join(re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE) for script in found.values())
    code = "\n".join(line if "`" not in line else re.sub(r"`[^`'$]*`", "", line) for line in code.splitlines())
    texts = {text for text in re.findall(r"'([^'\n]*)'", code) if chinese.search(text)}
    texts -= {"中文", "演示数据 · ", "、"} | {
        text for text in texts if "首次使用需要网络，请在有信号时重新打开" in text
    }
    assert texts == set(english)
    assert [text for text in english.values() if chinese.search(text)] == []
    placeholders = re.compile(r"\{\w+\}")
    for source, text in english.items():
        assert sorted(placeholders.findall(source)) == sorted(placeholders.findall(text)), source


def test_the_apps_files_stay_short_and_put_no_markup_together() -> None:
    for name, script in scripts().items():
        assert len(script.splitlines()) < 400, name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script), name


@pytest.mark.parametrize("asks", ["data.json", "sync"])
def test_the_office_sees_that_a_phone_was_online_whether_it_sent_something_or_not(
    asks: str, app: Flask, client_as: ClientAs, round_id: int
) -> None:
    phone = PhoneClient(app)
    long_ago = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
    with phone.shell.database.transaction() as session:
        session.execute(update(Device).values(seen_at=long_ago))
    answer = phone.get("data.json") if asks == "data.json" else phone.post("sync", actions=[])
    assert answer.status_code == 200
    with phone.shell.database.reading() as session:
        device = session.scalars(select(Device)).one()
        assert device.seen_at is not None
        assert timedelta() <= utc_now() - device.seen_at < timedelta(minutes=16)
        person_id = device.person_id
    page = client_as("office").get(f"/office/people/{person_id}", base_url=BASE).text
    assert "2026年1月2日" not in page

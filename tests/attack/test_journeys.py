"""A hundred journeys over real HTTP, errors and all; then every log, header, page and table is searched for a secret that somebody holds."""

from __future__ import annotations

import http.client
import json
import logging
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from waitress import create_server

from survey_app import create_app
from survey_app.connections import LARGEST_BODY
from survey_app.errors import NotConfirmed
from survey_app.models import Assignment, Person, Round, SampleUnit
from survey_app.models.people import LINK_ENROL
from survey_app.services import casting, closing, online, people, worker
from survey_app.services.receipts import receipt_of
from survey_app.services.tokens import ALPHABET, CardSecrets, card_secrets, check_character
from survey_app.services.written_halves import write_half
from survey_app.shell import Shell
from tests.attack.copies import take_copy
from tests.attack.searching import found_in
from tests.conftest import csrf_of
from tests.factories import answers, make_county, make_printed_round
from tests.phone_factory import PIN, ballot, visit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json", "X-Pingyi-Phone": "1"}
TOWNSHIP = "359900101000"


@dataclass
class Answer:
    """What the server answered."""

    status: int
    headers: list[tuple[str, str]]
    body: str


@dataclass
class Walk:
    """All journeys: the server, the secrets that were used, and what came back."""

    shell: Shell
    port: int
    log: Path
    round_id: int
    halves: dict[str, int]
    secrets: dict[str, set[str]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    errors: list[Answer] = field(default_factory=list)
    journeys: int = 0

    def knows(self, kind: str, *values: str) -> None:
        self.secrets.setdefault(kind, set()).update(values)

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            own = {"Referer": f"http://127.0.0.1:{self.port}{path}", "User-Agent": "MicroMessenger"}
            connection.request(method, path, body=body or None, headers=own | (headers or {}))
            came = connection.getresponse()
            answer = Answer(came.status, came.getheaders(), came.read().decode())
        finally:
            connection.close()
        self.answers.append(answer)
        if answer.status >= 400:
            self.errors.append(answer)
        return answer

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        return self.ask("POST", path, urlencode(fields), FORM | (headers or {}))

    def post_json(self, path: str, said: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.ask("POST", path, json.dumps(said), JSON | (headers or {}))


@pytest.fixture
def walk(shell: Shell, tmp_path: Path) -> Iterator[Walk]:
    """A served round; every logger writes all it can into one file."""
    county = make_county(shell)
    round_id, halves = make_printed_round(shell, county)
    with shell.database.transaction() as session:
        investigator = session.scalars(select(Person).where(Person.name == "investigator")).one()
        session.add(
            Assignment(round_id=round_id, person_id=investigator.id, township_code=TOWNSHIP, group="", psu_code="")
        )
    online.open_online(shell, county.office, round_id)
    app = create_app(shell=shell)
    app.config["TESTING"] = False
    server = create_server(
        app, host="127.0.0.1", port=0, threads=4, max_request_body_size=LARGEST_BODY, ident="",
        clear_untrusted_proxy_headers=True,
    )  # fmt: skip
    log = tmp_path / "everything.log"
    handler = logging.FileHandler(log, encoding="utf-8")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Walk(shell, int(server.effective_port), log, round_id, halves)
    server.close()
    thread.join(timeout=10)
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def cards_of(walk: Walk) -> list[tuple[SampleUnit, CardSecrets]]:
    with walk.shell.database.reading() as session:
        code = session.get_one(Round, walk.round_id).code
        units = session.scalars(
            select(SampleUnit).where(SampleUnit.round_id == walk.round_id, SampleUnit.role == "main")
        ).all()
    return [
        (unit, card_secrets(walk.shell.config, round_code=code, unit_id=unit.id, issue=1))
        for unit in sorted(units, key=lambda unit: (unit.township_code, unit.id))
    ]


def use(walk: Walk, card: CardSecrets) -> str:
    walk.journeys += 1
    walk.knows("token", card.token, card.token.lower())
    walk.knows("code", card.code, " ".join(card.code[at : at + 4] for at in range(0, 13, 4)))
    walk.knows("receipt", receipt_of(card.token), receipt_of(card.token).replace(" ", ""))
    return f"/r/{card.token}"


def by_themselves(walk: Walk, cards: list[tuple[SampleUnit, CardSecrets]]) -> None:
    for place, (unit, card) in enumerate(cards):
        path, given = use(walk, card), answers(unit.group)
        if place % 4 == 0:  # by the typed code, in small letters
            led = walk.post("/", {"code": card.code.lower()})
            assert card.token in led.body
            walk.answers.remove(led)  # the one page that leads on to the address
            assert not any(card.token in value for _name, value in led.headers)
        assert walk.ask("GET", path).status == 200
        assert 'data-state="ready"' not in walk.post(path, given | {"step": "review"}).body
        sent = walk.post(path, given | {"step": "send", "comment": "谢谢"})
        assert receipt_of(card.token) in sent.body
        assert 'data-state="already"' in walk.ask("GET", path + "?lang=en&size=large").body


def go_wrong(walk: Walk, card: CardSecrets, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use(walk, card)

    def fail(*_args: Any, **_named: Any) -> str:
        raise RuntimeError("unforeseen")

    def uncertain(*_args: Any, **_named: Any) -> str:
        raise NotConfirmed

    statuses = [
        walk.post(path, {"X99": "satisfied"}).status,
        walk.post(path, {next(iter(answers(group))): "splendid"}).status,
        walk.ask("GET", path[:-1] + ("0" if path[-1] != "0" else "1")).status,
        walk.ask("GET", path + "/more").status,
        walk.ask("DELETE", path).status,
        walk.post(path, {"comment": "x" * 70_000}).status,
        walk.post("/", {"code": card.code[:-1] + ("0" if card.code[-1] != "0" else "1")}).status,
    ]
    for raising in (fail, uncertain):
        with monkeypatch.context() as patch:
            patch.setattr(casting, "cast", raising)
            statuses.append(walk.post(path, answers(group)).status)
            patch.setattr(casting, "look_up", raising)
            statuses.append(walk.ask("GET", path).status)
    assert statuses == [400, 400, 404, 404, 405, 413, 400, 500, 500, 503, 503]


def guess(walk: Walk) -> None:
    statuses = set()
    for number in range(400):
        code = "".join(ALPHABET[number * 7 + place & 31] for place in range(12))
        statuses.add(walk.post("/", {"code": code + check_character(code)}).status)
        if 429 in statuses:
            break
    assert statuses == {404, 429}
    assert walk.ask("GET", f"/account/link/{secrets.token_urlsafe(20)}").status in (400, 403, 404, 410)
    walk.journeys += 1


def on_the_phone(walk: Walk, cards: list[tuple[SampleUnit, CardSecrets]]) -> None:
    with walk.shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        token = people.make_link(session, person, LINK_ENROL)
    walk.knows("enrolment", token)
    walk.knows("pin", PIN)
    walk.ask("GET", f"/field/enrol/{token}")
    enrolled = walk.post_json("/field/enrol", {"token": token, "pin": PIN})
    assert enrolled.status == 200
    walk.answers.remove(enrolled)  # it gives the phone its own secret, once
    cookies = [value.split(";")[0] for name, value in enrolled.headers if name.lower() == "set-cookie"]
    walk.knows("phone", *(cookie.split("=", 1)[1] for cookie in cookies if len(cookie) > 40))
    jar = {"Cookie": "; ".join(cookies)}
    assert walk.post_json("/field/open", {"pin": "719406"}, jar).status >= 400
    actions = []
    for unit, card in cards:
        use(walk, card)
        data = {"id": unit.id, "group": unit.group, "card": {"token": card.token}}
        actions += [ballot(walk.shell, walk.round_id, data), visit(unit.id, outcome="completed")]
    wrong = actions[0] | {"inner": "AAAA"}
    sent = walk.post_json("/field/sync", {"phone_now": actions[1]["visited_at"], "actions": [wrong, *actions]}, jar)
    assert [one["state"] for one in json.loads(sent.body)["results"]] == ["refused"] + ["kept"] * len(actions)
    assert walk.ask("POST", "/field/sync", "{not json", JSON | jar).status == 400
    again = walk.post_json(
        "/field/ballots", {"actions": [actions[0], wrong]}
    )  # as a revoked phone does, without cookies
    assert [one["state"] for one in json.loads(again.body)["results"]] == ["already", "refused"]


def online_and_offices(walk: Walk) -> None:
    with walk.shell.database.reading() as session:
        page = f"/public/online/{session.get_one(Round, walk.round_id).code}/{TOWNSHIP}"
    for _ in range(10):
        walk.ask("GET", page)
        handed = walk.post(page, {})
        walk.answers.remove(handed)  # the one page that gives the code out
        found = re.search(r"/public/o/([0-9A-Z]{26})", handed.body)
        assert found is not None
        assert not any(found[1] in value for _name, value in handed.headers)
        walk.knows("online", found[1])
        walk.journeys += 1
        given = {f"O{item:02}": "basic" for item in range(1, 11)}
        assert walk.post(found[0], given | {"step": "review"}).status == 200
        assert 'data-state="received"' in walk.post(found[0], given | {"step": "send"}).body
        assert walk.post(found[0], {"O99": "basic"}).status in (200, 400)
    for name in ("office", "supervisor", "observer"):
        with walk.shell.database.transaction() as session:
            token = people.make_sign_in_link(session, session.scalars(select(Person).where(Person.name == name)).one())
        walk.knows("sign-in", token)
        walk.journeys += 1
        shown = walk.ask("GET", f"/account/link/{token}")
        walk.answers.remove(shown)
        cookie = next(value for name, value in shown.headers if name.lower() == "set-cookie").split(";")[0]
        signed = walk.post(f"/account/link/{token}", {"csrf_token": csrf_of(shown.body)}, {"Cookie": cookie})
        assert signed.status == 302
        assert walk.post(f"/account/link/{token}", {"csrf_token": "no"}, {"Cookie": cookie}).status == 400


def all_sought(walk: Walk) -> list[str]:
    return sorted({secret for values in walk.secrets.values() for secret in values})


def test_after_a_hundred_journeys_no_secret_stands_in_any_log_header_page_or_table(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = cards_of(walk)
    by_themselves(walk, cards[:70])
    for unit, card in cards[70:74]:
        go_wrong(walk, card, unit.group, monkeypatch)
    online_and_offices(walk)
    on_the_phone(walk, cards[80:95])
    guess(walk)
    assert walk.journeys >= 100
    assert {answer.status for answer in walk.errors} >= {400, 404, 405, 413, 429, 500, 503}
    assert set(walk.secrets) == {"token", "code", "receipt", "enrolment", "pin", "phone", "online", "sign-in"}
    told = b"\0".join(
        "\n".join(f"{name}: {value}" for name, value in answer.headers).encode() for answer in walk.answers
    )
    assert_none(told, walk, "headers")
    assert_none("\0".join(answer.body for answer in walk.errors).encode(), walk, "error pages")
    own_page = {"receipt"}  # a respondent's own thank-you page shows the receipt
    assert_none("\0".join(answer.body for answer in walk.answers).encode(), walk, "pages", own_page | {"pin"})
    for page in walk.answers:
        assert ("Referrer-Policy", "no-referrer") in page.headers or page.status in (413, 400)
    stored = take_copy(walk.shell)
    assert_none(stored.everything, walk, "stored bytes")
    _close_under_watch(walk)
    log = walk.log.read_bytes()
    assert log.count(b"unforeseen error in") >= 8
    assert_none(log, walk, "log")


def _close_under_watch(walk: Walk) -> None:
    """Both halves are typed; they must not come into a log, a table or a file."""
    from survey_app.services.rounds import Actor

    closing.request_close(walk.shell, Actor("office 王", 1), walk.round_id, walk.halves)
    worker.run_waiting(walk.shell)
    heap = take_copy(walk.shell).everything + walk.log.read_bytes()
    for half in walk.halves.values():
        assert half.to_bytes(32, "big") not in heap
        lines = write_half(half)
        plain = [line.replace(" ", "") for line in lines]
        assert found_in(heap, [str(half), f"{half:x}", *lines, *plain]) == []


def assert_none(heap: bytes, walk: Walk, where: str, open_here: set[str] | None = None) -> None:
    for kind, values in walk.secrets.items():
        if kind in (open_here or ()):
            continue
        for value in values:
            if value.encode() not in heap:
                continue
            plain = re.escape(value.encode())
            # Six digits stand in many a fraction of a second: a PIN counts where it is quoted, a field's value, or named.
            where_it_tells = rb"[\"'=]" + plain + rb"(?![0-9])|(?i:pin)\W{1,4}" + plain
            alone = rb"(?<![0-9A-Za-z])" + plain + rb"(?![0-9A-Za-z])"
            found = re.search(where_it_tells if kind == "pin" else alone, heap)
            assert found is None, (where, kind, heap[max(0, found.start() - 150) : found.end() + 50] if found else b"")
    some = [value for kind in ("token", "online", "sign-in", "enrolment") for value in sorted(walk.secrets[kind])[:6]]
    assert found_in(heap, some) == [], where

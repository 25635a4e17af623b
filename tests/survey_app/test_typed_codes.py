"""The typed code: put right, checked before any look-up, led on without leaving a trace, and a limit on wrong ones."""

from __future__ import annotations

import logging
import re

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.models import Round, SampleUnit
from survey_app.respondent import codes
from survey_app.services import cards, casting, closing, guesses
from survey_app.services.guesses import GuessLimit
from survey_app.services.tokens import ALPHABET, CardSecrets, card_secrets, check_character, grouped
from survey_app.shell import Shell, no_progress
from tests.factories import CountyFacts, answers, make_open_round

BASE = "https://pingyi.test"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts) -> int:
    return make_open_round(sqlite_shell, county)


@pytest.fixture
def all_cards(sqlite_shell: Shell, round_id: int) -> list[CardSecrets]:
    with sqlite_shell.database.reading() as session:
        code = session.get_one(Round, round_id).code
        query = select(SampleUnit.id).where(SampleUnit.round_id == round_id, SampleUnit.role == "main")
        units = session.scalars(query.order_by(SampleUnit.id)).all()
    return [card_secrets(sqlite_shell.config, round_code=code, unit_id=unit, issue=1) for unit in units]


@pytest.fixture
def clock(app: Flask) -> Clock:
    clock = Clock()
    app.extensions["pingyi-guesses"] = GuessLimit(clock)
    return clock


def state(page: str) -> str:
    found = re.search(r'<main[^>]*data-state="([a-z]+)"', page)
    assert found
    return found.group(1)


def made_up(number: int) -> str:
    """A well-formed code that stands on no card."""
    code = "".join(ALPHABET[number >> 5 * place & 31] for place in range(12))
    return code + check_character(code)


@pytest.mark.parametrize(
    "typed",
    [
        "{code}",
        "{groups}",
        "{lower}",
        " {dashes} ",
        "{wide}",
        "{alike}",
        "{dots}",
    ],
)
def test_a_code_is_taken_however_it_is_typed(app: Flask, all_cards: list[CardSecrets], typed: str) -> None:
    card = next(card for card in all_cards if set("01") <= set(card.code))
    ways = {
        "code": card.code,
        "groups": grouped(card.code),
        "lower": card.code.lower(),
        "dashes": grouped(card.code).replace(" ", "-"),
        "dots": grouped(card.code).replace(" ", "."),
        "wide": "".join(chr(ord(character) + 0xFEE0) for character in card.code),
        "alike": card.code.replace("0", "o").replace("1", "l"),
    }
    answer = app.test_client().post("/", base_url=BASE, data={"code": typed.format(**ways)})
    assert (answer.status_code, state(answer.text)) == (200, "found")
    assert f'href="/r/{card.token}"' in answer.text


def test_the_code_leads_to_the_questionnaire_and_the_token_stands_in_no_header_cookie_or_log(
    app: Flask, all_cards: list[CardSecrets], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    card, client = all_cards[0], app.test_client()
    answer = client.post("/?lang=en&size=large", base_url=BASE, data={"code": card.code})
    (link,) = set(re.findall(r'"(?:0;url=)?(/r/[^"]+)"', answer.text))
    page = client.get(link.replace("&amp;", "&"), base_url=BASE)
    assert state(page.text) == "ready"
    assert "How satisfied" in page.text
    assert '<body class="big large">' in page.text
    for found in (answer, page):
        assert card.token not in str(found.headers)
        assert card.code not in str(found.headers)
        assert "Set-Cookie" not in found.headers
        assert found.headers["Referrer-Policy"] == "no-referrer"
        assert found.headers["Cache-Control"] == "no-store"
    assert card.token not in caplog.text
    assert card.code not in caplog.text


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("", "请输入卡上的代码"),
        ("ABCD EFGH", "您输入了 8 个"),
        ("ABCD EFGH JKMN PP", "您输入了 14 个"),
        ("ABCD EFGH JKMN U", "“U”"),
        ("ABCD EFGH 代码", "“代”"),
        ("<script>alert(1)", "“&lt;”"),
    ],
)
def test_what_cannot_be_a_code_gets_its_own_sentence(app: Flask, round_id: int, typed: str, what: str) -> None:
    answer = app.test_client().post("/", base_url=BASE, data={"code": typed})
    assert (answer.status_code, state(answer.text)) == (400, "mistyped")
    assert what in answer.text
    assert "<script>" not in answer.text


def test_a_wrong_character_is_found_before_any_card_is_looked_for(
    app: Flask, all_cards: list[CardSecrets], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(cards, "token_of_code", never)
    code = all_cards[0].code
    wrong = code[:5] + ("A" if code[5] != "A" else "B") + code[6:]
    answer = app.test_client().post("/", base_url=BASE, data={"code": wrong})
    assert (answer.status_code, state(answer.text)) == (400, "mistyped")
    assert "有一个字符不对" in answer.text
    assert grouped(wrong) in answer.text


def test_a_code_on_no_card_and_used_and_late_ones_get_their_own_kind_pages(
    app: Flask, sqlite_shell: Shell, county: CountyFacts, round_id: int, all_cards: list[CardSecrets]
) -> None:
    client = app.test_client()

    def asked(code: str) -> tuple[int, str]:
        answer = client.post("/", base_url=BASE, data={"code": code})
        return answer.status_code, state(answer.text)

    assert asked(made_up(7)) == (404, "unknown")
    casting.cast(sqlite_shell, next(iter(all_cards)).token, {})
    assert asked(all_cards[0].code) == (200, "already")
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    assert asked(all_cards[1].code) == (200, "late")


def test_the_front_page_asks_for_the_code_without_cookie_or_script_in_both_languages(app: Flask) -> None:
    client = app.test_client()
    for path, sentence in (("/", "输入答卷卡上的代码"), ("/?lang=en", "Type the code on your card")):
        page = client.get(path, base_url=BASE)
        assert sentence in page.text
        assert "Set-Cookie" not in page.headers
        assert "<script" not in page.text
    assert client.post("/", base_url=BASE, data={"code": "x" * 70_000}).status_code == 413


def test_thirty_people_typing_in_one_hall_are_never_throttled(
    app: Flask, all_cards: list[CardSecrets], clock: Clock
) -> None:
    client = app.test_client()
    for number, card in enumerate(all_cards[:30]):
        clock.now += 2  # all within a minute
        for attempt in (card.code[:-1] + "*", made_up(3 * number), made_up(3 * number + 1), made_up(3 * number + 2)):
            assert client.post("/", base_url=BASE, data={"code": attempt}).status_code in (400, 404)
        assert state(client.post("/", base_url=BASE, data={"code": card.code}).text) == "found"


def test_ten_thousand_guesses_a_minute_are_throttled_while_right_codes_pass(
    app: Flask, all_cards: list[CardSecrets], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "token_of_code", lambda _session, _config, code: None)
    client = app.test_client()
    statuses = []
    for number in range(10_000):
        clock.now += 60 / 10_000
        statuses.append(codes_status(client, made_up(number)))
    monkeypatch.undo()
    assert statuses.count(429) > 9_800
    assert 429 not in statuses[:100]
    answer = client.post("/", base_url=BASE, data={"code": made_up(1)})
    assert (answer.status_code, state(answer.text)) == (429, "throttled")
    assert answer.headers["Retry-After"] == codes.RETRY_SECONDS
    for card in all_cards[:30]:
        assert state(client.post("/", base_url=BASE, data={"code": card.code}).text) == "found"
        assert client.post(f"/r/{card.token}", base_url=BASE, data=answers("delegates")).status_code == 200
    clock.now += 60
    assert codes_status(client, made_up(1)) == 404


def codes_status(client: object, code: str) -> int:
    return int(client.post("/", base_url=BASE, data={"code": code}).status_code)  # type: ignore[attr-defined]


def test_guesses_from_many_addresses_meet_the_limit_for_all() -> None:
    clock = Clock()
    limit = GuessLimit(clock)
    allowed = 0
    for number in range(10_000):
        clock.now += 60 / 10_000
        allowed += limit.wrong_code(f"10.0.{number // 250 % 250}.{number % 250}")
    assert allowed <= guesses.OVERALL_CAPACITY + 60 * guesses.OVERALL_PER_SECOND


def test_an_ipv6_network_counts_as_one_address_and_memory_stays_bounded() -> None:
    assert guesses.network("2001:db8::1") == guesses.network("2001:db8::ffff") != guesses.network("2001:db8:0:1::1")
    assert guesses.network("::ffff:192.0.2.1") != guesses.network("::ffff:192.0.2.2")
    clock = Clock()
    limit = GuessLimit(clock)
    for number in range(guesses.MOST_ADDRESSES + 50):
        limit.wrong_code(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1")
    assert len(limit._addresses) <= guesses.MOST_ADDRESSES
    clock.now += 1000
    limit.wrong_code("192.0.2.1")
    assert len(limit._addresses) <= guesses.MOST_ADDRESSES


def test_110_phones_behind_one_address_in_a_minute_are_not_throttled_while_10000_guesses_are(
    app: Flask, all_cards: list[CardSecrets], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every phone of the hall mistypes into another code once, types its own, opens the page and sends; a guesser sits elsewhere."""
    client = app.test_client()
    hall, guesser = ({"REMOTE_ADDR": address} for address in ("198.51.100.8", "203.0.113.9"))
    answered, guesses_refused, guessed = [], 0, 0
    look_up = cards.token_of_code
    known = {card.code for card in all_cards}
    monkeypatch.setattr(
        cards, "token_of_code", lambda s, config, code: look_up(s, config, code) if code in known else None
    )
    for number, card in enumerate(all_cards[:110]):
        for _ in range(10_000 // 110):
            clock.now += 60 / 10_000
            guessed += 1
            sent = client.post("/", base_url=BASE, data={"code": made_up(guessed)}, environ_base=guesser)
            guesses_refused += sent.status_code == 429
        assert client.post("/", base_url=BASE, data={"code": made_up(number)}, environ_base=hall).status_code == 404
        assert state(client.post("/", base_url=BASE, data={"code": card.code}, environ_base=hall).text) == "found"
        page = client.get(f"/r/{card.token}", base_url=BASE, environ_base=hall)
        group = re.search(r'name="([A-Z])\d\d"', page.text)
        assert group is not None
        sent = client.post(f"/r/{card.token}", base_url=BASE, data={f"{group.group(1)}01": "basic"}, environ_base=hall)
        answered.append(state(sent.text))
    assert answered == ["received"] * 110
    assert guesses_refused > 9_500

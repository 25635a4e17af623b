"""Receipts: the same for every retry, in the box when it is opened, saying that and nothing more."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from survey_app.models import Card, Receipt, Response
from survey_app.services import cards, casting, closing
from survey_app.services.demo import simulate_round
from survey_app.services.receipts import is_receipt, plain, receipt_of
from survey_app.services.tokens import ALPHABET, normalise
from survey_app.shell import Shell, no_progress
from tests.factories import CountyFacts, answers, make_county, make_open_round, tokens_of

BASE = "https://pingyi.test"
TOKEN = "0123456789ABCDEFGHJKMNPQRS"


def shown_receipt(page: str) -> str | None:
    found = re.search(r'<div class="receipt">.*?<p class="code">([^<]+)<', page, re.DOTALL)
    return found.group(1) if found else None


def test_a_receipt_is_twelve_characters_of_a_hash_of_the_token_and_a_check_character() -> None:
    import hashlib

    digest = hashlib.sha256(f"pingyi-receipt/1|{TOKEN}".encode()).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)
    expected = "".join(ALPHABET[int(bits[5 * n : 5 * n + 5], 2)] for n in range(12))
    receipt = receipt_of(TOKEN)
    assert re.fullmatch(r"(\w{4} ){3}\w", receipt)
    assert normalise(receipt)[:12] == expected
    assert receipt_of(TOKEN.lower()) == receipt


def test_a_mistyped_receipt_is_known_as_such_and_any_writing_of_a_right_one_is_taken() -> None:
    receipt = receipt_of(TOKEN)
    assert is_receipt(plain(receipt))
    assert is_receipt(plain(receipt.lower().replace(" ", "-")))
    assert is_receipt(plain("".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in receipt)))
    other = "7" if receipt[0] != "7" else "8"
    assert not is_receipt(plain(other + receipt[1:]))
    for wrong in ("", "x", receipt + "0", receipt[:-1], "评" * 13):
        assert not is_receipt(plain(wrong))


def test_whoever_holds_the_card_gets_the_same_receipt_at_every_sending(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    token = tokens_of(sqlite_shell, round_id, group="rural")[0]
    client = app.test_client()
    assert shown_receipt(client.get(f"/r/{token}", base_url=BASE).text) is None
    pages = [client.post(f"/r/{token}", data=answers(), base_url=BASE).text for _ in range(5)]
    pages.append(client.get(f"/r/{token}", base_url=BASE).text)
    assert {shown_receipt(page) for page in pages} == {receipt_of(token)}


def test_a_voided_card_of_a_unit_that_answered_with_its_new_one_shows_no_receipt(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    shell = sqlite_shell
    round_id = make_open_round(shell, county)
    old = tokens_of(shell, round_id, group="rural")[0]
    with shell.database.reading() as session:
        from survey_app.services.tokens import token_hash

        unit = session.scalars(select(Card.sample_unit_id).where(Card.token_hash == token_hash(old))).one()
    cards.reissue_card(shell, county.office, unit, reason="lost")
    with shell.database.reading() as session:
        from survey_app.models import Round

        new = cards.tokens_in_force(session, shell.config, session.get_one(Round, round_id))[unit]
    assert new != old
    casting.cast(shell, new, answers())
    page = app.test_client().get(f"/r/{old}", base_url=BASE).text
    assert 'data-state="already"' in page
    assert shown_receipt(page) is None
    assert shown_receipt(app.test_client().get(f"/r/{new}", base_url=BASE).text) == receipt_of(new)


def test_at_the_closing_all_receipts_go_into_a_table_of_their_own(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    tokens = tokens_of(shell, round_id, group="rural")
    for token in tokens:
        casting.cast(shell, token, answers())
    with shell.database.reading() as session:
        assert session.scalars(select(Receipt)).all() == []
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        found = session.execute(select(Receipt.key, Receipt.code).order_by(Receipt.key)).all()
        response_keys = set(session.scalars(select(Response.key)))
    assert sorted(code for _key, code in found) == sorted(map(receipt_of, tokens))
    assert [code for _key, code in found] != list(map(receipt_of, tokens))
    assert not response_keys & {key for key, _code in found}


def test_the_order_of_receipts_agrees_with_that_of_answers_no_better_than_by_chance(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    tokens = tokens_of(shell, round_id, group="rural")
    items = [f"R{number:02}" for number in range(1, 8)]
    for number, token in enumerate(tokens):
        marked = {item: "basic" if number >> bit & 1 else "satisfied" for bit, item in enumerate(items)}
        casting.cast(shell, token, marked)
    closing.close_round(shell, county.office, round_id, no_progress)
    owner = {receipt_of(token): number for number, token in enumerate(tokens)}
    for order in ("key", "ctid" if not shell.database.is_sqlite else "key"):
        with shell.database.reading() as session:
            receipts = [row[0] for row in session.execute(text(f"SELECT code FROM receipts ORDER BY {order}"))]
            rows = session.scalars(select(Response).order_by(text(order))).all()
        said = [sum((row.answers[item] == "basic") << bit for bit, item in enumerate(items)) for row in rows]
        same = sum(owner[code] == number for code, number in zip(receipts, said, strict=True))
        assert same < 12, "a hundred places agree once by chance"


def test_simulated_answers_have_the_receipts_of_their_cards(sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    answered = simulate_round(sqlite_shell, county.office, round_id, seed=1)
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    with sqlite_shell.database.reading() as session:
        codes = set(session.scalars(select(Receipt.code)))
        assert closing.box_counts(session, round_id)["receipts"] == answered == len(codes)
    assert codes <= {receipt_of(token) for token in tokens_of(sqlite_shell, round_id)}


def test_a_receipt_can_be_looked_up_after_the_closing_and_not_before(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    token, unused = tokens_of(sqlite_shell, round_id, group="rural")[:2]
    casting.cast(sqlite_shell, token, answers())
    client = app.test_client()

    def look_up(code: str) -> tuple[int, str]:
        answer = client.post("/public/receipts", data={"receipt": code}, base_url=BASE)
        assert "Set-Cookie" not in answer.headers
        return answer.status_code, answer.text

    assert "没有这个回执" in look_up(receipt_of(token))[1]
    assert client.get(f"/public/rounds/{round_id}/receipts.txt", base_url=BASE).status_code == 404
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    status, page = look_up(receipt_of(token).lower())
    assert (status, "在票箱中：第1轮公众评议" in page) == (200, True)
    assert "没有这个回执" in look_up(receipt_of(unused))[1]
    status, page = look_up("not a receipt <b>")
    assert (status, "请逐组核对" in page, "<b>" in page) == (400, True, False)
    assert look_up("")[0] == 400
    assert client.post("/public/receipts", data={}, base_url=BASE).status_code == 400


def test_the_list_of_receipts_is_sorted_and_the_public_page_says_how_many(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    tokens = tokens_of(sqlite_shell, round_id, group="rural")[:20]
    for token in tokens:
        casting.cast(sqlite_shell, token, answers())
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    client = app.test_client()
    answer = client.get(f"/public/rounds/{round_id}/receipts.txt", base_url=BASE)
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines() == sorted(map(receipt_of, tokens))
    home = client.get("/public/", base_url=BASE).text
    assert "开箱 20 张，其中废票 0 张；回执 20 个" in home
    assert f"/public/rounds/{round_id}/receipts.txt" in home
    assert client.get("/public/rounds/999/receipts.txt", base_url=BASE).status_code == 404


def test_a_ballot_of_the_first_version_without_a_receipt_opens_too(sqlite_shell: Shell, county: CountyFacts) -> None:
    import json

    from survey_app.models import Ballot, Round
    from survey_app.services import keys
    from survey_app.services.ballots import BALLOT_LENGTH, filled, seal_info

    shell = sqlite_shell
    round_id = make_open_round(shell, county)
    casting.cast(shell, tokens_of(shell, round_id, group="rural")[0], answers())
    old = {"township_code": min(county.townships), "group": "rural", "psu_code": "359900101201", "mode": "self"}
    plain_text = json.dumps(old | {"minutes": "", "answers": answers(code="basic"), "comment": ""}).encode()
    with shell.database.transaction() as session:
        round_ = session.get_one(Round, round_id)
        assert round_.public_key is not None
        sealed = keys.seal(round_.public_key, filled(plain_text, BALLOT_LENGTH), info=seal_info(round_))
        session.execute(update(Ballot).values(sealed=sealed))
    assert closing.close_round(shell, county.office, round_id, no_progress) == 1
    with shell.database.reading() as session:
        assert closing.box_counts(session, round_id) == {"answers": 1, "spoiled": 0, "comments": 0, "receipts": 0}


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_receipt_and_no_token_of_a_look_up_stands_in_a_header(app: Flask, county: CountyFacts, method: str) -> None:
    answer = getattr(app.test_client(), method)("/public/receipts", data={"receipt": receipt_of(TOKEN)}, base_url=BASE)
    assert receipt_of(TOKEN) not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"

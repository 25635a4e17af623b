"""Answers sealed on an investigator's phone: taken unread, opened at the closing, spoiled where they cannot be read."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_app.errors import BadInput
from survey_app.models import AnsweredUnit, Ballot, Comment, Receipt, RecordEntry, Response, Round, SampleUnit
from survey_app.services import casting, closing, keys, opened_rows, results
from survey_app.services.ballots import BALLOT_LENGTH, COMMENT_LIMIT
from survey_app.services.handover import INNER_LENGTH, SEALED_INNER_LENGTH, inner_info
from survey_app.services.receipts import receipt_of
from survey_app.shell import Shell, no_progress
from tests.factories import answers, make_county, make_open_round, tokens_of
from tests.phone_factory import pad_inner


def public_key(shell: Shell, round_id: int) -> tuple[bytes, str]:
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        assert round_.public_key is not None
        return round_.public_key, round_.code


def sealed(shell: Shell, round_id: int, said: Any, *, info: bytes | None = None) -> bytes:
    key, code = public_key(shell, round_id)
    plain = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return keys.seal(key, pad_inner(plain), info=inner_info(code) if info is None else info)


def said(given: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "mode": "assisted",
        "minutes": "2-5",
        "answers": answers() if given is None else given,
        "comment": "",
    } | more


def count(shell: Shell, table: type) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_a_phone_sealed_is_opened_at_the_closing_in_the_place_that_the_card_has(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_rows, "LEAST", 1)  # a lone way of answering is otherwise not kept
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id, group="rural")[0]
    claimed = said(comment="路灯\r\n不亮", township_code="110000000000", group="delegates", psu_code="x", mode="self")
    assert casting.cast_sealed(shell, token, sealed(shell, round_id, claimed)) == "received"
    assert closing.close_round(shell, county.office, round_id, no_progress) == 1
    with shell.database.reading() as session:
        row = session.scalars(select(Response)).one()
        unit = session.scalars(
            select(SampleUnit).join(AnsweredUnit, AnsweredUnit.sample_unit_id == SampleUnit.id)
        ).one()
        assert (row.township_code, row.group, row.psu_code) == (unit.township_code, "rural", unit.psu_code)
        assert (row.mode, row.minutes, row.answers) == ("assisted", "2-5", answers())
        assert session.scalars(select(Comment.text)).all() == ["路灯\n不亮"]
        assert session.scalars(select(Receipt.code)).all() == [receipt_of(token)]


def test_both_kinds_of_ballots_have_one_length(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    one, other, third = tokens_of(shell, round_id, group="rural")[:3]
    casting.cast(shell, one, answers(code="unsatisfied"), comment="\U0001f642" * 500)
    casting.cast_sealed(shell, other, sealed(shell, round_id, said(comment="长" * 500)))
    casting.cast_sealed(shell, third, sealed(shell, round_id, said({})))
    with shell.database.reading() as session:
        assert {len(ballot) for ballot in session.scalars(select(Ballot.sealed))} == {BALLOT_LENGTH + 65 + 16}


def test_of_many_sendings_one_is_received_whichever_way_they_come(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    token = tokens_of(shell, round_id, group="rural")[0]
    inner = sealed(shell, round_id, said())

    def send(number: int) -> str:
        return casting.cast_sealed(shell, token, inner) if number % 2 else casting.cast(shell, token, answers())

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(send, range(20)))
    assert sorted(states) == ["already"] * 19 + ["received"]
    assert count(shell, Ballot) == 1


@pytest.mark.parametrize(
    "inner",
    [
        b"",
        b"\x04",
        b"\x04" * (SEALED_INNER_LENGTH - 1),
        b"\x04" * (SEALED_INNER_LENGTH + 1),
        b"\x05" * SEALED_INNER_LENGTH,
    ],
)
def test_a_sealed_answer_of_another_length_is_refused_and_spends_no_card(shell: Shell, inner: bytes) -> None:
    round_id = make_open_round(shell, make_county(shell))
    token = tokens_of(shell, round_id, group="rural")[0]
    with pytest.raises(BadInput, match=str(SEALED_INNER_LENGTH)):
        casting.cast_sealed(shell, token, inner)
    assert casting.look_up(shell, token).state == "ready"
    assert count(shell, Ballot) == 0


@pytest.mark.parametrize("token", ["", "x", "0" * 26])
def test_a_token_that_was_never_issued_takes_nothing(shell: Shell, token: str) -> None:
    round_id = make_open_round(shell, make_county(shell))
    assert casting.cast_sealed(shell, token, sealed(shell, round_id, said())) == "unknown"


SPOILED: dict[str, Any] = {
    "not JSON": b"{",
    "not text": b"\xff\xfe\x00",
    "nested too deep": b"[" * 2000,
    "a list": [],
    "a number": 7,
    "no answers": {"mode": "assisted"},
    "answers in a list": said(["satisfied"]),
    "another group's item": said({"D01": "satisfied"}),
    "an answer that is none of the four": said({"R01": "very satisfied"}),
    "an answer that is a list": said({"R01": ["satisfied"]}),
    "an answer that is an object": said({"R01": {"satisfied": True}}),
    "a comment that is no text": said(comment=["x"]),
    "empty": b"",
}


@pytest.mark.parametrize(
    "what", [*SPOILED, "random bytes", "another round's seal", "sealed to another key", "base 64 damaged"]
)
def test_what_cannot_be_read_is_a_spoiled_ballot_and_the_others_count(
    shell: Shell, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    good, bad = tokens_of(shell, round_id, group="rural")[:2]
    casting.cast(shell, good, answers(code="basic"))
    if what in SPOILED:
        inner = sealed(shell, round_id, SPOILED[what])
    elif what == "another round's seal":
        inner = sealed(shell, round_id, said(), info=b"pingyi-handover/1|another")
    elif what == "sealed to another key":
        inner = keys.seal(keys.point_of(keys.new_half()), pad_inner(b"{}"), info=b"")
    else:
        inner = b"\x04" + bytes(range(256)) * 8 + b"\0" * (SEALED_INNER_LENGTH - 2049)
    if what == "base 64 damaged":
        with monkeypatch.context() as damaged:
            damaged.setattr(casting.handover, "checked_inner", lambda _inner: "%%%")
            assert casting.cast_sealed(shell, bad, inner) == "received"
    else:
        assert casting.cast_sealed(shell, bad, inner) == "received"
    assert closing.close_round(shell, county.office, round_id, no_progress) == 1
    with shell.database.reading() as session:
        assert [row.answers["R01"] for row in session.scalars(select(Response))] == ["basic"]
        assert len(session.scalars(select(Receipt.code)).all()) == 2
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "round_closed")).one()
        assert json.loads(entry.details) == {"answers": 1, "spoiled": 1, "comments": 0, "receipts": 2}
        assert closing.box_counts(session, round_id)["spoiled"] == 1


def test_what_is_only_odd_is_taken_as_far_as_it_can_be(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id, group="rural")[0]
    odd = {"minutes": 3, "answers": {"R01": "basic", "R02": "", "R03": None}, "comment": "a\x00b\ud800c\n"}
    plain = json.dumps(odd).encode()
    assert casting.cast_sealed(shell, token, sealed(shell, round_id, plain)) == "received"
    assert closing.close_round(shell, county.office, round_id, no_progress) == 1
    with shell.database.reading() as session:
        row = session.scalars(select(Response)).one()
        assert (row.answers, row.minutes) == ({"R01": "basic"}, "")
        assert session.scalars(select(Comment.text)).all() == ["abc"]


def test_a_spoiled_ballot_does_not_hinder_the_scores(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id, group="rural")[0]
    casting.cast_sealed(shell, token, sealed(shell, round_id, b"{"))
    for group in ("delegates", "enterprise", "urban", "rural"):
        for each in tokens_of(shell, round_id, group=group):
            casting.cast(shell, each, answers(group))
    closing.close_round(shell, county.office, round_id, no_progress)
    townships = results.score_round(shell, county.office, round_id).townships
    assert set(townships["public_appraisal"]) == {100.0}


def test_what_a_phone_sealed_cannot_be_read_from_what_is_stored(sqlite_shell: Shell) -> None:
    shell = sqlite_shell
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id, group="rural")[0]
    inner = sealed(shell, round_id, said(comment="unmistakable-comment"))
    casting.cast_sealed(shell, token, inner)
    left = b"".join(path.read_bytes() for path in shell.config.home.rglob("*") if path.is_file())
    assert b"unmistakable-comment" not in left
    assert inner[100:160] not in left, "what the phone sent lies inside another seal"
    assert base64.b64encode(inner)[100:160] not in left


@pytest.mark.parametrize("group", ["delegates", "enterprise", "urban", "rural"])
def test_a_comment_of_500_chinese_characters_has_room_beside_20_answers(group: str) -> None:
    longest = said(answers(group, "unsatisfied"), comment="长" * COMMENT_LIMIT)
    plain = json.dumps(longest, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(pad_inner(plain)) == INNER_LENGTH

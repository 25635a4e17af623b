"""While the round is open: without the key no stored byte says what anybody answered."""

from __future__ import annotations

import itertools
import zlib
from collections import Counter

import numpy as np
import pytest

from survey_app.config import secret
from survey_app.errors import DamagedData
from survey_app.services import keys, slips
from survey_app.services.ballots import seal_info
from survey_app.services.curve import ORDER
from survey_app.services.key_halves import HOLDERS
from tests.attack.searching import ANSWER, answers_in, found_in
from tests.attack.staged import Coded, Stage, answer_digits, private_key

ENCAPSULATED = 65
SEALED_LENGTH = ENCAPSULATED + 4096 + 16
OPEN_MOMENTS = ("opened", "early", "later", "before")


def sealed_of(stage: Stage, moment: str = "before") -> list[bytes]:
    return [bytes(row["sealed"]) for row in stage.copies[moment].rows["ballots"]]


@pytest.mark.parametrize(
    "written",
    [
        "路灯0003不亮".encode(),
        "路灯0003不亮".encode("utf-16-le"),
        "路灯0003不亮".encode("gb18030"),
        b"xx" + __import__("base64").b64encode(b"ab" + "路灯0003不亮".encode() + b"c"),
        "路灯0003不亮".encode().hex().encode(),
        zlib.compress(b"[" + "路灯0003不亮".encode() * 3 + b"]"),
    ],
)
def test_the_search_finds_what_is_there_in_each_form(written: bytes) -> None:
    assert found_in(b"\0" * 999 + written + b"\0" * 999, ["路灯0003不亮", "路灯0004不亮"]) == ["路灯0003不亮"]
    assert answers_in(zlib.compress(b'{"R01": "satisfied"}')) == [b'R01": "satisfied']
    assert ANSWER.search(b"R01=basic&R02=") is not None


@pytest.mark.parametrize("moment", OPEN_MOMENTS)
def test_without_the_key_no_stored_byte_reveals_an_answer(stage: Stage, moment: str) -> None:
    everything = stage.copies[moment].everything
    assert len(everything) > 400_000
    assert answers_in(everything) == []
    comments = [one.comment for one in stage.answered.values() if one.comment]
    assert len(comments) > 50
    assert found_in(everything, [*comments, "unmistakable"]) == []


def test_no_slip_entered_once_can_be_read(stage: Stage) -> None:
    everything = stage.copies["before"].everything
    paper = [one for one in stage.answered.values() if one.way == "paper"]
    rows = [answer_digits(one.answers) for one in paper]
    assert len(rows) == 8
    assert found_in(everything, [*rows, *stage.slip_codes]) == []
    (waiting,) = stage.copies["before"].rows["slips"]
    assert len(waiting["entry"]) == slips.NONCE_LENGTH + slips.ENTRY_LENGTH + 16


def test_every_ballot_has_one_length_whichever_way_and_with_or_without_a_comment(stage: Stage) -> None:
    assert {one.way for one in stage.answered.values()} == {"self", "assisted", "paper"}
    assert Counter(map(len, sealed_of(stage))) == {SEALED_LENGTH: len(stage.answered)}
    before = stage.copies["before"].rows
    assert len({len(bytes(row["sealed"])) for row in before["online_ballots"]}) == 1


def test_sealed_bytes_have_nothing_to_do_with_what_they_say_or_with_each_other(stage: Stage) -> None:
    sealed = np.array([list(ballot) for ballot in sealed_of(stage)], dtype=np.uint8)
    cipher = sealed[:, ENCAPSULATED:]
    counts = np.bincount(cipher.ravel(), minlength=256)
    expected = cipher.size / 256
    surplus = (((counts - expected) ** 2 / expected).sum() - 255) / np.sqrt(2 * 255)
    assert abs(surplus) < 8  # a chi-square with 255 degrees; beyond 8 deviations less than once in 10^11
    blocks = Counter(bytes(row[at : at + 16]) for row in cipher for at in range(0, cipher.shape[1] - 15, 16))
    assert blocks.most_common(1)[0][1] == 1
    assert len({bytes(row[:ENCAPSULATED]) for row in sealed}) == len(sealed)
    for one, other in itertools.combinations(cipher[:60], 2):  # one key stream twice would leave the filling's zeros
        assert np.count_nonzero(one == other) < 90  # expected 16


def test_the_card_key_and_one_half_of_the_boxs_key_open_nothing(stage: Stage) -> None:
    info = seal_info(Coded(stage.round_code))
    ballots = sealed_of(stage)[:3]
    assert keys.unseal(private_key(stage), ballots[0], info=info)
    config = stage.shell.config
    others = [int.from_bytes(secret(config, name), "big") for name in ("cards", "session")]
    points = [int.from_bytes(bytes(row["point"])[1:33], "big") for row in stage.copies["before"].rows["key_halves"]]
    assert len(points) == 2
    for holder in HOLDERS:
        half = stage.halves[holder]
        guesses = [half, -half, 2 * half, *(half + other for other in [*others, *points])]
        guesses += [half ^ other for other in [*others, *points]] + others
        for guess in {guess % ORDER for guess in guesses} - {0}:
            for ballot in ballots:
                with pytest.raises(DamagedData):
                    keys.unseal(keys.joined([guess]), ballot, info=info)


def test_neither_half_of_a_printed_key_was_ever_stored(stage: Stage) -> None:
    for moment, copy in stage.copies.items():
        everything = copy.everything
        for half in stage.halves.values():
            assert half.to_bytes(32, "big") not in everything, moment
            assert half.to_bytes(32, "little") not in everything, moment
            assert found_in(everything, [str(half), f"{half:064x}", *keys_on_paper(half)]) == [], moment


def keys_on_paper(half: int) -> list[str]:
    from survey_app.services.written_halves import write_half

    lines = write_half(half)
    return [*lines, *(line.replace(" ", "") for line in lines)]


def test_two_backups_tell_who_answered_in_between_and_not_what(stage: Stage) -> None:
    early, later = stage.copies["early"], stage.copies["later"]

    def units(moment: str) -> set[int]:
        return {row["sample_unit_id"] for row in stage.copies[moment].rows["answered_units"]}

    assert units("later") - units("early") == {stage.between}
    old = {bytes(row["key"]) for row in early.rows["ballots"]}
    (new,) = (row for row in later.rows["ballots"] if bytes(row["key"]) not in old)
    assert (
        stage.owners[bytes(new["key"])] == stage.between
    )  # so it is known whose this sealed ballot is; it stays sealed
    assert len(bytes(new["sealed"])) == SEALED_LENGTH
    assert {bytes(row["sealed"]) for row in early.rows["ballots"]} <= {
        bytes(row["sealed"]) for row in later.rows["ballots"]
    }
    counted = [copy.rows["online_ballots"] == [] for copy in (early, later)]
    assert counted == [True, True]


@pytest.mark.parametrize("moment", ["opened", "early", "later", "before", "during", "after"])
def test_no_card_is_stored_in_any_form(stage: Stage, moment: str) -> None:
    everything = stage.copies[moment].everything
    for one in stage.answered.values():
        assert one.card.token.encode() not in everything
        assert one.card.code.encode() not in everything
    assert found_in(everything, [one.card.token for one in list(stage.answered.values())[:20]]) == []
    assert found_in(everything, stage.online_codes) == []


@pytest.mark.parametrize("moment", OPEN_MOMENTS)
def test_no_receipt_is_stored_while_the_round_is_open(stage: Stage, moment: str) -> None:
    everything = stage.copies[moment].everything
    assert not any(one.receipt.encode() in everything for one in stage.answered.values())
    assert not any(one.receipt.replace(" ", "").encode() in everything for one in stage.answered.values())


def test_the_tables_of_the_box_have_no_column_for_a_time_a_unit_or_a_place_in_line(stage: Stage) -> None:
    rows = stage.copies["before"].rows
    beside = {"_place", "_xmin", "_xmax", "_cmin"}
    assert set(rows["ballots"][0]) - beside == {"key", "round_id", "sealed"}
    assert set(rows["answered_units"][0]) - beside == {"sample_unit_id", "round_id"}
    assert set(rows["online_ballots"][0]) - beside == {"key", "round_id", "sealed"}
    if stage.shell.database.is_sqlite:
        assert {row["_place"] for row in rows["ballots"]} == {None}

"""One card, one answer; sealed while the round is open, untraceable after it closed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update

from survey_app.errors import BadInput, DamagedData, WrongState
from survey_app.models import AnsweredUnit, Ballot, Card, Comment, RecordEntry, Response, Round
from survey_app.services import casting, closing, keys, result_files, results
from survey_app.services.ballots import BALLOT_LENGTH, BallotContent, pad, unpad
from survey_app.shell import Shell, no_progress
from tests.factories import answer_all, answers, make_county, make_drawn_round, make_open_round, tokens_of


def count(shell: Shell, table: type) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_answer_is_received_once_and_a_second_changes_nothing(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id, group="rural")[0]
    assert casting.cast(shell, token, answers()) == "received"
    assert casting.cast(shell, token, answers(code="unsatisfied")) == "already"
    assert casting.look_up(shell, token).state == "already"
    assert count(shell, Ballot) == count(shell, AnsweredUnit) == 1
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        assert session.scalars(select(Response)).one().answers == answers()


def test_of_many_sendings_at_once_with_one_card_one_is_received(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    token = tokens_of(shell, round_id, group="rural")[0]
    with ThreadPoolExecutor(16) as pool:
        states = list(pool.map(lambda _: casting.cast(shell, token, answers()), range(40)))
    assert sorted(states) == ["already"] * 39 + ["received"]
    assert count(shell, Ballot) == count(shell, AnsweredUnit) == 1


def test_the_constraint_holds_even_where_two_issues_of_a_card_are_in_force(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    one, other = tokens_of(shell, round_id, group="rural")[:2]
    with shell.database.transaction() as session:
        cards = session.scalars(select(Card).where(Card.token_hash.in_([_hash(one), _hash(other)]))).all()
        unit = cards[0].sample_unit_id
        session.execute(update(Card).where(Card.id == cards[1].id).values(sample_unit_id=unit, issue=2))
    assert sorted(casting.cast(shell, token, answers()) for token in (one, other)) == ["already", "received"]


@pytest.mark.parametrize(
    ("token", "state"), [("", "unknown"), ("x", "unknown"), ("0" * 26, "unknown"), ("9" * 5000, "unknown")]
)
def test_a_token_that_was_never_issued_is_unknown(shell: Shell, token: str, state: str) -> None:
    make_open_round(shell, make_county(shell))
    assert casting.cast(shell, token, answers()) == state
    assert count(shell, Ballot) == 0


def test_a_voided_card_takes_no_answer(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    token = tokens_of(shell, round_id)[0]
    with shell.database.transaction() as session:
        session.execute(update(Card).values(voided=True))
    assert casting.cast(shell, token, answers("delegates")) == "voided"
    assert count(shell, Ballot) == 0


def test_a_closed_round_takes_no_answer(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token = tokens_of(shell, round_id)[0]
    closing.close_round(shell, county.office, round_id, no_progress)
    assert casting.cast(shell, token, answers("delegates")) == "late"
    assert count(shell, Response) == 0


def test_every_ballot_has_the_same_length_whatever_it_says(shell: Shell) -> None:
    round_id = make_open_round(shell, make_county(shell))
    first, second, third = tokens_of(shell, round_id, group="rural")[:3]
    casting.cast(shell, first, {})
    casting.cast(shell, second, answers())
    casting.cast(shell, third, answers(code="unsatisfied"), comment="很" * 500)
    with shell.database.reading() as session:
        lengths = {len(sealed) for sealed in session.scalars(select(Ballot.sealed))}
    assert lengths == {BALLOT_LENGTH + 65 + 16}


def test_padding_gives_back_what_went_in_and_refuses_what_is_too_long() -> None:
    content = BallotContent("359900101000", "rural", "359900101201", "self", "2-5", answers(), "路灯不亮 🙂")
    assert len(pad(content)) == BALLOT_LENGTH
    assert unpad(pad(content)) == content
    with pytest.raises(BadInput, match="too long"):
        pad(BallotContent("", "", "", "", "", {}, "长" * 2000))


def test_nothing_stored_before_closing_says_what_was_answered(sqlite_shell: Shell) -> None:
    shell = sqlite_shell
    round_id = make_open_round(shell, make_county(shell))
    token = tokens_of(shell, round_id, group="rural")[0]
    before = stored_bytes(shell)
    casting.cast(shell, token, answers(code="unsatisfied"), comment="unmistakable-comment")
    added = stored_bytes(shell)
    assert b"unmistakable-comment" not in added
    assert added.count(b"unsatisfied") == before.count(b"unsatisfied")
    assert token.encode() not in added


def test_closing_leaves_neither_sealed_ballots_nor_key_nor_links(sqlite_shell: Shell) -> None:
    shell = sqlite_shell
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    number = answer_all(shell, round_id)
    with shell.database.reading() as session:
        sealed = session.scalars(select(Ballot.sealed)).all()
        old_keys = session.scalars(select(Ballot.key)).all()
    assert closing.close_round(shell, county.office, round_id, no_progress) == number
    left = stored_bytes(shell)
    assert not any(ballot[100:160] in left for ballot in sealed)
    assert not any(key in left for key in old_keys)
    assert not keys.halves_exist(shell.config, round_id)
    assert count(shell, Ballot) == 0
    assert count(shell, Response) == number


def test_the_order_of_responses_says_nothing_of_the_order_of_arrival(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    tokens = tokens_of(shell, round_id, group="rural")
    for number, token in enumerate(tokens):
        casting.cast(shell, token, {"R01": "satisfied"}, comment=f"{number:03}")
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        comments = session.scalars(select(Comment.text)).all()
    assert sorted(comments) == [f"{number:03}" for number in range(len(tokens))]
    assert list(comments) != sorted(comments)


def test_a_damaged_ballot_stops_the_closing_and_changes_nothing(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for token in tokens_of(shell, round_id, group="rural")[:3]:
        casting.cast(shell, token, answers())
    with shell.database.transaction() as session:
        ballot = session.scalars(select(Ballot).limit(1)).one()
        ballot.sealed = ballot.sealed[:-1] + bytes([ballot.sealed[-1] ^ 1])
    with pytest.raises(DamagedData, match="nothing was changed"):
        closing.close_round(shell, county.office, round_id, no_progress)
    assert count(shell, Ballot) == 3
    assert count(shell, Response) == 0
    assert keys.halves_exist(shell.config, round_id)


def test_a_missing_ballot_stops_the_closing(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for token in tokens_of(shell, round_id, group="rural")[:2]:
        casting.cast(shell, token, answers())
    with shell.database.transaction() as session:
        session.delete(session.scalars(select(Ballot).limit(1)).one())
    with pytest.raises(DamagedData, match="2 units have answered but the box holds 1"):
        closing.close_round(shell, county.office, round_id, no_progress)


def test_no_score_and_no_export_can_be_had_before_closing(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for act in (results.score_round, result_files.responses_zip, result_files.scores_workbook):
        with pytest.raises(WrongState, match="in the field"):
            act(shell, county.office, round_id)


def test_only_a_round_in_the_field_can_be_closed(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    with pytest.raises(WrongState, match="drawn"):
        closing.request_close(shell, county.office, round_id)


def test_the_record_of_a_round_never_holds_a_token_or_an_answer(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    tokens = tokens_of(shell, round_id)
    casting.cast(shell, tokens[0], answers("delegates"))
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        told = " ".join(entry.details + entry.reason for entry in session.scalars(select(RecordEntry)))
        assert session.get_one(Round, round_id).state == "closed"
    assert "satisfied" not in told
    assert not any(token in told for token in tokens)


def _hash(token: str) -> bytes:
    from survey_app.services.tokens import token_hash

    return token_hash(token)


def stored_bytes(shell: Shell) -> bytes:
    """Everything in the data folder, the write-ahead log included; keys apart, which are random."""
    with shell.database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(PASSIVE)"))
    return b"".join(path.read_bytes() for path in sorted(shell.config.home.rglob("*")) if path.is_file())

"""Printed key halves: made apart, shown once, typed back, typed again at the closing, never stored."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from survey_app import vault
from survey_app.errors import BadInput, DamagedData, WrongState
from survey_app.models import Ballot, Job, KeyHalf, RecordEntry, Response, Round
from survey_app.services import casting, closing, fieldwork, jobs, key_halves, keys, worker
from survey_app.services.written_halves import write_half
from survey_app.shell import Shell, no_progress
from survey_app.vault import Vault
from tests.factories import (
    CountyFacts,
    answers,
    make_county,
    make_drawn_round,
    make_open_round,
    make_printed_round,
    tokens_of,
)


def entries(shell: Shell, action: str) -> list[RecordEntry]:
    with shell.database.reading() as session:
        return list(session.scalars(select(RecordEntry).where(RecordEntry.action == action).order_by(RecordEntry.id)))


def state(shell: Shell, round_id: int) -> str:
    with shell.database.reading() as session:
        return session.get_one(Round, round_id).state


def printed_and_answered(shell: Shell, number: int = 3) -> tuple[CountyFacts, int, dict[str, int]]:
    county = make_county(shell)
    round_id, halves = make_printed_round(shell, county)
    for token in tokens_of(shell, round_id, group="rural")[:number]:
        assert casting.cast(shell, token, answers()) == "received"
    return county, round_id, halves


def test_a_round_with_printed_halves_goes_from_making_to_closing(shell: Shell) -> None:
    county, round_id, halves = printed_and_answered(shell)
    assert not keys.halves_exist(shell.config, round_id)
    assert closing.close_round(shell, county.office, round_id, no_progress, halves=halves) == 3
    with shell.database.reading() as session:
        assert {row.answers["R01"] for row in session.scalars(select(Response))} == {"satisfied"}
    made = [json.loads(entry.details) for entry in entries(shell, "key_half_made")]
    assert made == [{"holder": "office", "again": False}, {"holder": "observer", "again": False}]
    assert {entry.person for entry in entries(shell, "key_half_typed_back")} == {county.office.name}
    assert json.loads(entries(shell, "fieldwork_opened")[0].details)["holding"] == "printed"
    assert json.loads(entries(shell, "key_holding_set")[0].details) == {"holding": "printed"}


def test_the_database_holds_points_alone_whose_sum_is_the_public_key(sqlite_shell: Shell) -> None:
    shell = sqlite_shell
    _county, round_id, halves = printed_and_answered(shell)
    with shell.database.reading() as session:
        stored = {half.holder: half.point for half in session.scalars(select(KeyHalf))}
        public_key = session.get_one(Round, round_id).public_key
    assert stored == {holder: keys.point_of(half) for holder, half in halves.items()}
    assert public_key == keys.point_of(sum(halves.values()) % keys.ORDER)
    with shell.database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    left = b"".join(path.read_bytes() for path in shell.config.home.rglob("*") if path.is_file())
    for half in (*halves.values(), sum(halves.values()) % keys.ORDER):
        assert half.to_bytes(32, "big") not in left
        assert str(half).encode() not in left
        assert f"{half:x}".encode() not in left
        assert write_half(half)[2].encode() not in left


@pytest.mark.parametrize("skipped", ["making", "typing back"])
def test_the_fieldwork_cannot_begin_before_both_halves_are_typed_back(shell: Shell, skipped: str) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    half = key_halves.make_half(shell, county.office, round_id, "office")
    key_halves.type_back(shell, county.office, round_id, "office", half)
    if skipped == "typing back":
        key_halves.make_half(shell, county.office, round_id, "observer")
    with pytest.raises(WrongState, match="observer's half is not"):
        fieldwork.open_fieldwork(shell, county.office, round_id)
    assert state(shell, round_id) == "drawn"
    assert not keys.halves_exist(shell.config, round_id)


def test_a_half_is_shown_once_and_a_lost_one_is_made_anew_until_the_round_opens(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    lost = key_halves.make_half(shell, county.office, round_id, "observer", present="周监督")
    with pytest.raises(WrongState, match="once only"):
        key_halves.make_half(shell, county.office, round_id, "observer")
    kept = key_halves.make_half(shell, county.office, round_id, "observer", again=True)
    with pytest.raises(BadInput, match="last one made"):
        key_halves.type_back(shell, county.office, round_id, "observer", lost)
    key_halves.type_back(shell, county.office, round_id, "observer", kept)
    office = key_halves.make_half(shell, county.office, round_id, "office")
    key_halves.type_back(shell, county.office, round_id, "office", office)
    fieldwork.open_fieldwork(shell, county.office, round_id)
    with pytest.raises(WrongState, match="in the field"):
        key_halves.make_half(shell, county.office, round_id, "observer", again=True)
    made = [json.loads(entry.details) for entry in entries(shell, "key_half_made")]
    assert made[0] == {"holder": "observer", "again": False, "present": "周监督"}
    assert made[1] == {"holder": "observer", "again": True}


def test_a_half_made_anew_after_it_was_typed_back_must_be_typed_back_again(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    for holder in key_halves.HOLDERS:
        half = key_halves.make_half(shell, county.office, round_id, holder)
        key_halves.type_back(shell, county.office, round_id, holder, half)
    key_halves.make_half(shell, county.office, round_id, "office", again=True)
    with pytest.raises(WrongState, match="office's half is not"):
        fieldwork.open_fieldwork(shell, county.office, round_id)


def test_the_other_holders_half_is_told_as_such(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    office = key_halves.make_half(shell, county.office, round_id, "office")
    with pytest.raises(WrongState, match="not made yet"):
        key_halves.type_back(shell, county.office, round_id, "observer", office)
    key_halves.make_half(shell, county.office, round_id, "observer")
    with pytest.raises(BadInput, match="this is the office's half"):
        key_halves.type_back(shell, county.office, round_id, "observer", office)


def test_a_change_of_holding_voids_the_halves_and_is_possible_before_the_field_only(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    with pytest.raises(BadInput, match="choose one"):
        key_halves.choose_holding(shell, county.office, round_id, "elsewhere")
    with pytest.raises(WrongState, match="choose printed"):
        key_halves.make_half(shell, county.office, round_id, "office")
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    key_halves.choose_holding(shell, county.office, round_id, "printed")
    key_halves.make_half(shell, county.office, round_id, "office")
    key_halves.choose_holding(shell, county.office, round_id, "server")
    with shell.database.reading() as session:
        assert session.scalars(select(KeyHalf)).all() == []
    fieldwork.open_fieldwork(shell, county.office, round_id)
    assert keys.halves_exist(shell.config, round_id)
    with pytest.raises(WrongState, match="in the field"):
        key_halves.choose_holding(shell, county.office, round_id, "printed")
    assert len(entries(shell, "key_holding_set")) == 2


@pytest.mark.parametrize("wrong", key_halves.HOLDERS)
def test_a_wrong_half_at_the_closing_is_named_and_nothing_changes(shell: Shell, wrong: str) -> None:
    county, round_id, halves = printed_and_answered(shell)
    typed = halves | {wrong: keys.new_half()}
    with pytest.raises(BadInput, match=f"not the {wrong}'s half"):
        closing.request_close(shell, county.office, round_id, typed)
    with pytest.raises(BadInput, match=f"not the {wrong}'s half"):
        closing.close_round(shell, county.office, round_id, no_progress, halves=typed)
    assert state(shell, round_id) == "open"
    assert shell.vault.held_by(round_id) == {}
    with shell.database.reading() as session:
        assert len(session.scalars(select(Ballot.key)).all()) == 3
        assert session.scalars(select(Job).where(Job.kind == "close")).all() == []


def test_the_closing_in_the_background_takes_the_halves_from_memory_and_its_job_holds_none(shell: Shell) -> None:
    county, round_id, halves = printed_and_answered(shell)
    job_id = closing.request_close(shell, county.office, round_id, halves)
    assert closing.request_close(shell, county.office, round_id, halves) == job_id
    assert jobs.get_job(shell, county.id, job_id).parameters == {"process": shell.vault.process}
    assert worker.run_waiting(shell) == 1
    assert jobs.get_job(shell, county.id, job_id).result == {"answers": 3}
    assert state(shell, round_id) == "closed"
    assert shell.vault.held_by(round_id) == {}


def test_two_holders_hand_in_their_halves_one_after_the_other(shell: Shell) -> None:
    county, round_id, halves = printed_and_answered(shell)
    key_halves.hand_in(shell, county.office, round_id, "observer", halves["observer"])
    with pytest.raises(WrongState, match="the office's half is not here"):
        closing.request_close(shell, county.office, round_id)
    assert list(shell.vault.held_by(round_id)) == ["observer"]
    closing.request_close(shell, county.office, round_id, {"office": halves["office"]})
    worker.run_waiting(shell)
    assert state(shell, round_id) == "closed"
    assert json.loads(entries(shell, "key_half_handed_in")[0].details) == {"holder": "observer"}


def test_a_half_that_was_handed_in_is_gone_after_half_an_hour(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    county, round_id, halves = printed_and_answered(shell)
    key_halves.hand_in(shell, county.office, round_id, "office", halves["office"])
    now = vault.time.monotonic()
    monkeypatch.setattr(vault.time, "monotonic", lambda: now + vault.HOLD_SECONDS + 1)
    assert shell.vault.held_by(round_id) == {}
    shell.vault.forget_old()
    assert shell.vault._held == {}
    with pytest.raises(WrongState, match="half is not here"):
        closing.request_close(shell, county.office, round_id, {"observer": halves["observer"]})


def test_a_server_that_starts_again_says_plainly_to_type_both_halves_again(shell: Shell) -> None:
    county, round_id, halves = printed_and_answered(shell)
    job_id = closing.request_close(shell, county.office, round_id, halves)
    restarted = Shell(config=shell.config, database=shell.database)
    assert worker.run_waiting(restarted) == 0, "another process has not the key in its memory"
    worker.fail_cut_off_jobs(restarted)
    job = jobs.get_job(restarted, county.id, job_id)
    assert job.state == "failed"
    assert "type both again" in (job.error_en or "")
    assert "重新输入两半密钥" in (job.error_zh or "")
    assert state(restarted, round_id) == "open"
    closing.request_close(restarted, county.office, round_id, halves)
    assert worker.run_waiting(restarted) == 1
    assert state(restarted, round_id) == "closed"


def test_a_closing_that_fails_forgets_the_halves(shell: Shell) -> None:
    county, round_id, halves = printed_and_answered(shell)
    with shell.database.transaction() as session:
        session.execute(update(Ballot).values(sealed=b"\x04" + b"\0" * 200))
    job_id = closing.request_close(shell, county.office, round_id, halves)
    worker.run_waiting(shell)
    job = jobs.get_job(shell, county.id, job_id)
    assert (job.state, state(shell, round_id)) == ("failed", "open")
    assert "nothing was changed" in (job.error_en or "")
    assert shell.vault.held_by(round_id) == {}


def test_halves_of_a_round_that_is_not_printed_or_not_open_are_not_taken(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    with pytest.raises(WrongState, match="on the server"):
        key_halves.hand_in(shell, county.office, round_id, "office", keys.new_half())
    drawn = make_drawn_round(shell, county, wave=2)
    with pytest.raises(WrongState, match="drawn"):
        key_halves.hand_in(shell, county.office, drawn, "office", keys.new_half())


def test_a_vault_never_shows_what_it_holds() -> None:
    half = keys.new_half()
    kept = Vault()
    kept.put(1, "office", half, "王")
    assert str(half) not in repr(kept) + repr(kept._held)
    assert kept.take(1) == {"office": half}
    assert kept.take(1) == {}


def test_a_round_whose_halves_were_split_by_the_first_version_still_opens(sqlite_shell: Shell) -> None:
    import secrets

    private = keys.new_half()
    office = secrets.token_bytes(32)
    observer = bytes(a ^ b for a, b in zip(private.to_bytes(32, "big"), office, strict=True))
    for holder, half in (("office", office), ("observer", observer)):
        keys.half_path(sqlite_shell.config, 7, holder).write_bytes(half)
    found = keys.join_halves(sqlite_shell.config, 7, keys.point_of(private))
    assert found.private_numbers().private_value == private


def test_a_key_damaged_in_the_database_is_refused(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    with shell.database.transaction() as session:
        session.execute(update(Round).where(Round.id == round_id).values(public_key=None))
    with pytest.raises(DamagedData, match="no key"):
        closing.close_round(shell, county.office, round_id, no_progress)


def test_every_step_is_refused_to_another_county(shell: Shell) -> None:
    from survey_app.errors import NotFound
    from survey_app.services.rounds import Actor

    county, round_id, halves = printed_and_answered(shell)
    other = make_county(shell, code="359901", prefix="other_")
    stranger = Actor("office 林", other.id)
    acts: list[Callable[[], object]] = [
        lambda: key_halves.choose_holding(shell, stranger, round_id, "server"),
        lambda: key_halves.make_half(shell, stranger, round_id, "office", again=True),
        lambda: key_halves.type_back(shell, stranger, round_id, "office", halves["office"]),
        lambda: key_halves.hand_in(shell, stranger, round_id, "office", halves["office"]),
        lambda: key_halves.check_halves(shell, stranger, round_id, halves),
        lambda: closing.close_round(shell, stranger, round_id, no_progress, halves=halves),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert state(shell, round_id) == "open"
    assert county.id != other.id

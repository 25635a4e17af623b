"""What becomes of the key and of old pages when a closing is cut off or hindered; how a closing tells its progress."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from survey_app import db
from survey_app.db import Database
from survey_app.models import Ballot, Job, Person, RecordEntry, Round, SampleUnit, Slip
from survey_app.opening import open_shell
from survey_app.services import casting, closing, jobs, keys, slips, worker
from survey_app.shell import Shell, no_progress, utc_now
from tests.factories import CountyFacts, answer_all, answers, make_county, make_open_round, tokens_of


def full_disk(_database: Database) -> None:
    raise OperationalError("VACUUM", {}, Exception("database or disk is full"))


def answered_round(shell: Shell, county: CountyFacts, number: int = 3) -> int:
    round_id = make_open_round(shell, county)
    for token in tokens_of(shell, round_id, group="rural")[:number]:
        assert casting.cast(shell, token, answers()) == "received"
    return round_id


def is_marked(shell: Shell, round_id: int) -> bool:
    with shell.database.reading() as session:
        return session.get_one(Round, round_id).traces_left


def test_a_closing_cut_off_before_its_traces_are_gone_is_finished_at_the_next_start(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    with monkeypatch.context() as cut:
        cut.setattr(closing, "_destroy_traces", lambda *_: None)
        closing.close_round(shell, county.office, round_id, no_progress)
    assert keys.halves_exist(shell.config, round_id)
    assert is_marked(shell, round_id)
    open_shell(shell.config).close()
    assert not keys.halves_exist(shell.config, round_id)
    assert not is_marked(shell, round_id)


def test_a_full_disk_keeps_neither_the_key_nor_the_round_open_and_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    with monkeypatch.context() as full:
        full.setattr(Database, "wipe_free_pages", full_disk)
        job_id = closing.request_close(shell, county.office, round_id)
        worker.run_waiting(shell)
    job = jobs.get_job(shell, county.id, job_id)
    assert (job.state, job.result, job.error_en) == ("done", {"answers": 3}, None)
    assert not keys.halves_exist(shell.config, round_id)
    assert is_marked(shell, round_id)
    told = closing.traces_left(shell, round_id)
    assert told is not None
    assert "free disk space" in told[0]
    assert "腾出磁盘空间" in told[1]
    closing.finish_closings(shell)
    assert not is_marked(shell, round_id)
    assert closing.traces_left(shell, round_id) is None


def test_a_key_that_cannot_be_destroyed_is_told_and_tried_again(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)

    def unwritable(*_: object) -> None:
        raise PermissionError("the data folder cannot be written")

    with monkeypatch.context() as locked:
        locked.setattr(keys, "destroy_halves", unwritable)
        assert closing.close_round(shell, county.office, round_id, no_progress) == 3
    assert closing.traces_left(shell, round_id) == closing.KEY_LEFT
    closing.finish_closings(shell)
    assert closing.traces_left(shell, round_id) is None


def test_whoever_reads_during_a_closing_only_delays_the_overwriting(
    sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = sqlite_shell
    monkeypatch.setattr(db, "WIPE_PATIENCE", 0.1)
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    answer_all(shell, round_id)
    with shell.database.reading() as session:
        sealed = session.scalars(select(Ballot.sealed)).all()
    viewer = create_engine(shell.config.database_url)
    with viewer.connect() as connection:
        connection.execute(text("BEGIN"))
        assert connection.execute(text("SELECT count(*) FROM ballots")).scalar_one() == len(sealed) > 0
        closing.close_round(shell, county.office, round_id, no_progress)
        assert not keys.halves_exist(shell.config, round_id)
        assert is_marked(shell, round_id)
        assert any(ballot[100:160] in raw_bytes(shell) for ballot in sealed)
    viewer.dispose()
    closing.finish_closings(shell)
    assert not is_marked(shell, round_id)
    left = raw_bytes(shell)
    assert not any(ballot[100:160] in left for ballot in sealed)


def raw_bytes(shell: Shell) -> bytes:
    """The database's own files as they lie on the disk."""
    return b"".join(path.read_bytes() for path in sorted(shell.config.home.glob("pingyi.sqlite*")))


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_open_transaction_on_postgresql_delays_it_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, isolation: str
) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    table = "ballots" if isolation == "READ COMMITTED" else "counties"  # a lock in the way, or only a snapshot
    viewer = shell.database.engine.connect().execution_options(isolation_level=isolation)
    with viewer, monkeypatch.context() as impatient:
        impatient.setattr(db, "WIPE_PATIENCE", 0.1)
        viewer.execute(text(f"SELECT count(*) FROM {table}"))
        closing.close_round(shell, county.office, round_id, no_progress)
        assert not keys.halves_exist(shell.config, round_id)
        assert is_marked(shell, round_id)
    closing.finish_closings(shell)
    assert not is_marked(shell, round_id)


def test_the_worker_tries_again_by_itself(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    tried = Event()
    monkeypatch.setattr(worker, "TRACES_SECONDS", 0.0)
    monkeypatch.setattr(closing, "finish_closings", lambda _shell: tried.set())
    thread = worker.start_worker(sqlite_shell)
    sqlite_shell.job_added.set()
    assert tried.wait(timeout=20)
    sqlite_shell.close()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_closing_in_the_background_tells_its_progress_without_waiting_for_itself(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PROGRESS_SECONDS", 0.0)
    county = make_county(shell)
    round_id = answered_round(shell, county)
    job_id = closing.request_close(shell, county.office, round_id)
    worker.run_waiting(shell)
    job = jobs.get_job(shell, county.id, job_id)
    assert (job.state, job.done, job.total) == ("done", 3, 3)


def test_an_answer_that_comes_while_the_box_is_being_opened_counts(shell: Shell) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    late = tokens_of(shell, round_id, group="rural")[3]

    def late_answer(done: int, total: int) -> None:
        if done == total:
            assert casting.cast(shell, late, answers()) == "received"

    assert closing.close_round(shell, county.office, round_id, late_answer) == 4


def test_an_unforeseen_failure_of_a_closing_does_not_say_that_nothing_changed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(closing, "_destroy_traces", broken)
    job_id = closing.request_close(shell, county.office, round_id)
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        job = session.get_one(Job, job_id)
        assert session.get_one(Round, round_id).state == "closed"
    assert job.state == "failed"
    assert "nothing was changed" not in (job.error_en or "")
    assert "未作任何改动" not in (job.error_zh or "")


def test_the_reason_of_a_closing_stands_in_the_record(shell: Shell) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    closing.close_round(shell, county.office, round_id, no_progress, reason="the days of the survey are over")
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "round_closed")).one()
    assert (entry.person, entry.reason) == (county.office.name, "the days of the survey are over")


def test_slips_entered_once_only_go_with_the_closing_and_the_record_says_how_many(shell: Shell) -> None:
    county = make_county(shell)
    round_id = answered_round(shell, county)
    with shell.database.transaction() as session:
        unit = session.scalars(select(SampleUnit.id).where(SampleUnit.round_id == round_id).limit(1)).one()
        clerk = session.scalars(select(Person.id).limit(1)).one()
        session.add(
            Slip(
                sample_unit_id=unit,
                round_id=round_id,
                salt=b"s" * 16,
                entry=b"unmistakable-entry",
                entered_by_id=clerk,
                entered_at=utc_now(),
            )
        )
    with shell.database.reading() as session:
        assert slips.waiting_slips(session, round_id) == 1
    assert closing.close_round(shell, county.office, round_id, no_progress) == 3
    with shell.database.reading() as session:
        assert session.scalars(select(Slip)).all() == []
        assert closing.box_counts(session, round_id)["slips_dropped"] == 1
    if shell.database.is_sqlite:
        assert b"unmistakable-entry" not in raw_bytes(shell)


def test_the_pages_of_a_closed_round_say_that_old_pages_wait(
    sqlite_shell: Shell,
    county: CountyFacts,
    client_as: Callable[[str], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = sqlite_shell
    round_id = make_open_round(shell, county)
    answer_all(shell, round_id)
    with monkeypatch.context() as full:
        full.setattr(Database, "wipe_free_pages", full_disk)
        closing.close_round(shell, county.office, round_id, no_progress)
    client = client_as("office")
    for page in (f"/office/rounds/{round_id}", f"/office/rounds/{round_id}/results"):
        shown = client.get(page, base_url="https://pingyi.test").text
        assert "自动重试" in shown
        assert "tried again at the next start" in shown
    closing.finish_closings(shell)
    assert "自动重试" not in client.get(f"/office/rounds/{round_id}/results", base_url="https://pingyi.test").text

"""Background jobs."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from survey_app.errors import NotFound
from survey_app.models import Job
from survey_app.services import closing, drawing, framing, jobs, worker
from survey_app.shell import Progress, Shell
from tests.factories import CountyFacts, frame_csv, make_county, make_open_round, make_round, make_sealed_round


def test_an_unforeseen_error_marks_the_job_failed_without_its_traceback(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    county = make_county(shell)

    def broken(_shell: Shell, _job: Job, _progress: Progress) -> dict[str, object]:
        raise KeyError("secret-detail")

    monkeypatch.setattr(worker, "handlers", lambda: {"draw": broken})
    job_id = jobs.enqueue(shell, county.office, "draw", round_id=None, parameters={})
    assert worker.run_waiting(shell) == 1
    job = jobs.get_job(shell, county.id, job_id)
    assert job.state == "failed"
    assert "secret-detail" not in f"{job.error_en}{job.error_zh}"
    assert "secret-detail" in caplog.text


def test_a_job_cut_off_by_a_stop_is_marked_failed_at_the_next_start(shell: Shell) -> None:
    county = make_county(shell)
    job_id = jobs.enqueue(shell, county.office, "draw", round_id=None, parameters={})
    with shell.database.transaction() as session:
        session.execute(update(Job).values(state="running"))
    worker.fail_cut_off_jobs(shell)
    assert "server stopped" in (jobs.get_job(shell, county.id, job_id).error_en or "")


def test_the_worker_thread_picks_a_job_up_by_itself(sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    county = make_county(sqlite_shell)
    ran = Event()

    def handler(_shell: Shell, _job: Job, progress: Progress) -> dict[str, object]:
        progress(1, 1)
        ran.set()
        return {}

    monkeypatch.setattr(worker, "handlers", lambda: {"draw": handler})
    thread = worker.start_worker(sqlite_shell)
    jobs.enqueue(sqlite_shell, county.office, "draw", round_id=None, parameters={})
    assert ran.wait(timeout=20)
    sqlite_shell.close()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_database_that_is_away_costs_the_worker_a_line_and_it_goes_on(
    sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from threading import Event

    again, tries = Event(), list[int]()

    def away(_shell: Shell) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("SELECT 1", {}, ConnectionError("in recovery mode\nmore"))
        again.set()
        return 0

    monkeypatch.setattr(worker, "run_waiting", away)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)
    thread = worker.start_worker(sqlite_shell)
    assert again.wait(timeout=20)
    sqlite_shell.close()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert [record.getMessage() for record in caplog.records if record.name == worker.__name__] == [
        "the job worker could not use the database and tries again: in recovery mode"
    ]
    assert "Traceback" not in caplog.text


def test_another_countys_job_does_not_exist(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    job_id = jobs.enqueue(shell, county.office, "draw", round_id=None, parameters={})
    with pytest.raises(NotFound):
        jobs.get_job(shell, other.id, job_id)


def requests_of(shell: Shell, county: CountyFacts, kind: str) -> Callable[[], int]:
    """Bring a round to where a job of this kind can be asked for; asking gives the job's number."""
    if kind == "seal_frame":
        round_id = make_round(shell, county)
        check = framing.receive_upload(
            shell, county.office, round_id, name="frame.csv", stream=io.BytesIO(frame_csv(county.townships))
        )
        worker.run_waiting(shell)
        return lambda: framing.request_seal(shell, county.office, round_id, check)
    if kind == "draw":
        round_id = make_sealed_round(shell, county)
        return lambda: drawing.request_draw(shell, county.office, round_id, seed="2026")
    round_id = make_open_round(shell, county)
    return lambda: closing.request_close(shell, county.office, round_id)


def jobs_of(shell: Shell, kind: str) -> list[str]:
    with shell.database.reading() as session:
        return list(session.scalars(select(Job.state).where(Job.kind == kind)))


@pytest.mark.parametrize("kind", ["seal_frame", "draw", "close"])
def test_a_second_click_leads_to_the_first_clicks_job(shell: Shell, kind: str) -> None:
    ask = requests_of(shell, make_county(shell), kind)
    with shell.database.transaction() as session:
        session.execute(delete(Job).where(Job.kind == kind))
    first = ask()
    assert ask() == first
    with shell.database.transaction() as session:
        session.execute(update(Job).where(Job.id == first).values(state="running"))
    assert ask() == first
    with shell.database.transaction() as session:
        session.execute(update(Job).where(Job.id == first).values(state="waiting"))
    worker.run_waiting(shell)
    assert jobs_of(shell, kind) == ["done"]
    if kind != "close":
        assert ask() == first


@pytest.mark.parametrize("kind", ["seal_frame", "draw", "close"])
def test_of_many_clicks_at_once_one_starts_a_job(shell: Shell, kind: str) -> None:
    ask = requests_of(shell, make_county(shell), kind)
    before = len(jobs_of(shell, kind))
    with ThreadPoolExecutor(6) as pool:
        found = {waiting.result() for waiting in [pool.submit(ask) for _ in range(6)]}
    assert len(found) == 1
    assert len(jobs_of(shell, kind)) == before + 1


def test_a_job_that_failed_can_be_started_again_and_a_redraw_is_a_job_of_its_own(shell: Shell) -> None:
    county = make_county(shell)
    ask = requests_of(shell, county, "draw")
    first = ask()
    with shell.database.transaction() as session:
        session.execute(update(Job).where(Job.id == first).values(state="failed"))
    second = ask()
    assert second != first
    worker.run_waiting(shell)
    round_id = jobs.get_job(shell, county.id, second).round_id
    assert round_id
    redraw = drawing.request_draw(shell, county.office, round_id, seed="2027", reason="名单有误")
    assert redraw not in (first, second)


def test_a_second_sealing_job_says_that_the_round_is_sealed_not_that_the_file_is_gone(shell: Shell) -> None:
    county = make_county(shell)
    ask = requests_of(shell, county, "seal_frame")
    parameters = jobs.get_job(shell, county.id, ask()).parameters
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        round_id = session.scalars(select(Job.round_id).where(Job.kind == "seal_frame")).one()
    again = jobs.enqueue(shell, county.office, "seal_frame", round_id=round_id, parameters=parameters)
    worker.run_waiting(shell)
    assert "The round's frame is sealed" in (jobs.get_job(shell, county.id, again).error_en or "")

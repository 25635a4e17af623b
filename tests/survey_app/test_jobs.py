"""Background jobs."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from survey_app.errors import NotFound
from survey_app.models import Job
from survey_app.services import jobs, worker
from survey_app.shell import Progress, Shell
from tests.factories import make_county


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


def test_another_countys_job_does_not_exist(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    job_id = jobs.enqueue(shell, county.office, "draw", round_id=None, parameters={})
    with pytest.raises(NotFound):
        jobs.get_job(shell, other.id, job_id)

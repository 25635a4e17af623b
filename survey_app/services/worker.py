"""
One thread that runs the jobs in order of arrival.

A job's handler does its reading and computing outside any transaction and its writing in one, so that a job that fails or is cut off
leaves nothing half done; a job found running at start was cut off and is marked failed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from survey_app.models import Job
from survey_app.models.jobs import JOB_DONE, JOB_FAILED, JOB_RUNNING, JOB_WAITING
from survey_app.services import all_formats, card_files, closing, drawing, framing, handouts
from survey_app.services.jobs import PROCESS
from survey_app.shell import Progress, Shell, utc_now

Handler = Callable[[Shell, Job, Progress], dict[str, Any]]
PROGRESS_SECONDS = 0.2
POLL_SECONDS = 2.0
TRACES_SECONDS = 300.0
CUT_OFF = (
    "The server stopped during this work. See on the round's page whether it was done; if not, start it again.",
    "处理过程中服务器停止。请在本轮页面查看是否已完成；如未完成，请重新操作。",
)
CUT_OFF_WITH_KEY = (
    "The server stopped, and with it went the typed halves of the key. See on the round's page whether it is closed; if not, type both again.",
    "服务器停止，只存于内存的两半密钥已消失。请在本轮页面查看是否已关闭；如未关闭，未作任何改动，请重新输入两半密钥。",
)
log = logging.getLogger(__name__)


def handlers() -> dict[str, Handler]:
    """Return the table of jobs: what does each kind."""
    return {
        "check_frame": framing.run_check,
        "seal_frame": framing.run_seal,
        "draw": drawing.run_draw,
        "close": closing.run_close,
        "print_cards": card_files.run_print,
        all_formats.KIND: all_formats.run_exports,
    }


def run_waiting(shell: Shell) -> int:
    """Run every waiting job in order of arrival, in this thread; return how many ran."""
    handouts.remove_stale(shell)
    shell.vault.forget_old()
    ran = 0
    while job := _claim(shell):
        _run(shell, job)
        ran += 1
    return ran


def start_worker(shell: Shell) -> threading.Thread:
    """Start the thread that runs jobs as they come; it ends with the process."""
    fail_cut_off_jobs(shell)
    thread = threading.Thread(target=_work, args=(shell,), name="jobs", daemon=True)
    thread.start()
    return thread


def fail_cut_off_jobs(shell: Shell) -> None:
    """Mark jobs that an earlier process left running, and those that wait for what was in its memory."""
    with shell.database.transaction() as session:
        for job in session.scalars(select(Job).where(Job.state.in_((JOB_RUNNING, JOB_WAITING)))):
            needs_memory = PROCESS in job.parameters
            if job.state == JOB_WAITING and not needs_memory:
                continue
            job.state, job.finished_at = JOB_FAILED, utc_now()
            job.error_en, job.error_zh = CUT_OFF_WITH_KEY if needs_memory else CUT_OFF


def _work(shell: Shell) -> None:
    tried = time.monotonic()  # the opening of the shell tried already
    while not shell.stopping.is_set():
        shell.job_added.wait(timeout=POLL_SECONDS)
        shell.job_added.clear()
        if shell.stopping.is_set():
            return
        try:
            run_waiting(shell)
            if time.monotonic() - tried >= TRACES_SECONDS:
                tried = time.monotonic()
                closing.finish_closings(shell)
        except OperationalError as error:
            # Where the database is away, the same comes every few seconds: one line each, no traceback.
            log.error("the job worker could not use the database and tries again: %s", str(error.orig).splitlines()[0])
        except Exception:
            log.exception("the job worker met an unexpected error and goes on")


def _claim(shell: Shell) -> Job | None:
    with shell.database.reading() as session:
        waiting = session.execute(select(Job.id, Job.parameters).where(Job.state == JOB_WAITING).order_by(Job.id)).all()
    for job_id, parameters in waiting:
        if parameters.get(PROCESS) not in (None, shell.vault.process):
            continue  # what it needs lies in another process's memory
        with shell.database.transaction() as session:
            job = session.scalars(
                select(Job).where(Job.id == job_id, Job.state == JOB_WAITING).with_for_update(skip_locked=True)
            ).first()
            if job is not None:
                job.state = JOB_RUNNING
                return job
    return None


def _run(shell: Shell, job: Job) -> None:
    try:
        result = handlers()[job.kind](shell, job, _reporter(shell, job.id))
    except Exception as error:
        en, zh = getattr(error, "en", None), getattr(error, "zh", None)
        if en is None or zh is None:
            log.exception("job %s (%s) failed", job.id, job.kind)
            en = "Something unforeseen went wrong. See on the round's page what was done before you try again; the server's log has the details."
            zh = "出现意外情况。重试前请在本轮页面查看已完成的部分，详情见服务器日志。"
        _finish(shell, job.id, state=JOB_FAILED, error_en=en, error_zh=zh)
    else:
        _finish(shell, job.id, state=JOB_DONE, result=result)


def _finish(shell: Shell, job_id: int, **values: Any) -> None:
    with shell.database.transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(finished_at=utc_now(), **values))


def _reporter(shell: Shell, job_id: int) -> Progress:
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last < PROGRESS_SECONDS:
            return
        last = now
        with shell.database.transaction() as session:
            session.execute(update(Job).where(Job.id == job_id).values(done=done, total=total))

    return report

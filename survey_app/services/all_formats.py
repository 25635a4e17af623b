"""
Every format of a closed round in one file, made in the background: scores, report, files for other programs, and the answers.

It holds all answers, so it is handed out once, to the person who asked for it, and its making is recorded.
"""

from __future__ import annotations

from typing import Any

from survey_app.errors import NotFound
from survey_app.models import Job
from survey_app.models.jobs import JOB_DONE
from survey_app.models.rounds import STATE_CLOSED
from survey_app.services import handouts, jobs, result_files, results
from survey_app.services.drawing import zip_files
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, require_state
from survey_app.shell import Progress, Shell

KIND = "make_exports"


def request_exports(shell: Shell, actor: Actor, round_id: int, *, language: str) -> int:
    """Start making the files in the background; return the job."""
    with shell.database.reading() as session:
        require_state(get_round(session, actor.county_id, round_id), STATE_CLOSED, **results.ACT)
    return jobs.enqueue(shell, actor, KIND, round_id=round_id, parameters={"language": language})


def run_exports(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Make the files of a job and lay them down as one zip."""
    assert job.round_id is not None
    actor = Actor(job.person, job.county_id)
    files = result_files.every_file(shell, actor, job.round_id, job.parameters["language"], progress)
    content = zip_files(files)
    with shell.database.transaction() as session:
        append_entry(
            session,
            county_id=job.county_id,
            round_id=job.round_id,
            person=job.person,
            action="results_exported",
            details={"files": len(files)},
        )
    handouts.lay_down(shell, job.id, content)
    return {"files": len(files), "bytes": len(content)}


def exports_job(shell: Shell, actor: Actor, round_id: int, job_id: int) -> Job:
    """Return a finished job of this round that this person started."""
    job = jobs.get_job(shell, actor.county_id, job_id)
    if job.kind != KIND or job.round_id != round_id or job.state != JOB_DONE or job.person != actor.name:
        raise NotFound
    return job


def take_exports(shell: Shell, actor: Actor, round_id: int, job_id: int) -> tuple[str, bytes]:
    """Hand out what a job made, once, to whoever started it: return its name and content."""
    job = exports_job(shell, actor, round_id, job_id)
    with shell.database.reading() as session:
        code = get_round(session, actor.county_id, round_id).code
    return f"results-{code}.zip", handouts.take(shell, job.id)

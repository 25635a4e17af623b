"""
Long acts in the background: a table of jobs whose progress a page can show; ``worker`` runs them.

enqueue   add a job
get_job   a job of this county
"""

from __future__ import annotations

from typing import Any

from survey_app.errors import NotFound
from survey_app.models import Job
from survey_app.models.jobs import JOB_WAITING
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, utc_now


def enqueue(shell: Shell, actor: Actor, kind: str, *, round_id: int | None, parameters: dict[str, Any]) -> int:
    """Add a job and wake the worker; return the job's id."""
    with shell.database.transaction() as session:
        job = Job(
            county_id=actor.county_id,
            round_id=round_id,
            kind=kind,
            state=JOB_WAITING,
            parameters=parameters,
            done=0,
            total=0,
            person=actor.name,
            created_at=utc_now(),
        )
        session.add(job)
        session.flush()
        job_id = job.id
    shell.job_added.set()
    return job_id


def get_job(shell: Shell, county_id: int, job_id: int) -> Job:
    """Return a job of this county."""
    with shell.database.reading() as session:
        job = session.get(Job, job_id)
        if job is None or job.county_id != county_id:
            raise NotFound
        return job

"""
Long acts in the background: a table of jobs whose progress a page can show; ``worker`` runs them.

enqueue       add a job
enqueue_once  the same, unless the round has such a job already: a second click must not start a second one
get_job       a job of this county
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import Job, Round
from survey_app.models.jobs import JOB_FAILED, JOB_WAITING
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, utc_now

PROCESS = "process"
"""The parameter that names the one process that may run a job, since the job needs something from its memory."""


def enqueue(shell: Shell, actor: Actor, kind: str, *, round_id: int | None, parameters: dict[str, Any]) -> int:
    """Add a job and wake the worker; return the job's id."""
    with shell.database.transaction() as session:
        job_id = _add(session, actor, kind, round_id, parameters)
    shell.job_added.set()
    return job_id


def enqueue_once(shell: Shell, actor: Actor, kind: str, *, round_id: int, parameters: dict[str, Any]) -> int:
    """
    Add a job of a round, or return the one that does this already, or has done it last: of the same kind, with the same parameters.
    """
    if (job_id := unfailed_job(shell, kind, round_id, parameters)) is not None:
        return job_id
    with shell.database.transaction() as session:
        # Two clicks at once: the second waits here and then finds the first one's job.
        session.execute(select(Round.id).where(Round.id == round_id).with_for_update())
        job_id = _unfailed(session, kind, round_id, parameters) or _add(session, actor, kind, round_id, parameters)
    shell.job_added.set()
    return job_id


def unfailed_job(shell: Shell, kind: str, round_id: int, parameters: dict[str, Any]) -> int | None:
    """Return the job that does this already, or has done it last."""
    with shell.database.reading() as session:
        return _unfailed(session, kind, round_id, parameters)


def get_job(shell: Shell, county_id: int, job_id: int) -> Job:
    """Return a job of this county."""
    with shell.database.reading() as session:
        job = session.get(Job, job_id)
        if job is None or job.county_id != county_id:
            raise NotFound
        return job


def _add(session: Session, actor: Actor, kind: str, round_id: int | None, parameters: dict[str, Any]) -> int:
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
    return job.id


def _unfailed(session: Session, kind: str, round_id: int, parameters: dict[str, Any]) -> int | None:
    query = select(Job).where(Job.round_id == round_id, Job.kind == kind, Job.state != JOB_FAILED)
    job = session.scalars(query.order_by(Job.id.desc()).limit(1)).first()
    return job.id if job is not None and job.parameters == parameters else None

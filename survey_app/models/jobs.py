"""Background jobs with their progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

JOB_WAITING = "waiting"
JOB_RUNNING = "running"
JOB_DONE = "done"
JOB_FAILED = "failed"


class Job(Base):
    """A long act: what it is, how far it is, and how it ended."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), index=True)
    parameters: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error_en: Mapped[str | None]
    error_zh: Mapped[str | None]
    person: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

"""What every service works with: the settings and the database of one running app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

from survey_app.config import Config
from survey_app.db import Database
from survey_app.kept import Kept
from survey_app.together import Together

if TYPE_CHECKING:
    from survey_app.services.storing import SealedBallot

MOST_TOGETHER = 64
"""How many answers one transaction stores at most."""

Progress = Callable[[int, int], None]


def utc_now() -> datetime:
    """Return the present moment with its zone."""
    return datetime.now(UTC)


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Shell:
    """One installation at work."""

    config: Config
    database: Database
    job_added: Event = field(default_factory=Event)
    stopping: Event = field(default_factory=Event)
    results: Kept = field(default_factory=Kept)
    """What closed rounds gave, by round."""
    answers: Together[SealedBallot, str] = field(default_factory=lambda: Together(MOST_TOGETHER))
    """Answers that wait to be stored."""

    def close(self) -> None:
        """End the worker after its present job and close the database."""
        self.stopping.set()
        self.job_added.set()
        self.database.dispose()

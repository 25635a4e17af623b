"""What every service works with: the settings and the database of one running app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from threading import Event
from typing import TYPE_CHECKING, Any

from survey_app.config import Config
from survey_app.db import Database
from survey_app.kept import Kept
from survey_app.together import Together
from survey_app.vault import Vault

if TYPE_CHECKING:
    from survey_app.services.storing import SealedBallot

MOST_TOGETHER = 64
"""How many cards are looked up at once, and how many answers one transaction stores at most."""

Progress = Callable[[int, int], None]
COUNTY_CLOCK = timezone(timedelta(hours=8))
"""China Standard Time, which all counties' clocks show the whole year: evenings, weekends and last days are meant by it."""


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
    vault: Vault = field(default_factory=Vault, repr=False)
    """Key halves typed at a closing, in memory alone."""
    progress: Kept = field(default_factory=Kept)
    """How rounds in the field stand, by round and five minutes."""
    cards_asked: Together[bytes, Any] = field(default_factory=lambda: Together(MOST_TOGETHER, one_at_a_time=False))
    """Cards that respondents have come with, by the hash of their token."""
    answers: Together[SealedBallot, str] = field(default_factory=lambda: Together(MOST_TOGETHER))
    """Answers that wait to be stored."""

    def close(self) -> None:
        """End the worker after its present job and close the database."""
        self.stopping.set()
        self.job_added.set()
        self.database.dispose()

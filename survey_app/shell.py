"""What every service works with: the settings and the database of one running app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from survey_app.config import Config, prepare_home
from survey_app.db import Database, needs_upgrade
from survey_app.kept import Kept
from survey_app.settings_errors import database_refusal

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

    def close(self) -> None:
        """End the worker after its present job and close the database."""
        self.stopping.set()
        self.job_added.set()
        self.database.dispose()


def open_shell(config: Config) -> Shell:
    """Prepare the data folder, bring the tables up to date, finish closings that were hindered, and return the shell."""
    from survey_app.services.ballot_box import finish_closings  # services stand on this module

    prepare_home(config)
    database = Database(config.database_url)
    try:
        if needs_upgrade(database.engine):
            database.upgrade()
        shell = Shell(config=config, database=database)
        finish_closings(shell)
    except SQLAlchemyError as error:
        database.dispose()
        raise database_refusal(database.engine.url, error) from error
    return shell

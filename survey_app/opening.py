"""Open one installation: data folder, tables, and what an earlier process could not finish."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from survey_app.config import Config, prepare_home
from survey_app.db import Database, needs_upgrade
from survey_app.services.closing import finish_closings
from survey_app.settings_errors import database_refusal
from survey_app.shell import Shell


def open_shell(config: Config) -> Shell:
    """Prepare the data folder, bring the tables up to date, finish closings that were hindered, and return the shell."""
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

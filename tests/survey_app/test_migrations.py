"""The tables: migrated up, down and up again, on both kinds of database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from survey_app.db import needs_upgrade, run_migrations
from survey_app.models import Base
from survey_app.services.record import append_entry
from survey_app.shell import Shell
from tests.factories import make_county


def test_the_migrated_tables_equal_the_models(shell: Shell) -> None:
    with shell.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert not needs_upgrade(shell.database.engine)


def test_down_removes_every_table_and_up_brings_them_back(shell: Shell) -> None:
    run_migrations(shell.database.engine, "downgrade", "base")
    assert set(inspect(shell.database.engine).get_table_names()) <= {"alembic_version"}
    assert needs_upgrade(shell.database.engine)
    run_migrations(shell.database.engine, "upgrade", "head")
    assert set(Base.metadata.tables) <= set(inspect(shell.database.engine).get_table_names())


def test_the_session_number_comes_and_goes_with_its_migration_and_people_stay(shell: Shell) -> None:
    engine = shell.database.engine
    make_county(shell)
    run_migrations(engine, "downgrade", "0002")
    assert "session_number" not in {column["name"] for column in inspect(engine).get_columns("people")}
    run_migrations(engine, "upgrade", "head")
    with shell.database.reading() as session:
        assert session.scalars(text("SELECT session_number FROM people")).all() == [0, 0, 0, 0]


@pytest.mark.parametrize("statement", ["UPDATE record_entries SET reason = 'x'", "DELETE FROM record_entries"])
def test_the_database_itself_refuses_to_change_the_record(shell: Shell, statement: str) -> None:
    county = make_county(shell)
    with shell.database.transaction() as session:
        append_entry(session, county_id=county.id, person="王", action="county_created")
    with pytest.raises(DBAPIError, match="append-only"), shell.database.transaction() as session:
        session.execute(text(statement))

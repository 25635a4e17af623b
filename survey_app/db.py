"""
The database: one engine an app, SQLite by default, PostgreSQL where many write at once.

A service function opens exactly one transaction with ``database.transaction()``. On SQLite a write transaction takes the lock at
its beginning (BEGIN IMMEDIATE), so that a check and the write that relies on it cannot be parted by another writer.
"""

from __future__ import annotations

import time
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, DateTime, Engine, Select, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from survey_app.errors import DatabaseAway
from survey_app.settings_errors import driver_refusal, newer_refusal

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 20_000
CONNECT_SECONDS = 10
LINE_SECONDS = 20
"""How long PostgreSQL's side of a line may be silent on what was sent before the connection is given up."""
WIPE_PATIENCE = 5.0  # seconds
POOL = {"pool_size": 18, "max_overflow": 6}
"""Connections kept, and more at most: one for each thread of the server and a few for the worker (PostgreSQL allows 100 in all by default)."""
WIPED_TABLES = (
    "ballots",
    "slips",
    "cards",
    "responses",
    "comments",
    "receipts",
    "online_ballots",
    "online_codes",
    "online_responses",
)
REWRITTEN_TABLES = ("answered_units", "visits", "sample_units")
"""
PostgreSQL writes into each row which transaction made it, and which one last held it: a row that names a unit holds the unit's row while it is
written. In these tables that would tell when, and in which order, units answered.
"""
SAMPLED_COLUMNS = (
    ("ballots", "key", "bytea"),
    ("ballots", "sealed", "bytea"),
    ("slips", "sample_unit_id", "integer"),
    ("slips", "salt", "bytea"),
    ("slips", "entry", "bytea"),
    ("slips", "entered_at", "timestamp with time zone"),
    ("online_ballots", "key", "bytea"),
    ("online_ballots", "sealed", "bytea"),
    ("online_codes", "token_hash", "bytea"),
)
"""PostgreSQL's planner keeps a few values of each column as statistics, also when their rows are gone."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets time zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone, store the others in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An engine, and sessions that are whole transactions."""

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(make_url(url))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # Asking apart on PostgreSQL: no BEGIN and ROLLBACK around one statement, no look beforehand whether the server is still there.
        self._asking = self.engine if self.is_sqlite else _make_engine(make_url(url), asking=True)
        self._questions: dict[Select[*tuple[Any, ...]], Question] = {}
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session that may write; it commits as a whole at the end, or leaves nothing."""
        with self._sessions() as session, session.begin():
            if self.is_sqlite:
                session.execute(text("BEGIN IMMEDIATE"))
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reading; nothing it does is kept."""
        with self._sessions() as session:
            if self.is_sqlite:
                session.execute(text("BEGIN"))
            yield session

    def ask(self, question: Select[*tuple[Any, ...]], **values: Any) -> Any:
        """
        Return the first row of one statement, None where there is none.

        For what every request of a respondent asks: the statement is compiled once, and needs no transaction of its own. Statements
        must be made once, at import; they are told apart by identity.

        Raises
        ------
        DatabaseAway
            If the database cannot be reached or cannot answer.
        """
        return next(iter(self.ask_all(question, values)), None)

    def ask_all(self, question: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> list[Any]:
        """
        Return all rows of one statement, as `ask` does the first.

        Raises
        ------
        DatabaseAway
            If the database cannot be reached or cannot answer.
        """
        asked = self._questions.get(question)
        if asked is None:
            asked = self._questions[question] = Question(self._asking, question)
        return asked.rows(values)

    @contextmanager
    def storing(self) -> Iterator[Connection]:
        """Open a connection for one durable transaction of plain statements, without the bookkeeping of a session."""
        with self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.execute(text("BEGIN IMMEDIATE"))
            yield connection

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._asking.dispose()

    def wipe_free_pages(self) -> None:
        """
        Overwrite what deleted rows left behind in the database's own files.

        On SQLite the file is rewritten and the write-ahead log cut to nothing; on PostgreSQL the tables of the ballot box are
        rewritten, those that tell who answered under one transaction number and in the order of their keys, and the planner's
        statistics of sealed ballots removed. Called after the ballot box was opened and its key destroyed.

        Raises
        ------
        PagesInUse
            If someone still reads the old pages: a backup, a viewer, a long query.
        sqlalchemy.exc.DBAPIError
            If the database cannot do it, for want of disk space for instance.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.is_sqlite:
                _wipe_sqlite(connection)
            else:
                _wipe_postgresql(connection)

    def upgrade(self) -> None:
        """Bring the tables to the newest migration."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.execute(text("PRAGMA journal_mode=WAL"))
        run_migrations(self.engine, "upgrade", "head")


QUIET: dict[str, Any] = {"hide_parameters": True}
"""An error of the database goes into the log whole; what was to be stored must not: names, phones, hashes of tokens, sealed answers."""


def _make_engine(url: URL, *, asking: bool = False) -> Engine:
    if url.get_backend_name() == "sqlite":
        return create_engine(url, **QUIET, **({} if url.database in (None, "", ":memory:") else POOL))
    wanted = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": LINE_SECONDS * 1000}
    patience = {name: value for name, value in wanted.items() if name not in url.query}
    kind: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if asking else {"pool_pre_ping": True}
    try:
        return create_engine(url, connect_args=patience, **QUIET, **POOL, **kind)
    except ImportError as error:
        raise driver_refusal() from error


class Question:
    """One statement, compiled once, and how its answers become values."""

    def __init__(self, engine: Engine, statement: Select[*tuple[Any, ...]]) -> None:
        self._engine = engine
        dialect = engine.dialect
        self._compiled = statement.compile(dialect=dialect)
        self._sql = str(self._compiled)
        columns = list(statement.selected_columns)
        self._row = namedtuple("Answer", [column.key for column in columns])  # type: ignore[misc]
        found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._converters = [(place, convert) for place, convert in enumerate(found) if convert is not None]

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        """Ask, once more where the connection turns out to be gone."""
        parameters: Any = self._compiled.construct_params(dict(values))
        if self._compiled.positional:
            parameters = [parameters[name] for name in self._compiled.positiontup or ()]
        try:
            return self._ask(parameters)
        except _Gone:
            self._engine.dispose()  # the others of the pool have ended with it
        try:
            return self._ask(parameters)
        except _Gone as error:
            raise DatabaseAway from error

    def _ask(self, parameters: Any) -> list[Any]:
        failures = self._engine.dialect.loaded_dbapi.Error
        try:
            connection = self._engine.raw_connection()
        except (failures, SQLAlchemyError) as error:
            raise DatabaseAway from error
        try:
            driver: Any = connection.driver_connection
            found = driver.execute(self._sql, parameters).fetchall()
        except failures as error:
            if self._engine.dialect.is_disconnect(error, connection.dbapi_connection, None):
                connection.invalidate()
                raise _Gone from error
            raise DatabaseAway from error
        finally:
            connection.close()
        return [self._converted(row) for row in found]

    def _converted(self, row: Sequence[Any]) -> Any:
        parts = list(row)
        for place, convert in self._converters:
            parts[place] = convert(parts[place])
        return self._row(*parts)


AWAY_STATES = ("08", "53", "57", "58")
"""PostgreSQL's classes of errors: connection, resources, operator's intervention, system."""
AWAY_WORDS = ("database is locked", "unable to open database", "disk i/o error", "database or disk is full")


def is_away(error: BaseException) -> bool:
    """Tell whether an error says that the database cannot be used now, rather than that it was asked wrongly."""
    if isinstance(error, TimeoutError):
        return True  # no connection became free
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(AWAY_STATES)
    words = str(error.orig).lower()
    return error.connection_invalidated or "connection" in words or any(part in words for part in AWAY_WORDS)


class _Gone(Exception):
    """The database ended this connection."""


class PagesInUse(Exception):
    """Old pages cannot be overwritten while someone reads them."""


def _wipe_sqlite(connection: Connection) -> None:
    connection.execute(text(f"PRAGMA busy_timeout={int(WIPE_PATIENCE * 1000)}"))
    try:
        _truncate_log(connection)
        connection.execute(text("VACUUM"))
        _truncate_log(connection)
    finally:
        connection.execute(text(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}"))


def _truncate_log(connection: Connection) -> None:
    # A reader in the way is no error to SQLite: it is told in the first column of the answer.
    busy, _pages, _moved = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
    if busy:
        raise PagesInUse


def _wipe_postgresql(connection: Connection) -> None:
    # A table's rewriting waits for its readers and keeps what an older snapshot of anyone's may still see.
    connection.execute(text(f"SET lock_timeout = {int(WIPE_PATIENCE * 1000)}"))
    try:
        _await_older_snapshots(connection)
        for table in WIPED_TABLES:
            connection.execute(text(f"VACUUM FULL {table}"))
        for table in REWRITTEN_TABLES:
            # Neither VACUUM FULL nor CLUSTER changes the number of a row's transaction; an update of all rows gives them one.
            connection.execute(text(f"UPDATE {table} SET round_id = round_id"))
            connection.execute(text(f"CLUSTER {table} USING pk_{table}"))
            connection.execute(text(f"ANALYZE {table}"))
        for table, column, same_type in SAMPLED_COLUMNS:
            # To the type that it has already: PostgreSQL drops a column's statistics with it.
            connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {same_type}"))
        # Rewritten, not swept: a plain VACUUM leaves the bytes of removed rows in the gaps of their pages.
        connection.execute(text("VACUUM FULL pg_statistic"))
        connection.execute(text("CHECKPOINT"))
    finally:
        connection.execute(text("RESET lock_timeout"))


def _await_older_snapshots(connection: Connection) -> None:
    horizon = connection.execute(text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")).scalar_one()
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_xmin IS NOT NULL AND age(backend_xmin) > age(CAST(:horizon AS xid))"
    )
    until = time.monotonic() + WIPE_PATIENCE
    while connection.execute(older, {"horizon": horizon}).scalar_one():
        if time.monotonic() > until:
            raise PagesInUse
        time.sleep(0.1)


def run_migrations(engine: Engine, direction: str, revision: str) -> None:
    """Run Alembic's ``upgrade`` or ``downgrade`` to a revision on this engine."""
    from alembic import command
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)


def needs_upgrade(engine: Engine) -> bool:
    """
    Tell whether the tables are older than the newest migration, without loading the migration machinery.

    Raises
    ------
    ConfigError
        If the tables stand at a migration that this program does not know.
    """
    known = sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with engine.connect() as connection:
        found = current_revision(connection)
    if found is not None and found not in known:
        raise newer_refusal(engine.url, found, known[-1])
    return found != known[-1]


def current_revision(connection: Connection) -> str | None:
    """Return the migration the tables stand at, None for an empty database."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # Transactions are begun by hand (see Database.transaction); autocommit between them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged answer survives a power cut
        "secure_delete=ON",  # deleted rows are overwritten with zeros
        "temp_store=MEMORY",  # no temporary files with rows in them
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()

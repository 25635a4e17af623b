"""What an attacker takes away: every file and every row that is stored at one moment, with what the database keeps beside the rows."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import text

from survey_app.shell import Shell

Row = dict[str, Any]
HEAPS = (
    "answered_units",
    "sample_units",
    "visits",
    "ballots",
    "slips",
    "cards",
    "responses",
    "comments",
    "receipts",
    "online_ballots",
    "online_codes",
    "online_responses",
    "pg_statistic",
)


@dataclass
class Copy:
    """One moment: files by name, rows by table; ``_place``, ``_xmin``, ``_xmax``, ``_cmin`` stand beside the columns where there are such."""

    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    heaps: dict[str, bytes] = field(default_factory=dict)
    """PostgreSQL: a table's own file."""
    rest: bytes = b""
    """PostgreSQL: all other files of the database, indexes too."""
    log: bytes = b""
    """The write-ahead log since the round began."""

    @cached_property
    def everything(self) -> bytes:
        """All bytes of the copy in one piece."""
        return b"\0\0".join([self.without_log, self.log])

    @cached_property
    def without_log(self) -> bytes:
        """All bytes but PostgreSQL's write-ahead log, which is its server's and not Pingyi's to remove."""
        return b"\0\0".join([*self.files.values(), *self.heaps.values(), repr(self.rows).encode()])


def take_copy(shell: Shell, since: str = "") -> Copy:
    """Copy all that is stored now: the data folder, the database's files, every row of every table, the write-ahead log since ``since``."""
    copy = Copy()
    for path in sorted(shell.config.home.rglob("*")):
        if path.is_file():
            copy.files[path.relative_to(shell.config.home).as_posix()] = path.read_bytes()
    if shell.database.is_sqlite:
        _copy_sqlite(shell, copy)
    else:
        _copy_postgresql(shell, copy, since)
    return copy


def log_position(shell: Shell) -> str:
    """Return where PostgreSQL's write-ahead log stands now, empty on SQLite."""
    if shell.database.is_sqlite:
        return ""
    with shell.database.engine.connect() as connection:
        return str(connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one())


def _copy_sqlite(shell: Shell, copy: Copy) -> None:
    source = Path(shell.database.engine.url.database or "")
    with tempfile.TemporaryDirectory() as work:
        for ending in ("", "-wal"):
            if (part := source.with_name(source.name + ending)).exists():
                shutil.copy(part, Path(work) / f"copy{ending}")
        with closing(sqlite3.connect(Path(work) / "copy")) as stolen:
            stolen.row_factory = sqlite3.Row
            tables = stolen.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            for name, sql in tables:
                place = "NULL" if "WITHOUT ROWID" in sql else "rowid"
                copy.rows[name] = [dict(row) for row in stolen.execute(f'SELECT {place} AS _place, * FROM "{name}"')]
    copy.log = copy.files.get(f"{source.name}-wal", b"")


def _copy_postgresql(shell: Shell, copy: Copy, since: str) -> None:
    engine = shell.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for name in names:
            found = connection.execute(
                text(
                    f'SELECT ctid::text AS "_place", xmin::text::bigint AS "_xmin", xmax::text::bigint AS "_xmax", '
                    f'cmin::text::bigint AS "_cmin", * FROM "{name}" ORDER BY ctid'
                )
            ).mappings()
            copy.rows[name] = [dict(row) | {"_place": place} for place, row in enumerate(found)]
        for view in ("pg_stats", "pg_stat_user_tables", "pg_sequences", "pg_stat_activity"):
            copy.rows[view] = [dict(row) for row in connection.execute(text(f"SELECT * FROM {view}")).mappings()]
        data = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        for name in HEAPS:
            path = connection.execute(text(f"SELECT pg_relation_filepath('{name}')")).scalar_one()
            copy.heaps[name] = (data / path).read_bytes()
            if (toast := _toast_path(connection, name)) is not None:
                copy.heaps[f"{name} aside"] = (data / toast).read_bytes()
        folder = (data / connection.execute(text("SELECT pg_relation_filepath('ballots')")).scalar_one()).parent
        copy.rest = b"\0\0".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
        if since:
            copy.log = _log_since(connection, data, since)


def _toast_path(connection: Any, name: str) -> str | None:
    statement = f"SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = '{name}'::regclass AND reltoastrelid <> 0"
    found: str | None = connection.execute(text(statement)).scalar_one_or_none()
    return found


def _log_since(connection: Any, data: Path, since: str) -> bytes:
    first, offset = connection.execute(
        text("SELECT file_name, file_offset FROM pg_walfile_name_offset(CAST(:since AS pg_lsn))"), {"since": since}
    ).one()
    last, end = connection.execute(
        text("SELECT file_name, file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())")
    ).one()
    parts = []
    for path in sorted((data / "pg_wal").iterdir()):
        if len(path.name) == 24 and first <= path.name <= last:
            content = path.read_bytes()
            parts.append(content[offset if path.name == first else 0 : end if path.name == last else None])
    return b"".join(parts)


@dataclass(frozen=True)
class HeapRow:
    """A row's header as it lies in a page of PostgreSQL, dead or alive."""

    xmin: int
    xmax: int


def heap_rows(heap: bytes) -> list[HeapRow]:
    """Return the headers of all rows in a table's pages, those that no query shows any more too."""
    found = []
    for page in _pages(heap):
        lower = struct.unpack_from("<H", page, 12)[0]
        for pointer in struct.unpack_from(f"<{(lower - 24) // 4}I", page, 24):
            offset, flags = pointer & 0x7FFF, pointer >> 15 & 3
            if flags == 1:
                found.append(HeapRow(*struct.unpack_from("<II", page, offset)))
    return found


def gaps(heap: bytes) -> bytes:
    """Return the bytes of a table's pages between the row pointers and the rows: where removed rows would lie."""
    parts = []
    for page in _pages(heap):
        lower, upper = struct.unpack_from("<HH", page, 12)
        parts.append(page[lower:upper])
    return b"".join(parts)


def _pages(heap: bytes) -> list[bytes]:
    pages = [heap[start : start + 8192] for start in range(0, len(heap), 8192)]
    return [page for page in pages if any(page[12:16])]

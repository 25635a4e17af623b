"""
Files that a job made and that are handed out once: until then they lie in the data folder, readable by its owner alone.

lay_down        put a file there           waits         whether it is still there
take            hand it out and remove it  remove_stale  remove those that nobody came for within an hour
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from survey_app.errors import WrongState
from survey_app.shell import Shell

LONGEST_WAIT = 3600.0


def lay_down(shell: Shell, job_id: int, content: bytes) -> None:
    """Put what a job made where it waits to be taken."""
    write_secret(_path(shell, job_id), content)


def waits(shell: Shell, job_id: int) -> bool:
    """Tell whether a job's file is still there to download."""
    return _path(shell, job_id).is_file()


def take(shell: Shell, job_id: int) -> bytes:
    """
    Return what a job made and remove it from the data folder.

    Raises
    ------
    WrongState
        If it was taken already, or waited too long.
    """
    path = _path(shell, job_id)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise WrongState(
            en="This file has been downloaded already, or waited for more than an hour; make it again.",
            zh="此文件已下载过，或已超过一小时，请重新生成。",
        ) from None
    _wipe(path)
    return content


def remove_stale(shell: Shell) -> None:
    """Remove files that nobody has come for within an hour."""
    for path in shell.config.prints_folder.glob("*.zip"):
        if time.time() - path.stat().st_mtime > LONGEST_WAIT:
            _wipe(path)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def _wipe(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))
    path.unlink(missing_ok=True)


def _path(shell: Shell, job_id: int) -> Path:
    return shell.config.prints_folder / f"{job_id}.zip"

"""
The folder of a draw comes into being whole, or not at all.

new_folder(folder)            a folder to write into, which takes its name once all is written
write_durably(path, content)  a file that is on the disk when this returns
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sampling.errors import SamplingError


@contextmanager
def new_folder(folder: str | Path) -> Iterator[Path]:
    """
    A folder under a passing name; it is given its own when the block ends, and removed if the block fails.

    Parameters
    ----------
    folder : path
        Does not exist, or is empty.

    Raises
    ------
    SamplingError
        If the folder holds something already or cannot be written; nothing is left behind.
    """
    folder = Path(folder)
    try:
        _refuse_used(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            yield made
            made.chmod(0o755)  # a temporary folder is private; the draw's is as readable as its parent lets it be
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise SamplingError(
            f"{folder} cannot be written ({error.strerror or error}); check the path, its permissions and the disk.",
            f"{folder} 无法写入（{error.strerror or error}），请检查路径、权限和磁盘空间。",
        ) from error


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _refuse_used(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SamplingError(
            f"{folder} exists and is not empty; a draw is never written over another, name a new folder.",
            f"{folder} 已存在且不为空；抽样结果不会覆盖已有内容，请另给一个文件夹。",
        )

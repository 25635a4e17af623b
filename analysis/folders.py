"""Write a folder of files so that it is there whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import ExportError


def write_folder(folder: str | Path, files: Mapping[str, bytes], *, overwrite: bool = False) -> list[Path]:
    """
    Write files into a folder, each whole.

    A new folder is made beside its place and renamed. In one that exists each file is replaced by a rename; other files
    in it stay.

    Parameters
    ----------
    folder : str or Path
        Where to write.
    files : mapping of str to bytes
        By relative path (``items.csv``, ``questionnaires/rural.yaml``).
    overwrite : bool
        Whether the folder may hold anything yet.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        If the folder holds something and ``overwrite`` is False, or cannot be written.
    """
    folder = Path(folder)
    try:
        if folder.exists():
            _refuse_full(folder, overwrite)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _write(folder, files)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExportError(
            f"{folder}: expected a folder that can be written, but it cannot ({reason}); choose another.",
            f"{folder}：应为可写入的文件夹，但无法写入（{reason}），请另选。",
        ) from error
    return [folder / name for name in files]


def _refuse_full(folder: Path, overwrite: bool) -> None:
    if not folder.is_dir():
        raise ExportError(
            f"{folder}: expected a folder, found a file; choose another place.",
            f"{folder}：应为文件夹，实为文件，请另选位置。",
        )
    if not overwrite and any(folder.iterdir()):
        raise ExportError(
            f"{folder}: expected a new or empty folder, found files in it; choose another or ask to overwrite.",
            f"{folder}：应为新的或空的文件夹，其中已有文件，请另选或指定覆盖。",
        )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if folder.exists():
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(made / name, folder / name)
        else:
            made.chmod(0o755)  # a temporary folder is its maker's alone
            os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)

"""
Write scores for other programs and for people.

to_csv    items.csv, groups.csv, townships.csv
to_xlsx   scores.xlsx

A new format is a new file here with one function ``Scores → files``, and one line in ``EXPORTS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from analysis.errors import ExportError
from analysis.exports.to_csv import csv_files
from analysis.exports.to_xlsx import workbook_files
from analysis.folders import write_folder
from analysis.labels import nearest
from analysis.results import Scores

EXPORTS: dict[str, Callable[[Scores], Mapping[str, bytes]]] = {
    "csv": csv_files,
    "xlsx": workbook_files,
}


def score_files(scores: Scores, formats: Iterable[str] = tuple(EXPORTS)) -> dict[str, bytes]:
    """
    The files of scores, by name.

    Raises
    ------
    ExportError
        If a format is unknown; the nearest known one is named.
    """
    files: dict[str, bytes] = {}
    for name in formats:
        if name not in EXPORTS:
            near = nearest(name, EXPORTS)
            raise ExportError(
                f"expected a format ({', '.join(EXPORTS)}), found {name!r}; the nearest known one is {near!r}.",
                f"应为导出格式（{'、'.join(EXPORTS)}），实为 {name!r}，最接近的是 {near!r}。",
            )
        files.update(EXPORTS[name](scores))
    return files


def write_scores(
    scores: Scores, folder: str | Path, *, formats: Iterable[str] = tuple(EXPORTS), overwrite: bool = False
) -> list[Path]:
    """
    Write scores into a folder, whole or not at all.

    Parameters
    ----------
    scores : Scores
    folder : str or Path
        New or empty, unless ``overwrite``; then files of the same names are replaced and others stay.
    formats : iterable of str
        Names of ``EXPORTS``; all if not given.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        If a format is unknown, or the folder is not empty or cannot be written.
    """
    return write_folder(folder, score_files(scores, formats), overwrite=overwrite)


__all__ = ["EXPORTS", "score_files", "write_scores"]

"""
Write scores, and the answers behind them, for other programs and for people.

to_csv       items.csv, groups.csv, townships.csv
to_xlsx      scores.xlsx, with formulas that recompute it
to_docx      report.docx, the analysis report
to_sav       responses_<group>.sav for SPSS
to_dta       responses_<group>.dta for Stata
to_parquet   the three tables and the answers as Parquet
to_ddi       codebook.xml, DDI Codebook 2.5
to_r         scores.R, which recomputes the figures from the responses folder

source       ExportSource: what they are made of      provenance      what the figures were made with
coded_rows   answers as labelled numbers              live_formulas   the workbook's formulas

A new format is a new file here with one function ``ExportSource → files``, and one line in ``EXPORTS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

from analysis.errors import ExportError
from analysis.exports.source import ExportSource, as_source
from analysis.folders import write_folder
from analysis.labels import nearest
from analysis.results import Scores

Export = Callable[[ExportSource], Mapping[str, bytes]]
Progress = Callable[[int, int], object]

DEFAULT_FORMATS = ("csv", "xlsx")
"""What is written unless other formats are asked for."""


def _from(module: str, function: str) -> Export:
    """An export whose module is loaded when first used: some of them bring large libraries."""

    def export(source: ExportSource) -> Mapping[str, bytes]:
        files: Mapping[str, bytes] = getattr(import_module(f"analysis.exports.{module}"), function)(source)
        return files

    return export


EXPORTS: dict[str, Export] = {
    "csv": _from("to_csv", "csv_files"),
    "xlsx": _from("to_xlsx", "workbook_files"),
    "docx": _from("to_docx", "report_files"),
    "sav": _from("to_sav", "sav_files"),
    "dta": _from("to_dta", "dta_files"),
    "parquet": _from("to_parquet", "parquet_files"),
    "ddi": _from("to_ddi", "codebook_files"),
    "r": _from("to_r", "script_files"),
}


def known_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """
    The formats asked for, each once.

    Raises
    ------
    ExportError
        If none is given, or one is unknown (the nearest known one is named).
    """
    asked = tuple(dict.fromkeys(formats))
    if not asked:
        raise ExportError(
            f"expected at least one format ({', '.join(EXPORTS)}), found none; name one.",
            f"至少应有一种导出格式（{'、'.join(EXPORTS)}），实无，请指定。",
        )
    for name in asked:
        if name not in EXPORTS:
            near = nearest(name, EXPORTS)
            raise ExportError(
                f"expected a format ({', '.join(EXPORTS)}), found {name!r}; the nearest known one is {near!r}.",
                f"应为导出格式（{'、'.join(EXPORTS)}），实为 {name!r}，最接近的是 {near!r}。",
            )
    return asked


def score_files(
    given: Scores | ExportSource, formats: Iterable[str] = DEFAULT_FORMATS, *, progress: Progress | None = None
) -> dict[str, bytes]:
    """
    The files of scores, by name.

    Parameters
    ----------
    given : Scores or ExportSource
        Scores alone, or with the answers and whatever else is known.
    formats : iterable of str
        Names of ``EXPORTS``.
    progress : callable, optional
        Told after each format how many of how many are done.

    Raises
    ------
    ExportError
        If no format is given, one is unknown (the nearest known one is named), or needs the answers and only scores are given.
    """
    source, asked = as_source(given), known_formats(formats)
    files: dict[str, bytes] = {}
    for done, name in enumerate(asked, start=1):
        files.update(EXPORTS[name](source))
        if progress is not None:
            progress(done, len(asked))
    return files


def write_scores(
    given: Scores | ExportSource,
    folder: str | Path,
    *,
    formats: Iterable[str] = DEFAULT_FORMATS,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """
    Write scores into a folder, whole or not at all.

    Parameters
    ----------
    given : Scores or ExportSource
    folder : str or Path
        New or empty, unless ``overwrite``; then files of the same names are replaced and others stay.
    formats : iterable of str
        Names of ``EXPORTS``; csv and xlsx if not given.
    progress : callable, optional
        As in ``score_files``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        If a format is unknown or lacks what it needs, or the folder is not empty or cannot be written.
    """
    return write_folder(folder, score_files(given, formats, progress=progress), overwrite=overwrite)


__all__ = ["DEFAULT_FORMATS", "EXPORTS", "ExportSource", "known_formats", "score_files", "write_scores"]

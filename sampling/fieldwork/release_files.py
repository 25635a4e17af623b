"""
Releases as a file for people, and read back.

releases_csv(releases)         the releases as CSV
read_releases(source, sample)  the book of such a file, every release checked again in its order
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sampling.errors import FaultList, SamplingError, Sentence
from sampling.fieldwork.releases import Release, ReserveBook
from sampling.frames.kinds import refuse
from sampling.frames.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

RELEASE_COLUMNS = (
    *("number", "township_code", "group", "psu_code", "main", "failed", "released", "place"),
    *("reason", "visits", "date", "approved_by"),
)


def releases_csv(releases: Iterable[Release]) -> bytes:
    """
    The releases as CSV for people: UTF-8 with BOM, LF, one row per release.

    The columns are ``RELEASE_COLUMNS``; visits are written as ``2026-11-24T19:30`` with blanks between them. In the row
    of a place that was given up ``released`` is empty.

    Examples
    --------
    >>> from sampling import Unit
    >>> main, spare = Unit("1", "rural", "A"), Unit("1", "rural", "B")
    >>> releases_csv([Release(1, main, main, spare, "2", 1, "refused")]).decode("utf-8-sig").splitlines()[1]
    '1,1,rural,2,A,A,B,1,refused,,,'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RELEASE_COLUMNS)
    for release in releases:
        visits = " ".join(visit.isoformat(timespec="minutes") for visit in release.visits)
        units = release.main.unit_code, release.failed.unit_code, release.released.unit_code
        date = release.date.isoformat() if release.date else ""
        where = release.main.township_code, release.main.group, release.psu_code
        said = release.reason, visits, date, _as_text(release.approved_by)
        writer.writerow((release.number, *where, *units, release.place, *said))
    return text.getvalue().encode("utf-8-sig")


def _as_text(text: str) -> str:
    """A text that a spreadsheet would work out, led by an apostrophe; ``_as_given`` takes it off."""
    return f"'{text}" if text[:1] in _SIGNS else text


def _as_given(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in _SIGNS else text


_SIGNS = ("=", "+", "-", "@", "'")


def read_releases(source: Path | str | bytes, sample: pd.DataFrame) -> ReserveBook:
    """
    The book of a file of releases, each made again in its order.

    Parameters
    ----------
    source : path or bytes
        As ``releases_csv`` writes it; also after Excel has saved it.
    sample : DataFrame
        The sample whose reserves they are.

    Raises
    ------
    FrameError
        With every release that could not be made, by row: an unknown unit or reason, a reserve out of order, a row
        that contradicts the sample.
    """
    table = read_table(source, "" if not isinstance(source, bytes) else "releases.csv")
    lacking = [column for column in RELEASE_COLUMNS if column not in table.header]
    if lacking:
        raise refuse(
            f"{table.name} lacks the column {lacking[0]}; expected the columns {', '.join(RELEASE_COLUMNS)}.",
            f"{table.name} 缺少 {lacking[0]} 列；应有 {'、'.join(RELEASE_COLUMNS)} 各列。",
        )
    cells = {column: table.columns[table.header.index(column)] for column in RELEASE_COLUMNS}
    book, faults = ReserveBook(sample), FaultList()
    faults.extend(table.faults)
    for place, row in enumerate(table.rows):
        try:
            _again(book, {column: texts[place] for column, texts in cells.items()})
        except SamplingError as error:
            faults.add(Sentence(error.en, error.zh), row=row)
    faults.raise_if_any()
    return book


def _again(book: ReserveBook, row: dict[str, str]) -> None:
    """Make a stored release again and compare what follows from it."""
    try:
        visits = [dt.datetime.fromisoformat(text) for text in row["visits"].split()]
        date = dt.date.fromisoformat(row["date"]) if row["date"] else None
    except ValueError as error:
        raise SamplingError(
            f"expected dates as 2026-11-24 and visits as 2026-11-24T19:30, found {row['visits'] + row['date']!r}; "
            "correct them.",
            f"日期应如 2026-11-24，访问时间应如 2026-11-24T19:30，实为“{row['visits'] + row['date']}”；请更正。",
        ) from error
    expected = str(len(book.releases) + 1)
    if row["number"] != expected:
        raise SamplingError(
            f"expected the release number {expected}, found {row['number']!r}; rows must stand in their order, none missing.",
            f"启用序号应为 {expected}，实为“{row['number']}”；各行须按顺序排列，不得缺少。",
        )
    release = book.repeat(
        *(row["township_code"], row["group"], row["failed"]),
        released=row["released"],
        reason=row["reason"],
        visits=visits,
        date=date,
        approved_by=_as_given(row["approved_by"]),
    )
    for column, real in (("main", release.main.unit_code), ("psu_code", release.psu_code), ("place", release.place)):
        if row[column] != str(real):
            raise SamplingError(
                f"expected {column} {str(real)!r} as in the sample, found {row[column]!r}; correct it.",
                f"{column} 应与样本一致，为“{real}”，实为“{row[column]}”；请更正。",
            )

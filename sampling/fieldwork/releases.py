"""
Releasing reserves (备用样本的启用): one at a time, in the order drawn, each with a reason (release_reasons.py).

ReserveBook(sample)            sealed reserves; ``release`` opens the next one for a unit that failed
releases_csv(releases)         the releases as a file for people
read_releases(source, sample)  the book of such a file, every release checked again in its order

What the answers of the released units are worth is said in replacements.py.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sampling.errors import FaultList, SamplingError, Sentence
from sampling.fieldwork.release_reasons import check_reason, check_visits
from sampling.frames.kinds import refuse
from sampling.frames.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

RELEASE_COLUMNS = (
    *("number", "township_code", "group", "psu_code", "main", "failed", "released", "place"),
    *("reason", "visits", "date", "approved_by"),
)


class Unit(NamedTuple):
    """A unit's key: its code is unique within township and group."""

    township_code: str
    group: str
    unit_code: str


@dataclass(frozen=True)
class Release:
    """
    One reserve opened.

    Attributes
    ----------
    number : int
        From 1, in the order of releases.
    main, failed, released : Unit
        The main unit; the unit that could not be interviewed (the main one, or the reserve released before); the
        reserve that stands in from now on.
    psu_code : str
        Of all three; empty in a group without PSUs.
    place : int
        Which of the main unit's reserves it is, from 1.
    reason : str
        A key of ``REASONS``: why ``failed`` is given up.
    visits : tuple of datetime
        When ``failed`` was visited.
    date : date or None
    approved_by : str
        The supervisor.
    """

    number: int
    main: Unit
    failed: Unit
    released: Unit
    psu_code: str
    place: int
    reason: str
    visits: tuple[dt.datetime, ...] = ()
    date: dt.date | None = None
    approved_by: str = ""


class ReserveBook:
    """
    The reserves of a sample, sealed: their number can be seen, their codes only as they are released.

    Parameters
    ----------
    sample : DataFrame
        ``Draw.sample``, or ``sample.csv`` read as text.

    Raises
    ------
    SamplingError
        If a column is missing, or a reserve stands for no main unit.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = ["township_code", "group", "psu_code", "unit_code", "role", "sequence", "reserve_for"]
    >>> rows = [("1", "rural", "2", "A", "main", 1, ""), ("1", "rural", "2", "B", "reserve", 1, "A")]
    >>> book = ReserveBook(pd.DataFrame(rows, columns=columns))
    >>> book.left("1", "rural", "A")
    1
    >>> book.release("1", "rural", "A", reason="refused").released.unit_code
    'B'
    """

    def __init__(self, sample: pd.DataFrame) -> None:
        self._psus: dict[Unit, str] = {}
        self._reserves: dict[Unit, list[Unit]] = {}
        self._main_of: dict[Unit, Unit] = {}
        self._opened: dict[Unit, list[Release]] = {}
        self._releases: list[Release] = []
        self._read(sample)

    @property
    def releases(self) -> tuple[Release, ...]:
        """All releases so far, in their order."""
        return tuple(self._releases)

    @property
    def mains(self) -> tuple[Unit, ...]:
        """The main units, in the order of the sample."""
        return tuple(self._reserves)

    @property
    def psus(self) -> dict[Unit, str]:
        """The PSU code of each main unit."""
        return dict(self._psus)

    def left(self, township_code: str, group: str, unit_code: str) -> int:
        """How many sealed reserves a main unit has left."""
        main = self._main(Unit(township_code, group, unit_code))
        return len(self._reserves[main]) - len(self._opened.get(main, []))

    def standing(self, township_code: str, group: str, unit_code: str) -> Unit:
        """The unit that stands for a main unit now: itself, or the reserve released last."""
        main = self._main(Unit(township_code, group, unit_code))
        opened = self._opened.get(main)
        return opened[-1].released if opened else main

    def release(
        self,
        township_code: str,
        group: str,
        unit_code: str,
        *,
        reason: str,
        visits: Sequence[dt.datetime] = (),
        reserve: str | None = None,
        date: dt.date | None = None,
        approved_by: str = "",
    ) -> Release:
        """
        Open the next reserve for a unit that could not be interviewed.

        Parameters
        ----------
        township_code, group, unit_code : str
            The unit that failed: a main unit, or the reserve that was released last for it.
        reason : str
            A key of ``REASONS``.
        visits : sequence of datetime
            When it was visited; ``no_contact`` needs three on two days, one of them in the evening or at a weekend.
        reserve : str, optional
            The code of the reserve that is believed to be the next; another one is refused.
        date, approved_by : optional
            Kept with the release.

        Raises
        ------
        SamplingError
            If the reason is unknown or its visits do not suffice; the unit is not in the sample or is a reserve that
            is still sealed; a reserve already stands in for it; the reserve named is not the next; none is left.
        """
        failed = Unit(township_code, group, unit_code)
        check_reason(reason)
        check_visits(reason, visits)
        main = self._main_of_failed(failed)
        opened = self._opened.setdefault(main, [])
        following = self._following(main, reserve)
        release = Release(
            *(len(self._releases) + 1, main, failed, following, self._psus[main], len(opened) + 1),
            reason=reason,
            visits=tuple(visits),
            date=date,
            approved_by=approved_by,
        )
        opened.append(release)
        self._releases.append(release)
        return release

    def _read(self, sample: pd.DataFrame) -> None:
        needed = ("township_code", "group", "psu_code", "unit_code", "role", "sequence", "reserve_for")
        lacking = [column for column in needed if column not in sample.columns]
        if lacking:
            raise SamplingError(
                f"The sample lacks the column {lacking[0]}; give sample.csv or the sample of a draw.",
                f"样本缺少 {lacking[0]} 列；请提供 sample.csv 或抽样得到的样本。",
            )
        rows = [dict(zip(needed, row, strict=True)) for row in sample[list(needed)].itertuples(index=False)]
        for row in rows:
            if row["role"] == "main":
                unit = Unit(row["township_code"], row["group"], row["unit_code"])
                self._psus[unit], self._reserves[unit] = row["psu_code"], []
        for row in sorted((row for row in rows if row["role"] == "reserve"), key=lambda row: int(row["sequence"])):
            unit = Unit(row["township_code"], row["group"], row["unit_code"])
            main = unit._replace(unit_code=row["reserve_for"])
            self._main_of[unit] = self._main(main)
            self._reserves[main].append(unit)

    def _main(self, unit: Unit) -> Unit:
        if unit not in self._reserves:
            raise SamplingError(
                f"{unit.unit_code!r} is no main unit of {unit.township_code}, {unit.group}; give one of the sample.",
                f"“{unit.unit_code}”不是 {unit.township_code}“{unit.group}”的正式样本单位；请从样本中选取。",
            )
        return unit

    def _main_of_failed(self, failed: Unit) -> Unit:
        """The main unit for which ``failed`` stands now; anything else is refused."""
        sealed = self._main_of.get(failed)
        main = sealed or self._main(failed)
        standing = self.standing(*main)
        if standing == failed:
            return main
        opened = self._opened.get(main, [])
        if sealed and failed not in [release.released for release in opened]:
            raise SamplingError(
                f"The reserve {failed.unit_code!r} has not been released, it cannot have failed; "
                f"{standing.unit_code!r} stands for the main unit {main.unit_code!r} now.",
                f"备用单位“{failed.unit_code}”尚未启用，不可能访问未成；"
                f"目前代表正式样本单位“{main.unit_code}”的是“{standing.unit_code}”。",
            )
        raise SamplingError(
            f"{failed.unit_code!r} was replaced already by {standing.unit_code!r}, which is still open; "
            f"if that one fails too, name it with its own reason.",
            f"“{failed.unit_code}”已由“{standing.unit_code}”替换，后者尚未结束；如后者也未成，请以它和它自己的原因申请。",
        )

    def _following(self, main: Unit, reserve: str | None) -> Unit:
        """The next reserve, which must be the one that was named, if one was."""
        reserves, place = self._reserves[main], len(self._opened[main])
        if place >= len(reserves):
            raise SamplingError(
                f"The main unit {main.unit_code!r} has no reserve left ({len(reserves)} were drawn); "
                "leave it without an interview and report it, take no other unit.",
                f"正式样本单位“{main.unit_code}”已没有备用单位（共抽取 {len(reserves)} 个）；"
                "请按未完成上报，不得另选其他单位。",
            )
        if reserve is not None and reserve != reserves[place].unit_code:
            raise SamplingError(
                f"{reserve!r} is not the next reserve of {main.unit_code!r}; "
                f"expected the one drawn as number {place + 1} for it, reserves are used in their order.",
                f"“{reserve}”不是“{main.unit_code}”的下一个备用单位；应为其第 {place + 1} 个，备用单位须按顺序启用。",
            )
        return reserves[place]


def releases_csv(releases: Iterable[Release]) -> bytes:
    """
    The releases as CSV for people: UTF-8 with BOM, LF, one row per release.

    The columns are ``RELEASE_COLUMNS``; visits are written as ``2026-11-24T19:30`` with blanks between them.

    Examples
    --------
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
        said = release.reason, visits, date, release.approved_by
        writer.writerow((release.number, *where, *units, release.place, *said))
    return text.getvalue().encode("utf-8-sig")


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
    release = book.release(
        *(row["township_code"], row["group"], row["failed"]),
        reason=row["reason"],
        visits=visits,
        reserve=row["released"],
        date=date,
        approved_by=row["approved_by"],
    )
    for column, real in (("main", release.main.unit_code), ("psu_code", release.psu_code), ("place", release.place)):
        if row[column] != str(real):
            raise SamplingError(
                f"expected {column} {str(real)!r} as in the sample, found {row[column]!r}; correct it.",
                f"{column} 应与样本一致，为“{real}”，实为“{row[column]}”；请更正。",
            )

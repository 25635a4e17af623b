"""
Releasing reserves (备用样本的启用): one at a time, in the order drawn, each with a reason (release_reasons.py).

ReserveBook(sample)   sealed reserves; ``release`` opens the next one for a unit that failed, ``give_up`` leaves the place
                      empty where none is left

Their file is in release_files.py; what the answers of the released units are worth is said in replacements.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sampling.errors import SamplingError
from sampling.fieldwork.release_reasons import check_date, check_reason, check_visits

if TYPE_CHECKING:
    import pandas as pd


class Unit(NamedTuple):
    """A unit's key: its code is unique within township and group."""

    township_code: str
    group: str
    unit_code: str


@dataclass(frozen=True)
class Release:
    """
    One reserve opened, or one place given up since none was left.

    Attributes
    ----------
    number : int
        From 1, in the order of releases.
    main, failed, released : Unit
        The main unit; the unit that could not be interviewed (the main one, or the reserve released before); the
        reserve that stands in from now on, with an empty unit code where the place was given up.
    psu_code : str
        Of all three; empty in a group without PSUs.
    place : int
        Which of the main unit's reserves it is, from 1; one more than there are where the place was given up.
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

    @property
    def empty(self) -> bool:
        """Whether nobody stands for the main unit from now on."""
        return not self.released.unit_code


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
        return max(0, len(self._reserves[main]) - len(self._opened.get(main, [])))

    def standing(self, township_code: str, group: str, unit_code: str) -> Unit:
        """The unit that stands for a main unit now: itself, or the reserve released last; no code where given up."""
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
            is still sealed; a reserve already stands in for it; the reserve named is not the next; none is left; the
            date lies before a visit or before an earlier release of the same main unit.
        """
        main, failed = self._failed(Unit(township_code, group, unit_code), reason, visits)
        return self._note(main, failed, self._following(main, reserve), reason, visits, date, approved_by)

    def give_up(
        self,
        township_code: str,
        group: str,
        unit_code: str,
        *,
        reason: str,
        visits: Sequence[dt.datetime] = (),
        date: dt.date | None = None,
        approved_by: str = "",
    ) -> Release:
        """
        Leave a place empty: the unit failed, and its main unit has no reserve left.

        Parameters
        ----------
        township_code, group, unit_code, reason, visits, date, approved_by
            As in ``release``.

        Returns
        -------
        Release
            With an empty ``released.unit_code``.

        Raises
        ------
        SamplingError
            As in ``release``; or if a reserve is left, which must be released first.
        """
        main, failed = self._failed(Unit(township_code, group, unit_code), reason, visits)
        if left := self.left(*main):
            raise SamplingError(
                f"The main unit {main.unit_code!r} still has {left} {'reserve' if left == 1 else 'reserves'}; expected none "
                "before its place is given up, release the next one.",
                f"正式样本单位“{main.unit_code}”尚有 {left} 个备用单位；用完后才可放弃该名额，请先启用下一个。",
            )
        return self._note(main, failed, main._replace(unit_code=""), reason, visits, date, approved_by)

    def repeat(
        self,
        township_code: str,
        group: str,
        unit_code: str,
        *,
        released: str,
        reason: str,
        visits: Sequence[dt.datetime] = (),
        date: dt.date | None = None,
        approved_by: str = "",
    ) -> Release:
        """Make a release known from a file again; where ``released`` is empty, a place given up."""
        if not released:
            return self.give_up(
                *(township_code, group, unit_code), reason=reason, visits=visits, date=date, approved_by=approved_by
            )
        return self.release(
            *(township_code, group, unit_code),
            reason=reason,
            visits=visits,
            reserve=released,
            date=date,
            approved_by=approved_by,
        )

    def _failed(self, failed: Unit, reason: str, visits: Sequence[dt.datetime]) -> tuple[Unit, Unit]:
        """The main unit for which a unit stood that failed, and this unit; its reason and visits must do."""
        check_reason(reason)
        check_visits(reason, visits)
        return self._main_of_failed(failed), failed

    def _note(
        self,
        main: Unit,
        failed: Unit,
        released: Unit,
        reason: str,
        visits: Sequence[dt.datetime],
        date: dt.date | None,
        approved_by: str,
    ) -> Release:
        """Write a release into the book."""
        opened = self._opened.get(main, [])
        day = check_date(date, visits, [release.date for release in opened if release.date is not None])
        release = Release(
            *(len(self._releases) + 1, main, failed, released, self._psus[main], len(opened) + 1),
            reason=reason,
            visits=tuple(visits),
            date=day,
            approved_by=approved_by,
        )
        self._opened[main] = [*opened, release]
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
        if opened and opened[-1].empty:
            raise SamplingError(
                f"The place of the main unit {main.unit_code!r} was given up in release number {opened[-1].number}; "
                f"nobody stands for it any more, no release for {failed.unit_code!r} can follow.",
                f"正式样本单位“{main.unit_code}”的名额已在第 {opened[-1].number} 次记录中放弃；"
                f"不能再为“{failed.unit_code}”启用备用单位。",
            )
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
        reserves, place = self._reserves[main], len(self._opened.get(main, []))
        if place >= len(reserves):
            raise SamplingError(
                f"The main unit {main.unit_code!r} has no reserve left ({len(reserves)} were drawn); "
                "give its place up with the reason (give_up), take no other unit.",
                f"正式样本单位“{main.unit_code}”已没有备用单位（共抽取 {len(reserves)} 个）；"
                "请写明原因放弃该名额（give_up），不得另选其他单位。",
            )
        if reserve is not None and reserve != reserves[place].unit_code:
            raise SamplingError(
                f"{reserve!r} is not the next reserve of {main.unit_code!r}; "
                f"expected the one drawn as number {place + 1} for it, reserves are used in their order.",
                f"“{reserve}”不是“{main.unit_code}”的下一个备用单位；应为其第 {place + 1} 个，备用单位须按顺序启用。",
            )
        return reserves[place]

"""
A list as coded columns, with what is needed to check it and to name a place in it.

Sheet          the list
whole_number   a cell's whole number
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design import Design
from sampling.errors import FaultList, Sentence
from sampling.frames.coded import Coded, pair, run_starts

MAX_SIZE = 10**9
MAX_ORDER = 10**15

_WHOLE = re.compile(r"([0-9]{1,25})(?:\.0+)?")


@dataclass(frozen=True, eq=False)
class Sheet:
    """
    A list as coded columns.

    Attributes
    ----------
    cells : dict
        Every canonical column, empty ones too.
    headers : dict
        Canonical column → header as written, of those that the file has.
    rows : ndarray of int64
        Spreadsheet row of each.
    contacts : bool
        False for ``frame.csv``, which has no names.
    """

    cells: dict[str, Coded]
    headers: dict[str, str]
    rows: NDArray[np.int64]
    design: Design
    contacts: bool = True
    faults: FaultList = field(default_factory=FaultList)
    warnings: FaultList = field(default_factory=FaultList)

    def fault_each(self, bad: NDArray[np.bool_], column: str, say: Callable[[int], Sentence]) -> None:
        """Note a fault for each row where ``bad``; ``say`` is given the row's index."""
        if not bad.any():
            return
        hits = np.flatnonzero(bad)
        self.faults.add_rows(self.rows[hits].tolist(), self.header(column), lambda k: say(int(hits[k])))

    def header(self, column: str) -> str:
        """How the file calls a column."""
        return self.headers.get(column, column)

    @cached_property
    def lists(self) -> NDArray[np.int64]:
        """For each row the number of its township and group."""
        townships, groups = self.cells["township_code"].codes, self.cells["group"].codes
        return np.repeat(pair(townships[self.runs], groups[self.runs]), self.run_lengths)

    @cached_property
    def runs(self) -> NDArray[np.int64]:
        """
        The rows that begin something: another township, group or PSU than that of the row before, by code or name.

        What can be said of townships, groups and PSUs is said of these rows alone, which are few in a list that is
        in some order.
        """
        columns = ("township_code", "township", "group", "psu_code", "psu")
        return run_starts(len(self.rows), [self.cells[c].codes for c in columns if len(self.cells[c].texts) > 1])

    @cached_property
    def run_lengths(self) -> NDArray[np.int64]:
        """How many rows each of ``runs`` has."""
        return np.diff(self.runs, append=len(self.rows))

    @cached_property
    def staged(self) -> NDArray[np.bool_]:
        """The rows of groups that are drawn in stages."""
        by_group = self.design.by_group
        return self.cells["group"].where(lambda group: group in by_group and by_group[group].staged)

    @cached_property
    def psu_rows(self) -> NDArray[np.bool_]:
        """The rows that stand for a whole PSU: no unit code, but a PSU and its size."""
        cells = self.cells
        if not self.some_without_unit:
            return np.zeros(len(self.rows), dtype=bool)
        return self.staged & ~cells["unit_code"].given & cells["psu_code"].given & cells["size"].given

    @property
    def some_without_unit(self) -> bool:
        """Whether any row has no unit code: the empty text is then the first of the column's texts."""
        texts = self.cells["unit_code"].texts
        return bool(texts) and texts[0] == ""

    @cached_property
    def unit_rows(self) -> NDArray[np.bool_]:
        """The rows that stand for one unit."""
        return self.cells["unit_code"].given

    @cached_property
    def orders(self) -> NDArray[np.int64]:
        """``order`` as numbers, −1 where it is empty or no whole number."""
        return self.cells["order"].numbers(lambda text: whole_number(text, MAX_ORDER))

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """``size`` as numbers, −1 where it is empty or no whole number."""
        return self.cells["size"].numbers(lambda text: whole_number(text, MAX_SIZE))


def whole_number(text: str, most: int) -> int | None:
    """
    A whole number from 0 to ``most``, or None. ``312.0``, as spreadsheets write it, is one.

    Examples
    --------
    >>> whole_number("312.0", 1000), whole_number("312.5", 1000), whole_number("-1", 1000)
    (312, None, None)
    """
    found = _WHOLE.fullmatch(text)
    value = int(found.group(1)) if found else most + 1
    return value if value <= most else None

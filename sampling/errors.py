"""
What can be wrong with a frame, a design, a seed or a proof, said in both languages.

SamplingError   base of all
Fault           one fault (or warning) of a frame and where it stands
FrameError      all faults of a frame (the first 100, and how many more)
DesignError     a design that is unknown or unsound, with all its faults
ShortfallError  a list is too short and the design says that nothing is drawn then
SeedError       a seed that cannot be used
ProofError      the first difference between a draw's folder and its redo
AllocationError, PlanningError, HouseholdError   what cannot be allocated, planned, or selected within a household
FaultList       gathers faults while a frame is checked
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_FAULTS = 100
"""So many faults are named; the rest are counted."""


class Sentence(NamedTuple):
    """One sentence twice: in English and in Chinese."""

    en: str
    zh: str


class SamplingError(ValueError):
    """
    Base of every error raised by this package.

    Attributes
    ----------
    en, zh : str
        One sentence in each language: what was expected, what came, where, and what to do.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


class ShortfallError(SamplingError):
    """A list has fewer units than the design wants, and the design refuses that."""


class SeedError(SamplingError):
    """A seed is empty or holds a character that may not stand in a label."""


class AllocationError(SamplingError):
    """A sample cannot be allocated to strata as asked."""


class PlanningError(SamplingError):
    """A precision or a sample size cannot be worked out from what was given."""


class HouseholdError(SamplingError):
    """No person can be selected within a household from what was given."""


class ProofError(SamplingError):
    """
    A draw's folder is not what its own record and the redo say.

    Attributes
    ----------
    file : str
        ``draw.json``, ``frame.csv`` or ``sample.csv``.
    line : int or None
        Line of the file, counted from 1, where that can be told.
    field : str or None
        Column of a CSV file or member of ``draw.json``.
    expected, found : str
        What the redo gives and what the file holds.
    """

    def __init__(self, file: str, line: int | None, field: str | None, expected: str, found: str) -> None:
        place_en = file + (f", line {line}" if line else "") + (f", {field}" if field else "")
        place_zh = file + (f" 第 {line} 行" if line else "") + (f" {field}" if field else "")
        super().__init__(
            f"{place_en}: expected {_short(expected)}, found {_short(found)}; the draw is not proven.",
            f"{place_zh}：应为 {_short(expected)}，实为 {_short(found)}；该抽样未通过核验。",
        )
        self.file = file
        self.line = line
        self.field = field
        self.expected = expected
        self.found = found


@dataclass(frozen=True)
class Fault:
    """
    One fault, or warning, of a frame.

    ``row`` counts as a spreadsheet does, the first line being row 1; ``column`` is the header as written in the
    file. Both are None where the fault stands in no single one.
    """

    en: str
    zh: str
    row: int | None = None
    column: str | None = None

    @property
    def bare(self) -> Sentence:
        """The sentence without its place, for where row and column stand beside it."""
        place = _place(self.row, self.column)
        return Sentence(self.en.removeprefix(place.en), self.zh.removeprefix(place.zh))


class DesignError(SamplingError):
    """
    A design is unknown, unsound, or not the one the frame was read with.

    Attributes
    ----------
    faults : tuple of Fault
        Of a design that is read: the first 100, in the order in which they were found; else empty.
    more : int
        How many more there are.
    """

    def __init__(self, en: str, zh: str, faults: Iterable[Fault] = (), more: int = 0) -> None:
        super().__init__(en, zh)
        self.faults = tuple(faults)
        self.more = more

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> DesignError:
        """All faults of a design, led by the sentence of the first."""
        shown = faults[:MAX_FAULTS]
        return cls(*_first_of(shown, len(faults) - 1), shown, len(faults) - len(shown))


class FrameError(SamplingError):
    """
    A frame is refused whole.

    Attributes
    ----------
    faults : tuple of Fault
        The first 100, in the order of rows.
    more : int
        How many more there are.
    """

    def __init__(self, faults: Iterable[Fault], more: int = 0) -> None:
        self.faults = tuple(faults)
        self.more = more
        super().__init__(*_first_of(self.faults, len(self.faults) - 1 + more))


def _first_of(faults: Sequence[Fault], others: int) -> Sentence:
    """The sentence of the first fault, and how many others there are."""
    first = faults[0]
    if not others:
        return Sentence(first.en, first.zh)
    en = f"{first.en} ({others} more {'fault' if others == 1 else 'faults'}.)"
    return Sentence(en, f"{first.zh}（另有 {others} 处错误。）")


@dataclass
class FaultList:
    """
    Gathers faults cheaply: a sentence is only written for those that will be shown.

    ``add`` notes one, ``add_rows`` one for each of many rows.
    """

    _noted: list[tuple[int, int, str | None, Callable[[], Sentence]]] = field(default_factory=list)
    _uncounted: int = 0

    def __len__(self) -> int:
        return len(self._noted) + self._uncounted

    def add(self, sentence: Sentence, *, row: int | None = None, column: str | None = None) -> None:
        """Note one fault; one without a row stands before all others."""
        self._noted.append((row or 0, len(self._noted), column, lambda: sentence))

    def add_rows(self, rows: Iterable[int], column: str, say: Callable[[int], Sentence]) -> None:
        """
        Note one fault per row.

        Parameters
        ----------
        rows : iterable of int
            Spreadsheet rows.
        say : callable
            ``say(k)`` gives the sentence of the k-th of them, counted from 0.
        """
        for k, row in enumerate(rows):
            self._noted.append((int(row), len(self._noted), column, lambda k=k: say(k)))  # type: ignore[misc]

    def extend(self, other: FaultList) -> None:
        """Take over all of another list."""
        for row, _, column, say in other._noted:
            self._noted.append((row, len(self._noted), column, say))
        self._uncounted += other._uncounted

    def shown(self, limit: int = MAX_FAULTS) -> tuple[Fault, ...]:
        """The first ``limit`` in the order of rows, each sentence led by its place."""
        ordered = sorted(self._noted, key=lambda noted: noted[:2])[:limit]
        return tuple(_fault(say(), row or None, column) for row, _, column, say in ordered)

    def raise_if_any(self) -> None:
        """Refuse the frame if a fault was noted."""
        if self._noted:
            shown = self.shown()
            raise FrameError(shown, len(self) - len(shown))


def _fault(sentence: Sentence, row: int | None, column: str | None) -> Fault:
    """Put the place before the sentence."""
    place = _place(row, column)
    return Fault(place.en + sentence.en, place.zh + sentence.zh, row, column)


def _place(row: int | None, column: str | None) -> Sentence:
    """Where a fault stands, as its sentence begins."""
    if row is not None and column is not None:
        return Sentence(f"Row {row}, column “{column}”: ", f"第 {row} 行“{column}”列：")
    if row is not None:
        return Sentence(f"Row {row}: ", f"第 {row} 行：")
    return Sentence(f"Column “{column}”: ", f"“{column}”列：") if column is not None else Sentence("", "")


def _short(text: str, limit: int = 120) -> str:
    """A value as it can stand in a sentence: on one line and not too long."""
    shown = "".join(character if character.isprintable() else "�" for character in text)
    return repr(shown if len(shown) <= limit else shown[: limit - 1] + "…")

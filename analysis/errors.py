"""
What can be wrong with answers and schemes, said in both languages.

AnalysisError    base of all
Fault            one fault of the input and where it stands
ResponsesError   all faults of a folder of responses (the first 100, and how many more)
SchemeError      a scheme that cannot be used
ExportError      figures that cannot be written
FaultList        gathers faults while a folder is read
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_FAULTS = 100
"""So many faults are named; the rest are counted."""


class AnalysisError(ValueError):
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


class SchemeError(AnalysisError):
    """A scheme, or one of its options, is unknown or unsound."""


class ExportError(AnalysisError):
    """Figures or responses cannot be written where they were to go."""


@dataclass(frozen=True)
class Fault:
    """
    One fault of the input.

    ``row`` counts as a spreadsheet does: the header is row 1. ``row`` and ``column`` are None where the fault is
    not in a single one.
    """

    en: str
    zh: str
    row: int | None = None
    column: str | None = None
    file: str = ""


class ResponsesError(AnalysisError):
    """
    A folder of responses is refused whole.

    Attributes
    ----------
    faults : tuple of Fault
        The first 100.
    more : int
        How many more there are.
    """

    def __init__(self, faults: tuple[Fault, ...], more: int = 0) -> None:
        others = len(faults) - 1 + more
        first = faults[0]
        en = first.en if not others else f"{first.en} ({others} more {'fault' if others == 1 else 'faults'}.)"
        zh = first.zh if not others else f"{first.zh}（另有 {others} 处错误。）"
        super().__init__(en, zh)
        self.faults = faults
        self.more = more


class FaultList:
    """Gathers faults; names the first ``MAX_FAULTS`` and counts the rest."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._more = 0

    def __len__(self) -> int:
        return len(self._faults) + self._more

    def add(self, file: str, en: str, zh: str, *, row: int | None = None, column: str | None = None) -> None:
        """Note one fault; the place is put before the sentence."""
        if len(self._faults) == MAX_FAULTS:
            self._more += 1
            return
        place_en = file + (f", row {row}" if row else "") + (f", column {column}" if column else "")
        place_zh = file + (f"第 {row} 行" if row else "") + (f"“{column}”列" if column else "")
        self._faults.append(Fault(f"{place_en}: {en}", f"{place_zh}：{zh}", row, column, file))

    def raise_if_any(self) -> None:
        """Refuse the input if a fault was noted."""
        if self._faults:
            raise ResponsesError(tuple(self._faults), self._more)

"""
The PSUs of a list that is read piece by piece: one under two townships is found although they lie in two pieces.

EarlierPsus   the PSUs of the pieces before
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from sampling.errors import Sentence
from sampling.frames.sheet import Sheet


class EarlierPsus:
    """
    The PSUs of the pieces before, each with the row in which it first stood.

    A country has some 600,000: this is all that is kept of a large list between its pieces. Townships stand in
    ascending rows, so that a PSU's row tells its township.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._townships: list[str] = []
        self._first: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def check(self, sheet: Sheet) -> None:
        """Note a fault for every row whose PSU stood under another township in an earlier piece; then take over."""
        psus, townships = sheet.cells["psu_code"], sheet.cells["township_code"]
        starts = sheet.runs[psus.given[sheet.runs] & townships.given[sheet.runs]]
        firsts: dict[int, int] = {}
        for row, psu in zip(starts.tolist(), psus.codes[starts].tolist(), strict=True):
            firsts.setdefault(psu, row)
        for psu, row in firsts.items():
            known = self._rows.get(psus.texts[psu])
            if known is not None and (township := self._township(known)) != townships[row]:
                self._fault(sheet, psu, row, township, known)
        self._take(sheet, firsts)

    def _township(self, row: int) -> str:
        return self._townships[bisect_right(self._first, row) - 1]

    def _fault(self, sheet: Sheet, psu: int, first: int, township: str, known: int) -> None:
        townships = sheet.cells["township_code"].codes
        # rows under a third township are faults of the piece itself already
        bad = (sheet.cells["psu_code"].codes == psu) & (townships == townships[first])
        code, here = sheet.cells["psu_code"].texts[psu], sheet.cells["township_code"][first]
        sentence = Sentence(
            f"the PSU {code} has the township {here!r} here, but {township!r} in row {known}; expected one township "
            "for one code, correct either.",
            f"初级单元 {code} 的所属乡镇代码在此为“{here}”，在第 {known} 行为“{township}”；"
            "同一代码只应有一个所属乡镇代码，请更正其一。",
        )
        sheet.fault_each(bad, "township_code", lambda _: sentence)

    def _take(self, sheet: Sheet, firsts: dict[int, int]) -> None:
        townships, psus = sheet.cells["township_code"], sheet.cells["psu_code"]
        begins = sheet.runs[np.flatnonzero(np.diff(townships.codes[sheet.runs], prepend=-1))]
        for row in begins.tolist():
            if townships[row]:
                self._townships.append(townships[row])
                self._first.append(int(sheet.rows[row]))
        for psu, row in firsts.items():
            self._rows.setdefault(psus.texts[psu], int(sheet.rows[row]))

"""
Whole townships out of the pieces of a large list.

whole_townships(pieces)   → RawTable after RawTable, each of some whole townships in ascending order of codes
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sampling.errors import FaultList, Sentence
from sampling.frames.coded import run_starts
from sampling.frames.columns import half_width, understand
from sampling.frames.raw_table import RawTable
from sampling.streams.pieces import values_of

ROWS = 200_000
"""Townships are worked on together until they have so many rows: faster than one by one, and still little."""

_DIVISION = re.compile("[0-9]{12}")


def whole_townships(pieces: Iterable[RawTable], *, rows: int = ROWS) -> Iterator[RawTable]:
    """
    Put pieces of a list together so that no township is cut.

    Parameters
    ----------
    pieces : iterable of RawTable
        All with the same header.
    rows : int
        A table ends with the first township at which it has so many rows; 1 gives one township a table.

    Yields
    ------
    RawTable
        With the faults of the pieces it was made from. Where rows of a township stand apart, or townships are not in
        ascending order of codes, the last table has that as a fault, and nothing more is read.
    """
    cutter = _Cutter(rows)
    for piece in pieces:
        yield from cutter.cut(piece)
        if cutter.disorder:
            break
    if cutter.parts or len(cutter.faults):
        yield cutter.join()


class _Cutter:
    """The parts of the table that is being put together, and the townships so far."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.parts: list[RawTable] = []
        self.faults = FaultList()
        self.disorder = False
        self._seen: list[str] = []
        self._first: list[int] = []

    def cut(self, piece: RawTable) -> Iterator[RawTable]:
        """Take a piece, and give the tables that end in it."""
        piece.columns = values_of(piece.columns)
        self.faults.extend(piece.faults)
        self._last = piece
        begin, end = 0, len(piece.rows)
        for row, code in _borders(piece):
            if self._seen and code <= self._seen[-1]:
                if code < self._seen[-1]:
                    self._note_disorder(piece, row, code)
                    end = row
                    break
                continue
            if sum(len(part.rows) for part in self.parts) + row - begin >= self.rows:
                self.parts.append(_slice(piece, begin, row))
                yield self.join()
                begin = row
            self._seen.append(code)
            self._first.append(int(piece.rows[row]))
        self.parts.append(_slice(piece, begin, end))

    def join(self) -> RawTable:
        """The table of all parts so far."""
        parts = [part for part in self.parts if len(part.rows)] or self.parts or [_slice(self._last, 0, 0)]
        columns = [_joined([part.columns[k] for part in parts]) for k in range(len(parts[0].header))]
        rows = parts[0].rows if len(parts) == 1 else [row for part in parts for row in part.rows]
        first = parts[0]
        table = RawTable(first.header, columns, rows, first.name, first.kind, first.encoding, first.sheet, self.faults)
        self.parts, self.faults = [], FaultList()
        return table

    def _note_disorder(self, piece: RawTable, row: int, code: str) -> None:
        """A township that stood before, or should have."""
        self.disorder = True
        place = bisect_left(self._seen, code)
        again = self._seen[place] == code
        en = (
            f"the township {code} stands from row {self._first[place]} on already"
            if again
            else f"the township {code} stands behind {self._seen[-1]}"
        )
        zh = (
            f"乡镇 {code} 自第 {self._first[place]} 行起已出现过"
            if again
            else f"乡镇 {code} 排在 {self._seen[-1]} 之后"
        )
        self.faults.add(
            Sentence(
                f"{en}; a list that is read township by township needs all rows of a township together and the "
                "townships in ascending order, sort it by township_code.",
                f"{zh}；逐乡镇读取的名单须同一乡镇的行相连、乡镇按代码升序排列，请按 township_code 排序。",
            ),
            row=int(piece.rows[row]),
            column=piece.header[understand(piece.header).known["township_code"]],
        )


def _borders(piece: RawTable) -> list[tuple[int, str]]:
    """
    Where a township begins, and its code; the first row of the piece too.

    A code of the wrong form begins nothing: it is found as a fault, and no township is out of order by it.
    """
    position = understand(piece.header).known.get("township_code")
    if position is None or not len(piece.rows):
        return []
    column = cast("pa.DictionaryArray", piece.columns[position])
    codes = column.indices.to_numpy()
    starts = run_starts(len(codes), [codes])
    texts = [half_width(text).strip() for text in column.dictionary.to_pylist()]
    found = zip(starts.tolist(), codes[starts].tolist(), strict=True)
    return [(row, texts[code]) for row, code in found if _DIVISION.fullmatch(texts[code])]


def _slice(piece: RawTable, begin: int, end: int) -> RawTable:
    columns = [cast("pa.DictionaryArray", column).slice(begin, end - begin) for column in piece.columns]
    return RawTable(piece.header, columns, piece.rows[begin:end], piece.name, piece.kind, piece.encoding, piece.sheet)


def _joined(parts: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    """Parts of a column as one, with those texts alone that occur in it."""
    whole = parts[0] if len(parts) == 1 else pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    codes: NDArray[np.int32] = whole.indices.to_numpy()
    used = np.zeros(len(whole.dictionary), dtype=bool)
    used[codes] = True
    if used.all():
        return whole
    numbers = (np.cumsum(used) - 1).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(numbers[codes]), whole.dictionary.filter(pa.array(used)))

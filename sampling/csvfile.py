"""
CSV files as all of a draw's are: UTF-8 without BOM, LF line ends, quotes only where needed.

csv_lines(header, columns)   the file piece by piece, from columns of numbered texts
csv_rows(columns)            the same without the header
csv_bytes(header, columns)   all in one piece
plain(text)                  a cell as it stands in the file
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sampling.frames.coded import run_starts

PIECE = 500_000
"""So many rows are joined at once: a text column of Arrow holds 2 GB at most."""

_SPECIAL = re.compile('[,"\r\n]')

_SHARE = 4
"""Columns are put together where they change in at most every fourth row."""

Column = tuple[Sequence[str], NDArray[np.integer[Any]]]
"""Distinct texts, and for each row the number of its text."""


def plain(text: str) -> str:
    """
    A cell as it stands in the file.

    Examples
    --------
    >>> print(plain("a"), plain("a,b"))
    a "a,b"
    """
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def csv_lines(header: Sequence[str], columns: Sequence[Column]) -> Iterator[bytes]:
    """
    A CSV file, piece by piece.

    Parameters
    ----------
    header : sequence of str
    columns : sequence of Column
        One or more, all with the same number of rows.

    Yields
    ------
    bytes
    """
    yield (",".join(map(plain, header)) + "\n").encode("utf-8")
    yield from csv_rows(columns)


def csv_rows(columns: Sequence[Column]) -> Iterator[bytes]:
    """The same without the header."""
    n_rows = len(columns[0][1])
    ends = [","] * (len(columns) - 1) + ["\n"]
    parts: list[Column] = []
    for (own, codes), end in zip(columns, ends, strict=True):
        cells = own if _SPECIAL.search("".join(own)) is None else [plain(text) for text in own]
        parts.append(([text + end for text in cells], codes))
        while len(parts) > 1 and (both := _together(*parts[-2:])) is not None:
            parts[-2:] = [both]
    texts = [pa.array(own, pa.string()) for own, _ in parts]
    for first in range(0, n_rows, PIECE):
        cells = [own.take(pa.array(codes[first : first + PIECE])) for own, (_, codes) in zip(texts, parts, strict=True)]
        yield _content(cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, ""))


def csv_bytes(header: Sequence[str], columns: Sequence[Column]) -> bytes:
    """
    A CSV file in one piece.

    Examples
    --------
    >>> csv_bytes(["a", "b"], [(["x", "y,z"], np.array([0, 1])), (["1"], np.array([0, 0]))])
    b'a,b\\nx,1\\n"y,z",1\\n'
    """
    return b"".join(csv_lines(header, columns))


def _together(left: Column, right: Column) -> Column | None:
    """
    Two columns as one, where that has few distinct texts beside the rows, so that fewer are joined row by row.

    So it is where the columns repeat themselves from row to row, as codes of townships, groups and villages do.
    """
    (texts, codes), (others, other_codes) = left, right
    if len(others) == 1:
        return [text + others[0] for text in texts], codes
    if codes is other_codes and len(texts) == len(others):
        return [text + other for text, other in zip(texts, others, strict=True)], codes
    if len(texts) == 1:
        return [texts[0] + other for other in others], other_codes
    starts = run_starts(len(codes), [codes, other_codes])
    if _SHARE * len(starts) > len(codes):
        return None
    numbers, keys = pd.factorize(codes[starts].astype(np.int64) * len(others) + other_codes[starts])
    both = [texts[key // len(others)] + others[key % len(others)] for key in keys.tolist()]
    return both, np.repeat(numbers, np.diff(starts, append=len(codes)))


def _content(texts: pa.StringArray) -> bytes:
    """All texts of a column one after another: the very bytes in which Arrow holds them."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]]) if len(texts) else b""

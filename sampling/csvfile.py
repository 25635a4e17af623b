"""
CSV files as all of a draw's are: UTF-8 without BOM, LF line ends, quotes only where needed.

csv_lines(header, columns)   the file piece by piece, from columns of numbered texts
csv_bytes(header, columns)   the same in one piece
plain(text)                  a cell as it stands in the file
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

PIECE = 500_000
"""So many rows are joined at once: a text column of Arrow holds 2 GB at most."""

Column = tuple[Sequence[str], NDArray[np.int64]]
"""Distinct texts, and for each row the number of its text."""


def plain(text: str) -> str:
    """
    A cell as it stands in the file.

    Examples
    --------
    >>> print(plain("a"), plain("a,b"))
    a "a,b"
    """
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


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
    ends = [""] * (len(columns) - 1) + ["\n"]
    texts = [
        pa.array([plain(text) + end for text in own], pa.string()) for (own, _), end in zip(columns, ends, strict=True)
    ]
    for first in range(0, len(columns[0][1]), PIECE):
        cells = [
            own.take(pa.array(codes[first : first + PIECE])) for own, (_, codes) in zip(texts, columns, strict=True)
        ]
        joined = pc.binary_join_element_wise(*cells, ",")
        yield _content(joined)


def csv_bytes(header: Sequence[str], columns: Sequence[Column]) -> bytes:
    """
    A CSV file in one piece.

    Examples
    --------
    >>> csv_bytes(["a", "b"], [(["x", "y,z"], np.array([0, 1])), (["1"], np.array([0, 0]))])
    b'a,b\\nx,1\\n"y,z",1\\n'
    """
    return b"".join(csv_lines(header, columns))


def _content(texts: pa.StringArray) -> bytes:
    """All texts of a column one after another: the very bytes in which Arrow holds them."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]]) if len(texts) else b""

"""
A CSV file of any length piece by piece, read as ``tables.read_table`` reads a short one.

csv_pieces(path, name)   → RawTable after RawTable

Blocks of bytes without quotation marks are read by Arrow, where a line is a row and a separator a border; it gives up
on rows of other widths, and then, and from the first quotation mark on, the standard library reads.
"""

from __future__ import annotations

import csv
import io
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from sampling.frames.kinds import open_quotation, refuse_other_kinds, unknown_encoding, unreadable
from sampling.frames.raw_table import BLANK, TITLE_ROWS, RawTable, assemble, even_rows, header_position, note_formulas
from sampling.frames.tables import arrow_texts, delimiter_of

Progress = Callable[[int, int], None]

BLOCK = 8 * 2**20
"""So many bytes are read at once."""
RECORDS = 50_000
"""So many rows are read at once by the standard library."""


@dataclass
class _Csv:
    """A CSV file, what is known of it, and the number of the last row that was read."""

    path: Path
    name: str
    encoding: str
    delimiter: str
    header: list[str]
    size: int
    row: int = 0

    def table(self, records: list[list[str]], numbers: list[int]) -> RawTable:
        """Rows of texts as a piece."""
        table = RawTable(self.header, [], [], name=self.name, encoding=self.shown_encoding)
        kept, table.rows = even_rows(records, numbers, len(self.header), table.faults)
        table.columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in self.header]
        note_formulas(table)
        return table

    @property
    def shown_encoding(self) -> str:
        return "GB18030" if self.encoding == "gb18030" else "UTF-8"


def csv_pieces(path: Path, name: str, progress: Progress | None = None) -> Iterator[RawTable]:
    """
    The rows of a CSV file.

    Raises
    ------
    FrameError
        As ``read_table``.
    """
    try:
        with path.open("rb") as file:
            found, offset = _open(path, name, file)
            file.seek(offset)
            for piece in _pieces(found, file):
                if len(piece.rows) or len(piece.faults):
                    yield piece
                if progress is not None and not file.closed:
                    progress(file.tell(), found.size)
    except OSError as error:
        raise unreadable(name, error) from error


def _open(path: Path, name: str, file: BinaryIO) -> tuple[_Csv, int]:
    """What the file is, where its header stands, and the byte at which the rows below that begin."""
    head = file.read(BLOCK)
    refuse_other_kinds(head, name)
    encoding = _encoding(file, head, name)
    text = io.TextIOWrapper(io.BytesIO(head), encoding, errors="ignore", newline="").read(20_000)
    delimiter = delimiter_of(text)
    with path.open(encoding=encoding, newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        records, ends = _first_records(reader, name)
    table = assemble([cells for _, cells in records], [number for number, _ in records], name)
    top = header_position([cells for _, cells in records])
    found = _Csv(path, name, encoding, delimiter, table.header, path.stat().st_size, records[top][0])
    return found, _after_lines(file, ends[top])


def _first_records(reader: Iterator[list[str]], name: str) -> tuple[list[tuple[int, list[str]]], list[int]]:
    """The first rows that are not empty with their numbers, one more than the header may stand in; and their lines."""
    records: list[tuple[int, list[str]]] = []
    ends: list[int] = []
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells = [cell.strip(BLANK) for cell in record]
            if any(cells):
                records.append((number, cells))
                ends.append(reader.line_num)  # type: ignore[attr-defined]
                if len(records) > TITLE_ROWS:
                    break
    except csv.Error as error:
        raise open_quotation(name, number + 1, error) from error
    return records, ends


def _after_lines(file: BinaryIO, count: int) -> int:
    """Where the line after so many begins; lines end as ``newline=""`` says."""
    file.seek(0)
    text = file.read(BLOCK)
    lines = text.splitlines(keepends=True) if b"\r" in text else None
    file.seek(0)
    if lines is None:
        for _ in range(count):
            file.readline()
        return file.tell()
    return sum(len(line) for line in lines[:count])


def _encoding(file: BinaryIO, head: bytes, name: str) -> str:
    """UTF-8 or else GB18030: the whole file is looked through once, a block at a time."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = getincrementaldecoder(encoding)()
        try:
            block = head
            file.seek(len(head))
            while block:
                decoder.decode(block)
                if b"\x00" in block:
                    refuse_other_kinds(b"\x00", name)
                block = file.read(BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise unknown_encoding(name)


def _pieces(found: _Csv, file: BinaryIO) -> Iterator[RawTable]:
    """Blocks of whole lines as long as they are plain, then rows of the standard library."""
    rest = b""
    while True:
        began = file.tell() - len(rest)
        block = file.read(BLOCK)
        content = rest + block
        if not content:
            return
        cut = content.rfind(b"\n") + 1 if block else len(content)
        if not cut or b'"' in content[:cut] or content.count(b"\r", 0, cut) != content.count(b"\r\n", 0, cut):
            yield from _read_on(found, file, began)
            return
        yield from _plain_block(found, content[:cut])
        rest = content[cut:]


def _read_on(found: _Csv, file: BinaryIO, began: int) -> Iterator[RawTable]:
    """The rest of the file by the standard library."""
    file.seek(began)
    text = io.TextIOWrapper(file, found.encoding.removesuffix("-sig"), newline="")
    try:
        yield from _records(found, text)
    finally:
        text.detach()


def _records(found: _Csv, lines: Iterable[str]) -> Iterator[RawTable]:
    """Rows as the standard library reads them, some at a time."""
    records: list[list[str]] = []
    try:
        for record in csv.reader(lines, delimiter=found.delimiter, strict=True):
            records.append(record)
            if len(records) == RECORDS:
                yield _numbered(found, records)
                records = []
    except csv.Error as error:
        raise open_quotation(found.name, found.row + len(records) + 1, error) from error
    if records:
        yield _numbered(found, records)


def _numbered(found: _Csv, records: list[list[str]]) -> RawTable:
    """Rows as the standard library gives them: trimmed, numbered, wholly empty ones left out."""
    trimmed = ([cell.strip(BLANK) for cell in record] for record in records)
    kept = [(number, cells) for number, cells in enumerate(trimmed, start=found.row + 1) if any(cells)]
    found.row += len(records)
    return found.table([cells for _, cells in kept], [number for number, _ in kept])


def _plain_block(found: _Csv, block: bytes) -> Iterator[RawTable]:
    """Lines without quotation marks, by Arrow; by the standard library where a line has another number of cells."""
    content = block if found.encoding != "gb18030" else block.decode("gb18030").encode("utf-8")
    columns = _arrow_columns(found, content)
    if columns is None:
        yield from _records(found, io.StringIO(content.decode("utf-8"), newline=""))
        return
    rows = np.arange(len(columns[0]), dtype=np.int64) + found.row + 1
    found.row += len(rows)
    empty = _empty_rows(columns)
    if empty is not None:
        columns = [arrow_texts(column.dictionary_decode().filter(pa.array(~empty))) for column in columns]
        rows = rows[~empty]
    piece = RawTable(found.header, columns, rows.tolist(), name=found.name, encoding=found.shown_encoding)
    note_formulas(piece)
    yield piece


def _arrow_columns(found: _Csv, content: bytes) -> list[pa.DictionaryArray] | None:
    """The cells by column, trimmed; None where Arrow does not read them as the standard library does."""
    names = [str(k) for k in range(len(found.header))]
    parse = pa_csv.ParseOptions(
        delimiter=found.delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
    )
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            pa_csv.ReadOptions(column_names=names, block_size=len(content) + 1),
            parse,
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    columns = [arrow_texts(column) for column in table.columns]
    longest = max(pc.max(pc.utf8_length(column.dictionary)).as_py() or 0 for column in columns)
    return columns if longest < csv.field_size_limit() // 2 else None  # the standard library refuses longer cells


def _empty_rows(columns: list[pa.DictionaryArray]) -> NDArray[np.bool_] | None:
    """Which rows are wholly empty; None where there is none."""
    empty: NDArray[np.bool_] | None = None
    for column in columns:
        blank = pc.equal(column.dictionary, "").to_numpy(zero_copy_only=False)[column.indices.to_numpy()]
        empty = blank if empty is None else empty & blank
        if not empty.any():
            return None
    return empty

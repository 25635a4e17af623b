"""
Read a list from a file as rows of text, whatever it is named.

read_table(source)   CSV (UTF-8 or GB18030; comma, semicolon or tab) or XLSX → RawTable
from_frame(df)       the same from a pandas DataFrame

Files are recognised by what they hold. What cannot be read as a list is refused with one sentence that says what the
file is and what to do; what is wrong in single rows is noted in ``RawTable.faults``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sampling.coded import Texts
from sampling.columns import understand
from sampling.errors import FaultList, Sentence
from sampling.kinds import open_quotation, refuse_other_kinds, unknown_encoding, unreadable
from sampling.kinds import refuse as refuse

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MAX_BYTES = 40 * 2**20
"""A frame of a whole county has about 15 MB."""

TITLE_ROWS = 10
"""The header is looked for in so many rows at the top, since lists often begin with a title."""


@dataclass
class RawTable:
    """
    A list as text.

    Attributes
    ----------
    header : list of str
        As written, trimmed.
    columns : sequence of Texts
        Cells by column, trimmed; all of one length.
    rows : sequence of int
        Spreadsheet row of each, the file's first being row 1.
    name, kind, encoding, sheet : str
        What was read; ``kind`` is ``csv``, ``xlsx`` or ``table``.
    faults, warnings : FaultList
        What is wrong in single rows, and what should be known.
    """

    header: list[str]
    columns: Sequence[Texts]
    rows: Sequence[int]
    name: str = ""
    kind: str = "csv"
    encoding: str = ""
    sheet: str = ""
    faults: FaultList = field(default_factory=FaultList)
    warnings: FaultList = field(default_factory=FaultList)


def read_table(source: Path | str | bytes, name: str = "") -> RawTable:
    """
    A list from a file.

    Parameters
    ----------
    source : path or bytes
        At most ``MAX_BYTES``.
    name : str
        How sentences call the file; its own name where empty.

    Raises
    ------
    FrameError
        With a single fault, if it can be read as no list at all.
    """
    from sampling.xlsx import read_xlsx

    content, name = _content(source, name)
    refuse_other_kinds(content, name)
    return read_xlsx(content, name) if content.startswith(b"PK\x03\x04") else _read_csv(content, name)


def assemble(records: list[list[str]], numbers: list[int], name: str) -> RawTable:
    """
    Find the header among the first rows and turn the rest into columns.

    Parameters
    ----------
    records : list of list of str
        Rows that are not wholly empty, cells trimmed.
    numbers : list of int
        Their spreadsheet rows.

    Raises
    ------
    FrameError
        If there is no row, or nothing below the header.
    """
    if not records:
        raise refuse(
            f"{name} is empty; expected a header row and one row per unit.",
            f"{name} 是空文件；应有一行表头，其下每个单元一行。",
        )
    top = header_position(records)
    header = records[top]
    if top + 1 == len(records):
        raise refuse(
            f"{name} has a header but no rows below it; expected one row per unit.",
            f"{name} 只有表头，其下没有数据；应每个单元一行。",
        )
    faults = FaultList()
    kept, rows = even_rows(records[top + 1 :], numbers[top + 1 :], len(header), faults)
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in header]
    return RawTable(header, columns, rows, name=name, faults=faults)


def from_frame(df: pd.DataFrame, name: str = "") -> RawTable:
    """
    A list from a DataFrame; its rows count as in a spreadsheet, the first one being row 2.

    Missing values are empty cells; whole numbers lose their point.
    """
    name = name or "table"
    if df.empty:
        raise refuse(f"{name} has no rows; expected one row per unit.", f"{name} 没有数据；应每个单元一行。")
    columns = [_texts(df.iloc[:, i]) for i in range(df.shape[1])]
    header = [cell_text(column) for column in df.columns]
    return RawTable(header, columns, range(2, len(df) + 2), name=name, kind="table")


def _texts(column: pd.Series) -> Texts:
    """The cells of a column; of one of texts, codes or whole numbers only the distinct values are looked at."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(column.dtype, pd.StringDtype):
        return arrow_texts(pa.array(column, pa.large_string(), from_pandas=True))
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_integer_dtype(column.dtype):
        codes, found = pd.factorize(column, use_na_sentinel=False)
        texts = pa.array([cell_text(value) for value in found.tolist()], pa.large_string())
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype("int32")), texts)
    return [cell_text(value) for value in column.tolist()]


def arrow_texts(cells: pa.Array | pa.ChunkedArray, *, trimmed: bool = True) -> pa.DictionaryArray:
    """
    The cells of a column of Arrow texts, trimmed or as they are, as numbers of its distinct texts.

    Where the same text mostly stands in one row after another, as codes of townships do, one of each run is looked at.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if whole.null_count:
        whole = whole.fill_null("")
    lengths = None
    if len(whole) > _FEW and _repeats(whole[:_FEW]):
        runs = pc.run_end_encode(whole, run_end_type=pa.int64())
        lengths = np.diff(runs.run_ends.to_numpy(), prepend=0)
        whole = runs.values
    coded = whole.dictionary_encode()
    texts = coded.dictionary
    if trimmed:
        texts = pa.array([text.strip(BLANK) for text in texts.to_pylist()], pa.large_string())
    codes = coded.indices if lengths is None else pa.array(np.repeat(coded.indices.to_numpy(), lengths))
    return pa.DictionaryArray.from_arrays(codes, texts)


def _repeats(cells: pa.Array) -> bool:
    """Whether at most every fourth cell differs from the one before."""
    import pyarrow.compute as pc

    return 4 * (pc.sum(pc.not_equal(cells[1:], cells[:-1])).as_py() or 0) <= len(cells)


def cell_text(value: object) -> str:
    """A cell's value as trimmed text: no value is empty, whole numbers have no point."""
    if isinstance(value, str):
        return value.strip(BLANK)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ("" if value != value else repr(float(value)))
    text = "" if value is None else str(value).strip(BLANK)
    return "" if text in ("<NA>", "NaT", "nan") else text


def is_formula(text: str) -> bool:
    """
    Whether a cell's text would be worked out by a spreadsheet: it begins with =, @, or a sign before no number.

    Examples
    --------
    >>> is_formula("=A1+1"), is_formula("+86 599 123"), is_formula("-"), is_formula("+SUM(A1)")
    (True, False, False, True)
    """
    return text[:1] in _SIGNS and bool(_FORMULA.match(text))


def column_letter(position: int) -> str:
    """The letter of a spreadsheet's column, counted from 0."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_FEW = 4096
"""So many cells at the top tell whether a column repeats itself."""

BLANK = " \t\r\n\v\f\u3000\u00a0\u2002\u2003\u2009\u200b\ufeff"
_SIGNS = frozenset("=@+-")
_FORMULA = re.compile(r"=.|@.|[+-](?![\d\s().,\-+—–/eE]*$)", re.DOTALL)


def _content(source: Path | str | bytes, name: str) -> tuple[bytes, str]:
    """The bytes of a file and the name to call it by; a file that is too large is not read."""
    if isinstance(source, bytes):
        content, name = source, name or "The file"
        size = len(content)
    else:
        path = Path(source)
        name = name or path.name
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= MAX_BYTES else b""
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from error
    if size > MAX_BYTES:
        raise refuse(
            f"{name} has {size / 2**20:.0f} MB, at most {MAX_BYTES // 2**20} MB can be read; "
            "leave out pictures and columns that are not needed, or save it as CSV.",
            f"{name} 有 {size / 2**20:.0f} MB，最多可读 {MAX_BYTES // 2**20} MB；请去掉图片和不需要的列，或另存为 CSV。",
        )
    return content, name


def _read_csv(content: bytes, name: str) -> RawTable:
    text, encoding = _decode(content, name)
    records, numbers = _csv_records(text, delimiter_of(text), name)
    table = assemble(records, numbers, name)
    table.encoding = encoding
    note_formulas(table)
    return table


def note_formulas(table: RawTable, known: Collection[tuple[str, int]] = ()) -> None:
    """A fault for every text that a spreadsheet would work out; ``known`` cells (column letters, row) have theirs."""
    for position, (header, column) in enumerate(zip(table.header, table.columns, strict=True)):
        letters = column_letter(position) if known else ""
        cells = [
            (int(table.rows[k]), text)
            for k, text in zip(*_formulas(column), strict=True)
            if (letters, int(table.rows[k])) not in known
        ]
        table.faults.add_rows(
            [row for row, _text in cells],
            header,
            lambda k, cells=cells: formula_sentence(cells[k][1]),  # type: ignore[misc]
        )


def _formulas(column: Texts) -> tuple[list[int], list[str]]:
    """The rows whose cells are formulas, and these."""
    if isinstance(column, Sequence):
        hits = [k for k, cell in enumerate(column) if is_formula(cell)]
        return hits, [column[k] for k in hits]
    texts = column.dictionary.to_pylist()
    formulas = np.array([is_formula(text) for text in texts], dtype=bool)
    if not formulas.any():
        return [], []
    codes = column.indices.to_numpy()
    rows = np.flatnonzero(formulas[codes])
    return rows.tolist(), [texts[code] for code in codes[rows].tolist()]


def formula_sentence(found: str) -> Sentence:
    """What to say of a text that a spreadsheet would take for a formula."""
    shown = repr(found[:60])
    return Sentence(
        f"expected a value, found the formula {shown}; paste the column as values.",
        f"应为数值或文字，实为公式 {shown}；请将该列“粘贴为数值”。",
    )


def _decode(content: bytes, name: str) -> tuple[str, str]:
    """Text in UTF-8 (BOM or not) or else in GB18030, and which it was."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "GB18030"
        except UnicodeDecodeError:
            continue
    raise unknown_encoding(name)


def delimiter_of(text: str) -> str:
    """The separator under which the first rows hold the most known column names; a comma where it is a tie."""
    lines = text[:20_000].splitlines()[:TITLE_ROWS]

    def known(separator: str) -> int:
        return max(
            (len(understand([cell.strip('" ') for cell in li.split(separator)]).known) for li in lines), default=0
        )

    return max((",", ";", "\t"), key=known)


def _csv_records(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    """Rows that are not wholly empty, trimmed, with their numbers; a quotation mark left open is refused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    numbers: list[int] = []
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells = [cell.strip(BLANK) for cell in record]
            if any(cells):
                records.append(cells)
                numbers.append(number)
    except csv.Error as error:
        raise open_quotation(name, number + 1, error) from error
    return records, numbers


def header_position(records: list[list[str]]) -> int:
    """The first of the first rows with two known column names, else the very first."""
    for position, record in enumerate(records[:TITLE_ROWS]):
        if len(understand(record).known) >= 2:
            return position
    return 0


def even_rows(
    records: list[list[str]], numbers: list[int], width: int, faults: FaultList
) -> tuple[list[list[str]], list[int]]:
    """Rows as wide as the header; empty cells too many at the end are dropped, other rows are faults."""
    kept: list[list[str]] = []
    rows: list[int] = []
    for record, number in zip(records, numbers, strict=True):
        if len(record) != width and (len(record) < width or any(record[width:])):
            faults.add(
                Sentence(
                    f"expected {width} cells as in the header, found {len(record)}; "
                    "look for a missing separator, or one within a cell without quotation marks.",
                    f"应与表头一样有 {width} 格，实有 {len(record)} 格；请检查是否缺少分隔符，或单元格内的分隔符未加引号。",
                ),
                row=number,
            )
            continue
        kept.append(record[:width])
        rows.append(number)
    return kept, rows

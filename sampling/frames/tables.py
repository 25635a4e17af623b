"""
Read a list from a file as rows of text, whatever it is named.

read_table(source)   CSV (UTF-8 or GB18030; comma, semicolon or tab), XLSX or Parquet → RawTable
from_frame(df)       the same from a pandas DataFrame

Files are recognised by what they hold. What cannot be read as a list is refused with one sentence that says what the
file is and what to do; what is wrong in single rows is noted in ``RawTable.faults``.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sampling.frames.coded import Texts
from sampling.frames.columns import understand
from sampling.frames.kinds import open_quotation, refuse, refuse_other_kinds, too_large, unknown_encoding, unreadable
from sampling.frames.odd_cells import note_narrow_floats, note_odd_codes
from sampling.frames.raw_table import (
    BLANK,
    TITLE_ROWS,
    RawTable,
    assemble,
    cell_text,
    note_formulas,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


MAX_BYTES = 40 * 2**20
"""A frame of a whole county has about 15 MB."""


def read_table(source: Path | str | bytes, name: str = "", *, max_bytes: int | None = None) -> RawTable:
    """
    A list from a file.

    Parameters
    ----------
    source : path or bytes
    name : str
        How sentences call the file; its own name where empty.
    max_bytes : int, optional
        A larger file is refused; ``MAX_BYTES`` where not given.

    Raises
    ------
    FrameError
        With a single fault, if it can be read as no list at all.
    """
    from sampling.frames.parquet import PARQUET, read_parquet
    from sampling.frames.xlsx import read_xlsx

    most = MAX_BYTES if max_bytes is None else max_bytes
    content, name = _content(source, name, most)
    if content.startswith(PARQUET):
        return read_parquet(content, name, most)
    refuse_other_kinds(content, name)
    return read_xlsx(content, name) if content.startswith(b"PK\x03\x04") else _read_csv(content, name)


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
    table = RawTable(header, columns, range(2, len(df) + 2), name=name, kind="table")
    note_odd_codes(table, lambda position: _values(df.iloc[:, position]))
    note_narrow_floats(table, lambda position: str(df.dtypes.iloc[position]) in ("float32", "float16"))
    return table


def _values(column: pd.Series) -> list[object]:
    """The values of a column, none where its type says that all are texts or whole numbers."""
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype) or pd.api.types.is_integer_dtype(column.dtype):
        return []
    return [None if value is pd.NA or value is pd.NaT else value for value in column.tolist()]


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


_FEW = 4096
"""So many cells at the top tell whether a column repeats itself."""


def _content(source: Path | str | bytes, name: str, most: int) -> tuple[bytes, str]:
    """The bytes of a file and the name to call it by; a file that is too large is not read."""
    if isinstance(source, bytes):
        content, name = source, name or "The file"
        size = len(content)
    elif not isinstance(source, str | Path):
        raise refuse(
            f"Expected a file's path, its bytes or a DataFrame, got {type(source).__name__}; give the list so.",
            f"应为文件路径、文件内容（bytes）或 DataFrame，实为 {type(source).__name__}；请按此提供名单。",
        )
    else:
        path = Path(source)
        name = name or path.name
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                content = file.read() if size <= most else file.read(4)
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from error
    if size > most:
        raise too_large(name, size, most, workbook=content.startswith(b"PK"))
    return content, name


def _read_csv(content: bytes, name: str) -> RawTable:
    text, encoding = _decode(content, name)
    records, numbers = _csv_records(text, delimiter_of(text), name)
    table = assemble(records, numbers, name)
    table.encoding = encoding
    note_formulas(table)
    return table


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

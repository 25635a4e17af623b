"""
Read a list from Parquet, whole.

is_parquet(path)      whether a file is one of Parquet
read_parquet(content) all its columns as texts; its rows count as if they stood below a header
column_texts(column)  the cells of an Arrow column of any type as texts
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sampling.frames.kinds import refuse
from sampling.frames.odd_cells import note_narrow_floats, note_odd_codes
from sampling.frames.raw_table import RawTable, cell_text
from sampling.frames.xlsx import MAX_UNPACKED

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET = b"PAR1"


def is_parquet(path: str | Path) -> bool:
    """Whether a file is one of Parquet, by its first bytes."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(PARQUET)) == PARQUET
    except OSError:
        return False


def read_parquet(content: bytes, name: str, max_bytes: int) -> RawTable:
    """
    All rows and columns of a Parquet file.

    Raises
    ------
    FrameError
        If it cannot be read, has no rows, or would unpack to far more than ``max_bytes``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            _check_size(file.metadata, name, max_bytes)
            table = file.read()
            columns = [column_texts(column.combine_chunks()) for column in table.columns]
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(
            f"{name} cannot be read as Parquet ({reason}); write it anew, or give the list as CSV.",
            f"{name} 无法作为 Parquet 读取（{reason}）；请重新生成，或提供 CSV 文件。",
        ) from error
    if not table.num_rows:
        raise refuse(
            f"{name} has a header but no rows below it; expected one row per unit.",
            f"{name} 只有表头，其下没有数据；应每个单元一行。",
        )
    header = [column.strip() for column in table.column_names]
    read = RawTable(header, columns, range(2, table.num_rows + 2), name=name, kind="parquet")
    note_odd_columns(read, table.columns)
    return read


def note_odd_columns(read: RawTable, columns: Sequence[pa.Array | pa.ChunkedArray]) -> None:
    """A fault for each code that is no text or whole number."""
    import pyarrow as pa

    kinds = [column.type for column in columns]
    note_narrow_floats(read, lambda position: kinds[position] in (pa.float32(), pa.float16()))
    note_odd_codes(read, lambda position: () if _is_plain(kinds[position]) else columns[position].to_pylist())


def _is_plain(kind: pa.DataType) -> bool:
    """Whether all values of a type are texts or whole numbers."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind))


def column_texts(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """The cells of a column of any type as texts, as those of a DataFrame are."""
    import pandas as pd
    import pyarrow as pa

    from sampling.frames.tables import arrow_texts

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return arrow_texts(column.cast(pa.large_string()))
    codes, found = pd.factorize(np.array([cell_text(value) for value in column.to_pylist()], dtype=object))
    return pa.DictionaryArray.from_arrays(codes.astype("int32"), pa.array(found.tolist(), pa.large_string()))


def _check_size(metadata: pa.parquet.FileMetaData, name: str, max_bytes: int) -> None:
    """A small file may say very much: no more cells than bytes are allowed, as in CSV."""
    cells = metadata.num_rows * metadata.num_columns
    unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if cells > max_bytes or unpacked > max(MAX_UNPACKED, max_bytes):
        raise refuse(
            f"{name} holds {metadata.num_rows} rows and {metadata.num_columns} columns, too many to be read whole; draw "
            "from it township by township (`pingyi draw`, or sampling.draw_stream), or allow more with max_bytes.",
            f"{name} 有 {metadata.num_rows} 行 {metadata.num_columns} 列，无法整体读取；请按乡镇逐个读取抽样"
            "（pingyi draw 或 sampling.draw_stream），或用 max_bytes 提高上限。",
        )

"""
A large list piece by piece, so that never more than one piece is in memory.

read_pieces(source)   Parquet, CSV of any length, or DataFrames → RawTable after RawTable, rows numbered throughout

Each piece holds some rows as they stand in the list; ``townships.whole_townships`` makes pieces of whole townships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sampling.errors import FrameError
from sampling.frames.columns import understand
from sampling.frames.kinds import refuse
from sampling.frames.parquet import column_texts, is_parquet, note_odd_columns
from sampling.frames.raw_table import RawTable
from sampling.frames.tables import from_frame, read_table
from sampling.streams.csvpieces import csv_pieces

Progress = Callable[[int, int], None]

ROWS = 131_072
"""So many rows of Parquet are read at once."""


def read_pieces(
    source: str | Path | Iterable[pd.DataFrame], *, name: str = "", progress: Progress | None = None
) -> Iterator[RawTable]:
    """
    A list piece by piece.

    Parameters
    ----------
    source : path or iterable of DataFrame
        A Parquet file; a CSV file in UTF-8 (BOM or not) or GB18030; an XLSX file, which is read whole; or DataFrames,
        all with the same columns.
    name : str
        How sentences call it.
    progress : callable, optional
        Called as ``progress(done, total)``: bytes of CSV, rows of Parquet; not for DataFrames, whose number is unknown.

    Raises
    ------
    FrameError
        If it can be read as no list at all, or not on from some row.
    """
    if not isinstance(source, str | Path):
        return _of_tables(source, name or "table")
    path = Path(source)
    name = name or path.name
    if is_parquet(path):
        return _of_parquet(path, name, progress)
    if _begins(path, b"PK\x03\x04"):
        return iter([read_table(path, name)])
    return csv_pieces(path, name, progress)


def _begins(path: Path, content: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(content)) == content
    except OSError:
        return False  # said by the reader, in a sentence


def _of_tables(tables: Iterable[pd.DataFrame], name: str) -> Iterator[RawTable]:
    """DataFrames one after another; their rows count as if they were one table below a header."""
    row, header = 2, None
    if not hasattr(tables, "__iter__"):
        raise _no_table(name, tables)
    for table in tables:
        if not isinstance(table, pd.DataFrame):
            raise _no_table(name, table)
        if table.empty:
            continue
        piece = from_frame(table, name)
        if header is not None and piece.header != header:
            raise refuse(
                f"{name}: the table from row {row} on has the columns {', '.join(piece.header)}, expected "
                f"{', '.join(header)} as in the first; give all tables the same columns in the same order.",
                f"{name}：自第 {row} 行起的表有列 {'、'.join(piece.header)}，应与第一张表相同，即 {'、'.join(header)}；"
                "请使各表的列及其次序一致。",
            )
        header = piece.header
        piece.rows = range(row, row + len(table))
        row += len(table)
        yield piece
    if header is None:
        raise refuse(f"{name} has no rows; expected one row per unit.", f"{name} 没有数据；应每个单元一行。")


def _no_table(name: str, given: object) -> FrameError:
    kind = type(given).__name__
    return refuse(
        f"{name}: expected a file's path or an iterable of DataFrames, found {kind}; give the list so.",
        f"{name}：应为文件路径或一组 DataFrame，实为 {kind}；请按此提供名单。",
    )


def _of_parquet(path: Path, name: str, progress: Progress | None) -> Iterator[RawTable]:
    """The known columns of a Parquet file; its rows count as if they stood below a header."""
    try:
        with pq.ParquetFile(path) as file:
            header = [column.strip() for column in file.schema_arrow.names]
            known = understand(header)
            wanted = sorted({*known.known.values(), *(position for position, _ in known.twice)})
            names, total, done = [file.schema_arrow.names[k] for k in wanted], file.metadata.num_rows, 0
            for batch in file.iter_batches(ROWS, columns=names) if names and total else ():
                columns = [column_texts(batch.column(column)) for column in names]
                rows = range(done + 2, done + 2 + batch.num_rows)
                done += batch.num_rows
                piece = RawTable([header[k] for k in wanted], columns, rows, name=name, kind="parquet")
                note_odd_columns(piece, [batch.column(column) for column in names])
                yield piece
                if progress is not None:
                    progress(done, total)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(
            f"{name} cannot be read as Parquet ({reason}); write it anew, or give the list as CSV.",
            f"{name} 无法作为 Parquet 读取（{reason}）；请重新生成，或提供 CSV 文件。",
        ) from error
    if not done:
        raise _nothing_known(name, header) if not names else _no_rows(name)


def _nothing_known(name: str, header: list[str]) -> FrameError:
    shown = ", ".join(header[:20])
    return refuse(
        f"{name} has no column that a frame has (found: {shown}); name its columns township_code, township, group, "
        "unit_code and so on.",
        f"{name} 没有抽样框的任何列（现有：{shown}）；请将列命名为 township_code、township、group、unit_code 等。",
    )


def _no_rows(name: str) -> FrameError:
    return refuse(
        f"{name} has a header but no rows below it; expected one row per unit.",
        f"{name} 只有表头，其下没有数据；应每个单元一行。",
    )


def values_of(columns: Iterable[Any]) -> list[pa.DictionaryArray]:
    """Columns of texts, each numbered by Arrow."""
    return [
        column if isinstance(column, pa.DictionaryArray) else pa.array(column, pa.large_string()).dictionary_encode()
        for column in columns
    ]

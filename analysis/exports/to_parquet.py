"""
The three tables of scores, and the answers where they are there, as Parquet.

The columns are those of the CSV files, in the same order and with the same names; figures are doubles, counts whole numbers,
empty cells null. Each field's metadata holds its label in both languages.
"""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from analysis.exports.source import ExportSource
from analysis.labels import Label
from analysis.results import TABLES

_KINDS = {"text": pa.string(), "whole": pa.int64(), "score": pa.float64(), "share": pa.float64()}


def parquet_files(source: ExportSource) -> dict[str, bytes]:
    """``items.parquet``, ``groups.parquet``, ``townships.parquet`` and ``responses_<group>.parquet``, by name."""
    files = {}
    for table in TABLES.values():
        fields = [_field(column.name, _KINDS[column.format], column.header) for column in table.columns]
        files[f"{table.name}.parquet"] = _bytes(source.scores.table(table.name), pa.schema(fields))
    if source.responses is not None:
        for group, rows in source.responses.groups.items():
            files[f"responses_{group}.parquet"] = _bytes(rows, _answer_schema(source, group, rows))
    return files


def _field(name: str, kind: pa.DataType, label: Label) -> pa.Field:
    return pa.field(name, kind, metadata={"label_zh": label.zh, "label_en": label.en})


def _answer_schema(source: ExportSource, group: str, rows: pd.DataFrame) -> pa.Schema:
    texts = source.item_lists[group].texts
    kinds = {"wave": pa.int64(), "weight": pa.float64()}
    answers = pa.dictionary(pa.int8(), pa.string())
    items = source.item_lists[group].items
    return pa.schema(
        [
            _field(name, kinds.get(name, answers if name in items else pa.string()), texts.get(name, Label(name, name)))
            for name in rows.columns
        ]
    )


def _bytes(table: pd.DataFrame, schema: pa.Schema) -> bytes:
    out = io.BytesIO()
    arrays = pa.Table.from_pandas(table[schema.names], schema=schema, preserve_index=False)
    pyarrow.parquet.write_table(arrays.replace_schema_metadata(None), out, compression="zstd")
    return out.getvalue()

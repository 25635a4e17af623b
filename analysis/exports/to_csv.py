"""
The three tables of scores, and precision.csv where there are answers, as CSV.

UTF-8 with BOM, LF, shortest numbers, no cell that a spreadsheet takes for a formula.
"""

from __future__ import annotations

import pandas as pd

from analysis.exports.precision_lines import PRECISION, precision_lines
from analysis.exports.source import ExportSource
from analysis.figures import cell, csv_bytes, neutralised
from analysis.results import TABLES, Table


def csv_files(source: ExportSource) -> dict[str, bytes]:
    """``items.csv``, ``groups.csv``, ``townships.csv`` and, with the answers, ``precision.csv``, by name."""
    files = {f"{table.name}.csv": _csv(table, source.scores.table(table.name)) for table in TABLES.values()}
    precision = precision_lines(source)
    return files if precision is None else files | {"precision.csv": _csv(PRECISION, precision)}


def _csv(table: Table, figures: pd.DataFrame) -> bytes:
    columns = []
    for column in table.columns:
        texts = [cell(value) for value in figures[column.name].tolist()]
        columns.append([neutralised(text) for text in texts] if column.format == "text" else texts)
    return csv_bytes(table.names, zip(*columns, strict=True))

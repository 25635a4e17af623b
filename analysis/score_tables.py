"""The tables of scores, made of their lines: table_of."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from analysis.results import TABLES
from analysis.standard_errors.estimates import FIGURES


def table_of(name: str, lines: Iterable[dict[str, object]], errors: pd.DataFrame | None) -> pd.DataFrame:
    """
    Lines as a table with the contract's columns; fractions become the nearest doubles, the rest stays empty.

    ``errors`` holds the lines' standard errors and intervals in the same order.
    """
    rows = list(lines)
    columns = {}
    for column in TABLES[name].columns:
        values = [row.get(column.name) for row in rows]
        if errors is not None and column.name in FIGURES:
            columns[column.name] = errors[column.name]
        elif column.format == "text":
            columns[column.name] = pd.Series(values, dtype="str")
        elif column.format == "whole":
            columns[column.name] = pd.Series(values, dtype="Int64")
        else:
            figures = [float(value) if isinstance(value, Fraction) else None for value in values]
            columns[column.name] = pd.Series(figures, dtype="float64")
    return pd.DataFrame(columns)

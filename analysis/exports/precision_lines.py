"""How sure every figure is, as one table: items, groups and townships below each other (the sheet 精度 and precision.csv)."""

from __future__ import annotations

import pandas as pd

from analysis.exports.source import ExportSource
from analysis.labels import Label
from analysis.results import TABLES, Column, Table
from analysis.standard_errors.precision import precision

_LEVELS = {"townships": "township", "groups": "group", "items": "item"}
_KEYS = {column.name: column for table in TABLES.values() for column in table.columns}

PRECISION = Table(
    "precision",
    Label("精度", "Precision"),
    (
        Column("level", Label("层次", "Level"), "text", 12),
        *(_KEYS[name] for name in ("wave", "township_code", "group", "item")),
        Column("est", Label("得分", "Score"), "score", 12),
        _KEYS["se"],
        Column("df", Label("自由度", "Degrees of freedom"), "score", 10),
        _KEYS["ci_low"],
        _KEYS["ci_high"],
        Column("deff", Label("设计效应", "Design effect"), "score", 10),
        Column("weighted", Label("加权得分", "Weighted score"), "score", 12),
    ),
)
"""The columns; ``level`` is township, group or item, and keys below it are empty."""


def precision_lines(source: ExportSource) -> pd.DataFrame | None:
    """The table by the default method, None without the answers."""
    if source.responses is None:
        return None
    found = precision(source.responses, source.scores.scheme)
    parts = []
    for name, level in _LEVELS.items():
        part: pd.DataFrame = getattr(found, name).assign(level=level)
        parts.append(part.reindex(columns=list(PRECISION.names)))
    table = pd.concat([part.astype(dict.fromkeys(("group", "item"), object)) for part in parts], ignore_index=True)
    return table.assign(group=table["group"].fillna(""), item=table["item"].fillna(""))

"""
The answers for Stata, one file a group: Chinese labels; .a stands for not familiar, .b for skipped.

Both are missing to every command, and told apart by those that ask.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pyreadstat

from analysis.exports.coded_rows import SKIPPED, UNKNOWN, CodedGroup, Variable, coded_groups
from analysis.exports.source import ExportSource

EXTENDED = {UNKNOWN: "a", SKIPPED: "b"}
_LABEL_CHARACTERS = 80  # of a variable's label in the file format
_TIMESTAMP = re.compile(rb"<timestamp>.*?</timestamp>", re.DOTALL)
_NO_TIMESTAMP = b"<timestamp>\x0001 Jan 2000 00:00</timestamp>".replace(b"\x00", b"\x11")


def dta_files(source: ExportSource) -> dict[str, bytes]:
    """
    ``responses_<group>.dta`` by name.

    Raises
    ------
    ExportError
        If the scores came without the answers.
    """
    return {f"responses_{each.group}.dta": _dta(each, source) for each in coded_groups(source, "dta")}


def _dta(coded: CodedGroup, source: ExportSource) -> bytes:
    items = [variable.name for variable in coded.variables if variable.is_item]
    with tempfile.TemporaryDirectory(prefix="pingyi-") as folder:
        path = Path(folder) / "responses.dta"
        pyreadstat.write_dta(
            _with_letters(coded.rows, items),
            str(path),
            file_label=source.word(coded.label)[:_LABEL_CHARACTERS],
            column_labels={v.name: _cut(source.word(v.label)) for v in coded.variables},
            # The library takes the letters of extended missing values as keys too, which its types do not say.
            variable_value_labels=cast("Any", {v.name: _value_labels(v, source) for v in coded.variables if v.values}),
            missing_user_values={item: list(EXTENDED.values()) for item in items},
            version=15,
        )
        return _TIMESTAMP.sub(lambda _: _NO_TIMESTAMP, path.read_bytes(), count=1)


def _with_letters(rows: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    letters = {float(code): letter for code, letter in EXTENDED.items()}
    answers = {item: rows[item].astype("object").map(lambda code: letters.get(code, code)) for item in items}
    return rows.assign(**answers)


def _value_labels(variable: Variable, source: ExportSource) -> dict[int | float | str, str]:
    letters: dict[int, int | float | str] = {code: EXTENDED[code] for code in variable.missing}
    return {letters.get(code, code): source.word(label) for code, label in variable.values.items()}


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL_CHARACTERS else text[: _LABEL_CHARACTERS - 1] + "…"

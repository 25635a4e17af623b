"""
A small evaluator of the workbook's formulas: IF, SUMIFS, AVERAGEIFS, SUMPRODUCT, arithmetic and comparisons.

It knows no more than these formulas need and fails on anything else. The cells that hold formulas are computed from the
others alone; the figures stored beside them are never read.
"""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import openpyxl

_RANGE = re.compile(r"(?:'([^']+)'!)?\$([A-Z]+)\$(\d+):\$\2\$(\d+)")
_CELL = re.compile(r"\$([A-Z]+)(\d+)(?!\d|:)")


class Workbook:
    """A workbook whose formulas are worked out on demand."""

    def __init__(self, data: bytes) -> None:
        book = openpyxl.load_workbook(io.BytesIO(data))
        self._cells: dict[tuple[str, str], Any] = {
            (sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row
        }
        self._known: dict[tuple[str, str], Any] = {}
        self._columns: dict[tuple[str, str, int, int], list[Any]] = {}

    def formulas(self) -> list[tuple[str, str]]:
        """The places that hold formulas."""
        return [place for place, value in self._cells.items() if isinstance(value, str) and value.startswith("=")]

    def value(self, sheet: str, place: str) -> Any:
        """What a cell holds or its formula gives."""
        found = self._cells.get((sheet, place))
        if not isinstance(found, str) or not found.startswith("="):
            return found
        if (sheet, place) not in self._known:
            self._known[sheet, place] = self._worked_out(found[1:], sheet)
        return self._known[sheet, place]

    def set(self, sheet: str, place: str, value: Any) -> None:
        """Put a plain value into a cell; what depends on it is worked out anew."""
        self._cells[sheet, place] = value
        self._known.clear()
        self._columns.clear()

    def _column(self, sheet: str, column: str, first: int, last: int) -> list[Any]:
        key = (sheet, column, first, last)
        if key not in self._columns:
            self._columns[key] = [self.value(sheet, f"{column}{row}") for row in range(first, last + 1)]
        return self._columns[key]

    def _worked_out(self, formula: str, sheet: str) -> float:
        """Ranges are read where they are used, so that the branch of an IF that is not taken costs nothing."""
        is_array = formula.startswith("SUMPRODUCT")

        def values(name: str, column: str, first: int, last: int) -> Any:
            found = self._column(name, column, first, last)
            return np.array([0 if value is None else value for value in found], dtype=float) if is_array else found

        names: dict[str, Any] = {
            "IF": lambda test, yes, no: yes() if test() else no(),
            "SUMIFS": _sumifs, "AVERAGEIFS": _averageifs, "SUMPRODUCT": lambda given: float(np.sum(given)),
            "values": values, "value": lambda place: self.value(sheet, place),
        }  # fmt: skip
        text = _RANGE.sub(lambda m: f"values({(m[1] or sheet)!r},{m[2]!r},{m[3]},{m[4]})", formula)
        text = _CELL.sub(lambda m: f"value('{m[1]}{m[2]}')", text)
        text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
        if text.startswith("IF("):
            text = "IF(" + ",".join(f"lambda: {part}" for part in _parts(text[3:-1])) + ")"
        return float(eval(text, {"__builtins__": {}, **names}))


def _parts(text: str) -> list[str]:
    """Arguments parted at the commas that no bracket holds."""
    parts, depth = [""], 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _matching(keys: tuple[Any, ...]) -> list[int]:
    columns, wanted = keys[::2], keys[1::2]
    return [k for k in range(len(columns[0])) if all(c[k] == w for c, w in zip(columns, wanted, strict=True))]


def _sumifs(values: list[Any], *keys: Any) -> float:
    return float(sum(values[k] for k in _matching(keys) if values[k] is not None))


def _averageifs(values: list[Any], *keys: Any) -> float:
    found = [values[k] for k in _matching(keys) if values[k] is not None]
    return float(sum(found) / len(found))

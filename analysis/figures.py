"""
How figures and texts stand in a CSV file.

shortest        the shortest decimal that reads back to the same double
cell            any value as the text of a cell
neutralised     a text that a spreadsheet will not take for a formula
restored        the text that ``neutralised`` was given
csv_bytes       a whole file: BOM, LF, minimal quoting
"""

from __future__ import annotations

import csv
import io
import math
import numbers
import re
from collections.abc import Iterable, Sequence
from typing import Any

import rfc8785

BOM = b"\xef\xbb\xbf"

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # the full-width signs start a formula in East Asian versions
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def shortest(value: float) -> str:
    """
    The shortest decimal that reads back to the same double; whole numbers without a point.

    The form is that of ECMAScript, which RFC 8785 prescribes for canonical JSON.

    Raises
    ------
    ValueError
        If the value is infinite or not a number.

    Examples
    --------
    >>> shortest(4.0), shortest(0.1), shortest(1 / 3)
    ('4', '0.1', '0.3333333333333333')
    """
    return rfc8785.dumps(float(value)).decode("ascii")


def cell(value: Any) -> str:
    """A value as the text of a cell: numbers in their shortest form, nothing for what is missing."""
    if isinstance(value, str):
        return value
    if is_missing(value):
        return ""
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return shortest(float(value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or pandas' NA."""
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float) and math.isnan(value))
    )


def neutralised(text: str) -> str:
    """A text that may begin like a formula, with an apostrophe before it if it does."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """Undo ``neutralised``: exactly one apostrophe goes, and only where that function sets one."""
    return text[1:] if _NEUTRALISED.match(text) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file for people to open: UTF-8 with BOM, LF, quotes only where needed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return BOM + out.getvalue().encode("utf-8")

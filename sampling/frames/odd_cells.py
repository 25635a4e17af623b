"""
Cells in columns of codes that a spreadsheet, or a table, has made something else of.

note_odd_codes(table, values)   a fault for each date, decimal, truth value, bytes or list in a column of codes
note_narrow_floats(table, …)    a whole column of codes in 32 bits, which hold seven digits
error_sentence, too_long        what to say of an error of a spreadsheet, such as #REF!, and of an endless code
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from sampling.errors import Sentence
from sampling.frames.columns import understand
from sampling.frames.raw_table import RawTable, cell_text

CODE_COLUMNS = ("township_code", "unit_code", "psu_code", "ssu_code")
ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
MAX_CODE = 200
"""A longer code is no code."""
_EXACT = 10**15
"""Spreadsheets keep 15 digits of a number."""

Values = Callable[[int], Iterable[Any]]
"""The values of the rows of a table in the column of a position."""


def note_odd_codes(table: RawTable, values: Values) -> None:
    """A fault for each value in a column of codes that is no code."""
    for position in _code_positions(table):
        found = [(k, sentence) for k, value in enumerate(values(position)) if (sentence := odd_code(value))]
        rows, header = [int(table.rows[k]) for k, _ in found], table.header[position]
        table.faults.add_rows(rows, header, lambda k, found=found: found[k][1])  # type: ignore[misc]


def note_narrow_floats(table: RawTable, is_narrow: Callable[[int], bool]) -> None:
    """A fault for a column of codes that stands in 32 bits."""
    for position in _code_positions(table):
        if is_narrow(position):
            sentence = Sentence(
                "expected codes as text, found numbers of 32 bits, which keep seven digits only; read the list anew with "
                "this column as text (dtype=str).",
                "代码应为文本，实为 32 位浮点数，只能保留七位数字；请以文本格式（dtype=str）重新读入该列。",
            )
            table.faults.add(sentence, column=table.header[position])


def error_sentence(text: str) -> Sentence:
    """What to say of an error of a spreadsheet."""
    return Sentence(
        f"expected a value, found the spreadsheet error {text}; correct its cause and paste the column as values.",
        f"应为数值或文字，实为电子表格错误值 {text}；请排除原因并将该列“粘贴为数值”。",
    )


def too_long(code: str) -> Sentence:
    """What to say of a code as long as a sentence."""
    return Sentence(
        f"expected a code of at most {MAX_CODE} characters, found {len(code)}, beginning {code[:30]!r}; shorten it.",
        f"代码应不超过 {MAX_CODE} 个字符，实有 {len(code)} 个，开头为“{code[:30]}”；请缩短。",
    )


def odd_code(value: object) -> Sentence | None:
    """
    Why a value is no code, or None.

    Examples
    --------
    >>> odd_code("17.5"), odd_code(17.0), odd_code(float("nan")), odd_code(None)
    (None, None, None, None)
    >>> odd_code(17.5).en.split(";")[0]
    'expected a code, found the decimal number 17.5'
    """
    if isinstance(value, str) or value is None or value != value:
        return None
    kind = _kind(value)
    if kind is None:
        return None
    found = _shown(value)
    return Sentence(
        f"expected a code, found {kind.en} {found}; format the column as text and type the code anew.",
        f"应为代码，实为{kind.zh} {found}；请将该列设为文本格式后重新填写。",
    )


def _kind(value: object) -> Sentence | None:
    """What a value is that is no code."""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Sentence("the truth value", "逻辑值")
    if isinstance(value, dt.date):
        return Sentence("the date", "日期")
    if isinstance(value, dt.time | dt.timedelta):
        return Sentence("the time", "时间")
    if isinstance(value, bytes | bytearray):
        return Sentence("bytes", "字节串")
    if isinstance(value, list | tuple | set | dict):
        return Sentence("a list of values", "一组值")
    if isinstance(value, float | Decimal):
        if not _is_whole(value):
            return Sentence("the decimal number", "小数")
        if abs(float(value)) >= _EXACT:
            return Sentence(
                "a number of more than 15 digits, of which the last are lost,", "超过 15 位、末位已丢失的数字"
            )
    return None


def _is_whole(value: float | Decimal) -> bool:
    return value == value // 1 if isinstance(value, Decimal) and value.is_finite() else float(value).is_integer()


def _shown(value: object) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    text = cell_text(value)
    return "".join(c if c.isprintable() else "�" for c in text[:40])


def _code_positions(table: RawTable) -> Iterator[int]:
    known = understand(table.header).known
    return (known[column] for column in CODE_COLUMNS if column in known)

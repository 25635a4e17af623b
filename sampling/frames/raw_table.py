"""
A list as texts, and what its cells mean before anybody knows their columns.

RawTable        header, columns, rows, and what is wrong in single rows
assemble        the header among the first rows, the rest turned into columns
cell_text       a cell's value as trimmed text
note_formulas   the cells that a spreadsheet would work out
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from sampling.errors import FaultList, Sentence
from sampling.frames.coded import Texts
from sampling.frames.columns import understand
from sampling.frames.kinds import refuse

TITLE_ROWS = 10
"""The header is looked for in so many rows at the top, since lists often begin with a title."""


@dataclass
class RawTable:
    """
    A list as text.

    Attributes
    ----------
    header : list of str
        As written, trimmed.
    columns : sequence of Texts
        Cells by column, trimmed; all of one length.
    rows : sequence of int
        Spreadsheet row of each, the file's first being row 1.
    name, kind, encoding, sheet : str
        What was read; ``kind`` is ``csv``, ``xlsx``, ``parquet`` or ``table``.
    faults, warnings : FaultList
        What is wrong in single rows, and what should be known.
    """

    header: list[str]
    columns: Sequence[Texts]
    rows: Sequence[int]
    name: str = ""
    kind: str = "csv"
    encoding: str = ""
    sheet: str = ""
    faults: FaultList = field(default_factory=FaultList)
    warnings: FaultList = field(default_factory=FaultList)


def assemble(records: list[list[str]], numbers: list[int], name: str) -> RawTable:
    """
    Find the header among the first rows and turn the rest into columns.

    Parameters
    ----------
    records : list of list of str
        Rows that are not wholly empty, cells trimmed.
    numbers : list of int
        Their spreadsheet rows.

    Raises
    ------
    FrameError
        If there is no row, or nothing below the header.
    """
    if not records:
        raise refuse(
            f"{name} is empty; expected a header row and one row per unit.",
            f"{name} 是空文件；应有一行表头，其下每个单元一行。",
        )
    top = header_position(records)
    header = records[top]
    if top + 1 == len(records):
        raise refuse(
            f"{name} has a header but no rows below it; expected one row per unit.",
            f"{name} 只有表头，其下没有数据；应每个单元一行。",
        )
    faults = FaultList()
    kept, rows = even_rows(records[top + 1 :], numbers[top + 1 :], len(header), faults)
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in header]
    return RawTable(header, columns, rows, name=name, faults=faults)


def cell_text(value: object) -> str:
    """A cell's value as trimmed text: no value is empty, whole numbers have no point."""
    if isinstance(value, str):
        return value.strip(BLANK)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ("" if value != value else repr(float(value)))
    text = "" if value is None else str(value).strip(BLANK)
    return "" if text in ("<NA>", "NaT", "nan") else text


def is_formula(text: str) -> bool:
    """
    Whether a cell's text would be worked out by a spreadsheet: it begins with =, @, or a sign before no number.

    Examples
    --------
    >>> is_formula("=A1+1"), is_formula("+86 599 123"), is_formula("-"), is_formula("+SUM(A1)")
    (True, False, False, True)
    """
    return text[:1] in _SIGNS and bool(_FORMULA.match(text))


def column_letter(position: int) -> str:
    """The letter of a spreadsheet's column, counted from 0."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_position(letters: str) -> int:
    """
    The position of a spreadsheet's column, counted from 0.

    Examples
    --------
    >>> column_position("A"), column_position("AB")
    (0, 27)
    """
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - 64
    return position - 1


BLANK = " \t\r\n\v\f\u3000\u00a0\u2002\u2003\u2009\u200b\ufeff"


_SIGNS = frozenset("=@+-")


_FORMULA = re.compile(r"=.|@.|[+-](?![\d\s().,\-+—–/eE]*$)", re.DOTALL)


def note_formulas(table: RawTable, known: Collection[tuple[str, int]] = ()) -> None:
    """A fault for every text that a spreadsheet would work out; ``known`` cells (column letters, row) have theirs."""
    for position, (header, column) in enumerate(zip(table.header, table.columns, strict=True)):
        letters = column_letter(position) if known else ""
        cells = [
            (int(table.rows[k]), text)
            for k, text in zip(*_formulas(column), strict=True)
            if (letters, int(table.rows[k])) not in known
        ]
        table.faults.add_rows(
            [row for row, _text in cells],
            header,
            lambda k, cells=cells: formula_sentence(cells[k][1]),  # type: ignore[misc]
        )


def _formulas(column: Texts) -> tuple[list[int], list[str]]:
    """The rows whose cells are formulas, and these."""
    if isinstance(column, Sequence):
        hits = [k for k, cell in enumerate(column) if is_formula(cell)]
        return hits, [column[k] for k in hits]
    texts = column.dictionary.to_pylist()
    formulas = np.array([is_formula(text) for text in texts], dtype=bool)
    if not formulas.any():
        return [], []
    codes = column.indices.to_numpy()
    rows = np.flatnonzero(formulas[codes])
    return rows.tolist(), [texts[code] for code in codes[rows].tolist()]


def formula_sentence(found: str) -> Sentence:
    """What to say of a text that a spreadsheet would take for a formula."""
    shown = repr(found[:60])
    return Sentence(
        f"expected a value, found the formula {shown}; paste the column as values.",
        f"应为数值或文字，实为公式 {shown}；请将该列“粘贴为数值”。",
    )


def header_position(records: list[list[str]]) -> int:
    """The first of the first rows with two known column names, else the very first."""
    for position, record in enumerate(records[:TITLE_ROWS]):
        if len(understand(record).known) >= 2:
            return position
    return 0


def even_rows(
    records: list[list[str]], numbers: list[int], width: int, faults: FaultList
) -> tuple[list[list[str]], list[int]]:
    """Rows as wide as the header; empty cells too many at the end are dropped, other rows are faults."""
    kept: list[list[str]] = []
    rows: list[int] = []
    for record, number in zip(records, numbers, strict=True):
        if len(record) != width and (len(record) < width or any(record[width:])):
            faults.add(
                Sentence(
                    f"expected {width} cells as in the header, found {len(record)}; "
                    "look for a missing separator, or one within a cell without quotation marks.",
                    f"应与表头一样有 {width} 格，实有 {len(record)} 格；请检查是否缺少分隔符，或单元格内的分隔符未加引号。",
                ),
                row=number,
            )
            continue
        kept.append(record[:width])
        rows.append(number)
    return kept, rows

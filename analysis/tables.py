"""
Read a CSV file into a table of texts, naming every fault of its form.

The index of a table holds the row numbers of the file (the header is row 1), so that later checks can name them.
Everything is text here; ``checks`` turns columns into what they mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import FaultList
from analysis.figures import BOM, cell, restored

_NOT_TEXT_EN = "expected a CSV file, found something else (a workbook, a PDF or a picture?); save it as CSV."
_NOT_TEXT_ZH = "应为 CSV 文件，实为其他格式（工作簿、PDF 或图片？），请另存为 CSV。"


def read_table(path: Path, faults: FaultList) -> pd.DataFrame | None:
    """
    A CSV file as texts.

    Parameters
    ----------
    path : Path
        UTF-8 with or without a BOM, or GB18030.
    faults : FaultList
        Takes each fault of the form: an unreadable or empty file, a column given twice, a row too short or too long.

    Returns
    -------
    DataFrame or None
        Cells trimmed, rows of empty cells left out, the index the row numbers; None if there is nothing to check.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        faults.add(
            path.name,
            f"expected a readable file ({reason}); check the path.",
            f"应为可读的文件（{reason}），请检查路径。",
        )
        return None
    text = _decoded(path.name, data, faults)
    return None if text is None else _parsed(path.name, text, faults)


def table_of_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """A table given in memory, as it would be read from its file."""
    columns = [pd.Series(_texts_of(frame.iloc[:, i]), dtype=object) for i in range(frame.shape[1])]
    texts = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(len(frame)))
    texts.columns = pd.Index([str(name) for name in frame.columns], dtype=object)
    texts.index = pd.RangeIndex(2, len(frame) + 2)
    return texts


def _texts_of(column: pd.Series) -> Iterable[str]:
    """The texts of a column; equal ones are one object, and made once where the column repeats itself."""
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        numbers, found = pd.factorize(column)
        texts = np.array([*(cell(value).strip() for value in found.tolist()), ""], dtype=object)
        return texts[numbers]  # a missing value has the number -1: the last
    return [cell(value).strip() for value in column.tolist()]


def _decoded(file: str, data: bytes, faults: FaultList) -> str | None:
    if not data.removeprefix(BOM).strip():
        faults.add(
            file, "expected a table, found an empty file; export it again.", "应为表格，实为空文件，请重新导出。"
        )
        return None
    if b"\0" in data or data.startswith(b"%PDF"):
        faults.add(file, _NOT_TEXT_EN, _NOT_TEXT_ZH)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            _add_cut_off(file, data.count(b"\n") + 1, faults)
            return None
    try:
        if data.startswith(BOM):
            raise UnicodeDecodeError("utf-8", data, 0, 3, "marked as UTF-8")
        return data.decode("gb18030")
    except UnicodeDecodeError:
        faults.add(
            file,
            "expected UTF-8 or GB18030 text, found other bytes; save the file as CSV UTF-8.",
            "应为 UTF-8 或 GB18030 文本，实为其他编码，请另存为“CSV UTF-8”。",
        )
        return None


def _parsed(file: str, text: str, faults: FaultList) -> pd.DataFrame | None:
    rows: list[list[str]] = []
    try:
        known: dict[str, str] = {}
        one = known.setdefault  # equal cells are one object: a file repeats a few words a million times
        rows.extend(
            [one(value, value) for value in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)
        )
    except csv.Error as error:
        if "unexpected end" in str(error):
            _add_cut_off(file, len(rows) + 1, faults)
        else:
            faults.add(
                file,
                f"expected cells separated by commas, found a cell that cannot be read ({error}); correct its quotation marks.",
                f"应为逗号分隔的单元格，有一格无法读取（{error}），请改正其引号。",
                row=len(rows) + 1,
            )
        return None
    if not rows or not rows[0]:
        faults.add(
            file, "expected the column names in row 1, found an empty row.", "第 1 行应为列名，实为空行。", row=1
        )
        return None
    header = [name.strip() for name in rows[0]]
    if not _header_is_sound(file, header, faults):
        return None
    return _table(file, header, rows[1:], ends_whole=text.endswith(("\n", "\r")), faults=faults)


def _header_is_sound(file: str, header: list[str], faults: FaultList) -> bool:
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        faults.add(
            file,
            "expected cells separated by commas, found another separator; save the file as CSV with commas.",
            "应以逗号分隔，实为其他分隔符，请另存为逗号分隔的 CSV。",
            row=1,
        )
        return False
    before = len(faults)
    for name in dict.fromkeys(header):
        if not name:
            faults.add(
                file, "expected a name for each column, found an empty one.", "每列应有列名，实有空列名。", row=1
            )
        elif header.count(name) > 1:
            faults.add(
                file,
                f"expected each column once, found it {header.count(name)} times; keep one.",
                f"每列只应出现一次，实为 {header.count(name)} 次，请保留一列。",
                row=1,
                column=name,
            )
    return len(faults) == before


def _table(
    file: str, header: list[str], rows: list[list[str]], *, ends_whole: bool, faults: FaultList
) -> pd.DataFrame | None:
    kept, numbers = [], []
    before = len(faults)
    for number, row in enumerate(rows, start=2):
        if not any(value.strip() for value in row):
            continue
        is_unended = number == len(rows) + 1 and not ends_whole
        if is_unended and (len(row) < len(header) or (len(row) == len(header) > 1 and row[-1] == "")):
            _add_cut_off(file, number, faults)  # a file that ends in a comma may have lost its last cell
        elif len(row) == len(header):
            kept.append(row)
            numbers.append(number)
        else:
            faults.add(
                file,
                f"expected {len(header)} cells as in the header, found {len(row)}; complete the row or leave it out.",
                f"应有与表头相同的 {len(header)} 格，实有 {len(row)} 格，请补全或删去该行。",
                row=number,
            )
    if len(faults) > before:
        return None
    columns = zip(*kept, strict=True) if kept else ([] for _ in header)
    cells = {name: _cells(column) for name, column in zip(header, columns, strict=True)}
    return pd.DataFrame(cells, index=pd.Index(numbers, dtype="int64"), dtype=object)


def _cells(column: Iterable[str]) -> list[str]:
    """Cells as they were before they were written, each distinct one looked at once."""
    values = list(column)
    texts = {value: restored(value.strip()) for value in set(values)}
    return [texts[value] for value in values]


def _add_cut_off(file: str, row: int, faults: FaultList) -> None:
    faults.add(
        file,
        "expected a whole row, found the end of the file in its middle; the file was cut off, export it again.",
        "应为完整的一行，文件在行中结束：文件被截断，请重新导出。",
        row=row,
    )

"""
Read a list from a file as rows of text, whatever it is named.

read_table(source)   CSV (UTF-8 or GB18030; comma, semicolon or tab) or XLSX → RawTable
from_frame(df)       the same from a pandas DataFrame

Files are recognised by what they hold. What cannot be read as a list is refused with one sentence that says what the
file is and what to do; what is wrong in single rows is noted in ``RawTable.faults``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sampling.coded import Texts
from sampling.columns import understand
from sampling.errors import Fault, FaultList, FrameError, Sentence

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 40 * 2**20
"""A frame of a whole county has about 15 MB."""

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
    rows : list of int
        Spreadsheet row of each, the file's first being row 1.
    name, kind, encoding, sheet : str
        What was read; ``kind`` is ``csv``, ``xlsx`` or ``table``.
    faults, warnings : FaultList
        What is wrong in single rows, and what should be known.
    """

    header: list[str]
    columns: Sequence[Texts]
    rows: list[int]
    name: str = ""
    kind: str = "csv"
    encoding: str = ""
    sheet: str = ""
    faults: FaultList = field(default_factory=FaultList)
    warnings: FaultList = field(default_factory=FaultList)


def read_table(source: Path | str | bytes, name: str = "") -> RawTable:
    """
    A list from a file.

    Parameters
    ----------
    source : path or bytes
        At most ``MAX_BYTES``.
    name : str
        How sentences call the file; its own name where empty.

    Raises
    ------
    FrameError
        With a single fault, if it can be read as no list at all.
    """
    from sampling.xlsx import read_xlsx

    content, name = _content(source, name)
    _refuse_other_kinds(content, name)
    return read_xlsx(content, name) if content.startswith(b"PK\x03\x04") else _read_csv(content, name)


def refuse(en: str, zh: str) -> FrameError:
    """The refusal of a whole file."""
    return FrameError([Fault(en, zh)])


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
    top = _header_position(records)
    header = records[top]
    if top + 1 == len(records):
        raise refuse(
            f"{name} has a header but no rows below it; expected one row per unit.",
            f"{name} 只有表头，其下没有数据；应每个单元一行。",
        )
    faults = FaultList()
    kept, rows = _even_rows(records[top + 1 :], numbers[top + 1 :], len(header), faults)
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in header]
    return RawTable(header, columns, rows, name=name, faults=faults)


def from_frame(df: pd.DataFrame, name: str = "") -> RawTable:
    """
    A list from a DataFrame; its rows count as in a spreadsheet, the first one being row 2.

    Missing values are empty cells; whole numbers lose their point.
    """
    name = name or "table"
    if df.empty:
        raise refuse(f"{name} has no rows; expected one row per unit.", f"{name} 没有数据；应每个单元一行。")
    columns = [_texts(df.iloc[:, i]) for i in range(df.shape[1])]
    header = [cell_text(column) for column in df.columns]
    return RawTable(header, columns, list(range(2, len(df) + 2)), name=name, kind="table")


def _texts(column: pd.Series) -> Texts:
    """The cells of a column; of one of texts only the distinct texts are looked at."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.StringDtype):
        return [cell_text(value) for value in column.tolist()]
    cells = pa.array(column, pa.large_string(), from_pandas=True).fill_null("").dictionary_encode()
    trimmed = pa.array([cell_text(text) for text in cells.dictionary.to_pylist()], pa.large_string())
    return pa.DictionaryArray.from_arrays(cells.indices, trimmed)


def cell_text(value: object) -> str:
    """A cell's value as trimmed text: no value is empty, whole numbers have no point."""
    if isinstance(value, str):
        return value.strip(_BLANK)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ("" if value != value else repr(float(value)))
    text = "" if value is None else str(value).strip(_BLANK)
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


_BLANK = " \t\r\n\v\f\u3000\u00a0\u2002\u2003\u2009\u200b\ufeff"
_SIGNS = frozenset("=@+-")
_FORMULA = re.compile(r"=.|@.|[+-](?![\d\s().,\-+—–/eE]*$)", re.DOTALL)

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "PDF 文档"),
    (b"\x89PNG", "an image (PNG)", "图片（PNG）"),
    (b"\xff\xd8\xff", "an image (JPEG)", "图片（JPEG）"),
    (b"GIF8", "an image (GIF)", "图片（GIF）"),
    (b"II*\x00", "an image (TIFF)", "图片（TIFF）"),
    (b"MM\x00*", "an image (TIFF)", "图片（TIFF）"),
    (b"BM", "an image (BMP)", "图片（BMP）"),
    (b"RIFF", "an image or a sound", "图片或声音文件"),
    (b"Rar!", "a RAR archive", "RAR 压缩包"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩包"),
    (b"\x1f\x8b", "a gzip archive", "gzip 压缩包"),
    (b"{\\rtf", "an RTF document", "RTF 文档"),
)


def _content(source: Path | str | bytes, name: str) -> tuple[bytes, str]:
    """The bytes of a file and the name to call it by; a file that is too large is not read."""
    if isinstance(source, bytes):
        content, name = source, name or "The file"
        size = len(content)
    else:
        path = Path(source)
        name = name or path.name
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= MAX_BYTES else b""
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise refuse(
                f"{name} cannot be read ({reason}); check the path and that it is a file.",
                f"{name} 无法读取（{reason}），请检查路径以及它是否为文件。",
            ) from error
    if size > MAX_BYTES:
        raise refuse(
            f"{name} has {size / 2**20:.0f} MB, at most {MAX_BYTES // 2**20} MB can be read; "
            "leave out pictures and columns that are not needed, or save it as CSV.",
            f"{name} 有 {size / 2**20:.0f} MB，最多可读 {MAX_BYTES // 2**20} MB；请去掉图片和不需要的列，或另存为 CSV。",
        )
    return content, name


def _refuse_other_kinds(content: bytes, name: str) -> None:
    """Name what a file is, if it is no list, from its first bytes."""
    remedy = ("give the list as XLSX or as CSV in UTF-8.", "请提供 XLSX 或 UTF-8 编码的 CSV 文件。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refuse(
                f"{name} is protected by a password; save it without one.", f"{name} 设有密码保护，请取消密码后另存。"
            )
        raise refuse(
            f"{name} is an old Excel workbook (.xls) or another old Office file; open it and save it as .xlsx.",
            f"{name} 是旧版 Excel 工作簿（.xls）或其他旧版 Office 文件，请打开后另存为 .xlsx。",
        )
    for beginning, en, zh in _KINDS:
        if content.startswith(beginning) and (beginning != b"BM" or b"\x00" in content[:26]):
            raise refuse(f"{name} is {en}, not a list; {remedy[0]}", f"{name} 是{apart(zh)}，不是名单；{remedy[1]}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(
            f"{name} is text in UTF-16 (“Unicode text”), expected UTF-8 or GB18030; save it as “CSV UTF-8”.",
            f"{name} 是 UTF-16 文本（“Unicode 文本”），应为 UTF-8 或 GB18030；请另存为“CSV UTF-8”。",
        )
    if not content.startswith(b"PK\x03\x04"):
        if content.startswith(b"PK") or b"\x00" in content:
            raise refuse(
                f"{name} is a binary file, not a list; {remedy[0]}", f"{name} 是二进制文件，不是名单；{remedy[1]}"
            )
        if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta)", content[:200], re.IGNORECASE):
            raise refuse(
                f"{name} is a web page or XML, not a list; {remedy[0]}", f"{name} 是网页或 XML，不是名单；{remedy[1]}"
            )


def apart(words: str) -> str:
    """Chinese words as they stand behind a Chinese one: with a blank before a Latin letter or a digit."""
    return f" {words}" if words[:1].isascii() else words


def _read_csv(content: bytes, name: str) -> RawTable:
    text, encoding = _decode(content, name)
    records, numbers = _csv_records(text, _delimiter(text), name)
    table = assemble(records, numbers, name)
    table.encoding = encoding
    note_formula_texts(table)
    return table


def note_formula_texts(table: RawTable, known: Collection[tuple[str, int]] = ()) -> None:
    """Note every text that a spreadsheet would take for a formula; ``known`` cells (column letters, row) have been."""
    for position, (header, column) in enumerate(zip(table.header, table.columns, strict=True)):
        letters = column_letter(position) if known else ""
        hits = [
            k
            for k, cell in enumerate(column)
            if cell[:1] in _SIGNS and is_formula(cell) and (letters, table.rows[k]) not in known
        ]
        table.faults.add_rows(
            [table.rows[k] for k in hits],
            header,
            lambda k, hits=hits, column=column: formula_sentence(column[hits[k]]),  # type: ignore[misc]
        )


def formula_sentence(found: str) -> Sentence:
    """What to say of a text that a spreadsheet would take for a formula."""
    shown = repr(found[:60])
    return Sentence(
        f"expected a value, found the formula {shown}; paste the column as values.",
        f"应为数值或文字，实为公式 {shown}；请将该列“粘贴为数值”。",
    )


def _decode(content: bytes, name: str) -> tuple[str, str]:
    """Text in UTF-8 (BOM or not) or else in GB18030, and which it was."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "GB18030"
        except UnicodeDecodeError:
            continue
    raise refuse(
        f"{name} is text in neither UTF-8 nor GB18030, or no text at all; save the list as “CSV UTF-8” or XLSX.",
        f"{name} 既不是 UTF-8 也不是 GB18030 文本，或不是文本；请将名单另存为“CSV UTF-8”或 XLSX。",
    )


def _delimiter(text: str) -> str:
    """The separator under which the first rows hold the most known column names; a comma where it is a tie."""
    lines = text[:20_000].splitlines()[:TITLE_ROWS]

    def known(separator: str) -> int:
        return max(
            (len(understand([cell.strip('" ') for cell in li.split(separator)]).known) for li in lines), default=0
        )

    return max((",", ";", "\t"), key=known)


def _csv_records(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    """Rows that are not wholly empty, trimmed, with their numbers; a quotation mark left open is refused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    numbers: list[int] = []
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells = [cell.strip(_BLANK) for cell in record]
            if any(cells):
                records.append(cells)
                numbers.append(number)
    except csv.Error as error:
        fault = Fault(
            f"Row {number + 1}: {name} cannot be read on from here ({error}); a quotation mark is probably not closed, "
            "correct it or save the list as XLSX.",
            f"第 {number + 1} 行：{name} 从此处无法继续读取（{error}），很可能是引号没有成对；请改正，或另存为 XLSX。",
            row=number + 1,
        )
        raise FrameError([fault]) from error
    return records, numbers


def _header_position(records: list[list[str]]) -> int:
    """The first of the first rows with two known column names, else the very first."""
    for position, record in enumerate(records[:TITLE_ROWS]):
        if len(understand(record).known) >= 2:
            return position
    return 0


def _even_rows(
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

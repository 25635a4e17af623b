"""
Read the first sheet of an XLSX workbook as text.

The workbook is looked at before it is opened: a bomb, a formula, or a cell far out at the right is refused first.
"""

from __future__ import annotations

import html
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from sampling.errors import FrameError, Sentence
from sampling.frames.kinds import apart, refuse
from sampling.frames.odd_cells import note_odd_codes
from sampling.frames.raw_table import RawTable, assemble, cell_text, column_letter, column_position, note_formulas

MAX_UNPACKED = 512 * 2**20
"""So many bytes at most may a workbook say that it unpacks to."""
MAX_CELLS = 20_000_000
LAST_COLUMN = "CZ"

_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, LookupError),
)
"""What a damaged archive may raise on its way."""

_CHUNK = 2**20
_OVERLAP = 4096
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+)(\d+)"')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>(?:(?!</(?:\w+:)?c>).){0,2000}?<(?:\w+:)?v>([^<]{1,40})<', re.DOTALL
)
_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FAR_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="((?:[A-Z]{3,}|[D-Z][A-Z])\d+)"[^>]*[^/>]>')
_FAR = re.compile(rb' r="(?:[A-Z]{3,}|[D-Z][A-Z])[0-9]')  # quick, and wider: it also meets cells that are empty
_END = re.compile(rb"</(?:\w+:)?sheetData>")


class _Sheet(NamedTuple):
    """The first visible sheet: its position, name, the others' names and its member of the archive."""

    position: int
    name: str
    others: list[str]
    member: str


def read_xlsx(content: bytes, name: str) -> RawTable:
    """
    The first visible sheet of a workbook.

    Raises
    ------
    FrameError
        If the archive is damaged, no XLSX, too large, or its cells cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, name)
            sheet = _first_sheet(archive)
            formulas, errors = _scan(archive, sheet.member, name)
    except FrameError:
        raise
    except _UNREADABLE as error:
        raise _damaged(name) from error
    values, merged = _cells(content, sheet, name)
    records = _texts(values, errors)
    numbered = [(i, cells) for i, cells in enumerate(records, start=1) if any(cells)]
    table = assemble([cells for _, cells in numbered], [i for i, _ in numbered], name)
    table.kind, table.sheet = "xlsx", sheet.name
    _note_formulas(table, formulas)
    note_formulas(table, set(formulas))
    note_odd_codes(table, lambda position: (values[row - 1][position] for row in table.rows))
    _note_merged(table, merged)
    if sheet.others:
        table.warnings.add(
            Sentence(
                f"only the sheet “{sheet.name}” was read; not read: {', '.join(sheet.others)}.",
                f"只读取了工作表“{sheet.name}”；未读取：{'、'.join(sheet.others)}。",
            )
        )
    return table


def _damaged(name: str) -> FrameError:
    return refuse(
        f"{name} is a damaged workbook and cannot be read; open it in Excel or WPS and save it anew as .xlsx.",
        f"{name} 是已损坏的工作簿，无法读取；请用 Excel 或 WPS 打开后重新另存为 .xlsx。",
    )


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse archives that are no XLSX, or that would unpack to too much."""
    members = set(archive.namelist())
    if "xl/workbook.xml" not in members:
        kinds = {
            "xl/workbook.bin": ("a binary workbook (.xlsb)", "二进制工作簿（.xlsb）"),
            "content.xml": ("an OpenDocument file", "OpenDocument 文件"),
            "word/document.xml": ("a Word document", "Word 文档"),
            "ppt/presentation.xml": ("a presentation", "演示文稿"),
        }
        en, zh = next((kinds[member] for member in kinds if member in members), ("a zip archive", "zip 压缩包"))
        raise refuse(
            f"{name} is {en}, not an XLSX list; open it and save the list as .xlsx.",
            f"{name} 是{apart(zh)}，不是 XLSX 名单；请打开后将名单另存为 .xlsx。",
        )
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > MAX_UNPACKED:
        raise refuse(
            f"{name} unpacks to {unpacked / 2**20:.0f} MB, at most {MAX_UNPACKED // 2**20} MB can be read; "
            "save only the sheet that is needed.",
            f"{name} 解压后有 {unpacked / 2**20:.0f} MB，最多可读 {MAX_UNPACKED // 2**20} MB；请只保存需要的工作表。",
        )


def _first_sheet(archive: zipfile.ZipFile) -> _Sheet:
    """Which sheet is read, from the workbook's own table of sheets."""
    workbook = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {_attribute(tag, "Id"): tag for tag in _RELATION.findall(relations)}
    sheets = _SHEET.findall(workbook)
    names = [html.unescape(_attribute(tag, "name")) for tag in sheets]
    visible = [
        i
        for i, tag in enumerate(sheets)
        if _attribute(tag, "state") not in ("hidden", "veryHidden")
        and _attribute(targets[_attribute(tag, r"\w+:id")], "Type").endswith("/worksheet")
    ]
    first = visible[0]
    target = _attribute(targets[_attribute(sheets[first], r"\w+:id")], "Target")
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return _Sheet(first, names[first], [name for i, name in enumerate(names) if i != first], member)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*["']([^"']*)["']""", tag)
    return found.group(1) if found else ""


def _scan(archive: zipfile.ZipFile, member: str, name: str) -> tuple[list[tuple[str, int]], dict[tuple[str, int], str]]:
    """
    The cells (column letters, row) that hold a formula, and those that hold an error with its text.

    A filled cell far out at the right is refused.
    """
    formulas: dict[tuple[str, int], None] = {}
    errors: dict[tuple[str, int], str] = {}
    for window, new in _windows(archive, member):
        far = _FAR_CELL.search(window) if _FAR.search(window) else None
        if far:
            raise refuse(
                f"{name} has a filled cell {far.group(1).decode()}, expected none to the right of column {LAST_COLUMN}; "
                "delete what is not part of the list.",
                f"{name} 的单元格 {far.group(1).decode()} 有内容，{LAST_COLUMN} 列以右不应有内容；请删除名单以外的内容。",
            )
        for found in _FORMULA.finditer(window, new):
            cells = _CELL.findall(window, max(0, found.start() - _OVERLAP), found.start())
            letters, row = cells[-1] if cells else (b"A", b"1")
            formulas[letters.decode(), int(row)] = None
        for found in _ERROR.finditer(window) if b't="e"' in window else ():
            place = _PLACE.search(found.group(1))
            if place:
                errors[place.group(1).decode(), int(place.group(2))] = html.unescape(
                    found.group(2).decode("utf-8", "replace")
                )
    return list(formulas), errors


def _texts(values: list[list[Any]], errors: dict[tuple[str, int], str]) -> list[list[str]]:
    """All cells as text; an error, of which the reader makes an empty cell, as its own text."""
    records = [[cell_text(cell) for cell in row] for row in values]
    for (letters, row), text in errors.items():
        position = column_position(letters)
        if row <= len(records) and position < len(records[row - 1]):
            records[row - 1][position] = text
    return records


def _windows(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[bytes, int]]:
    """
    The cells' part of a sheet, piece by piece, and where in each piece the unseen bytes begin.

    Each piece repeats the end of the one before, so that no cell is cut in two.
    """
    kept = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            window = kept + chunk
            end = _END.search(window)
            new = max(0, len(kept) - 32)  # overlaps a little: a cell met twice is counted once
            if end:
                yield window[: end.start()], new
                return
            # the last bytes wait for the next piece, lest an opening "<f" be cut before its blank
            yield window[:-16], new
            kept = window[-_OVERLAP:]


def _cells(content: bytes, sheet: _Sheet, name: str) -> tuple[list[list[Any]], list[tuple[int, int]]]:
    """All cells, from A1 on, and the merged ranges as (first row, last row), counted from 1."""
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        opened = workbook.get_sheet_by_index(sheet.position)
        if opened.total_height * opened.total_width > MAX_CELLS:
            raise refuse(
                f"{name} spans {opened.total_height} rows × {opened.total_width} columns, too many to be a list; "
                "delete what stands far below or beside it.",
                f"{name} 占 {opened.total_height} 行 × {opened.total_width} 列，超出名单应有的范围；请删除远处的内容。",
            )
        cells = opened.to_python(skip_empty_area=False)
        merged = [(first[0] + 1, last[0] + 1) for first, last in opened.merged_cell_ranges or []]
    except python_calamine.PasswordError as error:
        raise refuse(
            f"{name} is protected by a password; save it without one.", f"{name} 设有密码保护，请取消密码后另存。"
        ) from error
    except (python_calamine.CalamineError, OSError, KeyError, IndexError) as error:
        raise _damaged(name) from error
    except BaseException as error:
        # the reader is written in Rust; what it could not foresee arrives as a PanicException, no Exception at all
        if type(error).__name__ == "PanicException":
            raise _damaged(name) from error
        raise
    return cells, merged


def _note_formulas(table: RawTable, formulas: list[tuple[str, int]]) -> None:
    headers = {column_letter(i): header for i, header in enumerate(table.header)}
    for letters, row in formulas:
        sentence = Sentence(
            f"expected a value, found a formula in cell {letters}{row}; paste the column as values.",
            f"应为数值或文字，实为单元格 {letters}{row} 中的公式；请将该列“粘贴为数值”。",
        )
        table.faults.add(sentence, row=row, column=headers.get(letters, letters))


def _note_merged(table: RawTable, merged: list[tuple[int, int]]) -> None:
    """A merged range over rows of the list leaves all but its first cell empty: a fault, not a guess."""
    if not table.rows:
        return
    for first, last in merged:
        if last >= table.rows[0]:
            table.faults.add(
                Sentence(
                    f"the cells of rows {first} to {last} are merged; unmerge them and fill every cell.",
                    f"第 {first} 至 {last} 行有合并单元格；请取消合并并逐格填写。",
                ),
                row=max(first, table.rows[0]),
            )

"""
Read filled listing sheets back, strictly: everything is checked before anything is refused.

read_listings(source, draw)   a folder or files → Listings, or FrameError with every fault by file, row and column
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sampling.errors import MAX_FAULTS, Fault, FaultList, FrameError, Sentence
from sampling.fieldwork.listing import HEAD, HEADERS, INSTRUCTIONS, VillageToList, villages_to_list
from sampling.fieldwork.listing_checks import (
    SheetFile,
    check_codes_once,
    check_file_name,
    check_number,
    check_one_sheet_each,
    check_row,
)
from sampling.frames.columns import half_width, understand
from sampling.frames.kinds import refuse, unreadable
from sampling.frames.raw_table import TITLE_ROWS, RawTable, cell_text
from sampling.frames.tables import read_table

if TYPE_CHECKING:
    from sampling.draws.drawing import Draw

LISTED_COLUMNS = (
    *("township_code", "township", "group", "unit_code", "unit", "psu_code", "psu"),
    *("ssu_code", "ssu", "phone"),
)
COUNT_COLUMNS = ("township_code", "group", "psu_code", "psu", "size", "listed", "file")

_NOT_LISTS = re.compile(r"(?:~\$|\.|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_LISTS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".csv", ".tsv", ".ods", ".et")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class ListingFault(Fault):
    """
    A fault, or warning, of one listing sheet.

    Attributes
    ----------
    file : str
        The workbook's name; empty where none is to blame, as for a village without a sheet.
    """

    file: str = ""


@dataclass(frozen=True, eq=False)
class Listings:
    """
    The listed households of sound sheets.

    Attributes
    ----------
    table : DataFrame of str
        One row per household: the columns of the frame that a sheet has, by township, group and PSU as in
        ``draw.psus``, then as in the sheet.
    counts : DataFrame
        One row per sheet: township_code, group, psu_code, psu, size, listed, file.
    missing : tuple of VillageToList
        Villages that were hit and have no sheet yet: the next draw takes nothing in them.
    warnings : tuple of ListingFault
    fingerprint : str
        Of the draw whose PSUs were listed.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    missing: tuple[VillageToList, ...]
    warnings: tuple[ListingFault, ...]
    fingerprint: str


def read_listings(
    source: str | Path | Iterable[str | Path], draw: Draw, *, progress: Callable[[int, int], None] | None = None
) -> Listings:
    """
    The households of filled listing sheets.

    Parameters
    ----------
    source : path or paths
        A folder (its subfolders too), one workbook, or several. Files may have been renamed: cells tell what they are.
    draw : Draw
        The draw for which the sheets were written.
    progress : callable, optional
        Called as ``progress(done, total)`` after each workbook.

    Returns
    -------
    Listings

    Raises
    ------
    FrameError
        Whose ``faults`` are ListingFaults, by file and row; the first 100 and how many more.

    Notes
    -----
    A row in which nothing but its prepared household code stands is a row not needed. A village without a sheet is a
    warning, one with two is a fault.
    """
    villages = {village.key: village for village in villages_to_list(draw)}
    given = [source] if isinstance(source, str | Path) else list(source)
    paths, alone = _each_once(_paths(given)), set(map(Path, given))
    files = []
    for number, (path, name) in enumerate(paths, start=1):
        files.append(_read_file(path, name, villages, draw.fingerprint, in_folder=path not in alone))
        if progress is not None:
            progress(number, len(paths))
    check_one_sheet_each(files)
    check_codes_once(files, draw)
    _raise_if_any(files)
    return _listings(files, villages, draw.fingerprint)


def _paths(source: str | Path | Iterable[str | Path]) -> list[tuple[Path, str]]:
    """The workbooks with the names to call them by; what Excel and Windows leave in folders is passed over."""
    if not isinstance(source, (str, Path)):
        return sorted({(path, name) for one in source for path, name in _paths(one)}, key=lambda pair: pair[1])
    folder = Path(source)
    if not folder.is_dir():
        return [(folder, folder.name)]
    found = [path for path in folder.rglob("*") if path.is_file() and not _NOT_LISTS.match(path.name)]
    if not found:
        raise refuse(
            f"{folder} holds no listing sheet; expected the filled workbooks (.xlsx).",
            f"{folder} 中没有住户名录；应放入填好的工作簿（.xlsx）。",
        )
    return sorted(((path, path.relative_to(folder).as_posix()) for path in found), key=lambda pair: pair[1])


def _each_once(paths: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """A file that is given twice, by itself and with its folder, is read once."""
    return list({path.resolve(): (path, name) for path, name in reversed(paths)}.values())[::-1]


def _is_beside(path: Path) -> bool:
    """Whether a file of a folder is no list at all by its name, such as a note or a picture, nor a workbook within."""
    if not path.suffix or path.suffix.lower() in _LISTS:
        return False
    with path.open("rb") as file:
        return file.read(2) != b"PK"


def _read_file(
    path: Path, name: str, villages: Mapping[Key, VillageToList], fingerprint: str, *, in_folder: bool
) -> SheetFile:
    file = SheetFile(name)
    try:
        if in_folder and _is_beside(path):
            file.warn("no workbook, not read.", "不是工作簿，未读取。")
            return file
        table = read_table(path, name)
        if table.kind != "xlsx":
            raise refuse(
                f"{name} is no XLSX workbook; give the filled listing sheet as .xlsx.",
                f"{name} 不是 XLSX 工作簿；请提供填好的 .xlsx 名录。",
            )
    except OSError as error:
        return _refused(file, unreadable(name, error))
    except FrameError as error:
        return _refused(file, error)
    file.faults.extend(table.faults)
    head = _head(file, path, table.sheet)
    file.village = _village(file, head, villages, fingerprint)
    _read_rows(file, table)
    check_file_name(file)
    return file


def _refused(file: SheetFile, error: FrameError) -> SheetFile:
    for fault in error.faults:
        file.faults.add(Sentence(fault.en, fault.zh))
    return file


def _head(file: SheetFile, path: Path, sheet: str) -> dict[str, tuple[str, str]]:
    """What the rows above the list say: (value, code) of each known line."""
    import python_calamine

    # read_table has looked at the workbook already: it is sound, and no larger than can be read
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    others = [name for name in workbook.sheet_names if name not in (sheet, INSTRUCTIONS)]
    if others:
        file.warnings.add(
            Sentence(
                f"only the sheet “{sheet}” was read; not read: {', '.join(others)}.",
                f"只读取了工作表“{sheet}”；未读取：{'、'.join(others)}。",
            )
        )
    said = {text: what for what, text in HEAD.items()}
    head: dict[str, tuple[str, str]] = {}
    for cells in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=2 * TITLE_ROWS):
        texts = [*map(cell_text, cells), "", "", "", ""]
        if texts[0] in said:
            head.setdefault(said[texts[0]], (texts[1], half_width(texts[3])))
    return head


def _village(
    file: SheetFile, head: Mapping[str, tuple[str, str]], villages: Mapping[Key, VillageToList], fingerprint: str
) -> VillageToList | None:
    """The village that a sheet's head names, if the draw has it to be listed."""
    lost = [text for what, text in HEAD.items() if what not in head]
    if lost:
        file.fault(
            f"the rows {', '.join(lost)} above the list are missing; use the sheet as it was written for the village.",
            f"表头以上缺少 {'、'.join(lost)} 各行；请使用为该村（社区）生成的原表。",
        )
        return None
    if head["fingerprint"][0].lower() != fingerprint:
        file.fault(
            f"the sheet belongs to the draw {head['fingerprint'][0][:16] or '(none)'}…, expected {fingerprint[:16]}…; "
            "take the sheets that were written for this draw.",
            f"本表属于抽样 {head['fingerprint'][0][:16] or '（空）'}…，应为 {fingerprint[:16]}…；请使用为本次抽样生成的名录。",
        )
    village = villages.get((head["township"][1], head["group"][1], head["psu"][1]))
    if village is None:
        file.fault(
            f"the sheet is of the village {head['psu'][1]} {head['psu'][0]} ({head['group'][1]}), which this draw does not "
            "ask to be listed; expected one of the villages that were hit.",
            f"本表为 {head['psu'][1]} {head['psu'][0]}（{head['group'][0]}），不在本次抽样需要登记的村（社区）之中；"
            "应为被抽中的村（社区）。",
        )
    elif head["psu"][0] != village.psu:
        file.fault(
            f"the sheet calls the village {village.psu_code} “{head['psu'][0]}”, expected “{village.psu}”; "
            "make sure that the right village was listed.",
            f"本表将 {village.psu_code} 称为“{head['psu'][0]}”，应为“{village.psu}”；请确认登记的是否为该村（社区）。",
        )
    return village


def _read_rows(file: SheetFile, table: RawTable) -> None:
    """The households, with what is wrong in each; rows that were not needed are passed over."""
    known = understand(table.header).known
    file.headers = {column: table.header[position] for column, position in known.items()}
    needed = ["unit_code", "unit"] + (["ssu_code"] if file.village and file.village.through_ssu else [])
    for column in needed:
        if column not in known:
            file.fault(
                f"the column {HEADERS[column]} is missing; use the sheet as it was written.",
                f"缺少“{HEADERS[column]}”列；请使用生成的原表。",
            )
    if "unit_code" not in known:
        return
    columns = {column: table.columns[known[column]] for column in HEADERS if column in known}
    unused, gap = [], 0
    for place, row in enumerate(table.rows):
        cells = {column: _cell(column, texts[place]) for column, texts in columns.items()}
        if _is_unused(cells, file.village):
            unused.append(row)
            continue
        gap += len(unused)
        unused = []
        check_row(file, row, cells, needed)
        file.rows.append((row, cells))
    if gap:
        file.warn(f"{gap} prepared rows between households were left empty.", f"住户之间有 {gap} 个备用行未填写。")
    if not file.rows:
        file.fault(
            "the sheet lists no household; expected every household of the village, one a row.",
            "本表没有登记任何住户；应登记该村（社区）的全部住户，每户一行。",
        )
    check_number(file)


def _cell(column: str, text: str) -> str:
    return half_width(text).strip() if column in ("unit_code", "ssu_code", "phone") else text


def _is_unused(cells: Mapping[str, str], village: VillageToList | None) -> bool:
    """A row with nothing, or with nothing but its prepared code."""
    given = {column for column, text in cells.items() if text}
    if not given:
        return True
    # of an unknown village the prefix is unknown too; the sheet is refused anyhow, its empty rows need no faults
    prefix = re.escape(village.prefix) if village else r"\d+"
    return given == {"unit_code"} and bool(re.fullmatch(rf"{prefix}-\d+", cells["unit_code"]))


def _raise_if_any(files: list[SheetFile]) -> None:
    total = sum(len(file.faults) for file in files)
    if total:
        shown = [fault for file in files for fault in _named(file.name, file.faults)][:MAX_FAULTS]
        raise FrameError(shown, total - len(shown))


def _named(name: str, faults: FaultList) -> list[ListingFault]:
    """The faults of a file, each led by its name where its sentence does not have it."""
    named = []
    for fault in faults.shown():
        en, zh = fault.en, fault.zh
        if not en.startswith(name):
            en, zh = f"{name}: {en}", f"{name}：{zh}"
        named.append(ListingFault(en, zh, fault.row, fault.column, name))
    return named


def _listings(files: list[SheetFile], villages: Mapping[Key, VillageToList], fingerprint: str) -> Listings:
    by_key = {file.village.key: file for file in files if file.village is not None}
    rows: list[tuple[str, ...]] = []
    counts: list[tuple[object, ...]] = []
    for key, village in villages.items():
        file = by_key.get(key)
        if file is None:
            continue
        own = {"psu": village.psu, "township": village.township}
        own |= dict(zip(("township_code", "group", "psu_code"), key, strict=True))
        rows += [tuple((cells | own).get(column, "") for column in LISTED_COLUMNS) for _, cells in file.rows]
        counts.append((*key, village.psu, village.size, len(file.rows), file.name))
    missing = tuple(village for key, village in villages.items() if key not in by_key)
    warnings = [warning for file in files for warning in _named(file.name, file.warnings)]
    return Listings(
        table=pd.DataFrame.from_records(rows, columns=list(LISTED_COLUMNS)).astype(object),
        counts=pd.DataFrame.from_records(counts, columns=list(COUNT_COLUMNS)),
        missing=missing,
        warnings=(*warnings, *map(_missing, missing)),
        fingerprint=fingerprint,
    )


def _missing(village: VillageToList) -> ListingFault:
    return ListingFault(
        f"The village {village.psu_code} {village.psu} of {village.township} ({village.group}) has no sheet yet; "
        "nothing can be drawn in it.",
        f"{village.township} {village.psu} {village.psu_code}（{village.group_label}）还没有名录；暂时无法在其中抽户。",
    )

"""
Listing sheets (住户名录): what a village's clerk fills in between the two steps of a draw.

villages_to_list(draw)         the PSUs that were hit and have no listed unit yet
listing_sheets(draw, folder)   one workbook for each of them

The sheets come back through ``read_listings`` (listing_reading.py) and join the frame by ``with_listings`` (steps.py).
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.errors import SamplingError

if TYPE_CHECKING:
    from sampling.draws.drawing import Draw

SHEET, INSTRUCTIONS = "住户名录", "填表说明"
"""Names of the sheet to fill in and of the one that says how."""

HEAD = {"township": "所属乡镇", "psu": "所属村居", "group": "调查类别", "fingerprint": "抽样指纹"}
"""First cells of the rows above the list that say which village and which draw it is."""

HEADERS = {"unit_code": "户编号", "unit": "户主或地址", "ssu_code": "村民小组代码", "ssu": "小组", "phone": "电话"}
"""Canonical column → header, in the order of the sheet, after the running number."""

MAX_ROWS = 20_000
"""So many rows at most are prepared; a size is not always a number of households."""

_NUMBER, _LISTED_BY = "序号", "登记人"
_TOP = len(HEAD) + 2  # title, head, listed by; the header stands below
_WIDTHS = (8, 16, 32, 15, 14, 16)
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\s]+')
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001  equal draws give equal workbooks

_INSTRUCTIONS = (
    "填表说明",
    "1. 本表只供抽中的村（社区）登记全部住户，每户一行，不得遗漏，也不得只登记愿意接受调查的住户。",
    "2. “户编号”已经填好，请不要改动；没有用到的行请保持原样。住户多于已备行数时，请接着往下填写并续编户编号。",
    "3. “户主或地址”必填，写明能找到该户的姓名或门牌；无人居住的空房、已拆除的房屋不登记。",
    "4. 有村民小组的请填写小组代码和名称（如 01、第一组）；电话只供调查员联系使用，可以不填。",
    "5. 请直接填写文字和数字，不要使用公式，不要合并单元格，不要删除表头以上各行。",
    "6. 填好后请保存为 .xlsx 并交回调查队。文件可以改名，内容以表内的村（社区）代码和抽样指纹为准。",
    "",
    "How to fill in",
    "1. List every household of this village (community), one a row: none may be missing, willing or not.",
    (
        "2. The household codes (户编号) are prepared; do not change them and leave rows that are not needed as they are. "
        "Where the rows do not suffice, go on below and number on."
    ),
    (
        "3. Name or address (户主或地址) is needed: what an investigator needs to find the household. "
        "Vacant and demolished dwellings are not listed."
    ),
    "4. Give the villager group's code and name (小组) where there is one; the phone (电话) may stay empty.",
    "5. Type texts and numbers only: no formulas, no merged cells; keep the rows above the header.",
    (
        "6. Save as .xlsx and return it to the survey team. The file may be renamed: the village's code and the draw's "
        "fingerprint in the sheet tell what it is."
    ),
)


@dataclass(frozen=True)
class VillageToList:
    """
    A PSU that was hit and has no listed unit yet.

    Attributes
    ----------
    township_code, township, group, psu_code, psu : str
        Which it is; ``group`` is the code.
    group_label : str
        The group's Chinese name.
    size : int
        Its size measure, which is about the number of households to expect.
    needed : int
        Main units that will be taken from it.
    prefix : str
        What the prepared household codes begin with, so that they are unique within township and group.
    through_ssu : bool
        Whether every household needs the code of its villager group.
    """

    township_code: str
    township: str
    group: str
    psu_code: str
    psu: str
    group_label: str
    size: int
    needed: int
    prefix: str
    through_ssu: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """Township, group and PSU: what a sheet is known by."""
        return self.township_code, self.group, self.psu_code

    @property
    def rows(self) -> int:
        """Prepared rows: a fifth and ten more than the size says, since sizes are old."""
        return min(self.size + self.size // 5 + 10, MAX_ROWS)

    def code(self, number: int) -> str:
        """The prepared code of a row, counted from 1."""
        return f"{self.prefix}-{number:0{max(3, len(str(self.rows)))}d}"

    def file_name(self) -> str:
        """
        A name that every system can store: township, PSU code, PSU, group.

        Examples
        --------
        >>> VillageToList("1", "濠村乡", "rural", "350722204201", "上/下村", "农村居民", 5, 1, "201", False).file_name()
        '濠村乡_350722204201_上_下村_农村居民.xlsx'
        """
        parts = (self.township[:30], self.psu_code, self.psu[:40], self.group_label[:20])
        return "_".join(_UNSAFE.sub("_", part).strip("_. ") for part in parts) + ".xlsx"


def villages_to_list(draw: Draw) -> tuple[VillageToList, ...]:
    """
    The PSUs that were hit and have no listed unit yet, in the order of ``draw.psus``.

    Parameters
    ----------
    draw : Draw
        From a frame with PSU rows that has names.

    Raises
    ------
    SamplingError
        If the frame has no names (as that of ``frame.csv``).

    Notes
    -----
    PSUs of a group without PSU rows have all their units listed already and are never among them.
    """
    table = draw.frame.table
    rows = table[table["unit_code"] == ""]
    names = {
        (township_code, group, psu_code): (township, psu)
        for township_code, group, psu_code, township, psu in _tuples(
            rows, "township_code", "group", "psu_code", "township", "psu"
        )
    }
    prefixes = _prefixes(list(names))
    found = []
    for township_code, group, psu_code, size, hits, listed in _tuples(
        draw.psus, "township_code", "group", "psu_code", "size", "hits", "listed"
    ):
        key = township_code, group, psu_code
        if listed or key not in names:
            continue
        township, psu = names[key]
        if not township or not psu:
            raise SamplingError(
                f"The PSU {psu_code} has no name in this draw's frame; read the frame with names and draw from it.",
                f"该抽样的抽样框中初级单元 {psu_code} 没有名称；请读入带名称的抽样框后再抽样。",
            )
        design = draw.design.by_group[group]
        take = design.take_per_hit or 1  # a rate takes at least one
        found.append(
            VillageToList(
                *(township_code, township, group, psu_code, psu, design.label.zh, int(size), int(hits) * take),
                prefix=prefixes[key],
                through_ssu=design.has_stage("ssu"),
            )
        )
    return tuple(found)


def listing_sheets(
    draw: Draw, folder: str | Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, ...]:
    """
    Write one workbook for each PSU that was hit and has to be listed: all of them, or none.

    Parameters
    ----------
    draw : Draw
        From a frame with PSU rows and names.
    folder : path
        Does not exist, or is empty.
    progress : callable, optional
        Called as ``progress(done, total)`` after each workbook.

    Returns
    -------
    tuple of Path
        The workbooks, in the order of ``draw.psus``.

    Raises
    ------
    SamplingError
        If there is no PSU to be listed, the frame has no names, or the folder is not empty or cannot be written.
    """
    villages = villages_to_list(draw)
    if not villages:
        raise SamplingError(
            "There is no village to list: every PSU that was hit has its units listed, or none was hit; "
            "expected a draw from rows of whole PSUs (pingyi draw --stage psu).",
            "没有需要登记的村（社区）：被抽中的初级单元都已有单元名单，或没有抽中任何初级单元；"
            "应使用按初级单元行抽取的结果（pingyi draw --stage psu）。",
        )
    folder = Path(folder)
    try:
        return _write_all(villages, draw.fingerprint, folder, progress)
    except OSError as error:
        raise SamplingError(
            f"{folder} cannot be written ({error.strerror or error}); check the path, its permissions and the disk.",
            f"{folder} 无法写入（{error.strerror or error}），请检查路径、权限和磁盘空间。",
        ) from error


def _tuples(table: Any, *columns: str) -> zip[tuple[Any, ...]]:
    return zip(*(table[column].tolist() for column in columns), strict=True)


def _prefixes(keys: list[tuple[str, str, str]]) -> Mapping[tuple[str, str, str], str]:
    """The last three digits of a PSU's code, or all of it where these are not unique in its township and group."""
    seen: dict[tuple[str, str, str], int] = {}
    for township_code, group, psu_code in keys:
        short = township_code, group, psu_code[-3:]
        seen[short] = seen.get(short, 0) + 1
    return {key: key[2][-3:] if seen[key[0], key[1], key[2][-3:]] == 1 else key[2] for key in keys}


def _write_all(
    villages: tuple[VillageToList, ...],
    fingerprint: str,
    folder: Path,
    progress: Callable[[int, int], None] | None,
) -> tuple[Path, ...]:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SamplingError(
            f"{folder} exists and is not empty; sheets are never written over others, name a new folder.",
            f"{folder} 已存在且不为空；名录不会覆盖已有内容，请另给一个文件夹。",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for number, village in enumerate(villages, start=1):
            _write_sheet(village, fingerprint, made / village.file_name())
            if progress is not None:
                progress(number, len(villages))
        made.chmod(0o755)  # a temporary folder is private; this one is as readable as its parent lets it be
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return tuple(folder / village.file_name() for village in villages)


def _write_sheet(village: VillageToList, fingerprint: str, path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"title": f"{village.psu} {SHEET}", "created": _MADE})
        sheet = workbook.add_worksheet(SHEET)
        _set_up(workbook, sheet)
        _write_head(workbook, sheet, village, fingerprint)
        _write_rows(workbook, sheet, village)
        _validate(sheet, village)
        _write_instructions(workbook)


def _set_up(workbook: Any, sheet: Any) -> None:
    """Columns as text, A4 portrait, the header on every page."""
    text = workbook.add_format({"num_format": "@"})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width, text)
    sheet.freeze_panes(_TOP + 1, 0)
    sheet.repeat_rows(_TOP)
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&R第 &P 页，共 &N 页")


def _write_head(workbook: Any, sheet: Any, village: VillageToList, fingerprint: str) -> None:
    title = workbook.add_format({"bold": True, "font_size": 16})
    name, value = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
    sheet.write_string(0, 0, f"{village.township} {village.psu} {SHEET}（Household listing）", title)
    values = {
        "township": (village.township, village.township_code),
        "psu": (village.psu, village.psu_code),
        "group": (village.group_label, village.group),
        "fingerprint": (fingerprint,),
    }
    for row, (what, said) in enumerate(HEAD.items(), start=1):
        sheet.write_string(row, 0, said, name)
        sheet.write_string(row, 1, values[what][0], value)
        if len(values[what]) > 1:
            sheet.write_string(row, 3, values[what][1], value)
    sheet.write_string(_TOP - 1, 0, _LISTED_BY, name)


def _write_rows(workbook: Any, sheet: Any, village: VillageToList) -> None:
    head = workbook.add_format({"bold": True, "border": 1, "bg_color": "#DDE7F0", "align": "center"})
    cell = workbook.add_format({"border": 1, "num_format": "@"})
    for column, header in enumerate((_NUMBER, *HEADERS.values())):
        sheet.write_string(_TOP, column, header, head)
    for number in range(1, village.rows + 1):
        sheet.write_string(_TOP + number, 0, str(number), cell)
        sheet.write_string(_TOP + number, 1, village.code(number), cell)
        for column in range(2, len(HEADERS) + 1):
            sheet.write_blank(_TOP + number, column, None, cell)


def _validate(sheet: Any, village: VillageToList) -> None:
    """Excel warns of a household code typed twice and of texts that are too long; the import checks again."""
    first, last = _TOP + 1, _TOP + village.rows + 200
    codes = f"$B${first + 1}:$B${last + 1}"
    warn = {"error_type": "warning", "ignore_blank": True}
    twice = {"validate": "custom", "value": f"=COUNTIF({codes},B{first + 1})=1"}
    said = {"error_title": "户编号重复", "error_message": "每个户编号只能出现一次。Each code only once."}
    sheet.data_validation(first, 1, last, 1, warn | twice | said)
    short = {"validate": "length", "criteria": "<=", "value": 100}
    sheet.data_validation(first, 2, last, len(HEADERS), warn | short | {"error_message": "不超过 100 字。"})


def _write_instructions(workbook: Any) -> None:
    sheet = workbook.add_worksheet(INSTRUCTIONS)
    heading = workbook.add_format({"bold": True, "font_size": 14})
    line = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 90)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for row, text in enumerate(_INSTRUCTIONS):
        sheet.write_string(row, 0, text, line if text[:1].isdigit() or not text else heading)

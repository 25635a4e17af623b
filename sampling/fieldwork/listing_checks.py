"""
What can be wrong in a filled listing sheet.

SheetFile             one workbook while it is checked, with its faults and warnings
check_row             needed values, the characters of codes
check_number          far more or fewer households than the frame says
check_file_name       a name with another village's code
check_one_sheet_each  a village with two sheets
check_codes_once      a household code given twice, over all sheets and the frame
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampling.errors import FaultList, Sentence
from sampling.fieldwork.listing import HEADERS, VillageToList
from sampling.frames.columns import half_width
from sampling.frames.odd_cells import ERRORS, MAX_CODE, error_sentence, too_long

if TYPE_CHECKING:
    from sampling.draws.drawing import Draw

_IN_CODE = re.compile(r"[\x00-\x1f\x7f-\x9f|\ufffd-\uffff\ud800-\udfff]")
_IN_SSU = re.compile(r"[/]|" + _IN_CODE.pattern)
_NAME_CODE = re.compile(r"(?<!\d)\d{12}(?!\d)")
Key = tuple[str, str, str]


@dataclass
class SheetFile:
    """One workbook while it is checked."""

    name: str
    village: VillageToList | None = None
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    faults: FaultList = field(default_factory=FaultList)
    warnings: FaultList = field(default_factory=FaultList)
    second: bool = False

    def fault(self, en: str, zh: str, row: int | None = None, column: str | None = None) -> None:
        """Note a fault; ``column`` is canonical and shown as the sheet calls it."""
        shown = column and self.headers.get(column, HEADERS.get(column, column))
        self.faults.add(Sentence(en, zh), row=row, column=shown)

    def warn(self, en: str, zh: str) -> None:
        """Note a warning."""
        self.warnings.add(Sentence(en, zh))


def check_row(file: SheetFile, row: int, cells: Mapping[str, str], needed: list[str]) -> None:
    for column in needed:
        if column in cells and not cells[column]:
            file.fault("expected a value, found an empty cell; fill it in.", "此处必填，现为空；请补填。", row, column)
    for column, text in cells.items():
        if text in ERRORS:
            file.fault(*error_sentence(text), row, column)
    for column in ("unit_code", "ssu_code"):
        if len(code := cells.get(column, "")) > MAX_CODE:
            file.fault(*too_long(code), row, column)
    for column, forbidden in (("unit_code", _IN_CODE), ("ssu_code", _IN_SSU)):
        if forbidden.search(cells.get(column, "")):
            file.fault(
                f"expected a code without |, control characters{' and /' if column == 'ssu_code' else ''}, found "
                f"{cells[column][:40]!r}; correct it.",
                f"代码不应含有 |{'、/' if column == 'ssu_code' else ''} 或控制字符，"
                f"实为“{''.join(c if c.isprintable() else '�' for c in cells[column][:40])}”；请更正。",
                row,
                column,
            )


def check_number(file: SheetFile) -> None:
    """Far more or fewer households than the size says, or fewer than will be taken: worth a look."""
    village, listed = file.village, len(file.rows)
    if village is None or not listed:
        return
    if 5 * abs(listed - village.size) > village.size:
        file.warn(
            f"{listed} households are listed, the frame says {village.size}; check that the list is complete.",
            f"登记了 {listed} 户，抽样框中为 {village.size} 户；请核对是否完整。",
        )
    if listed < village.needed:
        file.warn(
            f"{listed} households are listed, the design takes {village.needed}; all of them will be taken.",
            f"登记了 {listed} 户，设计需抽 {village.needed} 户；将全部抽取。",
        )


def check_file_name(file: SheetFile) -> None:
    """A name with another village's code: the cells count, but a person should look."""
    codes = set(_NAME_CODE.findall(half_width(file.name)))
    if file.village is not None and codes and file.village.psu_code not in codes:
        file.warn(
            f"the file's name says {min(codes)}, its cells say {file.village.psu_code}; the cells count, check them.",
            f"文件名为 {min(codes)}，表内为 {file.village.psu_code}；以表内为准，请核对。",
        )


def check_one_sheet_each(files: Iterable[SheetFile]) -> None:
    first: dict[Key, SheetFile] = {}
    for file in files:
        if file.village is None:
            continue
        earlier = first.setdefault(file.village.key, file)
        if earlier is not file:
            file.second = True
            file.fault(
                f"the village {file.village.psu_code} {file.village.psu} has a sheet in {earlier.name} already; "
                "expected one, keep the right one.",
                f"{file.village.psu_code} {file.village.psu} 在 {earlier.name} 中已有名录；只应有一份，请保留正确的一份。",
            )


def check_codes_once(files: Iterable[SheetFile], draw: Draw) -> None:
    """Each household code once within township and group: over all sheets, and what the frame lists already."""
    frame = draw.frame.table
    seen = {
        (township, group, code): ("the frame", "抽样框")
        for township, group, code in zip(frame["township_code"], frame["group"], frame["unit_code"], strict=True)
        if code
    }
    for file in files:
        if file.village is None or file.second:  # of a second sheet it is enough to say that it is one
            continue
        for row, cells in file.rows:
            key = file.village.township_code, file.village.group, cells["unit_code"]
            if not key[2]:
                continue
            if key in seen:
                file.fault(
                    f"the household code {key[2][:40]!r} stands in {seen[key][0]} already; expected each code once within "
                    "township and group, use the prepared codes.",
                    f"户编号“{key[2][:40]}”在{seen[key][1]}已出现；同一乡镇同一类别中每个编号只应出现一次，请使用备好的编号。",
                    row,
                    "unit_code",
                )
            else:
                seen[key] = f"{file.name}, row {row},", f" {file.name} 第 {row} 行"

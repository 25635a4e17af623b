"""
What makes a list a frame: every fault of the contract, all at once.

check_values    needed columns and values, the form of codes and numbers, known groups and townships
check_relations units, PSUs and townships against each other

Rows are spreadsheet rows and columns are named as in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sampling.errors import Sentence
from sampling.frames.coded import Coded, all_differ, first_rows, pair
from sampling.frames.columns import chinese_name
from sampling.frames.odd_cells import ERRORS, MAX_CODE, error_sentence, too_long
from sampling.frames.sheet import MAX_ORDER, MAX_SIZE, Sheet

NEEDED = ("township_code", "township", "group", "unit_code")

_DIVISION = re.compile(r"[0-9]{12}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_NAME = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def check_values(sheet: Sheet, townships: Mapping[str, str] | None) -> None:
    """Note what is missing or of the wrong form."""
    _check_columns(sheet)
    _check_needed(sheet)
    _check_division(sheet, "township_code")
    _check_division(sheet, "psu_code")
    for column, forbidden in _forbidden().items():
        sheet.fault_each(sheet.cells[column].where(forbidden.search), column, _odd_character(sheet, column))
    if sheet.contacts:
        _check_spelling(sheet)
    _check_number(sheet, "size", MAX_SIZE)
    _check_number(sheet, "order", MAX_ORDER)
    _check_groups(sheet)
    if townships is not None:
        _check_known_townships(sheet, townships)


def check_relations(sheet: Sheet) -> None:
    """Note where rows contradict each other."""
    _check_one_value(sheet, "township_code", "township", "township", "乡镇")
    _check_one_value(sheet, "psu_code", "township_code", "PSU", "初级单元")
    _check_one_value(sheet, "psu_code", "psu", "PSU", "初级单元")
    _check_units_once(sheet)
    _check_psu_rows(sheet)
    _check_order(sheet)


def _check_columns(sheet: Sheet) -> None:
    needed = list(NEEDED if sheet.contacts else ("township_code", "group", "unit_code"))
    if sheet.staged.any():
        needed += ["psu_code", "psu"] if sheet.contacts else ["psu_code"]
    if _through_ssu(sheet).any():
        needed.append("ssu_code")
    found = "、".join(sheet.headers.values()) or "—"
    for column in needed:
        if column not in sheet.headers:
            sheet.faults.add(
                Sentence(
                    f"the column {column} is missing (known columns found: {found}); add it, or name it so.",
                    f"缺少“{chinese_name(column)}”（{column}）列（已识别的列：{found}）；请补充该列或更正表头。",
                )
            )


def _through_ssu(sheet: Sheet) -> NDArray[np.bool_]:
    by_group = sheet.design.by_group
    return sheet.cells["group"].where(lambda group: group in by_group and by_group[group].has_stage("ssu"))


def _check_needed(sheet: Sheet) -> None:
    everywhere = np.ones(len(sheet.rows), dtype=bool)
    units = ~sheet.psu_rows
    needed = {"township_code": everywhere, "group": everywhere, "unit_code": units, "psu_code": sheet.staged}
    if sheet.contacts:
        needed |= {"township": everywhere, "psu": sheet.staged}
    needed["ssu_code"] = _through_ssu(sheet) & units
    for column, rows in needed.items():
        if column not in sheet.headers or sheet.cells[column].given.all():
            continue
        hint = ("", "")
        if column == "unit_code":
            hint = (" (only the row of a PSU with its size may do without)", "（只有填有规模的初级单元行可以为空）")
        sentence = Sentence(
            f"expected a value, found an empty cell{hint[0]}; fill it in.",
            f"此处必填，现为空{hint[1]}；请补填。",
        )
        sheet.fault_each(rows & ~sheet.cells[column].given, column, lambda _, sentence=sentence: sentence)  # type: ignore[misc]


def _check_division(sheet: Sheet, column: str) -> None:
    cells = sheet.cells[column]
    bad = cells.given & ~cells.where(_DIVISION.fullmatch)

    def say(row: int) -> Sentence:
        text = cells[row]
        mangled = re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text)
        remedy = (
            ("format the column as text before typing", "请先将该列设为文本格式再填写")
            if mangled
            else ("correct it", "请更正")
        )
        return Sentence(
            f"expected a statistical division code of 12 digits, found {_shown(text)}; {remedy[0]}.",
            f"应为 12 位统计用区划代码，实为“{_shown_zh(text)}”；{remedy[1]}。",
        )

    sheet.fault_each(bad, column, say)


def _check_spelling(sheet: Sheet) -> None:
    """Errors of a spreadsheet pasted as text, and codes as long as sentences."""
    for column in sheet.headers:
        cells = sheet.cells[column]
        sheet.fault_each(
            cells.where(ERRORS.__contains__),
            column,
            lambda row, cells=cells: error_sentence(cells[row]),  # type: ignore[misc]
        )
    for column in ("unit_code", "ssu_code"):
        cells = sheet.cells[column]
        sheet.fault_each(
            cells.where(lambda text: len(text) > MAX_CODE),
            column,
            lambda row, cells=cells: too_long(cells[row]),  # type: ignore[misc]
        )


def _forbidden() -> dict[str, re.Pattern[str]]:
    """What may not stand in a column: a line end in a name is odd but harmless, in a code it is a fault."""
    patterns = {"unit_code": _CONTROL, "subgroup": _CONTROL, "township": _CONTROL, "psu": _CONTROL}
    patterns |= {"ssu_code": re.compile(r"[|/]|" + _CONTROL.pattern)}
    return patterns | dict.fromkeys(("unit", "ssu", "phone", "address"), _NO_NAME)


def _odd_character(sheet: Sheet, column: str) -> Callable[[int], Sentence]:
    also = (" | / or", "“|”“/”或") if column == "ssu_code" else ("", "")

    def say(row: int) -> Sentence:
        text = sheet.cells[column][row]
        return Sentence(
            f"expected no{also[0]} control characters, found {_shown(text)}; type the cell anew.",
            f"不应含有{also[1]}控制字符，实为“{_shown_zh(text)}”；请重新填写。",
        )

    return say


def _check_number(sheet: Sheet, column: str, most: int) -> None:
    numbers = sheet.sizes if column == "size" else sheet.orders
    cells = sheet.cells[column]
    sheet.fault_each(
        cells.given & (numbers < 0),
        column,
        lambda row: Sentence(
            f"expected a whole number from 0 to {most}, found {_shown(cells[row])}; correct it.",
            f"应为 0 到 {most} 之间的整数，实为“{_shown_zh(cells[row])}”；请更正。",
        ),
    )


def _check_groups(sheet: Sheet) -> None:
    cells = sheet.cells["group"]
    known = [group.group for group in sheet.design.groups]
    labels = [f"{group.group}（{group.label.zh}）" for group in sheet.design.groups]
    sheet.fault_each(
        cells.given & ~cells.where(lambda text: text in known),
        "group",
        lambda row: Sentence(
            f"expected a group of the design {sheet.design.name} ({', '.join(known)}), found {_shown(cells[row])}; "
            "correct it, or take a design that has it.",
            f"应为抽样设计 {sheet.design.name} 中的类别（{'、'.join(labels)}），实为“{_shown_zh(cells[row])}”；"
            "请更正，或改用含有该类别的设计。",
        ),
    )


def _check_known_townships(sheet: Sheet, townships: Mapping[str, str]) -> None:
    cells = sheet.cells["township_code"]
    sheet.fault_each(
        cells.given & ~cells.where(lambda code: code in townships),
        "township_code",
        lambda row: Sentence(
            f"expected one of the round's {len(townships)} townships, found {_shown(cells[row])}; "
            "correct it, or add the township to the round.",
            f"应为本轮 {len(townships)} 个乡镇之一，实为“{_shown_zh(cells[row])}”；请更正，或将该乡镇加入本轮。",
        ),
    )


def _check_one_value(sheet: Sheet, key: str, value: str, en: str, zh: str) -> None:
    """Every text of ``key`` stands with one text of ``value`` only; empty cells say nothing."""
    keys, values = sheet.cells[key], sheet.cells[value]
    if _agree(sheet, keys, values):
        return
    rows = np.flatnonzero(keys.given & values.given)
    first = rows[first_rows(pair(keys.codes[rows], np.zeros_like(rows)))]
    bad = np.zeros(len(sheet.rows), dtype=bool)
    bad[rows] = values.codes[rows] != values.codes[first]
    earlier = np.zeros(len(sheet.rows), dtype=np.int64)
    earlier[rows] = first
    what = {"township_code": ("township", "所属乡镇代码")}.get(value, ("name", "名称"))
    sheet.fault_each(
        bad,
        value,
        lambda row: Sentence(
            f"the {en} {keys[row]} has the {what[0]} {_shown(values[row])} here, but {_shown(values[earlier[row]])} "
            f"in row {sheet.rows[earlier[row]]}; expected one {what[0]} for one code, correct either.",
            f"{zh} {keys[row]} 的{what[1]}在此为“{_shown_zh(values[row])}”，在第 {sheet.rows[earlier[row]]} 行为"
            f"“{_shown_zh(values[earlier[row]])}”；同一代码只应有一个{what[1]}，请更正其一。",
        ),
    )


def _agree(sheet: Sheet, keys: Coded, values: Coded) -> bool:
    """Whether every text of ``keys`` stands with one text of ``values`` only."""
    rows = sheet.runs
    rows = rows[keys.given[rows] & values.given[rows]]
    of_key = np.zeros(len(keys.texts), dtype=np.int64)
    of_key[keys.codes[rows]] = values.codes[rows]
    return bool((of_key[keys.codes[rows]] == values.codes[rows]).all())


def _check_units_once(sheet: Sheet) -> None:
    cells = sheet.cells["unit_code"]
    earlier = _repeated(sheet, sheet.unit_rows, cells)
    sheet.fault_each(
        earlier >= 0,
        "unit_code",
        lambda row: Sentence(
            f"the unit {_shown(cells[row])} stands in row {sheet.rows[earlier[row]]} already, in the same township and "
            "group; expected each unit once, delete one or correct its code.",
            f"单元“{_shown_zh(cells[row])}”在同一乡镇同一类别的第 {sheet.rows[earlier[row]]} 行已出现；"
            "每个单元只应出现一次，请删除其一或更正代码。",
        ),
    )


def _check_psu_rows(sheet: Sheet) -> None:
    """PSU rows for all PSUs of a township and group or for none, each once."""
    if not sheet.psu_rows.any():
        return
    cells = sheet.cells["psu_code"]
    earlier = _repeated(sheet, sheet.psu_rows, cells)
    sheet.fault_each(
        earlier >= 0,
        "psu_code",
        lambda row: Sentence(
            f"the PSU {_shown(cells[row])} has a row of its own in row {sheet.rows[earlier[row]]} already; "
            "expected one, delete the other.",
            f"初级单元“{_shown_zh(cells[row])}”在第 {sheet.rows[earlier[row]]} 行已有一行；只应有一行，请删除其一。",
        ),
    )
    psus = pair(sheet.lists, cells.codes)
    two_step = np.isin(sheet.lists, sheet.lists[sheet.psu_rows])
    alone = sheet.unit_rows & cells.given & sheet.staged & two_step & ~np.isin(psus, psus[sheet.psu_rows])
    sheet.fault_each(
        alone,
        "psu_code",
        lambda row: Sentence(
            f"the PSU {_shown(cells[row])} has units but no row with its size, while other PSUs of this township and "
            "group have one; give PSU rows for all of them or for none.",
            f"初级单元“{_shown_zh(cells[row])}”有单元而没有填写规模的行，而本乡镇本类别的其他初级单元有；"
            "请为全部初级单元都填写，或都不填写。",
        ),
    )


def _check_order(sheet: Sheet) -> None:
    """``order`` in every row of a township and group or in none, and unique there."""
    if sheet.cells["order"].texts == [""]:
        return
    given = sheet.cells["order"].given
    ordered = np.isin(sheet.lists, sheet.lists[given])
    sheet.fault_each(
        ordered & ~given,
        "order",
        lambda _: Sentence(
            "this row has no order, while others of its township and group have one; fill in all of them or none.",
            "此行没有顺序，而本乡镇本类别的其他行有；请全部填写或全部留空。",
        ),
    )
    dense = pair(np.maximum(sheet.orders, 0), np.zeros_like(sheet.orders))  # "7" and "07" are the same place
    earlier = _repeated(sheet, sheet.orders >= 0, Coded([], dense.astype(np.int32)))
    sheet.fault_each(
        earlier >= 0,
        "order",
        lambda row: Sentence(
            f"the order {sheet.orders[row]} stands in row {sheet.rows[earlier[row]]} already, in the same township and "
            "group; expected each number once.",
            f"顺序 {sheet.orders[row]} 在同一乡镇同一类别的第 {sheet.rows[earlier[row]]} 行已出现；每个数只应出现一次。",
        ),
    )


def _repeated(sheet: Sheet, among: NDArray[np.bool_], cells: Coded) -> NDArray[np.int64]:
    """For each row the earlier row of the same township and group with the same text, −1 where there is none."""
    none = np.array([-1], dtype=np.int64)
    lists, codes = (sheet.lists, cells.codes) if among.all() else (sheet.lists[among], cells.codes[among])
    if all_differ(lists, codes):
        return np.broadcast_to(none, len(sheet.rows))
    result = np.repeat(none, len(sheet.rows))
    rows = np.flatnonzero(among)
    first = rows[first_rows(pair(lists, codes))]
    result[rows] = np.where(first < rows, first, -1)
    return result


def _shown(text: str) -> str:
    return repr(_shown_zh(text))


def _shown_zh(text: str) -> str:
    """A cell's text, short and on one line."""
    plain = "".join(character if character.isprintable() else "�" for character in text)
    return plain if len(plain) <= 40 else plain[:39] + "…"

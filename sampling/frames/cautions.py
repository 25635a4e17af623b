"""
What should be known about a frame but does not make it a bad one: shown and recorded, not refused.

check_cautions(sheet, townships)   notes them in ``sheet.warnings``
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sampling.designs.design import GroupDesign
from sampling.errors import Sentence
from sampling.frames.coded import first_rows, pair
from sampling.frames.sheet import Sheet


def check_cautions(sheet: Sheet, townships: Mapping[str, str] | None) -> None:
    """Note everything that a sound frame may still have against it."""
    _same_person(sheet)
    _in_both_frames(sheet)
    _size_unused(sheet)
    _order_wins(sheet)
    _too_few(sheet)
    if townships is not None:
        _townships_of_the_round(sheet, townships)


def _warn(sheet: Sheet, row: int, column: str, en: str, zh: str) -> None:
    sheet.warnings.add(Sentence(en, zh), row=int(sheet.rows[row]), column=sheet.header(column))


def _in_both_frames(sheet: Sheet) -> None:
    """A household in the urban and in the rural frame could be asked twice."""
    groups, psus, units = (sheet.cells[column] for column in ("group", "psu_code", "unit_code"))
    urban, rural = groups.where(lambda group: group == "urban"), groups.where(lambda group: group == "rural")
    shared = np.zeros((2, len(psus.texts)), dtype=bool)
    for k, among in enumerate((urban[sheet.runs], rural[sheet.runs])):
        shared[k, psus.codes[sheet.runs[among]]] = True
    both = shared.all(axis=0)
    both &= np.array([text != "" for text in psus.texts])
    if not both.any():
        return
    rows = np.flatnonzero((urban | rural) & sheet.unit_rows & both[psus.codes])
    if not len(rows):
        return
    keys = pair(psus.codes[rows], units.codes[rows])
    in_urban = np.zeros(int(keys.max()) + 1, dtype=np.int64) - 1
    in_urban[keys[urban[rows]]] = rows[urban[rows]]
    for k in np.flatnonzero(rural[rows] & (in_urban[keys] >= 0)).tolist():
        row, other = int(rows[k]), int(in_urban[keys[k]])
        _warn(
            sheet,
            row,
            "unit_code",
            f"the household {units[row]} of {psus[row]} also stands in the urban frame (row {sheet.rows[other]}); "
            "every household should be in one of the two.",
            f"{psus[row]} 的住户 {units[row]} 同时在城镇抽样框中（第 {sheet.rows[other]} 行）；每户应只属于其中之一。",
        )


def _same_person(sheet: Sheet) -> None:
    """The same name and phone twice among the delegates of a township: one person with two roles counts once."""
    names, phones = sheet.cells["unit"], sheet.cells["phone"]
    delegates = sheet.cells["group"].where(lambda group: group == "delegates")
    rows = np.flatnonzero(delegates & names.given & phones.given)
    if not len(rows):
        return
    first = rows[first_rows(pair(names.codes[rows], phones.codes[rows]))]
    for row, other in zip(rows[first < rows].tolist(), first[first < rows].tolist(), strict=True):
        _warn(
            sheet,
            row,
            "unit",
            f"a delegate of the same name and phone stands in row {sheet.rows[other]}; "
            "one person with two roles should stand once.",
            f"与第 {sheet.rows[other]} 行的代表姓名、电话相同；一人兼有两种身份的只应列一次。",
        )


def _size_unused(sheet: Sheet) -> None:
    if sheet.cells["size"].texts == [""]:
        return
    rows = np.flatnonzero(sheet.unit_rows & sheet.cells["size"].given)
    if len(rows):
        _warn(
            sheet,
            int(rows[0]),
            "size",
            f"a size in the row of a unit is kept but not used ({len(rows)} rows); only rows of whole PSUs have one.",
            f"单元行中的规模予以保留但不使用（共 {len(rows)} 行）；只有初级单元行的规模有效。",
        )
    for row in np.flatnonzero(sheet.psu_rows & (sheet.sizes == 0)).tolist():
        _warn(
            sheet,
            row,
            "size",
            f"the PSU {sheet.cells['psu_code'][row]} has size 0 and can never be drawn by its size.",
            f"初级单元 {sheet.cells['psu_code'][row]} 的规模为 0，按规模抽样时不可能被抽中。",
        )


def _order_wins(sheet: Sheet) -> None:
    given = sheet.rows[:0] if sheet.cells["order"].texts == [""] else np.flatnonzero(sheet.cells["order"].given)
    if len(given):
        header, count = sheet.header("order"), len(np.unique(sheet.lists[given]))
        sheet.warnings.add(
            Sentence(
                f"the lists of {count} township groups are ordered by this column, not by the design's own columns.",
                f"{count} 个乡镇类别的名单按此列排序，而不按设计规定的列排序。",
            ),
            column=header,
        )


class _Counted(NamedTuple):
    """What a list has: units by PSU, and the elements that a draw may take, which PSU rows may stand for."""

    units: dict[int, int]
    available: int


def _too_few(sheet: Sheet) -> None:
    """Lists with fewer units than the design takes, and clusters with fewer than one hit takes."""
    townships = sheet.cells["township_code"]
    members = _counted(sheet)
    nothing = _Counted({}, 0)
    for code in np.unique(townships.codes[sheet.runs]).tolist():
        for group in sheet.design.groups:
            found = members.get((townships.texts[code], group.group), nothing)
            _too_few_of(sheet, townships.texts[code], group, found)


def _counted(sheet: Sheet) -> dict[tuple[str, str], _Counted]:
    """Units and elements of each list, by township and group."""
    townships, groups, psus = (sheet.cells[column] for column in ("township_code", "group", "psu_code"))
    units = sheet.run_lengths
    sizes = with_rows = np.zeros_like(units)
    if sheet.some_without_unit:
        units = np.add.reduceat(sheet.unit_rows, sheet.runs, dtype=np.int64)
        sizes = np.add.reduceat(np.where(sheet.psu_rows, sheet.sizes, 0), sheet.runs)
        with_rows = np.add.reduceat(sheet.psu_rows, sheet.runs, dtype=np.int64)
    found: dict[tuple[str, str], tuple[dict[int, int], list[int]]] = {}
    for township, group, psu, n, size, psu_rows in zip(
        townships.codes[sheet.runs].tolist(),
        groups.codes[sheet.runs].tolist(),
        psus.codes[sheet.runs].tolist(),
        units.tolist(),
        sizes.tolist(),
        with_rows.tolist(),
        strict=True,
    ):
        own, totals = found.setdefault((townships.texts[township], groups.texts[group]), ({}, [0, 0]))
        totals[0] += size
        totals[1] += psu_rows
        if n:
            own[psu] = own.get(psu, 0) + n
    return {key: _Counted(own, totals[0] if totals[1] else sum(own.values())) for key, (own, totals) in found.items()}


def _too_few_of(sheet: Sheet, township: str, group: GroupDesign, found: _Counted) -> None:
    available = found.available
    where = f"{township}, {group.group}", f"{township} 的“{group.label.zh}”"
    wanted, last = group.sample_size, group.stages[-1].n
    if wanted is None or last is None:  # a rate takes what there is of it
        return
    if available < wanted:
        sheet.warnings.add(
            Sentence(
                f"{where[0]}: the frame has {available} units, the design takes {wanted}; "
                "all that can be taken will be.",
                f"{where[1]}：抽样框有 {available} 个单元，设计需抽 {wanted} 个；能抽的将全部抽取。",
            )
        )
    elif group.staged:
        short = sorted(code for code, count in found.units.items() if count < last)
        if short and not group.has_stage("ssu"):
            texts = sheet.cells["psu_code"].texts
            named = ", ".join(f"{texts[code]} ({found.units[code]})" for code in short[:5])
            more = f" … {len(short)}" if len(short) > 5 else ""
            sheet.warnings.add(
                Sentence(
                    f"{where[0]}: a hit takes {last} units, fewer are listed in {named}{more}.",
                    f"{where[1]}：每次抽中取 {last} 个单元，下列初级单元不足此数：{named}{more}。",
                )
            )


def _townships_of_the_round(sheet: Sheet, townships: Mapping[str, str]) -> None:
    codes, names = sheet.cells["township_code"], sheet.cells["township"]
    _, first = np.unique(codes.codes, return_index=True)
    listed = {codes[row]: (row, names[row]) for row in first.tolist()}
    for code, (row, name) in listed.items():
        if townships.get(code, name) != name:
            _warn(
                sheet,
                row,
                "township",
                f"the township {code} is called {name!r} here, {townships[code]!r} in the round.",
                f"乡镇 {code} 在此称为“{name}”，在本轮中称为“{townships[code]}”。",
            )
    for code in townships:
        if code not in listed:
            sheet.warnings.add(
                Sentence(
                    f"the township {code} {townships[code]} of the round has no row in the frame.",
                    f"本轮的乡镇 {code} {townships[code]} 在抽样框中没有任何行。",
                )
            )

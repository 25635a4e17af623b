"""
Check the tables of a folder of responses, column by column, and turn texts into what they mean.

check_group       one group's answers
check_townships   townships.csv
check_samples     samples.csv
check_one_round   all groups' answers together
ROW_RULES         what a cell of each column of the contract must be

Each gathers every fault with file, row and column; what it returns is only sound if no fault was added.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from analysis.errors import FaultList
from analysis.itemlists import ITEM_ID, ItemList

ANSWERS = ("satisfied", "basic", "unsatisfied", "unknown")
MODES = ("self", "assisted", "paper")
MINUTES = ("<1", "1-2", "2-5", ">5")
ROW_COLUMNS = ("round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes")
TOWNSHIP_COLUMNS = ("township_code", "township", "last_rank")
SAMPLE_COUNTS = ("size", "listed", "hits", "issued", "released", "eligible", "answered")
SAMPLE_COLUMNS = (
    "township_code", "group", "psu_code", "size", "listed", "hits", "pi_1", "issued", "released", "eligible", "answered",
)  # fmt: skip

MAX_WEIGHT = 1e15
"""Sums of larger weights would no longer be exact to a person."""
GROUP = re.compile(r"[a-z][a-z0-9_]{0,31}")
_WHOLE = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?|[0-9]+\.")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHORTENED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")


def check_group(
    file: str,
    group: str,
    texts: pd.DataFrame,
    townships: Collection[str],
    item_list: ItemList | None,
    faults: FaultList,
) -> tuple[pd.DataFrame, ItemList] | None:
    """
    The answers of one group.

    Parameters
    ----------
    file, group : str
        How faults name the table, and the group that its rows must be of.
    texts : DataFrame
        Cells as texts, indexed by row number.
    townships : collection of str
        The codes of townships.csv; empty if that file is itself at fault, so that its fault is not told in every row.
    item_list : ItemList or None
        The items of the frozen questionnaire; None takes the columns beyond those of the contract.
    faults : FaultList
        Takes what is wrong.

    Returns
    -------
    (DataFrame, ItemList) or None
        The columns of the contract in their order, then the items; ``wave`` int64, ``weight`` float64, each item
        categorical over ``ANSWERS`` with skipped ones missing. None if columns are missing.
    """
    before = len(faults)
    items = item_list or _items_of_columns(file, group, texts, faults)
    if items is None or not _columns_are_sound(file, texts, (*ROW_COLUMNS, *items.items), faults):
        return None
    if texts.empty:
        faults.add(
            file,
            "expected at least one row of answers, found none; leave the file out.",
            "至少应有一行答案，实无一行，请删去该文件。",
        )
        return None
    check = _Columns(file, texts, faults)
    check.each("round", *ROW_RULES["round"])
    check.each("wave", *ROW_RULES["wave"])
    check.code("township_code")
    check.township(townships)
    check.each("group", group.__eq__, f"the group of the file, {group}", f"文件的类别 {group}")
    check.code("psu_code", may_be_empty=True)
    check.each("weight", *ROW_RULES["weight"])
    check.each("mode", ("", *MODES).__contains__, "self, assisted, paper or nothing", " self、assisted、paper 或空")
    check.each("minutes", ("", *MINUTES).__contains__, "<1, 1-2, 2-5, >5 or nothing", " <1、1-2、2-5、>5 或空")
    for item in items.items:
        check.each(
            item,
            ("", *ANSWERS).__contains__,
            "satisfied, basic, unsatisfied, unknown or nothing",
            " satisfied、basic、unsatisfied、unknown 或空",
        )
    check.psu_in_all_or_none()
    return None if len(faults) > before else (_group_table(texts, items.items), items)


def check_townships(file: str, texts: pd.DataFrame, faults: FaultList) -> pd.DataFrame | None:
    """The townships: ``township_code, township, last_rank`` (Int64, missing where there was none)."""
    before = len(faults)
    if not _columns_are_sound(file, texts, TOWNSHIP_COLUMNS, faults):
        return None
    check = _Columns(file, texts, faults)
    if texts.empty:
        faults.add(file, "expected at least one township, found none.", "至少应有一个乡镇，实无。")
    check.code("township_code")
    check.once(("township_code",))
    check.each("township", _is_plain, "the township's name", "乡镇名称")
    check.each(
        "last_rank", _or_empty(_is_positive_whole), "a whole number, 1 or more, or nothing", "不小于 1 的整数或空"
    )
    if len(faults) > before:
        return None
    plain = texts.reset_index(drop=True)
    table = {name: plain[name].astype("str") for name in ("township_code", "township")}
    return pd.DataFrame({**table, "last_rank": _whole_numbers(plain["last_rank"])})


def check_samples(file: str, texts: pd.DataFrame, townships: Collection[str], faults: FaultList) -> pd.DataFrame | None:
    """What was issued and answered, by township, group and PSU: counts Int64, ``pi_1`` float64, missing where empty."""
    before = len(faults)
    if not _columns_are_sound(file, texts, SAMPLE_COLUMNS, faults):
        return None
    check = _Columns(file, texts, faults)
    check.code("township_code")
    check.township(townships)
    check.each("group", _is_group, "a group's code", "类别代码")
    check.code("psu_code", may_be_empty=True)
    check.once(("township_code", "group", "psu_code"))
    for name in SAMPLE_COUNTS:
        check.each(name, _or_empty(_is_whole), "a whole number or nothing", "整数或空")
    check.each("pi_1", _or_empty(_is_positive), "a number above 0 or nothing", "大于 0 的数或空")
    if len(faults) > before:
        return None
    plain = texts.reset_index(drop=True)
    table: dict[str, pd.Series] = {name: plain[name].astype("str") for name in ("township_code", "group", "psu_code")}
    table |= {name: _whole_numbers(plain[name]) for name in SAMPLE_COUNTS}
    table["pi_1"] = pd.Series([float(value) if value else math.nan for value in plain["pi_1"]], dtype="float64")
    return pd.DataFrame({name: table[name] for name in SAMPLE_COLUMNS})


def check_one_round(tables: Mapping[str, tuple[str, pd.DataFrame]], faults: FaultList) -> None:
    """
    Refuse answers of two rounds or waves in one folder.

    ``tables`` holds, by group, the file's name and its texts; the first row of the first one says which round it is.
    """
    for name, word_zh in (("round", "轮次"), ("wave", "期次")):
        first: str | None = None
        for file, texts in tables.values():
            if name not in texts or texts.empty or not texts.columns.is_unique:
                continue
            first = str(texts[name].iloc[0]) if first is None else first
            _Columns(file, texts, faults).each(
                name,
                first.__eq__,
                f"the {name} of the first row, {first!r} (one folder holds one round)",
                f"与第一行相同的{word_zh} {first!r}（一个文件夹只放一个轮次）",
            )


class _Columns:
    """Checks the columns of one table and notes each bad cell."""

    def __init__(self, file: str, texts: pd.DataFrame, faults: FaultList) -> None:
        self._file, self._texts, self._faults = file, texts, faults

    def each(self, name: str, is_good: Callable[[str], bool], expected_en: str, expected_zh: str) -> None:
        """Note each cell that is not good; a value is judged once, however often it stands."""
        column = self._texts[name]
        bad = {value for value in column.unique() if not is_good(value)}
        if not bad:
            return
        for row, value in column[column.isin(bad)].items():
            self._add(row, name, expected_en, expected_zh, value)

    def code(self, name: str, *, may_be_empty: bool = False) -> None:
        """A code must be there, and be one that no spreadsheet has shortened to 3.5E+11."""
        self.each(name, lambda value: bool(value) or may_be_empty, "a code", "代码")
        self.each(name, _is_code, *_WHOLE_CODE)

    def township(self, known: Collection[str]) -> None:
        """The township must be one that townships.csv has."""
        if known:
            self.each("township_code", known.__contains__, "a township of townships.csv", " townships.csv 中的乡镇代码")

    def once(self, names: Collection[str]) -> None:
        """The named columns together may not repeat."""
        columns = list(names)
        for row, values in self._texts.loc[self._texts.duplicated(columns), columns].iterrows():
            self._add(row, columns[0], "each one once", "每项只出现一次", " ".join(values).strip())

    def psu_in_all_or_none(self) -> None:
        """A township's rows of a group name their PSU in every row or, in a one-stage group, in none."""
        empty = self._texts["psu_code"] == ""
        is_staged = (~empty).groupby(self._texts["township_code"]).transform("any")
        for row in self._texts.index[empty & is_staged]:
            self._add(
                row,
                "psu_code",
                "the PSU's code, as in the township's other rows",
                "初级单元代码（该乡镇此类的其他各行均有）",
                "",
            )

    def _add(self, row: object, name: str, expected_en: str, expected_zh: str, value: str) -> None:
        found = repr(value[:60]) if value else None
        self._faults.add(
            self._file,
            f"expected {expected_en}, found {found or 'nothing'}; correct the cell.",
            f"应为{expected_zh}，实为{f' {found}' if found else '空'}，请改正该格。",
            row=int(str(row)),
            column=name,
        )


def _items_of_columns(file: str, group: str, texts: pd.DataFrame, faults: FaultList) -> ItemList | None:
    items = [name for name in texts.columns if name not in ROW_COLUMNS]
    strangers = [name for name in items if not ITEM_ID.fullmatch(name)]
    for name in strangers:
        _add_stranger(file, name, faults)
    if not items:
        faults.add(
            file, "expected a column for each item (R01 …), found none.", "应有各题的列（R01 等），实无。", row=1
        )
    return None if strangers or not items else ItemList(group, tuple(items))


def _columns_are_sound(file: str, texts: pd.DataFrame, expected: Collection[str], faults: FaultList) -> bool:
    before = len(faults)
    for name in texts.columns[texts.columns.duplicated()].unique():
        faults.add(file, "expected each column once; keep one.", "每列只应出现一次，请保留一列。", row=1, column=name)
    for name in expected:
        if name not in texts.columns:
            faults.add(
                file,
                "expected this column, found none of this name; add it.",
                "应有此列，实无，请补上。",
                row=1,
                column=name,
            )
    for name in texts.columns:
        if name not in expected:
            _add_stranger(file, name, faults)
    return len(faults) == before


def _add_stranger(file: str, name: str, faults: FaultList) -> None:
    faults.add(
        file,
        "expected only the columns of the contract and the items of the questionnaire; remove this column.",
        "只应有约定的列和问卷的题目，请删去此列。",
        row=1,
        column=name,
    )


def _group_table(texts: pd.DataFrame, items: Iterable[str]) -> pd.DataFrame:
    table: dict[str, pd.Series] = {}
    plain = texts.reset_index(drop=True)
    for name in ROW_COLUMNS:
        table[name] = plain[name].astype("str")
    table["wave"] = plain["wave"].astype("int64")
    table["weight"] = plain["weight"].astype("float64")
    for item in items:
        table[item] = pd.Series(pd.Categorical(plain[item].where(plain[item] != ""), categories=list(ANSWERS)))
    return pd.DataFrame(table)


def _whole_numbers(column: pd.Series) -> pd.Series:
    return pd.Series([int(value) if value else pd.NA for value in column], dtype="Int64")


def _or_empty(is_good: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: value == "" or is_good(value)


def _is_plain(value: str) -> bool:
    return bool(value) and not _CONTROL.search(value)


def _is_group(value: str) -> bool:
    return bool(GROUP.fullmatch(value))


def _is_whole(value: str) -> bool:
    return bool(_WHOLE.fullmatch(value))


def _is_positive_whole(value: str) -> bool:
    return _is_whole(value) and int(value) > 0


def _is_positive(value: str) -> bool:
    return bool(_DECIMAL.fullmatch(value)) and 0 < float(value) < math.inf


def _is_weight(value: str) -> bool:
    return _is_positive(value) and float(value) <= MAX_WEIGHT


def _is_code(value: str) -> bool:
    return not _SHORTENED.fullmatch(value) and not _CONTROL.search(value)


class Rule(NamedTuple):
    """What a cell must be, and how that is said."""

    is_good: Callable[[str], bool]
    en: str
    zh: str


_WHOLE_CODE = (
    "all digits of a code (a spreadsheet shortens them: format the column as text)",
    "完整的代码（电子表格会把长数字缩短，请将该列设为文本）",
)
ROW_RULES = {
    "round": Rule(_is_plain, "a text without control characters", "不含控制字符的文字"),
    "wave": Rule(_is_positive_whole, "a whole number, 1 or more", "不小于 1 的整数"),
    "township_code": Rule(lambda value: bool(value) and _is_code(value), *_WHOLE_CODE),
    "group": Rule(_is_group, "a group's code", "类别代码"),
    "psu_code": Rule(_is_code, *_WHOLE_CODE),
    "weight": Rule(_is_weight, "a number above 0 and at most 1e15", "大于 0 且不超过 1e15 的数"),
}
"""By column; ``count_files`` holds large files to the same."""

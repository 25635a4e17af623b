"""
Answers as labelled numbers, one table a group, one row a respondent: what SPSS and Stata files and the codebook hold.

1 satisfied, 2 basically satisfied, 3 unsatisfied; 8 not familiar and 9 skipped are missing values, told apart. Points are not
the codes: what a don't-know scores is a reading of the rules, and the files say what was answered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import ANSWERS, MINUTES, MODES
from analysis.exports.source import ExportSource, needed
from analysis.labels import Label

UNKNOWN, SKIPPED = 8, 9
ANSWER_CODES = {
    1: Label("满意", "Satisfied"),
    2: Label("基本满意", "Basically satisfied"),
    3: Label("不满意", "Unsatisfied"),
}
MISSING_CODES = {UNKNOWN: Label("不了解", "Not familiar"), SKIPPED: Label("未答", "Skipped")}
MODE_CODES = {
    1: Label("本人填答", "By the respondent"),
    2: Label("协助填答", "Assisted"),
    3: Label("纸质", "On paper"),
}
MINUTE_CODES = {
    1: Label("不足1分钟", "Under 1 minute"),
    2: Label("1至2分钟", "1 to 2 minutes"),
    3: Label("2至5分钟", "2 to 5 minutes"),
    4: Label("5分钟以上", "Over 5 minutes"),
}
_FACTS = {
    "round": Label("轮次", "Round"),
    "wave": Label("评议期次", "Wave"),
    "township_code": Label("乡镇代码", "Township code"),
    "township": Label("乡镇", "Township"),
    "group": Label("类别", "Group"),
    "psu_code": Label(
        "初级抽样单元代码（一阶段抽样为空）", "Code of the primary sampling unit, empty in a one-stage group"
    ),
    "weight": Label("设计权数", "Design weight"),
    "mode": Label("填答方式", "Mode of answering"),
    "minutes": Label("答题用时", "Answering time"),
}


@dataclass(frozen=True)
class Variable:
    """
    A variable: its name, its label, and for coded ones the labels of its values and which of them are missing.

    ``is_item`` tells an item of the questionnaire; ``is_text`` a text.
    """

    name: str
    label: Label
    values: dict[int, Label]
    missing: tuple[int, ...] = ()
    is_item: bool = False
    is_text: bool = False


@dataclass(frozen=True)
class CodedGroup:
    """
    One group's answers.

    ``rows`` has a column for each variable: texts, doubles, and codes as doubles with NaN where the answers hold nothing.
    """

    group: str
    label: Label
    variables: tuple[Variable, ...]
    rows: pd.DataFrame


def coded_groups(source: ExportSource, format_name: str) -> list[CodedGroup]:
    """
    The answers of every group, in the scheme's order of groups and the file's order of rows.

    Raises
    ------
    ExportError
        If the scores came without the answers.
    """
    responses = needed(source, format_name)
    names = dict(zip(responses.townships["township_code"], responses.townships["township"], strict=True))
    order = [group for group in source.scores.scheme.groups if group.code in responses.groups]
    return [
        CodedGroup(
            group.code,
            group.label,
            _variables(source, group.code),
            _coded(responses.groups[group.code], responses.items(group.code), names),
        )
        for group in order
    ]


def _variables(source: ExportSource, group: str) -> tuple[Variable, ...]:
    coded = {"mode": MODE_CODES, "minutes": MINUTE_CODES}
    texts = ("round", "township_code", "township", "group", "psu_code")
    facts = [Variable(name, label, coded.get(name, {}), is_text=name in texts) for name, label in _FACTS.items()]
    items = source.item_lists[group]
    wordings = [
        Variable(
            item,
            items.texts.get(item, Label(item, item)),
            {**ANSWER_CODES, **MISSING_CODES},
            (UNKNOWN, SKIPPED),
            is_item=True,
        )
        for item in items.items
    ]
    return (*facts, *wordings)


def _coded(rows: pd.DataFrame, items: tuple[str, ...], names: dict[str, str]) -> pd.DataFrame:
    table: dict[str, pd.Series] = {
        name: rows[name].astype("object") for name in ("round", "township_code", "group", "psu_code")
    }
    table["wave"] = rows["wave"].astype("float64")
    table["township"] = rows["township_code"].map(names).astype("object")
    table["weight"] = rows["weight"].astype("float64")
    table["mode"] = _positions(rows["mode"], MODES)
    table["minutes"] = _positions(rows["minutes"], MINUTES)
    codes = np.array([1, 2, 3, UNKNOWN, SKIPPED], dtype="float64")  # the last stands for the position -1
    answers = {item: pd.Series(codes[_answer_positions(rows[item])], rows.index) for item in items}
    return pd.DataFrame({name: table[name] for name in _FACTS} | answers).reset_index(drop=True)


def _answer_positions(column: pd.Series) -> np.ndarray:
    positions = column.cat.set_categories(list(ANSWERS)).cat.codes.to_numpy()
    return np.where(positions < 0, len(ANSWERS), positions)


def _positions(column: pd.Series, known: tuple[str, ...]) -> pd.Series:
    """1 for the first of the known values, 2 for the second …; NaN where it is empty."""
    return column.map({value: float(number) for number, value in enumerate(known, start=1)}).astype("float64")

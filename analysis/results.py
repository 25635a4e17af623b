"""
What scoring gives, and how its tables are called.

Scores         the three tables, the exact figures behind them, notes, and what they were made with
ExactScores    the same figures as fractions
Note           one sentence that a reader of the figures needs
TABLES         the columns of each table with their Chinese headers and number formats
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from analysis.labels import Label
from analysis.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["text", "whole", "score", "share"]


@dataclass(frozen=True)
class Column:
    """A column: its name in files, its header for people, its number format and width in characters."""

    name: str
    header: Label
    format: Format
    width: int = 12


@dataclass(frozen=True)
class Table:
    """A table: its name in files, the name of its sheet, its columns."""

    name: str
    sheet: Label
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Note:
    """
    One sentence in both languages; ``kind`` says what it is about.

    ``items_of`` is the township code and group whose items it tells of, empty for any other.
    """

    kind: str
    en: str
    zh: str
    items_of: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class ExactScores:
    """
    The figures as fractions; what has no score is not there.

    ``items`` by (wave, township, group, item), ``groups`` by (wave, township, group), ``townships`` by (wave, township).
    """

    items: Mapping[tuple[int, str, str, str], Fraction]
    groups: Mapping[tuple[int, str, str], Fraction]
    townships: Mapping[tuple[int, str], Fraction]


@dataclass(frozen=True)
class Scores:
    """
    The official scores of a round.

    Attributes
    ----------
    items, groups, townships : DataFrame
        The columns of ``TABLES``, in full double precision, each the nearest double to the exact figure. Standard errors
        and intervals are those of ``precision``'s default, empty if the scores come from counts alone; rank ranges are empty.
    exact : ExactScores
        What decided the ranks.
    notes : tuple of Note
        Whatever a reader must know: items nobody could judge, groups that are missing, ties.
    scheme : Scheme
    round : str
        Empty if the scores come from counts alone.
    engine : str
        Name and version of the program.
    degrees : mapping of str to Series
        By table, the degrees of freedom of its standard errors, by the rows' index; no column of the written tables. Empty
        if the scores come from counts alone.
    """

    items: pd.DataFrame
    groups: pd.DataFrame
    townships: pd.DataFrame
    exact: ExactScores
    notes: tuple[Note, ...]
    scheme: Scheme
    round: str
    engine: str
    degrees: Mapping[str, pd.Series] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> pd.DataFrame:
        """One of the three tables by the name it has in ``TABLES``."""
        return {"items": self.items, "groups": self.groups, "townships": self.townships}[name]


@cache
def engine_version() -> str:
    """Name and version of this program, as exports state it."""
    try:
        return f"pingyi {metadata.version('pingyi')}"
    except metadata.PackageNotFoundError:  # run from a bare checkout
        return "pingyi (not installed)"


_WAVE = Column("wave", Label("评议期次", "Wave"), "whole", 10)
_TOWNSHIP_CODE = Column("township_code", Label("乡镇代码", "Township code"), "text", 16)
_GROUP = Column("group", Label("类别", "Group"), "text", 12)
_SE = Column("se", Label("标准误", "Standard error"), "score", 10)
_CI_LOW = Column("ci_low", Label("置信区间下限", "Interval from"), "score", 14)
_CI_HIGH = Column("ci_high", Label("置信区间上限", "Interval to"), "score", 14)

TABLES: dict[str, Table] = {
    "townships": Table(
        "townships",
        Label("乡镇得分", "Townships"),
        (
            _WAVE,
            _TOWNSHIP_CODE,
            Column("township", Label("乡镇", "Township"), "text", 18),
            Column("public_appraisal", Label("公众评议总分", "Public appraisal"), "score", 14),
            _SE,
            _CI_LOW,
            _CI_HIGH,
            Column("rank", Label("位次", "Rank"), "whole", 8),
            Column("rank_low", Label("位次区间上端", "Rank from"), "whole", 14),
            Column("rank_high", Label("位次区间下端", "Rank to"), "whole", 14),
            Column("p_top6", Label("模拟中进入前六的比例", "Share of simulations among the first six"), "share", 22),
        ),
    ),
    "groups": Table(
        "groups",
        Label("各类得分", "Groups"),
        (
            _WAVE,
            _TOWNSHIP_CODE,
            _GROUP,
            Column("total", Label("合计分值", "Total"), "score", 12),
            _SE,
            _CI_LOW,
            _CI_HIGH,
            Column("respondents", Label("回答人数", "Respondents"), "whole", 12),
            Column("response_rate", Label("回收率", "Response rate"), "share", 10),
        ),
    ),
    "items": Table(
        "items",
        Label("单项得分", "Items"),
        (
            _WAVE,
            _TOWNSHIP_CODE,
            _GROUP,
            Column("item", Label("题目", "Item"), "text", 8),
            Column("score", Label("单项得分", "Score"), "score", 12),
            _SE,
            Column("satisfied", Label("满意", "Satisfied"), "whole", 10),
            Column("basic", Label("基本满意", "Basically satisfied"), "whole", 10),
            Column("unsatisfied", Label("不满意", "Unsatisfied"), "whole", 10),
            Column("unknown", Label("不了解", "Not familiar"), "whole", 10),
            Column("skipped", Label("未答", "Skipped"), "whole", 10),
        ),
    ),
}

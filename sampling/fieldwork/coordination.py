"""
Coordination with earlier rounds (样本轮换): leave out who was asked before.

exclude_units(table, earlier)         drops the units of earlier samples
avoid_units(table, earlier, design)   drops them only where enough units are left
CoordinationReport                    what was left out, which lists were kept whole and why, what it does to the
                                      probabilities

Nothing is changed in place and nothing silently: both give a new table and the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.designs.design import Design, GroupDesign
from sampling.errors import SamplingError, Sentence
from sampling.fieldwork.earlier_units import Earlier, Lists, Meeting, lists_of, meet
from sampling.frames.raw_table import cell_text
from sampling.frames.sheet import MAX_SIZE, whole_number
from sampling.methods import METHODS

ROLES = ("main", "reserve")
COUNT_COLUMNS = ("township_code", "group", "psu_code", "listed", "met", "excluded", "left")

EFFECT = Sentence(
    "Given the earlier samples, the probabilities of this draw are those of the reduced frame, as sample.csv has them; "
    "units left out have probability 0 this time. In a one-stage group drawn with equal probability each unit's "
    "probability over both draws stays n/N of the whole list, if the earlier sample was itself drawn from it with equal "
    "probability and fixed size (for several rounds: if each left out those before it).",
    "在以往样本给定的条件下，本次的入样概率就是缩减后抽样框的入样概率（见 sample.csv）；被排除的单元本次概率为 0。"
    "对等概率抽取的单阶段类别，若以往样本也是从同一名单等概率、定额抽取（多轮时每轮都排除此前各轮），"
    "则各单元在两次抽样下的概率仍为整个名单的 n/N。",
)
"""What leaving units out does to probabilities; proven in docs/method-steps.md."""


@dataclass(frozen=True)
class KeptList:
    """
    A list that was kept whole, since too few units would have been left.

    Attributes
    ----------
    township_code, group, psu_code : str
        ``psu_code`` is empty for the list of a one-stage group.
    listed, met, needed : int
        Units in the list; those of earlier samples among them; how many the design takes from it, with reserves.
    """

    township_code: str
    group: str
    psu_code: str
    listed: int
    met: int
    needed: int

    @property
    def reason(self) -> Sentence:
        """Why, in both languages."""
        left = self.listed - self.met
        where = " ".join(part for part in (self.township_code, self.group, self.psu_code) if part)
        return Sentence(
            f"{where}: kept whole; without the {self.met} units of earlier samples {left} of {self.listed} would be "
            f"left, the design takes {self.needed} with its reserves.",
            f"{where}：整个名单保留；排除以往样本 {self.met} 个后只剩 {left} 个（共 {self.listed} 个），"
            f"而设计连同备用需要 {self.needed} 个。",
        )


@dataclass(frozen=True, eq=False)
class CoordinationReport:
    """
    What was left out of a frame.

    Attributes
    ----------
    counts : DataFrame
        One row per list that holds units of earlier samples: township_code, group, psu_code (empty for a one-stage
        list), ``listed``, ``met`` (units of earlier samples in it), ``excluded``, ``left``.
    kept_whole : tuple of KeptList
    excluded : int
        Units left out, over all.
    earlier : int
        Different units in the earlier samples.
    not_found : int
        Those of them that this frame does not have (in their own group, nor in the other of urban and rural).
    effect : Sentence
        What this does to the probabilities.
    """

    counts: pd.DataFrame
    kept_whole: tuple[KeptList, ...]
    excluded: int
    earlier: int
    not_found: int
    effect: Sentence = EFFECT


def exclude_units(
    frame_table: pd.DataFrame, earlier: Earlier | Iterable[Earlier], *, roles: Collection[str] = ROLES
) -> tuple[pd.DataFrame, CoordinationReport]:
    """
    Drop the units of earlier rounds' samples.

    Parameters
    ----------
    frame_table : DataFrame of str
        As ``Frame.table``. PSU rows are never dropped, listed units are.
    earlier : path, DataFrame, or several
        ``sample.csv``, the folder of a draw, or its sample as a table.
    roles : collection of str
        Which rows of the earlier samples count, where they have a column ``role``; ``("main",)`` leaves reserves
        that were drawn in the frame.

    Returns
    -------
    table : DataFrame
        The rows that are left, in their order, ready for ``read_frame``.
    report : CoordinationReport

    Raises
    ------
    SamplingError
        If a table lacks a column, or an earlier sample cannot be read.

    Notes
    -----
    A unit is known by township, group, PSU and unit code; a household also across the groups urban and rural, by PSU
    and unit code. So codes must last: where a village numbers its households anew for each round's listing, the same
    code is another household, and leaving out by code leaves out the wrong ones.

    Examples
    --------
    >>> rows = [("1", "delegates", "", code) for code in "ABCD"]
    >>> frame = pd.DataFrame(rows, columns=["township_code", "group", "psu_code", "unit_code"])
    >>> left, report = exclude_units(frame, frame.iloc[[1]])
    >>> left["unit_code"].tolist(), report.excluded
    (['A', 'C', 'D'], 1)
    """
    meeting = meet(frame_table, earlier, roles)
    staged = set(meeting.keys.loc[meeting.keys["psu_code"] != "", "group"])
    return _report(frame_table, meeting, lists_of(meeting, staged), meeting.met, ())


def avoid_units(
    frame_table: pd.DataFrame,
    earlier: Earlier | Iterable[Earlier],
    design: Design,
    *,
    roles: Collection[str] = ROLES,
) -> tuple[pd.DataFrame, CoordinationReport]:
    """
    Drop the units of earlier samples where enough are left, else keep the whole list.

    Parameters
    ----------
    frame_table, earlier, roles
        As ``exclude_units``.
    design : Design
        A list (of a one-stage group, or of a PSU) is reduced if it keeps what the design takes from it with its
        reserves: (R + 1)·n in one stage; (R + 1)·m·h within a PSU, with m units per hit and h = ⌈n·s/M⌉ the expected
        number of hits, rounded up (1 where PSUs are drawn with equal probability).

    Returns
    -------
    table : DataFrame
    report : CoordinationReport
        Its ``kept_whole`` says which lists were kept, and why.

    Raises
    ------
    SamplingError
        As ``exclude_units``; or if the frame has a group that the design does not have.

    Notes
    -----
    Codes must last, as for ``exclude_units``.

    Examples
    --------
    >>> from sampling import load_design
    >>> rows = [("1", "delegates", "", code) for code in "ABCDEFGHIJ"]
    >>> frame = pd.DataFrame(rows, columns=["township_code", "group", "psu_code", "unit_code"])
    >>> left, report = avoid_units(frame, frame.iloc[:3], load_design("teaching"))
    >>> len(left), report.kept_whole[0].needed
    (10, 8)
    """
    meeting = meet(frame_table, earlier, roles)
    unknown = sorted(set(meeting.keys["group"]) - set(design.by_group))
    if unknown:
        raise SamplingError(
            f"The frame has the group {unknown[0]!r}, which the design {design.name} does not have "
            f"({', '.join(design.by_group)}); take the design that the frame was read with.",
            f"抽样框中的类别“{unknown[0]}”不在设计 {design.name} 中（{'、'.join(design.by_group)}）；"
            "请使用读入抽样框时的设计。",
        )
    lists = lists_of(meeting, {group.group for group in design.groups if group.staged})
    rows = zip(lists.names, lists.count_of(meeting.is_unit), lists.count_of(meeting.met), strict=True)
    needed = _needed(frame_table, meeting, lists, design)
    kept = {
        k: KeptList(*name, listed=listed, met=met, needed=needed[k])
        for k, (name, listed, met) in enumerate(rows)
        if met and listed - met < needed[k]
    }
    drop = meeting.met & ~np.isin(lists.codes, list(kept))
    return _report(frame_table, meeting, lists, drop, tuple(kept.values()))


def _needed(frame_table: pd.DataFrame, meeting: Meeting, lists: Lists, design: Design) -> list[int]:
    """What the design takes from each list, with its reserves, at the expected number of hits."""
    sizes = lists.count_of(meeting.is_unit)
    if "size" in frame_table.columns:
        psu_rows = np.flatnonzero(~meeting.is_unit)
        texts = map(cell_text, frame_table["size"].iloc[psu_rows].tolist())
        for k, text in zip(lists.codes[psu_rows].tolist(), texts, strict=True):
            sizes[k] = whole_number(text, MAX_SIZE) or 0
    totals: Counter[tuple[str, str]] = Counter()
    for name, size in zip(lists.names, sizes, strict=True):
        totals[name[:2]] += size
    psus = Counter(name[:2] for name in lists.names)
    return [
        _taken(design.by_group[name.group], size, totals[name[:2]], psus[name[:2]])
        for name, size in zip(lists.names, sizes, strict=True)
    ]


def _taken(group: GroupDesign, size: int, total: int, psus: int) -> int:
    """What a list of a size should keep: its main units and their reserves at the expected number of hits."""
    first = group.stages[0]
    if not group.staged:
        return (group.reserves + 1) * first.wanted(size)
    n = first.wanted(psus)
    hits = max(1, -(-n * size // total)) if METHODS[first.method].by_size and total else 1
    take = hits * group.take_per_hit if group.take_per_hit is not None else group.stages[-1].wanted(size, hits)
    return (group.reserves + 1) * take


def _report(
    frame_table: pd.DataFrame, meeting: Meeting, lists: Lists, drop: NDArray[np.bool_], kept: tuple[KeptList, ...]
) -> tuple[pd.DataFrame, CoordinationReport]:
    """The table without the rows to drop, and what was done in each list that holds units of earlier samples."""
    counts = zip(lists.names, *map(lists.count_of, (meeting.is_unit, meeting.met, drop)), strict=True)
    rows = sorted((*name, listed, met, gone, listed - gone) for name, listed, met, gone in counts if met)
    table = pd.DataFrame.from_records(rows, columns=list(COUNT_COLUMNS))
    left = frame_table[~drop].reset_index(drop=True)
    return left, CoordinationReport(table, kept, int(drop.sum()), meeting.earlier, meeting.not_found)

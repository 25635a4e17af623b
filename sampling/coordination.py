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
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sampling.checks import MAX_SIZE, whole_number
from sampling.columns import half_width
from sampling.design import Design, GroupDesign
from sampling.errors import SamplingError, Sentence
from sampling.methods import METHODS
from sampling.tables import cell_text, read_table

ROLES = ("main", "reserve")
RESIDENTS = ("urban", "rural")
"""Groups whose frames may share a household: it is the same one by ``psu_code`` and ``unit_code``."""

COUNT_COLUMNS = ("township_code", "group", "psu_code", "listed", "met", "excluded", "left")

Earlier = pd.DataFrame | str | Path

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
    found = _meet(frame_table, earlier, roles)
    staged = {key.group for key in found.keys if key.psu_code}
    return _report(frame_table, found, _lists(found.keys, staged), found.met, ())


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
    """
    found = _meet(frame_table, earlier, roles)
    unknown = sorted({key.group for key in found.keys} - set(design.by_group))
    if unknown:
        raise SamplingError(
            f"The frame has the group {unknown[0]!r}, which the design {design.name} does not have "
            f"({', '.join(design.by_group)}); take the design that the frame was read with.",
            f"抽样框中的类别“{unknown[0]}”不在设计 {design.name} 中（{'、'.join(design.by_group)}）；"
            "请使用读入抽样框时的设计。",
        )
    lists = _lists(found.keys, {group.group for group in design.groups if group.staged})
    listed, met = _count(found.keys, lists), Counter(one for one, hit in zip(lists, found.met, strict=True) if hit)
    needed = _needed(frame_table, found.keys, lists, listed, design)
    kept = {
        one: KeptList(*one, listed=listed[one], met=met[one], needed=needed[one])
        for one in listed
        if met[one] and listed[one] - met[one] < needed[one]
    }
    drop = [hit and one not in kept for one, hit in zip(lists, found.met, strict=True)]
    return _report(frame_table, found, lists, drop, tuple(kept.values()))


class _Key(NamedTuple):
    """What a unit is known by; a PSU row has no unit code."""

    township_code: str
    group: str
    psu_code: str
    unit_code: str


class _List(NamedTuple):
    """A list from which units are drawn: of a one-stage group (no PSU), or of a PSU."""

    township_code: str
    group: str
    psu_code: str


class _Found(NamedTuple):
    """The frame's rows, which of them are units of earlier samples, and how many of those there are and are not found."""

    keys: list[_Key]
    met: list[bool]
    earlier: int
    not_found: int


def _meet(frame_table: pd.DataFrame, earlier: Earlier | Iterable[Earlier], roles: Collection[str]) -> _Found:
    keys = _keys(frame_table, "the frame", "抽样框")
    sources = [earlier] if isinstance(earlier, (pd.DataFrame, str, Path)) else list(earlier)
    asked = {key for source in sources for key in _earlier_keys(source, roles)}
    homes = {key[2:] for key in asked if key.group in RESIDENTS and key.psu_code}
    met = [bool(key.unit_code) and (key in asked or (key.group in RESIDENTS and key[2:] in homes)) for key in keys]
    here, homes_here = set(keys), {key[2:] for key in keys if key.group in RESIDENTS}
    gone = sum(key not in here and not (key.group in RESIDENTS and key[2:] in homes_here) for key in asked)
    return _Found(keys, met, len(asked), gone)


def _earlier_keys(source: Earlier, roles: Collection[str]) -> list[_Key]:
    """The units of one earlier sample."""
    if isinstance(source, pd.DataFrame):
        table = source
    else:
        path = Path(source)
        raw = read_table(path / "sample.csv" if path.is_dir() else path)
        raw.faults.raise_if_any()
        table = pd.DataFrame(dict(zip(raw.header, raw.columns, strict=True)), dtype=object)
    if "role" in table.columns:
        table = table[table["role"].isin(list(roles))]
    return _keys(table, "an earlier sample", "以往样本")


def _keys(table: pd.DataFrame, en: str, zh: str) -> list[_Key]:
    """Township, group, PSU and unit of each row, spelt as a frame spells codes."""
    lacking = [column for column in _Key._fields if column not in table.columns]
    if lacking:
        raise SamplingError(
            f"Expected the column {lacking[0]} in {en}, found {', '.join(map(str, table.columns))}; "
            "give Frame.table, or sample.csv of a draw.",
            f"{zh}应有 {lacking[0]} 列，实有 {'、'.join(map(str, table.columns))}；请提供 Frame.table 或抽样的 sample.csv。",
        )
    columns = ([half_width(cell_text(value)) for value in table[column].tolist()] for column in _Key._fields)
    return list(map(_Key, *columns))


def _lists(keys: list[_Key], staged: Collection[str]) -> list[_List]:
    """Which list each row is drawn from: that of its PSU where the group is drawn in stages."""
    return [_List(key.township_code, key.group, key.psu_code if key.group in staged else "") for key in keys]


def _count(keys: list[_Key], lists: list[_List]) -> Counter[_List]:
    """Listed units by list."""
    return Counter(one for one, key in zip(lists, keys, strict=True) if key.unit_code)


def _needed(
    frame_table: pd.DataFrame, keys: list[_Key], lists: list[_List], listed: Counter[_List], design: Design
) -> dict[_List, int]:
    """What the design takes from each list, with its reserves, at the expected number of hits."""
    sizes = dict(listed)
    if "size" in frame_table.columns:
        texts = map(cell_text, frame_table["size"].tolist())
        rows = zip(lists, keys, texts, strict=True)
        sizes |= {one: whole_number(text, MAX_SIZE) or 0 for one, key, text in rows if not key.unit_code}
    totals: Counter[tuple[str, str]] = Counter()
    for one, size in sizes.items():
        totals[one[:2]] += size
    return {one: _taken(design.by_group[one.group], size, totals[one[:2]]) for one, size in sizes.items()}


def _taken(group: GroupDesign, size: int, total: int) -> int:
    first = group.stages[0]
    if not group.staged:
        return (group.reserves + 1) * first.n
    hits = max(1, -(-first.n * size // total)) if METHODS[first.method].by_size and total else 1
    return (group.reserves + 1) * hits * (group.sample_size // first.n)


def _report(
    frame_table: pd.DataFrame, found: _Found, lists: list[_List], drop: list[bool], kept: tuple[KeptList, ...]
) -> tuple[pd.DataFrame, CoordinationReport]:
    """The table without the rows to drop, and what was done in each list that holds units of earlier samples."""
    listed = _count(found.keys, lists)
    met = Counter(one for one, hit in zip(lists, found.met, strict=True) if hit)
    gone = Counter(one for one, out in zip(lists, drop, strict=True) if out)
    rows = [(*one, listed[one], met[one], gone[one], listed[one] - gone[one]) for one in sorted(met)]
    counts = pd.DataFrame.from_records(rows, columns=list(COUNT_COLUMNS))
    left = frame_table[[not out for out in drop]].reset_index(drop=True)
    return left, CoordinationReport(counts, kept, sum(drop), found.earlier, found.not_found)

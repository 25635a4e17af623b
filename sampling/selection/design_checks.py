"""
Hold a design against a frame before anything is drawn.

check_design(design, frame)   every problem at once: where, what, and what to do
refuse_unsound_strata         the part of it without which a draw would not be what the design says
Problem                       one of them
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sampling.designs.design_groups import GroupDesign, Stage
from sampling.errors import AllocationError, DesignError, Sentence
from sampling.methods import METHODS, TRIES_LIMIT, certainty, sampford_tries
from sampling.selection.group_draw import GroupDraw, GroupSource, Path
from sampling.selection.lists import Clusters, split
from sampling.selection.selection import list_clusters
from sampling.selection.sources import group_sources
from sampling.selection.strata import stratify_clusters, stratify_units

if TYPE_CHECKING:
    from sampling.designs.design import Design
    from sampling.frames.frame import Frame

SHOWN = 5
"""So many clusters are named in one problem; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """
    One problem of a design with a frame.

    Attributes
    ----------
    township_code, group, stage : str
        Where; empty where it concerns all.
    stops : bool
        Whether a draw is refused, or only should know.
    what, remedy : Sentence
        In both languages.
    """

    township_code: str
    group: str
    stage: str
    stops: bool
    what: Sentence
    remedy: Sentence

    @property
    def en(self) -> str:
        """The whole in one sentence."""
        return f"{self._place}: {self.what.en}; {self.remedy.en}."

    @property
    def zh(self) -> str:
        """The whole in one sentence."""
        return f"{self._place}：{self.what.zh}；{self.remedy.zh}。"

    @property
    def _place(self) -> str:
        return " ".join(part for part in (self.township_code, self.group, self.stage) if part)


class _List(NamedTuple):
    """The list of one group in one township."""

    township_code: str
    group: GroupDesign
    source: GroupSource

    def problem(self, stage: str, stops: bool, what: Sentence, remedy: Sentence) -> Problem:
        return Problem(self.township_code, self.group.group, stage, stops, what, remedy)


def check_design(design: Design, frame: Frame) -> tuple[Problem, ...]:
    """
    Every problem that drawing from a frame by a design would meet.

    Parameters
    ----------
    design : Design
    frame : Frame
        Read with this design or another that has its groups.

    Returns
    -------
    tuple of Problem
        Those that stop a draw first; within each, by township and group.
    """
    townships, sources = group_sources(frame, design)
    problems = list(_unknown_groups(design, frame))
    for own in _lists(design, townships, sources):
        problems += _check_list(own)
    return tuple(sorted(problems, key=lambda problem: not problem.stops))


def refuse_unsound_strata(design: Design, townships: list[str], sources: Mapping[str, GroupSource]) -> None:
    """
    Refuse strata that cannot be told from each other, before anything is drawn.

    Raises
    ------
    DesignError
        With the first problem, and how many more there are.
    """
    with_strata = {code: source for code, source in sources.items() if design.by_group[code].strata is not None}
    if not with_strata:
        return
    found = [problem for own in _lists(design, townships, with_strata) for problem in _check_strata(own)]
    if found:
        more = len(found) - 1
        raise DesignError(
            found[0].en + (f" ({more} more.)" if more else ""), found[0].zh + (f"（另有 {more} 处。）" if more else "")
        )


def _lists(design: Design, townships: list[str], sources: Mapping[str, GroupSource]) -> Iterator[_List]:
    for k, township_code in enumerate(townships):
        for code in sorted(sources):
            yield _List(township_code, design.by_group[code], _one_township(sources[code], k))


def _one_township(source: GroupSource, k: int) -> GroupSource:
    one = np.array([k])
    return GroupSource(
        [source.townships[k]], source.psu_rows.take(one), source.units.take(one), source.columns, source.sizes
    )


def _unknown_groups(design: Design, frame: Frame) -> Iterator[Problem]:
    for text in frame.coded["group"].texts:
        if text not in design.by_group:
            known = ", ".join(design.by_group)
            yield Problem(
                "",
                text,
                "",
                True,
                Sentence("the frame has this group, the design has not", "抽样框有此类别而设计没有"),
                Sentence(f"choose a design that has it (this one: {known})", f"请选用含有它的设计（本设计：{known}）"),
            )


def _check_list(own: _List) -> Iterator[Problem]:
    """All that one list has against being drawn from."""
    if not own.source.units.size[0] and not own.source.psu_rows.size[0]:
        yield _short(own, own.group.stages[0].stage, own.group.sample_size or 1, 0)
        return
    if own.group.strata is not None:
        found = list(_check_strata(own)) or list(_check_allocation(own))
        yield from found
        if any(problem.stops for problem in found):
            return
    if own.group.staged:
        yield from _check_clusters(own)
    else:
        stage, listed = own.group.stages[0], int(own.source.units.size[0])
        if stage.wanted(listed) > listed:
            yield _short(own, "unit", stage.wanted(listed), listed)
    yield from _order_wins(own)


def _short(own: _List, stage: str, wanted: int, listed: int) -> Problem:
    stops = own.group.too_short == "refuse"
    return own.problem(
        stage,
        stops,
        Sentence(f"the design takes {wanted}, the list has {listed}", f"设计需抽 {wanted} 个，名单有 {listed} 个"),
        Sentence("complete the list", "请补全名单")
        if stops
        else Sentence(
            "all are taken and the shortfall is reported, unless the list is completed",
            "将全部抽取并报告不足，除非补全名单",
        ),
    )


def _order_wins(own: _List) -> Iterator[Problem]:
    directed = [key for key in own.group.order_keys if key.direction != "ascending"]
    order = own.source.columns.get("order")
    if directed and order is not None and own.source.units.size[0] and order.given[int(own.source.units.first[0])]:
        yield own.problem(
            "",
            False,
            Sentence("the frame's own order wins over the order of the design", "抽样框自带的顺序优先于设计规定的顺序"),
            Sentence("empty the column order if the design's is meant", "若应按设计排序，请清空 order 列"),
        )


def _check_strata(own: _List) -> Iterator[Problem]:
    """Strata that cannot be told from each other."""
    strata = own.group.strata
    if strata is None:
        return
    column = own.source.columns[strata.by]
    lists = own.source.psu_rows if own.source.psu_rows.size[0] else own.source.units
    texts = [column.texts[code] for code in split(lists, column).code.tolist()]
    bad = sorted({text for text in texts if not text or "/" in text or "|" in text})
    if bad:
        shown = ", ".join(repr(text) for text in bad[:SHOWN])
        yield own.problem(
            "",
            True,
            Sentence(f"{strata.by} makes the strata and holds {shown}", f"{strata.by} 用于分层，其中出现 {shown}"),
            Sentence("give every row a stratum without | and /", "请为每一行填写不含 | 和 / 的层"),
        )
        return
    if own.group.staged:
        yield from _split_psus(own, strata.by)


def _split_psus(own: _List, by: str) -> Iterator[Problem]:
    """A PSU whose units lie in two strata could not be drawn in either."""
    column = own.source.columns[by]
    psus = split(own.source.units, own.source.columns["psu_code"])
    parts = split(psus.units, column)
    twice = np.flatnonzero(np.bincount(parts.owner, minlength=len(psus)) > 1)
    if len(twice):
        codes = own.source.columns["psu_code"].texts
        yield own.problem(
            "psu",
            True,
            Sentence(
                f"{_named([codes[psus.code[k]] for k in twice])} have units in more than one stratum",
                f"{_named([codes[psus.code[k]] for k in twice])} 的单元分属不同的层",
            ),
            Sentence(f"give all rows of a PSU the same {by}", f"同一初级单元各行的 {by} 应相同"),
        )


def _check_allocation(own: _List) -> Iterator[Problem]:
    nothing = np.zeros(1, dtype=np.int64)
    trial = GroupDraw(nothing, nothing, nothing)
    try:
        if own.group.staged:
            stratify_clusters(
                trial, own.source, own.group, list_clusters(own.source, "psu", own.source.units), [Path(0)]
            )
        else:
            stratify_units(trial, own.source, own.group, own.source.units, [Path(0)])
    except AllocationError as placed:
        error = placed.__cause__ if isinstance(placed.__cause__, AllocationError) else placed
        yield own.problem(
            "",
            True,
            Sentence(error.en.rstrip("."), error.zh.rstrip("。")),
            Sentence("change the design's strata or the frame", "请修改设计的分层或抽样框"),
        )
    for shortfall in trial.shortfalls:
        yield _short(own, shortfall.path.cluster_code or own.group.stages[0].stage, shortfall.wanted, shortfall.taken)


def _check_clusters(own: _List) -> Iterator[Problem]:
    """The PSUs: enough of them, none too large to be drawn once, none too small for its take."""
    stage, further = own.group.stages[0], own.group.stages[1:]
    clusters = list_clusters(own.source, "psu", own.source.units)
    total, wanted = int(clusters.measure.sum()), stage.wanted(len(clusters))
    if METHODS[stage.method].by_size:
        if total == 0:
            yield _no_size(own)
            return
        yield from _large(own, stage, clusters, wanted, total)
    yield from _few_clusters(own, stage, clusters, wanted)
    if len(further) == 1 and own.source.units.size[0]:
        yield from _small(own, further[0], clusters)
        if stage.repeats and own.group.strata is None:
            yield from _small_for_hits(own, further[0], clusters, wanted)


def _no_size(own: _List) -> Problem:
    return own.problem(
        "psu",
        own.group.too_short == "refuse",
        Sentence("all PSUs have size 0, so none can be drawn by size", "所有初级单元的规模都是 0，无法按规模抽取"),
        Sentence("fill in their sizes", "请填写规模"),
    )


def _few_clusters(own: _List, stage: Stage, clusters: Clusters, wanted: int) -> Iterator[Problem]:
    by_size = METHODS[stage.method].by_size
    possible = int((clusters.measure > 0).sum()) if by_size else len(clusters)
    if possible < wanted and not (by_size and not stage.with_certainty):
        yield _short(own, "psu", wanted, possible)


def _large(own: _List, stage: Stage, clusters: Clusters, wanted: int, total: int) -> Iterator[Problem]:
    """Clusters that reach the interval; and a rejective method that would need too many tries."""
    large = np.flatnonzero(clusters.measure * wanted >= total)
    codes = own.source.columns["psu_code"].texts
    if len(large):
        named = _named([codes[clusters.code[k]] for k in large])
        remedy = (
            Sentence("they are taken once, the rest drawn anew", "这些单元必选一次，其余另抽")
            if stage.with_certainty
            else Sentence(
                "they may be hit several times and then give several times the take; write large: certainty to take "
                "them once",
                "可能被多次抽中并成倍取户；若只取一次，请写 large: certainty",
            )
        )
        yield own.problem(
            "psu",
            False,
            Sentence(f"{named} reach the interval {total}/{wanted}", f"{named} 的规模达到抽样间距 {total}/{wanted}"),
            remedy,
        )
    if METHODS[stage.method].distinct and not own.group.strata:
        yield from _hopeless(own, stage, clusters, wanted)


def _hopeless(own: _List, stage: Stage, clusters: Clusters, wanted: int) -> Iterator[Problem]:
    sure = certainty(clusters.measure, wanted)
    left = wanted - int(sure.sum())
    rest = clusters.measure[~sure]
    if left and rest.any() and sampford_tries(rest, left) > TRIES_LIMIT:
        yield own.problem(
            "psu",
            True,
            Sentence(
                f"{stage.method} would need more than {TRIES_LIMIT} tries on average to draw {left} of {len(rest)}",
                f"{stage.method} 从 {len(rest)} 个中抽 {left} 个平均需要超过 {TRIES_LIMIT} 次尝试",
            ),
            Sentence("choose pps_equal_interval or pps_hartley_rao", "请改用 pps_equal_interval 或 pps_hartley_rao"),
        )


def _small(own: _List, last: Stage, clusters: Clusters) -> Iterator[Problem]:
    wanted = np.array([last.wanted(size) for size in clusters.units.size.tolist()], dtype=np.int64)
    small = np.flatnonzero((clusters.units.size < wanted) & (clusters.measure > 0))
    if len(small):
        codes, sizes = own.source.columns["psu_code"].texts, clusters.units.size
        named = _named([f"{codes[clusters.code[k]]} ({sizes[k]})" for k in small])
        yield own.problem(
            "unit",
            own.group.too_short == "refuse",
            Sentence(
                f"a hit takes {_take(last)}, fewer are listed in {named}",
                f"每次抽中取{_take_zh(last)}，{named} 不足此数",
            ),
            Sentence("join small PSUs before listing, or take fewer", "请在列名单前合并小的初级单元，或减少取户数"),
        )


def _small_for_hits(own: _List, last: Stage, clusters: Clusters, hits: int) -> Iterator[Problem]:
    """Clusters that may be hit so often that they are asked for more than they have."""
    total = int(clusters.measure.sum())
    codes, asked = own.source.columns["psu_code"].texts, []
    for code, size, listed in zip(
        clusters.code.tolist(), clusters.measure.tolist(), clusters.units.size.tolist(), strict=True
    ):
        most = -(-hits * size // total)
        if most > 1 and last.wanted(listed) <= listed < last.wanted(listed, most):
            asked.append(f"{codes[code]} ({last.wanted(listed, most)}/{listed})")
    if asked:
        yield own.problem(
            "unit",
            own.group.too_short == "refuse",
            Sentence(
                f"PSUs that may be hit several times can then be asked for more units than are listed: {_named(asked)}",
                f"可能被多次抽中的初级单元，届时应取的单元可能多于所列：{_named(asked)}",
            ),
            Sentence("write large: certainty, take fewer, or list more", "请写 large: certainty、减少取户数或补全名单"),
        )


def _take(last: Stage) -> str:
    return f"{last.n} units" if last.rate is None else f"{last.rate} of the listed units, at least 1"


def _take_zh(last: Stage) -> str:
    return f" {last.n} 个单元" if last.rate is None else f"所列单元的 {last.rate}，至少 1 个"


def _named(texts: list[str]) -> str:
    more = f" … {len(texts)}" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more

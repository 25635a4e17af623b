"""
Hold a design against a frame before anything is drawn.

check_design(design, frame)   every problem at once: where, what, and what to do
refuse_unsound_strata         the part of it without which a draw would not be what the design says
Problem                       one of them
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design_groups import GIVEN
from sampling.errors import AllocationError, DesignError, Sentence
from sampling.selection.group_draw import GroupDraw, GroupSource, Path, Shortfall
from sampling.selection.lists import Clusters, Lists, split
from sampling.selection.problems import SHOWN, ListCheck, Problem, named
from sampling.selection.selection import list_clusters
from sampling.selection.sources import group_sources
from sampling.selection.stage_checks import check_clusters, check_units
from sampling.selection.strata import stratify_clusters, stratify_units

if TYPE_CHECKING:
    from sampling.designs.design import Design
    from sampling.frames.frame import Frame

__all__ = ["Problem", "check_design", "refuse_unsound_strata"]

Ints = NDArray[np.int64]


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


def _lists(design: Design, townships: list[str], sources: Mapping[str, GroupSource]) -> Iterator[ListCheck]:
    for k, township_code in enumerate(townships):
        for code in sorted(sources):
            yield ListCheck(township_code, design.by_group[code], _one_township(sources[code], k))


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


def _check_list(own: ListCheck) -> Iterator[Problem]:
    """All that one list has against being drawn from."""
    if not own.source.units.size[0] and not own.source.psu_rows.size[0]:
        yield own.short(own.group.stages[0].stage, own.group.sample_size or 1, 0)
        return
    unsound = list(_check_strata(own))
    yield from unsound
    if not unsound:
        yield from _check_parts(own)
    yield from _order_wins(own)


def _check_parts(own: ListCheck) -> Iterator[Problem]:
    """How the sample is divided among strata, then each stratum, or the list where it has none."""
    nothing = np.zeros(1, dtype=np.int64)
    trial = GroupDraw(nothing, nothing, nothing)
    try:
        if own.group.staged:
            yield from check_clusters(own, *_clusters(own, trial))
        else:
            yield from check_units(own, *_units(own, trial))
    except AllocationError as placed:
        error = placed.__cause__ if isinstance(placed.__cause__, AllocationError) else placed
        yield own.problem(
            "",
            True,
            Sentence(error.en.rstrip("."), error.zh.rstrip("。")),
            Sentence("change the design's strata or the frame", "请修改设计的分层或抽样框"),
        )
    for shortfall in trial.shortfalls:
        yield _divided_short(own, shortfall)


def _clusters(own: ListCheck, trial: GroupDraw) -> tuple[Clusters, list[Path], Ints]:
    """The PSUs by strata, and how many each stratum gives."""
    clusters = list_clusters(own.source, "psu", own.source.units)
    if own.group.strata is not None:
        return stratify_clusters(trial, own.source, own.group, clusters, [Path(0)])
    return clusters, [Path(0)], np.array([own.group.stages[0].wanted(len(clusters))], dtype=np.int64)


def _units(own: ListCheck, trial: GroupDraw) -> tuple[Lists, list[Path], Ints]:
    """The units by strata, and how many each stratum gives."""
    units = own.source.units
    if own.group.strata is not None:
        return stratify_units(trial, own.source, own.group, units, [Path(0)])
    return units, [Path(0)], np.array([own.group.stages[0].wanted(int(units.size[0]))], dtype=np.int64)


def _divided_short(own: ListCheck, short: Shortfall) -> Problem:
    """A stratum that cannot give what the design says, or strata that cannot give n together."""
    if short.path.codes:
        code, stops = short.path.codes[0], own.group.too_short == "refuse"
        what = Sentence(
            f"the stratum {code!r} should give {short.wanted} and can give {short.taken}",
            f"层“{code}”应抽 {short.wanted} 个，只能抽 {short.taken} 个",
        )
        given = own.group.strata is not None and own.group.strata.allocation == GIVEN
        figure = "n" if given else "minimum"
        en = f"complete the list, or change the strata's {figure}"
        return own.problem(short.stage, stops, what, Sentence(en, f"请补全名单，或修改分层的 {figure}"))
    maxima = own.group.strata is not None and bool(own.group.strata.maximum)
    return own.short(short.stage, short.wanted, short.taken, maxima=maxima)


def _order_wins(own: ListCheck) -> Iterator[Problem]:
    directed = [key for key in own.group.order_keys if key.direction != "ascending"]
    order = own.source.columns.get("order")
    if directed and order is not None and own.source.units.size[0] and order.given[int(own.source.units.first[0])]:
        yield own.problem(
            "",
            False,
            Sentence("the frame's own order wins over the order of the design", "抽样框自带的顺序优先于设计规定的顺序"),
            Sentence("empty the column order if the design's is meant", "若应按设计排序，请清空 order 列"),
        )


def _check_strata(own: ListCheck) -> Iterator[Problem]:
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


def _split_psus(own: ListCheck, by: str) -> Iterator[Problem]:
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
                f"{named([codes[psus.code[k]] for k in twice])} have units in more than one stratum",
                f"{named([codes[psus.code[k]] for k in twice])} 的单元分属不同的层",
            ),
            Sentence(f"give all rows of a PSU the same {by}", f"同一初级单元各行的 {by} 应相同"),
        )

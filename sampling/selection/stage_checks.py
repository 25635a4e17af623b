"""
Hold the stages of one list's draw against what is listed.

check_units      the units of a one-stage group, by strata
check_clusters   the PSUs by strata, and what can be drawn within each of them

No seed is needed: a cluster of size s is hit floor or ceil of n·s/M times, and what is wanted within it never falls as its
hits grow, so the most hits say whether it can be asked for more than it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design_groups import Stage
from sampling.errors import Sentence
from sampling.methods import METHODS, TRIES_LIMIT, too_many_tries
from sampling.selection.group_draw import Path
from sampling.selection.lists import Clusters, Lists
from sampling.selection.problems import ListCheck, Problem, named, within
from sampling.selection.selection import list_clusters

Ints = NDArray[np.int64]


class _Part(NamedTuple):
    """A cluster that may be drawn: its name, how many elements it has, and its least and most hits where it is drawn."""

    name: str
    has: int
    least: int
    most: int


def check_units(own: ListCheck, lists: Lists, paths: list[Path], wanted: Ints) -> Iterator[Problem]:
    """Lists of units that have fewer than are wanted."""
    for path, listed, n in zip(paths, lists.size.tolist(), wanted.tolist(), strict=True):
        if n > listed:
            yield own.short("unit", n, listed, stratum=path.cluster_code)


def check_clusters(own: ListCheck, clusters: Clusters, paths: list[Path], wanted: Ints) -> Iterator[Problem]:
    """The PSUs: enough of them, none too large to be drawn once, none too small for its take."""
    stage, bounds = own.group.stages[0], clusters.bounds(len(paths)).tolist()
    most = np.zeros(len(clusters), dtype=np.int64)
    least = np.zeros(len(clusters), dtype=np.int64)
    for path, first, end, n in zip(paths, bounds, bounds[1:], wanted.tolist(), strict=False):
        part = clusters.take(np.arange(first, end), clusters.owner[first:end])
        yield from _check_part(own, path.cluster_code, part, n)
        least[first:end], most[first:end] = _hits(stage, part.measure, n)
    if own.source.units.size[0]:
        yield from _check_within(own, clusters, least, most)


def _check_part(own: ListCheck, stratum: str, clusters: Clusters, wanted: int) -> Iterator[Problem]:
    """The PSUs of one stratum, or of the list."""
    stage, total = own.group.stages[0], int(clusters.measure.sum())
    by_size = METHODS[stage.method].by_size
    if by_size and total == 0 and wanted:
        yield _no_size(own, stratum)
        return
    if by_size and wanted:
        yield from _large(own, stratum, clusters, wanted, total)
    if METHODS[stage.method].distinct and by_size and too_many_tries(clusters.measure, wanted):
        yield _hopeless(own, stage, stratum, [])
    possible = int((clusters.measure > 0).sum()) if by_size else len(clusters)
    if possible < wanted and not stage.repeats:
        yield own.short("psu", wanted, possible, stratum=stratum)


def _hits(stage: Stage, measure: Ints, wanted: int) -> tuple[list[int], list[int]]:
    """The least and the most hits of each cluster that is drawn; 0 where it never is."""
    sizes = measure.tolist()
    if not wanted:
        return [0] * len(sizes), [0] * len(sizes)
    if not METHODS[stage.method].by_size:
        return [1] * len(sizes), [1] * len(sizes)
    if not stage.repeats:
        return [int(size > 0) for size in sizes], [int(size > 0) for size in sizes]
    total = max(sum(sizes), 1)
    least = [max(wanted * size // total, int(size > 0)) for size in sizes]
    return least, [-(-wanted * size // total) for size in sizes]


def _check_within(own: ListCheck, clusters: Clusters, least: Ints, most: Ints) -> Iterator[Problem]:
    """What is drawn within the PSUs: units, or SSUs and units within these."""
    further, texts = own.group.stages[1:], own.source.columns["psu_code"].texts
    psus = [texts[code] for code in clusters.code.tolist()]
    if len(further) == 1:
        rows = zip(psus, clusters.units.size.tolist(), least.tolist(), most.tolist(), strict=True)
        yield from _small(own, further[0], "PSUs", [_Part(*row) for row in rows])
        return
    ssus = list_clusters(own.source, "ssu", clusters.units)
    bounds, sizes = ssus.bounds(len(psus)).tolist(), ssus.units.size.tolist()
    codes = own.source.columns["ssu_code"].texts
    above, below, hopeless = [], [], []
    for k, psu in enumerate(psus):
        part = slice(bounds[k], bounds[k + 1])
        above.append(_Part(psu, len(sizes[part]), int(least[k]), int(most[k])))
        found = _ssu_hits(further[0], ssus.measure[part], above[-1])
        hopeless += [psu] if found is None else []
        names = [f"{psu}/{codes[code]}" for code in ssus.code[part].tolist()]
        if found is not None:
            below += [_Part(*row) for row in zip(names, sizes[part], *found, strict=True)]
    if hopeless:
        yield _hopeless(own, further[0], "", hopeless)
    yield from _small(own, further[0], "SSUs", above)
    yield from _small(own, further[1], "SSUs", below)


def _ssu_hits(stage: Stage, measure: Ints, psu: _Part) -> tuple[list[int], list[int]] | None:
    """The hits of each SSU of a PSU; None where Sampford's method would need too many tries."""
    if not psu.most:
        return _hits(stage, measure, 0)
    wanted = [stage.wanted(len(measure), hits) for hits in (psu.least, psu.most)]
    method = METHODS[stage.method]
    if method.by_size and method.distinct and any(too_many_tries(measure, n) for n in sorted(set(wanted))):
        return None
    return _hits(stage, measure, wanted[0])[0], _hits(stage, measure, wanted[1])[1]


def _no_size(own: ListCheck, stratum: str) -> Problem:
    return own.problem(
        "psu",
        own.group.too_short == "refuse",
        within(
            stratum,
            Sentence("all PSUs have size 0, so none can be drawn by size", "所有初级单元的规模都是 0，无法按规模抽取"),
        ),
        Sentence("fill in their sizes", "请填写规模"),
    )


def _large(own: ListCheck, stratum: str, clusters: Clusters, wanted: int, total: int) -> Iterator[Problem]:
    """Clusters that reach the interval of their stratum."""
    large = [k for k, size in enumerate(clusters.measure.tolist()) if size * wanted >= total]
    if not large:
        return
    codes = own.source.columns["psu_code"].texts
    names = named([codes[clusters.code[k]] for k in large])
    remedy = Sentence("they are taken once, the rest drawn anew", "这些单元必选一次，其余另抽")
    if own.group.stages[0].repeats:
        remedy = Sentence(
            "they may be hit several times and then give several times the take; write large: certainty to take them once",
            "可能被多次抽中并成倍取户；若只取一次，请写 large: certainty",
        )
    what = Sentence(f"{names} reach the interval {total}/{wanted}", f"{names} 的规模达到抽样间距 {total}/{wanted}")
    yield own.problem("psu", False, within(stratum, what), remedy)


def _hopeless(own: ListCheck, stage: Stage, stratum: str, psus: list[str]) -> Problem:
    """A draw is refused there, since it would hardly come to an end."""
    place, place_zh = (f" within {named(psus)}", f"在 {named(psus)} 中") if psus else ("", "")
    what = Sentence(
        f"{stage.method} would need more than {TRIES_LIMIT} tries on average{place}",
        f"{stage.method} {place_zh}平均需要超过 {TRIES_LIMIT} 次尝试",
    )
    remedy = Sentence("choose pps_equal_interval or pps_hartley_rao", "请改用 pps_equal_interval 或 pps_hartley_rao")
    return own.problem(stage.stage, True, within(stratum, what), remedy)


def _small(own: ListCheck, stage: Stage, clusters: str, parts: list[_Part]) -> Iterator[Problem]:
    """Clusters that have fewer than a hit takes, or fewer than several hits may take together."""
    clusters_zh = "初级单元" if clusters == "PSUs" else "次级单元"
    drawn = [part for part in parts if part.most]
    few = [part for part in drawn if _short_of(stage, part.has, 1)]
    if few:
        names = named([f"{part.name} ({part.has})" for part in few])
        yield own.problem(
            stage.stage,
            own.group.too_short == "refuse",
            Sentence(
                f"a hit takes {_take(stage)}, fewer are listed in {names}",
                f"每次抽中取{_take_zh(stage)}，{names} 不足此数",
            ),
            Sentence(
                f"join small {clusters} before listing, or take fewer", f"请在列名单前合并小的{clusters_zh}，或减少取数"
            ),
        )
    several = [part for part in drawn if part not in few and _short_of(stage, part.has, part.most)]
    if several:
        names = named([f"{part.name} ({stage.wanted(part.has, part.most)}/{part.has})" for part in several])
        yield own.problem(
            stage.stage,
            own.group.too_short == "refuse",
            Sentence(
                f"{clusters} that may be hit several times can then be asked for more than are listed: {names}",
                f"可能被多次抽中的{clusters_zh}，届时应取的可能多于所列：{names}",
            ),
            Sentence("write large: certainty, take fewer, or list more", "请写 large: certainty、减少取数或补全名单"),
        )


def _short_of(stage: Stage, has: int, hits: int) -> bool:
    """Whether a list of so many is too short; a method that may repeat needs one cluster alone."""
    return has == 0 if stage.repeats else stage.wanted(has, hits) > has


def _take(stage: Stage) -> str:
    what = "units" if stage.stage == "unit" else "SSUs"
    return f"{stage.n} {what}" if stage.rate is None else f"{stage.rate} of the listed {what}, at least 1"


def _take_zh(stage: Stage) -> str:
    what = "单元" if stage.stage == "unit" else "次级单元"
    return f" {stage.n} 个{what}" if stage.rate is None else f"所列{what}的 {stage.rate}，至少 1 个"

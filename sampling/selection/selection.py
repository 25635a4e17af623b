"""
Draw one group in all townships: stage by stage, each list from the hash of its own label.

select_group(source, group, seed)     → GroupDraw: who was taken, which PSUs were hit, what fell short
list_clusters(source, stage, lists)   the clusters that a stage selects from

Many lists are worked on at once, but what is chosen from one depends on nothing but its own rows and its own label, so
a draw never changes with other townships or groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.designs.design_groups import GroupDesign, Stage
from sampling.errors import DesignError
from sampling.methods import METHODS, TRIES_LIMIT, too_many_tries
from sampling.methods.certainty import certainty
from sampling.selection.group_draw import DrawnPsu, GroupDraw, GroupSource, Path, Shortfall
from sampling.selection.lists import Clusters, Lists, ranges, split, sums
from sampling.selection.many import hits_of_clusters, units_of_lists
from sampling.selection.probabilities import Ratio, pps_probability, take_probability
from sampling.selection.reserves import reserves_of_lists
from sampling.selection.strata import stratify_clusters, stratify_units
from sampling.starts import Numbers, hashed, labels

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Task:
    """What every step of one group's draw needs."""

    source: GroupSource
    group: GroupDesign
    seed: str
    result: GroupDraw

    def draws(self, stage: str, paths: list[Path], take: str = "main") -> list[Numbers]:
        """The random numbers of each list."""
        lists = ((self.source.townships[path.township], path.cluster_code) for path in paths)
        return [hashed(sentence) for sentence in labels(self.seed, self.group.group, stage, take, lists)]


def select_group(source: GroupSource, group: GroupDesign, seed: str) -> GroupDraw:
    """
    Draw main and reserve units of one group in every township.

    Parameters
    ----------
    source : GroupSource
    group : GroupDesign
    seed : str
        As checked by ``check_seed``.

    Raises
    ------
    AllocationError
        Where the sample cannot be divided among a township's strata as the design asks.
    DesignError
        Where Sampford's method would need more than ``TRIES_LIMIT`` tries on average.
    """
    nothing = np.zeros(len(source.townships), dtype=np.int64)
    task = _Task(source, group, seed, GroupDraw(nothing, nothing, nothing))
    paths = [Path(k) for k in range(len(source.townships))]
    lists = source.units
    wanted: Ints | None = None
    if group.strata is not None and not group.staged:
        lists, paths, wanted = stratify_units(task.result, source, group, lists, paths)
    for stage in group.stages[:-1]:
        lists, paths = _draw_clusters(task, stage, lists, paths)
    _draw_units(task, group.stages[-1], lists, paths, wanted)
    task.result.shortfalls.sort(key=lambda s: (s.path.township, s.path.place, s.take == "reserve"))
    return task.result


def _draw_clusters(task: _Task, stage: Stage, lists: Lists, paths: list[Path]) -> tuple[Lists, list[Path]]:
    """One stage of clusters: those that are hit, as the lists of the next stage."""
    clusters = list_clusters(task.source, stage.stage, lists)
    first = stage.stage == "psu"
    wanted: Ints | None = None
    if first:
        task.result.psus = np.bincount(clusters.owner, minlength=len(paths)).astype(np.int64)
        task.result.size = _totals(clusters, len(paths))
        if task.group.strata is not None:
            clusters, paths, wanted = stratify_clusters(task.result, task.source, task.group, clusters, paths)
    if wanted is None:
        wanted = _wanted(stage, np.diff(clusters.bounds(len(paths))), paths)
    _refuse_hopeless(task, stage, clusters, wanted, paths)
    hits = hits_of_clusters(
        stage.method,
        clusters.measure,
        clusters.bounds(len(paths)),
        wanted,
        task.draws(stage.stage, paths),
        with_certain=stage.with_certainty,
    )
    _note_cluster_shortfalls(task.result, stage, clusters, wanted, paths, hits)
    chosen = np.flatnonzero(hits)
    chances = _chances(stage, clusters, wanted, paths, chosen)
    texts = task.source.columns[f"{stage.stage}_code"].texts
    found = []
    for k, owner, code, times, chance in zip(
        chosen.tolist(),
        clusters.owner[chosen].tolist(),
        clusters.code[chosen].tolist(),
        hits[chosen].tolist(),
        chances,
        strict=True,
    ):
        above = paths[owner]
        psu = len(task.result.drawn) if first else above.psu
        path = Path(
            above.township,
            (*above.codes, texts[code]),
            (*above.place, k),
            times,
            psu,
            above.chain.then(chance),
        )
        if first:
            listed, size = int(clusters.units.size[k]), int(clusters.measure[k])
            task.result.drawn.append(DrawnPsu(path, texts[code], size, times, chance, listed))
        found.append(path)
    return clusters.units.take(chosen), found


def _refuse_hopeless(task: _Task, stage: Stage, clusters: Clusters, wanted: Ints, paths: list[Path]) -> None:
    """Refuse a rejective method where it would hardly come to an end, as ``Design.check`` says beforehand."""
    if not (METHODS[stage.method].by_size and METHODS[stage.method].distinct):
        return
    bounds = clusters.bounds(len(paths)).tolist()
    for path, first, end, n in zip(paths, bounds, bounds[1:], wanted.tolist(), strict=False):
        if too_many_tries(clusters.measure[first:end], n):
            code = ", ".join(part for part in (task.group.group, path.cluster_code) if part)
            place = f"{task.source.townships[path.township]}, {code}"
            raise DesignError(
                f"{place}: {stage.method} would need more than {TRIES_LIMIT} tries on average; "
                "choose pps_equal_interval or pps_hartley_rao, or a smaller n.",
                f"{place}：{stage.method} 平均需要超过 {TRIES_LIMIT} 次尝试；"
                "请改用 pps_equal_interval 或 pps_hartley_rao，或减小 n。",
            )


def _draw_units(task: _Task, stage: Stage, lists: Lists, paths: list[Path], wanted: Ints | None) -> None:
    """The last stage: main units of each list, and their reserves from what is left of it."""
    result, reserves = task.result, task.group.reserves
    if wanted is None:
        wanted = _wanted(stage, lists.size, paths)
    _note_wanted(task, wanted, paths)
    positions, owner = units_of_lists(stage.method, lists.size, wanted, task.draws("unit", paths))
    taken = np.bincount(owner, minlength=len(lists)).astype(np.int64)
    found = reserves_of_lists(lists.size, positions, owner, reserves, task.draws("unit", paths, "reserve"))
    result.main, result.main_list = lists.frame_rows(owner, positions), owner
    result.reserve, result.reserve_main = lists.frame_rows(found.owner, found.positions), found.mains
    spare = np.bincount(found.owner, minlength=len(lists)).astype(np.int64)
    for k in np.flatnonzero((taken < wanted) | (spare < reserves * taken)).tolist():
        if taken[k] < wanted[k]:
            result.shortfalls.append(Shortfall(paths[k], "unit", "main", int(wanted[k]), int(taken[k])))
        if spare[k] < reserves * taken[k]:
            asked = int(reserves * taken[k])
            result.shortfalls.append(Shortfall(paths[k], "unit", "reserve", asked, int(spare[k])))
    result.takes = [
        path.then(take_probability(n, listed, path.hits)) if listed and n else path
        for path, n, listed in zip(paths, wanted.tolist(), lists.size.tolist(), strict=True)
    ]


def list_clusters(source: GroupSource, stage: str, lists: Lists) -> Clusters:
    """
    The clusters of lists, in the order of their first row.

    A PSU's size measure is the size in its own row, where PSU rows are given, else its number of listed units.
    """
    column = source.columns[f"{stage}_code"]
    found = split(lists, column)
    if stage != "psu" or not source.psu_rows.size.any():
        return found
    rows, owner = ranges(source.psu_rows.first, source.psu_rows.size)
    code = column.codes[rows].astype(np.int64)
    units = _units_of(found, owner * len(column.texts) + code, len(column.texts))
    own = Clusters(units, owner, code, rows, source.sizes[rows])
    return _merged(own, found, source.psu_rows.size > 0)


def _units_of(found: Clusters, keys: Ints, width: int) -> Lists:
    """The units of clusters by their keys (list and code); none where nothing is listed."""
    if not len(found):
        return Lists(found.units.rows, np.zeros_like(keys), np.zeros_like(keys))
    known = found.owner * width + found.code
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)]
    there = known[place] == keys
    return Lists(found.units.rows, found.units.first[place], np.where(there, found.units.size[place], 0))


def _merged(own: Clusters, found: Clusters, with_rows: NDArray[np.bool_]) -> Clusters:
    """The PSU rows of the lists that have them, the clusters found in the units of the others."""
    rest = np.flatnonzero(~with_rows[found.owner])
    owner = np.concatenate([own.owner, found.owner[rest]])
    order = np.argsort(owner, kind="stable")
    units = Lists(
        found.units.rows,
        np.concatenate([own.units.first, found.units.first[rest]])[order],
        np.concatenate([own.units.size, found.units.size[rest]])[order],
    )
    code, row, measure = (
        np.concatenate([mine, theirs[rest]])[order]
        for mine, theirs in ((own.code, found.code), (own.row, found.row), (own.measure, found.measure))
    )
    return Clusters(units, owner[order], code, row, measure)


def _wanted(stage: Stage, listed: Ints, paths: list[Path]) -> Ints:
    pairs = zip(listed.tolist(), paths, strict=True)
    return np.array([stage.wanted(count, path.hits) for count, path in pairs], dtype=np.int64)


def _note_wanted(task: _Task, wanted: Ints, paths: list[Path]) -> None:
    """What the design takes of each township: its own figure, or what its rates come to."""
    size = task.group.sample_size
    if size is not None:
        task.result.wanted = np.full(len(task.source.townships), size, dtype=np.int64)
    else:
        townships = np.array([path.township for path in paths], dtype=np.int64)
        task.result.wanted = np.zeros(len(task.source.townships), dtype=np.int64)
        np.add.at(task.result.wanted, townships, wanted)


def _totals(clusters: Clusters, n_lists: int) -> Ints:
    return sums(clusters.measure, clusters.bounds(n_lists))


def _note_cluster_shortfalls(
    result: GroupDraw, stage: Stage, clusters: Clusters, wanted: Ints, paths: list[Path], hits: Ints
) -> None:
    taken = sums(hits, clusters.bounds(len(paths)))
    for k in np.flatnonzero(taken < wanted).tolist():
        result.shortfalls.append(Shortfall(paths[k], stage.stage, "main", int(wanted[k]), int(taken[k])))


def _chances(stage: Stage, clusters: Clusters, wanted: Ints, paths: list[Path], chosen: Ints) -> list[Ratio]:
    """The probability (for methods by size the expected hits) of each chosen cluster, per hit of the one above."""
    method = METHODS[stage.method]
    owners, sizes = clusters.owner[chosen].tolist(), clusters.measure[chosen].tolist()
    counts = np.diff(clusters.bounds(len(paths))).tolist()
    n = wanted.tolist()
    if not method.by_size:
        return [take_probability(n[owner], counts[owner], paths[owner].hits) for owner in owners]
    totals = _totals(clusters, len(paths)).tolist()
    sure = np.zeros(len(clusters), dtype=bool)
    if stage.with_certainty:
        sure, n, totals = _certain(clusters, n, totals)
    return [
        Ratio(1, paths[owner].hits) if certain else pps_probability(n[owner], size, totals[owner] * paths[owner].hits)
        for owner, size, certain in zip(owners, sizes, sure[chosen].tolist(), strict=True)
    ]


def _certain(clusters: Clusters, n: list[int], totals: list[int]) -> tuple[NDArray[np.bool_], list[int], list[int]]:
    """Which clusters are taken with certainty, and what is left of n and M in each list."""
    bounds = clusters.bounds(len(n)).tolist()
    sure = np.zeros(len(clusters), dtype=bool)
    left_n, left_total = list(n), list(totals)
    for k in range(len(n)):
        own = slice(bounds[k], bounds[k + 1])
        if totals[k]:
            sure[own] = certainty(clusters.measure[own], n[k])
            left_n[k] -= int(sure[own].sum())
            left_total[k] -= int(clusters.measure[own][sure[own]].sum())
    return sure, left_n, left_total

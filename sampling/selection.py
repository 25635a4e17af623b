"""
Draw one group of one township: stage by stage, each from the hash of its own label.

select_list(source, group, seed)   → ListDraw: who was taken, which PSUs were hit, what fell short

Nothing here knows of other townships or groups, so a draw never changes with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.coded import Coded
from sampling.design import GroupDesign, Stage
from sampling.methods import METHODS
from sampling.probabilities import Chain, pps_probability, take_probability
from sampling.reserves import reserve_count, select_reserves
from sampling.starts import label, start

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class ListSource:
    """
    The list of one group in one township.

    Attributes
    ----------
    psu_rows, unit_rows : ndarray of int64
        Rows of the frame, in list order; ``psu_rows`` is empty unless the group has PSU rows.
    clusters : mapping
        ``psu`` and ``ssu`` → the frame's codes of that stage.
    sizes : ndarray of int64
        ``size`` of every row of the frame, −1 where there is none.
    """

    township_code: str
    psu_rows: Rows
    unit_rows: Rows
    clusters: Mapping[str, Coded]
    sizes: NDArray[np.int64]


@dataclass(frozen=True)
class Taken:
    """
    What was taken from one last-stage list.

    Attributes
    ----------
    main, reserve : ndarray of int64
        Rows of the frame, in list order.
    reserve_for : ndarray of int64
        For each reserve the row of its main unit.
    hits : int or None
        Hits of the PSU; None in a one-stage group.
    chain : Chain
        Probabilities of the stages.
    """

    main: Rows
    reserve: Rows
    reserve_for: Rows
    hits: int | None
    chain: Chain


@dataclass(frozen=True)
class DrawnPsu:
    """
    A PSU that was hit.

    Attributes
    ----------
    size : int
        Its size measure.
    chance : Fraction
        ``pi_1``.
    listed, main : int
        Its listed units, and how many of them are main units.
    """

    psu_code: str
    size: int
    hits: int
    chance: Fraction
    listed: int
    main: int

    def to_json(self) -> dict[str, str | int]:
        """As it stands in ``draw.json``."""
        return {
            "psu_code": self.psu_code,
            "size": self.size,
            "hits": self.hits,
            "listed": self.listed,
            "main": self.main,
        }


@dataclass(frozen=True)
class Shortfall:
    """Where a list was too short: ``wanted`` were to be taken at a stage, ``taken`` could be."""

    stage: str
    cluster_code: str
    take: str
    wanted: int
    taken: int


@dataclass
class ListDraw:
    """The draw of one list; ``psus`` and ``size`` are the number of its PSUs and their total size, M."""

    taken: list[Taken] = field(default_factory=list)
    drawn: list[DrawnPsu] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    psus: int = 0
    size: int = 0


@dataclass(frozen=True)
class _Cluster:
    """A cluster of the list: its code, its size measure, its units' rows."""

    code: str
    size: int
    units: Rows


@dataclass(frozen=True)
class _Path:
    """How the draw came to a list: the clusters above it, their hits, the probabilities so far."""

    codes: tuple[str, ...] = ()
    hits: int = 1
    psu_hits: int | None = None
    chain: Chain = field(default_factory=Chain)

    @property
    def cluster_code(self) -> str:
        return "/".join(self.codes)


def select_list(source: ListSource, group: GroupDesign, seed: str) -> ListDraw:
    """
    Draw main and reserve units of one group in one township.

    Parameters
    ----------
    source : ListSource
    group : GroupDesign
    seed : str
        As checked by ``check_seed``.

    Returns
    -------
    ListDraw
    """
    result = ListDraw()
    _select(result, source, group, seed, group.stages, source.unit_rows, _Path())
    return result


def _select(
    result: ListDraw,
    source: ListSource,
    group: GroupDesign,
    seed: str,
    stages: tuple[Stage, ...],
    units: Rows,
    path: _Path,
) -> None:
    """The first of ``stages`` from the given units, and the further ones within each cluster that it hits."""
    stage, further = stages[0], stages[1:]
    if not further:
        _take_units(result, source, group, seed, stage, units, path)
        return
    clusters = _clusters(source, stage.stage, units)
    sizes = [cluster.size for cluster in clusters]
    if stage.stage == "psu":
        result.psus, result.size = len(clusters), sum(sizes)
    sentence = label(seed, source.township_code, group.group, stage.stage, path.cluster_code)
    for cluster, hits, chain in _hit_clusters(result, stage, clusters, sentence, path):
        psu_hits = hits if stage.stage == "psu" else path.psu_hits
        before = sum(len(taken.main) for taken in result.taken)
        inner = _Path((*path.codes, cluster.code), hits, psu_hits, chain)
        _select(result, source, group, seed, further, cluster.units, inner)
        if stage.stage == "psu":
            main = sum(len(taken.main) for taken in result.taken) - before
            result.drawn.append(DrawnPsu(cluster.code, cluster.size, hits, chain.stages[0], len(cluster.units), main))


def _hit_clusters(
    result: ListDraw, stage: Stage, clusters: list[_Cluster], sentence: str, path: _Path
) -> list[tuple[_Cluster, int, Chain]]:
    """The clusters that are hit, how often, and the probabilities up to them."""
    method = METHODS[stage.method]
    sizes = [cluster.size for cluster in clusters]
    wanted, total = stage.n * path.hits, sum(sizes) if method.by_size else len(clusters)
    possible = wanted if method.by_size and total else min(wanted, total)
    if possible < wanted:
        result.shortfalls.append(Shortfall(stage.stage, path.cluster_code, "main", wanted, possible))
    if total == 0:
        return []
    hits = method.hits(sizes, wanted, start=start(sentence, total))
    found = []
    for cluster, times in zip(clusters, hits.tolist(), strict=True):
        if times:
            own = (
                pps_probability(stage.n, cluster.size, total)
                if method.by_size
                else take_probability(stage.n, total, path.hits)
            )
            found.append((cluster, times, path.chain.then(own)))
    return found


def _take_units(
    result: ListDraw, source: ListSource, group: GroupDesign, seed: str, stage: Stage, units: Rows, path: _Path
) -> None:
    """The last stage: main units of one list, and their reserves from what is left of it."""
    listed, wanted = len(units), stage.n * path.hits
    if listed < wanted:
        result.shortfalls.append(Shortfall("unit", path.cluster_code, "main", wanted, listed))
    if listed == 0:
        return
    main_label = label(seed, source.township_code, group.group, "unit", path.cluster_code)
    hit = METHODS[stage.method].hits(range(listed), wanted, start=start(main_label, listed))
    main = np.flatnonzero(hit)
    left, asked = listed - len(main), group.reserves * len(main)
    if reserve_count(listed, len(main), group.reserves) < asked:
        result.shortfalls.append(Shortfall("unit", path.cluster_code, "reserve", asked, left))
    reserve_label = label(seed, source.township_code, group.group, "unit", path.cluster_code, "reserve")
    reserves = select_reserves(listed, main, group.reserves, start=start(reserve_label, left) if left else 0)
    result.taken.append(
        Taken(
            main=units[main],
            reserve=units[reserves.positions],
            reserve_for=units[main[reserves.mains]],
            hits=path.psu_hits,
            chain=path.chain.then(take_probability(stage.n, listed, path.hits)),
        )
    )


def _clusters(source: ListSource, stage: str, units: Rows) -> list[_Cluster]:
    """
    The clusters of a list, in the order of their first row.

    A PSU's size measure is the size in its own row, where PSU rows are given, else its number of listed units.
    """
    coded = source.clusters[stage]
    own_rows = source.psu_rows if stage == "psu" and len(source.psu_rows) else None
    places, found = pd.factorize(coded.codes[units])
    members = (
        np.split(units[np.argsort(places, kind="stable")], np.cumsum(np.bincount(places))[:-1]) if len(units) else []
    )
    by_code = dict(zip(found.tolist(), members, strict=True))
    if own_rows is None:
        return [_Cluster(coded.texts[code], len(rows), rows) for code, rows in by_code.items()]
    nothing = np.zeros(0, dtype=np.int64)
    return [
        _Cluster(coded[row], int(source.sizes[row]), by_code.get(int(coded.codes[row]), nothing))
        for row in own_rows.tolist()
    ]

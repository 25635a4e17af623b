"""
Explicit strata within a group: the sample of a township is divided among them, and each is drawn by itself.

stratify_units      of a one-stage group: each township's units → those of each stratum
stratify_clusters   of a group drawn in stages: each township's PSUs → those of each stratum
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.allocation.allocation import allocate
from sampling.designs.design_groups import GIVEN, OTHERS, GroupDesign, PerStratum, Strata
from sampling.errors import AllocationError
from sampling.methods import METHODS
from sampling.selection.group_draw import GroupDraw, GroupSource, Path, Shortfall, Stratum
from sampling.selection.lists import Clusters, Lists, split

Ints = NDArray[np.int64]


class _Own(NamedTuple):
    """A stratum of a township: its code, its elements, their size measure, and what it could give at most."""

    code: str
    listed: int
    size: int
    most: int


class _Missing(NamedTuple):
    """A stratum that should give so many by the design itself, and what it can give."""

    code: str
    wanted: int
    has: int


def stratify_units(
    result: GroupDraw, source: GroupSource, group: GroupDesign, lists: Lists, paths: list[Path]
) -> tuple[Lists, list[Path], Ints]:
    """
    Split the lists of units into strata and divide n among them.

    Returns
    -------
    lists, paths
        Of each stratum, in the order of codes; a township without units keeps its empty list.
    wanted : ndarray of int64
        How many to take of each.

    Raises
    ------
    AllocationError
        Where n cannot be divided as the design asks.
    """
    column = source.columns[_of(group).by]
    parts = split(lists, column)
    order = np.lexsort((parts.code, parts.owner))
    owner, units = parts.owner[order], parts.units.take(order)
    strata = [
        _Own(column.texts[code], size, size, size)
        for code, size in zip(parts.code[order].tolist(), units.size.tolist(), strict=True)
    ]
    found, wanted = _divide(result, source, group, paths, owner, strata)
    empty = np.zeros(len(found) - len(strata), dtype=np.int64)
    lists = Lists(units.rows, np.concatenate([units.first, empty]), np.concatenate([units.size, empty]))
    return lists, found, wanted


def stratify_clusters(
    result: GroupDraw, source: GroupSource, group: GroupDesign, clusters: Clusters, paths: list[Path]
) -> tuple[Clusters, list[Path], Ints]:
    """
    Put the PSUs of each township by strata and divide n among them.

    Returns
    -------
    clusters, paths, wanted
        As of ``stratify_units``; the owner of each PSU is its stratum.

    Raises
    ------
    AllocationError
        Where n cannot be divided as the design asks.
    """
    column = source.columns[_of(group).by]
    code = column.codes[clusters.row]
    order = np.lexsort((code, clusters.owner))
    keys = clusters.owner[order] * len(column.texts) + code[order]
    found, owner = np.unique(keys, return_inverse=True)
    put = clusters.take(order, owner.astype(np.int64))
    bounds = put.bounds(len(found)).tolist()
    first = group.stages[0]
    by_size = METHODS[first.method].by_size
    strata = []
    for k, key in enumerate(found.tolist()):
        measure = put.measure[bounds[k] : bounds[k + 1]]
        count, total = len(measure), int(measure.sum())
        possible = int((measure > 0).sum()) if by_size else count
        most = min(max(first.n or 0, count), total) if first.repeats else possible  # no more hits than size units
        strata.append(_Own(column.texts[key % len(column.texts)], count, total if by_size else count, most))
    divided, wanted = _divide(result, source, group, paths, found // len(column.texts), strata)
    return put, divided, wanted


def _of(group: GroupDesign) -> Strata:
    if group.strata is None:
        raise ValueError(f"the group {group.group} has no strata")
    return group.strata


def _divide(
    result: GroupDraw, source: GroupSource, group: GroupDesign, paths: list[Path], owner: Ints, strata: list[_Own]
) -> tuple[list[Path], Ints]:
    """The path and the share of each stratum; townships without any come last, with what they should have given."""
    stage = group.stages[0]
    bounds = np.searchsorted(owner, np.arange(len(paths) + 1)).tolist()
    found: list[Path] = []
    wanted: list[int] = []
    empty: list[Path] = []
    for k, path in enumerate(paths):
        own = strata[bounds[k] : bounds[k + 1]]
        if not own:
            empty.append(path)
            continue
        total = stage.wanted(sum(stratum.listed for stratum in own))
        n, missing = _placed_shares(group, source.townships[path.township], total, own)
        for code, asked, has in missing:
            result.shortfalls.append(Shortfall(path._replace(codes=(code,)), stage.stage, "main", asked, has))
        # what a stratum is short of is not reported a second time as the whole list's
        if (taken := sum(n)) < (asked := total - sum(short.wanted - short.has for short in missing)):
            result.shortfalls.append(Shortfall(path, stage.stage, "main", asked, taken))
        for place, (stratum, share) in enumerate(zip(own, n, strict=True)):
            inner = path._replace(codes=(stratum.code,), place=(place,))
            result.strata.append(Stratum(inner, stratum.listed, stratum.size, share))
            found.append(inner)
            wanted.append(share)
    return found + empty, np.array(wanted + [stage.wanted(0)] * len(empty), dtype=np.int64)


def _placed_shares(
    group: GroupDesign, township_code: str, total: int, strata: list[_Own]
) -> tuple[list[int], list[_Missing]]:
    """The shares of one township, refusals led by its code."""
    try:
        return _shares(group, total, strata)
    except AllocationError as error:
        raise AllocationError(
            f"{township_code}, {group.group}: {error.en}", f"{township_code} 的“{group.label.zh}”：{error.zh}"
        ) from error


def _shares(group: GroupDesign, total: int, strata: list[_Own]) -> tuple[list[int], list[_Missing]]:
    """How many to take of each stratum; and the strata that the township does not have, or too little of."""
    design = _of(group)
    codes = [stratum.code for stratum in strata]
    if design.allocation == GIVEN:
        given = {code: int(text) for code, text in design.n}
        unknown = [code for code in codes if code not in given]
        if unknown:
            raise _without("n", unknown)
        return [given[code] for code in codes], [_Missing(c, n, 0) for c, n in given.items() if c not in codes and n]
    maximum = [min(stratum.most, _whole(design.maximum, stratum.code, stratum.most)) for stratum in strata]
    minimum = [min(_whole(design.minimum, stratum.code, 0), stratum.most) for stratum in strata]
    options: dict[str, Any] = {
        name: _figures(group, name, codes) for name in ("sd", "cost", "cv") if getattr(design, name)
    }
    if design.power:
        options["power"] = design.power
    found = allocate(
        min(total, sum(maximum)),
        [stratum.size for stratum in strata],
        rule=design.allocation,
        minimum=minimum,
        maximum=maximum,
        **options,
    )
    return list(found.n), _below_minimum(design, strata)


def _below_minimum(design: Strata, strata: list[_Own]) -> list[_Missing]:
    """Strata that cannot give their minimum, by code: all that they have is taken."""
    has = {stratum.code: stratum.most for stratum in strata}
    named = {code for code, _ in design.minimum if code != OTHERS}
    asked = {code: _whole(design.minimum, code, 0) for code in sorted(named | set(has))}
    return [_Missing(code, least, has.get(code, 0)) for code, least in asked.items() if has.get(code, 0) < least]


def _whole(figures: PerStratum, code: str, otherwise: int) -> int:
    given = dict(figures)
    return int(given.get(code, given.get(OTHERS, otherwise)))


def _figures(group: GroupDesign, name: str, codes: list[str]) -> list[str]:
    """A figure of every stratum; one that has none is refused, since nothing stands for an unknown figure."""
    given = dict(getattr(_of(group), name))
    unknown = [code for code in codes if code not in given and OTHERS not in given]
    if unknown:
        raise _without(name, unknown)
    return [str(given.get(code, given.get(OTHERS, ""))) for code in codes]


def _without(name: str, codes: list[str]) -> AllocationError:
    shown = ", ".join(repr(code) for code in codes[:5])
    return AllocationError(
        f"the design's strata have no {name} for {shown}, which the frame has; "
        f"add {'it' if len(codes) == 1 else 'them'} to the design, or correct the frame.",
        f"设计的分层没有给出抽样框中 {shown} 的 {name}；请补入设计，或更正抽样框。",
    )

"""
Who visits which places: parts of a list that lie together, the largest of them as small as can be.

balanced_parts(loads, parts)   cut a list into runs

Places in the order of their codes lie near each other, village by village and township by township, so a run of the list is a short way;
how far apart they are is not known otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from operator import index

from sampling.errors import SamplingError


def balanced_parts(
    loads: Sequence[int], parts: int, *, areas: Sequence[Hashable] | None = None
) -> tuple[tuple[int, int], ...]:
    """
    Cut an ordered list of places into runs, so that the largest load of a run is as small as can be.

    Parameters
    ----------
    loads : sequence of int
        What each place asks for, 0 or more, in the order of the list.
    parts : int
        How many runs; no more than there are places are made, and none is empty.
    areas : sequence, optional
        The area of each place, such as its township. Among all ways with the smallest largest load, one that makes people cross the
        fewest borders is taken: the fewest pairs of run and area.

    Returns
    -------
    tuple of (first, behind)
        Bounds of the runs, counted from 0, the second exclusive. Ties are settled by the fewest crossings, then by the smallest sum of
        squared loads (the most even), then by the earliest cuts.

    Raises
    ------
    SamplingError
        If there is no part, a load is no whole number of 0 or more, or the areas are not as many as the loads.

    Examples
    --------
    >>> balanced_parts([5, 1, 1, 5, 2, 2], 3)
    ((0, 2), (2, 4), (4, 6))
    >>> balanced_parts([1, 1, 1, 1], 2, areas=["A", "A", "A", "B"])
    ((0, 2), (2, 4))
    """
    numbers = _checked(loads, parts, areas)
    count = min(parts, len(numbers))
    if count == 0:
        return ()
    limit = _smallest_limit(numbers, count)
    return _best_cuts(numbers, count, limit, list(areas) if areas is not None else [0] * len(numbers))


def largest_load(loads: Sequence[int], bounds: Sequence[tuple[int, int]]) -> int:
    """The largest load of some runs, 0 where there is none."""
    return max((sum(loads[first:behind]) for first, behind in bounds), default=0)


def _checked(loads: Sequence[int], parts: int, areas: Sequence[Hashable] | None) -> list[int]:
    if parts < 1:
        raise SamplingError(
            f"Expected at least one person to visit places, got {parts}; choose somebody.",
            f"至少应有一人访问，实为 {parts} 人；请选择调查员。",
        )
    if areas is not None and len(areas) != len(loads):
        raise SamplingError(
            f"Expected an area for each of {len(loads)} places, got {len(areas)}; give one for each.",
            f"{len(loads)} 处应各有所属区域，实有 {len(areas)} 个；请逐一给出。",
        )
    for place, load in enumerate(loads, start=1):
        if isinstance(load, bool) or not hasattr(load, "__index__") or index(load) < 0:
            raise SamplingError(
                f"Expected loads as whole numbers of 0 or more, got {load!r} for place {place}; correct it.",
                f"工作量应为不小于 0 的整数，第 {place} 处实为 {load!r}；请更正。",
            )
    return [index(load) for load in loads]


def _smallest_limit(loads: list[int], parts: int) -> int:
    """The smallest limit that the given number of runs can keep: found by halving, each limit tried by filling runs from the front."""
    low, high = max(loads), sum(loads)
    while low < high:
        middle = (low + high) // 2
        if _runs_needed(loads, middle) <= parts:
            high = middle
        else:
            low = middle + 1
    return low


def _runs_needed(loads: list[int], limit: int) -> int:
    runs, filled = 1, 0
    for load in loads:
        if filled + load > limit:
            runs, filled = runs + 1, 0
        filled += load
    return runs


def _best_cuts(loads: list[int], parts: int, limit: int, areas: list[Hashable]) -> tuple[tuple[int, int], ...]:
    """
    Among all cuts within the limit the one of least (crossings, squares, cuts), from the back to the front.

    ``best[first]`` is the least cost of cutting the places from ``first`` on into the runs left, with its cuts: costs add up, so what is best
    for the rest is best whatever stands before it.
    """
    size = len(loads)
    best: list[tuple[int, int, tuple[int, ...]] | None] = [None] * size + [(0, 0, ())]
    for left in range(1, parts + 1):
        after, best = best, [None] * (size + 1)
        for first in range(size - left + 1):
            best[first] = _best_run(loads, areas, limit, first, after)
    found = best[0]
    assert found is not None, "the limit was found by trying"
    cuts = found[2]
    return tuple(zip((0, *cuts[:-1]), cuts, strict=True))


def _best_run(
    loads: list[int],
    areas: list[Hashable],
    limit: int,
    first: int,
    after: list[tuple[int, int, tuple[int, ...]] | None],
) -> tuple[int, int, tuple[int, ...]] | None:
    """The best run that begins at a place, with the best of what follows."""
    load, seen, found = 0, set[Hashable](), None
    for behind in range(first + 1, len(loads) + 1):
        load += loads[behind - 1]
        if load > limit:
            break
        seen.add(areas[behind - 1])
        rest = after[behind]
        if rest is not None:
            candidate = (len(seen) + rest[0], load * load + rest[1], (behind, *rest[2]))
            found = candidate if found is None else min(found, candidate)
    return found

"""
The floors: selections as someone who knows NumPy writes them, with a generator's starts and nothing else.

systematic   index arithmetic
pps          cumulative sum and binary search
stratified   counting sort, index arithmetic
county       county-110: borders of villages, cumulative sums, binary search, index arithmetic, reserves
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

TAKES = {0: 30, 1: 10}
"""Units of the one-stage groups of county-110 by their place in alphabetical order: delegates, enterprise."""
HITS = {2: 5, 3: 2}
"""Hits of the groups drawn in stages: rural, urban; each of ten households."""
RESERVES = 2


def systematic(n_units: int, n: int, start: int) -> Ints:
    """Positions by a fractional interval."""
    return (start + np.arange(n, dtype=np.int64) * n_units) // n


def pps(sizes: Ints, n: int, start: int) -> Ints:
    """Positions hit, by cumulative sum and binary search."""
    ends = np.cumsum(sizes)
    return np.searchsorted(ends, systematic(int(ends[-1]), n, start), side="right")


def stratified(codes: Ints, n: int) -> tuple[Ints, NDArray[np.float64]]:
    """Rows and probabilities of n from every stratum, which all hold more; 16-bit codes are sorted by counting."""
    order = np.argsort(codes.astype(np.uint16), kind="stable")
    size = np.bincount(codes)
    first = np.cumsum(size) - size
    start = (np.random.default_rng(1).random(len(size)) * size).astype(np.int64)
    positions = (start[:, None] + np.arange(n) * size[:, None]) // n
    return order[(first[:, None] + positions).ravel()], np.repeat(n / size, n)


def county(townships: Ints, groups: Ints, psus: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Main units, reserves and weights of county-110 from a frame sorted by township, group and PSU."""
    rng = np.random.default_rng(1)
    begins = _borders(townships, groups, psus)
    size = np.diff(begins, append=len(townships))
    group, key = groups[begins], townships[begins] * 4 + groups[begins]
    first: list[Ints] = []
    length: list[Ints] = []
    take: list[Ints] = []
    weight: list[NDArray[np.float64]] = []
    for code, n in TAKES.items():
        own = group == code
        first.append(begins[own]), length.append(size[own])
        take.append(np.full(int(own.sum()), n)), weight.append(size[own] / n)
    for code, n in HITS.items():
        own = group == code
        hit, times, chance = _hits(size[own], key[own], n, rng)
        first.append(begins[own][hit]), length.append(size[own][hit])
        take.append(10 * times), weight.append(size[own][hit] / (10 * times) / chance)
    return _units(np.concatenate(first), np.concatenate(length), np.concatenate(take), np.concatenate(weight), rng)


def _borders(*columns: Ints) -> Ints:
    new = np.zeros(len(columns[0]), dtype=bool)
    new[0] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _hits(size: Ints, key: Ints, n: int, rng: np.random.Generator) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Villages hit in each list, how often, and their expected hits per hit."""
    lists = _borders(key)
    ends = np.cumsum(size)
    before = ends[lists] - size[lists]
    total = np.append(before[1:], ends[-1]) - before
    start = (rng.random(len(total)) * total).astype(np.int64)
    marks = before[:, None] + (start[:, None] + np.arange(n) * total[:, None]) // n
    times = np.bincount(np.searchsorted(ends, marks.ravel(), side="right"), minlength=len(size))
    hit = np.flatnonzero(times)
    owner = np.searchsorted(lists, hit, side="right") - 1
    return hit, times[hit], n * size[hit] / total[owner] / times[hit]


def _units(
    first: Ints, size: Ints, n: Ints, weight: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Main units of each list, and reserves from what is left."""
    n = np.minimum(n, size)
    positions, owner = _systematic_lists(size, n, rng)
    left = size - n
    places, of = _systematic_lists(left, np.minimum(RESERVES * n, left), rng)
    first_main, first_left = np.cumsum(n) - n, np.cumsum(left + 1) - (left + 1)
    before = first_left[owner] + positions - (np.arange(len(owner)) - first_main[owner])
    passed = np.searchsorted(before, first_left[of] + places, side="right") - first_main[of]
    return first[owner] + positions, first[of] + places + passed, weight[owner]


def _systematic_lists(size: Ints, n: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    start = (rng.random(len(size)) * size).astype(np.int64)
    owner = np.repeat(np.arange(len(size)), n)
    i = np.arange(len(owner)) - np.repeat(np.cumsum(n) - n, n)
    return (start[owner] + i * size[owner]) // n[owner], owner

"""
The methods of docs/method.md, sections 1.2 and 1.3, in a few slow lines each; ``naive_draw.py`` is made of them.

Each takes sizes (1 for every unit, where the method knows none), the number of hits n and the random numbers of its
label, and gives the hits of each element. Nothing here comes from the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Number = Callable[[int, int], int]


# ---- 1.2 random starts


def numbers(seed: str, township: str, group: str, stage: str, codes: list[str], take: str) -> Number:
    def number(k: int, m: int) -> int:
        last = take if k == 0 else f"{take}:{k}"
        sentence = "|".join(["pingyi-draw/1", seed, township, group, stage, "/".join(codes), last])
        return int(hashlib.sha256(sentence.encode()).hexdigest(), 16) * m // 2**256

    return number


# ---- 1.3 methods: hits of each element, of sizes s and with n hits


def interval(sizes: list[int], n: int, number: Number) -> list[int]:
    """PPS equal interval; with sizes of 1 the equal interval."""
    m = sum(sizes)
    r = number(0, m)
    hits, below = [], 0
    for s in sizes:
        hits.append(sum(below * n <= r + i * m < (below + s) * n for i in range(n)))
        below += s
    return hits


def circular(sizes: list[int], n: int, number: Number) -> list[int]:
    total = len(sizes)
    r, k = number(0, total), total // n
    chosen = [(r + i * k) % total for i in range(n)]
    return [chosen.count(p) for p in range(total)]


def symmetric(sizes: list[int], n: int, number: Number) -> list[int]:
    """Elements by the block in which their first size unit stands, blocks 1, 3, 5 … turned round."""
    m, below = sum(sizes), 0
    blocks: dict[int, list[int]] = {}
    for k, s in enumerate(sizes):
        blocks.setdefault(below * n // m, []).append(k)
        below += s
    order = [k for b in sorted(blocks) for k in (blocks[b][::-1] if b % 2 else blocks[b])]
    return _by_order(order, interval([sizes[k] for k in order], n, number))


def simple_random(sizes: list[int], n: int, number: Number) -> list[int]:
    places = list(range(len(sizes)))
    for i in range(n):
        j = i + number(i, len(sizes) - i)
        places[i], places[j] = places[j], places[i]
    return [int(k in places[:n]) for k in range(len(sizes))]


def hartley_rao(sizes: list[int], n: int, number: Number) -> list[int]:
    order = list(range(len(sizes)))
    for i in range(len(sizes) - 1):
        j = i + number(i + 1, len(sizes) - i)
        order[i], order[j] = order[j], order[i]
    return _by_order(order, interval([sizes[k] for k in order], n, number))


def sampford(sizes: list[int], n: int, number: Number) -> list[int]:
    m, used = sum(sizes), 0

    def following(bound: int) -> int:
        nonlocal used
        used += 1
        return number(used - 1, bound)

    def by_size() -> int:
        u, k = following(m), 0
        while u >= sum(sizes[: k + 1]):
            k += 1
        return k

    while True:
        tried = [by_size()]
        while len(tried) == len(set(tried)) < n:
            k = by_size()
            if following(m - n * sizes[k]) < m - n * max(sizes):
                tried.append(k)
        if len(tried) == len(set(tried)):
            return [tried.count(k) for k in range(len(sizes))]


def _by_order(order: list[int], hits: list[int]) -> list[int]:
    return [hits[order.index(k)] for k in range(len(order))]


METHODS: dict[str, Callable[[list[int], int, Number], list[int]]] = {
    "equal_interval": interval,
    "circular": circular,
    "symmetric": symmetric,
    "simple_random": simple_random,
    "pps_equal_interval": interval,
    "pps_symmetric": symmetric,
    "pps_hartley_rao": hartley_rao,
    "pps_sampford": sampford,
}


def certain(sizes: list[int], n: int) -> set[int]:
    """Large clusters: all with n'·s ≥ M', until none is left for which this holds."""
    taken: set[int] = set()
    while True:
        left = [k for k in range(len(sizes)) if k not in taken]
        total, n_left = sum(sizes[k] for k in left), n - len(taken)
        large = [k for k in left if sizes[k] and n_left > 0 and n_left * sizes[k] >= total]
        if not large:
            return taken
        taken |= set(large)


@dataclass
class Selected:
    """Hits of each element, and its expected hits."""

    hits: list[int]
    expected: list[Fraction]


def select(stage: dict[str, Any], sizes: list[int], n: int, number: Number) -> Selected:
    """One list by the method of its stage."""
    method = METHODS[stage["method"]]
    if not stage["method"].startswith("pps"):
        if n >= len(sizes):
            return Selected([1] * len(sizes), [Fraction(1)] * len(sizes))
        hits = method([1] * len(sizes), n, number) if n else [0] * len(sizes)
        return Selected(hits, [Fraction(n, len(sizes))] * len(sizes))
    sure: set[int] = set()
    if stage.get("large") == "certainty" or stage["method"] == "pps_sampford":
        sure = certain(sizes, n)
    left, n_left = [k for k in range(len(sizes)) if k not in sure], n - len(sure)
    total = sum(sizes[k] for k in left)
    found = Selected([int(k in sure) for k in range(len(sizes))], [Fraction(int(k in sure)) for k in range(len(sizes))])
    if n_left and total:
        for k, times in zip(left, method([sizes[k] for k in left], n_left, number), strict=True):
            found.hits[k], found.expected[k] = times, Fraction(n_left * sizes[k], total)
    return found

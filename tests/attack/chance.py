"""
How often chance alone would do as well as an attack: thresholds with a stated false-alarm rate.

Closings shuffle with the system's own random numbers, so no seed makes an attack's result the same each time. Each single comparison raises a
false alarm less than once in ten thousand million runs; the suite makes a few thousand of them, so one of its runs in a million at most.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import rankdata

FALSE_ALARM = 1e-10
SURE = 6.8
"""Standard deviations: two-sided 1.0e-11 for a normal variable; a rank correlation of few values strays even less."""


def sureness(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Return Spearman's rank correlation in standard deviations of its chance distribution; 0 where one of the two orders nothing."""
    if len(one) < 10:
        return 0.0
    first, second = rankdata(one), rankdata(other)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1] * math.sqrt(len(first) - 1))


def most_hits(sizes: Sequence[int]) -> int:
    """Return the number of right guesses that chance exceeds less often than `FALSE_ALARM`, with one-to-one guesses in cells of these sizes."""
    spread = [1.0]
    for size in sizes:
        spread = list(np.convolve(spread, _fixed_points(size)))
    tail = 0.0
    for hits in reversed(range(len(spread))):
        tail += spread[hits]
        if tail >= FALSE_ALARM:
            return hits
    return 0


@cache
def _fixed_points(size: int) -> tuple[float, ...]:
    """How likely each number of fixed points of a random permutation is."""
    without = [1, 0]
    for count in range(2, size + 1):
        without.append((count - 1) * (without[count - 1] + without[count - 2]))
    return tuple(math.comb(size, hits) * without[size - hits] / math.factorial(size) for hits in range(size + 1))


def hits(
    cells: Mapping[int, object], units: Mapping[int, Any], rows: Mapping[int, Any], *, backwards: bool
) -> tuple[int, list[int]]:
    """
    Guess, cell by cell, that the units in one order own the rows in another; return the right guesses and the cells' sizes.

    Parameters
    ----------
    cells : mapping
        Unit → its township, group and PSU.
    units, rows : mapping
        Unit → where an order has the unit, and where another has the row that is truly its own.
    """
    members: dict[object, list[int]] = {}
    for unit in sorted(units.keys() & rows.keys()):
        members.setdefault(cells[unit], []).append(unit)
    drawn = random.Random(20261124)  # where an order has several at one place, the guess among them is drawn
    right = 0
    for cell in members.values():
        guessed = sorted(drawn.sample(cell, len(cell)), key=lambda unit: units[unit], reverse=backwards)
        true = sorted(drawn.sample(cell, len(cell)), key=lambda unit: rows[unit])
        right += sum(one == other for one, other in zip(guessed, true, strict=True))
    return right, [len(cell) for cell in members.values()]

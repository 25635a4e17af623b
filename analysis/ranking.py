"""Ranks on exact values: the highest is first, equal values share a rank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def ranks(values: Sequence[Fraction | None], *, ties: str = "competition") -> list[int | None]:
    """
    Rank values from the highest down.

    Parameters
    ----------
    values : sequence of Fraction or None
        Exact, so that a tie is one and rounding never makes or breaks it; None takes no rank.
    ties : {"competition", "dense"}
        1, 2, 2, 4 or 1, 2, 2, 3.

    Returns
    -------
    list of int or None
        In the order given.

    Examples
    --------
    >>> ranks([Fraction(8), Fraction(9), Fraction(8), Fraction(7)])
    [2, 1, 2, 4]
    """
    # The nearest double never falls where the value rises: the fractions themselves decide where doubles are equal.
    keys = [(float(value), value, position) for position, value in enumerate(values) if value is not None]
    placed: list[int | None] = [None] * len(values)
    rank, before = 0, (math.nan, Fraction())
    for place, (double, value, position) in enumerate(sorted(keys, reverse=True), start=1):
        if (double, value) != before:
            rank = place if ties == "competition" else rank + 1
            before = (double, value)
        placed[position] = rank
    return placed

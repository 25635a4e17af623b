"""Ranks on exact values: the highest is first, equal values share a rank."""

from __future__ import annotations

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
    ranked = sorted((value for value in values if value is not None), reverse=True)
    places = ranked if ties == "competition" else sorted(set(ranked), reverse=True)
    first: dict[Fraction, int] = {}
    for place, value in enumerate(places, start=1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]

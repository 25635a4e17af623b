"""
A total shared out in proportion, within bounds, exactly.

clipped(...)              real-valued shares n_h = clip(λ·a_h, l_h, u_h) whose prices add up to the target
largest_remainder(...)    the same in whole numbers, with the same sum
within_budget(...)        the same in whole numbers whose price stays within a budget
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Whole = Sequence[int]
Exact = Sequence[Fraction]


def clipped(target: Fraction, weights: Exact, lower: Whole, upper: Whole, prices: Exact) -> list[Fraction] | None:
    """
    Shares in proportion to the weights within bounds.

    Parameters
    ----------
    target : Fraction
        What the shares, each times its price, add up to; not below the price of all lower bounds.
    weights : sequence of Fraction, shape (H,)
        a_h ≥ 0.
    lower, upper : sequence of int, shape (H,)
        0 ≤ l_h ≤ u_h.
    prices : sequence of Fraction, shape (H,)
        p_h > 0; all 1 where units are counted.

    Returns
    -------
    list of Fraction, shape (H,), or None
        clip(λ·a_h, l_h, u_h) with the λ for which Σ p_h·n_h = target. The sum never falls as λ grows, so the shares
        are the only ones. None where no λ reaches the target, because every stratum with a weight is full.

    Examples
    --------
    >>> one = Fraction(1)
    >>> [int(n) for n in clipped(Fraction(10), [one * 7, one, one * 2], [0, 2, 0], [5, 9, 9], [one] * 3)]
    [5, 2, 3]
    """
    # Between two breakpoints the price of all shares is fixed + slope·λ.
    fixed = sum((p * low for p, low in zip(prices, lower, strict=True)), Fraction(0))
    slope = Fraction(0)
    for at, bound, change in _breakpoints(weights, lower, upper, prices):
        if fixed + slope * at >= target:
            break
        fixed, slope = fixed + bound, slope + change
    if slope == 0 and fixed < target:
        return None
    scale = (target - fixed) / slope if slope else Fraction(0)
    return [
        min(max(scale * a, Fraction(low)), Fraction(high)) for a, low, high in zip(weights, lower, upper, strict=True)
    ]


def _breakpoints(
    weights: Exact, lower: Whole, upper: Whole, prices: Exact
) -> list[tuple[Fraction, Fraction, Fraction]]:
    """Each λ at which a share leaves its lower bound or meets its upper one, with what changes in fixed and in slope."""
    points = []
    for a, low, high, price in zip(weights, lower, upper, prices, strict=True):
        if a > 0 and low < high:
            points += [(low / a, -price * low, price * a), (high / a, price * high, -price * a)]
    return sorted(points)


def largest_remainder(shares: Exact, sizes: Whole) -> tuple[int, ...]:
    """
    Whole numbers with the sum of the shares, each share rounded down or up.

    Parameters
    ----------
    shares : sequence of Fraction, shape (H,)
        With a whole sum.
    sizes : sequence of int, shape (H,)
        Settle ties.

    Returns
    -------
    tuple of int, shape (H,)
        Rounded up are the shares with the largest remainders; of equal remainders that of the larger stratum, then
        that of the earlier one. Whole bounds that hold for the shares hold for the result.

    Examples
    --------
    >>> largest_remainder([Fraction(5, 2), Fraction(3, 2), Fraction(3)], [50, 60, 90])
    (2, 2, 3)
    """
    floors = [math.floor(share) for share in shares]
    up = set(_by_remainder(shares, sizes)[: int(sum(shares)) - sum(floors)])
    return tuple(n + (h in up) for h, n in enumerate(floors))


def within_budget(shares: Exact, sizes: Whole, prices: Exact, budget: Fraction) -> tuple[int, ...]:
    """
    Whole numbers that cost no more than the budget.

    Parameters
    ----------
    shares : sequence of Fraction, shape (H,)
    sizes : sequence of int, shape (H,)
        Settle ties, as in ``largest_remainder``.
    prices : sequence of Fraction, shape (H,)
    budget : Fraction

    Returns
    -------
    tuple of int, shape (H,)
        The shares rounded down; then, by largest remainder, one unit more for each that can still be paid.

    Examples
    --------
    >>> price = [Fraction(4), Fraction(3)]
    >>> within_budget([Fraction(5, 2), Fraction(10, 3)], [9, 9], price, Fraction(20))
    (2, 4)
    """
    n = [math.floor(share) for share in shares]
    left = budget - sum((p * k for p, k in zip(prices, n, strict=True)), Fraction(0))
    for h in _by_remainder(shares, sizes):
        if prices[h] <= left:
            n[h], left = n[h] + 1, left - prices[h]
    return tuple(n)


def _by_remainder(shares: Exact, sizes: Whole) -> list[int]:
    """The strata with a remainder, those first that are rounded up first."""
    remainders = [share - math.floor(share) for share in shares]
    some = [h for h, remainder in enumerate(remainders) if remainder]
    return sorted(some, key=lambda h: (-remainders[h], -sizes[h], h))

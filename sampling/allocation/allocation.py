"""
Allocation: how many of a sample go to each stratum.

allocate(total, sizes, rule=…)     a fixed number of units
allocate_budget(budget, sizes, …)  as many as a fixed budget pays for, at the least variance
ALLOCATIONS                        the rules: what each stratum's share is proportional to

Every rule gives a weight a_h per stratum; the shares are n_h = clip(λ·a_h, l_h, u_h), with λ such that they add up to
the total, and are rounded by largest remainder. All of it is in fractions; square roots and powers that are not
rational stand with 60 digits. (apportioning, exact)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from sampling.allocation.allocation_checks import (
    Bound,
    Values,
    bounds,
    check_column,
    check_money,
    check_total,
    needed,
    unreachable,
    value,
    values,
    whole,
)
from sampling.allocation.apportioning import clipped, largest_remainder, within_budget
from sampling.allocation.exact import HALF, Number, raised
from sampling.errors import AllocationError


class Allocation(NamedTuple):
    """
    A sample allocated to strata.

    Attributes
    ----------
    n : tuple of int, shape (H,)
        Units per stratum.
    share : tuple of Fraction, shape (H,)
        The same before rounding.
    rule : str
        A key of ``ALLOCATIONS``.
    """

    n: tuple[int, ...]
    share: tuple[Fraction, ...]
    rule: str


class StrataFigures(NamedTuple):
    """
    What the rules may look at, one value per stratum.

    Attributes
    ----------
    sizes : tuple of int
        N_h.
    sd, cost, measure, cv : tuple of Fraction or None
        S_h, c_h, X_h and CV_h; None where not given.
    power : Fraction
        q, of the power allocation.
    """

    sizes: tuple[int, ...]
    sd: tuple[Fraction, ...] | None = None
    cost: tuple[Fraction, ...] | None = None
    measure: tuple[Fraction, ...] | None = None
    cv: tuple[Fraction, ...] | None = None
    power: Fraction = HALF


def proportional(strata: StrataFigures) -> list[Fraction]:
    """Proportional to size: a_h = N_h."""
    return [Fraction(size) for size in strata.sizes]


def equal(strata: StrataFigures) -> list[Fraction]:
    """The same in every stratum: a_h = 1."""
    return [Fraction(1)] * len(strata.sizes)


def neyman(strata: StrataFigures) -> list[Fraction]:
    """Least variance of the mean for a fixed n: a_h = N_h·S_h (Neyman 1934)."""
    return [size * sd for size, sd in zip(strata.sizes, needed(strata.sd, "sd"), strict=True)]


def cost_optimal(strata: StrataFigures) -> list[Fraction]:
    """Least variance for a fixed cost Σ c_h·n_h: a_h = N_h·S_h / √c_h (Cochran 1977, 5.5)."""
    cost = needed(strata.cost, "cost")
    # Only the ratios of costs matter: beside the first one, equal costs and square ratios stay rational.
    return [a * raised(cost[0] / c, HALF) for a, c in zip(neyman(strata), cost, strict=True)]


def power(strata: StrataFigures) -> list[Fraction]:
    """Between equal and Neyman: a_h = X_h^q·CV_h (Bankier 1988); X_h is N_h and CV_h is 1 where not given."""
    measure = strata.measure or tuple(Fraction(size) for size in strata.sizes)
    largest = max(measure, default=Fraction(0))
    cv = strata.cv or (Fraction(1),) * len(measure)
    return [_powered(x, largest, strata.power) * v for x, v in zip(measure, cv, strict=True)]


def _powered(x: Fraction, largest: Fraction, q: Fraction) -> Fraction:
    """(x / the largest)^q, and 0 for an empty stratum."""
    return raised(x / largest, q) if x > 0 else Fraction(0)


ALLOCATIONS: dict[str, Callable[[StrataFigures], list[Fraction]]] = {
    "proportional": proportional,
    "equal": equal,
    "neyman": neyman,
    "power": power,
    "cost_optimal": cost_optimal,
}
"""The rules: each gives the weights a_h ≥ 0 that the shares are proportional to."""


def allocate(
    total: int,
    sizes: Sequence[int],
    *,
    rule: str = "proportional",
    minimum: Bound = 0,
    maximum: Bound | None = None,
    sd: Values = None,
    cost: Values = None,
    mean: Values = None,
    cv: Values = None,
    measure: Values = None,
    power: Number | None = None,
) -> Allocation:
    """
    Allocate a sample of fixed size to strata.

    Parameters
    ----------
    total : int
        n ≥ 0, the sum of the result.
    sizes : sequence of int, shape (H,)
        N_h ≥ 0, units in each stratum.
    rule : str
        A key of ``ALLOCATIONS``.
    minimum, maximum : int or sequence of int, shape (H,)
        Bounds l_h and u_h, one for all or one a stratum. No stratum gives more than it holds, with or without a maximum.
        A minimum above N_h is refused, never lowered.
    sd, cost, mean, cv, measure : sequence of number, shape (H,), optional
        S_h ≥ 0, c_h > 0, Ȳ_h ≠ 0, CV_h ≥ 0 and X_h ≥ 0, as int, str, Decimal, Fraction or float (its shortest decimal).
        ``neyman`` needs sd, ``cost_optimal`` sd and cost. For ``power``, CV_h is ``cv``, or sd / |mean| where those are
        given.
    power : number, optional
        q ≥ 0 of the power allocation, one half where not given; Bankier takes 0 to 1.

    Returns
    -------
    Allocation
        Shares clip(λ·a_h, l_h, min(u_h, N_h)) that add up to n, rounded by largest remainder; of equal remainders that of
        the larger stratum is rounded up, then that of the earlier one.

    Raises
    ------
    AllocationError
        When the bounds and the total cannot all be kept, or a value is missing or out of range.

    Notes
    -----
    Neyman (1934), J. R. Stat. Soc. 97; Bankier (1988), Am. Stat. 42; Cochran (1977), Sampling Techniques, 5.5-5.9.

    Examples
    --------
    Thirty delegates, at least two of each kind:

    >>> allocate(30, [60, 221, 6], minimum=2).n
    (6, 22, 2)
    >>> allocate(100, [400, 500, 100], rule="neyman", sd=[1, 2, "4.5"])
    Allocation(n=(22, 54, 24), share=(Fraction(800, 37), Fraction(2000, 37), Fraction(900, 37)), rule='neyman')
    """
    strata = _strata(sizes, rule, sd=sd, cost=cost, mean=mean, cv=cv, measure=measure, power=power)
    n = whole(total, "the total", "总样本量")
    lower, upper = bounds(strata.sizes, minimum, maximum)
    check_total(n, lower, upper)
    weights = ALLOCATIONS[rule](strata)
    shares = clipped(Fraction(n), weights, lower, upper, [Fraction(1)] * len(weights))
    if shares is None:
        raise unreachable(Fraction(n), weights)
    return Allocation(largest_remainder(shares, strata.sizes), tuple(shares), rule)


def allocate_budget(
    budget: Number,
    sizes: Sequence[int],
    *,
    sd: Sequence[Number],
    cost: Sequence[Number],
    minimum: Bound = 0,
    maximum: Bound | None = None,
) -> Allocation:
    """
    Allocate a fixed budget to strata at the least variance of the mean.

    Parameters
    ----------
    budget : number
        C, what may be spent on the units; costs that do not depend on n are taken off before.
    sizes : sequence of int, shape (H,)
        N_h ≥ 0.
    sd, cost : sequence of number, shape (H,)
        S_h ≥ 0, and c_h > 0 in the budget's unit.
    minimum, maximum : int or sequence of int, shape (H,)
        As in ``allocate``.

    Returns
    -------
    Allocation
        Shares clip(λ·N_h·S_h/√c_h, l_h, u_h) with Σ c_h·n_h = C; then rounded down, and by largest remainder one unit
        more for each that can still be paid, so that the budget is never exceeded.

    Raises
    ------
    AllocationError
        When the minima cost more than the budget, the budget pays for more than the maxima, or a value is out of range.

    Notes
    -----
    Cochran (1977), Sampling Techniques, 5.5. The shares without bounds are those of R PracTools strAlloc, alloc="totcost".

    Examples
    --------
    >>> allocate_budget(100, [400, 600], sd=[1, 1], cost=[1, 4]).n
    (25, 18)
    """
    strata = _strata(sizes, "cost_optimal", sd=sd, cost=cost)
    lower, upper = bounds(strata.sizes, minimum, maximum)
    prices, money = strata.cost or (), value(budget, "budget", None)
    check_money(money, prices, lower, upper)
    weights = cost_optimal(strata)
    shares = clipped(money, weights, lower, upper, prices)
    if shares is None:
        raise unreachable(money, weights)
    return Allocation(within_budget(shares, strata.sizes, prices, money), tuple(shares), "cost_optimal")


def _strata(sizes: Sequence[int], rule: str, *, power: Number | None = None, **given: Values) -> StrataFigures:
    """What was given, checked and exact."""
    if rule not in ALLOCATIONS:
        near = difflib.get_close_matches(str(rule), ALLOCATIONS, 1)
        known = ", ".join(ALLOCATIONS)
        en, zh = (f"; did you mean {near[0]}?", f"；是否指 {near[0]}？") if near else (".", "。")
        raise AllocationError(
            f"Expected a rule of allocation ({known}), got “{rule}”{en}", f"应为分配规则（{known}），实为“{rule}”{zh}"
        )
    check_column(sizes, "sizes")
    counts = tuple(whole(size, f"stratum {h}'s size", f"第 {h} 层的规模") for h, size in enumerate(sizes, 1))
    columns = {name: values(column, name, len(counts)) for name, column in given.items()}
    sd, mean, cv = columns.get("sd"), columns.get("mean"), columns.get("cv")
    if cv is None and sd is not None and mean is not None:
        cv = tuple(s / abs(m) for s, m in zip(sd, mean, strict=True))
    q = HALF if power is None else value(power, "power", None)
    return StrataFigures(counts, sd, columns.get("cost"), columns.get("measure"), cv, q)

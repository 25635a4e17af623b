"""
Telling two scores apart: how far they must lie, and how likely it is.

detectable_difference(…)   the smallest difference that is found
power_of_difference(…)     the probability that a difference is found
"""

from __future__ import annotations

from sampling.allocation.exact import Number, exact, square_root
from sampling.errors import PlanningError
from sampling.planning.planning_checks import NORMAL, check_power, number, quantile, two_sided


def detectable_difference(
    se: Number, other_se: Number | None = None, *, confidence: Number = 0.95, power: Number | None = None
) -> float:
    """
    How far apart two independent scores must be to be told apart.

    Parameters
    ----------
    se, other_se : number
        Standard errors of the two scores; the second is as large as the first where not given.
    confidence : number
        Of the two-sided test that they differ.
    power : number, optional
        Probability with which a true difference of that size is to be found; above 1 − confidence, which the test
        reaches with no difference at all.

    Returns
    -------
    float
        z·√(se² + se'²): the smallest *observed* difference that the test calls one. With a power, (z + z_power)·√(…): the
        *true* difference that is found with that probability. The far tail of the test is left out: below 0.00005
        from a power of one half on; for smaller powers the difference is somewhat larger than need be.

    Examples
    --------
    >>> round(detectable_difference("2.06"), 1), round(detectable_difference("2.06", power=0.8), 1)
    (5.7, 8.2)
    """
    reach = two_sided(confidence) + (0 if power is None else quantile(check_power(power, confidence)))
    return float(reach * exact(_se_of_difference(se, other_se)))


def power_of_difference(
    difference: Number, se: Number, other_se: Number | None = None, *, confidence: Number = 0.95
) -> float:
    """
    Probability that two scores are told apart.

    Parameters
    ----------
    difference : number
        True difference of the two scores.
    se, other_se, confidence
        As in ``detectable_difference``; the standard errors not both 0.

    Returns
    -------
    float
        Φ(|d|/s − z) + Φ(−|d|/s − z), s the standard error of the difference; 1 − confidence where d = 0.

    Examples
    --------
    >>> round(power_of_difference(8.16, "2.06"), 2)
    0.8
    """
    spread = _se_of_difference(se, other_se)
    if spread == 0:
        raise PlanningError(
            "Expected a standard error above 0 for at least one of the two scores; give one.",
            "两个分数中至少一个的标准误应大于 0；请改正。",
        )
    distance, z = float(abs(number(difference, "difference")) / exact(spread)), float(two_sided(confidence))
    return NORMAL.cdf(distance - z) + NORMAL.cdf(-distance - z)


def _se_of_difference(se: Number, other_se: Number | None) -> float:
    """√(se² + se'²)."""
    first = number(se, "se")
    second = first if other_se is None else number(other_se, "se")
    return square_root(first**2 + second**2)

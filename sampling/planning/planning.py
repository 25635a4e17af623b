"""
Planning: how precise a sample will be, and how large it must be.

margin_of_error(n, …)           of a share or a mean score, from a sample of n
sample_size(moe, …)             the smallest sample with that margin of error
design_effect(take, icc, …)     what clusters and unequal weights cost (Kish)
score_sd(shares)                standard deviation of scores from the shares of the answers
mean_of_groups(parts)           of the mean of several groups, such as a township's public appraisal

Inputs are taken exactly, variances are fractions, and every result is rounded once. What tells two scores apart is in
planning_differences, what whole designs give in planning_designs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from sampling.allocation.exact import Number, exact, square_root
from sampling.errors import PlanningError
from sampling.planning.planning_checks import MAX_COUNT, check_population, count, number, shown, two_sided


class Precision(NamedTuple):
    """
    How precise an estimate is planned to be.

    Attributes
    ----------
    est : float or None
        The share or mean that is expected; None where none was given.
    se : float
        Standard error.
    moe : float
        Margin of error: half the width of the confidence interval, z·se.
    n : int
        Units to be approached.
    answers : float
        Units expected to answer: n times the response rate.
    deff : float
        Design effect: the variance beside that of a simple random sample of as many answers.
    """

    est: float | None
    se: float
    moe: float
    n: int
    answers: float
    deff: float


def margin_of_error(
    n: int,
    *,
    share: Number | None = None,
    sd: Number | None = None,
    mean: Number | None = None,
    confidence: Number = 0.95,
    deff: Number = 1,
    population: int | None = None,
    response: Number = 1,
) -> Precision:
    """
    Margin of error of a share or a mean.

    Parameters
    ----------
    n : int
        Units approached, n ≥ 1.
    share : number, optional
        Expected share p, from 0 to 1. Either it or ``sd`` must be given.
    sd : number, optional
        Standard deviation S of the scores, in their unit (points of 5, points of 100).
    mean : number, optional
        Expected mean; only handed on as ``est``.
    confidence : number
        Between 0 and 1.
    deff : number
        Design effect, above 0.
    population : int, optional
        N ≥ n; without it the population counts as very large.
    response : number
        Expected response rate, above 0 and at most 1.

    Returns
    -------
    Precision
        se² = deff · S²/a · (1 − a/N) with a = n·response answers; S² = p(1−p)·N/(N−1) for a share.

    Raises
    ------
    PlanningError
        When a value is missing or out of range.

    Notes
    -----
    Cochran (1977), Sampling Techniques, 2.6 and 3.2; Kish (1965), Survey Sampling, 8.2. Non-response is taken to be
    random: it makes the sample smaller, and what bias it brings no formula tells.

    Examples
    --------
    >>> round(margin_of_error(50, sd=18, deff=1.3).se, 1)
    2.9
    >>> round(margin_of_error(400, share=0.5).moe, 3)
    0.049
    """
    size = count(n, "n")
    check_population(size, population)
    answers = size * number(response, "response")
    variance = number(deff, "deff") * _unit_variance(share, sd, population) * (1 / answers - _reciprocal(population))
    return _precision(_expected(share, mean), variance, size, answers, number(deff, "deff"), confidence)


def sample_size(
    moe: Number,
    *,
    share: Number | None = None,
    sd: Number | None = None,
    mean: Number | None = None,
    confidence: Number = 0.95,
    deff: Number = 1,
    population: int | None = None,
    response: Number = 1,
) -> Precision:
    """
    The smallest sample whose margin of error is no larger than asked.

    Parameters
    ----------
    moe : number
        Margin of error wanted, above 0, in the unit of the share or of ``sd``.
    share, sd, mean, confidence, deff, population, response
        As in ``margin_of_error``.

    Returns
    -------
    Precision
        With n, the units to approach, and the margin that they give. The answers needed are n₀/(1 + n₀/N) with
        n₀ = deff·z²·S²/moe²; n is answers/response, rounded up.

    Raises
    ------
    PlanningError
        When a value is missing or out of range, or the whole population would not give enough answers.

    Notes
    -----
    Cochran (1977), Sampling Techniques, 4.4 and 4.6.

    Examples
    --------
    >>> sample_size(0.05, share=0.5).n
    385
    >>> sample_size(5, sd=18, deff=1.3, population=300, response=0.8).n
    67
    """
    wanted = number(moe, "moe")
    needed = number(deff, "deff") * two_sided(confidence) ** 2 * _unit_variance(share, sd, population) / wanted**2
    answers = needed / (1 + needed * _reciprocal(population))
    n = max(1, math.ceil(answers / number(response, "response")))
    if n > MAX_COUNT:
        raise PlanningError(
            f"A margin of error of {shown(moe)} needs more than 10¹⁵ units; allow a wider margin.",
            f"误差 {shown(moe)} 需要超过 10¹⁵ 个单位；请放宽误差。",
        )
    if population is not None and n > population:
        raise PlanningError(
            f"A margin of error of {moe} needs {math.ceil(answers)} answers, and {population} units at a response rate of "
            f"{response} give fewer; allow a wider margin, or raise the response.",
            f"误差 {moe} 需 {math.ceil(answers)} 份答卷，而总体 {population} 个单位按应答率 {response} 不足此数；"
            "请放宽误差或提高应答率。",
        )
    return margin_of_error(
        n,
        share=share,
        sd=sd,
        mean=mean,
        confidence=confidence,
        deff=deff,
        population=population,
        response=response,
    )


def design_effect(
    take: Number = 1, icc: Number = 0, *, weights: Sequence[Number] | None = None, cv: Number | None = None
) -> float:
    """
    Design effect of clusters and of unequal weights.

    Parameters
    ----------
    take : number
        m, answers per cluster, on average; below 1 it counts as 1.
    icc : number
        ρ, correlation of two units of a cluster: the share of the variance that lies between clusters.
    weights : sequence of number, optional
        The weights, above 0; or
    cv : number, optional
        their coefficient of variation (standard deviation / mean).

    Returns
    -------
    float
        (1 + (m − 1)·ρ) · (1 + cv²), where 1 + cv² = n·Σw²/(Σw)².

    Raises
    ------
    PlanningError
        When a value is out of range, or both weights and cv are given.

    Notes
    -----
    Kish (1965), Survey Sampling, 5.4 and 11.7; Kish (1987) for the product.

    Examples
    --------
    >>> design_effect(10, "1/30")
    1.3
    >>> design_effect(weights=[1, 1, 2])
    1.125
    """
    if weights is not None and cv is not None:
        raise PlanningError(
            "Expected either the weights or their cv, got both; give one.",
            "权数与其变异系数 cv 只应给出一个，实际两个都给了；请去掉一个。",
        )
    return float(exact_design_effect(number(take, "take"), number(icc, "icc")) * _weighting(weights, cv))


def exact_design_effect(take: Fraction, icc: Fraction) -> Fraction:
    """1 + (m − 1)·ρ, refused where ρ is so far below 0 that no such clusters exist."""
    effect = 1 + (max(take, Fraction(1)) - 1) * icc
    if effect <= 0:
        raise PlanningError(
            f"An icc of {float(icc):g} cannot be with {float(take):g} units per cluster; it must be above "
            f"{float(-1 / (take - 1)):g}.",
            f"每群 {float(take):g} 个单位时，icc 不可能为 {float(icc):g}；应大于 {float(-1 / (take - 1)):g}。",
        )
    return effect


def score_sd(shares: Mapping[Number, Number]) -> float:
    """
    Standard deviation of scores from the shares of the answers.

    Parameters
    ----------
    shares : mapping of number to number
        Score → share of those who gave it, each at least 0; they are brought to a sum of 1.

    Returns
    -------
    float
        In the unit of the scores. Scores of 0, 3 and 5 have at most 2.5.

    Examples
    --------
    >>> round(score_sd({5: 0.62, 3: 0.27, 0: 0.06}), 3)
    1.391
    """
    masses = {number(score, "mean"): number(share, "sd") for score, share in shares.items()}
    total = sum(masses.values(), Fraction(0))
    if total == 0:
        raise PlanningError(
            "Expected shares of answers that are not all 0; give at least one above 0.",
            "各答案的比例不应全为 0；请至少给出一个大于 0 的比例。",
        )
    mean = sum((score * mass for score, mass in masses.items()), Fraction(0)) / total
    return square_root(sum(((score - mean) ** 2 * mass for score, mass in masses.items()), Fraction(0)) / total)


def mean_of_groups(parts: Sequence[Precision], *, confidence: Number = 0.95) -> Precision:
    """
    Precision of the unweighted mean of several groups' scores.

    Parameters
    ----------
    parts : sequence of Precision, shape (G,)
        One a group, drawn independently, G ≥ 1.
    confidence : number

    Returns
    -------
    Precision
        se² = Σ se_g² / G²; its deff is Σ se_g² / Σ (se_g²/deff_g).

    Notes
    -----
    The public appraisal score is such a mean of four groups: Σ var_g / 16.

    Examples
    --------
    >>> groups = [margin_of_error(n, sd=18) for n in (30, 10, 20)] + [margin_of_error(50, sd=18, deff=1.3)]
    >>> round(mean_of_groups(groups).se, 1)
    2.1
    """
    groups = count(len(parts), "groups")
    variances = [exact(part.se) ** 2 for part in parts]
    plain = sum((v / exact(part.deff) for v, part in zip(variances, parts, strict=True)), Fraction(0))
    expected = [exact(part.est) for part in parts if part.est is not None]
    return _precision(
        sum(expected, Fraction(0)) / groups if len(expected) == groups else None,
        sum(variances, Fraction(0)) / groups**2,
        sum(part.n for part in parts),
        sum((exact(part.answers) for part in parts), Fraction(0)),
        sum(variances, Fraction(0)) / plain if plain else Fraction(1),
        confidence,
    )


def _unit_variance(share: Number | None, sd: Number | None, population: int | None) -> Fraction:
    """S² of one unit, from a share or a standard deviation."""
    if (share is None) == (sd is None):
        raise PlanningError(
            "Expected either a share or the scores' sd, got both or neither; give one.",
            "比例 share 与标准差 sd 应恰好给出一个；请改正。",
        )
    if sd is not None:
        return number(sd, "sd") ** 2
    p = number(share or 0, "share")
    if population is None:
        return p * (1 - p)
    return p * (1 - p) * Fraction(population, max(count(population, "population") - 1, 1))


def _reciprocal(population: int | None) -> Fraction:
    """1/N, 0 for a population without end."""
    return Fraction(0) if population is None else Fraction(1, count(population, "population"))


def _expected(share: Number | None, mean: Number | None) -> Fraction | None:
    """What is estimated, where it was given."""
    if share is not None:
        return number(share, "share")
    return None if mean is None else number(mean, "mean")


def _weighting(weights: Sequence[Number] | None, cv: Number | None) -> Fraction:
    """1 + cv² of the weights."""
    if cv is not None:
        return 1 + number(cv, "cv") ** 2
    if weights is None:
        return Fraction(1)
    given = [number(weight, "weight") for weight in weights]
    count(len(given), "weights")
    return len(given) * sum((w * w for w in given), Fraction(0)) / sum(given, Fraction(0)) ** 2


def _precision(
    est: Fraction | None, variance: Fraction, n: int, answers: Fraction, deff: Fraction, confidence: Number
) -> Precision:
    """All of it rounded once."""
    se = exact(square_root(variance))
    moe = two_sided(confidence) * se
    return Precision(None if est is None else float(est), float(se), float(moe), n, float(answers), float(deff))

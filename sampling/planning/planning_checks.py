"""What is out of range in a plan, in one sentence; and the quantile that every interval needs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

from sampling.allocation.exact import Number, exact
from sampling.errors import PlanningError

NORMAL = NormalDist()
MAX_COUNT = 10**15
_QUANTILE_DIGITS = 12
_CLOSE = Fraction(1, 10**12)
"""Nearer to 0 or 1 no quantile is worked out."""
_SMALLEST, _LARGEST = Fraction(1, 10**30), Fraction(10**30)
"""What is planned with lies between them, or is 0: results then never leave the range of doubles."""

_RANGES: dict[str, tuple[Callable[[Fraction], bool], str, str]] = {
    "share": (lambda x: 0 <= x <= 1, "from 0 to 1", "0 到 1 之间的数"),
    "icc": (lambda x: -1 < x <= 1, "above -1 and at most 1", "大于 -1 且不超过 1 的数"),
    "response": (lambda x: 0 < x <= 1, "above 0 and at most 1", "大于 0 且不超过 1 的数"),
    "confidence": (lambda x: 0 < x <= 1 - _CLOSE, "above 0 and at most 1 − 10⁻¹²", "大于 0 且不超过 1 − 10⁻¹² 的数"),
    "power": (lambda x: _CLOSE <= x <= 1 - _CLOSE, "from 10⁻¹² to 1 − 10⁻¹²", "10⁻¹² 到 1 − 10⁻¹² 之间的数"),
    "deff": (lambda x: x > 0, "above 0", "大于 0 的数"),
    "moe": (lambda x: x > 0, "above 0", "大于 0 的数"),
    "take": (lambda x: x > 0, "above 0", "大于 0 的数"),
    "sd": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "se": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "cv": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "weight": (lambda x: x > 0, "above 0", "大于 0 的数"),
    "mean": (lambda x: True, "as it comes", "有限的数"),
    "difference": (lambda x: True, "as it comes", "有限的数"),
}


def number(given: Number, name: str) -> Fraction:
    """A number within the range that its name asks for, exact."""
    within, range_en, range_zh = _RANGES[name]
    try:
        read = exact(given)
    except ValueError:
        read = None
    if read is None or not within(read):
        raise PlanningError(
            f"Expected a number {range_en} as `{name}`, got {shown(given)}; correct it.",
            f"{name} 应为{range_zh}，实为 {shown(given)}；请改正。",
        )
    if read and not _SMALLEST <= abs(read) <= _LARGEST:
        raise PlanningError(
            f"Expected a number of a size from 10⁻³⁰ to 10³⁰, or 0, as `{name}`, got {shown(given)}; correct it.",
            f"{name} 的绝对值应在 10⁻³⁰ 与 10³⁰ 之间，或为 0，实为 {shown(given)}；请改正。",
        )
    return read


def shown(given: object) -> str:
    """What was given, as it can stand in a sentence."""
    if isinstance(given, int) and abs(given) >= 10**60:
        return "a number of more than 60 digits"
    text = repr(given)
    return text if len(text) <= 60 else text[:59] + "…"


def count(given: int, name: str) -> int:
    """A whole number from 1 to 10¹⁵."""
    try:
        whole = operator.index(given)
    except TypeError:
        whole = 0
    if whole < 1 or isinstance(given, bool):
        raise PlanningError(
            f"Expected a whole number of at least 1 as `{name}`, got {shown(given)}; correct it.",
            f"{name} 应为不小于 1 的整数，实为 {shown(given)}；请改正。",
        )
    if whole > MAX_COUNT:
        raise PlanningError(
            f"Expected a whole number of at most 10¹⁵ as `{name}`, got {shown(given)}; correct it.",
            f"{name} 应为不超过 10¹⁵ 的整数，实为 {shown(given)}；请改正。",
        )
    return whole


def check_population(n: int, population: int | None) -> None:
    """Refuse a sample that is larger than its population."""
    if population is not None and n > count(population, "population"):
        raise PlanningError(
            f"The sample of {n} is larger than the population of {population}; plan for at most {population}.",
            f"样本量 {n} 超过总体规模 {population}；请按不超过 {population} 编制。",
        )


@lru_cache(maxsize=64)
def quantile(probability: Fraction) -> Fraction:
    """
    Quantile of the normal distribution, rounded to 12 decimals.

    The rounding makes it the same on every machine, whatever its C library's logarithm does in the last bit.

    Examples
    --------
    >>> float(quantile(Fraction(975, 1000)))
    1.95996398454
    """
    return Fraction(round(NORMAL.inv_cdf(float(probability)), _QUANTILE_DIGITS)).limit_denominator(10**_QUANTILE_DIGITS)


def two_sided(confidence: Number) -> Fraction:
    """The z of a two-sided interval: 1.959963984540 for 0.95."""
    return quantile((1 + number(confidence, "confidence")) / 2)


def check_power(power: Number, confidence: Number) -> Fraction:
    """
    A power that a test of this confidence can have: above its level, 1 − confidence.

    Raises
    ------
    PlanningError
        If it is not: with no difference at all the test finds one as often.
    """
    wanted, level = number(power, "power"), 1 - number(confidence, "confidence")
    if wanted <= level:
        raise PlanningError(
            f"Expected a power above the level of the test, 1 − confidence = {float(level):g}, got {shown(power)}: so often "
            "the test calls two equal scores different; ask for a larger power or confidence.",
            f"功效应大于检验的显著性水平（1 − 置信度 = {float(level):g}），实为 {shown(power)}：两分数相等时检验也会这样频繁地判为不同；"
            "请提高功效或置信度。",
        )
    return wanted

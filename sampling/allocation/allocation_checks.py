"""What is wrong with the strata or the bounds of an allocation, in one sentence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction

from sampling.allocation.exact import Number, exact
from sampling.errors import AllocationError

Bound = int | Sequence[int]
Values = Sequence[Number] | None
Column = tuple[Fraction, ...] | None

_RANGES: dict[str, tuple[Callable[[Fraction], bool], str, str]] = {
    "sd": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "cv": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "measure": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "power": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "cost": (lambda x: x > 0, "above 0", "大于 0 的数"),
    "budget": (lambda x: x >= 0, "of at least 0", "不小于 0 的数"),
    "mean": (lambda x: x != 0, "other than 0", "不等于 0 的数"),
}


def needed(column: Column, name: str) -> tuple[Fraction, ...]:
    """A column that a rule cannot do without."""
    if column is None:
        raise AllocationError(
            f"This rule of allocation needs `{name}`, one number per stratum; give it, or take another rule.",
            f"该分配规则需要 {name}（每层一个数）；请提供，或改用其他规则。",
        )
    return column


def whole(value: int, en: str, zh: str) -> int:
    """A count: a whole number of at least 0."""
    try:
        count = operator.index(value)
    except TypeError:
        count = -1
    if count < 0 or isinstance(value, bool):
        raise AllocationError(
            f"Expected a whole number of at least 0 as {en}, got {value!r}; correct it.",
            f"{zh}应为不小于 0 的整数，实为 {value!r}；请改正。",
        )
    return count


def value(given: Number, name: str, stratum: int | None) -> Fraction:
    """One number within the range that its name asks for."""
    within, range_en, range_zh = _RANGES[name]
    try:
        number = exact(given)
    except ValueError:
        number = None
    if number is None or not within(number):
        place_en, place_zh = (f" of stratum {stratum}", f"第 {stratum} 层的 ") if stratum else ("", "")
        raise AllocationError(
            f"Expected a number {range_en} as `{name}`{place_en}, got {given!r}; correct it.",
            f"{place_zh}{name} 应为{range_zh}，实为 {given!r}；请改正。",
        )
    return number


def values(column: Values, name: str, strata: int) -> Column:
    """One number per stratum."""
    if column is None:
        return None
    check_column(column, name)
    _same_length(len(column), name, strata)
    return tuple(value(given, name, h) for h, given in enumerate(column, 1))


def check_column(column: object, name: str) -> None:
    """Refuse what is no sequence of numbers, one per stratum."""
    if not hasattr(column, "__len__") or isinstance(column, str | bytes):
        raise AllocationError(
            f"Expected `{name}` as a list with one number per stratum, got {str(column)[:60]!r}; give a list.",
            f"{name} 应为每层一个数的列表，实为“{str(column)[:60]}”；请给出列表。",
        )


def bounds(sizes: tuple[int, ...], minimum: Bound, maximum: Bound | None) -> tuple[list[int], list[int]]:
    """Lower and upper bound of each stratum; no stratum gives more than it holds."""
    lower = _bound(minimum, "minimum", "下限", len(sizes))
    upper = list(sizes) if maximum is None else _bound(maximum, "maximum", "上限", len(sizes))
    for h, (size, low, high) in enumerate(zip(sizes, lower, upper, strict=True), 1):
        if low > min(size, high):
            most, most_zh = ("holds", "只有") if size <= high else ("may give at most", "上限为")
            raise AllocationError(
                f"Stratum {h} {most} {min(size, high)} units, but its minimum is {low}; give a minimum for each stratum, "
                f"at most {min(size, high)} here.",
                f"第 {h} 层{most_zh} {min(size, high)} 个单位，下限却为 {low}；请逐层给出下限，此层不超过 {min(size, high)}。",
            )
    return lower, [min(size, high) for size, high in zip(sizes, upper, strict=True)]


def check_total(total: int, lower: list[int], upper: list[int]) -> None:
    """Refuse a total that the bounds cannot keep."""
    if sum(lower) > total:
        raise AllocationError(
            f"The minima add up to {sum(lower)}, more than the total of {total}; lower them, or allocate at least {sum(lower)}.",
            f"各层下限合计 {sum(lower)}，超过总样本量 {total}；请降低下限，或将总样本量提高到至少 {sum(lower)}。",
        )
    if sum(upper) < total:
        raise AllocationError(
            f"The strata can give {sum(upper)} units at most (their sizes and maxima), fewer than the total of {total}; "
            f"raise the maxima, or allocate at most {sum(upper)}.",
            f"按各层规模与上限最多可抽 {sum(upper)} 个单位，少于总样本量 {total}；请提高上限，或将总样本量减至不超过 {sum(upper)}。",
        )


def check_money(budget: Fraction, prices: tuple[Fraction, ...], lower: list[int], upper: list[int]) -> None:
    """Refuse a budget that the bounds cannot keep."""
    least, most = (sum((p * n for p, n in zip(prices, bound, strict=True)), Fraction(0)) for bound in (lower, upper))
    if least > budget:
        raise AllocationError(
            f"The minima cost {shown(least)}, more than the budget of {shown(budget)}; lower them, or raise the budget.",
            f"各层下限需 {shown(least)}，超过预算 {shown(budget)}；请降低下限或增加预算。",
        )
    if most < budget:
        raise AllocationError(
            f"All units that may be taken cost {shown(most)}, less than the budget of {shown(budget)}; "
            f"raise the maxima, or plan with at most {shown(most)}.",
            f"可抽的全部单位只需 {shown(most)}，少于预算 {shown(budget)}；请提高上限，或按不超过 {shown(most)} 编制预算。",
        )


def unreachable(target: Fraction, weights: Sequence[Fraction]) -> AllocationError:
    """Why the total cannot be shared out: strata to which the rule gives nothing are all that is left."""
    idle = [str(h) for h, weight in enumerate(weights, 1) if weight == 0][:10]
    return AllocationError(
        f"The rule gives nothing beyond their minimum to strata whose size, sd or measure is 0 ({', '.join(idle)}), and the "
        f"others cannot make up {shown(target)}; set minima for these strata, or ask for less.",
        f"规模、标准差或规模度量为 0 的层（{'、'.join(idle)}）按此规则只得下限，其余各层凑不足 {shown(target)}；请为这些层设下限，"
        "或减少总量。",
    )


def shown(number: Fraction) -> str:
    """A number as it can stand in a sentence."""
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.6g}"


def _bound(given: Bound, en: str, zh: str, strata: int) -> list[int]:
    """One bound per stratum from one for all or one each."""
    column = list(given) if isinstance(given, Sequence) or hasattr(given, "__iter__") else [given] * strata
    _same_length(len(column), en, strata)
    return [whole(bound, f"stratum {h}'s {en}", f"第 {h} 层的{zh}") for h, bound in enumerate(column, 1)]


def _same_length(length: int, name: str, strata: int) -> None:
    """Refuse a column that does not have one value per stratum."""
    if length != strata:
        raise AllocationError(
            f"Expected `{name}` to have one value per stratum ({strata}), got {length}; give {strata}.",
            f"{name} 应每层一个值（共 {strata} 个），实有 {length} 个；请给出 {strata} 个。",
        )

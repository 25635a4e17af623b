"""Group totals and the public appraisal, exactly."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction

from analysis.scheme import Scheme


def group_total(scores: Sequence[Fraction | None], scheme: Scheme) -> Fraction | None:
    """
    A group's total.

    Parameters
    ----------
    scores : sequence of Fraction or None
        The item scores; None for an item that is dropped, whose part the others then carry.
    scheme : Scheme
        Its full mark, highest points and reading of Q7.

    Returns
    -------
    Fraction or None
        0 to the full mark (``scaled``), or the sum of the items (``sum``); None if every item is dropped.
    """
    kept = [score for score in scores if score is not None]
    if not kept:
        return None
    summed, common = over_common(kept)
    if scheme.readings["group_total"] == "sum":
        return Fraction(summed * len(scores), common * len(kept))
    return Fraction(summed * scheme.full_mark, common * scheme.highest * len(kept))


def public_appraisal(
    totals: Mapping[str, Fraction | None], respondents: Mapping[str, int], scheme: Scheme
) -> Fraction | None:
    """
    A township's public appraisal: the mean of its groups' totals.

    Parameters
    ----------
    totals : mapping of str to Fraction or None
        By group of the scheme; None where the township has no total.
    respondents : mapping of str to int
        By group, how many answered; the weights where the scheme says so (Q6).
    scheme : Scheme

    Returns
    -------
    Fraction or None
        None if no group has a total, or if one has none and the scheme then gives no score.
    """
    present = {group: total for group, total in totals.items() if total is not None}
    if not present or (len(present) < len(totals) and scheme.readings["missing_group"] == "no_score"):
        return None
    equal = scheme.readings["group_weights"] == "equal"
    summed, common = over_common(list(present.values()), None if equal else [respondents[group] for group in present])
    return Fraction(summed, common * (len(present) if equal else sum(respondents[group] for group in present)))


def over_common(values: Sequence[Fraction], weights: Sequence[int] | None = None) -> tuple[int, int]:
    """The sum of the values, each times its weight, as a ratio that is not reduced: faster than a sum of fractions."""
    ratios = [value.as_integer_ratio() for value in values]
    common = math.lcm(*[denominator for _, denominator in ratios])
    parts = [numerator * (common // denominator) for numerator, denominator in ratios]
    return sum(parts if weights is None else map(operator.mul, parts, weights)), common

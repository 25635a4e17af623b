"""Group totals and the public appraisal, exactly."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction

from analysis.scheme import Scheme

Ratio = tuple[int, int]
"""Numerator and denominator, the latter above 0."""


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
    found = total_ratio([score.as_integer_ratio() for score in scores if score is not None], len(scores), scheme)
    return None if found is None else Fraction(*found)


def total_ratio(kept: Sequence[Ratio], items: int, scheme: Scheme) -> Ratio | None:
    """``group_total`` as a ratio that is not reduced, from those of the items that are kept."""
    if not kept:
        return None
    summed, common = over_common(kept)
    if scheme.readings["group_total"] == "sum":
        return summed * items, common * len(kept)
    return summed * scheme.full_mark, common * scheme.highest * len(kept)


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
    ratios = {group: None if total is None else total.as_integer_ratio() for group, total in totals.items()}
    found = appraisal_ratio(ratios, respondents, scheme)
    return None if found is None else Fraction(*found)


def appraisal_ratio(totals: Mapping[str, Ratio | None], respondents: Mapping[str, int], scheme: Scheme) -> Ratio | None:
    """``public_appraisal`` as a ratio that is not reduced, from those of the groups' totals."""
    present = {group: total for group, total in totals.items() if total is not None}
    if not present or (len(present) < len(totals) and scheme.readings["missing_group"] == "no_score"):
        return None
    equal = scheme.readings["group_weights"] == "equal"
    summed, common = over_common(list(present.values()), None if equal else [respondents[group] for group in present])
    return summed, common * (len(present) if equal else sum(respondents[group] for group in present))


def over_common(ratios: Sequence[Ratio], weights: Sequence[int] | None = None) -> Ratio:
    """The sum of ratios, each times its weight, as a ratio that is not reduced: far faster than a sum of fractions."""
    common = math.lcm(*[denominator for _, denominator in ratios])
    parts = [numerator * (common // denominator) for numerator, denominator in ratios]
    return sum(parts if weights is None else map(operator.mul, parts, weights)), common

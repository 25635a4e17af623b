"""
The scores that follow from sums over respondents, in doubles.

The official figures are fractions (``analysis.item_scores``, ``analysis.totals``); here stand the same formulas for
replicates, weighted scores and linearisation, on whole arrays at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.item_scores import is_plain_mean
from analysis.scheme import Scheme
from analysis.standard_errors.coded import JUDGED, OPEN, OWN_OPEN, OWN_POINTS, POINTS


@dataclass(frozen=True)
class ScoredSums:
    """
    Item scores and totals from sums; shapes (…, k) and (…).

    Attributes
    ----------
    score : array of float
        The item's score, NaN where it is dropped.
    own : array of bool
        Whether it rests on the group's own answers.
    value : array of float
        What a don't-know scores, 0 where it plays no part.
    number : array of float
        What the points are divided by.
    scale : array of float
        What the item scores are multiplied by in the total, 0 where every item is dropped, shape (…).
    total : array of float
        NaN where every item is dropped, shape (…).
    """

    score: np.ndarray
    own: np.ndarray
    value: np.ndarray
    number: np.ndarray
    scale: np.ndarray
    total: np.ndarray


def score_sums(sums: np.ndarray, county: np.ndarray, scheme: Scheme, planned: int) -> ScoredSums:
    """
    Item scores and totals under the scheme's readings.

    Parameters
    ----------
    sums : array of float
        Shape (…, 3 or 5, k), the middle axis as ``coded`` names it.
    county : array of float
        The same for all townships together; its leading axes are those of ``sums`` or none.
    scheme : Scheme
    planned : int
        The group's planned number, the denominator where the scheme says so (Q5).

    Examples
    --------
    Three people who judged with 10 points, and a don't-know:

    >>> from analysis import load_scheme
    >>> sums = np.array([[10.0], [3.0], [1.0]])
    >>> scored = score_sums(sums, sums, load_scheme("county"), 50)
    >>> round(float(scored.score[0]), 6), round(float(scored.total), 6)
    (3.333333, 66.666667)
    """
    points, judged = sums[..., POINTS, :], sums[..., JUDGED, :]
    value, unknown = _value_and_number_of_unknown(sums, county, scheme)
    number = judged + unknown
    own = judged > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        divided_by = np.full_like(number, planned) if scheme.readings["denominator"] == "planned" else number
        score = (points + unknown * value) / divided_by
    score = _with_county_mean(score, own, county, scheme)
    scale, total = _added_up(score, scheme)
    return ScoredSums(score, own, value, np.where(own, divided_by, np.nan), scale, total)


def replicate_scores(sums: np.ndarray, county: np.ndarray, scheme: Scheme, planned: int) -> np.ndarray:
    """
    Item scores and, last, the total, as ``score_sums`` finds them; shape (…, k + 1), 0 where there is none.

    A don't-know at the mean of those who judged changes nothing, so that most often the score is points ÷ judged.
    """
    if not is_plain_mean(scheme):
        scored = score_sums(sums, county, scheme, planned)
        return np.asarray(np.nan_to_num(np.concatenate([scored.score, scored.total[..., None]], axis=-1)))
    judged = sums[..., JUDGED, :]
    found = np.empty((*judged.shape[:-1], judged.shape[-1] + 1))
    own = judged > 0
    if own.all():
        np.divide(sums[..., POINTS, :], judged, out=found[..., :-1])
        found[..., -1] = found[..., :-1].sum(axis=-1) * _scale(judged.shape[-1], np.array(judged.shape[-1]), scheme)
        return found
    with np.errstate(invalid="ignore", divide="ignore"):
        score = sums[..., POINTS, :] / judged
    score = _with_county_mean(score, own, county, scheme)
    found[..., :-1], found[..., -1] = np.nan_to_num(score), np.nan_to_num(_added_up(score, scheme)[1])
    return found


def _with_county_mean(score: np.ndarray, own: np.ndarray, county: np.ndarray, scheme: Scheme) -> np.ndarray:
    """The scores, where nobody could judge the county's mean or NaN (Q4)."""
    if scheme.readings["nobody_could_judge"] != "county_mean":
        return np.where(own, score, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(own, score, county[..., POINTS, :] / county[..., JUDGED, :])


def _added_up(score: np.ndarray, scheme: Scheme) -> tuple[np.ndarray, np.ndarray]:
    """The scale of the total and the total."""
    kept = (~np.isnan(score)).sum(axis=-1)
    scale = np.where(kept > 0, _scale(score.shape[-1], kept, scheme), 0.0)
    return scale, np.where(kept > 0, np.nansum(score, axis=-1) * scale, np.nan)


def _scale(items: int, kept: np.ndarray, scheme: Scheme) -> np.ndarray:
    """What the sum of the item scores that are kept is multiplied by (Q7)."""
    some = np.maximum(kept, 1)
    by_sum = scheme.readings["group_total"] == "sum"
    return np.asarray(items / some if by_sum else scheme.full_mark / (scheme.highest * some))


def _value_and_number_of_unknown(sums: np.ndarray, county: np.ndarray, scheme: Scheme) -> tuple[np.ndarray, np.ndarray]:
    """What one don't-know scores, and how many there are; a value of a don't-know that nobody gave is 0."""
    reading = scheme.readings["unknown_scores"]
    unknown = sums[..., OPEN, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        if reading == "own_answers":
            value, unknown = sums[..., OWN_POINTS, :] / sums[..., OWN_OPEN, :], sums[..., OWN_OPEN, :]
        elif reading == "county":
            value = county[..., POINTS, :] / county[..., JUDGED, :]
        elif reading == "midpoint":
            value = np.full_like(unknown, scheme.highest / 2)
        elif reading == "mean_of_points":
            value = np.full_like(unknown, sum(scheme.points.values()) / len(scheme.points))
        else:
            value = sums[..., POINTS, :] / sums[..., JUDGED, :]
    value, unknown = np.broadcast_arrays(value, unknown)
    return np.where(unknown > 0, np.nan_to_num(value), 0.0), unknown

"""
Each respondent's part in the error of each score: linearised values.

Let an item have points S from m who judged, d don't-knows worth v each, and N for divisor. With I_j = 1 if respondent j
judged, x_j the points given, D_j = 1 for a don't-know,

    score s = (S + d·v) / N
    z_j     = (I_j·x_j + D_j·v + d·v'_j − s·(I_j + D_j)) / N,       v'_j = I_j·(x_j − v) / m      (v = S/m)

(Woodruff 1971; Särndal, Swensson and Wretman 1992, section 5.5). Under the default reading this is I_j·(x_j − S/m)/m. The
value for a total is the sum over items, times the scale, so that the items' covariance is in it.
"""

from __future__ import annotations

import numpy as np

from analysis.scheme import Scheme
from analysis.standard_errors.coded import JUDGED, OPEN, POINTS, CodedAnswers
from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.item_sums import ScoredSums


def linear_values(
    coded: CodedAnswers,
    design: GroupDesign,
    scheme: Scheme,
    scored: ScoredSums,
    sums: np.ndarray,
    county: np.ndarray,
) -> np.ndarray:
    """
    The linearised values of one group's items and totals.

    Parameters
    ----------
    coded : CodedAnswers
    design : GroupDesign
    scheme : Scheme
    scored : ScoredSums
        Of each township, shapes (T, k) and (T,).
    sums, county : array of float
        What ``scored`` came from, shape (T, q, k); the county's are those of each township's own.

    Returns
    -------
    array of float
        Shape (n, k + 1): the items, then the total; 0 where an item has no score.
    """
    township = design.township_of_row
    if scheme.readings["unknown_scores"] == "own_answers":
        own = _own_values(coded, township, scheme, scored, sums)
    else:  # a value hangs on township, item and answer alone: found once for each
        number = len(sums)
        every = coded.every_answer(number)
        table = _own_values(every, np.repeat(np.arange(number), len(every.codes) // number), scheme, scored, sums)
        own = coded.looked_up(table, township)
    values = np.empty((len(own), own.shape[1] + 1))
    items = values[:, :-1]
    items[:] = own
    if scheme.readings["denominator"] == "planned":
        items -= _means(own, design)[township]
    use = county_use(scheme, scored, sums)
    if use.any():
        items += use[township] * county_values(coded, township, scheme, county)
    np.multiply(items.sum(axis=1), scored.scale[township], out=values[:, -1])
    return values


def county_use(scheme: Scheme, scored: ScoredSums, sums: np.ndarray) -> np.ndarray:
    """How much of the county's mean is in each item score, shape (T, k): 1 where nobody could judge (Q4), d/N under Q1."""
    use = np.where(~scored.own & ~np.isnan(scored.score), 1.0, 0.0)
    if scheme.readings["unknown_scores"] == "county":
        use += np.where(scored.own, np.nan_to_num(sums[:, OPEN] / scored.number), 0.0)
    return use


def _own_values(
    coded: CodedAnswers, township: np.ndarray, scheme: Scheme, scored: ScoredSums, sums: np.ndarray
) -> np.ndarray:
    points, judged, unknown = coded.points(scheme), coded.judged, coded.open(scheme)
    reading = scheme.readings["unknown_scores"]
    per_judged = np.where(sums[:, JUDGED] > 0, 1 / np.maximum(sums[:, JUDGED], 1), 0.0)
    if reading == "own_answers" and sums.shape[1] > OPEN + 1:
        parts = coded.parts(scheme)
        gained, counted = points + parts[:, OPEN + 1], judged + parts[:, OPEN + 2]
    else:
        gained, counted = points + unknown * scored.value[township], judged + unknown.astype(float)
    if reading == "own_township":
        spread = sums[:, OPEN] * per_judged  # d/m: a judgment moves what the don't-knows score
        gained = gained + judged * (points - scored.value[township]) * spread[township]
    score, number = np.where(scored.own, scored.score, 0.0), np.where(scored.own, scored.number, np.inf)
    if scheme.readings["denominator"] == "answered":
        gained = gained - score[township] * counted
    return np.asarray(gained / number[township])


def county_values(coded: CodedAnswers, township: np.ndarray, scheme: Scheme, county: np.ndarray) -> np.ndarray:
    """Each respondent's part in the error of the item means of its county, shape (n, k)."""
    number = np.maximum(county[:, JUDGED], 1)  # nobody judged: no points either, and no part in any error
    mean = county[:, POINTS] / number
    return np.asarray(coded.judged * (coded.points(scheme) - mean[township]) / number[township])


def _means(values: np.ndarray, design: GroupDesign) -> np.ndarray:
    """The mean over each township's rows, shape (T, k)."""
    number = np.diff(design.first_rows, append=design.rows)
    return np.asarray(np.add.reduceat(values, design.first_rows, axis=0) / number[:, None])

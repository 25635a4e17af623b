"""
Pairs of townships whose scores cannot be told apart.

pairs_not_told_apart    every pair, tested, with the family's error held
pairs_of                the same of a round's townships, by rank
Pairs                   what it gives
adjusted                p-values adjusted for their number
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr

from analysis.rank_intervals import Figure, as_doubles
from analysis.results import Scores
from analysis.student import as_degrees, joint_degrees

Method = Literal["holm", "bonferroni", "none"]
METHODS: tuple[Method, ...] = ("holm", "bonferroni", "none")


@dataclass(frozen=True)
class Pairs:
    """
    All pairs of townships that have a score, each tested for a difference.

    Attributes
    ----------
    tests : DataFrame
        ``first, second`` (places in the order given, first < second), ``difference`` (first − second), ``se``, ``p``,
        ``p_adjusted``, ``told_apart``.
    level : float
        1 − the error that is held: of the family, or of each pair where ``method`` is ``none``.
    method : {"holm", "bonferroni", "none"}
    """

    tests: pd.DataFrame
    level: float
    method: Method

    @property
    def not_told_apart(self) -> tuple[tuple[int, int], ...]:
        """The pairs whose difference could be chance, as places in the order given."""
        left = self.tests[~self.tests["told_apart"]]
        return tuple(zip(left["first"].tolist(), left["second"].tolist(), strict=True))


def pairs_not_told_apart(
    est: Sequence[Figure],
    se: Sequence[float | None],
    *,
    df: Sequence[float | None] | None = None,
    level: float = 0.95,
    method: Method = "holm",
) -> Pairs:
    """
    Test every pair of townships for a difference.

    Parameters
    ----------
    est : sequence of Fraction, float or None, length p
        The scores; None or NaN is in no pair.
    se : sequence of float or None, length p
        Standard errors of independent scores. Two of 0: a difference is known, and so is a tie. None or NaN: no pair with it
        can be told apart.
    df : sequence of float or None, length p, optional
        Degrees of freedom of the standard errors; normal where there are none.
    level : float
        Between 0 and 1.
    method : {"holm", "bonferroni", "none"}
        How p-values are adjusted for the number of pairs.

    Returns
    -------
    Pairs
        p(p−1)/2 tests by difference ÷ √(se₁² + se₂²), two-sided, Student's with the degrees of the two together.

    Raises
    ------
    ValueError
        If the lengths differ, a standard error is negative, or ``level`` or ``method`` is out of range.

    Notes
    -----
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> pairs_not_told_apart([90, 80, 79], [1, 2, 2]).not_told_apart
    ((1, 2),)
    """
    scores, errors = as_doubles(est, se)
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    present = np.flatnonzero(~np.isnan(scores))
    one, other = (present[places] for places in np.triu_indices(len(present), k=1))
    difference, spread = scores[one] - scores[other], np.hypot(errors[one], errors[other])
    degrees = as_degrees(df, len(scores))
    p = two_sided_p(difference, spread, joint_degrees(errors[one], degrees[one], errors[other], degrees[other]))
    p_adjusted = adjusted(p, method)
    tests = pd.DataFrame(
        {
            "first": one, "second": other, "difference": difference, "se": spread, "p": p, "p_adjusted": p_adjusted,
            "told_apart": p_adjusted <= 1 - level,
        }
    )  # fmt: skip
    return Pairs(tests, level, method)


def pairs_of(scores: Scores, *, level: float = 0.95, method: Method = "holm") -> tuple[pd.DataFrame, Pairs]:
    """
    Test every pair of a round's townships, on exact scores, with the errors and degrees of freedom of the scores.

    Returns
    -------
    townships : DataFrame
        The rows of the latest wave's townships that have a score, by rank.
    pairs : Pairs
        Their places are those of these rows.
    """
    table = scores.townships.assign(_df=scores.degrees.get("townships", np.nan))
    table = table[(table["wave"] == table["wave"].max()) & table["public_appraisal"].notna()]
    table = table.sort_values(["rank", "township_code"], kind="stable", ignore_index=True)
    places = zip(table["wave"].tolist(), table["township_code"].astype(str), strict=True)
    exact = [scores.exact.townships[place] for place in places]
    df = table.pop("_df").tolist()
    return table, pairs_not_told_apart(exact, table["se"].tolist(), df=df, level=level, method=method)


def two_sided_p(
    difference: npt.NDArray[np.float64], spread: npt.NDArray[np.float64], df: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Student's two-sided p-value; with no error 0 for a difference and 1 for none; NaN where the error is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(difference) / spread
    return np.where((spread == 0) & (difference == 0), 1.0, 2 * stdtr(df, -t))


def adjusted(p: npt.NDArray[np.float64], method: Method = "holm") -> npt.NDArray[np.float64]:
    """
    P-values adjusted for their number.

    Parameters
    ----------
    p : array of float, any length
        NaN where there is no test; these stay and are not counted.
    method : {"holm", "bonferroni", "none"}

    Returns
    -------
    array of float
        Comparable with the family's error, at most 1.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.03, 0.5])).tolist()
    [0.03, 0.06, 0.5]
    """
    if method not in METHODS:
        raise ValueError(f"expected one of {', '.join(METHODS)}, got {method!r}")
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    number = len(order)
    factors = {"holm": number - np.arange(number), "bonferroni": np.full(number, number), "none": np.ones(number)}
    scaled = np.minimum(p[order] * factors[method], 1.0)
    result = np.full(len(p), np.nan)
    result[order] = np.maximum.accumulate(scaled) if method == "holm" else scaled
    return result

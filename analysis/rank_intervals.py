"""
Confidence sets for ranks: the ranks that a township may hold, given how precise the scores are.

rank_sets      marginal (each township by itself) or simultaneous (all townships at once)
RankSets       what it gives
as_doubles     scores and standard errors as arrays, checked

Two townships are told apart where their difference is larger than a critical value times its standard error; a township's
set runs from 1 + those surely above it to the number of townships − those surely below it. The critical value is a
quantile of the largest studentised difference, drawn from N(0, diag(se²)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.ranking import ranks
from analysis.simulated import Simulated, generator
from analysis.student import as_degrees, joint_degrees, normal_equivalent

Kind = Literal["marginal", "simultaneous"]
Figure: TypeAlias = Fraction | float | None
Floats: TypeAlias = npt.NDArray[np.float64]
Singles: TypeAlias = npt.NDArray[np.float32]  # draws: their error is far below that of their number
Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RankSets:
    """
    The ranks that each township may hold.

    Attributes
    ----------
    rank : tuple of int or None
        The rank of the estimate, ties 1, 2, 2, 4; None without a score.
    low, high : tuple of int or None
        The best and the worst rank of the set, 1 ≤ low ≤ rank ≤ high; None without a score.
    level : float
        The confidence level.
    kind : {"marginal", "simultaneous"}
        Whether the level holds for each township's set or for all of them together.
    stepdown : bool
    simulated : Simulated
        What drew the critical values.
    """

    rank: tuple[int | None, ...]
    low: tuple[int | None, ...]
    high: tuple[int | None, ...]
    level: float
    kind: Kind
    stepdown: bool
    simulated: Simulated

    def table(self) -> pd.DataFrame:
        """``rank, rank_low, rank_high`` as whole numbers, missing without a score, in the order given."""
        columns = {"rank": self.rank, "rank_low": self.low, "rank_high": self.high}
        return pd.DataFrame({name: pd.Series(list(values), dtype="Int64") for name, values in columns.items()})


def rank_sets(
    est: Sequence[Figure],
    se: Sequence[float | None],
    *,
    df: Sequence[float | None] | None = None,
    level: float = 0.95,
    kind: Kind = "marginal",
    stepdown: bool = True,
    rng: int | np.random.Generator,
    replicates: int = 10_000,
) -> RankSets:
    """
    Confidence sets for ranks; the highest score is first.

    Parameters
    ----------
    est : sequence of Fraction, float or None, length p
        The scores. None or NaN where there is no score: no set, and not counted among the p.
    se : sequence of float or None, length p
        Their standard errors, 0 or more, of independent scores. 0: known without error. None or NaN beside a score: that
        township cannot be told from any other, so that its set is everything and every other set leaves room for it.
    df : sequence of float or None, length p, optional
        Degrees of freedom of the standard errors. Each pair's studentised difference is then read as Student's with the
        degrees of the two together. Large samples where there are none.
    level : float
        Between 0 and 1.
    kind : {"marginal", "simultaneous"}
        Each township's set covers its true rank with at least ``level``, or all sets do so at once.
    stepdown : bool
        Whether pairs told apart leave the maximum, which is then drawn anew until no further pair is told apart. Never
        makes a set wider.
    rng : int or Generator
        A seed for ``numpy.random.default_rng`` (recorded), or a generator.
    replicates : int
        Draws of the maximum, at least 100.

    Returns
    -------
    RankSets

    Raises
    ------
    ValueError
        If the lengths differ, a standard error is negative, or ``level``, ``kind`` or ``replicates`` is out of range.

    Notes
    -----
    Mogstad, Romano, Shaikh and Wilhelm (2024), "Inference for Ranks with Applications to Mobility across Neighbourhoods and
    Academic Achievement across Countries", Review of Economic Studies 91, doi 10.1093/restud/rdad006: two-sided, by one-sided hypotheses in
    both directions with a parametric bootstrap. Degrees of freedom by pair as in Hasler and Hothorn (2008), "Multiple Contrast
    Tests in the Presence of Heteroscedasticity", Biometrical Journal 50, 793-800. Memory: a few times replicates × p single floats, whatever the kind.

    Examples
    --------
    >>> rank_sets([90, 80, 79, 60], [1, 2, 2, 1], rng=1).low
    (1, 2, 2, 4)
    >>> rank_sets([90, 80, 79, 60], [1, 2, 2, 1], rng=1).high
    (1, 3, 3, 4)
    """
    _check(level, kind, replicates)
    scores, errors = as_doubles(est, se)
    present = np.flatnonzero(~np.isnan(scores))
    scores, errors, degrees = scores[present], errors[present], as_degrees(df, len(est))[present]
    source, simulated = generator(rng, replicates)
    noise = source.standard_normal((len(present), replicates), dtype=np.float32)
    pairs = _pairs(scores, errors, degrees, noise, level, stepdown)
    over, under = _counts_by_family(pairs) if kind == "marginal" else _counts_together(pairs)
    low: list[int | None] = [None] * len(est)
    high: list[int | None] = [None] * len(est)
    for place, above, below in zip(present, over, under, strict=True):
        low[place], high[place] = 1 + above, len(present) - below
    return RankSets(
        tuple(ranks([_fraction(value) for value in est])), tuple(low), tuple(high), level, kind, stepdown, simulated
    )


def as_doubles(est: Sequence[Figure], se: Sequence[float | None]) -> tuple[Floats, Floats]:
    """
    Scores and standard errors as doubles, NaN where there is none.

    Raises
    ------
    ValueError
        If there are not as many of both, a score is infinite, or a standard error is negative or infinite.
    """
    scores = np.array([math.nan if value is None else float(value) for value in est], dtype=np.float64)
    errors = np.array([math.nan if value is None else float(value) for value in se], dtype=np.float64)
    if len(scores) != len(errors):
        raise ValueError(f"expected as many standard errors as scores, got {len(errors)} and {len(scores)}")
    if np.isinf(scores).any() or np.isinf(errors).any() or (errors < 0).any():
        raise ValueError("expected finite scores and finite standard errors of 0 or more")
    return scores, errors


def _check(level: float, kind: str, replicates: int) -> None:
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    if kind not in ("marginal", "simultaneous"):
        raise ValueError(f"expected marginal or simultaneous, got {kind!r}")
    if replicates < 100:
        raise ValueError(f"expected at least 100 replicates, got {replicates}")


def _fraction(value: Figure) -> Fraction | None:
    """The exact value: a double is a fraction too."""
    return None if value is None or math.isnan(value) else Fraction(value)


@dataclass(frozen=True)
class _Pairs:
    """
    Every ordered pair (j, k) of p townships, and the noise of each township's score.

    ``difference`` (in normal terms where degrees of freedom are few) and ``spread`` (its standard error) are p × p; ``open`` says
    which pairs are decided by drawing, ``known`` which are known without error; ``noise`` is p × replicates.
    """

    difference: Floats
    spread: Floats
    open: Bools
    known: Bools
    noise: Singles
    level: float
    stepdown: bool


def _pairs(scores: Floats, errors: Floats, degrees: Floats, noise: Singles, level: float, stepdown: bool) -> _Pairs:
    difference, spread = scores[:, None] - scores[None, :], np.hypot(errors[:, None], errors[None, :])
    known = spread == 0
    if np.isfinite(degrees).any():
        joint = joint_degrees(errors[:, None], degrees[:, None], errors[None, :], degrees[None, :])
        safe = np.where(known, 1.0, spread)
        difference = np.where(known, difference, normal_equivalent(difference / safe, joint) * safe)
    drawn = np.isfinite(spread) & ~known & ~np.eye(len(scores), dtype=bool)
    scaled = np.nan_to_num(errors).astype(np.float32)[:, None] * noise
    return _Pairs(difference, spread, drawn, known, scaled, level, stepdown)


def _counts_by_family(pairs: _Pairs) -> tuple[list[int], list[int]]:
    """For each township, how many are surely above and surely below it, by its own pairs alone."""
    over, under = [], []
    room = np.empty_like(pairs.noise)  # one for all: taking and giving back so much memory costs more than the sums
    for own in range(len(pairs.spread)):
        above, below = _told_apart_from(pairs, own, room)
        over.append(int(above.sum()))
        under.append(int(below.sum()))
    return over, under


def _told_apart_from(pairs: _Pairs, own: int, room: Singles) -> tuple[Bools, Bools]:
    """Which townships are surely above this one, and which surely below."""
    spread, difference = pairs.spread[own], pairs.difference[own]
    where = _compared_with(pairs, own)
    studentised = _studentised(pairs, own, where, room)
    signed = difference[where] / spread[where]
    left_below, left_above = np.ones(len(where), dtype=bool), np.ones(len(where), dtype=bool)
    while left_below.any() or left_above.any():
        largest = np.maximum(_most(studentised, left_below), -_least(studentised, left_above))
        bound = np.quantile(largest, pairs.level)
        now_below, now_above = left_below & (signed > bound), left_above & (-signed > bound)
        left_below, left_above = left_below & ~now_below, left_above & ~now_above
        if not pairs.stepdown or not (now_below.any() or now_above.any()):
            break
    above, below = pairs.known[own] & (difference < 0), pairs.known[own] & (difference > 0)
    above[where], below[where] = ~left_above, ~left_below
    return above, below


def _compared_with(pairs: _Pairs, own: int) -> npt.NDArray[np.intp]:
    """The others whose order is drawn; all places where that is all others: the own difference of 0 changes no largest."""
    where = np.flatnonzero(pairs.open[own])
    is_all = 0 < len(where) == len(pairs.spread) - 1 and pairs.spread[own, own] > 0
    return np.arange(len(pairs.spread)) if is_all else where


def _studentised(pairs: _Pairs, own: int, others: npt.NDArray[np.intp], room: Singles) -> Singles:
    """Drawn differences from the others, in their standard errors: (others, replicates), written into the given room."""
    found = room[: len(others)]
    if len(others) == len(pairs.noise):  # all: nothing to pick out first
        np.subtract(pairs.noise[own], pairs.noise, out=found)
    else:
        np.take(pairs.noise, others, axis=0, out=found, mode="clip")
        np.subtract(pairs.noise[own], found, out=found)
    found *= (1 / pairs.spread[own, others, None]).astype(np.float32)
    return found


def _most(studentised: Singles, left: Bools) -> Singles:
    """The largest over the rows that are left, for each draw; without a copy where all are."""
    rows = studentised if left.all() else studentised[left]
    return np.asarray(rows.max(axis=0, initial=-np.inf))


def _least(studentised: Singles, left: Bools) -> Singles:
    rows = studentised if left.all() else studentised[left]
    return np.asarray(rows.min(axis=0, initial=np.inf))


def _counts_together(pairs: _Pairs) -> tuple[list[int], list[int]]:
    """For each township, how many are surely above and surely below it, by all pairs at once."""
    left = pairs.open.copy()
    told = pairs.known & (pairs.difference > 0)
    while left.any():
        bound = np.quantile(_largest(pairs, left), pairs.level)
        now = left & (pairs.difference > bound * np.where(left, pairs.spread, 0))
        left, told = left & ~now, told | now
        if not pairs.stepdown or not now.any():
            break
    return told.sum(axis=0).tolist(), told.sum(axis=1).tolist()


def _largest(pairs: _Pairs, left: Bools) -> Singles:
    """The largest studentised difference over the pairs that are left, for each draw."""
    largest = np.full(pairs.noise.shape[1], -np.inf, dtype=np.float32)
    room = np.empty_like(pairs.noise)
    for own in np.flatnonzero(left.any(axis=1)).tolist():
        others = np.flatnonzero(left[own])
        studentised = _studentised(pairs, own, others, room)
        np.maximum(largest, studentised.max(axis=0), out=largest)
    return largest

"""
How often a township stands first, among the first three, among the first six, when scores are drawn anew with their errors.

rank_probabilities    the shares
RankProbabilities     what it gives
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.rank_intervals import Figure, as_doubles
from analysis.simulated import Simulated, generator
from analysis.student import as_degrees

Floats = npt.NDArray[np.float64]

_BLOCK = 2**19
"""So many doubles are drawn at a time."""


@dataclass(frozen=True)
class RankProbabilities:
    """
    Shares of draws in which each township was among the first.

    Attributes
    ----------
    tops : tuple of int
        The numbers of places asked for.
    share : tuple of tuple of (float or None)
        For each township, in the order given, its share for each of ``tops``, from 0 to 1; None without a score or a
        standard error.
    held : tuple of int
        Places (in the order given) of townships that have a score and no standard error.
    simulated : Simulated
    """

    tops: tuple[int, ...]
    share: tuple[tuple[float | None, ...], ...]
    held: tuple[int, ...]
    simulated: Simulated

    def table(self) -> pd.DataFrame:
        """``p_top1, p_top3, p_top6`` (or the tops asked for), missing where there is no share."""
        columns = {
            f"p_top{top}": pd.Series([line[place] for line in self.share], dtype="float64")
            for place, top in enumerate(self.tops)
        }
        return pd.DataFrame(columns)


def rank_probabilities(
    est: Sequence[Figure],
    se: Sequence[float | None],
    *,
    tops: Sequence[int] = (1, 3, 6),
    df: Sequence[float | None] | None = None,
    rng: int | np.random.Generator,
    replicates: int = 10_000,
) -> RankProbabilities:
    """
    The share of draws of est + se·t in which each township is among the first.

    Parameters
    ----------
    est : sequence of Fraction, float or None, length p
        The scores; None or NaN takes no part.
    se : sequence of float or None, length p
        Their standard errors. A township with a score and none of these is held at its score while the others are drawn;
        it gets no share itself, and is named in ``held``.
    tops : sequence of int
        How many places, each at least 1.
    df : sequence of float or None, length p, optional
        Degrees of freedom of the standard errors: t is Student's. Normal where there are none.
    rng : int or Generator
        A seed, or a generator.
    replicates : int
        Draws, at least 100. The share of p has a simulation error of √(p(1−p)/replicates), at most 0.005 with 10,000.

    Returns
    -------
    RankProbabilities

    Raises
    ------
    ValueError
        As ``rank_sets`` raises it, for a top below 1, and for as many degrees of freedom as there are not scores.

    Notes
    -----
    This takes the sampling distribution about the estimates as Student's or normal: how often the places would fall so if
    the estimates were the truth and the survey were taken again. It is not the probability that the township is truly among
    the first: for that one would have to say what is believed of scores before the survey. Where scores are close the
    highest owe part of their lead to luck, and their shares are too high. A tie in a draw counts for all who share the place.
    Goldstein and Spiegelhalter (1996), JRSS A 159, 385–443, on simulated ranks and how little they say of close scores.

    Examples
    --------
    >>> rank_probabilities([90, 80, 60], [1, 1, 1], tops=(1, 2), rng=1, replicates=100).share
    ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0))
    """
    scores, errors = as_doubles(est, se)
    if replicates < 100 or not tops or any(top < 1 for top in tops):
        raise ValueError(f"expected at least 100 replicates and tops of 1 or more, got {replicates} and {list(tops)}")
    degrees = as_degrees(df, len(scores))
    source, simulated = generator(rng, replicates)
    present, drawn = ~np.isnan(scores), ~np.isnan(scores) & ~np.isnan(errors)
    hits = np.zeros((len(scores), len(tops)))
    for block in _draws(scores[present], np.nan_to_num(errors[present]), degrees[present], source, replicates):
        hits[present] += np.column_stack([_among_first(block, top) for top in tops])
    share = tuple(
        tuple(line.tolist()) if is_drawn else (None,) * len(tops)
        for line, is_drawn in zip(hits / replicates, drawn, strict=True)
    )
    return RankProbabilities(tuple(tops), share, tuple(np.flatnonzero(present & ~drawn).tolist()), simulated)


def _draws(
    scores: Floats, errors: Floats, degrees: Floats, source: np.random.Generator, replicates: int
) -> Iterator[Floats]:
    """Blocks of draws, each of shape (draws, townships)."""
    size = max(1, _BLOCK // max(1, len(scores)))
    student = np.flatnonzero(np.isfinite(degrees))
    for start in range(0, replicates, size):
        noise = source.standard_normal((min(size, replicates - start), len(scores)))
        own = degrees[student]
        noise[:, student] /= np.sqrt(source.chisquare(own, (len(noise), len(own))) / own)
        yield scores + errors * noise


def _among_first(block: Floats, top: int) -> npt.NDArray[np.int64]:
    """In how many draws each township has fewer than ``top`` others above it."""
    number = block.shape[1]
    if top >= number:
        return np.full(number, len(block))
    bound = np.partition(block, number - top, axis=1)[:, number - top]
    return np.asarray((block >= bound[:, None]).sum(axis=0))

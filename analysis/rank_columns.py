"""
How sure the ranks of scores are: the columns ``rank_low``, ``rank_high`` and ``p_top6`` of the townships' table.

rank_columns    from exact scores and their standard errors, wave by wave
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis import notes
from analysis.first_places import rank_probabilities
from analysis.rank_intervals import rank_sets
from analysis.results import Note

SEED = 1
"""The draws are the same for everybody, so that two computations of the same scores give the same ranges."""
REPLICATES = 10_000
"""Draws for a list of up to ``FULL`` townships; work grows with its square, so that a longer one gets fewer (``draws_for``)."""
FULL = 100
FEWEST = 2_000
LEVEL = 0.95
TOP = 6
MOST = 1_000
"""So many townships at most are compared with one another; a country is ranked county by county."""

Place = tuple[int, str]
"""Wave, township code."""


@dataclass(frozen=True)
class RankRange:
    """The ranks that a township may hold, and its share among the first six; None where it cannot be told."""

    low: int | None
    high: int | None
    p_top: float | None


def draws_for(number: int) -> int:
    """
    How often the largest difference is drawn for so many townships.

    With 2,000 draws the level of a 95 % set is simulated to within 0.5 percentage points (standard error), with 10,000 to 0.2.

    Examples
    --------
    >>> [draws_for(number) for number in (19, 100, 250, 1_000)]
    [10000, 10000, 4000, 2000]
    """
    return max(FEWEST, REPLICATES * FULL // max(number, FULL))


def rank_columns(
    scores: Mapping[Place, Fraction], errors: Mapping[Place, float], degrees: Mapping[Place, float]
) -> tuple[dict[Place, RankRange], tuple[Note, ...]]:
    """
    Rank ranges of every township with a score, in each wave by itself.

    Parameters
    ----------
    scores : mapping of (wave, township) to Fraction
    errors : mapping of (wave, township) to float
        Standard errors; missing where there is none.
    degrees : mapping of (wave, township) to float
        Their degrees of freedom, by which the sets read differences and the shares are drawn.

    Returns
    -------
    ranges : dict of (wave, township) to RankRange
    notes : tuple of Note
        What they were drawn with, or why they are empty.
    """
    found: dict[Place, RankRange] = {}
    said: dict[str, Note] = {}
    for wave in sorted({wave for wave, _ in scores}):
        places = [place for place in scores if place[0] == wave]
        if len(places) > MOST:
            said["too many"] = notes.too_many_to_rank(len(places), MOST)
            continue
        est, se = [scores[place] for place in places], [errors.get(place) for place in places]
        drawn = draws_for(len(places))
        df = [degrees.get(place) for place in places]
        sets = rank_sets(est, se, df=df, level=LEVEL, rng=SEED, replicates=drawn)
        shares = rank_probabilities(est, se, tops=(TOP,), df=df, rng=SEED, replicates=REPLICATES)
        for place, low, high, (share,) in zip(places, sets.low, sets.high, shares.share, strict=True):
            found[place] = RankRange(low, high, share)
        said[f"drawn {drawn}"] = notes.ranks_drawn(LEVEL, sets.simulated.bit_generator, SEED, (drawn, REPLICATES), TOP)
    return found, tuple(said.values())

"""
How visits follow one another: what a person can hardly have done, counted and no more.

count_pace(visits)   the counts for one investigator

Only times and outcomes of visits are looked at, never an answer. A count above its threshold is a reason to ask how the visits were made,
never a verdict: clocks are wrong, neighbours live door to door, halls hold many people at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

APART = dt.timedelta(minutes=2)
"""Two households visited one after the other lie at least so far apart in time."""
BURST, WITHIN = 5, dt.timedelta(minutes=15)
"""So many households answered within so short a time are a burst: three minutes each, without the way."""
NIGHT_FROM, NIGHT_TO = 22, 6
"""Nobody is visited from ten in the evening to six in the morning."""


@dataclass(frozen=True)
class PacedVisit:
    """
    A visit as far as its pace goes.

    Attributes
    ----------
    at : datetime
        By the county's clock, without a zone.
    unit : int
    outcome : str
        A key of ``OUTCOMES``.
    household : bool
        Whether the unit is drawn in stages, in a village or community; delegates and operators may be met together in a hall.
    doubtful : bool
        Whether the time is not to be relied on; it then counts for nothing but this.
    """

    at: dt.datetime
    unit: int
    outcome: str
    household: bool = True
    doubtful: bool = False


@dataclass(frozen=True)
class Pace:
    """
    Counts of one investigator's visits.

    Attributes
    ----------
    visits : int
        All of them.
    households : int
        Those to households, at a time to be relied on.
    fast : int
        Visits to a household less than two minutes after one to another household.
    bursts : int
        Times without overlap at which five households or more answered within fifteen minutes.
    night : int
        Visits between 22:00 and 6:00.
    doubtful : int
        Visits whose time is not to be relied on.
    """

    visits: int
    households: int
    fast: int
    bursts: int
    night: int
    doubtful: int


def count_pace(visits: Sequence[PacedVisit]) -> Pace:
    """
    Count what is unusual in one investigator's visits.

    Examples
    --------
    >>> nine = dt.datetime(2026, 11, 24, 9)
    >>> pace = count_pace([PacedVisit(nine + k * dt.timedelta(minutes=1), k, "completed") for k in range(6)])
    >>> pace.fast, pace.bursts, pace.night
    (5, 1, 0)
    """
    sure = sorted((visit for visit in visits if not visit.doubtful), key=lambda visit: (visit.at, visit.unit))
    households = [visit for visit in sure if visit.household]
    return Pace(
        visits=len(visits),
        households=len(households),
        fast=sum(after.unit != before.unit and after.at - before.at < APART for before, after in pairwise(households)),
        bursts=_bursts([visit for visit in households if visit.outcome == "completed"]),
        night=sum(visit.at.hour >= NIGHT_FROM or visit.at.hour < NIGHT_TO for visit in sure),
        doubtful=len(visits) - len(sure),
    )


def _bursts(completed: Sequence[PacedVisit]) -> int:
    """Stretches of five households within fifteen minutes, each visit in one at most, found from the front."""
    first_of_unit = list({visit.unit: visit for visit in reversed(completed)}.values())
    times = sorted(visit.at for visit in first_of_unit)
    found, start = 0, 0
    while start + BURST <= len(times):
        if times[start + BURST - 1] - times[start] <= WITHIN:
            found += 1
            start += BURST
        else:
            start += 1
    return found

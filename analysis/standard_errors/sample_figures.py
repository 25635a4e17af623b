"""
What samples.csv says of each PSU that answers came from.

A PSU joined with others before export carries their codes with ``+`` between; its figures are made of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.disclosure import JOIN

Figures = tuple[float, float, float]
"""pi_1, units listed, hits; NaN where empty."""

UNKNOWN: Figures = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class PsuFigures:
    """
    Of each PSU, in the order given, shape (PSUs,).

    Attributes
    ----------
    expected : array of float
        Expected hits pi_1; of a joined PSU the mean of its parts; NaN where unknown.
    certain : array of bool
        Whether its expected hits reach 1; of a joined PSU whether all its parts' do.
    listed : array of float
        Units that the last stage selected from (``listed``, or else ``size``); of a joined PSU their sum.
    repeated : array of bool
        Whether it was hit more often than equal intervals can, so that PSUs were drawn with replacement.
    """

    expected: np.ndarray
    certain: np.ndarray
    listed: np.ndarray
    repeated: np.ndarray


def figures_by_psu(samples: pd.DataFrame | None, group: str) -> dict[tuple[str, str], Figures]:
    """The figures of one group's PSUs by township and PSU code; empty without samples.csv."""
    if samples is None:
        return {}
    part = samples[samples["group"] == group]
    listed = part["listed"].fillna(part["size"]).astype("Float64")
    columns = [
        column.astype("Float64").to_numpy("float64", na_value=np.nan) for column in (part["pi_1"], listed, part["hits"])
    ]
    places = zip(part["township_code"].astype(str), part["psu_code"].astype(str), strict=True)
    return dict(zip(places, zip(*(column.tolist() for column in columns), strict=True), strict=True))


def figures_of(places: Iterable[tuple[str, str]], known: Mapping[tuple[str, str], Figures]) -> PsuFigures:
    """
    The figures of PSUs, joined ones too.

    Examples
    --------
    >>> known = {("1", "a"): (0.5, 40.0, 1.0), ("1", "b"): (0.25, 20.0, 1.0)}
    >>> found = figures_of([("1", "a"), ("1", "a+b"), ("1", "c")], known)
    >>> found.expected.tolist(), found.listed.tolist()
    ([0.5, 0.375, nan], [40.0, 60.0, nan])
    """
    named = list(places)
    parts = {
        number: _parts(*place, known) for number, place in enumerate(named) if JOIN in place[1] and place not in known
    }
    whole = np.array([known.get(place, UNKNOWN) for place in named], dtype=float).reshape(-1, 3)
    expected, listed, hits = whole.T.copy()
    found = PsuFigures(expected, expected >= 1, listed, hits > np.ceil(expected))
    for number, each in parts.items():
        found.expected[number] = sum(part[0] for part in each) / len(each)
        found.certain[number] = all(part[0] >= 1 for part in each)
        found.listed[number] = sum(part[1] for part in each)
        found.repeated[number] = any(_is_repeated(part) for part in each)
    return found


def _parts(township: str, code: str, known: Mapping[tuple[str, str], Figures]) -> list[Figures]:
    """Those of the PSUs that one was joined of."""
    return [known.get((township, part), UNKNOWN) for part in code.split(JOIN)]


def _is_repeated(figures: Figures) -> bool:
    expected, _, hits = figures
    return not math.isnan(expected) and not math.isnan(hits) and hits > math.ceil(expected)

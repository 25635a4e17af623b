"""
The places whose fieldwork is looked at: a PSU, or a township's group that is drawn in one stage.

Place         its codes, its sheets, its visits
places_of     the places of a round
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.checks import ANSWERS
from analysis.honest_model import Codes
from analysis.responses import Responses

Key = tuple[str, str, str]
"""Township code, group, PSU code (empty in a one-stage group)."""

TOO_FEW = 5
"""A place with fewer answers gets no figures: they would be those of a few persons."""


@dataclass(frozen=True)
class Place:
    """
    One place.

    Attributes
    ----------
    key : (str, str, str)
        Township code, group, PSU code.
    codes : array of int8, shape (respondents, items)
        Positions in ``counts.TALLIES``.
    visits : mapping of str to (int, int)
        For ``non_response``, ``refusal`` and ``fast``: the count and what it is a share of; only where it is known.
    """

    key: Key
    codes: Codes
    visits: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def places_of(responses: Responses, refused: Mapping[Key, int] | None = None) -> list[Place]:
    """
    The places of a round, by group, township and PSU.

    Parameters
    ----------
    responses : Responses
        Response rates come from its samples.
    refused : mapping, optional
        By place as ``samples.csv`` names it, how many refused.
    """
    visits = _visits(responses.samples, refused or {})
    found = []
    for group, rows in responses.groups.items():
        codes = sheet_codes(rows, responses.items(group))
        numbers, pairs = pd.MultiIndex.from_frame(rows[["township_code", "psu_code"]]).factorize(sort=True)
        for number, (township, psu) in enumerate(pairs):
            key, where = (str(township), group, str(psu)), np.flatnonzero(numbers == number)
            found.append(Place(key, codes[where], {**_summed(visits, key), **_timed(rows["minutes"].iloc[where])}))
    return found


def sheet_codes(rows: pd.DataFrame, items: tuple[str, ...]) -> Codes:
    """The answers of one group as positions in ``counts.TALLIES``, shape (respondents, items)."""
    codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in items])
    return np.where(codes < 0, len(ANSWERS), codes).astype(np.int8)


def parts_of(key: Key) -> list[Key]:
    """The PSUs that were joined into one, each by itself."""
    return [(key[0], key[1], psu) for psu in key[2].split("+")]


def mean_points(codes: Codes) -> npt.NDArray[np.float64]:
    """Each respondent's mean over the items judged, 0 to 100; NaN for who judged none."""
    points = np.array([100.0, 60.0, 0.0, np.nan, np.nan])[codes]
    judged = ~np.isnan(points)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(points, axis=1) / judged.sum(axis=1))


def _visits(samples: pd.DataFrame | None, refused: Mapping[Key, int]) -> dict[Key, dict[str, tuple[int, int]]]:
    if samples is None:
        return {}
    columns = ["township_code", "group", "psu_code", "eligible", "answered"]
    found: dict[Key, dict[str, tuple[int, int]]] = {}
    for township, group, psu, eligible, answered in samples[columns].itertuples(index=False, name=None):
        if pd.isna(eligible) or pd.isna(answered) or answered > eligible:
            continue
        key = (str(township), str(group), str(psu))
        found[key] = {"non_response": (int(eligible - answered), int(eligible))}
        if key in refused:
            found[key]["refusal"] = (refused[key], int(eligible))
    return found


def _summed(visits: Mapping[Key, Mapping[str, tuple[int, int]]], key: Key) -> dict[str, tuple[int, int]]:
    """The visits of a place; of joined PSUs their sum, where each is known."""
    parts = [visits.get(part, {}) for part in ([key] if key in visits else parts_of(key))]
    names = set.intersection(*(set(part) for part in parts))
    return {name: (sum(part[name][0] for part in parts), sum(part[name][1] for part in parts)) for name in names}


def _timed(minutes: pd.Series) -> dict[str, tuple[int, int]]:
    shown = minutes.dropna().astype(str)
    shown = shown[shown != ""]
    return {"fast": (int((shown == "<1").sum()), len(shown))} if len(shown) else {}

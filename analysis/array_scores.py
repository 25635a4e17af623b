"""
The official scores of many townships at once, exactly.

array_scores    counts of a table of answers, and the scores as doubles beside the fractions that decide ranks
ArrayScores     what it gives

The same figures as ``scoring`` gives, for a stream of townships: item scores are ratios of whole numbers in arrays, totals
ratios of whole numbers of any length. What reading ``own_township`` leaves as S / m needs no object for each item; under the
other readings ``item_scores.score_item`` is asked for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from analysis.counts import Cell, own_mean_points, tallied_answers
from analysis.item_scores import Answers, is_plain_mean, score_item
from analysis.places import places_of
from analysis.responses import Responses
from analysis.scheme import SCORED_ANSWERS, Scheme
from analysis.standard_errors.coded import UNKNOWN, answer_codes
from analysis.standard_errors.county_part import of_county
from analysis.standard_errors.estimates import Estimates
from analysis.totals import Ratio, appraisal_ratio, total_ratio

OwnMeans = Mapping[Cell, tuple[Fraction, int]]


@dataclass(frozen=True)
class ArrayScores:
    """
    Scores of townships in the order of their codes (T), groups by code (G).

    Attributes
    ----------
    codes : tuple of str
        Of the townships.
    tallies : mapping of str to array of int
        By group, the counts of answers, shape (T, items, 5).
    estimates : Estimates
        Each the nearest double to the exact figure.
    appraisals : tuple of Fraction or None
        The public appraisals, shape (T,).
    by_county_mean, dropped : mapping of str to array of bool
        By group, items that took the county's mean and those that have no score, shape (T, items).
    """

    codes: tuple[str, ...]
    tallies: Mapping[str, np.ndarray]
    estimates: Estimates
    appraisals: tuple[Fraction | None, ...]
    by_county_mean: Mapping[str, np.ndarray]
    dropped: Mapping[str, np.ndarray]

    def respondents(self, group: str) -> np.ndarray:
        """How many of a group answered, shape (T,)."""
        return np.asarray(self.tallies[group][:, 0].sum(axis=1))


def array_scores(responses: Responses, scheme: Scheme, starts: np.ndarray) -> ArrayScores:
    """
    Score townships of one county or more.

    Parameters
    ----------
    responses : Responses
    scheme : Scheme
    starts : array of int
        The first township of each county, among the codes of ``responses.townships`` in their order.

    Raises
    ------
    SchemeError
        If a group is not the scheme's, or as ``score_item`` raises it.
    """
    codes = tuple(sorted(str(code) for code in responses.townships["township_code"]))
    groups = sorted(responses.groups)
    tallies = {group: _tallies(responses, group, codes) for group in groups}
    own_means: OwnMeans = {}
    if scheme.readings["unknown_scores"] == "own_answers":
        own_means = own_mean_points(responses, scheme.points, skipped_too=scheme.readings["skipped"] == "as_unknown")
    items = {
        group: _item_ratios(
            _Counted(responses.wave, group, responses.items(group), codes, tallies[group], starts), scheme, own_means
        )
        for group in groups
    }
    totals = {group: _totals(items[group], tallies[group], scheme) for group in groups}
    appraisals = _appraisals(totals, {group: tallies[group][:, 0].sum(axis=1).tolist() for group in groups}, scheme)
    estimates = Estimates(
        {group: _quotients(*ratios) for group, ratios in items.items()},
        np.column_stack([_doubles(totals[group]) for group in groups]),
        _doubles(appraisals),
    )
    answered = {group: tally[:, :1].any(axis=2) for group, tally in tallies.items()}
    own = {group: tally[..., :UNKNOWN].any(axis=2) for group, tally in tallies.items()}
    has_score = {group: items[group][1] > 0 for group in groups}
    return ArrayScores(
        codes,
        tallies,
        estimates,
        tuple(None if ratio is None else Fraction(*ratio) for ratio in appraisals),
        {group: has_score[group] & ~own[group] & answered[group] for group in groups},
        {group: ~has_score[group] & answered[group] for group in groups},
    )


@dataclass(frozen=True)
class _Counted:
    """The counts of one group."""

    wave: int
    group: str
    items: tuple[str, ...]
    codes: tuple[str, ...]
    tallies: np.ndarray
    starts: np.ndarray


def _tallies(responses: Responses, group: str, codes: tuple[str, ...]) -> np.ndarray:
    rows, items = responses.groups[group], responses.items(group)
    places = places_of(rows)
    position = {code: number for number, code in enumerate(codes)}
    township = np.array([position[code] for code in places.townships], dtype=np.int64)[places.township]
    return tallied_answers(answer_codes(rows, items), township, len(codes))


def _item_ratios(counted: _Counted, scheme: Scheme, own_means: OwnMeans) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators of the item scores, shape (T, items); a denominator of 0 where there is none."""
    scheme.group(counted.group)
    county = of_county(counted.tallies, counted.starts)
    if not is_plain_mean(scheme):
        return _ratios_one_by_one(counted, county, scheme, own_means)
    points, judged = _points(counted.tallies, scheme)
    if scheme.readings["nobody_could_judge"] == "county_mean":
        county_points, county_judged = _points(county, scheme)
        replaced = (judged == 0) & counted.tallies[:, :1].any(axis=2)
        points, judged = np.where(replaced, county_points, points), np.where(replaced, county_judged, judged)
    return points, judged


def _points(tallies: np.ndarray, scheme: Scheme) -> tuple[np.ndarray, np.ndarray]:
    points = np.array([scheme.points[answer] for answer in SCORED_ANSWERS])
    return (tallies[..., :UNKNOWN] * points).sum(axis=-1), tallies[..., :UNKNOWN].sum(axis=-1)


def _ratios_one_by_one(
    counted: _Counted, county: np.ndarray, scheme: Scheme, own_means: OwnMeans
) -> tuple[np.ndarray, np.ndarray]:
    shape = counted.tallies.shape[:2]
    points, divisor = np.zeros(shape, dtype=object), np.zeros(shape, dtype=object)
    for t in np.flatnonzero(counted.tallies[:, 0].any(axis=1)).tolist():
        for place, item in enumerate(counted.items):
            own = own_means.get((counted.wave, counted.codes[t], counted.group, item), (Fraction(), 0))
            answers, others = (Answers(*table[t, place].tolist()) for table in (counted.tallies, county))
            score = score_item(answers, scheme, counted.group, others, own).score
            if score is not None:
                points[t, place], divisor[t, place] = score.as_integer_ratio()
    return points, divisor


def _totals(ratios: tuple[np.ndarray, np.ndarray], tallies: np.ndarray, scheme: Scheme) -> list[Ratio | None]:
    """The group's total in each township."""
    points, divisor = (each.tolist() for each in ratios)
    found: list[Ratio | None] = [None] * len(points)
    for t in np.flatnonzero(tallies[:, 0].any(axis=1)).tolist():
        kept = [ratio for ratio in zip(points[t], divisor[t], strict=True) if ratio[1]]
        found[t] = total_ratio(kept, len(points[t]), scheme)
    return found


def _appraisals(
    totals: Mapping[str, list[Ratio | None]], respondents: Mapping[str, list[int]], scheme: Scheme
) -> list[Ratio | None]:
    number = len(next(iter(totals.values())))
    groups = [group.code for group in scheme.groups]
    return [
        appraisal_ratio(
            {group: totals[group][t] if group in totals else None for group in groups},
            {group: respondents[group][t] if group in respondents else 0 for group in groups},
            scheme,
        )
        for t in range(number)
    ]


def _quotients(points: np.ndarray, divisor: np.ndarray) -> np.ndarray:
    if points.dtype == object:
        flat = zip(points.ravel().tolist(), divisor.ravel().tolist(), strict=True)
        return _doubles([(one, other) if other else None for one, other in flat]).reshape(points.shape)
    return np.asarray(np.divide(points, divisor, out=np.full(points.shape, np.nan), where=divisor > 0))


def _doubles(ratios: list[Ratio | None]) -> np.ndarray:
    """Python divides whole numbers of any length to the nearest double."""
    return np.array([np.nan if ratio is None else ratio[0] / ratio[1] for ratio in ratios], dtype=float)

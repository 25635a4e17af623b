"""
Score the same counts again and again under other rules, exactly and without tables.

Tallies        the counts, read once
rescored       item scores, group totals and public appraisals under one scheme, the figures that ``score`` gives

``scoring.score`` is the official way and says what a reader must know; this one is for questions of the kind "what if".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from analysis.counts import TALLIES, Cell
from analysis.item_scores import Answers, pooled, score_item
from analysis.scheme import Scheme
from analysis.totals import group_total, public_appraisal

Place = tuple[int, str, str]
"""Wave, township code, group."""

OwnMeans = Mapping[Cell, tuple[Fraction, int]]


@dataclass(frozen=True)
class Tallies:
    """
    Counts of answers by place and item.

    Attributes
    ----------
    answers : mapping
        By (wave, township, group), the answers to each item in the questionnaire's order.
    county : mapping
        By (wave, group, item), those of all townships together.
    """

    answers: Mapping[Place, Mapping[str, Answers]]
    county: Mapping[tuple[int, str, str], Answers]

    @property
    def waves(self) -> list[int]:
        return sorted({wave for wave, _, _ in self.answers})

    @property
    def items(self) -> list[tuple[str, str]]:
        """Every group and item, each once."""
        pairs = dict.fromkeys((group, item) for (_, _, group), items in self.answers.items() for item in items)
        return sorted(pairs, key=lambda pair: pair[0])  # stable: items stay in the questionnaire's order

    def respondents(self, place: Place) -> int:
        items = self.answers.get(place, {})
        return next(iter(items.values())).respondents if items else 0


@dataclass(frozen=True)
class Rescored:
    """Exact figures; ``items`` keeps None for a dropped item, ``totals`` and ``appraisals`` hold only what there is."""

    items: Mapping[Place, Mapping[str, Fraction | None]]
    totals: Mapping[Place, Fraction]
    appraisals: Mapping[tuple[int, str], Fraction]


def tallied(counts: pd.DataFrame) -> Tallies:
    """
    Read counts, as ``count_answers`` gives them, PSUs added up.

    Examples
    --------
    >>> columns = ["wave", "township_code", "group", "psu_code", "item", *TALLIES]
    >>> tallied(pd.DataFrame([(1, "A", "rural", "", "R01", 2, 1, 0, 0, 0)], columns=columns)).items
    [('rural', 'R01')]
    """
    keys = ["wave", "township_code", "group", "item"]
    summed = counts.groupby(keys, sort=False, observed=True)[list(TALLIES)].sum()
    answers: dict[Place, dict[str, Answers]] = defaultdict(dict)
    parts: dict[tuple[int, str, str], list[Answers]] = defaultdict(list)
    for (wave, township, group, item), tally in zip(summed.index, summed.to_numpy().tolist(), strict=True):
        given = answers[int(wave), str(township), str(group)][str(item)] = Answers(*tally)
        parts[int(wave), str(group), str(item)].append(given)
    return Tallies(dict(answers), {key: pooled(each) for key, each in parts.items()})


def added_up(tallies: Tallies, items: Mapping[Place, Mapping[str, Fraction | None]], scheme: Scheme) -> Rescored:
    """Totals and public appraisals of item scores that are known already."""
    totals = totals_of(items, scheme)
    return Rescored(items, totals, appraisals_of(tallies, totals, scheme))


def rescored(tallies: Tallies, scheme: Scheme, own_means: OwnMeans | None = None) -> Rescored:
    """
    Exact scores under a scheme.

    Parameters
    ----------
    tallies : Tallies
    scheme : Scheme
    own_means : mapping, optional
        What ``counts.own_mean_points`` gives; needed where don't-knows score the person's own mean.

    Raises
    ------
    SchemeError
        As ``score_item`` raises it.
    """
    means = own_means or {}
    items = {
        (wave, township, group): {
            item: score_item(
                given,
                scheme,
                group,
                tallies.county[wave, group, item],
                means.get((wave, township, group, item), (Fraction(), 0)),
            ).score
            for item, given in each.items()
        }
        for (wave, township, group), each in tallies.answers.items()
    }
    return added_up(tallies, items, scheme)


def totals_of(
    items: Mapping[Place, Mapping[str, Fraction | None]], scheme: Scheme, without: str = ""
) -> dict[Place, Fraction]:
    """The group totals there are, one item left out if named."""
    found = {
        place: group_total([value for item, value in scores.items() if item != without], scheme)
        for place, scores in items.items()
    }
    return {place: total for place, total in found.items() if total is not None}


def appraisals_of(
    tallies: Tallies, totals: Mapping[Place, Fraction], scheme: Scheme, factors: Mapping[str, int] | None = None
) -> dict[tuple[int, str], Fraction]:
    """
    The public appraisals there are.

    Parameters
    ----------
    factors : mapping of str to int, optional
        By group, what its weight is multiplied by; the weights are brought to one sum after that.
    """
    by_respondents = replace(scheme, readings={**scheme.readings, "group_weights": "respondents"})
    equal = scheme.readings["group_weights"] == "equal"
    found = {}
    for wave, township in dict.fromkeys((wave, township) for wave, township, _ in tallies.answers):
        places = {group.code: (wave, township, group.code) for group in scheme.groups}
        present = {group: totals.get(place) for group, place in places.items()}
        weights = {
            group: (1 if equal else tallies.respondents(place)) * (factors or {}).get(group, 1)
            for group, place in places.items()
        }
        appraisal = public_appraisal(present, weights, by_respondents)
        if appraisal is not None:
            found[wave, township] = appraisal
    return found

"""
Which ranks would change if the rules were read, or the parts weighed, otherwise.

sensitivity    every other reading of the rules, each item left out, each group's weight 10 % up and down
Sensitivity    what it gives
Scenario       one such change, its table rows summed up in a sentence
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import pandas as pd

from analysis.counts import count_answers, own_mean_points
from analysis.errors import AnalysisError
from analysis.labels import Label
from analysis.ranking import ranks
from analysis.readings import READINGS
from analysis.rescoring import Rescored, Tallies, added_up, appraisals_of, rescored, tallied, totals_of
from analysis.responses import Responses
from analysis.results import Scores
from analysis.scheme import Scheme, load_scheme
from analysis.scoring import official_scores
from analysis.sensitivity_words import impossible_sentence, scenario_sentence

Kind = Literal["reading", "item", "group_weight"]
Appraisals = Mapping[tuple[int, str], Fraction]


@dataclass(frozen=True)
class Scenario:
    """
    One change of the rules.

    Attributes
    ----------
    kind : {"reading", "item", "group_weight"}
    what : str
        ``unknown_scores=county``, ``rural:R03``, ``rural:+10%``.
    label : Label
        The same in words.
    possible : bool
        False where it cannot be scored; ``sentence`` then says why.
    changed : int
        Townships whose rank is another.
    largest : int
        The most places that one moves.
    entering, leaving : tuple of str
        Codes of townships that would enter or leave the first ``top``.
    sentence : Label
        What a reader needs.
    """

    kind: Kind
    what: str
    label: Label
    possible: bool = True
    changed: int = 0
    largest: int = 0
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    sentence: Label = field(default_factory=lambda: Label("", ""))


@dataclass(frozen=True)
class Sensitivity:
    """
    Every scenario, and every township in each.

    Attributes
    ----------
    table : DataFrame
        ``kind, what, wave, township_code, township, rank_official, rank_then, score_official, score_then``; ranks missing
        without a score. Scenarios that cannot be scored have no rows.
    scenarios : tuple of Scenario
        Readings in the order of ``READINGS``, then items, then groups.
    top : int
    """

    table: pd.DataFrame
    scenarios: tuple[Scenario, ...]
    top: int

    @property
    def changing(self) -> tuple[Scenario, ...]:
        """Those that change a rank."""
        return tuple(scenario for scenario in self.scenarios if scenario.changed)


@dataclass(frozen=True)
class _Case:
    """What the scenarios are compared with."""

    answers: Responses | pd.DataFrame
    scheme: Scheme
    official: Scores
    tallies: Tallies
    base: Rescored
    top: int
    places: list[tuple[int, str, str]]
    ranks: list[int | None]


def sensitivity(
    answers: Responses | pd.DataFrame,
    scheme: Scheme | None = None,
    *,
    townships: pd.DataFrame | None = None,
    top: int = 6,
) -> Sensitivity:
    """
    Rank the townships anew under each other reading of the rules.

    Parameters
    ----------
    answers : Responses or DataFrame
        As ``score`` takes them. From counts alone the reading that needs each person's answers is said to be impossible.
    scheme : Scheme, optional
        The official one; the county plan if not given. One thing is changed at a time, all else stays as it says.
    townships : DataFrame, optional
        With counts, as ``score`` takes it.
    top : int
        How many places win prizes, at least 1; the sentences say who would enter and leave them.

    Returns
    -------
    Sensitivity

    Raises
    ------
    AnalysisError
        As ``score`` raises it for the official scheme.
    ValueError
        If ``top`` is below 1.

    Notes
    -----
    Scores are fractions throughout, so that no rank changes by rounding. Group weights go to 11/10 and 9/10 of what they are
    and are then brought to the same sum. This says how far the ranks hang on choices, not how far on chance: for that see
    ``rank_sets``.
    """
    if top < 1:
        raise ValueError(f"expected a top of 1 or more, got {top}")
    scheme = scheme or load_scheme()
    official = official_scores(answers, scheme, townships=townships)
    tallies = tallied(count_answers(answers) if isinstance(answers, Responses) else answers)
    base = rescored(tallies, scheme, _own_means(answers, scheme))
    table = official.townships
    places = list(zip(table["wave"].tolist(), table["township_code"].tolist(), table["township"].tolist(), strict=True))
    placed = [None if pd.isna(rank) else int(rank) for rank in table["rank"]]
    case = _Case(answers, scheme, official, tallies, base, top, places, placed)
    scenarios, outcomes = [], []
    for scenario, appraisals, ties in _outcomes(case):
        if appraisals is None:
            scenarios.append(scenario)
            continue
        outcome = _outcome(case, scenario, appraisals, ties)
        scenarios.append(_summed_up(case, scenario, outcome))
        outcomes.append(outcome)
    return Sensitivity(_table(case, outcomes), tuple(scenarios), top)


def _own_means(
    answers: Responses | pd.DataFrame, scheme: Scheme
) -> Mapping[tuple[int, str, str, str], tuple[Fraction, int]]:
    if scheme.readings["unknown_scores"] != "own_answers" or not isinstance(answers, Responses):
        return {}
    return own_mean_points(answers, scheme.points, skipped_too=scheme.readings["skipped"] == "as_unknown")


def _outcomes(case: _Case) -> Iterator[tuple[Scenario, Appraisals | None, str]]:
    """Each scenario with the public appraisals it leads to, and the rule of ties."""
    ties = case.scheme.readings["ties"]
    yield from _other_readings(case)
    for group, item in case.tallies.items:
        items = {place: scores for place, scores in case.base.items.items() if place[2] == group}
        totals = {place: total for place, total in case.base.totals.items() if place[2] != group}
        totals |= totals_of(items, case.scheme, without=item)
        words = case.scheme.group(group).label
        label = Label(f"剔除“{words.zh}”{item} 题", f"{words.en}, item {item} left out")
        yield Scenario("item", f"{group}:{item}", label), appraisals_of(case.tallies, totals, case.scheme), ties
    for group in dict.fromkeys(group for group, _ in case.tallies.items):
        for sign, factor in (("+", 11), ("-", 9)):
            factors = {each.code: factor if each.code == group else 10 for each in case.scheme.groups}
            words = case.scheme.group(group).label
            up = sign == "+"
            label = Label(
                f"“{words.zh}”权重{'增加' if up else '减少'}一成", f"Weight of {words.en} 10 % {'up' if up else 'down'}"
            )
            found = appraisals_of(case.tallies, case.base.totals, case.scheme, factors)
            yield Scenario("group_weight", f"{group}:{sign}10%", label), found, ties


def _other_readings(case: _Case) -> Iterator[tuple[Scenario, Appraisals | None, str]]:
    for name, reading in READINGS.items():
        for choice, words in reading.choices.items():
            if choice == case.scheme.readings[name]:
                continue
            label = Label(f"{reading.label.zh}：{words.zh}", f"{_capital(reading.label.en)}: {words.en}")
            scenario = Scenario("reading", f"{name}={choice}", label)
            other = case.scheme.with_readings(**{name: choice})
            if choice == "own_answers" and not isinstance(case.answers, Responses):
                reason = AnalysisError("needs each person's answers, found counts alone.", "需要逐人答卷，实只有计数。")
                yield _impossible(scenario, reason), None, ""
                continue
            try:
                found = _read_as(case, name, other).appraisals
            except AnalysisError as error:
                yield _impossible(scenario, error), None, ""
            else:
                yield scenario, found, other.readings["ties"]


def _read_as(case: _Case, name: str, other: Scheme) -> Rescored:
    """All figures under another reading; item scores are taken over where the reading is not about them."""
    if name in ("group_weights", "group_total", "missing_group", "ties"):
        return added_up(case.tallies, case.base.items, other)
    return rescored(case.tallies, other, _own_means(case.answers, other))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _impossible(scenario: Scenario, error: AnalysisError) -> Scenario:
    return replace(scenario, possible=False, sentence=impossible_sentence(scenario, error))


@dataclass(frozen=True)
class _Outcome:
    """A scenario's ranks and scores, in the order of the official table."""

    scenario: Scenario
    ranks: list[int | None]
    figures: list[float | None]


def _outcome(case: _Case, scenario: Scenario, appraisals: Appraisals, ties: str) -> _Outcome:
    then: dict[tuple[int, str], int | None] = {}
    for wave in case.tallies.waves:
        codes = [code for each, code, _ in case.places if each == wave]
        placed = ranks([appraisals.get((wave, code)) for code in codes], ties=ties)
        then |= {(wave, code): rank for code, rank in zip(codes, placed, strict=True)}
    keys = [(wave, code) for wave, code, _ in case.places]
    figures = [float(appraisals[key]) if key in appraisals else None for key in keys]
    return _Outcome(scenario, [then[key] for key in keys], figures)


def _table(case: _Case, outcomes: list[_Outcome]) -> pd.DataFrame:
    official = case.official.townships
    table = pd.concat([official[["wave", "township_code", "township"]]] * len(outcomes), ignore_index=True)
    each = len(official)
    table.insert(0, "what", [outcome.scenario.what for outcome in outcomes for _ in range(each)])
    table.insert(0, "kind", [outcome.scenario.kind for outcome in outcomes for _ in range(each)])
    table["rank_official"] = pd.Series(official["rank"].tolist() * len(outcomes), dtype="Int64")
    table["rank_then"] = pd.Series([rank for outcome in outcomes for rank in outcome.ranks], dtype="Int64")
    table["score_official"] = official["public_appraisal"].tolist() * len(outcomes)
    figures = [figure for outcome in outcomes for figure in outcome.figures]
    table["score_then"] = pd.Series(figures, dtype="float64")
    return table


def _summed_up(case: _Case, scenario: Scenario, outcome: _Outcome) -> Scenario:
    pairs = list(zip(case.ranks, outcome.ranks, strict=True))
    codes = [code for _, code, _ in case.places]
    first = [tuple(rank is not None and rank <= case.top for rank in pair) for pair in pairs]
    summed = replace(
        scenario,
        changed=sum(official != then for official, then in pairs),
        largest=max((abs(one - other) for one, other in pairs if one is not None and other is not None), default=0),
        entering=tuple(code for code, (was, then) in zip(codes, first, strict=True) if then and not was),
        leaving=tuple(code for code, (was, then) in zip(codes, first, strict=True) if was and not then),
    )
    names = {code: name or code for _, code, name in case.places}
    return replace(summed, sentence=scenario_sentence(summed, names, len(pairs), case.top))

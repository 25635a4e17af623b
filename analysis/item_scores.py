"""
The score of one item, exactly.

With S the points of those who judged, m how many they were, d the don't-knows and v what one of them scores, the item
score is (S + d·v) / (m + d). Under the default reading v is S / m, and the score is S / m whatever d is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from analysis.errors import SchemeError
from analysis.scheme import Scheme

Basis = Literal["own", "county_mean", "dropped"]


@dataclass(frozen=True)
class Answers:
    """How many gave each answer to one item."""

    satisfied: int = 0
    basic: int = 0
    unsatisfied: int = 0
    unknown: int = 0
    skipped: int = 0

    def __add__(self, other: Answers) -> Answers:
        return pooled((self, other))

    @property
    def tally(self) -> tuple[int, int, int, int, int]:
        return self.satisfied, self.basic, self.unsatisfied, self.unknown, self.skipped

    @property
    def judged(self) -> int:
        """How many gave one of the first three answers: m."""
        return self.satisfied + self.basic + self.unsatisfied

    @property
    def respondents(self) -> int:
        return self.judged + self.unknown + self.skipped

    def points(self, scheme: Scheme) -> int:
        """The points of those who judged: S."""
        each = scheme.points
        return each["satisfied"] * self.satisfied + each["basic"] * self.basic + each["unsatisfied"] * self.unsatisfied

    def not_known(self, scheme: Scheme) -> int:
        """How many count as don't-knows: d (Q3)."""
        return self.unknown + (self.skipped if scheme.readings["skipped"] == "as_unknown" else 0)


@dataclass(frozen=True)
class ItemScore:
    """An item's exact score, None where it is dropped, and what it rests on."""

    score: Fraction | None
    basis: Basis


def score_item(
    answers: Answers,
    scheme: Scheme,
    group: str,
    county: Answers,
    own_means: tuple[Fraction, int] = (Fraction(), 0),
) -> ItemScore:
    """
    The score of one item in one township and group.

    Parameters
    ----------
    answers : Answers
        Those of the township's group.
    scheme : Scheme
        Its points and readings.
    group : str
        Whose planned number is the denominator where the scheme says so (Q5).
    county : Answers
        Those of all the county's respondents of the group to the item.
    own_means : (Fraction, int)
        Where don't-knows score the person's own mean: their sum, and how many there are.

    Returns
    -------
    ItemScore
        Between 0 and the highest points, or dropped.

    Raises
    ------
    SchemeError
        If more answered than the scheme says were planned, under the reading that divides by the planned number.
    """
    if answers.judged == 0:  # Q4 comes before Q1: nobody's don't-know can be worth a judgment that nobody made
        if scheme.readings["nobody_could_judge"] == "drop" or county.judged == 0:
            return ItemScore(None, "dropped")
        return ItemScore(Fraction(county.points(scheme), county.judged), "county_mean")
    if is_plain_mean(scheme):
        return ItemScore(Fraction(answers.points(scheme), answers.judged), "own")
    points, divisor, number = _points_and_number(answers, scheme, county, own_means)
    if scheme.readings["denominator"] == "planned":
        number = _planned(scheme, group, number)
    return ItemScore(Fraction(points, divisor * number), "own")


def is_plain_mean(scheme: Scheme) -> bool:
    """Whether the score is S / m: don't-knows are left out, or score the mean of those who judged, which changes nothing."""
    readings = scheme.readings
    if readings["denominator"] != "answered":
        return False
    return readings["unknown_counts"] == "left_out" or readings["unknown_scores"] == "own_township"


def pooled(answers: Iterable[Answers]) -> Answers:
    """The answers of several townships together."""
    tallies = [each.tally for each in answers]
    return Answers(*(sum(column) for column in zip(*tallies, strict=True))) if tallies else Answers()


def unknown_value(answers: Answers, scheme: Scheme, county: Answers) -> Fraction:
    """What one don't-know scores (Q1), for every reading but the person's own mean."""
    return Fraction(*_unknown_ratio(answers, scheme, county))


def _unknown_ratio(answers: Answers, scheme: Scheme, county: Answers) -> tuple[int, int]:
    reading = scheme.readings["unknown_scores"]
    if reading == "county":
        return county.points(scheme), county.judged
    if reading == "midpoint":
        return scheme.highest, 2
    if reading == "mean_of_points":
        return sum(scheme.points.values()), len(scheme.points)
    return answers.points(scheme), answers.judged


def _points_and_number(
    answers: Answers, scheme: Scheme, county: Answers, own_means: tuple[Fraction, int]
) -> tuple[int, int, int]:
    """The points as a ratio of whole numbers, and the number who answered, with don't-knows as Q1 and Q2 read them."""
    points = answers.points(scheme)
    if scheme.readings["unknown_counts"] == "left_out":
        return points, 1, answers.judged
    if scheme.readings["unknown_scores"] == "own_answers":
        means, number = own_means
        return points * means.denominator + means.numerator, means.denominator, answers.judged + number
    not_known = answers.not_known(scheme)
    value, divisor = _unknown_ratio(answers, scheme, county)
    return points * divisor + not_known * value, divisor, answers.judged + not_known


def _planned(scheme: Scheme, group: str, number: int) -> int:
    planned = scheme.group(group).planned
    if number > planned:
        raise SchemeError(
            f"scheme {scheme.id}: groups.{group}.planned: expected at least the {number} who answered, found {planned}; "
            "raise it or divide by those who answered.",
            f"方案 {scheme.id}：groups.{group}.planned 不应小于回答人数 {number}，实为 {planned}，"
            "请改大，或以回答人数为分母。",
        )
    return planned

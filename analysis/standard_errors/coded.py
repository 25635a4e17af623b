"""The answers of one group as small numbers, in the order of the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import ANSWERS
from analysis.counts import tallied_answers
from analysis.scheme import SCORED_ANSWERS, Scheme

UNKNOWN, SKIPPED = ANSWERS.index("unknown"), len(ANSWERS)

POINTS, JUDGED, OPEN, OWN_POINTS, OWN_OPEN = range(5)
"""What is summed over respondents: points of those who judged, how many they were, don't-knows; and, where a don't-know
scores the person's own mean, the sum of those means and how many there are."""

_BASE = SKIPPED + 1
_DIGITS = 27  # 5^27 is the highest power of 5 below 2^63


def answer_codes(rows: pd.DataFrame, items: tuple[str, ...]) -> np.ndarray:
    """
    Answers as numbers: 0 satisfied, 1 basic, 2 unsatisfied, 3 unknown, 4 skipped.

    Returns
    -------
    array of int8
        Shape (respondents, items).
    """
    codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in items]).astype(np.int8, copy=False)
    codes[codes < 0] = SKIPPED
    return codes


def order_by_answers(codes: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """
    Keys that put rows in an order of their own, whatever the order they came in.

    Sums of doubles depend on the order of their terms; with these keys before ``numpy.lexsort`` the same rows give the
    same figures to the last digit. Rows that stay tied are equal.
    """
    keys = []
    for first in range(0, codes.shape[1], _DIGITS):
        key = np.zeros(len(codes), dtype=np.int64)
        for column in range(first, min(first + _DIGITS, codes.shape[1])):
            key *= _BASE
            key += codes[:, column]
        keys.append(key)
    return (weights, *reversed(keys))


def _open_codes(scheme: Scheme) -> list[int]:
    """The answers that count as don't-knows (Q2, Q3)."""
    if scheme.readings["unknown_counts"] == "left_out":
        return []
    return [UNKNOWN, SKIPPED] if scheme.readings["skipped"] == "as_unknown" else [UNKNOWN]


@dataclass(frozen=True)
class CodedAnswers:
    """
    One group's answers.

    Attributes
    ----------
    group : str
    items : tuple of str
    codes : array of int8
        As ``answer_codes`` gives them, rows in the design's order, shape (n, k).
    weights : array of float
        Shape (n,).
    """

    group: str
    items: tuple[str, ...]
    codes: np.ndarray
    weights: np.ndarray

    def points(self, scheme: Scheme) -> np.ndarray:
        """The points of those who judged, 0 elsewhere, shape (n, k)."""
        table = np.array([scheme.points[answer] for answer in SCORED_ANSWERS] + [0, 0], dtype=float)
        return np.asarray(table[self.codes])

    def every_answer(self, townships: int) -> CodedAnswers:
        """One row for each answer there is, with that answer to every item, as often as there are townships."""
        codes = np.tile(np.arange(_BASE, dtype=np.int8)[:, None], (townships, self.codes.shape[1]))
        return CodedAnswers(self.group, self.items, codes, np.ones(len(codes)))

    def looked_up(self, table: np.ndarray, township: np.ndarray) -> np.ndarray:
        """
        For each answer what a table has for it.

        Parameters
        ----------
        table : array of float
            Rows as ``every_answer`` has them, shape (townships · 5, k).
        township : array of int
            Each row's township, shape (n,).

        Returns
        -------
        array of float
            Shape (n, k).
        """
        items = self.codes.shape[1]
        place = (township[:, None] * _BASE + self.codes) * items
        place += np.arange(items)
        return np.asarray(table.ravel().take(place))

    @property
    def judged(self) -> np.ndarray:
        """Whether each answer is one of the first three, shape (n, k)."""
        return self.codes < UNKNOWN

    def open(self, scheme: Scheme) -> np.ndarray:
        """Whether each answer counts as a don't-know (Q2, Q3), shape (n, k)."""
        return np.asarray(np.isin(np.arange(_BASE), _open_codes(scheme))[self.codes])

    def sums(
        self, township: np.ndarray, townships: int, scheme: Scheme, weights: np.ndarray | None = None
    ) -> np.ndarray:
        """
        What the respondents of each township add up to, plain or weighted.

        Parameters
        ----------
        township : array of int
            Each row's township, ascending, shape (n,).
        townships : int
        scheme : Scheme
        weights : array of float, optional
            Shape (n,).

        Returns
        -------
        array of float
            Shape (townships, 3 or 5, k), as ``parts`` has them.
        """
        if scheme.readings["unknown_scores"] == "own_answers":
            parts = self.parts(scheme)
            parts = parts if weights is None else parts * weights[:, None, None]
            return np.asarray(np.add.reduceat(parts, np.flatnonzero(np.diff(township, prepend=-1)), axis=0))
        tallies = tallied_answers(self.codes, township, townships, weights)
        points = sum(scheme.points[answer] * tallies[..., code] for code, answer in enumerate(SCORED_ANSWERS))
        judged = tallies[..., :UNKNOWN].sum(axis=-1)
        unknown = sum((tallies[..., code] for code in _open_codes(scheme)), np.zeros_like(judged))
        return np.stack([points, judged, unknown], axis=1).astype(float)

    def parts(self, scheme: Scheme) -> np.ndarray:
        """
        What each respondent adds to the sums.

        Returns
        -------
        array of float
            Shape (n, 3, k), or (n, 5, k) where a don't-know scores the person's own mean.
        """
        points, judged, unknown = self.points(scheme), self.judged, self.open(scheme)
        parts = [points, judged.astype(float), unknown.astype(float)]
        if scheme.readings["unknown_scores"] == "own_answers":
            number = judged.sum(axis=1, keepdims=True)
            mean = points.sum(axis=1, keepdims=True) / np.maximum(number, 1)
            replaced = (unknown & (number > 0)).astype(float)
            parts += [replaced * mean, replaced]
        return np.stack(parts, axis=1)

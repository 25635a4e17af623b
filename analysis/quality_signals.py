"""
The signals of the fieldwork's quality: one table, ``SIGNALS``.

Signal     a name, its words, what it counts
SIGNALS    all of them

A signal is a count in a place (a PSU, or the PSUs of an investigator); more of it is more unusual. It says nothing of any one
respondent: whoever is satisfied with everything may well be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.honest_model import SKIPPED, UNKNOWN, Codes, Whole
from analysis.labels import Label

Base = Literal["eligible", "answers", "respondents", "timed"]


def summed(values: Whole) -> Whole:
    """The sum over a place's respondents."""
    return np.asarray(values.sum(axis=1))


@dataclass(frozen=True)
class Signal:
    """
    One signal.

    Attributes
    ----------
    label : Label
    base : {"eligible", "answers", "respondents", "timed"}
        What the count is a share of: eligible units, answers asked for (respondents × items), respondents, respondents whose
        time band is shown.
    phrase : Label
        What was counted, for a sentence.
    of_person : callable or None
        A number for each respondent, from sheets of shape (respondents, items); None where the count comes from the visits or
        the time bands.
    in_place : callable
        The counts of places of equal size, from those numbers, shape (places, respondents); their sum if not given.
    """

    label: Label
    base: Base
    phrase: Label
    of_person: Callable[[Codes], Whole] | None = None
    in_place: Callable[[Whole], Whole] = summed


def unknown_answers(codes: Codes) -> Whole:
    """How many of a respondent's answers are don't-knows."""
    return np.asarray((codes == UNKNOWN).sum(axis=1))


def skipped_answers(codes: Codes) -> Whole:
    """How many items a respondent skipped."""
    return np.asarray((codes == SKIPPED).sum(axis=1))


def is_uniform(codes: Codes) -> Whole:
    """1 where a sheet gives one answer to all that it answers, and answers more than half."""
    lowest, highest = codes.min(axis=1), np.where(codes < SKIPPED, codes, -1).max(axis=1)
    return np.asarray(((lowest == highest) & (2 * (codes < SKIPPED).sum(axis=1) > codes.shape[1])).astype(np.int64))


def is_all_satisfied(codes: Codes) -> Whole:
    """1 where that one answer is satisfied."""
    return np.asarray(is_uniform(codes) * (codes.min(axis=1) == 0))


def sheet_key(codes: Codes) -> Whole:
    """
    A number that equal sheets share, by the positions of the answers; 0 for those of one answer throughout, counted elsewhere.

    Examples
    --------
    >>> keys = sheet_key(np.array([[0, 1, 3], [0, 1, 3], [0, 0, 0], [3, 1, 0]], dtype=np.int8))
    >>> bool(keys[0] == keys[1] != keys[3]), int(keys[2])
    (True, 0)
    """
    keys = np.full(len(codes), 1, dtype=np.uint64)
    for answers in codes.T:  # FNV-1a, which wraps round at 64 bits; two sheets meet by chance once in 10¹⁹
        keys = (keys ^ (answers.astype(np.uint64) + np.uint64(1))) * np.uint64(1099511628211)
    return np.where(is_uniform(codes) == 1, 0, keys.astype(np.int64))


def equal_in_place(keys: Whole) -> Whole:
    """
    How many sheets equal another of the same place.

    Examples
    --------
    >>> equal_in_place(np.array([[7, 7, 0, 0], [1, 2, 3, 4]])).tolist()
    [2, 0]
    """
    ordered = np.sort(keys, axis=1)
    same = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != 0)
    edge = np.zeros((len(keys), 1), dtype=bool)
    return np.asarray((np.hstack([same, edge]) | np.hstack([edge, same])).sum(axis=1))


SIGNALS: dict[str, Signal] = {
    "non_response": Signal(
        Label("未回收", "no response"), "eligible", Label("个合格单位未回答", "eligible units did not answer")
    ),
    "refusal": Signal(Label("拒访", "refusal"), "eligible", Label("个合格单位拒访", "eligible units refused")),
    "unknown": Signal(
        Label("不了解", "don't-knows"),
        "answers",
        Label("个答案为“不了解”", "answers are “not familiar”"),
        unknown_answers,
    ),
    "skipped": Signal(
        Label("未答", "skipped items"), "answers", Label("题未答", "answers were skipped"), skipped_answers
    ),
    "straight_lining": Signal(
        Label("直线作答", "straight-lining"),
        "respondents",
        Label("份答卷各题答案相同", "sheets give one answer to every item"),
        is_uniform,
    ),
    "all_satisfied": Signal(
        Label("全部满意", "all satisfied"),
        "respondents",
        Label("份答卷全部为“满意”", "sheets say satisfied to every item"),
        is_all_satisfied,
    ),
    "equal_sheets": Signal(
        Label("答卷雷同", "equal sheets"),
        "respondents",
        Label("份答卷与同处另一份逐题相同", "sheets equal another of the same place item by item"),
        sheet_key,
        equal_in_place,
    ),
    "fast": Signal(
        Label("用时不足一分钟", "under a minute"), "timed", Label("份答卷用时不足一分钟", "sheets took under a minute")
    ),
}

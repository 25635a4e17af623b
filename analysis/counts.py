"""
Counts of answers: the one table from which every score starts.

count_answers     rows of answers to counts by wave, township, group, PSU and item
check_counts      refuse a table that is not such counts
tallied_answers   rows as numbers, counted by line
taken             texts at positions, as a column
own_mean_points   what don't-knows are worth if each person's own mean stands in
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.checks import ANSWERS
from analysis.errors import AnalysisError
from analysis.places import places_of
from analysis.responses import Responses

TALLIES = (*ANSWERS, "skipped")
KEYS = ("wave", "township_code", "group", "psu_code", "item")

Cell = tuple[int, str, str, str]
"""Wave, township code, group, item."""


def count_answers(responses: Responses) -> pd.DataFrame:
    """
    Count the answers.

    Returns
    -------
    DataFrame
        ``wave, township_code, group, psu_code, item, satisfied, basic, unsatisfied, unknown, skipped``; sorted by
        township, group and PSU (by code point), then in the questionnaire's order of items. The last five add up to the
        PSU's rows in each line.
    """
    parts = [_count_group(responses, group) for group in responses.groups]
    counts = pd.concat(parts, ignore_index=True)
    return counts.sort_values(["wave", "township_code", "group", "psu_code"], kind="stable", ignore_index=True)


def check_counts(counts: pd.DataFrame) -> None:
    """
    Refuse a table that is not counts of answers.

    Raises
    ------
    AnalysisError
        If a column is missing, a wave or count is no whole number, a key but the PSU is empty, or a line stands twice.
    """
    missing = [name for name in (*KEYS, *TALLIES) if name not in counts.columns]
    if missing:
        raise AnalysisError(
            f"counts: expected the columns {', '.join((*KEYS, *TALLIES))}, found no {', '.join(missing)}; add them.",
            f"计数表：应有 {'、'.join((*KEYS, *TALLIES))} 各列，缺 {'、'.join(missing)}，请补上。",
        )
    for name in TALLIES:
        column = counts[name]
        if not pd.api.types.is_integer_dtype(column) or bool((column < 0).any()):
            raise AnalysisError(
                f"counts, column {name}: expected whole numbers, 0 or more, found others; correct them.",
                f"计数表“{name}”列：应为不小于 0 的整数，实有其他值，请改正。",
            )
    for name in ("township_code", "group", "item"):  # lines with an empty key would fall out of every sum
        if bool((counts[name].isna() | (counts[name] == "")).any()):
            raise AnalysisError(
                f"counts, column {name}: expected a value in each line, found an empty one; complete it.",
                f"计数表“{name}”列：每行均应有值，实有空值，请补全。",
            )
    waves = pd.to_numeric(counts["wave"], errors="coerce")
    if not bool(((waves >= 1) & (waves % 1 == 0)).all()):
        raise AnalysisError(
            "counts, column wave: expected whole numbers, 1 or more, found others; correct them.",
            "计数表“wave”列：应为不小于 1 的整数，实有其他值，请改正。",
        )
    twice = counts.duplicated(list(KEYS))
    if twice.any():
        line = " ".join(str(value) for value in counts.loc[twice, list(KEYS)].iloc[0])
        raise AnalysisError(
            f"counts: expected one line for each township, group, PSU and item, found {line!r} twice; add them up.",
            f"计数表：每个乡镇、类别、初级单元和题目应只有一行，{line!r} 出现两次，请合并。",
        )


def own_mean_points(
    responses: Responses, points: Mapping[str, int], *, skipped_too: bool
) -> dict[Cell, tuple[Fraction, int]]:
    """
    Sum, by item, of the respondents' own means where they did not know.

    A person's own mean is over the items that he or she judged; who judged none adds nothing.

    Returns
    -------
    dict
        By wave, township, group and item: the exact sum, and how many don't-knows it holds.
    """
    sums: dict[Cell, tuple[Fraction, int]] = {}
    for group, rows in responses.groups.items():
        items = responses.items(group)
        codes = _codes(rows, items)
        judged = (codes < ANSWERS.index("unknown")).sum(axis=1)
        total = sum(points[answer] * (codes == code).sum(axis=1) for code, answer in enumerate(ANSWERS[:3]))
        open_answers = codes >= ANSWERS.index("unknown") if skipped_too else codes == ANSWERS.index("unknown")
        places = list(zip(rows["wave"].tolist(), rows["township_code"].tolist(), strict=True))
        for person, position in zip(*np.nonzero(open_answers & (judged > 0)[:, None]), strict=True):
            cell: Cell = (*places[person], group, items[position])
            before, number = sums.get(cell, (Fraction(), 0))
            sums[cell] = (before + Fraction(int(total[person]), int(judged[person])), number + 1)
    return sums


def _count_group(responses: Responses, group: str) -> pd.DataFrame:
    rows, items = responses.groups[group], responses.items(group)
    places = places_of(rows)
    number = len(places.psu_codes)
    wave, waves = pd.factorize(rows["wave"], sort=True)
    lines = wave * number + places.psu  # one round has one wave, so that most often these are the PSUs' numbers
    tallies = tallied_answers(_codes(rows, items), lines, len(waves) * number)
    kinds = np.flatnonzero(tallies[:, 0].any(axis=1))
    wave, psu = np.divmod(np.repeat(kinds, len(items)), number)
    table = {
        "wave": waves.to_numpy(dtype="int64")[wave],
        "township_code": taken(places.townships, places.psu_township[psu]),
        "group": taken((group,), np.zeros(len(psu), dtype=np.int64)),
        "psu_code": taken(places.psu_codes, psu),
        "item": taken(items, np.tile(np.arange(len(items)), len(kinds))),
    }
    flat = tallies[kinds].reshape(-1, len(TALLIES))
    return pd.DataFrame(table | {name: flat[:, i] for i, name in enumerate(TALLIES)})


def tallied_answers(codes: np.ndarray, line: np.ndarray, lines: int, weights: np.ndarray | None = None) -> np.ndarray:
    """
    How many rows of each line gave each answer to each item, or the sums of their weights.

    Parameters
    ----------
    codes : array of int
        The position of each answer in ``TALLIES``, shape (n, items).
    line : array of int
        Each row's line, shape (n,).
    lines : int
    weights : array of float, optional
        Shape (n,).

    Returns
    -------
    array of int64 or float64
        Shape (lines, items, 5).

    Examples
    --------
    >>> tallied_answers(np.array([[0], [4], [0]]), np.array([0, 0, 1]), 2).tolist()
    [[[1, 0, 0, 0, 1]], [[1, 0, 0, 0, 0]]]
    """
    items, kinds = codes.shape[1], len(TALLIES)
    found = np.empty((items, lines * kinds), dtype=np.int64 if weights is None else np.float64)
    base = line * kinds
    for item in range(items):
        found[item] = np.bincount(base + codes[:, item], weights=weights, minlength=lines * kinds)
    return np.ascontiguousarray(found.reshape(items, lines, kinds).transpose(1, 0, 2))


def taken(texts: Sequence[str], index: np.ndarray) -> pd.Series:
    """The texts at these positions, as pandas holds texts."""
    return pd.Series(pa.array(texts, pa.string()).take(pa.array(index)).to_pandas()).astype("str")


def _codes(rows: pd.DataFrame, items: tuple[str, ...]) -> np.ndarray:
    """Answers as numbers, shape (respondents, items): the position in ``TALLIES``."""
    codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in items]).astype(np.int64)
    return np.where(codes < 0, len(ANSWERS), codes)

"""
Counts of answers: the one table from which every score starts.

count_answers     rows of answers to counts by wave, township, group, PSU and item
check_counts      refuse a table that is not such counts
own_mean_points   what don't-knows are worth if each person's own mean stands in
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.checks import ANSWERS
from analysis.errors import AnalysisError
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
        If a column is missing, a count is no whole number or negative, or a line stands twice.
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
    places = pd.MultiIndex.from_frame(rows[["wave", "township_code", "psu_code"]])
    numbers, kinds = places.factorize(sort=True)
    keys = (numbers[:, None] * len(items) + np.arange(len(items))) * len(TALLIES) + _codes(rows, items)
    tallies = np.bincount(keys.ravel(), minlength=len(kinds) * len(items) * len(TALLIES)).reshape(-1, len(TALLIES))
    lines = pd.MultiIndex.from_tuples(kinds).repeat(len(items))
    table = pd.DataFrame(
        {
            "wave": lines.get_level_values(0).astype("int64"),
            "township_code": lines.get_level_values(1).astype("str"),
            "group": pd.Series([group] * len(lines), dtype="str"),
            "psu_code": lines.get_level_values(2).astype("str"),
            "item": pd.Series(list(items) * len(kinds), dtype="str"),
        }
    )
    return table.assign(**{name: tallies[:, i].astype(np.int64) for i, name in enumerate(TALLIES)})


def _codes(rows: pd.DataFrame, items: tuple[str, ...]) -> np.ndarray:
    """Answers as numbers, shape (respondents, items): the position in ``TALLIES``."""
    codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in items]).astype(np.int64)
    return np.where(codes < 0, len(ANSWERS), codes)

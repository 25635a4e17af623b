"""
What keeps a respondent from being found in exported answers.

join_small_psus      no PSU with fewer than 5 rows
join_small_counts    the same for counts of answers
split_psus           the codes that were joined
join_samples         samples.csv by the PSUs of the answers
blank_rare_values    no way and no time of answering that few share
protect              both, in that order
write_responses      the folder of the contract, protected

The app scores the protected rows themselves, so the folder gives the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd

from analysis.counts import TALLIES
from analysis.figures import cell, csv_bytes, neutralised
from analysis.folders import write_folder
from analysis.responses import Responses, responses_from_tables

SMALLEST = 5
"""Fewer rows than this must not stand alone."""

JOIN = "+"
"""Stands between the codes of PSUs that were joined."""


def protect(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one group with both protections applied."""
    return blank_rare_values(join_small_psus(rows))


def join_small_psus(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Join each PSU with fewer than 5 rows with the next one of its township and group.

    PSUs stand in the order of their codes (by code point); the last one joins the one before. Joined rows carry the
    codes joined by ``+`` and the mean of their weights, so the sum of the weights stays. A group of a township with
    fewer than 5 rows in all stays small.

    Parameters
    ----------
    rows : DataFrame
        At least ``township_code, group, psu_code, weight``; an empty ``psu_code`` marks a one-stage group.

    Returns
    -------
    DataFrame
        A new table, rows in the order given.
    """
    joined = rows.copy()
    places = [joined[name].astype(object) for name in ("township_code", "group")]
    for _, part in joined.groupby(places, sort=False, observed=True):
        sizes = part["psu_code"].astype(object).fillna("").value_counts()
        for codes in _joined_codes({str(code): int(size) for code, size in sizes.items()}):
            if len(codes) > 1:
                members = part.index[part["psu_code"].isin(codes)]
                joined.loc[members, "weight"] = _mean(part.loc[members, "weight"])
                joined.loc[members, "psu_code"] = JOIN.join(codes)
    return joined


def join_small_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """
    Counts of answers with the PSUs joined that ``join_small_psus`` joins: ``count_answers`` of the joined rows.

    Parameters
    ----------
    counts : DataFrame
        As ``count_answers`` gives it, from rows that are not joined yet.

    Returns
    -------
    DataFrame
        A new table; sorted as ``count_answers`` sorts.
    """
    places = ["wave", "township_code", "group"]
    sizes = counts.assign(rows=counts[list(TALLIES)].sum(axis=1)).drop_duplicates([*places, "psu_code"])
    names: dict[tuple[object, ...], str] = {}
    for place, part in sizes.groupby(places, sort=False):
        for codes in _joined_codes(dict(zip(part["psu_code"], (int(number) for number in part["rows"]), strict=True))):
            names |= {(*place, code): JOIN.join(codes) for code in codes}
    keys = counts[[*places, "psu_code"]].itertuples(index=False, name=None)
    joined = counts.assign(psu_code=pd.Series([names[key] for key in keys], index=counts.index, dtype="str"))
    summed = joined.groupby([*places, "psu_code", "item"], sort=False, as_index=False)[list(TALLIES)].sum()
    return summed.sort_values([*places, "psu_code"], kind="stable", ignore_index=True)


def split_psus(psu_code: str) -> tuple[str, ...]:
    """The codes of the PSUs that stand behind one code of the answers: itself, or those that were joined."""
    return tuple(psu_code.split(JOIN))


def join_samples(samples: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """
    The lines of ``samples.csv`` by the PSUs of the answers, so that the two can be matched by PSU.

    ``samples.csv`` has a line for each PSU of the draw, the answers carry joined codes. Lines of joined PSUs become one: its
    counts are their sums, missing where one of them is missing; its ``pi_1`` is missing, since there is no one probability. A PSU
    that nobody answered in was joined to none and keeps its line.

    Parameters
    ----------
    samples : DataFrame
        As ``read_responses`` gives it.
    rows : DataFrame
        At least ``township_code, group, psu_code``.

    Returns
    -------
    DataFrame
        The columns of ``samples``; township, group and PSU together occur once.
    """
    keys = ["township_code", "group", "psu_code"]
    places = rows[keys].drop_duplicates().itertuples(index=False, name=None)
    joined = {(township, group, each): code for township, group, code in places for each in split_psus(code)}
    named = samples.copy()
    lines = samples[keys].itertuples(index=False, name=None)
    named["psu_code"] = pd.Series([joined.get(line, line[2]) for line in lines], index=samples.index, dtype="str")
    sums = [name for name in samples.columns if name not in (*keys, "pi_1")]
    parts = named.groupby(keys, sort=False, observed=True)
    table = parts[sums].agg(_sum_or_missing)
    table["pi_1"] = parts["pi_1"].first().where(parts.size() == 1)
    return table.reset_index()[list(samples.columns)]


def blank_rare_values(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Empty ``mode`` and ``minutes`` where a value has fewer than 5 rows in its PSU or one-stage group.

    Each of the two columns is judged by itself. Cells that are empty beside others that are not count as a value too:
    three empty cells would tell as much as three rare ones.

    Parameters
    ----------
    rows : DataFrame
        At least ``township_code, group, psu_code, mode, minutes``.

    Returns
    -------
    DataFrame
        A new table, rows in the order given.
    """
    blanked = rows.copy()
    places = [blanked[name].astype(object).fillna("") for name in ("township_code", "group", "psu_code")]
    for name in ("mode", "minutes"):
        values = blanked[name].astype(object).fillna("")
        for members in values.groupby(places, sort=False).groups.values():
            if values[members].value_counts().min() < SMALLEST:
                values[members] = ""
        blanked[name] = values.astype("str")
    return blanked


def write_responses(
    folder: str | Path,
    groups: Mapping[str, pd.DataFrame],
    townships: pd.DataFrame,
    samples: pd.DataFrame | None,
    questionnaires: Mapping[str, str],
    *,
    overwrite: bool = False,
    check: Callable[[Responses], object] | None = None,
) -> Responses:
    """
    Protect the answers and write the folder of responses.

    Both protections are applied here, so that no caller can forget them; rows that have them already stay as they are.
    The order of the rows is the caller's, who must have shuffled them. A group without rows gets no file. Everything is
    checked before anything is written, so what is written reads back.

    Parameters
    ----------
    folder : str or Path
        A new or empty folder, unless ``overwrite``.
    groups : mapping of str to DataFrame
        By group, as ``responses_from_tables`` takes them.
    townships, samples : DataFrame
        As there; ``samples`` may be None.
    questionnaires : mapping of str to str
        By group, the YAML of the frozen questionnaire.
    check : callable, optional
        Told what will be written, before it is; may refuse it by raising.

    Returns
    -------
    Responses
        What ``read_responses`` gives on the folder.

    Raises
    ------
    ResponsesError
        If the tables have a fault.
    ExportError
        If the folder cannot be written.
    """
    filled = {group: rows for group, rows in groups.items() if len(rows)}
    checked = responses_from_tables(filled, townships, samples, questionnaires)
    responses = replace(checked, groups={group: protect(rows) for group, rows in checked.groups.items()})
    if check is not None:
        check(responses)
    files = {f"{group}.csv": group_csv(rows) for group, rows in responses.groups.items()}
    files["townships.csv"] = group_csv(responses.townships)
    if responses.samples is not None:
        files["samples.csv"] = group_csv(responses.samples)
    for group, text in questionnaires.items():
        files[f"questionnaires/{group}.yaml"] = text.encode("utf-8")
    write_folder(folder, files, overwrite=overwrite)
    return responses


def _joined_codes(sizes: Mapping[str, int]) -> Iterable[list[str]]:
    """Codes that belong together, each list of at least 5 rows unless all of them have fewer."""
    joined: list[list[str]] = []
    waiting: list[str] = []
    rows = 0
    for code in sorted(sizes):
        waiting.append(code)
        rows += sizes[code]
        if rows >= SMALLEST:
            joined.append(waiting)
            waiting, rows = [], 0
    if waiting and joined:
        joined[-1].extend(waiting)
    elif waiting:
        joined.append(waiting)
    return joined


def _sum_or_missing(counts: pd.Series) -> object:
    return counts.sum(skipna=False)


def _mean(weights: pd.Series) -> float:
    """The mean, summed exactly and rounded once, whatever the order of the rows."""
    return float(sum((Fraction(float(weight)) for weight in weights), Fraction()) / len(weights))


def group_csv(table: pd.DataFrame) -> bytes:
    """The bytes that a table of a responses folder has on disk."""
    columns = [[neutralised(text) for text in map(cell, table[name].tolist())] for name in table.columns]
    return csv_bytes(list(table.columns), zip(*columns, strict=True))

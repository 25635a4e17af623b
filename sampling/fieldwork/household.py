"""
One adult of a household: the Kish grid, and the rules' sentences (the next birthday is in birthdays.py).

RULES                     the rules, with what the card says
kish_grid()               Kish's eight tables: which adult answers in a household of 1 to 6 and more
assign_kish(…)            a table for every household of a sample, anyone can redo it
selected_adult(…)         the adult's number in the household's list
kish_probabilities(…)     each adult's chance over the twelve slots, exact

The list of a household's adults runs from the oldest man to the youngest, then from the oldest woman to the youngest,
so that the investigator cannot choose its order. An adult of a household of A answers with probability 1/A: exactly so
by the Kish grid for A = 1, 2, 3, 4 and 6, nearly for 5, not beyond 6 (kish_probabilities); by the next birthday as far
as birthdays have nothing to do with the day of the visit. Where persons rather than households are counted, a person's
weight is the household's times A.
"""

from __future__ import annotations

import operator
from collections.abc import Collection
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from sampling.errors import HouseholdError, Sentence
from sampling.seed import check_seed
from sampling.starts import start

if TYPE_CHECKING:
    import pandas as pd

PROTOCOL = "pingyi-kish/1"
LAST_COLUMN = 6
"""The grid's last column serves all larger households."""

GRID: dict[str, tuple[int, ...]] = {
    "A": (1, 1, 1, 1, 1, 1),
    "B1": (1, 1, 1, 1, 2, 2),
    "B2": (1, 1, 1, 2, 2, 2),
    "C": (1, 1, 2, 2, 3, 3),
    "D": (1, 2, 2, 3, 4, 4),
    "E1": (1, 2, 3, 3, 3, 5),
    "E2": (1, 2, 3, 4, 5, 5),
    "F": (1, 2, 3, 4, 5, 6),
}
"""Table → number of the adult who answers, by the number of adults 1, 2, 3, 4, 5, 6 and more (Kish 1949)."""

SLOTS = ("A", "B1", "C", "D", "E1", "F", "A", "B2", "C", "D", "E2", "F")
"""A, C, D and F twice in twelve, the others once; spread so that neighbours have different tables."""


class Rule(NamedTuple):
    """A rule of selection within the household and the sentences for the card."""

    name: Sentence
    card: Sentence


RULES: dict[str, Rule] = {
    "next_birthday": Rule(
        Sentence("Next birthday", "下一个生日"),
        Sentence(
            "Please let the adult answer whose birthday comes next, today included, by the date on the identity card. Only adults "
            "(18 and over) who live here count. If two share that day, the older answers.",
            "请由家中常住成年人（满 18 周岁）里下一个过生日的人回答（今天生日也算），以身份证上的日期为准；同一天生日的，由年长者回答。",
        ),
    ),
    "kish": Rule(
        Sentence("Kish grid", "Kish 表"),
        Sentence(
            "List the adults (18 and over) who live here: men from the oldest to the youngest, then women from the oldest to the "
            "youngest. Number them from 1. The line below says whose number answers.",
            "请列出家中常住成年人（满 18 周岁）：先男后女，各按年龄从大到小，从 1 起编号；由下行对应编号的人回答。",
        ),
    ),
}
"""The rules: what each is called, and what the card says."""


def kish_grid() -> dict[str, tuple[int, ...]]:
    """
    Kish's selection tables.

    Returns
    -------
    dict of str to tuple of int, shape (6,)
        Table → the adult's number, by the number of adults 1, 2, 3, 4, 5, 6 and more.

    Notes
    -----
    Kish (1949), J. Am. Stat. Assoc. 44, 380-387. The tables stand in the proportions 1/6, 1/12, 1/12, 1/6, 1/6, 1/12,
    1/12, 1/6, as in ``SLOTS``.

    Examples
    --------
    >>> kish_grid()["E1"]
    (1, 2, 3, 3, 3, 5)
    """
    return dict(GRID)


def selected_adult(table: str, adults: int) -> int:
    """
    Which adult answers by a Kish table.

    Parameters
    ----------
    table : str
        A, B1, B2, C, D, E1, E2 or F.
    adults : int
        Adults in the household, at least 1; from 6 on the last column holds.

    Returns
    -------
    int
        Number in the household's list, counted from 1.

    Raises
    ------
    HouseholdError
        When there is no such table or no adult.

    Examples
    --------
    >>> selected_adult("D", 3)
    2
    """
    if table not in GRID:
        raise HouseholdError(
            f"Expected a Kish table ({', '.join(GRID)}), got {table!r}; read it from the card again.",
            f"应为 Kish 表（{'、'.join(GRID)}），实为 {table!r}；请按答卷卡重新填写。",
        )
    return GRID[table][min(_adults(adults), LAST_COLUMN) - 1]


def kish_probabilities(adults: int) -> tuple[Fraction, ...]:
    """
    Each adult's chance of answering when the table is one of the twelve slots, all equally likely.

    Parameters
    ----------
    adults : int
        A, at least 1.

    Returns
    -------
    tuple of Fraction, shape (A,)
        All 1/A for 1, 2, 3, 4 and 6 adults. With 5, the third and fifth have 1/4 and the others 1/6. With 7 and more the
        first six have 1/6 each and the others 0.

    Examples
    --------
    >>> [str(p) for p in kish_probabilities(5)]
    ['1/6', '1/6', '1/4', '1/6', '1/4']
    """
    chosen = [selected_adult(table, adults) for table in SLOTS]
    return tuple(Fraction(chosen.count(number), len(SLOTS)) for number in range(1, adults + 1))


def kish_start(seed: str, township_code: str, group: str) -> int:
    """
    The slot of the first household of a township and group, from 0 to 11.

    It is the start of the sentence ``pingyi-kish/1|{seed}|{township_code}|{group}``.

    Examples
    --------
    >>> kish_start("20261123", "350722204000", "rural")
    9
    """
    return start(f"{PROTOCOL}|{seed}|{township_code}|{group}", len(SLOTS))


def assign_kish(sample: pd.DataFrame, seed: str, *, groups: Collection[str] | None = None) -> pd.Series[str]:
    """
    Assign a Kish table to every household of a sample.

    Parameters
    ----------
    sample : DataFrame
        As in ``Draw.sample``: the columns township_code, group, role and sequence, in any order of rows. ``sequence``
        counts from 1 in list order within township, group and role.
    seed : str
        As checked by ``check_seed``; the draw's, or one of its own.
    groups : collection of str, optional
        Groups whose units are households; all where not given.

    Returns
    -------
    Series of str
        With the sample's index, named ``kish``; missing in the other groups. Unit number k of a township, group and role
        has slot (start + k − 1) mod 12. Main and reserve units run through the slots each by their own numbers.

    Raises
    ------
    HouseholdError
        When a column is missing or a sequence is no whole number of at least 1.
    SeedError
        When the seed cannot be used.

    Notes
    -----
    Over the twelve starts each household has each slot once, so each adult has exactly ``kish_probabilities``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("350722204000", "rural", "main", k) for k in (1, 2, 3)]
    >>> sample = pd.DataFrame(rows, columns=["township_code", "group", "role", "sequence"])
    >>> list(assign_kish(sample, "20261123"))
    ['D', 'E2', 'F']
    """
    import numpy as np
    import pandas as pd

    check_seed(seed)
    _check_columns(sample)
    numbers = _sequence(sample)
    keys = sample[["township_code", "group"]].astype("str")
    # Unsorted, groups are numbered as they first appear, which is the order that drop_duplicates keeps.
    lists = keys.groupby(["township_code", "group"], sort=False).ngroup()
    firsts = keys.drop_duplicates()
    starts = [kish_start(seed, *key) for key in zip(firsts["township_code"], firsts["group"], strict=True)]
    slots = (np.asarray(starts, dtype=np.int64)[lists] + numbers - 1) % len(SLOTS)
    tables = pd.Series(np.asarray(SLOTS, dtype=object)[slots], index=sample.index, name="kish", dtype="str")
    return tables if groups is None else tables.where(sample["group"].isin(list(groups)))


def assigned_sentence(rule: str, *, seed: str, township_code: str, group: str, sequence: int) -> Sentence:
    """
    What the card of one unit says of who answers, with the Kish table that ``assign_kish`` gives to it.

    Parameters
    ----------
    rule : str
        A key of ``RULES``.
    seed, township_code, group, sequence
        Of the unit, as in ``assign_kish``.

    Examples
    --------
    >>> where = {"seed": "20261123", "township_code": "350722204000", "group": "rural"}
    >>> assigned_sentence("kish", **where, sequence=1).en[-56:-44]
    'Adults → num'
    """
    if rule != "kish":
        return card_sentence(rule)
    return card_sentence(rule, SLOTS[(kish_start(seed, township_code, group) + sequence - 1) % len(SLOTS)])


def card_sentence(rule: str, table: str | None = None) -> Sentence:
    """
    What the card says of who answers.

    Parameters
    ----------
    rule : str
        A key of ``RULES``.
    table : str, optional
        The household's Kish table; only for the rule ``kish``, which needs it.

    Returns
    -------
    Sentence
        In English and Chinese.

    Examples
    --------
    >>> card_sentence("kish", "D").en[-56:]
    'Adults → number (table D): 1→1  2→2  3→2  4→3  5→4  6+→4'
    """
    if rule not in RULES:
        raise HouseholdError(
            f"Expected a rule within the household ({', '.join(RULES)}), got {rule!r}; correct it.",
            f"应为户内抽选规则（{'、'.join(RULES)}），实为 {rule!r}；请改正。",
        )
    card = RULES[rule].card
    if rule != "kish":
        return card
    pairs = [(adults, selected_adult(str(table), adults)) for adults in range(1, LAST_COLUMN + 1)]
    shown = "  ".join(f"{adults}{'+' * (adults == LAST_COLUMN)}→{number}" for adults, number in pairs)
    return Sentence(
        f"{card.en} Adults → number (table {table}): {shown}",
        f"{card.zh} 成年人数→编号（{table} 表）：{shown}",
    )


def _adults(adults: int) -> int:
    """A household's number of adults, at least 1."""
    try:
        number = operator.index(adults)
    except TypeError:
        number = 0
    if number < 1:
        raise HouseholdError(
            f"Expected at least 1 adult in the household, got {adults!r}; a household without adults has nobody who can answer.",
            f"户内成年人应不少于 1 人，实为 {adults!r}；家中没有成年人的户无人可答。",
        )
    return number


def _check_columns(sample: pd.DataFrame) -> None:
    """Refuse a sample without the columns that say where a unit stands."""
    missing = [name for name in ("township_code", "group", "role", "sequence") if name not in sample.columns]
    if missing:
        raise HouseholdError(
            f"Expected the sample's columns township_code, group, role and sequence, but {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing; hand over the sample of a draw.",
            f"样本应有 township_code、group、role、sequence 各列，缺 {'、'.join(missing)}；请使用抽样得到的样本。",
        )


def _sequence(sample: pd.DataFrame) -> pd.Series[int]:
    """The units' numbers, refused where they are no whole numbers from 1."""
    import pandas as pd

    numbers = pd.to_numeric(sample["sequence"], errors="coerce")
    wrong = ~((numbers >= 1) & (numbers % 1 == 0)).fillna(False).astype(bool)
    if wrong.any():
        first = sample["sequence"][wrong].iloc[0]
        raise HouseholdError(
            f"Expected whole numbers from 1 in the sample's column sequence, got {first!r}; hand over the sample of a draw.",
            f"样本的 sequence 列应为从 1 起的整数，实有 {first!r}；请使用抽样得到的样本。",
        )
    return numbers.astype("int64")

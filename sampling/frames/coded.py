"""
A column of text as whole numbers, so that a list of any length is checked and sorted at the speed of integers.

Coded        distinct texts in code point order, and for each row the number of its text
pair         numbers for pairs of numbers
all_differ   whether no pair stands twice
first_rows   the first row with the same number
run_starts   where a row differs from the one before
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import lt
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sampling.frames.columns import half_width

Codes: TypeAlias = NDArray[np.int32]

Texts: TypeAlias = Sequence[str] | pa.DictionaryArray
"""A column as it was read: a list of texts, or texts numbered by Arrow, each of which occurs and none is missing."""


@dataclass(frozen=True, eq=False)
class Coded:
    """
    A column of text.

    Attributes
    ----------
    texts : list of str
        Distinct texts in code point order; the empty text, where it occurs, is the first.
    codes : ndarray of int32, shape (n_rows,)
        Index into ``texts``; it is also the rank by which a list is ordered. Half as wide as a row's number, since a
        country's frame is mostly codes.
    """

    texts: list[str]
    codes: Codes

    @classmethod
    def of(cls, values: Texts, *, narrow: bool = False, rename: Callable[[str], str] | None = None) -> Coded:
        """
        Number the texts of a column.

        Parameters
        ----------
        values : Texts
        narrow : bool
            Read full-width characters as half-width.
        rename : callable, optional
            Applied to each distinct text.
        """
        codes, found = _numbered(values)
        texts = [half_width(text).strip() if narrow else text for text in found]
        if rename is not None:
            texts = [rename(text) for text in texts]
        if all(map(lt, texts, islice(texts, 1, None))):
            return cls(texts, codes)
        ordered = sorted(set(texts))
        place = {text: i for i, text in enumerate(ordered)}
        moved = np.array([place[text] for text in texts], dtype=np.int32)
        return cls(ordered, moved[codes])

    @classmethod
    def empty(cls, n_rows: int) -> Coded:
        """A column in which nothing stands."""
        return cls([""], np.zeros(n_rows, dtype=np.int32))

    def __getitem__(self, row: int) -> str:
        return self.texts[int(self.codes[row])]

    def where(self, holds: Callable[[str], Any]) -> NDArray[np.bool_]:
        """The rows whose text fulfils a condition, asked once per distinct text."""
        answers = np.array([bool(holds(text)) for text in self.texts], dtype=bool)
        if not answers.any():
            return np.zeros(len(self.codes), dtype=bool)
        return answers[self.codes]

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """The rows in which something stands."""
        return self.codes > 0 if self.texts and self.texts[0] == "" else np.ones(len(self.codes), dtype=bool)

    def numbers(self, read: Callable[[str], int | None]) -> NDArray[np.int64]:
        """Each row as a whole number, −1 where ``read`` gives none."""
        values = [read(text) for text in self.texts]
        known = np.array([-1 if value is None else value for value in values], dtype=np.int64)
        return np.broadcast_to(known, len(self.codes)) if len(known) == 1 else known[self.codes]

    def take(self, rows: NDArray[np.int64]) -> Coded:
        """The same column with its rows in another order."""
        return Coded(self.texts, self.codes[rows])

    def array(self) -> NDArray[np.object_]:
        """The column as texts."""
        return np.array(self.texts, dtype=object)[self.codes]


def pair(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.int64]:
    """
    One number for each pair of numbers, dense and counted from 0.

    Examples
    --------
    >>> pair(np.array([7, 0, 7]), np.array([1, 1, 1])).tolist()
    [1, 0, 1]
    """
    keys, span = _keys(first, second)
    if span > _SPAN * len(keys):
        codes, _ = pd.factorize(keys)
        return codes.astype(np.int64)
    there = np.zeros(span, dtype=bool)
    there[keys] = True
    numbers: NDArray[np.int64] = np.cumsum(there)[keys] - 1
    return numbers


def all_differ(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """
    Whether no pair of numbers stands twice.

    Examples
    --------
    >>> all_differ(np.array([7, 0, 7]), np.array([1, 1, 1])), all_differ(np.array([7, 0]), np.array([1, 1]))
    (False, True)
    """
    keys, span = _keys(first, second)
    if bool((keys[1:] > keys[:-1]).all()):
        return True
    if span > _SPAN * len(keys):
        return not pd.Index(keys).has_duplicates
    there = np.zeros(span, dtype=bool)
    there[keys] = True
    return int(np.count_nonzero(there)) == len(keys)


def first_rows(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the first row with the same key (dense keys)."""
    first = np.full(int(keys.max(initial=-1)) + 1, len(keys), dtype=np.int64)
    np.minimum.at(first, keys, np.arange(len(keys)))
    return first[keys]


def run_starts(n_rows: int, columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """
    Where a row differs from the row before in any of the columns; the first row too.

    Examples
    --------
    >>> run_starts(4, [np.array([1, 1, 1, 2]), np.array([5, 6, 6, 6])]).tolist()
    [0, 1, 3]
    """
    new = np.zeros(n_rows, dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _keys(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Each pair as one number, and how many numbers there may be."""
    width = int(second.max(initial=0)) + 1
    span = (int(first.max(initial=0)) + 1) * width
    if span >= 2**63:  # never with codes, which number rows
        raise ValueError("numbers too large to be paired")
    return first.astype(np.int64) * width + second, span


_SPAN = 16
"""Pairs are counted in a table as long as it has at most so many places for each row; else by hashing."""


def _numbered(values: Texts) -> tuple[Codes, list[str]]:
    """The number of each row's text, and the distinct texts in order of first appearance."""
    if not isinstance(values, pa.DictionaryArray):
        codes, found = pd.factorize(np.array(values, dtype=object))
        return codes.astype(np.int32), found.tolist()
    return values.indices.to_numpy().astype(np.int32, copy=False), values.dictionary.to_pylist()

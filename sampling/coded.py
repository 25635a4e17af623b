"""
A column of text as whole numbers, so that a list of any length is checked and sorted at the speed of integers.

Coded   distinct texts in code point order, and for each row the number of its text
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sampling.columns import half_width

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
    codes : ndarray of int64, shape (n_rows,)
        Index into ``texts``; it is also the rank by which a list is ordered.
    """

    texts: list[str]
    codes: NDArray[np.int64]

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
        ordered = sorted(set(texts))
        place = {text: i for i, text in enumerate(ordered)}
        moved = np.array([place[text] for text in texts], dtype=np.int64)
        return cls(ordered, moved[codes] if len(moved) else np.zeros(0, dtype=np.int64))

    @classmethod
    def empty(cls, n_rows: int) -> Coded:
        """A column in which nothing stands."""
        return cls([""], np.zeros(n_rows, dtype=np.int64))

    def __getitem__(self, row: int) -> str:
        return self.texts[int(self.codes[row])]

    def where(self, holds: Callable[[str], Any]) -> NDArray[np.bool_]:
        """The rows whose text fulfils a condition, asked once per distinct text."""
        return np.array([bool(holds(text)) for text in self.texts], dtype=bool)[self.codes]

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """The rows in which something stands."""
        return self.codes > 0 if self.texts and self.texts[0] == "" else np.ones(len(self.codes), dtype=bool)

    def numbers(self, read: Callable[[str], int | None]) -> NDArray[np.int64]:
        """Each row as a whole number, −1 where ``read`` gives none."""
        values = [read(text) for text in self.texts]
        return np.array([-1 if value is None else value for value in values], dtype=np.int64)[self.codes]

    def take(self, rows: NDArray[np.int64]) -> Coded:
        """The same column with its rows in another order."""
        return Coded(self.texts, self.codes[rows])

    def array(self) -> NDArray[np.object_]:
        """The column as texts."""
        return np.array(self.texts, dtype=object)[self.codes]


def pair(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    One number for each pair of numbers, dense and counted from 0.

    Examples
    --------
    >>> pair(np.array([7, 0, 7]), np.array([1, 1, 1])).tolist()
    [1, 0, 1]
    """
    width = int(second.max(initial=0)) + 1
    keys = first * width + second
    span = int(keys.max(initial=0)) + 1
    if span > _SPAN * len(keys):
        codes, _ = pd.factorize(keys)
        return codes.astype(np.int64)
    there = np.zeros(span, dtype=bool)
    there[keys] = True
    numbers: NDArray[np.int64] = np.cumsum(there)[keys] - 1
    return numbers


def first_rows(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the first row with the same key (dense keys)."""
    first = np.full(int(keys.max(initial=-1)) + 1, len(keys), dtype=np.int64)
    np.minimum.at(first, keys, np.arange(len(keys)))
    return first[keys]


_SPAN = 16
"""Pairs are counted in a table as long as it has at most so many places for each row; else by hashing."""


def _numbered(values: Texts) -> tuple[NDArray[np.int64], list[str]]:
    """The number of each row's text, and the distinct texts in order of first appearance."""
    if not isinstance(values, pa.DictionaryArray):
        codes, found = pd.factorize(np.array(values, dtype=object))
        return codes, found.tolist()
    return values.indices.to_numpy().astype(np.int64), values.dictionary.to_pylist()

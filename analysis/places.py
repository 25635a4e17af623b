"""
Where each row of answers comes from, as numbers: townships and PSUs in the order of their codes.

places_of     the townships and PSUs of a table of rows
Places        what it gives
numbered      a column of texts as numbers
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Places:
    """
    Townships and PSUs of n rows, both in the order of their codes by code point.

    Attributes
    ----------
    townships : tuple of str
        Codes of those with rows, shape (T,).
    township : array of int
        Each row's township, shape (n,).
    psu : array of int
        Each row's PSU, numbered over all townships, shape (n,).
    psu_codes : tuple of str
        Of each PSU, empty for a township's rows without one, shape (P,).
    psu_township : array of int
        The township of each PSU, shape (P,).
    """

    townships: tuple[str, ...]
    township: np.ndarray
    psu: np.ndarray
    psu_codes: tuple[str, ...]
    psu_township: np.ndarray


def places_of(rows: pd.DataFrame) -> Places:
    """
    The places of rows with ``township_code`` and ``psu_code``.

    Examples
    --------
    >>> found = places_of(pd.DataFrame({"township_code": ["2", "1", "2"], "psu_code": ["b", "a", "a"]}))
    >>> found.township.tolist(), found.psu.tolist(), found.psu_codes
    ([1, 0, 1], [2, 0, 1], ('a', 'a', 'b'))
    """
    township, townships = numbered(rows["township_code"])
    code, codes = numbered(rows["psu_code"])
    pairs = township * max(len(codes), 1) + code
    if len(pairs) and bool((pairs[1:] >= pairs[:-1]).all()):  # as files of one township after another have them
        starts = np.concatenate([[True], pairs[1:] != pairs[:-1]])
        kinds, psu = pairs[starts], np.cumsum(starts) - 1
    else:
        kinds, psu = np.unique(pairs, return_inverse=True)
    psu_township, position = np.divmod(kinds, max(len(codes), 1))
    return Places(townships, township, psu, tuple(codes[place] for place in position.tolist()), psu_township)


def numbered(column: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """
    A column of texts as numbers, and the texts by code point.

    Examples
    --------
    >>> numbers, texts = numbered(pd.Series(["b", "a", "b"]))
    >>> numbers.tolist(), texts
    ([1, 0, 1], ('a', 'b'))
    """
    numbers, found = pd.factorize(column)
    texts = [str(text) for text in found]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(texts), dtype=np.int64)
    place[order] = np.arange(len(texts))
    return place[numbers], tuple(texts[number] for number in order)

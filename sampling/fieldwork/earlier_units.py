"""
Find the units of earlier samples in a frame.

meet(table, earlier, roles)   → Meeting: which rows of the frame are units of earlier samples
lists_of(meeting, staged)     → Lists: which list each row is drawn from

Codes are compared as whole numbers given to their texts, so that a million rows take a second or two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import SamplingError
from sampling.frames.columns import half_width
from sampling.frames.raw_table import cell_text
from sampling.frames.tables import read_table

RESIDENTS = ("urban", "rural")
"""Groups whose frames may share a household: it is the same one by ``psu_code`` and ``unit_code``."""

KEY = ("township_code", "group", "psu_code", "unit_code")
Earlier = pd.DataFrame | str | Path
Codes = NDArray[np.int64]


class ListKey(NamedTuple):
    """A list from which units are drawn: of a one-stage group (no PSU), or of a PSU."""

    township_code: str
    group: str
    psu_code: str


class Meeting(NamedTuple):
    """
    A frame and the earlier samples.

    Attributes
    ----------
    keys : DataFrame of str
        Township, group, PSU and unit of each row of the frame, spelt as a frame spells codes.
    is_unit, met : ndarray of bool
        Rows that stand for one unit (not for a PSU); those of them that are units of earlier samples.
    earlier, not_found : int
        Different units in the earlier samples, and those that the frame does not have.
    """

    keys: pd.DataFrame
    is_unit: NDArray[np.bool_]
    met: NDArray[np.bool_]
    earlier: int
    not_found: int


class Lists(NamedTuple):
    """
    The lists of a frame.

    Attributes
    ----------
    names : list of ListKey
        By first row.
    codes : ndarray of int64
        For each row of the frame the number of its list.
    """

    names: list[ListKey]
    codes: Codes

    def count_of(self, rows: NDArray[np.bool_]) -> list[int]:
        """How many of the given rows each list has."""
        found: list[int] = np.bincount(self.codes[rows], minlength=len(self.names)).tolist()
        return found


def meet(frame_table: pd.DataFrame, earlier: Earlier | Iterable[Earlier], roles: Collection[str]) -> Meeting:
    """
    Which rows of a frame are units of earlier samples.

    Raises
    ------
    SamplingError
        If a table lacks a column, or an earlier sample cannot be read.
    """
    keys = _keys(frame_table, "the frame", "抽样框")
    sources = [earlier] if isinstance(earlier, (pd.DataFrame, str, Path)) else list(earlier)
    both = pd.concat([keys, *(_earlier_keys(source, roles) for source in sources)], ignore_index=True)
    asked = np.arange(len(both)) >= len(keys)
    given = (both["unit_code"] != "").to_numpy()
    units, homes = _numbered(both[list(KEY)]), _numbered(both[["psu_code", "unit_code"]])
    resident = both["group"].isin(RESIDENTS).to_numpy() & (both["psu_code"] != "").to_numpy() & given
    known = given & np.isin(units, units[asked]) | resident & np.isin(homes, homes[asked & resident])
    here = np.isin(units, units[~asked]) | resident & np.isin(homes, homes[~asked & resident])
    return Meeting(
        keys,
        is_unit=given[~asked],
        met=known[~asked],
        earlier=len(np.unique(units[asked])),
        not_found=len(np.unique(units[asked & ~here])),
    )


def lists_of(meeting: Meeting, staged: Collection[str]) -> Lists:
    """The list of each row: that of its PSU where the group is drawn in stages, else that of the group."""
    keys = meeting.keys
    psus = keys["psu_code"].where(keys["group"].isin(list(staged)), "")
    own = keys[["township_code", "group"]].assign(psu_code=psus)
    codes = _numbered(own)
    _, first = np.unique(codes, return_index=True)
    return Lists([ListKey(*row) for row in own.iloc[first].to_numpy().tolist()], codes)


def _numbered(table: pd.DataFrame) -> Codes:
    """One number for each different row, dense, in order of first appearance."""
    codes = np.zeros(len(table), dtype=np.int64)
    for column in table.columns:
        own, texts = pd.factorize(table[column])
        codes, _ = pd.factorize(codes * (len(texts) + 1) + own)
    return codes.astype(np.int64)


MAX_SAMPLE = 2**30
"""A country's sample may be larger than the frames that are read whole."""


def _earlier_keys(source: Earlier, roles: Collection[str]) -> pd.DataFrame:
    """The units of one earlier sample."""
    if isinstance(source, pd.DataFrame):
        table = source
    else:
        path = Path(source)
        raw = read_table(path / "sample.csv" if path.is_dir() else path, max_bytes=MAX_SAMPLE)
        raw.faults.raise_if_any()
        table = pd.DataFrame(dict(zip(raw.header, raw.columns, strict=True)), dtype=object)
    if "role" in table.columns:
        table = table[table["role"].isin(list(roles))]
    return _keys(table, "an earlier sample", "以往样本")


def _keys(table: pd.DataFrame, en: str, zh: str) -> pd.DataFrame:
    """Township, group, PSU and unit of each row, spelt as a frame spells codes."""
    lacking = [column for column in KEY if column not in table.columns]
    if lacking:
        raise SamplingError(
            f"Expected the column {lacking[0]} in {en}, found {', '.join(map(str, table.columns))}; "
            "give Frame.table, or sample.csv of a draw.",
            f"{zh}应有 {lacking[0]} 列，实有 {'、'.join(map(str, table.columns))}；请提供 Frame.table 或抽样的 sample.csv。",
        )
    return pd.DataFrame({column: _texts(table[column]) for column in KEY}, dtype=object)


def _texts(column: pd.Series[Any]) -> NDArray[np.object_]:
    """A column's texts, each different one tidied once."""
    codes, found = pd.factorize(column, use_na_sentinel=False)
    texts = np.array([half_width(cell_text(text)).strip() for text in found.tolist()], dtype=object)
    return texts[codes]

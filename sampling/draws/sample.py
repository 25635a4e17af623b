"""
The sample as a table: the rows of ``sample.csv``.

sample_table(coded, drawn)   the units of all groups in the file's order → SampleTable
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.csvfile import Column, csv_bytes
from sampling.draws.recording import main_per_psu
from sampling.figures import figure
from sampling.frames.coded import Coded
from sampling.selection.group_draw import GroupDraw
from sampling.selection.probabilities import Chain

SAMPLE_COLUMNS = (
    *("township_code", "group", "psu_code", "ssu_code", "unit_code", "role", "sequence", "reserve_for", "hits"),
    *("pi_1", "pi_2", "pi_3", "pi", "weight"),
)
FIGURES = ("pi_1", "pi_2", "pi_3", "pi", "weight")
ROLES = ("main", "reserve")

Ints = NDArray[np.int64]
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class SampleTable:
    """
    The units of a sample.

    Attributes
    ----------
    rows : ndarray of int64
        Row of the frame of each unit, in the order of ``sample.csv``.
    columns : dict of Column
        Those of ``sample.csv``.
    main_per_psu : dict
        By group, how many main units each PSU that was hit has.
    """

    rows: Ints
    columns: dict[str, Column]
    main_per_psu: dict[str, list[int]]

    def csv(self) -> bytes:
        """``sample.csv``."""
        return csv_bytes(SAMPLE_COLUMNS, list(self.columns.values()))

    def frame(self) -> pd.DataFrame:
        """The sample with numbers as numbers, by row of the frame."""
        table = {
            name: np.array(texts, dtype=object)[codes] if len(codes) else np.zeros(0, dtype=object)
            for name, (texts, codes) in self.columns.items()
            if name not in ("sequence", "hits", *FIGURES)
        }
        texts, codes = self.columns["hits"]
        hits = pd.array([int(text) if text else None for text in texts], dtype="Int64").take(codes)
        figures = {
            name: np.array([float(text) if text else np.nan for text in self.columns[name][0]])[self.columns[name][1]]
            for name in FIGURES
        }
        numbers = {"sequence": self.columns["sequence"][1] + 1, "hits": hits, **figures}
        ordered = {name: (table | numbers)[name] for name in SAMPLE_COLUMNS}
        return pd.DataFrame(ordered, index=pd.Index(self.rows, name="row"))


def sample_table(coded: Mapping[str, Coded], drawn: Mapping[str, GroupDraw]) -> SampleTable:
    """
    The units of all groups: by township and group, main before reserve, then as they stand in the frame.

    Parameters
    ----------
    coded : mapping
        The frame's columns, in its order.
    drawn : mapping
        By group code, in the order of codes.
    """
    takes = [path for found in drawn.values() for path in found.takes]
    first_take = np.cumsum([0, *(len(found.takes) for found in drawn.values())])[:-1].tolist()
    rows, mains, take = _units(drawn, first_take)
    role = (mains >= 0).astype(np.int64)
    order = np.lexsort((rows, role, coded["group"].codes[rows], coded["township_code"].codes[rows]))
    rows, mains, role, take = rows[order], mains[order], role[order], take[order]
    columns: dict[str, Column] = {
        name: (coded[name].texts, coded[name].codes[rows])
        for name in ("township_code", "group", "psu_code", "ssu_code", "unit_code")
    }
    columns["role"] = (ROLES, role)
    columns["sequence"] = _sequence(columns["township_code"][1], columns["group"][1], role)
    columns["reserve_for"] = _reserve_for(coded["unit_code"], mains)
    hits = {group: [psu.hits for psu in found.drawn] for group, found in drawn.items()}
    columns["hits"] = (
        ["" if path.psu < 0 else str(hits[group][path.psu]) for group, found in drawn.items() for path in found.takes],
        take,
    )
    for name, texts in zip(FIGURES, _figures([path.chain for path in takes]), strict=True):
        columns[name] = (texts, take)
    return SampleTable(rows, columns, {group: main_per_psu(found) for group, found in drawn.items()})


def _units(drawn: Mapping[str, GroupDraw], first_take: list[int]) -> tuple[Ints, Ints, Ints]:
    """Row of the frame, row of the main unit (−1 for a main unit) and number of its list, of every unit."""
    nothing = np.zeros(0, dtype=np.int64)
    rows, mains, takes = [nothing], [nothing], [nothing]
    for found, first in zip(drawn.values(), first_take, strict=True):
        rows += [found.main, found.reserve]
        mains += [np.full(len(found.main), -1, dtype=np.int64), found.main[found.reserve_main]]
        takes += [first + found.main_list, first + found.main_list[found.reserve_main]]
    return np.concatenate(rows), np.concatenate(mains), np.concatenate(takes)


def _sequence(townships: Numbers, groups: Numbers, role: Ints) -> Column:
    """Numbers from 1 within township, group and role."""
    new = (np.diff(townships, prepend=-1) != 0) | (np.diff(groups, prepend=-1) != 0) | (np.diff(role, prepend=-1) != 0)
    begins = np.flatnonzero(new)
    number = np.arange(len(role), dtype=np.int64) - np.repeat(begins, np.diff(np.append(begins, len(role))))
    return [str(k + 1) for k in range(int(number.max(initial=-1)) + 1)], number


def _reserve_for(units: Coded, mains: Ints) -> Column:
    """The main unit's code; a main unit stands for nobody."""
    return ["", *units.texts], np.where(mains < 0, 0, units.codes[np.maximum(mains, 0)] + 1)


def _figures(chains: list[Chain]) -> list[list[str]]:
    """pi_1, pi_2, pi_3, pi and weight of each list as text, each rounded once."""
    known: dict[Chain, tuple[str, ...]] = {}
    for own in chains:
        if own and own not in known:
            product = own.product
            stages = ("" if ratio is None else figure(ratio) for ratio in own.columns)
            known[own] = tuple(chain(stages, (figure(product), figure(product.inverse))))
    nothing = ("",) * len(FIGURES)
    found = [known.get(own, nothing) for own in chains]
    return [list(column) for column in zip(*found, strict=True)] if found else [[] for _ in FIGURES]

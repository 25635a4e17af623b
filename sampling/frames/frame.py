"""
The frame (抽样框): the list from which a sample is drawn, read strictly.

read_frame(source, design=…)   a file, bytes or DataFrame → Frame, or FrameError with every fault
Frame                          the list in its order, its warnings, its report, its official file and hash
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sampling.csvfile import Column, csv_bytes
from sampling.designs.design import Design
from sampling.errors import Fault, Sentence
from sampling.frames.cautions import check_cautions
from sampling.frames.checks import check_relations, check_values
from sampling.frames.coded import Coded, run_starts
from sampling.frames.columns import CANONICAL, CODES, OFFICIAL, chinese_name, understand
from sampling.frames.ordering import list_order
from sampling.frames.psus import EarlierPsus
from sampling.frames.raw_table import RawTable, column_letter
from sampling.frames.sheet import Sheet
from sampling.frames.tables import from_frame, read_table

MAX_WARNINGS = 1000
"""So many warnings are kept in words."""


@dataclass(frozen=True)
class ListCount:
    """How many rows a township has in a group: PSUs, rows that stand for whole PSUs, and units."""

    township_code: str
    township: str
    group: str
    psus: int
    psu_rows: int
    units: int


@dataclass(frozen=True)
class FrameReport:
    """
    What was read.

    Attributes
    ----------
    name, kind, encoding, sheet : str
        The file, ``csv``, ``xlsx`` or ``table``, its encoding or its sheet.
    rows : int
    columns : dict
        Canonical column → header as written in the file.
    unknown : tuple of str
        Headers of columns that were kept as they are.
    counts : tuple of ListCount
        By township and group.
    """

    name: str
    kind: str
    encoding: str
    sheet: str
    rows: int
    columns: dict[str, str]
    unknown: tuple[str, ...]
    counts: tuple[ListCount, ...]


@dataclass(frozen=True, eq=False)
class Frame:
    """
    A sound frame.

    Attributes
    ----------
    design : Design
        The one it was checked for; it decides the order of lists.
    coded : dict of Coded
        The canonical columns as whole numbers; by township and group (code point), PSU rows first, then list order.
    kept : dict of sequence
        The columns that Pingyi does not know, as texts, in the order of the file.
    order : ndarray of int64
        For each row its place in the file, counted from 0.
    warnings : tuple of Fault
    report : FrameReport
    """

    design: Design
    coded: dict[str, Coded]
    kept: dict[str, Sequence[str]]
    order: NDArray[np.int64]
    warnings: tuple[Fault, ...]
    report: FrameReport

    def __len__(self) -> int:
        return len(self.order)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The canonical columns as texts, then unknown ones; rows as in ``coded``."""
        return pd.DataFrame(
            {column: self.coded[column].array() for column in CANONICAL}
            | {header: np.array(cells, dtype=object)[self.order] for header, cells in self.kept.items()},
            dtype=object,
        )

    def official_csv(self, rows: NDArray[np.int64] | None = None) -> bytes:
        """``frame.csv``: the frame without names, addresses and phones; of all rows, or of those given."""
        return csv_bytes(OFFICIAL, self.official_columns(rows))

    def official_columns(self, rows: NDArray[np.int64] | None = None) -> list[Column]:
        """The columns of ``frame.csv``."""
        columns = [self.coded[column] for column in OFFICIAL]
        return [(c.texts, c.codes if rows is None else c.codes[rows]) for c in columns]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of ``official_csv()``, which is shown before a seed can be entered."""
        return hashlib.sha256(self.official_csv()).hexdigest()


def read_frame(
    source: Path | str | bytes | pd.DataFrame,
    *,
    design: Design,
    townships: Mapping[str, str] | None = None,
    name: str = "",
    max_bytes: int | None = None,
) -> Frame:
    """
    A frame from a CSV, XLSX or Parquet file, its bytes, or a DataFrame.

    Parameters
    ----------
    design : Design
        Its groups are the ones that may stand in the frame; their codes or labels.
    townships : mapping, optional
        Code → name of the round's townships; others are then a fault.
    name : str
        How sentences call the file.
    max_bytes : int, optional
        A larger file is refused; 40 MB where not given. A list takes some ten times its bytes in memory; longer ones
        are drawn by ``draw_stream``.

    Raises
    ------
    FrameError
        With every fault by row and column, the first 100 in words.
    """
    if isinstance(source, pd.DataFrame):
        return build_frame(from_frame(source, name), design=design, townships=townships)
    raw = read_table(source, name, max_bytes=max_bytes)
    return build_frame(raw, design=design, townships=townships)


def build_frame(
    raw: RawTable,
    *,
    design: Design,
    townships: Mapping[str, str] | None = None,
    contacts: bool = True,
    earlier: EarlierPsus | None = None,
) -> Frame:
    """
    A frame from a list as text; ``contacts`` is False for ``frame.csv``, which has no names.

    ``earlier`` holds the PSUs of the pieces before, where the list is a piece of a larger one.

    Raises
    ------
    FrameError
        As ``read_frame``.
    """
    sheet, unknown = _sheet(raw, design, contacts)
    check_values(sheet, townships)
    check_relations(sheet)
    if earlier is not None:
        earlier.check(sheet)
    sheet.faults.raise_if_any()
    if contacts:
        check_cautions(sheet, townships)
    order = list_order(sheet)
    coded = {column: _plain_numbers(column, sheet.cells[column]) for column in CANONICAL}
    if order is not None:
        coded = {name: cells.take(order) if len(cells.texts) > 1 else cells for name, cells in coded.items()}
    report = FrameReport(
        name=raw.name,
        kind=raw.kind,
        encoding=raw.encoding,
        sheet=raw.sheet,
        rows=len(raw.rows),
        columns=dict(sheet.headers),
        unknown=tuple(unknown),
        counts=_counts(coded, sheet.psu_rows if order is None else sheet.psu_rows[order]),
    )
    order = np.arange(len(raw.rows), dtype=np.int64) if order is None else order
    return Frame(design, coded, unknown, order, sheet.warnings.shown(MAX_WARNINGS), report)


def _sheet(raw: RawTable, design: Design, contacts: bool) -> tuple[Sheet, dict[str, Sequence[str]]]:
    """Give columns their meaning; two with the same one are a fault, unknown ones are kept."""
    headers = understand(raw.header)
    spellings = {label: group.group for group in design.groups for label in (group.label.zh, group.label.en)}
    spellings |= {text.lower(): group for text, group in spellings.items()}
    cells = {column: Coded.empty(len(raw.rows)) for column in CANONICAL}
    for column, position in headers.known.items():
        rename = partial(_spelt, spellings) if column == "group" else None
        cells[column] = Coded.of(raw.columns[position], narrow=column in CODES, rename=rename)
    sheet = Sheet(
        cells=cells,
        headers={column: raw.header[position] for column, position in headers.known.items()},
        rows=_numbers(raw.rows),
        design=design,
        contacts=contacts,
        faults=raw.faults,
        warnings=raw.warnings,
    )
    for position, column in headers.twice:
        sheet.faults.add(
            Sentence(
                f"the headers “{raw.header[position]}” and “{sheet.headers[column]}” both mean {column}; "
                "expected one such column, rename or delete the other.",
                f"表头“{raw.header[position]}”与“{sheet.headers[column]}”含义相同（{chinese_name(column)}）；"
                "只应有一列，请改名或删除另一列。",
            ),
            column=raw.header[position],
        )
    return sheet, _unknown(raw, headers.unknown)


def _numbers(rows: Sequence[int]) -> NDArray[np.int64]:
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, rows.step, dtype=np.int64)
    return np.array(rows, dtype=np.int64)


def _spelt(spellings: Mapping[str, str], text: str) -> str:
    """A group's code, where its label was written."""
    return spellings.get(text) or spellings.get(text.lower(), text)


def _unknown(raw: RawTable, positions: list[int]) -> dict[str, Sequence[str]]:
    """Columns that Pingyi does not know, under names of their own; wholly empty ones without a header are dropped."""
    kept: dict[str, Sequence[str]] = {}
    for position in positions:
        column = raw.columns[position]
        header, cells = raw.header[position], column.to_pylist() if isinstance(column, pa.DictionaryArray) else column
        if not header and not any(cells):
            continue
        name = header or f"column {column_letter(position)}"
        while name in kept or name in CANONICAL:
            name += " (2)"
        kept[name] = cells
    return kept


def _plain_numbers(column: str, cells: Coded) -> Coded:
    """``size`` and ``order`` as plain whole numbers, whatever zeros the file wrote around them."""
    if column not in ("size", "order"):
        return cells
    plain = [str(int(float(text))) if "." in text else (str(int(text)) if text else "") for text in cells.texts]
    return Coded(plain, cells.codes)


def _counts(coded: dict[str, Coded], psu_rows: NDArray[np.bool_]) -> tuple[ListCount, ...]:
    townships, names, groups, psus = (coded[c] for c in ("township_code", "township", "group", "psu_code"))
    bounds = np.array(list_bounds(coded), dtype=np.int64)
    runs = run_starts(len(psu_rows), [townships.codes, groups.codes, psus.codes])
    owner = np.searchsorted(bounds[:, 0], runs, side="right") - 1
    found = np.unique((owner * len(psus.texts) + psus.codes[runs])[psus.given[runs]])
    n_psus = np.bincount(found // len(psus.texts), minlength=len(bounds)).tolist()
    of_psus = np.add.reduceat(psu_rows, bounds[:, 0], dtype=np.int64).tolist()
    return tuple(
        ListCount(townships[first], names[first], groups[first], n_psus[k], of_psus[k], end - first - of_psus[k])
        for k, (first, end) in enumerate(bounds.tolist())
    )


def list_bounds(coded: dict[str, Coded]) -> list[tuple[int, int]]:
    """First row and end of each township's list of a group, in the order of the sorted frame."""
    townships, groups = coded["township_code"].codes, coded["group"].codes
    bounds = [*run_starts(len(townships), [townships, groups]).tolist(), len(townships)]
    return list(pairwise(bounds))

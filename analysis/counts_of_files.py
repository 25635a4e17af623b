"""
Counts of answers from large files, a part at a time.

count_files    CSV or Parquet files to the table that ``count_answers`` gives

A file is read in parts of some ten thousand rows; what stays in memory is the counts. Answers and places are numbered by
Arrow, and the numbers counted by numpy, so that the cost is one pass over each column.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from analysis.checks import ANSWERS, ROW_COLUMNS, ROW_RULES, Rule
from analysis.counts import KEYS, TALLIES, taken
from analysis.errors import AnalysisError

PART_ROWS = 131_072
_BLOCK_BYTES = 1 << 24
_NEEDED = ("round", "wave", "township_code", "group", "psu_code", "weight")
_TEXT = pa.dictionary(pa.int32(), pa.string())
_ANSWER_NUMBERS: dict[str | None, int] = {
    **{answer: number for number, answer in enumerate(ANSWERS)},
    "": len(ANSWERS),
    None: len(ANSWERS),
}

Place = tuple[int, str, str]
"""Wave, township code, PSU code."""


@dataclass
class _GroupCounts:
    """The counts of one group so far: the places seen, by number, and their tallies, shape (places, items, 5)."""

    items: tuple[str, ...]
    places: dict[Place, int] = field(default_factory=dict)
    tallies: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=np.int64))

    def numbers(self, places: Iterable[Place]) -> np.ndarray:
        """The places' numbers; new ones get the next."""
        found = np.array([self.places.setdefault(place, len(self.places)) for place in places], dtype=np.int64)
        if len(self.places) > len(self.tallies):
            grown = np.zeros(
                (max(len(self.places), 2 * len(self.tallies)), len(self.items), len(TALLIES)), dtype=np.int64
            )
            grown[: len(self.tallies)] = self.tallies if self.tallies.size else 0
            self.tallies = grown
        return found


def count_files(paths: Iterable[str | Path]) -> pd.DataFrame:
    """
    Count the answers of files that need not fit into memory.

    Parameters
    ----------
    paths : iterable of str or Path
        ``.csv`` (UTF-8) or ``.parquet`` files with the columns of the contract, one group in each; a group may be spread over
        several files. Columns beyond the contract's are items, in the order of the group's first file.

    Returns
    -------
    DataFrame
        As ``count_answers`` gives it; the same rows give the same table, however they are split.

    Raises
    ------
    AnalysisError
        If a file cannot be read, has a row of another length, lacks a column, holds two groups, two rounds or another set of
        items than the group's first file, a cell that ``read_responses`` would refuse, or, in some rows of a township
        only, no PSU.
    """
    groups: dict[str, _GroupCounts] = {}
    cells = _Cells()
    for path in map(Path, paths):
        first_row = 2  # the header is row 1
        for part in _parts(path):
            cells.check(path, part, first_row)
            _add(path, part, first_row, groups)
            first_row += part.num_rows
    if not groups:
        raise AnalysisError(
            "count_files: expected files with rows of answers, found none; check the paths.",
            "计数：应有含答卷的文件，实无，请检查路径。",
        )
    for group, counts in groups.items():
        _check_psus(group, counts.places)
    return _table(groups)


@dataclass
class _Cells:
    """Holds the cells beside the answers to what ``read_responses`` asks of them."""

    round: str | None = None
    good: dict[str, set[object]] = field(default_factory=lambda: {name: set() for name in ROW_RULES})

    def check(self, path: Path, part: pa.RecordBatch, first_row: int) -> None:
        for name, rule in ROW_RULES.items():
            if name != "round" or self.round is None:
                self._check_column(path, name, part.column(name), rule, first_row)
        if self.round is None and part.num_rows:
            self.round = _text(part.column("round")[0].as_py())
            self.good["round"].clear()
        same = Rule(
            (self.round or "").__eq__,
            f"the round of the first row, {self.round!r} (a count is of one round)",
            f"与第一行相同的轮次 {self.round!r}（一次只计一个轮次）",
        )
        self._check_column(path, "round", part.column("round"), same, first_row)

    def _check_column(self, path: Path, name: str, column: pa.Array, rule: Rule, first_row: int) -> None:
        encoded, good = _encoded(column), self.good[name]
        values = encoded.dictionary.to_pylist()
        fresh = {value for value in (*values, None) if value not in good}
        good |= {value for value in fresh if rule.is_good(_text(value))}
        if not any(value not in good for value in (*values, None)):
            return
        is_good = np.array([value in good for value in (*values, None)])
        rows = is_good[encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
        if rows.all():
            return
        row = int(np.argmin(rows))
        found = _text(column[row].as_py())
        raise AnalysisError(
            f"{path.name}, row {first_row + row}, column {name}: expected {rule.en}, found {repr(found) if found else 'nothing'}; "
            "correct the cell.",
            f"{path.name}第 {first_row + row} 行“{name}”列：应为{rule.zh}，实为{f' {found!r}' if found else '空'}，请改正该格。",
        )


def _check_psus(group: str, places: Iterable[Place]) -> None:
    """A township's rows of a group name their PSU in every row or, in a one-stage group, in none."""
    found: dict[tuple[int, str], set[bool]] = {}
    for wave, township, psu in places:
        found.setdefault((wave, township), set()).add(bool(psu))
    mixed = sorted(township for (_, township), kinds in found.items() if len(kinds) > 1)
    if mixed:
        raise AnalysisError(
            f"count_files, group {group}, township {mixed[0]}: expected a psu_code in all rows or in none, found some without; "
            "complete them.",
            f"计数：{group} 类乡镇 {mixed[0]} 各行应均有或均无 psu_code，实有部分缺少，请补全。",
        )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _parts(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        yield from _parquet_parts(path) if path.suffix == ".parquet" else _csv_parts(path)
    except (OSError, pa.ArrowException) as error:
        if path.suffix != ".parquet" and isinstance(error, pa.ArrowInvalid):
            _refuse_ragged(path)
        reason = str(error).splitlines()[0][:120]
        raise AnalysisError(
            f"{path.name}: expected a readable CSV (UTF-8) or Parquet file, but it is not ({reason}); export it again.",
            f"{path.name}：应为可读的 CSV（UTF-8）或 Parquet 文件，但不是（{reason}），请重新导出。",
        ) from error


def _refuse_ragged(path: Path) -> None:
    """Name the first row that has not as many cells as the header; Arrow does not say which it is."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            wanted = len(next(rows))
            row, number = next((row, len(cells)) for row, cells in enumerate(rows, 2) if cells and len(cells) != wanted)
    except (OSError, UnicodeDecodeError, csv.Error, StopIteration):
        return
    raise AnalysisError(
        f"{path.name}, row {row}: expected {wanted} cells as in the header, found {number}; complete the row, or export the file "
        "again if it was cut off.",
        f"{path.name}第 {row} 行：应有与表头相同的 {wanted} 格，实有 {number} 格，请补全该行；文件若被截断，请重新导出。",
    )


def _parquet_parts(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.parquet.ParquetFile(path) as plain:
        names = plain.schema_arrow.names
    _check_columns(path, names)
    with pa.parquet.ParquetFile(path, read_dictionary=names) as file:
        yield from file.iter_batches(PART_ROWS, columns=_columns(names))


def _csv_parts(path: Path) -> Iterator[pa.RecordBatch]:
    read = pa.csv.ReadOptions(block_size=_BLOCK_BYTES)
    with pa.csv.open_csv(path, read_options=read) as header:
        names = header.schema.names
    _check_columns(path, names)
    _refuse_cut_after_comma(path)
    convert = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, _TEXT), include_columns=_columns(names))
    with pa.csv.open_csv(path, read_options=read, convert_options=convert) as file:
        yield from file


def _refuse_cut_after_comma(path: Path) -> None:
    """A file that ends in a comma may have lost its last cell: Arrow would take it as empty, a skipped item."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b",":
            return
    raise AnalysisError(
        f"{path.name}: expected a whole last row, found the end of the file behind a comma; the file was cut off, export it again.",
        f"{path.name}：最后一行应完整，文件在逗号后结束：文件被截断，请重新导出。",
    )


def _columns(names: list[str]) -> list[str]:
    return [*_NEEDED, *_items(names)]


def _items(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in ROW_COLUMNS)


def _check_columns(path: Path, names: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing or not _items(names):
        lacking = ", ".join(missing) or "item"
        raise AnalysisError(
            f"{path.name}: expected the columns {', '.join(_NEEDED)} and one for each item, found no {lacking}; add it.",
            f"{path.name}：应有 {'、'.join(_NEEDED)} 和各题的列，缺 {'、'.join(missing) or '题目'}，请补上。",
        )


def _add(path: Path, part: pa.RecordBatch, first_row: int, groups: dict[str, _GroupCounts]) -> None:
    if not part.num_rows:
        return
    items = _items(part.schema.names)
    counts = _group_counts(path, part, items, groups)
    places, kinds = _places(part)
    numbers = counts.numbers(kinds)
    keys = places * len(TALLIES)
    for column, item in enumerate(items):
        answers = _answers(path, part.column(item), item, first_row)
        found = np.bincount(keys + answers, minlength=len(kinds) * len(TALLIES))
        counts.tallies[numbers, column] += found.reshape(-1, len(TALLIES))


def _group_counts(
    path: Path, part: pa.RecordBatch, items: tuple[str, ...], groups: dict[str, _GroupCounts]
) -> _GroupCounts:
    found = sorted({str(value) for value in part.column("group").unique().to_pylist()})
    if len(found) > 1:
        raise AnalysisError(
            f"{path.name}: expected one group in a file, found {', '.join(found)}; write one file for each.",
            f"{path.name}：一个文件应只有一类，实有 {'、'.join(found)}，请每类写一个文件。",
        )
    counts = groups.setdefault(found[0], _GroupCounts(items))
    if counts.items != items:
        raise AnalysisError(
            f"{path.name}: expected the items of the group's first file ({', '.join(counts.items)}), found {', '.join(items)}; "
            "export them with one questionnaire.",
            f"{path.name}：题目应与该类第一个文件相同（{'、'.join(counts.items)}），实为 {'、'.join(items)}，请按同一问卷导出。",
        )
    return counts


def _places(part: pa.RecordBatch) -> tuple[np.ndarray, list[Place]]:
    """Each row's place as a number, and the places in the order of these numbers."""
    number = np.zeros(part.num_rows, dtype=np.int64)
    values: list[list[object]] = []
    for name in ("wave", "township_code", "psu_code"):
        column = _encoded(part.column(name))
        values.append(column.dictionary.to_pylist())
        number = number * (len(values[-1]) + 1) + column.indices.fill_null(len(values[-1])).to_numpy(
            zero_copy_only=False
        )
    kinds, places = np.unique(number, return_inverse=True)
    waves, townships, psus = ([*each, ""] for each in values)
    rest, psu = np.divmod(kinds, len(psus))
    wave, township = np.divmod(rest, len(townships))
    found = zip(wave.tolist(), township.tolist(), psu.tolist(), strict=True)
    return places, [(int(str(waves[w])), str(townships[t]), str(psus[p] or "")) for w, t, p in found]


def _answers(path: Path, column: pa.Array, item: str, first_row: int) -> np.ndarray:
    """Answers as the positions in ``TALLIES``."""
    encoded = _encoded(column)
    known = [_ANSWER_NUMBERS.get(value, -1) for value in encoded.dictionary.to_pylist()]
    numbers = np.array([*known, len(ANSWERS)], dtype=np.int64)
    answers = numbers[encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]
    if -1 in known and bool((answers < 0).any()):
        row = int(np.argmax(answers < 0))
        value = column[row].as_py()
        raise AnalysisError(
            f"{path.name}, row {first_row + row}, column {item}: expected satisfied, basic, unsatisfied, unknown or nothing, "
            f"found {value!r}; correct the cell.",
            f"{path.name}第 {first_row + row} 行“{item}”列：应为 satisfied、basic、unsatisfied、unknown 或空，实为 {value!r}，请改正该格。",
        )
    return np.asarray(answers)


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _table(groups: dict[str, _GroupCounts]) -> pd.DataFrame:
    """The counts in the order of ``count_answers``, line by line of the places in theirs."""
    names = sorted(groups)
    places = sorted(
        (wave, township, group, psu, number)
        for group, name in enumerate(names)
        for (wave, township, psu), number in groups[name].places.items()
    )
    widths = np.array([len(groups[name].items) for name in names])
    group = np.array([place[2] for place in places])
    lines = np.repeat(np.arange(len(places)), widths[group])
    column = np.arange(len(lines)) - np.repeat(np.cumsum(widths[group]) - widths[group], widths[group])
    tallies = np.concatenate(
        [groups[name].tallies[: len(groups[name].places)].reshape(-1, len(TALLIES)) for name in names]
    )
    blocks = np.cumsum([0, *(len(groups[name].places) * len(groups[name].items) for name in names)])
    number = np.array([place[4] for place in places])
    tallies = tallies[(blocks[group] + number * widths[group])[lines] + column]
    firsts = np.cumsum([0, *widths])
    texts = {
        "township_code": taken([place[1] for place in places], lines),
        "group": taken(names, group[lines]),
        "psu_code": taken([place[3] for place in places], lines),
        "item": taken([item for name in names for item in groups[name].items], firsts[group[lines]] + column),
    }
    table = {"wave": np.array([place[0] for place in places], dtype=np.int64)[lines], **texts}
    table |= {name: tallies[:, position] for position, name in enumerate(TALLIES)}
    return pd.DataFrame({name: table[name] for name in (*KEYS, *TALLIES)})

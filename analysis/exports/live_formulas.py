"""
Formulas that make the workbook recompute its own figures, from the counts of the item sheet up to the ranks.

share of answers  each of the four counts over their sum
item score        (5·satisfied + 3·basic + 0·unsatisfied) / those who judged; the county's mean where nobody could judge
group total       mean of the item scores, brought to the full mark
public appraisal  mean of the groups' totals
rank              how many stand higher, plus one

They hold under the default readings alone, and look rows up by their keys, so that sorting a sheet breaks nothing. Each cell
also holds the figure itself, so that a reader who does not calculate sees the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_col_to_name

from analysis.readings import READINGS
from analysis.results import TABLES, Scores
from analysis.scheme import SCORED_ANSWERS

MOST_ITEM_ROWS = 20_000
"""Beyond it looking rows up by their keys would take a spreadsheet too long, and figures stand without formulas."""

TIED = "0.000000001"
"""Scores closer than this share a rank in the sheet: its doubles are no fractions."""


def are_live(scores: Scores) -> bool:
    """Whether the workbook gets formulas: under the default readings, and up to ``MOST_ITEM_ROWS`` rows of items."""
    chosen = scores.scheme.readings
    return len(scores.items) <= MOST_ITEM_ROWS and all(
        chosen[name] == reading.default for name, reading in READINGS.items()
    )


class Formulas:
    """The formula of a cell by table, column and row (counted from 1, the row below the header)."""

    def __init__(self, scores: Scores) -> None:
        self._scheme = scores.scheme
        self._last = {name: len(scores.table(name)) + 1 for name in TABLES}
        self._makers = {
            ("items", "score"): self._item_score,
            ("groups", "total"): self._group_total,
            ("townships", "public_appraisal"): self._public_appraisal,
            ("townships", "rank"): self._rank,
        }

    def of(self, table: str, column: str, row: int) -> str | None:
        """The formula, or None for a cell that holds a plain value."""
        if table == "items" and column.startswith("share_"):
            return self._share(column.removeprefix("share_"), row + 1)
        maker = self._makers.get((table, column))
        return None if maker is None else maker(row + 1)

    def _share(self, answer: str, row: int) -> str:
        four = "+".join(self._cell("items", name, row) for name in (*SCORED_ANSWERS, "unknown"))
        return f"={self._cell('items', answer, row)}/({four})"

    def _item_score(self, row: int) -> str:
        own = {name: self._cell("items", name, row) for name in SCORED_ANSWERS}
        county = {name: self._sum_over_townships(name, row) for name in SCORED_ANSWERS}
        judged = "+".join(own.values())
        return (
            f"=IF({judged}>0,({self._points(own)})/({judged}),({self._points(county)})/({'+'.join(county.values())}))"
        )

    def _points(self, counts: Mapping[str, str]) -> str:
        return "+".join(f"{self._scheme.points[name]}*{counts[name]}" for name in SCORED_ANSWERS)

    def _sum_over_townships(self, answer: str, row: int) -> str:
        keys = ",".join(
            f"{self._range('items', name)},{self._cell('items', name, row)}" for name in ("wave", "group", "item")
        )
        return f"SUMIFS({self._range('items', answer)},{keys})"

    def _group_total(self, row: int) -> str:
        keys = ",".join(
            f"{self._range('items', name, 'groups')},{self._cell('groups', name, row)}"
            for name in ("wave", "township_code", "group")
        )
        mean = f"AVERAGEIFS({self._range('items', 'score', 'groups')},{keys})"
        return f"={mean}*{self._scheme.full_mark}/{self._scheme.highest}"

    def _public_appraisal(self, row: int) -> str:
        keys = ",".join(
            f"{self._range('groups', name, 'townships')},{self._cell('townships', name, row)}"
            for name in ("wave", "township_code")
        )
        return f"=AVERAGEIFS({self._range('groups', 'total', 'townships')},{keys})"

    def _rank(self, row: int) -> str:
        wave, score = (self._range("townships", name) for name in ("wave", "public_appraisal"))
        own_wave, own = (self._cell("townships", name, row) for name in ("wave", "public_appraisal"))
        return f"=SUMPRODUCT(({wave}={own_wave})*({score}-{own}>{TIED}))+1"

    def _cell(self, table: str, column: str, row: int) -> str:
        return f"${_letter(table, column)}{row}"

    def _range(self, table: str, column: str, seen_from: str | None = None) -> str:
        """A whole column, with its sheet's name where it is seen from another."""
        letter = _letter(table, column)
        sheet = f"'{TABLES[table].sheet.zh}'!" if seen_from not in (None, table) else ""
        return f"{sheet}${letter}$2:${letter}${self._last[table]}"


def _letter(table: str, column: str) -> str:
    return str(xl_col_to_name(TABLES[table].names.index(column)))

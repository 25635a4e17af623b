"""What several charts share: one wave's rows, figures as text, lists of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from analysis.charts.drawing import text_width
from analysis.figures import is_missing
from analysis.results import Scores


def last_wave(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest wave."""
    latest: pd.DataFrame = table.loc[table["wave"] == table["wave"].max()]
    return latest


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain mappings by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def names_of(scores: Scores) -> Mapping[str, str]:
    """Each township's name by its code; the code where there is no name."""
    pairs = zip(scores.townships["township_code"], scores.townships["township"], strict=True)
    return {str(code): str(name) or str(code) for code, name in pairs}


def label_width(names: Iterable[str], room: float, size: float) -> float:
    """How much room names take, at most what there is."""
    return min(room, max((text_width(name, size) for name in names), default=0.0))


def figure(value: float, places: int = 2) -> str:
    """
    A figure with its decimals, halves rounded away from zero as people do.

    Examples
    --------
    >>> figure(72.125), figure(-0.5, 0), figure(3.0, 1)
    ('72.13', '−1', '3.0')
    """
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded}".replace("-", "−")


def number_or_none(value: object) -> float | None:
    """A figure as a float, None where there is none."""
    return None if is_missing(value) else float(value)  # type: ignore[arg-type]


def range_text(low: object, high: object) -> str:
    """``3–8``, ``5``, or nothing where a bound is missing."""
    if is_missing(low) or is_missing(high):
        return ""
    return str(low) if low == high else f"{low}–{high}"


def listed(names: Sequence[str], language: str, most: int = 4) -> str:
    """Names in a sentence, with how many more there are."""
    shown, more = names[:most], len(names) - most
    if language == "en":
        tail = f" and {more} more" if more > 0 else ""
        return ", ".join(shown) + tail
    return "、".join(shown) + (f"等{len(names)}个" if more > 0 else "")

"""
Whether a folder of answers is of a draw: a draw that is right by itself may still be another round's.

refuse_other_draw    compare townships, groups, PSUs, hits, pi_1 and listed units with those of the draw
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Responses
    from analysis.errors import FaultList

Key = tuple[str, str, str]
"""Township, group, PSU; the last empty in a one-stage group."""

_CLOSE = 1e-9


@dataclass(frozen=True)
class _Drawn:
    """What the draw says of one PSU or one-stage group; None where it says nothing."""

    hits: int | None
    pi_1: float | None
    listed: int | None


def refuse_other_draw(responses: Responses, draw: Path) -> None:
    """
    Refuse answers that were not drawn by this draw.

    Parameters
    ----------
    responses : Responses
        With samples its lines are compared (codes joined by + one by one); the PSUs of the rows in any case.
    draw : Path
        The folder of a draw that was verified.

    Raises
    ------
    ResponsesError
        With every difference by file, row and column.
    """
    from analysis.errors import FaultList

    drawn, faults = _drawn(draw), FaultList()
    if responses.samples is not None:
        _compare_samples(responses, drawn, faults)
    for group, rows in responses.groups.items():
        _compare_rows(group, rows[["township_code", "psu_code"]].drop_duplicates(), drawn, faults)
    faults.raise_if_any()


def _drawn(draw: Path) -> dict[Key, _Drawn]:
    listed: dict[Key, int | None] = {}
    for count in json.loads((draw / "draw.json").read_text("utf-8"))["counts"]:
        listed[count["township_code"], count["group"], ""] = count.get("listed")
        for psu in count.get("drawn", ()):
            listed[count["township_code"], count["group"], psu["psu_code"]] = psu.get("listed")
    found: dict[Key, _Drawn] = {}
    with (draw / "sample.csv").open(encoding="utf-8", newline="") as file:
        for unit in csv.DictReader(file):
            if unit["role"] != "main":
                continue
            hits, pi_1 = unit["hits"], unit["pi_1"]
            key = (unit["township_code"], unit["group"], unit["psu_code"] if hits else "")
            found[key] = _Drawn(int(hits) if hits else None, float(pi_1) if pi_1 else None, listed.get(key))
    return found


def _compare_samples(responses: Responses, drawn: Mapping[Key, _Drawn], faults: FaultList) -> None:
    from analysis.figures import is_missing

    assert responses.samples is not None
    seen: set[Key] = set()
    for row, line in enumerate(responses.samples.to_dict("records"), start=2):
        keys = _keys(str(line["township_code"]), str(line["group"]), str(line["psu_code"]))
        seen.update(keys)
        strange = [key for key in keys if key not in drawn]
        for key in strange:
            _add_strange("samples.csv", key, faults, row)
        if strange:
            continue
        parts = [drawn[key] for key in keys]
        for column, expected in _expected(parts):
            value = line[column]
            if not is_missing(value) and not _same(value, expected):
                faults.add(
                    "samples.csv",
                    f"expected {_shown(expected)} as in the draw, found {_shown(value)}; name the draw of this round.",
                    f"应与抽样结果一致，为 {_shown(expected)}，实为 {_shown(value)}，请指定本轮的抽样文件夹。",
                    row=row,
                    column=column,
                )
    for key in drawn:
        if key not in seen:
            faults.add(
                "samples.csv",
                f"expected a line for {_called(key)}, which the draw has, found none; name the draw of this round.",
                f"应有抽样结果中的{_called(key)}一行，实无，请指定本轮的抽样文件夹。",
            )


def _keys(township: str, group: str, psu: str) -> tuple[Key, ...]:
    from analysis import split_psus

    return tuple((township, group, each) for each in split_psus(psu))


def _expected(parts: list[_Drawn]) -> Iterator[tuple[str, float]]:
    """What the line of one PSU, or of several that were joined, must say; what the draw does not tell is left out."""
    hits, listed = [part.hits for part in parts], [part.listed for part in parts]
    known_hits, known_listed = [n for n in hits if n is not None], [n for n in listed if n is not None]
    if len(known_hits) == len(parts):
        yield "hits", sum(known_hits)
    if len(known_listed) == len(parts):
        yield "listed", sum(known_listed)
    if len(parts) == 1 and parts[0].pi_1 is not None:
        yield "pi_1", parts[0].pi_1


def _same(value: float, expected: float) -> bool:
    return abs(float(value) - expected) <= _CLOSE * max(1.0, abs(expected))


def _shown(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _compare_rows(group: str, places: pd.DataFrame, drawn: Mapping[Key, _Drawn], faults: FaultList) -> None:
    said: set[Key] = set()
    for index, township, psu in places.itertuples(name=None):
        for key in _keys(str(township), group, str(psu)):
            if key not in drawn and key not in said:
                said.add(key)
                _add_strange(f"{group}.csv", key, faults, int(index) + 2)


def _add_strange(file: str, key: Key, faults: FaultList, row: int) -> None:
    faults.add(
        file,
        f"expected only what the draw has, found {_called(key)}; name the draw of this round.",
        f"应只有抽样结果中有的，实有{_called(key)}，请指定本轮的抽样文件夹。",
        row=row,
    )


def _called(key: Key) -> str:
    return " ".join(part for part in key if part)

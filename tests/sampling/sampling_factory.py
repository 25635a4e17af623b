"""Frames for tests: real villages of two small townships, households by a stated formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sampling import Design, Draw, draw, read_frame
from sampling.designs.design import GroupDesign, Label, Stage

VILLAGES = Path(__file__).parents[1] / "data" / "villages.csv"
SMALL_TOWNSHIP = "350722204000"
LABEL = Label("类别", "Group")


def villages(*townships: str) -> list[dict[str, str]]:
    with VILLAGES.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if not townships or row["township_code"] in townships]


def households(village_code: str) -> int:
    """30 + (37 × the last three digits of the village's code) mod 50, as docs/method.md says."""
    return 30 + 37 * int(village_code[-3:]) % 50


def rural_rows(*townships: str) -> list[dict[str, str]]:
    return [
        {
            "township_code": village["township_code"],
            "township": village["township"],
            "group": "rural",
            "unit_code": f"{village['village_code'][-3:]}-{number:03d}",
            "unit": f"第{number}户",
            "psu_code": village["village_code"],
            "psu": village["village"],
        }
        for village in villages(*townships)
        for number in range(1, households(village["village_code"]) + 1)
    ]


def one_stage_rows(group: str, count: int, township: str = SMALL_TOWNSHIP, **more: str) -> list[dict[str, str]]:
    name = {"350722204000": "濠村乡", "350722203000": "枫溪乡"}[township]
    return [
        {"township_code": township, "township": name, "group": group, "unit_code": f"{number:04d}", **more}
        for number in range(1, count + 1)
    ]


def table(rows: Iterable[dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).fillna("")


def csv_of(rows: Iterable[dict[str, str]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    table(rows).to_csv(text, index=False)
    return text.getvalue().encode(encoding)


def design_of(*groups: GroupDesign) -> Design:
    return Design("test", LABEL, LABEL, groups)


def one_stage(n: int, method: str = "equal_interval", reserves: int = 0, group: str = "delegates") -> GroupDesign:
    return GroupDesign(group, LABEL, (Stage("unit", method, n),), reserves=reserves)


def two_stages(hits: int, take: int, reserves: int = 0, method: str = "pps_equal_interval") -> GroupDesign:
    stages = (Stage("psu", method, hits), Stage("unit", "equal_interval", take))
    return GroupDesign("rural", LABEL, stages, reserves=reserves)


def drawn(rows: Iterable[dict[str, str]], design: Design, seed: str = "20261123") -> Draw:
    return draw(read_frame(table(rows), design=design), design, seed)

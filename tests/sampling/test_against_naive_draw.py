"""
The engine against a whole draw redone naively (``naive_draw.py``), on small frames and designs made by hypothesis.

The frames have up to three townships, some without one of the groups, clusters in order and mixed, codes that sort
otherwise by UTF-16 than by code point, sizes of 0 and of a thousand million, PSU rows beside listed townships; the
designs every method, up to three stages, rates, strata, certainty, reserves and directions of order.
"""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_draw import Redo, Refused, redo

from sampling import AllocationError, Design, Draw, ShortfallError, draw, read_frame, verify_draw, write_draw

Row = dict[str, str]
TOWNSHIPS = ("350722203000", "350722204000", "350722100000")
EQUAL = ("equal_interval", "circular", "symmetric", "simple_random")
BY_SIZE = ("pps_equal_interval", "pps_symmetric", "pps_hartley_rao", "pps_sampford")
# U+20000 stands behind U+FA0E by code point, before it by UTF-16
TEXTS = ("10", "9", "a", "B", "é", "甲", "\U00020000", "\ufa0e", 'x,"y', "A'")
STRATA = ("甲", "\U00020000", "near")
LABEL = {"zh": "类别", "en": "Group"}


@st.composite
def stages(draws: st.DrawFn, count: int) -> list[dict[str, Any]]:
    found = []
    for name in (("unit",), ("psu", "unit"), ("psu", "ssu", "unit"))[count - 1]:
        method = draws(st.sampled_from(EQUAL if name == "unit" else EQUAL + BY_SIZE * 2))
        stage: dict[str, Any] = {"stage": name, "method": method}
        if draws(st.integers(0, 3)):
            stage["n"] = draws(st.integers(1, 4))
        else:
            stage["rate"] = str(draws(st.fractions(Fraction(1, 9), 1, max_denominator=9)))
        if method.startswith("pps") and draws(st.booleans()):
            stage["large"] = "certainty"
        found.append(stage)
    return found


@st.composite
def strata(draws: st.DrawFn, first: dict[str, Any]) -> dict[str, Any]:
    allocation = draws(
        st.sampled_from(["proportional", "equal", "given"] if "n" in first else ["proportional", "equal"])
    )
    if allocation == "given":
        parts = draws(st.lists(st.integers(0, first["n"]), min_size=2, max_size=2).map(sorted))
        sizes = [parts[0], parts[1] - parts[0], first["n"] - parts[1]]
        return {"by": "subgroup", "allocation": "given", "n": dict(zip(STRATA, sizes, strict=True))}
    own: dict[str, Any] = {"by": "subgroup", "allocation": allocation}
    if draws(st.booleans()):
        own["minimum"] = draws(st.sampled_from([1, {"甲": 2}, {"near": 1, "*": 0}, {"甲": 2, "nowhere": 1}]))
    if draws(st.booleans()):
        own["maximum"] = draws(st.sampled_from([2, {"near": 3, "*": 2}, {"甲": 2, "near": 1}]))
    return own


@st.composite
def groups(draws: st.DrawFn, code: str) -> dict[str, Any]:
    own = draws(stages(draws(st.integers(1, 3))))
    columns = draws(st.permutations(["psu_code", "ssu_code", "subgroup", "unit_code"]))
    directions = draws(st.lists(st.sampled_from(["", " descending", " serpentine"]), max_size=4, min_size=1))
    group: dict[str, Any] = {
        "group": code,
        "label": {"zh": code, "en": code},
        "stages": own,
        "order_by": [column + way for column, way in zip(columns, directions, strict=False)],
        "reserves": draws(st.integers(0, 3)),
    }
    if draws(st.booleans()):
        group["strata"] = draws(strata(own[0]))
    if not draws(st.integers(0, 9)):
        group["too_short"] = "refuse"
    return group


@st.composite
def lists(draws: st.DrawFn, township: str, group: dict[str, Any]) -> list[Row]:
    """The rows of one township and group."""
    place = {
        "township_code": township,
        "township": f"乡{township[:9]}",
        "group": group["group"],
        "order": "",
        "size": "",
    }
    staged, rows = len(group["stages"]) > 1, []
    psus = [f"{township[:9]}{number}" for number in draws(st.permutations([201, 202, 203, 210, 230]))]
    kinds = {psu: draws(st.sampled_from(STRATA)) for psu in psus}
    codes = draws(st.permutations([first + second for first in TEXTS for second in ("", "z")]))
    for code in codes[: draws(st.integers(0, 16))]:
        psu = draws(st.sampled_from(psus[: draws(st.integers(1, 5))])) if staged else ""
        own = {
            "psu_code": psu,
            "psu": psu and f"村{psu}",
            "ssu_code": draws(st.sampled_from(TEXTS[:4])) if staged else "",
        }
        kind = kinds[psu] if psu else draws(st.sampled_from(STRATA))
        rows.append({**place, **own, "subgroup": kind, "unit_code": code})
    if rows and draws(st.booleans()) and "order" not in str(group["order_by"]):
        order = draws(st.permutations(range(len(rows))))
        rows = [{**row, "order": str(k)} for row, k in zip(rows, order, strict=True)] if draws(st.booleans()) else rows
    if staged and draws(st.booleans()):
        known = sorted({row["psu_code"] for row in rows} | set(psus[:3]))
        rows = [{**row, "order": ""} for row in rows]
        for psu in known:
            size = draws(st.sampled_from([0, 1, 2, 3, 5, 40, 10**9]))
            more = {"psu_code": psu, "psu": f"村{psu}", "ssu_code": "", "subgroup": kinds[psu], "unit_code": ""}
            rows.append({**place, **more, "size": str(size)})
    return rows


@st.composite
def problems(draws: st.DrawFn) -> tuple[dict[str, Any], list[Row], str]:
    design = {
        "name": "drawn",
        "title": LABEL,
        "description": LABEL,
        "groups": [draws(groups(code)) for code in ("rural", "delegates")[: draws(st.integers(1, 2))]],
    }
    rows = [
        row
        for township in TOWNSHIPS[: draws(st.integers(1, 3))]
        for group in design["groups"]
        for row in draws(lists(township, group))
    ]
    return (
        design,
        draws(st.permutations(rows)),
        draws(st.sampled_from(["s", "2026-11-23 沪指 3351.76", "种子\U00020000"])),
    )


def read(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def agree(found: Draw, expected: Redo) -> None:
    assert read(found.frame_csv) == expected.frame
    assert read(found.sample_csv) == expected.sample
    record = json.loads(found.draw_json)
    assert record["counts"] == expected.counts
    assert record["shortfalls"] == expected.shortfalls


def drawn(design: Design, rows: list[Row], seed: str) -> Draw | None:
    try:
        return draw(read_frame(pd.DataFrame(rows), design=design), design, seed)
    except (AllocationError, ShortfallError):
        return None


def redone(design: dict[str, Any], rows: list[Row], seed: str) -> Redo | None:
    try:
        return redo(rows, design, seed)
    except Refused:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_draw_is_what_a_slow_redo_from_the_page_gives(problem: tuple[dict[str, Any], list[Row], str]) -> None:
    values, rows, seed = problem
    if not rows:
        return
    design = Design.from_json(values)
    found, expected = drawn(design, rows, seed), redone(design.to_json(), rows, seed)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        agree(found, expected)
        with TemporaryDirectory() as folder:
            write_draw(found, Path(folder) / "draw")
            verify_draw(Path(folder) / "draw")

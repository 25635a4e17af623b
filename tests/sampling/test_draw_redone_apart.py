"""The golden draw redone from its three files by a few lines that know the contract but not the engine."""

from __future__ import annotations

import csv
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden" / "draw"
RECORD: dict[str, Any] = json.loads((FOLDER / "draw.json").read_bytes())
Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def start(row: Row, stage: str, cluster: str, take: str, m: int) -> int:
    label = "|".join(
        ["pingyi-draw/1", RECORD["seed"], row["township_code"], row["group"], stage, cluster, take],
    )
    return int(hashlib.sha256(label.encode()).hexdigest(), 16) * m // 2**256


def equal(items: list[Row], n: int, r: int) -> list[Row]:
    return items if n >= len(items) else [items[(r + i * len(items)) // n] for i in range(n)]


def text(value: Fraction | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value.denominator == 1 else repr(value.numerator / value.denominator)


def take(listed: list[Row], m: int, reserves: int, cluster: str, hits: int | None, pi_1: Fraction | None) -> list[Row]:
    """Main and reserve rows of one last-stage list, as in ``sample.csv``."""
    h, size = hits or 1, len(listed)
    main = equal(listed, m * h, start(listed[0], "unit", cluster, "main", size))
    left = [row for row in listed if row not in main]
    spare = equal(left, reserves * len(main), start(listed[0], "unit", cluster, "reserve", len(left)))
    pi_2 = min(Fraction(m), Fraction(size, h)) / size
    pi = pi_2 if pi_1 is None else pi_1 * pi_2
    figures = {
        "hits": str(hits or ""),
        "pi_1": text(pi_1),
        "pi_2": "" if pi_1 is None else text(pi_2),
        "pi": text(pi),
        "weight": text(1 / pi),
    }
    mains = [{**row, **figures, "role": "main", "reserve_for": ""} for row in main]
    return mains + [
        {**row, **figures, "role": "reserve", "reserve_for": main[t // reserves]["unit_code"]}
        for t, row in enumerate(spare)
    ]


def redo() -> list[Row]:
    frame = rows_of("frame.csv")
    designs = {group["group"]: group for group in RECORD["design"]["groups"]}
    lists: dict[tuple[str, str], list[Row]] = {}
    for row in frame:
        lists.setdefault((row["township_code"], row["group"]), []).append(row)
    sample: list[Row] = []
    for (_, group), listed in lists.items():
        *first, last = designs[group]["stages"]
        taken: list[Row] = []
        if not first:
            taken = take(listed, last["n"], designs[group]["reserves"], "", None, None)
        else:
            n, total, end = first[0]["n"], len(listed), 0
            r = start(listed[0], "psu", "", "main", total)
            for code in dict.fromkeys(row["psu_code"] for row in listed):
                units = [row for row in listed if row["psu_code"] == code]
                begin, end = end, end + len(units)
                hits = sum(begin * n <= r + i * total < end * n for i in range(n))
                if hits:
                    chance = Fraction(n * len(units), total)
                    taken += take(units, last["n"], designs[group]["reserves"], code, hits, chance)
        for role in ("main", "reserve"):
            of_role = [row for row in taken if row["role"] == role]
            sample += [{**row, "sequence": str(k), "pi_3": ""} for k, row in enumerate(of_role, start=1)]
    return sample


def test_the_golden_sample_is_what_the_contract_says() -> None:
    stored = rows_of("sample.csv")
    assert [{key: row[key] for key in stored[0]} for row in redo()] == stored


def test_the_golden_draw_has_a_community_hit_twice_and_lists_too_short() -> None:
    assert {row["hits"] for row in rows_of("sample.csv")} == {"", "1", "2"}
    assert {(shortfall["group"], shortfall["take"]) for shortfall in RECORD["shortfalls"]} >= {("delegates", "main")}

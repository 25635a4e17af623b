"""The example of docs/method.md: hash and integer division alone, against the engine and against the page."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sampling_factory import SMALL_TOWNSHIP, drawn, households, one_stage_rows, rural_rows, villages

from sampling import load_design

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
SEED = "20261123"
HITS, TAKE, RESERVES = 5, 10, 2


def hash_of(rest: str) -> str:
    return hashlib.sha256(f"pingyi-draw/1|{SEED}|{SMALL_TOWNSHIP}|rural|{rest}".encode()).hexdigest()


def start_of(rest: str, m: int) -> int:
    return int(hash_of(rest), 16) * m // 2**256


def villages_hit() -> list[str]:
    """Each hit falls on the first village with a larger cumulative size times n."""
    listed = [(row["village_code"], households(row["village_code"])) for row in villages(SMALL_TOWNSHIP)]
    total = sum(size for _, size in listed)
    hit = []
    for i in range(HITS):
        point, ends = start_of("psu||main", total) + i * total, 0
        for code, size in listed:
            ends += size
            if point < ends * HITS:
                hit.append(code)
                break
    return hit


def main_of(village: str) -> list[int]:
    n = households(village)
    r = start_of(f"unit|{village}|main", n)
    return [(r + i * n) // TAKE + 1 for i in range(TAKE)]


def reserves_of(village: str) -> list[int]:
    left = [number for number in range(1, households(village) + 1) if number not in main_of(village)]
    count = RESERVES * TAKE
    r = start_of(f"unit|{village}|reserve", len(left))
    return [left[(r + i * len(left)) // count] for i in range(count)]


def test_no_village_of_the_example_is_hit_twice_or_too_small() -> None:
    hit = villages_hit()
    assert len(set(hit)) == HITS
    assert all(households(village) >= TAKE * (1 + RESERVES) for village in hit)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("beside", [False, True])
def test_the_engine_draws_what_hash_and_division_give(shuffled: bool, beside: bool) -> None:
    rows = rural_rows() + one_stage_rows("delegates", 50) if beside else rural_rows(SMALL_TOWNSHIP)
    result = drawn(rows[::-1] if shuffled else rows, load_design("county-110"), SEED)
    sample = result.sample[(result.sample["township_code"] == SMALL_TOWNSHIP) & (result.sample["group"] == "rural")]
    main, reserve = (sample[sample["role"] == role] for role in ("main", "reserve"))
    expected, spare, stands_for = [], [], []
    for village in villages_hit():
        of_village = [f"{village[-3:]}-{number:03d}" for number in main_of(village)]
        expected += of_village
        spare += [f"{village[-3:]}-{number:03d}" for number in reserves_of(village)]
        stands_for += [of_village[t // RESERVES] for t in range(RESERVES * TAKE)]
    assert main["unit_code"].tolist() == expected
    assert reserve["unit_code"].tolist() == spare
    assert reserve["reserve_for"].tolist() == stands_for
    assert set(sample["pi"]) == {50 / 396}
    assert set(sample["weight"]) == {7.92}


def test_the_page_says_the_same() -> None:
    cumulative, lines = 0, []
    total = sum(households(row["village_code"]) for row in villages(SMALL_TOWNSHIP))
    points = [start_of("psu||main", total) + i * total for i in range(HITS)]
    hit_at = dict(zip(villages_hit(), points, strict=True))
    for row in villages(SMALL_TOWNSHIP):
        code = row["village_code"]
        cumulative += households(code)
        told = f"{hit_at[code]} " if code in hit_at else ""
        lines.append(f"| {code} {row['village']} | {households(code)} | {cumulative} | {cumulative * HITS} | {told}|")
    for village in villages_hit():
        n = households(village)
        for take, count, numbers in (("main", n, main_of(village)), ("reserve", n - TAKE, reserves_of(village))):
            rest = f"unit|{village}|{take}"
            shown = " ".join(str(number) for number in numbers)
            lines.append(f"| {village} | {count} | {hash_of(rest)[:8]} | {start_of(rest, count)} | {shown} |")
    lines += [hash_of("psu||main") + "  -", ", ".join(str(point) for point in points)]
    assert [line for line in lines if line not in PAGE] == []

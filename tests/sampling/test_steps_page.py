"""The examples of docs/method-steps.md: hash and integer division alone, against the engine and against the page."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest
from listing_factory import fill, first_draw
from sampling_factory import SMALL_TOWNSHIP, drawn, households, one_stage_rows, villages

from sampling import (
    REASONS,
    Draw,
    ReserveBook,
    draw,
    exclude_units,
    listing_sheets,
    load_design,
    read_frame,
    read_listings,
    used_sample,
    with_listings,
)

PAGE = (Path(__file__).parents[2] / "docs" / "method-steps.md").read_text(encoding="utf-8")
LISTED = {"350722204201": 70, "350722204204": 74}
HITS, TAKE = 2, 3


def start_of(rest: str, m: int) -> int:
    label = f"pingyi-draw/1|20261123|{SMALL_TOWNSHIP}|rural|{rest}"
    return int(hashlib.sha256(label.encode()).hexdigest(), 16) * m // 2**256


def take(village: str) -> tuple[int, list[int], int, list[int]]:
    """Start and numbers of the main units, and of the reserves, counted from 1."""
    n = LISTED[village]
    r = start_of(f"unit|{village}|main", n)
    main = [(r + i * n) // TAKE + 1 for i in range(TAKE)]
    left = [number for number in range(1, n + 1) if number not in main]
    q = start_of(f"unit|{village}|reserve", len(left))
    return r, main, q, [left[(q + i * len(left)) // TAKE] for i in range(TAKE)]


def weight(village: str) -> Fraction:
    return 1 / (Fraction(HITS * households(village), 396) * Fraction(TAKE, LISTED[village]))


def rows_of_the_page() -> list[str]:
    r, ends, rows = start_of("psu||main", 396), 0, []
    points = [r + i * 396 for i in range(HITS)]
    for village in villages(SMALL_TOWNSHIP):
        code, size = village["village_code"], households(village["village_code"])
        hits = [point for point in points if ends * HITS <= point < (ends + size) * HITS]
        ends += size
        told = ["", "", "", "", "", "", ""]
        if hits:
            r, main, q, spare = take(code)
            numbers = " ".join(map(str, main)), " ".join(map(str, spare))
            told = [str(hits[0]), str(LISTED[code]), str(r), numbers[0], str(q), numbers[1], str(weight(code))]
        rows.append(f"| {code} {village['village']} | {size} | {ends * HITS} | " + " | ".join(told) + " |")
    return rows


def reasons_of_the_page() -> list[str]:
    return [f"| `{one.code}` | {one.aapor} | {one.eligible} | {one.en} {one.zh} |" for one in REASONS.values()]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    first = first_draw()
    folder = tmp_path_factory.mktemp("page") / "sheets"
    for path, village in zip(listing_sheets(first, folder), first.psus["psu_code"], strict=True):
        fill(path, LISTED[village])
    frame = read_frame(with_listings(first.frame.table, read_listings(folder, first)), design=first.design)
    return draw(frame, first.design, first.seed)


def test_the_engine_draws_in_two_steps_what_hash_and_division_give(second: Draw) -> None:
    rural = second.sample[second.sample["group"] == "rural"]
    assert second.psus["psu_code"].tolist() == list(LISTED)
    for village in LISTED:
        _, main, _, spare = take(village)
        for role, numbers in (("main", main), ("reserve", spare)):
            of = rural[(rural["psu_code"] == village) & (rural["role"] == role)]
            assert of["unit_code"].tolist() == [f"{village[-3:]}-{number:03d}" for number in numbers]
            assert set(of["weight"]) == {float(weight(village))}


def test_the_page_has_the_tables_that_follow() -> None:
    assert [line for line in rows_of_the_page() + reasons_of_the_page() if line not in PAGE] == []
    assert (weight("350722204201"), weight("350722204204")) == (Fraction(4620, 67), Fraction(814, 13))
    assert "4620/67 = 68.955" in PAGE
    assert "814/13 = 62.615" in PAGE


def test_the_pages_replacement_has_the_weight_and_rate_it_says(second: Draw) -> None:
    rural = second.sample[second.sample["group"] == "rural"]
    book = ReserveBook(rural)
    release = book.release(SMALL_TOWNSHIP, "rural", "201-019", reason="refused")
    used = used_sample(rural, book.releases)
    assert release.released.unit_code == "201-001"
    assert used.table["weight"].iloc[0] == float(Fraction(4620, 67))
    assert (used.replaced, used.main, used.warnings) == (1, 6, ())
    assert (len(used.tried), int((used.tried["reason"] == "").sum())) == (7, 6)
    for said in ("16.7 %", "6/7 = 85.7 %"):
        assert said in PAGE
    assert (round(100 * float(used.share), 1), round(600 / 7, 1)) == (16.7, 85.7)


def test_the_pages_delegates_have_one_in_ten_over_both_rounds() -> None:
    first = drawn(one_stage_rows("delegates", 40), load_design("teaching"))
    left, report = exclude_units(first.frame.table, first.sample)
    again = draw(read_frame(left, design=first.design), first.design, "20271123")
    assert (report.excluded, len(left), set(again.sample["pi"])) == (8, 32, {1 / 8})
    assert (1 - Fraction(8, 40)) * Fraction(4, 32) == Fraction(4, 40)
    assert "(1 − 8/40) · 4/32 = 1/10 = 4/40" in PAGE

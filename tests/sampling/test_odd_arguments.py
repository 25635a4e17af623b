"""What a caller gives by mistake is refused in one sentence in both languages, never with a bare TypeError."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from listing_factory import filled, first_draw
from sampling_factory import design_of, drawn, one_stage, one_stage_rows

from sampling import (
    FrameError,
    ReserveBook,
    SamplingError,
    allocate,
    allocate_budget,
    draw_stream,
    load_design,
    next_birthday,
    read_frame,
    read_listings,
    read_releases,
    releases_csv,
    used_sample,
)

DESIGN = load_design("teaching")
SAMPLE = drawn(one_stage_rows("delegates", 40), design_of(one_stage(10, reserves=2))).sample
MAIN = ReserveBook(SAMPLE).mains[0]
TABLE = pd.DataFrame(one_stage_rows("delegates", 40))


def no_contact(visits: Any) -> object:
    return ReserveBook(SAMPLE).release(*MAIN, reason="no_contact", visits=visits)


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        (lambda: no_contact("2026-11-24"), "visits as a list of dates with times", "访问时间应为"),
        (lambda: no_contact(None), "got 'None'", "实为“None”"),
        (lambda: no_contact(["2026-11-24"]), "visits as a list", "访问时间应为"),
        (
            lambda: ReserveBook(SAMPLE).release(*MAIN, reason="refused", date="2026-11-24"),
            "release as a date",
            "启用日期应为",
        ),
        (lambda: next_birthday([(3, 1)], "2026-11-24"), "visit as a date", "访问日期应为"),
        (lambda: allocate(5, [10, 20], sd=1), "`sd` as a list with one number per stratum", "sd 应为每层一个数"),
        (lambda: allocate(5, 10), "`sizes` as a list", "sizes 应为"),
        (lambda: allocate_budget(5, [10], sd=1, cost=[1]), "`sd` as a list", "sd 应为"),
        (lambda: used_sample(SAMPLE, ["x"]), "Expected releases as ReserveBook.releases", "启用记录应取自"),
        (lambda: read_frame([1], design=DESIGN), "bytes or a DataFrame, got list", "实为 list"),
        (lambda: draw_stream([TABLE, 5], DESIGN, "s", "never"), "iterable of DataFrames, found int", "实为 int"),
        (lambda: draw_stream(5, DESIGN, "s", "never"), "found int", "实为 int"),
    ],
)
def test_a_wrong_argument_is_refused_in_a_sentence(
    call: Callable[[], object], en: str, zh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SamplingError) as caught:
        call()
    assert en in caught.value.en
    assert zh in caught.value.zh
    assert not Path("never").exists()


def test_the_day_of_a_visit_may_come_with_its_time() -> None:
    visit = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert next_birthday([(3, 1), (11, 24)], visit) == 1


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "@x", "-王", "'=x", "O'Neil", "王"])
def test_a_name_is_never_a_formula_and_comes_back_as_it_was(name: str) -> None:
    book = ReserveBook(SAMPLE)
    book.release(*MAIN, reason="refused", approved_by=name)
    content = releases_csv(book.releases)
    assert content.decode("utf-8-sig").splitlines()[1].rsplit(",", 1)[1][0] not in "=+-@"
    assert read_releases(content, SAMPLE).releases == book.releases


def test_a_sheet_given_twice_is_one_fault_and_the_same_file_given_twice_none(tmp_path: Path) -> None:
    draw = first_draw()
    first, *_ = filled(draw, tmp_path / "sheets")
    assert len(read_listings([tmp_path / "sheets", first], draw).table)
    (tmp_path / "sheets" / "z.xlsx").write_bytes(first.read_bytes())
    with pytest.raises(FrameError, match="has a sheet in") as caught:
        read_listings(tmp_path / "sheets", draw)
    assert len(caught.value.faults) == 1


def test_a_note_beside_the_sheets_is_a_warning_but_a_list_of_another_kind_stops(tmp_path: Path) -> None:
    draw = first_draw()
    first, *_ = filled(draw, tmp_path / "sheets")
    (tmp_path / "sheets" / "note.txt").write_text("done", encoding="utf-8")
    listings = read_listings(tmp_path / "sheets", draw)
    assert [warning.en for warning in listings.warnings if warning.file == "note.txt"] == [
        "note.txt: no workbook, not read."
    ]
    with pytest.raises(FrameError, match=r"note\.txt"):
        read_listings([first, tmp_path / "sheets" / "note.txt"], draw)
    (tmp_path / "sheets" / "list.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FrameError, match=r"list\.csv is no XLSX workbook"):
        read_listings(tmp_path / "sheets", draw)

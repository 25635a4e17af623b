"""A place whose last reserve failed too stays empty; dates of releases stand in their order."""

from __future__ import annotations

import datetime as dt

import pytest
from sampling_factory import design_of, drawn, one_stage, one_stage_rows

from sampling import Draw, ReserveBook, SamplingError, read_releases, releases_csv, used_sample

DAY = dt.date(2026, 11, 24)
VISITS = tuple(map(dt.datetime.fromisoformat, ("2026-11-23T09:00", "2026-11-23T19:00", "2026-11-25T10:00")))


@pytest.fixture(scope="module")
def result() -> Draw:
    """Ten delegates of 40 with two reserves each."""
    return drawn(one_stage_rows("delegates", 40), design_of(one_stage(10, reserves=2)))


@pytest.fixture
def book(result: Draw) -> ReserveBook:
    return ReserveBook(result.sample)


def test_a_place_is_given_up_only_when_no_reserve_is_left_and_then_for_good(book: ReserveBook) -> None:
    main = book.mains[0]
    with pytest.raises(SamplingError, match="still has 2 reserves") as caught:
        book.give_up(*main, reason="refused")
    assert "尚有 2 个" in caught.value.zh
    one = book.release(*main, reason="refused").released
    two = book.release(*one, reason="vacant").released
    with pytest.raises(SamplingError, match="give_up"):
        book.release(*two, reason="moved")
    given = book.give_up(*two, reason="moved", date=DAY, approved_by="王")
    assert (given.number, given.failed, given.released.unit_code, given.place, given.empty) == (3, two, "", 3, True)
    assert book.standing(*main).unit_code == ""
    assert book.left(*main) == 0
    for unit in (two, one, main):
        with pytest.raises(SamplingError, match="was given up in release number 3"):
            book.give_up(*unit, reason="refused")
    assert len(book.releases) == 3


def test_an_empty_place_leaves_the_sample_and_stays_among_those_tried(book: ReserveBook, result: Draw) -> None:
    main = book.mains[0]
    one = book.release(*main, reason="refused").released
    two = book.release(*one, reason="vacant").released
    book.give_up(*two, reason="refused", approved_by="王")
    used = used_sample(result.sample, book.releases)
    assert used.empty == (main,)
    assert len(used.table) == 9
    assert not {main.unit_code, one.unit_code, two.unit_code} & set(used.table["unit_code"])
    assert (used.main, used.replaced) == (10, 1)
    tried = used.tried.set_index("unit_code")
    assert tried.loc[[main.unit_code, one.unit_code, two.unit_code], "reason"].tolist() == [
        "refused",
        "vacant",
        "refused",
    ]
    assert len(tried) == 12
    interviewed, counted = (tried["reason"] == "").sum(), (tried["eligible"] != "no").sum()
    assert (interviewed, counted) == (9, 11)
    content = releases_csv(book.releases)
    assert content.decode("utf-8-sig").splitlines()[3].endswith(f"{main.unit_code},{two.unit_code},,3,refused,,,王")
    assert read_releases(content, result.sample).releases == book.releases


def test_a_main_unit_without_reserves_is_given_up_and_not_counted_as_replaced() -> None:
    sample = drawn(one_stage_rows("delegates", 40), design_of(one_stage(10, reserves=0))).sample
    book = ReserveBook(sample)
    book.give_up(*book.mains[2], reason="died")
    used = used_sample(sample, book.releases)
    assert (len(used.table), used.replaced, used.empty) == (9, 0, (book.mains[2],))
    assert used.tried["reason"].tolist().count("died") == 1


def test_a_release_is_not_dated_before_its_visits_or_an_earlier_release(book: ReserveBook) -> None:
    main = book.mains[0]
    with pytest.raises(SamplingError, match="before a visit of 2026-11-25") as caught:
        book.release(*main, reason="no_contact", visits=VISITS, date=DAY)
    assert "早于 2026-11-25" in caught.value.zh
    assert book.releases == ()
    one = book.release(*main, reason="no_contact", visits=VISITS, date=dt.date(2026, 11, 25)).released
    two = book.release(*one, reason="refused").released
    with pytest.raises(SamplingError, match="before an earlier release of 2026-11-25"):
        book.give_up(*two, reason="refused", date=DAY)
    book.release(*book.mains[1], reason="refused", date=DAY)
    assert len(book.releases) == 3

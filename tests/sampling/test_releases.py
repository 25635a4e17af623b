"""Reserves: opened one at a time, in their order, with a reason; what the final sample is worth."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from sampling_factory import SMALL_TOWNSHIP, design_of, drawn, one_stage, one_stage_rows, rural_rows

from sampling import (
    REASONS,
    Draw,
    FrameError,
    Release,
    ReserveBook,
    SamplingError,
    Unit,
    load_design,
    read_releases,
    releases_csv,
    used_sample,
)

LATE = (dt.datetime(2026, 11, 23, 9), dt.datetime(2026, 11, 23, 19), dt.datetime(2026, 11, 24, 10))  # noqa: DTZ001


@pytest.fixture(scope="module")
def result() -> Draw:
    """Ten delegates of 40 with two reserves each."""
    return drawn(one_stage_rows("delegates", 40), design_of(one_stage(10, reserves=2)))


@pytest.fixture
def book(result: Draw) -> ReserveBook:
    return ReserveBook(result.sample)


def reserves_of(result: Draw, main: str) -> list[str]:
    sample = result.sample
    return sample.loc[sample["reserve_for"] == main, "unit_code"].tolist()


def first_main(result: Draw) -> Unit:
    return ReserveBook(result.sample).mains[0]


def test_reserves_come_in_the_order_in_which_they_were_drawn(result: Draw, book: ReserveBook) -> None:
    for main in book.mains:
        expected = reserves_of(result, main.unit_code)
        failed, got = main, []
        while book.left(*main):
            failed = book.release(*failed, reason="refused").released
            got.append(failed.unit_code)
            assert book.standing(*main) == failed
        assert got == expected
    assert [release.number for release in book.releases] == list(range(1, 21))
    assert {release.place for release in book.releases} == {1, 2}


def test_a_release_tells_all_that_a_supervisor_signs(book: ReserveBook, result: Draw) -> None:
    main = first_main(result)
    day = dt.date(2026, 11, 24)
    release = book.release(*main, reason="no_contact", visits=LATE, date=day, approved_by="王")
    following = main._replace(unit_code=reserves_of(result, main.unit_code)[0])
    assert release == Release(1, main, main, following, "", 1, "no_contact", LATE, day, "王")
    assert book.releases == (release,)


def test_every_wrong_release_is_refused_and_changes_nothing(book: ReserveBook, result: Draw) -> None:
    main = first_main(result)
    one, two = reserves_of(result, main.unit_code)
    book.release(*main, reason="refused")
    wrong = {
        "replaced already": (*main,),
        "has not been released": (*main[:2], two),
        "no main unit": (*main[:2], "9999"),
    }
    for said, unit in wrong.items():
        with pytest.raises(SamplingError, match=said) as caught:
            book.release(*unit, reason="refused")
        assert caught.value.zh
    with pytest.raises(SamplingError, match="not the next reserve"):
        book.release(*main[:2], one, reason="refused", reserve=one)
    with pytest.raises(SamplingError, match="no reason 'refuse' for a replacement; did you mean 'refused'"):
        book.release(*main[:2], one, reason="refuse")
    assert len(book.releases) == 1
    book.release(*main[:2], one, reason="vacant", reserve=two)
    with pytest.raises(SamplingError, match="replaced already"):
        book.release(*main[:2], one, reason="refused")
    with pytest.raises(SamplingError, match=r"no reserve left \(2 were drawn\)"):
        book.release(*main[:2], two, reason="refused")
    assert [release.reason for release in book.releases] == ["refused", "vacant"]


def visits(*texts: str) -> tuple[dt.datetime, ...]:
    return tuple(map(dt.datetime.fromisoformat, texts))


@pytest.mark.parametrize(
    ("made", "enough"),
    [
        (visits(), False),
        (visits("2026-11-23T09:00", "2026-11-24T19:00"), False),
        (visits("2026-11-23T09:00", "2026-11-23T12:00", "2026-11-23T19:00"), False),
        (visits("2026-11-23T09:00", "2026-11-23T12:00", "2026-11-24T17:59"), False),
        (visits("2026-11-23T09:00", "2026-11-23T09:00", "2026-11-24T19:00"), False),
        (visits("2026-11-23T09:00", "2026-11-23T12:00", "2026-11-24T18:00"), True),
        (visits("2026-11-23T09:00", "2026-11-24T12:00", "2026-11-28T10:00"), True),
    ],
)
def test_nobody_counts_as_not_found_before_three_visits_on_two_days_one_of_them_late(
    book: ReserveBook, result: Draw, made: tuple[dt.datetime, ...], enough: bool
) -> None:
    main = first_main(result)
    if enough:
        assert book.release(*main, reason="no_contact", visits=made).visits == made
    else:
        with pytest.raises(SamplingError, match="3 visits on 2 days"):
            book.release(*main, reason="no_contact", visits=made)


def test_every_reason_has_both_languages_a_disposition_and_an_eligibility() -> None:
    for code, reason in REASONS.items():
        assert reason.code == code
        assert reason.zh
        assert reason.en
        assert {"2": "yes", "3": "unknown", "4": "no"}[reason.aapor[0]] == reason.eligible


def some_releases(result: Draw) -> tuple[Release, ...]:
    book = ReserveBook(result.sample)
    mains = book.mains
    again = book.release(*mains[3], reason="refused", date=dt.date(2026, 11, 24), approved_by="王, 五")
    book.release(*mains[1], reason="no_contact", visits=LATE)
    book.release(*again.released, reason="vacant")
    return book.releases


def test_releases_are_written_and_read_back_in_their_order(result: Draw, tmp_path: Path) -> None:
    releases = some_releases(result)
    content = releases_csv(releases)
    assert content.startswith(b"\xef\xbb\xbfnumber,township_code")
    assert b"\r" not in content
    path = tmp_path / "releases.csv"
    path.write_bytes(content)
    assert read_releases(path, result.sample).releases == releases
    assert read_releases(content.decode("utf-8-sig").encode("gb18030"), result.sample).releases == releases


@pytest.mark.parametrize(
    ("old", "new", "row", "said"),
    [
        ("\n2,", "\n3,", 3, "expected the release number 2"),
        (",refused,", ",bored,", 2, "no reason 'bored'"),
        ("2026-11-23T19:00", "2026-11-23T17:00", 3, "3 visits"),
        ("2026-11-23T19:00", "gestern", 3, "2026-11-24T19:30"),
        (",1,refused", ",2,refused", 2, "expected place '1'"),
    ],
)
def test_a_file_of_releases_is_checked_row_by_row(result: Draw, old: str, new: str, row: int, said: str) -> None:
    text = releases_csv(some_releases(result)).decode("utf-8")
    assert old in text
    with pytest.raises(FrameError) as caught:
        read_releases(text.replace(old, new, 1).encode(), result.sample)
    assert caught.value.faults[0].row == row
    assert said in caught.value.faults[0].en


def test_rows_of_releases_out_of_order_or_of_another_reserve_are_refused(result: Draw) -> None:
    lines = releases_csv(some_releases(result)).decode("utf-8").splitlines()
    with pytest.raises(FrameError, match="release number 1"):
        read_releases("\n".join([lines[0], lines[2], lines[1], lines[3]]).encode(), result.sample)
    main = some_releases(result)[0]
    one, two = reserves_of(result, main.main.unit_code)
    swapped = "\n".join(lines).replace(f",{one},1,", f",{two},1,")
    with pytest.raises(FrameError, match="not the next reserve"):
        read_releases(swapped.encode(), result.sample)
    with pytest.raises(FrameError, match="lacks the column place"):
        read_releases("\n".join(lines).replace("place", "platz").encode(), result.sample)


def test_the_used_sample_has_replacements_with_the_main_units_weight(result: Draw) -> None:
    releases = some_releases(result)
    used = used_sample(result.sample, releases)
    main = result.sample[result.sample["role"] == "main"]
    assert len(used.table) == len(main) == used.main
    assert used.table["weight"].tolist() == main["weight"].tolist()
    assert used.table["pi"].tolist() == main["pi"].tolist()
    codes = main["unit_code"].tolist()
    expected = list(codes)
    expected[3], expected[1] = releases[2].released.unit_code, releases[1].released.unit_code
    assert used.table["unit_code"].tolist() == expected
    assert used.table["stands_for"].tolist() == ["", codes[1], "", codes[3], *[""] * 6]
    assert (used.replaced, used.share) == (2, Fraction(1, 5))
    assert used.warnings == ()


def test_replaced_units_stay_among_those_tried(result: Draw) -> None:
    used = used_sample(result.sample, some_releases(result))
    tried = used.tried
    assert len(tried) == 10 + 3
    assert tried["reason"].value_counts().to_dict() == {"": 10, "refused": 1, "no_contact": 1, "vacant": 1}
    assert tried.loc[tried["reason"] == "vacant", ["aapor", "eligible"]].to_numpy().tolist() == [["4.60", "no"]]


def test_more_than_a_fifth_replaced_is_warned_of_over_all_and_by_list() -> None:
    sample = drawn(
        rural_rows(SMALL_TOWNSHIP) + one_stage_rows("delegates", 40), load_design("teaching")
    ).sample  # 6 rural households, 4 delegates
    book = ReserveBook(sample)
    for main in [main for main in book.mains if main.group == "delegates"][:1]:
        book.release(*main, reason="refused")
    one = used_sample(sample, book.releases)
    assert [warning.en.split(":")[0] for warning in one.warnings] == ["350722204000, delegates"]
    for main in [main for main in book.mains if main.group == "rural"][:2]:
        assert book.release(*main, reason="refused").psu_code
    used = used_sample(sample, book.releases)
    assert used.warnings[0].en.startswith("Over all: 3 of 10 main units (30 %)")
    assert used.shares["replaced"].tolist() == [1, 2]


def test_releases_that_do_not_follow_from_the_sample_are_refused(result: Draw) -> None:
    releases = some_releases(result)
    with pytest.raises(SamplingError):
        used_sample(result.sample, releases[1:])
    with pytest.raises(SamplingError):
        used_sample(result.sample, (releases[0], releases[0]))


def test_a_sample_read_as_text_from_its_file_gives_the_same_book(result: Draw, tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_bytes(result.sample_csv)
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert used_sample(text, some_releases(result)).table["unit_code"].tolist() == (
        used_sample(result.sample, some_releases(result)).table["unit_code"].tolist()
    )
    with pytest.raises(SamplingError, match="lacks the column reserve_for"):
        ReserveBook(text.drop(columns="reserve_for"))


def test_a_sample_without_main_units_has_no_share_and_no_warning(result: Draw) -> None:
    used = used_sample(result.sample.iloc[:0], ())
    assert (used.main, used.share, used.warnings) == (0, 0, ())


def equal(n_units: int, n: int, start: int) -> list[int]:
    return [(start + i * n_units) // n for i in range(n)] if n < n_units else list(range(n_units))


def outcomes(values: list[int], answers: tuple[bool, ...], n: int, reserves: int) -> Iterator[Fraction]:
    """
    The mean of a replaced sample for each pair of starts.

    One value per unit, some of whom do not answer; a main unit without an answering reserve has none.
    """
    n_units = len(values)
    for start, spare_start in itertools.product(range(n_units), range(n_units - n)):
        main = equal(n_units, n, start)
        left = [k for k in range(n_units) if k not in main]
        spare = [left[k] for k in equal(len(left), reserves * n, spare_start)]
        total = Fraction(0)
        for i, unit in enumerate(main):
            chain = [unit, *spare[i * reserves : (i + 1) * reserves]]
            total += values[next((k for k in chain if answers[k]), unit)]
        yield total / n


def test_replacement_is_unbiased_on_average_where_answering_is_ignorable() -> None:
    """
    All lists of 6 units, 2 taken, 1 reserve each, all starts, all ways in which one unit of the six does not answer.

    Averaged over which unit fails (it has nothing to do with the values), the mean of the replaced sample, units that
    answer only, is that of the list; where the unit with the largest value fails always, it is too low.
    """
    values = [0, 1, 3, 7, 8, 20]
    means = []
    for failing in range(6):
        answers = tuple(k != failing for k in range(6))
        found = list(outcomes(values, answers, 2, 1))
        means.append(sum(found, Fraction(0)) / len(found))
    assert sum(means, Fraction(0)) / 6 == Fraction(sum(values), 6)
    assert means[5] < Fraction(sum(values), 6)

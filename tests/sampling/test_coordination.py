"""
Units of earlier rounds left out, and what that does to probabilities.

The probabilities are worked out by enumerating all random starts of both draws with the definitions of
docs/method.md written out below, in fractions; ``exclude_units`` and ``avoid_units`` reduce the list in between.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from listing_factory import first_draw
from sampling_factory import (
    SMALL_TOWNSHIP,
    csv_of,
    design_of,
    drawn,
    one_stage,
    one_stage_rows,
    rural_rows,
    table,
    two_stages,
)

from sampling import (
    Draw,
    SamplingError,
    avoid_units,
    draw,
    exclude_units,
    load_design,
    read_frame,
    write_draw,
)

KEY = ["township_code", "group", "psu_code", "unit_code"]


def equal(n_units: int, n: int, start: int) -> list[int]:
    return [(start + i * n_units) // n for i in range(n)] if n < n_units else list(range(n_units))


def listed(n_units: int, group: str = "delegates") -> pd.DataFrame:
    return pd.DataFrame([("1", group, "", f"{k:02d}") for k in range(n_units)], columns=KEY)


def over_all_starts(codes: list[str], n: int) -> Iterator[list[str]]:
    for start in range(len(codes)):
        yield [codes[k] for k in equal(len(codes), n, start)]


def lists_left(n_units: int, earlier: Iterator[pd.DataFrame]) -> list[list[str]]:
    """What each of the equally likely earlier samples leaves of the list."""
    frame, lists = listed(n_units), []
    for sample in earlier:
        left, report = exclude_units(frame, sample)
        assert report.excluded == len(sample)
        lists.append(left["unit_code"].tolist())
    return lists


def chances(lists: list[list[str]], n: int) -> dict[str, Fraction]:
    """Each unit's probability of being drawn, over all earlier samples and all starts."""
    found = defaultdict[str, Fraction](Fraction)
    for codes in lists:
        for taken in over_all_starts(codes, n):
            for code in taken:
                found[code] += Fraction(1, len(codes) * len(lists))
    return dict(found)


def main_samples(n_units: int, n: int) -> Iterator[pd.DataFrame]:
    frame = listed(n_units)
    for start in range(n_units):
        yield frame.iloc[equal(n_units, n, start)]


def with_reserves(n_units: int, n: int, reserves: int) -> Iterator[pd.DataFrame]:
    frame = listed(n_units)
    for start, spare_start in itertools.product(range(n_units), range(n_units - n)):
        main = equal(n_units, n, start)
        left = [k for k in range(n_units) if k not in main]
        yield frame.iloc[sorted(main + [left[k] for k in equal(len(left), reserves * n, spare_start)])]


@pytest.mark.parametrize("n_units", range(2, 11))
def test_over_both_draws_each_unit_of_a_one_stage_list_keeps_its_n_of_n(n_units: int) -> None:
    for before in range(1, n_units):
        lists = lists_left(n_units, main_samples(n_units, before))
        for n in range(1, n_units - before + 1):
            assert chances(lists, n) == {f"{k:02d}": Fraction(n, n_units) for k in range(n_units)}


@pytest.mark.parametrize(
    ("n_units", "before", "reserves", "n"), [(7, 2, 1, 2), (8, 2, 2, 2), (9, 1, 2, 3), (10, 2, 1, 3)]
)
def test_leaving_out_reserves_too_keeps_them(n_units: int, before: int, reserves: int, n: int) -> None:
    found = chances(lists_left(n_units, with_reserves(n_units, before, reserves)), n)
    assert found == {f"{k:02d}": Fraction(n, n_units) for k in range(n_units)}


def test_a_third_draw_keeps_them_where_the_second_left_out_the_first() -> None:
    frame, n_units = listed(8), 8

    def two_rounds() -> Iterator[pd.DataFrame]:
        for one in main_samples(n_units, 2):
            left, _ = exclude_units(frame, one)
            for start in range(len(left)):
                yield pd.concat([one, left.iloc[equal(len(left), 2, start)]])

    assert set(chances(lists_left(n_units, two_rounds()), 3).values()) == {Fraction(3, 8)}


def symmetric(n_units: int, n: int, start: int) -> list[int]:
    """Every second block turned round before the selection."""
    bounds = [-(-i * n_units // n) for i in range(n + 1)]
    blocks = [list(range(a, b)) for a, b in itertools.pairwise(bounds)]
    turned = [k for i, block in enumerate(blocks) for k in (block[::-1] if i % 2 else block)]
    return [turned[k] for k in equal(n_units, n, start)]


def chances_after_two(select: Callable[[int, int, int], list[int]], n_units: int, one: int, two: int) -> set[Fraction]:
    """Each unit's probability in a third draw of one unit that leaves out two draws which ignored each other."""
    found, frame = defaultdict[int, Fraction](Fraction), listed(n_units)
    for a, b in itertools.product(range(n_units), repeat=2):
        earlier = [frame.iloc[select(n_units, one, a)], frame.iloc[select(n_units, two, b)]]
        left, _ = exclude_units(frame, earlier)
        for code in left["unit_code"]:
            found[int(code)] += Fraction(1, len(left) * n_units**2)
    assert sum(found.values()) == 1
    return {Fraction(found[k]) for k in range(n_units)}


@pytest.mark.parametrize(("n_units", "one", "two"), [(5, 1, 2), (5, 2, 2), (7, 2, 3), (8, 3, 2)])
def test_two_equal_interval_draws_that_ignored_each_other_keep_them_too(n_units: int, one: int, two: int) -> None:
    """Over all starts their samples are each other's rotations along the list, so no place of it is favoured."""
    assert chances_after_two(equal, n_units, one, two) == {Fraction(1, n_units)}


def test_two_draws_by_another_method_that_ignored_each_other_may_not() -> None:
    """They may overlap, the number left is random and goes with the place: symmetric selection, 2 and 3 of 7."""
    assert chances_after_two(symmetric, 7, 2, 3) == {
        Fraction(20, 3) / 49,
        Fraction(83, 12) / 49,
        Fraction(85, 12) / 49,
        Fraction(29, 4) / 49,
    }


def hits_of(sizes: list[int], n: int, start: int) -> list[int]:
    """Number of hits of each PSU by PPS equal interval."""
    total, ends = sum(sizes), list(itertools.accumulate(sizes))
    points = [start + i * total for i in range(n)]
    return [sum((end - size) * n <= p < end * n for p in points) for size, end in zip(sizes, ends, strict=True)]


def two_stage_samples(
    villages: dict[str, list[str]], n: int, m: int, sizes: list[int] | None = None
) -> Iterator[tuple[Fraction, list[str]]]:
    """All samples of n hits and m units per hit, each with its probability; no PSU is asked for more than it has."""
    codes, sizes = list(villages), sizes or [len(units) for units in villages.values()]
    for start in range(sum(sizes)):
        hits = {code: h for code, h in zip(codes, hits_of(sizes, n, start), strict=True) if h}
        assert all(h * m <= len(villages[code]) for code, h in hits.items())
        for starts in itertools.product(*(range(len(villages[code])) for code in hits)):
            chance = Fraction(1, sum(sizes))
            taken: list[str] = []
            for (code, h), r in zip(hits.items(), starts, strict=True):
                chance /= len(villages[code])
                taken += [villages[code][k] for k in equal(len(villages[code]), h * m, r)]
            yield chance, taken


def by_village(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {str(code): part["unit_code"].tolist() for code, part in frame.groupby("psu_code")}


@pytest.mark.parametrize(("sizes", "n", "m"), [((3, 4, 5), 1, 1), ((4, 4), 2, 1), ((5, 4), 1, 2), ((4, 3, 4), 2, 1)])
def test_a_self_weighting_two_stage_draw_keeps_n_m_of_m_over_both(sizes: tuple[int, ...], n: int, m: int) -> None:
    rows = [("1", "rural", f"{v}", f"{v}-{k}") for v, size in enumerate(sizes) for k in range(size)]
    frame, found = pd.DataFrame(rows, columns=KEY), defaultdict[str, Fraction](Fraction)

    for chance, taken in two_stage_samples(by_village(frame), n, m):
        left, report = exclude_units(frame, frame[frame["unit_code"].isin(taken)])
        assert report.excluded == n * m
        for later, units in two_stage_samples(by_village(left), n, m):
            for code in units:
                found[code] += chance * later
    assert set(found.values()) == {Fraction(n * m, sum(sizes))}
    assert len(found) == sum(sizes)


@pytest.mark.parametrize(
    ("sizes", "lists", "n", "m"), [([3, 5], (4, 4), 1, 1), ([6, 4], (5, 4), 2, 1), ([3, 2], (5, 6), 1, 2)]
)
def test_a_two_step_draw_keeps_its_probabilities_over_both(
    sizes: list[int], lists: tuple[int, ...], n: int, m: int
) -> None:
    """PSUs are drawn from the same sizes in both rounds, each list keeps its m of L: together n·s/M · m/L."""
    rows = [("1", "rural", f"{v}", f"{v}-{k}") for v, listed in enumerate(lists) for k in range(listed)]
    frame, found = pd.DataFrame(rows, columns=KEY), defaultdict[str, Fraction](Fraction)
    for chance, taken in two_stage_samples(by_village(frame), n, m, sizes):
        left, _ = exclude_units(frame, frame[frame["unit_code"].isin(taken)])
        for later, units in two_stage_samples(by_village(left), n, m, sizes):
            for code in units:
                found[code] += chance * later
    for v, listed in enumerate(lists):
        expected = Fraction(n * sizes[v], sum(sizes)) * Fraction(m, listed)
        assert {found[f"{v}-{k}"] for k in range(listed)} == {expected}


@pytest.fixture(scope="module")
def county() -> Draw:
    return drawn(rural_rows(SMALL_TOWNSHIP) + one_stage_rows("delegates", 40), load_design("teaching"))


def test_excluded_units_are_never_drawn_again_and_the_draw_is_that_of_the_reduced_frame(county: Draw) -> None:
    left, report = exclude_units(county.frame.table, county.sample)
    again = draw(read_frame(left, design=county.design), county.design, county.seed)
    before, after = (set(map(tuple, d.sample[KEY].to_numpy().tolist())) for d in (county, again))
    assert not before & after
    assert report.excluded == report.earlier == len(county.sample) == 20
    assert report.not_found == 0
    assert len(left) == len(county.frame.table) - 20
    delegates = again.sample[(again.sample["group"] == "delegates")]
    assert set(delegates["pi"]) == {4 / 32}


def test_the_report_counts_by_township_group_and_psu(county: Draw) -> None:
    _, report = exclude_units(county.frame.table, county.sample)
    rows = {(row.group, row.psu_code): row for row in report.counts.itertuples()}
    delegates = rows["delegates", ""]
    assert (delegates.listed, delegates.met, delegates.excluded, delegates.left) == (40, 8, 8, 32)
    assert {psu for _, psu in rows} - {""} == set(county.psus["psu_code"])
    assert report.counts["excluded"].sum() == report.excluded


def test_only_main_units_count_where_that_is_asked(county: Draw) -> None:
    _, report = exclude_units(county.frame.table, county.sample, roles=("main",))
    assert report.excluded == 10


def test_earlier_samples_are_read_from_folders_and_files_and_added_up(county: Draw, tmp_path: Path) -> None:
    folder = write_draw(county, tmp_path / "draw")
    other = drawn(one_stage_rows("delegates", 40), load_design("teaching"), seed="another")
    expected = pd.concat([county.sample, other.sample]).drop_duplicates(KEY)
    left, report = exclude_units(county.frame.table, [folder, other.sample])
    assert report.excluded == report.earlier == len(expected)
    by_file, _ = exclude_units(county.frame.table, folder / "sample.csv")
    assert by_file.equals(exclude_units(county.frame.table, county.sample)[0])
    assert len(left) < len(by_file)


def test_a_household_is_the_same_in_the_urban_and_the_rural_frame() -> None:
    rows = [{**row, "group": group} for group in ("urban", "rural") for row in rural_rows(SMALL_TOWNSHIP)[:5]]
    frame = table(rows)[KEY]
    earlier = frame[frame["group"] == "urban"].iloc[:2]
    left, report = exclude_units(frame, earlier)
    assert (report.excluded, report.earlier, report.not_found) == (4, 2, 0)
    assert left["group"].tolist() == ["urban"] * 3 + ["rural"] * 3
    _, report = exclude_units(frame[frame["group"] == "rural"], earlier)
    assert (report.excluded, report.not_found) == (2, 0)


def test_the_same_code_in_another_township_group_or_village_is_another_unit() -> None:
    frame = listed(3)
    for column in ("township_code", "group", "psu_code"):
        left, report = exclude_units(frame, frame.assign(**{column: "x"}))
        assert (len(left), report.excluded, report.not_found) == (3, 0, 3)


def test_rows_of_villages_are_never_dropped_their_households_are(tmp_path: Path) -> None:
    first = first_draw()
    earlier = drawn(rural_rows(SMALL_TOWNSHIP), load_design("teaching"))
    left, report = exclude_units(first.frame.table, earlier.sample)
    assert left.equals(first.frame.table)
    assert report.not_found == len(earlier.sample)
    both = pd.concat([first.frame.table, table(rural_rows(SMALL_TOWNSHIP))]).fillna("")
    left, report = exclude_units(both, earlier.sample)
    assert (left["size"] != "").sum() == 7
    assert report.excluded == len(earlier.sample)


def test_the_frame_given_is_not_changed(county: Draw) -> None:
    before = county.frame.table.copy()
    exclude_units(county.frame.table, county.sample)
    avoid_units(county.frame.table, county.sample, county.design)
    assert county.frame.table.equals(before)


@pytest.mark.parametrize("n_units", range(1, 31))
def test_a_one_stage_list_is_kept_whole_where_the_design_and_its_reserves_would_not_fit(n_units: int) -> None:
    design = design_of(one_stage(4, reserves=1))
    frame = listed(n_units)
    earlier = frame.iloc[:5]
    left, report = avoid_units(frame, earlier, design)
    met = min(5, n_units)
    enough = n_units - met >= 8
    assert len(left) == (n_units - met if enough else n_units)
    assert [(kept.listed, kept.met, kept.needed) for kept in report.kept_whole] == (
        [] if enough else [(n_units, met, 8)]
    )
    assert report.counts["excluded"].tolist() == [met if enough else 0]
    assert report.counts["met"].tolist() == [met]


def test_a_kept_list_says_why_in_both_languages() -> None:
    _, report = avoid_units(listed(9), listed(5), design_of(one_stage(4, reserves=1)))
    kept = report.kept_whole[0]
    assert kept.reason.en == (
        "1 delegates: kept whole; without the 5 units of earlier samples 4 of 9 would be left, "
        "the design takes 8 with its reserves."
    )
    assert "整个名单保留" in kept.reason.zh


def test_a_village_keeps_what_the_expected_hits_take() -> None:
    """Two hits × 3 with one reserve each: 6 per hit; the large village is hit 2·30/40 → up to 2 times, the small once."""
    design = design_of(two_stages(2, 3, reserves=1))
    rows = [("1", "rural", v, f"{v}-{k}") for v, size in (("a", 30), ("b", 10)) for k in range(size)]
    frame = pd.DataFrame(rows, columns=KEY)
    for drop, kept in (({"a": 18, "b": 4}, []), ({"a": 19, "b": 4}, ["a"]), ({"a": 18, "b": 5}, ["b"])):
        earlier = pd.concat([frame[frame["psu_code"] == v].iloc[:k] for v, k in drop.items()])
        left, report = avoid_units(frame, earlier, design)
        assert [one.psu_code for one in report.kept_whole] == kept
        expected = sum(k for v, k in drop.items() if v not in kept)
        assert len(frame) - len(left) == report.excluded == expected


def test_a_villages_hits_follow_from_its_own_size_where_it_has_a_row() -> None:
    design = design_of(two_stages(2, 3))
    rows = [("1", "rural", "a", "", "10"), ("1", "rural", "b", "", "10")]
    rows += [("1", "rural", "a", f"a-{k}", "") for k in range(6)]
    frame = pd.DataFrame(rows, columns=[*KEY, "size"])
    assert avoid_units(frame, frame.iloc[2:5], design)[1].kept_whole == ()
    assert avoid_units(frame, frame.iloc[2:6], design)[1].kept_whole[0].needed == 3


def test_villages_drawn_with_equal_probability_are_hit_once() -> None:
    design = design_of(two_stages(1, 3, method="equal_interval"))
    frame = pd.DataFrame([("1", "rural", "a", f"a-{k}") for k in range(5)], columns=KEY)
    assert avoid_units(frame, frame.iloc[:2], design)[1].kept_whole == ()
    assert avoid_units(frame, frame.iloc[:3], design)[1].kept_whole[0].needed == 3


def test_what_cannot_be_matched_is_refused(county: Draw, tmp_path: Path) -> None:
    with pytest.raises(SamplingError, match="column psu_code in an earlier sample"):
        exclude_units(county.frame.table, county.sample.drop(columns="psu_code"))
    with pytest.raises(SamplingError, match="column unit_code in the frame"):
        exclude_units(county.frame.table.drop(columns="unit_code"), county.sample)
    with pytest.raises(SamplingError, match=r"sample\.csv cannot be read"):
        exclude_units(county.frame.table, tmp_path)
    with pytest.raises(SamplingError, match="group 'delegates', which the design test does not have"):
        avoid_units(county.frame.table, county.sample, design_of(two_stages(2, 3)))


def test_codes_are_compared_as_a_frame_spells_them(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_bytes(csv_of([{"township_code": "１", "group": "delegates", "psu_code": "", "unit_code": " ０１ "}]))
    assert exclude_units(listed(3), path)[0]["unit_code"].tolist() == ["00", "02"]


def test_no_earlier_sample_leaves_all(county: Draw) -> None:
    left, report = exclude_units(county.frame.table, [])
    assert left.equals(county.frame.table)
    assert (report.excluded, report.earlier, len(report.counts)) == (0, 0, 0)

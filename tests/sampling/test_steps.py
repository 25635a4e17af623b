"""Two-step draws: the whole way with real workbooks, and every change between the two draws found and named."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import rfc8785
from listing_factory import filled, first_draw, first_rows
from sampling_factory import SMALL_TOWNSHIP, drawn, one_stage_rows, rural_rows, table, villages

from sampling import (
    Continuation,
    Draw,
    Listings,
    ProofError,
    SamplingError,
    draw,
    load_design,
    named_draw,
    psu_frame,
    read_frame,
    read_listings,
    verify_continuation,
    verify_draw,
    with_listings,
    write_draw,
)
from sampling.designs.design import Design

OTHER = "350722203000"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Draw, Listings, Draw]:
    """A first draw, its sheets filled and read, and the second draw."""
    first = first_draw()
    filled(first, tmp_path_factory.mktemp("steps") / "sheets")
    listings = read_listings(next(tmp_path_factory.getbasetemp().glob("steps*/sheets")), first)
    return first, listings, again(with_listings(first.frame.table, listings), first.design)


@pytest.fixture
def folders(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> tuple[Path, Path]:
    first, _, second = steps
    return write_draw(first, tmp_path / "first"), write_draw(second, tmp_path / "second")


def again(rows: pd.DataFrame, design: Design, seed: str = "20261123") -> Draw:
    return draw(read_frame(rows, design=design), design, seed)


def test_the_second_draw_takes_households_in_the_villages_of_the_first(steps: tuple[Draw, Listings, Draw]) -> None:
    first, _, second = steps
    assert second.psus[["psu_code", "hits"]].equals(first.psus[["psu_code", "hits"]])
    main = second.sample[(second.sample["role"] == "main") & (second.sample["group"] == "rural")]
    assert len(main) == 6
    assert set(main["psu_code"]) == set(first.psus["psu_code"])
    assert second.shortfalls == []


def test_two_steps_take_what_one_step_takes_where_the_lists_are_the_same(tmp_path: Path) -> None:
    """Sizes are the numbers listed, codes are numbered alike: the sample is the same, though the frame.csv is not."""
    rows = rural_rows(SMALL_TOWNSHIP) + one_stage_rows("delegates", 11)
    design = load_design("teaching")
    whole = drawn(rows, design)
    first = again(psu_frame(whole.frame), design)
    filled(first, tmp_path / "sheets")
    second = again(with_listings(first.frame.table, read_listings(tmp_path / "sheets", first)), design)
    assert second.sample_csv == whole.sample_csv


def test_a_draw_that_continues_another_is_proven(folders: tuple[Path, Path]) -> None:
    first, second = folders
    calls: list[tuple[int, int]] = []
    found = verify_continuation(second, first, progress=lambda done, total: calls.append((done, total)))
    assert found == Continuation(verify_draw(first), verify_draw(second), psus=2, listed_psus=2, listed_units=145)
    assert calls == sorted(calls)
    assert calls[-1][0] == calls[-1][1]


def test_a_draw_continues_itself_and_a_third_continues_both(
    steps: tuple[Draw, Listings, Draw], folders: tuple[Path, Path], tmp_path: Path
) -> None:
    first, listings, _ = steps
    some = listings.table[listings.table["psu_code"] == listings.counts["psu_code"].iloc[0]]
    partly = Listings(some, listings.counts[:1], (), (), listings.fingerprint)
    middle = write_draw(again(with_listings(first.frame.table, partly), first.design), tmp_path / "middle")
    assert verify_continuation(folders[0], folders[0]).listed_units == 0
    assert verify_continuation(middle, folders[0]).listed_psus == 1
    assert verify_continuation(folders[1], middle).listed_psus == 1


def refusal(steps: tuple[Draw, Listings, Draw], folder: Path, second: Draw) -> ProofError:
    first = write_draw(steps[0], folder / "first")
    with pytest.raises(ProofError) as caught:
        verify_continuation(write_draw(second, folder / "second"), first)
    assert caught.value.zh
    return caught.value


def changed(
    rows: pd.DataFrame, where: Callable[[pd.DataFrame], pd.Series[bool]], column: str, value: str
) -> pd.DataFrame:
    rows = rows.copy()
    place = rows.index[where(rows)][0]
    rows.loc[place, column] = value
    return rows


def test_another_seed_is_found(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> None:
    rows = with_listings(steps[0].frame.table, steps[1])
    error = refusal(steps, tmp_path, again(rows, steps[0].design, "20261124"))
    assert (error.file, error.field, error.expected, error.found) == ("draw.json", "seed", "20261123", "20261124")


def test_another_design_is_found(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> None:
    values = steps[0].design.to_json()
    values["groups"][1]["stages"][1]["n"] = 4
    rows = with_listings(steps[0].frame.table, steps[1])
    error = refusal(steps, tmp_path, again(rows, Design.from_json(values)))
    assert (error.file, error.field) == ("draw.json", "design.groups[1].stages[1].n")


def test_another_size_of_a_village_is_found(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> None:
    rows = with_listings(steps[0].frame.table, steps[1])
    rows = changed(rows, lambda r: r["psu_code"] == "350722204203", "size", "42")
    error = refusal(steps, tmp_path, again(rows, steps[0].design))
    assert (error.file, error.field, error.expected, error.found) == ("frame.csv", "size", "41", "42")
    lines = (tmp_path / "second" / "frame.csv").read_text(encoding="utf-8").splitlines()
    assert lines[(error.line or 0) - 1].startswith("350722204000,rural,350722204203,")


def test_a_village_left_out_or_added_is_found(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> None:
    rows = with_listings(steps[0].frame.table, steps[1])
    fewer = rows[rows["psu_code"] != "350722204203"]
    error = refusal(steps, tmp_path / "a", again(fewer, steps[0].design))
    assert (error.file, "350722204203" in error.expected) == ("frame.csv", True)
    new = rows.iloc[[0]].assign(group="rural", psu_code="350722204299", psu="新村", unit_code="", size="60")
    error = refusal(steps, tmp_path / "b", again(pd.concat([rows, new]), steps[0].design))
    assert (error.file, "350722204299" in error.found) == ("frame.csv", True)


def test_a_one_stage_unit_changed_left_out_or_added_is_found(
    steps: tuple[Draw, Listings, Draw], tmp_path: Path
) -> None:
    rows = with_listings(steps[0].frame.table, steps[1])
    last = (rows["group"] == "delegates") & (rows["unit_code"] == "0011")
    other = rows.copy()
    other.loc[last, "subgroup"] = "npc_deputy"
    assert refusal(steps, tmp_path / "a", again(other, steps[0].design)).file == "frame.csv"
    assert "0011" in refusal(steps, tmp_path / "b", again(rows[~last], steps[0].design)).expected
    added = pd.concat([rows, rows[last].assign(unit_code="0012")])
    assert "0012" in refusal(steps, tmp_path / "c", again(added, steps[0].design)).found


def test_a_listing_changed_after_the_second_draw_is_found(
    steps: tuple[Draw, Listings, Draw], folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """What was listed when a draw was made may not change in the next."""
    rows = with_listings(steps[0].frame.table, steps[1])
    rows = rows[rows["unit_code"] != f"{steps[0].psus['psu_code'].iloc[0][-3:]}-001"]
    third = write_draw(again(rows, steps[0].design), tmp_path / "third")
    with pytest.raises(ProofError) as caught:
        verify_continuation(third, folders[1])
    assert caught.value.file == "frame.csv"


def test_a_changed_file_in_either_folder_is_found_first(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        path = folder / "sample.csv"
        content = path.read_bytes()
        path.write_bytes(content.replace(b"main", b"mein", 1))
        with pytest.raises(ProofError) as caught:
            verify_continuation(folders[1], folders[0])
        assert (caught.value.file, caught.value.field) == (f"{folder.name}/sample.csv", "role")
        path.write_bytes(content)


def test_psu_rows_give_the_villages_that_the_whole_frame_gives() -> None:
    """For every order of the list: the draw of villages needs only their sizes and their order."""
    design = load_design("county-110")
    rows = rural_rows(SMALL_TOWNSHIP, OTHER) + one_stage_rows("enterprise", 12)
    by_order = [{**row, "order": str(9000 - k)} for k, row in enumerate(rows)]
    for listed in (rows, by_order):
        whole = drawn(listed, design)
        reduced = psu_frame(whole.frame)
        first = again(reduced, design)
        assert first.psus[["psu_code", "size", "hits"]].equals(whole.psus[["psu_code", "size", "hits"]])
        assert (reduced[reduced["group"] == "rural"]["unit_code"] == "").all()
        assert (reduced["group"] == "enterprise").sum() == 12


def test_psu_rows_keep_an_order_that_is_not_that_of_their_codes() -> None:
    values = load_design("teaching").to_json()
    values["groups"][1]["order_by"] = ["subgroup", "psu_code"]
    design = Design.from_json(values)
    codes = sorted({row["psu_code"] for row in rural_rows(SMALL_TOWNSHIP)}, reverse=True)
    rows = [{**row, "subgroup": str(codes.index(row["psu_code"]))} for row in rural_rows(SMALL_TOWNSHIP)]
    for seed in ("1", "2", "3"):
        whole = drawn(rows, design, seed)
        first = again(psu_frame(whole.frame), design, seed)
        assert first.psus[["psu_code", "hits"]].equals(whole.psus[["psu_code", "hits"]])
    assert psu_frame(whole.frame)["order"].tolist() == [str(k) for k in range(1, 8)]


def test_rows_of_villages_stay_as_they_are_and_units_of_theirs_are_left_out(steps: tuple[Draw, Listings, Draw]) -> None:
    first, _, second = steps
    assert psu_frame(first.frame).equals(first.frame.table)
    columns = list(first.frame.table.columns)
    assert psu_frame(second.frame)[columns].equals(first.frame.table)


def test_listed_households_follow_the_order_of_a_list_that_has_one(tmp_path: Path) -> None:
    rows = first_rows()
    rows = [{**row, "order": str(50 - k)} for k, row in enumerate(rows)]
    first = drawn(rows, load_design("teaching"))
    filled(first, tmp_path / "sheets")
    joined = with_listings(first.frame.table, read_listings(tmp_path / "sheets", first))
    new = joined[joined["unit"].str.startswith("户主") & (joined["group"] == "rural")]
    assert sorted(map(int, new["order"])) == list(range(51, 51 + len(new)))
    assert new.sort_values("order", key=lambda o: o.map(int))["psu_code"].drop_duplicates().tolist() == (
        first.psus["psu_code"].tolist()
    )
    assert again(joined, first.design).psus["psu_code"].tolist() == first.psus["psu_code"].tolist()


def test_listings_of_another_frame_or_listed_twice_are_refused(steps: tuple[Draw, Listings, Draw]) -> None:
    first, listings, second = steps
    with pytest.raises(SamplingError, match="no PSU row"):
        with_listings(first.frame.table[first.frame.table["group"] != "rural"], listings)
    with pytest.raises(SamplingError, match="listed units in this frame already"):
        with_listings(second.frame.table, listings)


def test_the_first_frame_is_not_changed_by_adding_households(steps: tuple[Draw, Listings, Draw]) -> None:
    before = steps[0].frame.table.copy()
    joined = with_listings(steps[0].frame.table, steps[1])
    assert steps[0].frame.table.equals(before)
    assert joined.iloc[: len(before)][list(before.columns)].equals(before)


def test_a_written_draw_gets_its_names_back_from_a_frame_of_households(tmp_path: Path) -> None:
    rows = rural_rows(SMALL_TOWNSHIP) + one_stage_rows("delegates", 11, unit="某人", phone="1")
    design = load_design("teaching")
    first = again(psu_frame(read_frame(table(rows), design=design)), design)
    folder = write_draw(first, tmp_path / "first")
    named = named_draw(folder, table(rows))
    assert named.frame.table.equals(first.frame.table)
    assert (named.fingerprint, named.draw_json) == (first.fingerprint, first.draw_json)
    with pytest.raises(SamplingError, match=r"1 rows of .*frame.csv are not in the frame given, the first '0011'"):
        named_draw(folder, table(rows[:-1]))


def test_a_draw_of_another_engine_keeps_its_own_fingerprint(steps: tuple[Draw, Listings, Draw], tmp_path: Path) -> None:
    folder = write_draw(steps[0], tmp_path / "first")
    record = json.loads(steps[0].draw_json)
    record["engine"] = "0.0.9"
    del record["fingerprint"]
    record["fingerprint"] = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
    (folder / "draw.json").write_bytes(rfc8785.dumps(record))
    assert named_draw(folder, table(first_rows())).fingerprint == record["fingerprint"]


def test_the_frame_of_the_second_draw_has_only_what_the_proof_needs(folders: tuple[Path, Path]) -> None:
    with (folders[1] / "frame.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rural = [row for row in rows if row["group"] == "rural"]
    assert [row["unit_code"] for row in rural[:7]] == [""] * 7
    assert len(rural) == 7 + 145
    assert len(villages(SMALL_TOWNSHIP)) == 7

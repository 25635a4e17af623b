"""Every fault of the contract by row and column, every warning that is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sampling_factory import csv_of, design_of, one_stage_rows, rural_rows, table

from sampling import FrameError, GroupDesign, Label, Stage, load_design, read_frame

COUNTY = load_design("county-110")
Rows = list[dict[str, str]]


def rows() -> Rows:
    return one_stage_rows("delegates", 60, subgroup="npc_deputy") + rural_rows("350722204000")


def psu_rows() -> Rows:
    found = {row["psu_code"]: row for row in rural_rows("350722204000")}
    return [{**row, "unit_code": "", "unit": "", "size": "50"} for row in found.values()]


def faults(listed: Rows, townships: dict[str, str] | None = None) -> FrameError:
    with pytest.raises(FrameError) as caught:
        read_frame(csv_of(listed), design=COUNTY, townships=townships)
    return caught.value


def only_fault(listed: Rows, townships: dict[str, str] | None = None) -> tuple[int | None, str | None, str]:
    error = faults(listed, townships)
    assert [*error.faults, error.more] == [error.faults[0], 0]
    assert error.faults[0].zh
    return error.faults[0].row, error.faults[0].column, error.faults[0].en


def change(listed: Rows, row: int, **cells: str) -> Rows:
    """Set cells of one spreadsheet row."""
    return [{**old, **cells} if k == row - 2 else old for k, old in enumerate(listed)]


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"township_code": ""}, "township_code", "empty cell"),
        ({"township": ""}, "township", "empty cell"),
        ({"group": ""}, "group", "empty cell"),
        ({"unit_code": ""}, "unit_code", "empty cell"),
        ({"township_code": "35072220400"}, "township_code", "12 digits"),
        ({"township_code": "3.50722E+11"}, "township_code", "as text"),
        ({"group": "villagers"}, "group", "a group of the design county-110"),
        ({"psu_code": "201"}, "psu_code", "12 digits"),
        ({"size": "fifty"}, "size", "whole number"),
        ({"size": "312.5"}, "size", "whole number"),
        ({"size": "-3"}, "size", "whole number"),
        ({"size": "1" * 30}, "size", "whole number"),
        ({"unit_code": "a\x07"}, "unit_code", "control characters"),
        ({"ssu_code": "1/2"}, "ssu_code", "| / or control"),
        ({"ssu_code": "1｜2"}, "ssu_code", "| / or control"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(cells: dict[str, str], column: str, words: str) -> None:
    row, found, sentence = only_fault(change(rows(), 5, **cells))
    assert (row, found) == (5, column)
    assert words in sentence


def test_columns_are_named_as_in_the_file() -> None:
    content = (
        table(change(rows(), 5, township_code="1")).rename(columns={"township_code": "乡镇代码"}).to_csv(index=False)
    )
    with pytest.raises(FrameError) as caught:
        read_frame(content.encode(), design=COUNTY)
    assert caught.value.faults[0].column == "乡镇代码"


@pytest.mark.parametrize("column", ["township_code", "township", "group", "unit_code", "psu_code", "psu"])
def test_a_missing_column_is_one_fault(column: str) -> None:
    with pytest.raises(FrameError) as caught:
        read_frame(table(rows()).drop(columns=column), design=COUNTY)
    assert [fault for fault in caught.value.faults if f"column {column} is missing" in fault.en]


def test_wholly_wrong_columns_name_what_is_missing() -> None:
    error = faults([{"a": "1", "b": "2"}])
    assert [fault.row for fault in error.faults] == [None] * 4


def test_two_headers_of_one_meaning_are_a_fault() -> None:
    content = table(rows()).assign(乡镇="濠村乡").to_csv(index=False).encode()
    with pytest.raises(FrameError) as caught:
        read_frame(content, design=COUNTY)
    assert "both mean township" in caught.value.en


def test_a_psu_is_needed_in_every_row_of_a_staged_group() -> None:
    assert only_fault(change(rows(), 70, psu_code=""))[:2] == (70, "psu_code")
    assert only_fault(change(rows(), 70, psu=""))[:2] == (70, "psu")


def test_the_ssu_is_needed_where_the_design_has_that_stage() -> None:
    stages = tuple(Stage(stage, "equal_interval", 2) for stage in ("psu", "ssu", "unit"))
    design = design_of(GroupDesign("rural", Label("农村", "Rural"), stages))
    with pytest.raises(FrameError, match="ssu_code is missing"):
        read_frame(table(rural_rows()), design=design)


def test_a_unit_twice_names_both_rows() -> None:
    row, column, sentence = only_fault(change(rows(), 9, unit_code="0002"))
    assert (row, column) == (9, "unit_code")
    assert "row 3 already" in sentence


def test_the_same_unit_code_in_another_group_or_township_is_no_fault() -> None:
    listed = rows() + one_stage_rows("enterprise", 60) + one_stage_rows("delegates", 60, "350722203000")
    assert len(read_frame(table(listed), design=COUNTY).table) == len(listed)


def test_a_village_in_two_townships_is_a_fault() -> None:
    other = {"township_code": "350722203000", "township": "枫溪乡"}
    row, column, sentence = only_fault(change(rows(), 70, **other))
    assert (row, column) == (70, "township_code")
    assert "350722204201" in sentence


def test_a_village_with_two_names_is_a_fault() -> None:
    assert only_fault(change(rows(), 70, psu="豪村"))[:2] == (70, "psu")


def test_a_township_with_two_names_is_a_fault() -> None:
    assert only_fault(change(rows(), 70, township="豪村乡"))[:2] == (70, "township")


def test_a_township_unknown_to_the_round_is_a_fault_and_another_name_a_warning() -> None:
    error = faults(rows(), {"350722203000": "枫溪乡"})
    assert (len(error.faults), error.more) == (100, len(rows()) - 100)
    frame = read_frame(table(rows()), design=COUNTY, townships={"350722204000": "濠村", "350722203000": "枫溪乡"})
    said = "\n".join(warning.en for warning in frame.warnings)
    assert "'濠村' in the round" in said
    assert "350722203000 枫溪乡 of the round has no row" in said


def test_an_order_twice_or_for_some_rows_only_is_a_fault() -> None:
    ordered = [{**row, "order": str(k)} for k, row in enumerate(one_stage_rows("delegates", 60))]
    assert only_fault(change(ordered, 9, order="03"))[:2] == (9, "order")
    assert only_fault(change(ordered, 9, order=""))[:2] == (9, "order")
    assert only_fault(change(ordered, 9, order="第3"))[:2] == (9, "order")


def test_the_order_may_stand_in_one_group_and_not_in_another() -> None:
    ordered = [{**row, "order": str(60 - k)} for k, row in enumerate(one_stage_rows("delegates", 60))]
    frame = read_frame(table(ordered + rural_rows("350722204000")), design=COUNTY)
    assert frame.table["unit_code"].tolist()[:2] == ["0060", "0059"]


def test_psu_rows_stand_for_all_psus_or_for_none() -> None:
    listed = psu_rows()
    units = [row for row in rural_rows("350722204000") if row["psu_code"] == listed[0]["psu_code"]]
    assert read_frame(table(listed + units), design=COUNTY).report.counts[0].psu_rows == 7
    error = faults(listed[1:] + units)
    assert {fault.column for fault in error.faults} == {"psu_code"}
    assert len(error.faults) + error.more == len(units)


def test_a_psu_row_twice_is_a_fault() -> None:
    listed = psu_rows()
    assert only_fault([*listed, listed[2]])[:2] == (9, "psu_code")


def test_a_psu_row_without_size_is_a_fault() -> None:
    assert only_fault(change(psu_rows(), 4, size=""))[:2] == (4, "unit_code")


def test_all_faults_are_told_at_once_in_the_order_of_rows() -> None:
    listed = change(change(rows(), 20, group="x", size="y"), 4, township_code="z")
    places = [(fault.row, fault.column) for fault in faults(listed).faults]
    assert places == [(4, "township_code"), (20, "size"), (20, "group")]


def test_ten_thousand_faults_are_counted_and_a_hundred_told() -> None:
    error = faults([{**row, "size": "x"} for row in one_stage_rows("delegates", 10_000)])
    assert (len(error.faults), error.more) == (100, 9_900)
    assert [fault.row for fault in error.faults] == list(range(2, 102))


def test_a_group_may_be_given_by_its_label() -> None:
    listed = [{**row, "group": "代表委员" if k % 2 else "Delegates and Members"} for k, row in enumerate(rows()[:60])]
    assert set(read_frame(table(listed), design=COUNTY).table["group"]) == {"delegates"}


def test_whole_numbers_are_written_plainly() -> None:
    listed = [{**row, "size": "0312.0"} for row in psu_rows()]
    assert set(read_frame(csv_of(listed), design=COUNTY).table["size"]) == {"312"}


def both_frames(listed: Rows) -> Rows:
    return [*listed, {**listed[70], "group": "urban"}]


def same_person(listed: Rows) -> Rows:
    return change(change(listed, 3, unit="张三", phone="1"), 7, unit="张三", phone="1")


@pytest.mark.parametrize(
    ("spoil", "row", "words"),
    [
        (both_frames, 72, "also stands in the urban frame (row 458)"),
        (same_person, 7, "same name and phone stands in row 3"),
        (lambda listed: change(listed, 70, size="3"), 70, "kept but not used"),
        (lambda listed: listed[:29] + listed[60:], None, "delegates: the frame has 29 units, the design takes 30"),
        (lambda listed: listed[:64] + listed[127:], None, "fewer are listed in 350722204201 (4)"),
    ],
)
def test_what_only_warns(spoil: Callable[[Rows], Rows], row: int | None, words: str) -> None:
    frame = read_frame(csv_of(spoil(rows())), design=COUNTY)
    told = [warning for warning in frame.warnings if words in warning.en]
    assert [warning.row for warning in told] == [row]
    assert told[0].zh


def test_a_sound_frame_has_no_warning_but_for_the_groups_it_lacks() -> None:
    assert {w.en.split(":")[0] for w in read_frame(table(rows()), design=COUNTY).warnings} == {
        "350722204000, urban",
        "350722204000, enterprise",
    }


def test_units_are_listed_by_code_point_and_an_empty_cell_first() -> None:
    codes = ["10", "9", "a", "B", "甲", "é"]
    listed = [{**row, "unit_code": code} for row, code in zip(one_stage_rows("delegates", 6), codes, strict=True)]
    listed[1]["psu_code"] = "350722204201"
    frame = read_frame(
        table(listed), design=design_of(GroupDesign("delegates", Label("a", "b"), COUNTY.groups[0].stages))
    )
    assert frame.table["unit_code"].tolist() == ["10", "B", "a", "é", "甲", "9"]

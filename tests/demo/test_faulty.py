"""The faulty frame is refused, and each fault planted in it is named where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling import load_design, read_frame
from sampling.errors import Fault, FrameError
from survey_app.demo import HEADER, DemoCounty, build_faulty_rows, write_frame_csv, write_frame_xlsx
from survey_app.demo.faulty import FAULTS
from survey_app.demo.frame import Row

NAMED = {
    "编号缺失": ("编号", "found an empty cell"),
    "乡镇名称缺失": ("乡镇", "found an empty cell"),
    "村代码缺失": ("村代码", "found an empty cell"),
    "乡镇代码少一位": ("乡镇代码", "expected a statistical division code of 12 digits"),
    "村代码含汉字": ("村代码", "expected a statistical division code of 12 digits"),
    "村代码变为科学计数": ("村代码", "format the column as text"),
    "未知乡镇": ("乡镇代码", "expected one of the round's 19 townships"),
    "未知类别": ("类别", "expected a group of the design"),
    "编号重复": ("编号", "expected each unit once"),
    "一村跨两个乡镇": ("乡镇代码", "expected one township for one code"),
    "一村两个名称": ("村", "expected one name for one code"),
    "一乡镇两个名称": ("乡镇", "expected one name for one code"),
    "顺序重复": ("顺序", "expected each number once"),
    "顺序缺失": ("顺序", "this row has no order"),
    "顺序不是整数": ("顺序", "expected a whole number"),
    "户数含文字": ("户数", "expected a whole number"),
    "户数为小数": ("户数", "expected a whole number"),
    "村户数行重复": ("村代码", "has a row of its own"),
    "单元格为公式": ("名称", "found the formula"),
}
"""Planted fault → the column and the words in which Pingyi names it."""


@pytest.fixture(scope="module")
def faulty(county: DemoCounty) -> list[Row]:
    """The faulty rows."""
    return build_faulty_rows(county)


def refused(path: Path, county: DemoCounty) -> FrameError:
    """Read a frame that must be refused."""
    townships = {township.code: township.name for township in county.townships}
    with pytest.raises(FrameError) as caught:
        read_frame(path, design=load_design("county-110"), townships=townships)
    return caught.value


@pytest.fixture(scope="module")
def faults(county: DemoCounty, faulty: list[Row], tmp_path_factory: pytest.TempPathFactory) -> tuple[Fault, ...]:
    """All faults that Pingyi finds in the CSV."""
    path = tmp_path_factory.mktemp("demo") / "faulty.csv"
    write_frame_csv(path, faulty)
    error = refused(path, county)
    assert error.more == 0
    return error.faults


def planted(faulty: list[Row], fault: str) -> list[int]:
    """Spreadsheet rows whose remark names a fault."""
    return [number for number, row in enumerate(faulty, start=2) if row[-1] == fault]


def test_there_are_about_600_rows_of_three_townships(county: DemoCounty, faulty: list[Row]) -> None:
    known = {township.code for township in county.townships}

    assert 550 <= len(faulty) <= 650
    assert len({row[0] for row in faulty} & known) == 3
    assert {len(row) for row in faulty} == {len(HEADER)}


def test_the_rows_are_the_same_each_time(county: DemoCounty, faulty: list[Row]) -> None:
    assert build_faulty_rows(county) == faulty


def test_every_fault_is_planted(faulty: list[Row]) -> None:
    assert {row[-1] for row in faulty} - {""} == set(FAULTS) == set(NAMED)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_by_row_and_column(faulty: list[Row], faults: tuple[Fault, ...], fault: str) -> None:
    column, words = NAMED[fault]
    for row in planted(faulty, fault):
        assert any(found.row == row and found.column == column and words in found.en for found in faults)


def test_nothing_else_is_wrong(faulty: list[Row], faults: tuple[Fault, ...]) -> None:
    assert {found.row for found in faults} == {row for fault in FAULTS for row in planted(faulty, fault)}


def test_the_workbook_has_the_same_faults(
    county: DemoCounty, faulty: list[Row], faults: tuple[Fault, ...], tmp_path: Path
) -> None:
    path = tmp_path / "faulty.xlsx"
    write_frame_xlsx(path, faulty)

    found = refused(path, county).faults

    assert {(fault.row, fault.column) for fault in found} == {(fault.row, fault.column) for fault in faults}

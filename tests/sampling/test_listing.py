"""Listing sheets: what is written, what comes back, and every fault named by file, row and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from listing_factory import HEADER_ROW, change, fill, filled, first_draw, first_rows, sheet_of
from sampling_factory import SMALL_TOWNSHIP, drawn, rural_rows, table

from sampling import (
    Draw,
    FrameError,
    ListingFault,
    Listings,
    SamplingError,
    listing_sheets,
    load_design,
    named_draw,
    read_frame,
    read_listings,
    villages_to_list,
    with_listings,
    write_draw,
)
from sampling.designs.design import Design, GroupDesign, Label, Stage
from sampling.fieldwork.listing import VillageToList


@pytest.fixture(scope="module")
def first() -> Draw:
    return first_draw()


@pytest.fixture(scope="module")
def written(first: Draw, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sheets filled once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("listing") / "sheets"
    filled(first, folder)
    return folder


@pytest.fixture
def sheets(written: Path, tmp_path: Path) -> list[Path]:
    return sorted(Path(shutil.copytree(written, tmp_path / "sheets")).iterdir())


def faults(source: Path | list[Path], draw: Draw) -> list[ListingFault]:
    with pytest.raises(FrameError) as caught:
        read_listings(source, draw)
    found = [fault for fault in caught.value.faults if isinstance(fault, ListingFault)]
    assert len(found) == len(caught.value.faults)
    assert all(fault.en.endswith((".", "。")) and fault.zh for fault in found)
    return found


def only_fault(source: Path | list[Path], draw: Draw) -> ListingFault:
    found = faults(source, draw)
    assert len(found) == 1, [fault.en for fault in found]
    return found[0]


def test_one_sheet_is_written_for_each_village_that_was_hit(first: Draw, tmp_path: Path) -> None:
    paths = listing_sheets(first, tmp_path / "new" / "sheets")
    assert [path.name.split("_")[1] for path in paths] == first.psus["psu_code"].tolist()
    assert sorted(paths) == sorted((tmp_path / "new" / "sheets").iterdir())


def test_a_sheet_says_which_village_and_draw_it_is_and_is_ready_to_fill_in(first: Draw, tmp_path: Path) -> None:
    path = listing_sheets(first, tmp_path / "sheets")[0]
    village = villages_to_list(first)[0]
    book = openpyxl.load_workbook(path)
    sheet = sheet_of(book)
    assert book.sheetnames == ["住户名录", "填表说明"]
    assert [cell.value for cell in sheet[HEADER_ROW]] == [
        "序号",
        "户编号",
        "户主或地址",
        "村民小组代码",
        "小组",
        "电话",
    ]
    top = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=HEADER_ROW - 1)]
    for text in (village.psu, village.psu_code, village.township, village.township_code, "rural", first.fingerprint):
        assert any(text in row for row in top), text
    assert sheet.freeze_panes == f"A{HEADER_ROW + 1}"
    assert str(sheet.page_setup.paperSize) == "9"
    assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    codes = [sheet.cell(HEADER_ROW + k, 2).value for k in range(1, village.rows + 1)]
    assert codes == [village.code(k) for k in range(1, village.rows + 1)]
    assert sheet.cell(HEADER_ROW + 1, 2).number_format == "@"
    assert sheet.max_row == HEADER_ROW + village.rows
    assert len(sheet.data_validations.dataValidation) == 2


def test_equal_draws_give_equal_workbooks(first: Draw, tmp_path: Path) -> None:
    one, two = (listing_sheets(first, tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_a_filled_folder_comes_back_whole(first: Draw, sheets: list[Path]) -> None:
    listings = read_listings(sheets[0].parent, first)
    assert listings.warnings == ()
    assert listings.missing == ()
    assert listings.fingerprint == first.fingerprint
    assert listings.counts["listed"].tolist() == first.psus["size"].tolist()
    assert listings.counts["psu_code"].tolist() == first.psus["psu_code"].tolist()
    one = listings.table.iloc[0].to_dict()
    assert one["unit_code"] == f"{one['psu_code'][-3:]}-001"
    assert (one["group"], one["unit"], one["township"]) == ("rural", "户主1", "濠村乡")


def test_a_clerks_habits_are_understood(first: Draw, sheets: list[Path]) -> None:
    """Full-width digits, numbers typed as numbers, a renamed file, an empty row, text below the prepared rows."""
    path = sheets[0].rename(sheets[0].with_name("上交 名录（最终版）.xlsx"))
    village = villages_to_list(first)[0]
    prefix = village.prefix
    cells: dict[str, object] = {"B8": "９０１", "B9": 902, "B10": None, "C10": None, "A10": None, "F8": 13900000000}
    below = HEADER_ROW + village.rows + 3
    change(path, cells | {f"B{below}": f"{prefix}-999", f"C{below}": "　后来补的　"})
    listings = read_listings(path, first)
    own = listings.table
    assert own["unit_code"].tolist()[:3] == ["901", "902", f"{prefix}-004"]
    assert own["phone"].iloc[0] == "13900000000"
    assert own["unit"].iloc[-1] == "后来补的"
    assert len(own) == village.size
    assert any("left empty" in warning.en for warning in listings.warnings)
    assert read_frame(with_listings(first.frame.table, listings), design=first.design).warnings is not None


def test_rows_that_hold_only_their_prepared_code_are_not_needed(first: Draw, tmp_path: Path) -> None:
    paths = listing_sheets(first, tmp_path / "sheets")
    fill(paths[0], 3)
    assert len(read_listings(paths[0], first).table) == 3


def test_villages_without_a_sheet_are_warned_of_and_few_households_too(first: Draw, sheets: list[Path]) -> None:
    fill(sheets[0], 1)
    listings = read_listings(sheets[:1], first)
    assert [village.psu_code for village in listings.missing] == first.psus["psu_code"].tolist()[1:]
    assert [warning.file for warning in listings.warnings] == [""] * len(listings.missing)


def test_a_list_far_from_the_size_is_warned_of(first: Draw, tmp_path: Path) -> None:
    paths = listing_sheets(first, tmp_path / "sheets")
    for path in paths:
        fill(path, 2)
    listings = read_listings(tmp_path / "sheets", first)
    said = " ".join(warning.en for warning in listings.warnings)
    assert said.count("the frame says") == said.count("the design takes 3") == len(paths)


def test_a_file_named_after_another_village_is_warned_of(first: Draw, sheets: list[Path]) -> None:
    a, b = sheets
    a.rename(a.with_name("x.xlsx"))
    b.rename(a)
    warnings = read_listings(a.parent, first).warnings
    assert [warning.file for warning in warnings] == [a.name]
    assert "file's name" in warnings[0].en


def test_what_excel_and_windows_leave_in_a_folder_is_passed_over(first: Draw, sheets: list[Path]) -> None:
    folder = sheets[0].parent
    for name in ("~$open.xlsx", "Thumbs.db", ".DS_Store", "desktop.ini"):
        (folder / name).write_bytes(b"x")
    (folder / "sub").mkdir()
    sheets[0].rename(folder / "sub" / sheets[0].name)
    assert len(read_listings(folder, first).counts) == 2


@pytest.mark.parametrize(
    ("cells", "row", "column", "said"),
    [
        ({"B9": None}, 9, "户编号", "empty"),
        ({"C9": None, "F9": "139"}, 9, "户主或地址", "empty"),
        ({"B9": "a|b"}, 9, "户编号", "without |"),
        ({"B9": "a\nb"}, 9, "户编号", "control"),
        ({"D9": "1/2"}, 9, "村民小组代码", "and /"),
        ({"C9": "@x"}, 9, "户主或地址", "formula"),
        ({"C9": "=A1"}, 9, "户主或地址", "formula"),
        ({"B9": "201-001", "B8": "201-001"}, 9, "户编号", "stands in"),
        ({"A4": None}, None, None, "调查类别"),
        ({"A5": "x"}, None, None, "抽样指纹"),
        ({"B5": "0" * 64}, None, None, "belongs to the draw"),
        ({"D3": "350722204299"}, None, None, "does not ask to be listed"),
        ({"B3": "别的村"}, None, None, "别的村"),
        ({"B7": "代号甲"}, None, None, "户编号"),
    ],
)
def test_every_fault_in_a_sheet_is_named(
    first: Draw, sheets: list[Path], cells: dict[str, object], row: int | None, column: str | None, said: str
) -> None:
    path = sheets[0]
    change(path, cells)
    fault = only_fault(path, first)
    assert (fault.file, fault.row, fault.column) == (path.name, row, column)
    assert said in fault.en
    assert fault.en.startswith(path.name)


def test_a_sheet_without_households_is_a_fault(first: Draw, tmp_path: Path) -> None:
    paths = listing_sheets(first, tmp_path / "sheets")
    assert "lists no household" in only_fault(paths[0], first).en


def test_a_village_with_two_sheets_is_a_fault_and_so_are_its_codes(first: Draw, sheets: list[Path]) -> None:
    shutil.copy(sheets[0], sheets[0].with_name("again.xlsx"))
    found = faults(sheets[0].parent, first)
    assert {fault.file for fault in found} == {sheets[0].name}  # "again.xlsx" comes first by name
    assert "has a sheet in again.xlsx already" in found[0].en


def test_a_code_in_two_villages_or_in_the_frame_is_a_fault(first: Draw, sheets: list[Path]) -> None:
    change(sheets[0], {"B8": "7"})
    change(sheets[1], {"B8": "７"})
    fault = only_fault(sheets[0].parent, first)
    assert (fault.file, fault.row) == (sheets[1].name, 8)
    assert sheets[0].name in fault.en


def test_files_that_are_no_sheets_are_named_beside_all_other_faults(first: Draw, sheets: list[Path]) -> None:
    folder = sheets[0].parent
    (folder / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0old")
    (folder / "b.xlsx").write_bytes(b"PK\x03\x04broken")
    (folder / "c.csv").write_text("户编号,户主\n1,张\n", encoding="utf-8")
    change(sheets[1], {"B9": None, "B10": "a|b"})
    found = faults(folder, first)
    assert [fault.file for fault in found] == ["a.xls", "b.xlsx", "c.csv", sheets[1].name, sheets[1].name]


def test_a_hundred_faults_are_named_and_the_rest_counted(first: Draw, sheets: list[Path]) -> None:
    fill(sheets[0], 60, CODE=lambda number: f"a|{number}")
    fill(sheets[1], 60, CODE=lambda number: f"b|{number}")
    with pytest.raises(FrameError) as caught:
        read_listings(sheets[0].parent, first)
    assert (len(caught.value.faults), caught.value.more) == (100, 20)


def test_an_empty_folder_and_a_missing_file_are_refused(first: Draw, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FrameError, match="holds no listing sheet"):
        read_listings(tmp_path / "empty", first)
    assert "cannot be read" in only_fault(tmp_path / "none.xlsx", first).en


def test_further_sheets_of_a_workbook_are_warned_of(first: Draw, sheets: list[Path]) -> None:
    book = openpyxl.load_workbook(sheets[0])
    book.create_sheet("第二页")
    book.save(sheets[0])
    assert "第二页" in read_listings(sheets[0], first).warnings[0].en


def test_nothing_to_list_is_refused_and_a_full_folder_is_never_written_over(first: Draw, tmp_path: Path) -> None:
    whole = drawn(rural_rows(SMALL_TOWNSHIP), load_design("teaching"))
    assert villages_to_list(whole) == ()
    with pytest.raises(SamplingError, match="no village to list"):
        listing_sheets(whole, tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(SamplingError, match="not empty"):
        listing_sheets(first, tmp_path / "full")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_frame_without_names_cannot_give_sheets(first: Draw, tmp_path: Path) -> None:
    from sampling import draw, read_official_frame

    nameless = draw(read_official_frame(first.frame_csv, design=first.design), first.design, first.seed)
    with pytest.raises(SamplingError, match="has no name"):
        listing_sheets(nameless, tmp_path / "sheets")
    named = named_draw(write_draw(first, tmp_path / "draw"), table(first_rows()))
    assert villages_to_list(named) == villages_to_list(first)


def test_a_size_that_is_no_number_of_households_does_not_fill_the_disk() -> None:
    huge = VillageToList("1", "乡", "rural", "350722204201", "村", "户", 10**9, 1, "201", False)
    assert (huge.rows, huge.code(1)) == (20_000, "201-00001")


def test_file_names_are_safe_on_windows() -> None:
    village = VillageToList("1", 'a<b>:"c"', "rural", "350722204201", "x/\\|?*\ty. ", "户", 5, 1, "201", False)
    assert village.file_name() == "a_b_c_350722204201_x_y_户.xlsx"


def test_prepared_codes_stay_unique_where_villages_share_their_last_digits() -> None:
    rows = first_rows()
    for k, row in enumerate(rows[:7]):
        row["psu_code"] = f"35072220{k}201"
    villages = villages_to_list(drawn(rows, load_design("teaching")))
    assert {village.prefix for village in villages} == {village.psu_code for village in villages}


def test_a_design_through_villager_groups_needs_their_codes(tmp_path: Path) -> None:
    label = Label("农村居民", "Rural")
    stages = (
        Stage("psu", "pps_equal_interval", 1),
        Stage("ssu", "equal_interval", 2),
        Stage("unit", "equal_interval", 2),
    )
    design = Design("deep", label, label, (GroupDesign("rural", label, stages),))
    first = drawn([{**row, "ssu_code": ""} for row in first_rows()[:7]], design)
    assert villages_to_list(first)[0].needed == 4
    path = listing_sheets(first, tmp_path / "sheets")[0]
    fill(path, 20)
    found = faults(path, first)
    assert len(found) == 20
    assert {fault.column for fault in found} == {"村民小组代码"}
    fill(path, 20, SSU_CODE=lambda number: f"{number % 4:02d}", SSU="组")
    second = drawn_again(first, read_listings(path, first))
    assert len(second.sample) == 4


def drawn_again(first: Draw, listings: Listings) -> Draw:
    from sampling import draw

    frame = read_frame(with_listings(first.frame.table, listings), design=first.design)
    return draw(frame, first.design, first.seed)

"""The demo frame: its rows stay the same, its defects warn and nothing in it is refused."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sampling import Frame, load_design, read_frame
from survey_app.demo import HEADER, DemoCounty, build_county, build_frame, write_frame_csv, write_frame_xlsx
from survey_app.demo.frame import (
    DELEGATES,
    ENTERPRISE,
    FULL_WIDTH_TOWNSHIP,
    RURAL,
    URBAN,
    VACANT,
    WRONG_CLASS,
    Row,
    township_rows,
)
from survey_app.demo.names import RARE

FINGERPRINT = "c746d44117e7ea46af59602a9245124633dfb1d237b5fd5b567726d15882e581"
"""SHA-256 of the rows, cells joined by tabs and rows by line ends; a change of the demo frame is a change of every demo draw."""


@pytest.fixture(scope="module")
def frame(county: DemoCounty, rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """The demo frame as Pingyi reads its CSV."""
    path = tmp_path_factory.mktemp("demo") / "frame.csv"
    write_frame_csv(path, rows)
    townships = {township.code: township.name for township in county.townships}
    return read_frame(path, design=load_design("county-110"), townships=townships)


def test_the_rows_are_the_same_for_ever(rows: list[Row]) -> None:
    text = "\n".join("\t".join(row) for row in rows)

    assert hashlib.sha256(text.encode()).hexdigest() == FINGERPRINT


def test_another_seed_gives_another_frame_of_the_same_size_and_kind(county: DemoCounty, rows: list[Row]) -> None:
    others = build_frame(county, 1)

    assert others != rows
    assert len(others) == pytest.approx(len(rows), rel=0.01)


def test_a_townships_rows_depend_on_no_other_row(county: DemoCounty, rows: list[Row]) -> None:
    township = county.townships[12]

    assert township_rows(county, township) == [row for row in rows if row[0] == township.code]


def test_there_are_about_118_thousand_rows(rows: list[Row]) -> None:
    assert 110_000 < len(rows) < 120_000
    assert {len(row) for row in rows} == {len(HEADER)}


def test_unit_codes_are_unique_within_township_and_group(rows: list[Row], column: dict[str, int]) -> None:
    keys = Counter((row[0], row[column["类别"]], row[column["编号"]]) for row in rows)

    assert keys.most_common(1)[0][1] == 1


def test_every_code_of_twelve_digits_begins_with_3599(rows: list[Row], column: dict[str, int]) -> None:
    codes = {row[column[header]] for row in rows for header in ("乡镇代码", "村代码")} - {""}

    assert all(re.fullmatch(r"359900[0-9]{6}", code) for code in codes)


def test_phones_are_numbers_that_nobody_has(rows: list[Row], column: dict[str, int]) -> None:
    phones = {row[column["电话"]] for row in rows if row[0] != FULL_WIDTH_TOWNSHIP} - {""}

    assert all(re.fullmatch(r"1990000[0-9]{4}", phone) for phone in phones)


def test_every_township_has_all_four_groups(county: DemoCounty, rows: list[Row], column: dict[str, int]) -> None:
    found = {(row[0], row[column["类别"]]) for row in rows}

    assert len(found) == 4 * len(county.townships)


def test_deputies_are_as_many_as_the_law_says(county: DemoCounty, rows: list[Row], column: dict[str, int]) -> None:
    numbers = Counter((row[0], row[column["子类"]]) for row in rows if row[column["类别"]] == DELEGATES)
    for township in county.townships:
        deputies = numbers[township.code, "npc_deputy"]
        members = numbers[township.code, "cppcc_member"]
        assert 50 <= numbers[township.code, "party_delegate"] <= 110
        if township.kind == "subdistrict":
            assert 15 <= deputies <= 35  # a share of the county's about 206
            assert 20 <= members <= 40
        else:
            assert deputies == 45 + township.population // 1_500
            assert 2 <= members <= 10


def test_one_rural_household_in_a_hundred_stands_in_the_urban_list_too(rows: list[Row], column: dict[str, int]) -> None:
    households: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        households[row[column["类别"]]].add((row[column["村代码"]], row[column["编号"]]))
    both = households[URBAN] & households[RURAL]

    assert len(both) / len(households[RURAL]) == pytest.approx(0.01, abs=0.001)


def test_three_delegates_in_a_hundred_are_in_two_lists(rows: list[Row], column: dict[str, int]) -> None:
    people: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row[column["类别"]] == DELEGATES:
            people[row[0], row[column["名称"]], row[column["电话"]]].append(row[column["子类"]])
    twice = [kinds for kinds in people.values() if len(kinds) > 1]

    assert len(twice) / len(people) == pytest.approx(0.03, abs=0.003)
    assert all(len(set(kinds)) == 2 and kinds[0] == "party_delegate" for kinds in twice)


def test_shares_of_vacant_wrongly_classed_and_unnumbered_households(rows: list[Row], column: dict[str, int]) -> None:
    households = [row for row in rows if row[column["村代码"]]]
    remarks = Counter(row[column["备注"]] for row in households)
    unnumbered = sum(not row[column["地址"]].endswith("号") for row in households)

    assert remarks[VACANT] / len(households) == pytest.approx(0.02, abs=0.001)
    assert remarks[WRONG_CLASS] / len(households) == pytest.approx(0.005, abs=0.0005)
    assert unnumbered / len(households) == pytest.approx(0.03, abs=0.0015)


def test_a_wrongly_classed_household_has_another_class_than_its_village(
    county: DemoCounty, rows: list[Row], column: dict[str, int]
) -> None:
    classes = {psu.code: psu.urban_rural for township in county.townships for psu in township.psus}
    for row in rows:
        if code := row[column["村代码"]]:
            wrong = row[column["城乡分类代码"]] != classes[code]
            assert wrong == (row[column["备注"]] == WRONG_CLASS)


def test_three_townships_have_fewer_enterprises_than_the_design_takes(rows: list[Row], column: dict[str, int]) -> None:
    numbers = Counter(row[0] for row in rows if row[column["类别"]] == ENTERPRISE)

    assert sorted(numbers.values())[:3] == [7, 8, 9]
    assert sorted(numbers.values())[3] >= 10
    assert max(numbers.values()) <= 400


def test_enterprises_of_a_township_have_different_names(rows: list[Row], column: dict[str, int]) -> None:
    names = [row[column["名称"]] for row in rows if row[column["类别"]] == ENTERPRISE]

    assert len(names) == len(set(names))


def test_some_people_have_rare_characters_in_their_names(rows: list[Row], column: dict[str, int]) -> None:
    names = "".join(row[column["名称"]] for row in rows if row[column["类别"]] == RURAL)

    assert all(character in names for character in RARE)


def test_pingyi_reads_the_frame_with_warnings_only(frame: Frame, rows: list[Row]) -> None:
    said = "\n".join(warning.en for warning in frame.warnings)

    assert frame.report.rows == len(rows)
    assert frame.report.unknown == ("城乡分类代码", "备注")
    assert said.count("also stands in the urban frame") == pytest.approx(880, abs=30)
    assert said.count("a delegate of the same name and phone") == pytest.approx(80, abs=10)
    assert said.count("the frame has") == 3


def test_full_width_digits_are_read_as_half_width(frame: Frame, rows: list[Row], column: dict[str, int]) -> None:
    written = [row[column["电话"]] for row in rows if row[0] == FULL_WIDTH_TOWNSHIP]
    read = frame.table.loc[frame.table["township_code"] == FULL_WIDTH_TOWNSHIP, "phone"]

    assert any(phone.startswith("１９９００００") for phone in written)
    assert all(phone.startswith("1990000") for phone in read if phone)


def test_workbook_and_csv_are_the_same_frame(county: DemoCounty, tmp_path: Path) -> None:
    township = county.townships[14]
    rows, design = township_rows(county, township), load_design("county-110")
    write_frame_csv(tmp_path / "frame.csv", rows)
    write_frame_xlsx(tmp_path / "frame.xlsx", rows)

    from_csv, from_xlsx = (read_frame(tmp_path / name, design=design) for name in ("frame.csv", "frame.xlsx"))

    assert from_csv.sha256 == from_xlsx.sha256
    assert from_csv.table.equals(from_xlsx.table)


def test_the_csv_opens_in_excel(county: DemoCounty, tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    write_frame_csv(path, township_rows(county, county.townships[14])[:3])
    content = path.read_bytes()

    assert content.startswith(b"\xef\xbb\xbf" + "乡镇代码,乡镇,类别".encode())
    assert content.count(b"\n") == 4
    assert b"\r" not in content


def test_other_seeds_give_sound_frames_too(tmp_path: Path) -> None:
    """The first township of each kind, of another county."""
    county = build_county(7)
    rows = [row for place in (0, 2, 11) for row in township_rows(county, county.townships[place], 7)]
    write_frame_csv(tmp_path / "frame.csv", rows)

    assert len(read_frame(tmp_path / "frame.csv", design=load_design("county-110")).table) == len(rows)

"""Files of every kind: what is read, and what each other kind of file is told."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sampling_factory import csv_of, one_stage_rows, rural_rows, table

from sampling import Frame, FrameError, load_design, read_frame
from sampling.frames.columns import CANONICAL, canonical
from sampling.frames.raw_table import is_formula
from sampling.frames.tables import MAX_BYTES

COUNTY = load_design("county-110")
CHINESE = {
    "township_code": "乡镇代码",
    "township": "乡镇名称",
    "group": "调查对象",
    "unit_code": "户编号",
    "unit": "户主姓名",
    "psu_code": "村（居）委会代码",
    "psu": "村名",
}


def rows() -> list[dict[str, str]]:
    return rural_rows("350722204000") + one_stage_rows("enterprise", 40)


def workbook_of(cells: list[list[object]], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in cells:
        sheet.append(row)
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(listed: list[dict[str, str]]) -> list[list[object]]:
    df = table(listed)
    return [list(df.columns), *df.to_numpy().tolist()]


def refusal(content: bytes | Path) -> FrameError:
    with pytest.raises(FrameError) as caught:
        read_frame(content, design=COUNTY, name="list.csv")
    assert all(fault.en and fault.zh for fault in caught.value.faults)
    return caught.value


@pytest.fixture(scope="module")
def plain() -> Frame:
    return read_frame(csv_of(rows()), design=COUNTY)


def test_columns_in_any_order_give_the_same_frame(plain: Frame) -> None:
    df = table(rows())
    assert read_frame(df[df.columns[::-1]], design=COUNTY).sha256 == plain.sha256


def test_rows_in_any_order_give_the_same_frame(plain: Frame) -> None:
    assert read_frame(table(rows()).sample(frac=1, random_state=1), design=COUNTY).sha256 == plain.sha256


def test_a_byte_order_mark_is_tolerated(plain: Frame) -> None:
    assert read_frame(csv_of(rows(), "utf-8-sig"), design=COUNTY).sha256 == plain.sha256


def test_gb18030_with_chinese_headers_and_full_width_digits_is_accepted(plain: Frame) -> None:
    df = table(rows()).rename(columns=CHINESE)
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    for column in ("乡镇代码", "户编号", "村（居）委会代码"):
        df[column] = "　" + df[column].str.translate(wide) + " "
    df["调查对象"] = df["调查对象"].map({"rural": "农村居民", "enterprise": "企业经营者"})
    frame = read_frame(df.to_csv(index=False).encode("gb18030"), design=COUNTY)
    assert frame.sha256 == plain.sha256
    assert frame.report.encoding == "GB18030"
    assert frame.report.columns["psu_code"] == "村（居）委会代码"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_are_recognised(plain: Frame, separator: str) -> None:
    content = table(rows()).to_csv(index=False, sep=separator).encode()
    assert read_frame(content, design=COUNTY).sha256 == plain.sha256


def test_a_workbook_equals_the_csv_and_numbers_lose_their_point(plain: Frame) -> None:
    cells = cells_of(rows())
    for row in cells[1:]:
        row[0] = int(str(row[0]))
    frame = read_frame(workbook_of([["濠村乡抽样框"], [], *cells]), design=COUNTY)
    assert frame.sha256 == plain.sha256
    assert frame.report.kind == "xlsx"


def test_a_data_frame_may_hold_numbers_and_missing_values(plain: Frame) -> None:
    df = table(rows()).astype(object)
    df["township_code"] = df["township_code"].astype("int64")
    df["size"] = float("nan")
    df["phone"] = pd.NA
    assert read_frame(df, design=COUNTY).sha256 == plain.sha256


def test_unknown_columns_are_kept_and_canonical_ones_always_there(plain: Frame) -> None:
    df = table(rows()).assign(备注="甲", **{"": "乙"})
    frame = read_frame(df.to_csv(index=False).encode(), design=COUNTY)
    assert tuple(frame.table.columns[: len(CANONICAL)]) == CANONICAL
    assert frame.report.unknown == ("备注", "column I")
    assert set(frame.table["备注"]) == {"甲"}
    assert plain.report.unknown == ()


def test_the_official_file_has_no_names(plain: Frame) -> None:
    lines = plain.official_csv().decode().splitlines()
    assert lines[0] == "township_code,group,psu_code,ssu_code,subgroup,unit_code,order,size"
    assert lines[1] == "350722204000,enterprise,,,,0001,,"
    assert "户" not in plain.official_csv().decode()


def test_the_report_counts_by_township_and_group(plain: Frame) -> None:
    counted = {count.group: (count.township, count.psus, count.units) for count in plain.report.counts}
    assert counted == {"enterprise": ("濠村乡", 0, 40), "rural": ("濠村乡", 7, 396)}


def test_blank_rows_are_skipped_but_counted_in_row_numbers() -> None:
    lines = csv_of(rows()).decode().splitlines()
    content = "\n".join([lines[0], "", ",,,,,,", lines[1], lines[1]]).encode()
    assert refusal(content).faults[0].row == 5


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Township_Code", "township_code"),
        ("统计用区划代码", "township_code"),
        ("村(居)委会代码", "psu_code"),
        ("户数（户）", "size"),
        ("村民小组", "ssu"),
        ("代表类别 *", "subgroup"),
        ("ＰＨＯＮＥ", "phone"),
        ("备注", None),
        ("", None),
    ],
)
def test_headers_have_their_meaning(header: str, column: str | None) -> None:
    assert canonical(header) == column


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"township_code,township,group,unit_code\n", "no rows below"),
        (b"%PDF-1.7 renamed", "a PDF"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\x89PNG\r\n", "an image"),
        (b"\xff\xd8\xff\xe0", "an image"),
        (b"\x1f\x8bxx", "archive"),
        (b"<html><table></table></html>", "a web page"),
        ("乡镇代码,组别".encode("utf-16"), "UTF-16"),
        (b"township_code,group\n\x00\x01", "binary"),
        (b"\xff\xff\x80", "neither UTF-8 nor GB18030"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"PK\x05\x06" + b"\x00" * 18, "binary"),
        (b'township_code,group\n"3507', "quotation mark"),
    ],
)
def test_other_kinds_of_files_are_named(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content).en


def zip_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_zip_archives_that_are_no_workbook_are_named() -> None:
    assert "a zip archive" in refusal(zip_of(**{"a.txt": b"x"})).en
    assert "Word" in refusal(zip_of(**{"word/document.xml": b"x"})).en
    assert "damaged" in refusal(zip_of(**{"xl/workbook.xml": b"<workbook/>"})).en


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampling.frames.xlsx.MAX_UNPACKED", 1000)
    assert "unpacks to" in refusal(workbook_of(cells_of(rows()))).en


def test_a_truncated_workbook_is_damaged_not_a_traceback() -> None:
    content = workbook_of(cells_of(rows()))
    for length in range(4, len(content), len(content) // 40):
        assert refusal(content[:length]).faults


def test_a_workbook_with_any_byte_spoilt_is_read_or_refused() -> None:
    """Nothing but a frame or a FrameError comes of a damaged workbook."""
    content = workbook_of(cells_of(one_stage_rows("enterprise", 12)))
    refused = 0
    for place in range(4, len(content), 17):
        spoilt = content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
        try:
            read_frame(spoilt, design=COUNTY)
        except FrameError:
            refused += 1
    assert refused


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    assert "100 MB" in refusal(path).en
    assert "at most 40 MB" in refusal(b"x" * (MAX_BYTES + 1)).en


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "none.csv").en
    assert "cannot be read" in refusal(tmp_path).en


def test_formulas_are_refused_by_cell() -> None:
    cells = cells_of(rows())
    cells[3][3] = "=ROW()"
    fault = refusal(workbook_of(cells)).faults[0]
    assert (fault.row, fault.column) == (4, "unit_code")
    assert "found a formula in cell D4;" in fault.en
    assert "实为单元格 D4 中的公式；" in fault.zh
    content = csv_of(rows()).replace("第2户".encode(), b"=1+1", 1)
    fault = refusal(content).faults[0]
    assert (fault.row, fault.column) == (3, "unit")


def test_a_text_that_looks_like_a_formula_is_refused_in_a_workbook_as_in_csv() -> None:
    """Stored as text it does nothing yet; exported and opened elsewhere it would."""

    def body(book: openpyxl.Workbook) -> None:
        for place, text in (("E3", "=cmd|calc"), ("E4", "@SUM(A1)"), ("E5", "+86 599 123")):
            book.worksheets[0][place].value = text
            book.worksheets[0][place].data_type = "s"

    workbook = refusal(workbook_of(cells_of(rows()), body))
    assert [(fault.row, fault.column) for fault in workbook.faults] == [(3, "unit"), (4, "unit")]
    content = csv_of(rows()).replace("第2户".encode(), b"=cmd|calc", 1).replace("第3户".encode(), b"@SUM(A1)", 1)
    assert [(fault.en, fault.zh) for fault in workbook.faults] == [
        (fault.en, fault.zh) for fault in refusal(content).faults
    ]
    assert workbook.more == 0


def test_what_a_file_is_stands_apart_from_chinese_words() -> None:
    assert "list.csv 是 PDF 文档，" in refusal(b"%PDF-1.7").zh
    assert " 是图片（PNG），" in refusal(b"\x89PNG").zh
    assert " 是 Word 文档，" in refusal(zip_of(**{"word/document.xml": b""})).zh


def test_every_formula_of_a_long_sheet_is_found_once() -> None:
    """The sheet is looked through in pieces; no formula falls between two of them, none is counted twice."""
    cells = cells_of(rows())
    filler = [["350722204000", "濠村乡", "enterprise", f"X{i:05d}", "=1+1", "", ""] for i in range(12_000)]
    error = refusal(workbook_of(cells + filler))
    assert len(error.faults) + error.more == 12_000


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("=SUM(A1)", True),
        ("@name", True),
        ("+cmd|'/C calc'!A0", True),
        ("-A1", True),
        ("+86 599-282 1234", False),
        ("-5", False),
        ("-", False),
        ("甲=乙", False),
    ],
)
def test_what_is_a_formula(text: str, formula: bool) -> None:
    assert is_formula(text) is formula


def test_merged_cells_in_the_list_are_refused_and_over_a_title_are_not(plain: Frame) -> None:
    def title(book: openpyxl.Workbook) -> None:
        book.worksheets[0].merge_cells("A1:G1")

    def body(book: openpyxl.Workbook) -> None:
        book.worksheets[0].merge_cells("B3:B9")

    cells = [["濠村乡抽样框"], *cells_of(rows())]
    assert read_frame(workbook_of(cells, title), design=COUNTY).sha256 == plain.sha256
    assert "rows 3 to 9 are merged" in refusal(workbook_of(cells, body)).en


def test_only_the_first_visible_sheet_is_read_and_the_others_are_named(plain: Frame) -> None:
    def more(book: openpyxl.Workbook) -> None:
        book.create_sheet("说明").append(["x"])
        book.create_sheet("隐藏", 0).sheet_state = "hidden"
        book.active = 1

    frame = read_frame(workbook_of(cells_of(rows()), more), design=COUNTY)
    assert frame.sha256 == plain.sha256
    assert any("说明" in warning.zh and "隐藏" in warning.zh for warning in frame.warnings)


def test_a_cell_far_out_is_refused_before_the_sheet_is_laid_out() -> None:
    def far(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["XFD1048576"] = 1

    assert "XFD1048576" in refusal(workbook_of(cells_of(rows()), far)).en


def test_dates_and_truth_values_become_text() -> None:
    cells = cells_of(one_stage_rows("enterprise", 12))
    cells[0].append("备注")
    cells[1].append(dt.datetime(2026, 11, 23))  # noqa: DTZ001 spreadsheets know no zones
    cells[2].append(True)
    frame = read_frame(workbook_of(cells), design=COUNTY)
    assert frame.table["备注"].tolist()[:2] == ["2026-11-23", "TRUE"]


def test_uneven_rows_are_faults_but_empty_cells_too_many_are_not(plain: Frame) -> None:
    content = csv_of(rows())
    lines = content.split(b"\n")
    lines[5] += b",,"
    assert read_frame(b"\n".join(lines), design=COUNTY).sha256 == plain.sha256
    lines[5], lines[7] = lines[5] + b"x", b"350722204000"
    assert [fault.row for fault in refusal(b"\n".join(lines)).faults] == [6, 8]


def test_parquet_is_read_whole_with_all_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    df = table(rows()).assign(note="n", number=7)
    df.to_parquet(path)
    read = read_frame(path, design=COUNTY)
    assert read.report.kind == "parquet"
    assert read.report.unknown == ("note", "number")
    assert read.table.equals(read_frame(df, design=COUNTY).table)
    assert read_frame(path.read_bytes(), design=COUNTY).sha256 == read.sha256
    assert "cannot be read as Parquet" in refusal(path.read_bytes()[:-9]).en
    df.iloc[:0].to_parquet(path)
    assert "no rows below it" in refusal(path).en


def test_a_small_parquet_file_of_endless_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pd.DataFrame({"township_code": ["350722204000"] * 1_000_000}).to_parquet(path)
    with pytest.raises(FrameError, match="1000000 rows and 1 columns, too many") as caught:
        read_frame(path, design=COUNTY, max_bytes=900_000)
    assert "draw_stream" in caught.value.zh


def test_a_larger_limit_may_be_given_and_a_long_csv_is_told_how_to_be_drawn() -> None:
    content = csv_of(rows())
    with pytest.raises(FrameError, match=r"pingyi draw.*draw_stream.*max_bytes") as caught:
        read_frame(content, design=COUNTY, max_bytes=len(content) - 1)
    assert "save it as CSV" not in caught.value.en
    assert len(read_frame(content, design=COUNTY, max_bytes=len(content))) == len(rows())

"""Codes that a spreadsheet made dates, decimals, truth values or errors of, in frames and in listing sheets."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from listing_factory import change, filled, first_draw
from sampling_factory import csv_of, one_stage_rows, table

from sampling import FrameError, draw_stream, load_design, read_frame, read_listings

DESIGN = load_design("teaching")
DAY = dt.date(2026, 1, 2)
ODD = [
    (DAY, "the date 2026-01-02", "日期 2026-01-02"),
    (17.5, "the decimal number 17.5", "小数 17.5"),
    (True, "the truth value TRUE", "逻辑值 TRUE"),
    (1.2345678901234567e17, "more than 15 digits", "末位已丢失"),
]


def workbook(value: object, cell: str = "D3") -> bytes:
    """Five delegates, one cell as a spreadsheet has it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    df = table(one_stage_rows("delegates", 5))
    for row in [list(df.columns), *df.to_numpy().tolist()]:
        sheet.append(row)
    sheet[cell] = value
    if isinstance(value, str) and value.startswith("#"):
        sheet[cell].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults(source: Any) -> list[tuple[int | None, str | None, str, str]]:
    with pytest.raises(FrameError) as caught:
        read_frame(source, design=DESIGN)
    return [(fault.row, fault.column, fault.en, fault.zh) for fault in caught.value.faults]


@pytest.mark.parametrize(("value", "en", "zh"), ODD)
def test_a_code_that_became_something_else_is_named_by_row_and_column(value: object, en: str, zh: str) -> None:
    ((row, column, said_en, said_zh),) = faults(workbook(value))
    assert (row, column) == (3, "unit_code")
    assert f"expected a code, found {en}" in said_en or en in said_en
    assert zh in said_zh


def test_whole_numbers_stay_codes() -> None:
    assert "17" in read_frame(workbook(17.0), design=DESIGN).table["unit_code"].tolist()


def test_a_spreadsheets_error_is_called_so_and_not_an_empty_cell() -> None:
    ((row, column, en, zh),) = faults(workbook("#REF!"))
    assert (row, column) == (3, "unit_code")
    assert "found the spreadsheet error #REF!" in en
    assert "empty" not in en
    assert "错误值 #REF!" in zh
    listed = one_stage_rows("delegates", 5)
    listed[2]["township"] = "#N/A"
    assert any("spreadsheet error #N/A" in fault[2] for fault in faults(csv_of(listed)))


@pytest.mark.parametrize("value", [DAY, 17.5, True, b"17", ["17"], np.float64(17.5), pd.Timestamp(2026, 1, 2)])
def test_the_same_in_a_table_and_in_parquet(value: object, tmp_path: Path) -> None:
    df = table(one_stage_rows("delegates", 5))
    df["unit_code"] = pd.Series(["1", "2", value, "4", "5"], dtype=object)
    ((row, column, en, _),) = faults(df)
    assert (row, column) == (4, "unit_code")
    assert en.split("; ")[1] == "format the column as text and type the code anew."
    whole = df.assign(unit_code=pd.Series([value] * 5, dtype=object if isinstance(value, list) else None))
    whole.to_parquet(tmp_path / "list.parquet")
    assert sum("expected a code, found" in fault[2] for fault in faults(tmp_path / "list.parquet")) == 5
    with pytest.raises(FrameError, match="expected a code, found"):
        draw_stream(tmp_path / "list.parquet", DESIGN, "s", tmp_path / "out")


def test_codes_in_32_bits_are_refused_since_their_digits_are_lost() -> None:
    df = table(one_stage_rows("delegates", 5))
    df["township_code"] = df["township_code"].astype("float32")
    assert "numbers of 32 bits" in faults(df)[0][2]
    df["township_code"] = table(one_stage_rows("delegates", 5))["township_code"].astype("float64")
    assert read_frame(df, design=DESIGN).table["township_code"].iloc[0] == "350722204000"


def test_codes_as_long_as_sentences_are_refused() -> None:
    listed = one_stage_rows("delegates", 5)
    listed[1]["unit_code"], listed[2]["unit_code"] = "x" * 201, "x" * 200
    ((row, _, en, zh),) = faults(csv_of(listed))
    assert row == 3
    assert "at most 200 characters, found 201" in en
    assert "实有 201 个" in zh


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((value, en) for value, en, _ in ODD),
        ("#REF!", "spreadsheet error #REF!"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_the_same_in_a_listing_sheet(value: object, said: str, tmp_path: Path) -> None:
    draw = first_draw()
    first, *_ = filled(draw, tmp_path / "sheets")
    change(first, {"B9": value})
    with pytest.raises(FrameError) as caught:
        read_listings(tmp_path / "sheets", draw)
    (fault,) = caught.value.faults
    assert fault.row == 9
    assert said in fault.en

"""Every format is read back and holds the same figures."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from docx import Document
from made_round import SIZES, made_source

from analysis import EXPORTS, TABLES, score_files
from analysis.charts.words import figure

DDI = "{ddi:codebook:2_5}"


@pytest.fixture(scope="module")
def source():
    return made_source(5)


@pytest.fixture(scope="module")
def files(source):
    return score_files(source, EXPORTS)


def csv_table(files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline="")))


def test_each_format_gives_its_files(files):
    groups = [f"responses_{group}" for group in SIZES]
    expected = {
        "items.csv",
        "groups.csv",
        "townships.csv",
        "precision.csv",
        "scores.xlsx",
        "report.docx",
        "codebook.xml",
        "scores.R",
    }
    expected |= {f"{name}.{ending}" for name in groups for ending in ("sav", "dta", "parquet")}
    expected |= {f"{name}.parquet" for name in TABLES}
    assert set(files) == expected


@pytest.mark.parametrize("name", list(TABLES))
def test_csv_workbook_and_parquet_hold_the_same_cells(files, name):
    table = TABLES[name]
    written = csv_table(files, name)
    sheet = openpyxl.load_workbook(io.BytesIO(files["scores.xlsx"]), data_only=True)[table.sheet.zh]
    parquet = pd.read_parquet(io.BytesIO(files[f"{name}.parquet"]))
    assert sheet.max_row - 1 == len(written) == len(parquet)
    for k, row in enumerate(written):
        for n, column in enumerate(table.columns, start=1):
            stored, shown = parquet[column.name].iloc[k], sheet.cell(k + 2, n).value
            if row[column.name] == "":
                assert shown is None
                assert pd.isna(stored)
            elif column.format == "text":
                assert row[column.name] == stored == shown
            else:
                assert float(row[column.name]) == float(stored)
                assert float(shown) == float(stored)


def test_the_report_holds_the_csv_figures_rounded(files):
    document = Document(io.BytesIO(files["report.docx"]))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    for row in csv_table(files, "townships"):
        assert {row["township"], row["rank"], figure(float(row["public_appraisal"]))} <= cells
        assert f"{figure(float(row['ci_low']))}～{figure(float(row['ci_high']))}" in cells
    for row in csv_table(files, "groups"):
        assert figure(float(row["total"])) in cells


@pytest.mark.parametrize("group", list(SIZES))
def test_the_answers_of_every_format_recount_to_the_items_table(files, group, tmp_path):
    items = [row for row in csv_table(files, "items") if row["group"] == group]
    tallies = {
        "satisfied": (1, 1.0),
        "basic": (2, 2.0),
        "unsatisfied": (3, 3.0),
        "unknown": (8, "a"),
        "skipped": (9, "b"),
    }
    for ending in ("sav", "dta"):
        (tmp_path / f"r.{ending}").write_bytes(files[f"responses_{group}.{ending}"])
    sav, _ = pyreadstat.read_sav(str(tmp_path / "r.sav"), user_missing=True)
    dta, _ = pyreadstat.read_dta(str(tmp_path / "r.dta"), user_missing=True)
    parquet = pd.read_parquet(io.BytesIO(files[f"responses_{group}.parquet"]))
    for row in items:
        for name, (code, stata) in tallies.items():
            own = [t[t["township_code"] == row["township_code"]][row["item"]] for t in (sav, dta, parquet)]
            in_parquet = own[2].isna() if name == "skipped" else own[2] == name
            counts = {int((own[0] == code).sum()), int((own[1] == stata).sum()), int(in_parquet.sum())}
            assert counts == {int(row[name])}
        judged = own[0][own[0] <= 3].map({1: 5, 2: 3, 3: 0})
        assert float(row["score"]) == pytest.approx(judged.mean(), rel=1e-14)


def test_the_codebook_counts_as_the_items_table_does(files):
    root = ET.fromstring(files["codebook.xml"])
    summed: dict[str, int] = {}
    for row in csv_table(files, "items"):
        summed[row["item"]] = summed.get(row["item"], 0) + int(row["satisfied"])
    for variable in root.iter(f"{DDI}var"):
        if variable.get("name") in summed:
            first = variable.find(f"{DDI}catgry/{DDI}catStat")
            assert first is not None
            assert int(first.text or "") == summed[str(variable.get("name"))]


def test_the_script_names_every_item_and_the_points(files, source):
    script = files["scores.R"].decode()
    assert "points <- c(satisfied = 5, basic = 3, unsatisfied = 0)" in script
    for group in SIZES:
        assert ", ".join(f'"{item}"' for item in source.responses.items(group)) in script


def test_progress_is_told_after_each_format(source):
    told: list[tuple[int, int]] = []
    score_files(source, ["csv", "parquet"], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]

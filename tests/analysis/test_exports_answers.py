"""
The answers for SPSS, Stata, Parquet and DDI: labels, missing values, weights, counts.

The order of the codebook's elements is that of the schema of DDI Codebook 2.5 (codebook.xsd of 2012-01-17, read by hand), and so are the attributes; the
schema itself imports others and is not stored here.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pandas as pd
import pyarrow.parquet
import pyreadstat
import pytest
from made_round import SIZES, made_source

from analysis import TABLES, ExportError, score_files
from analysis.checks import ANSWERS
from analysis.exports.coded_rows import SKIPPED, UNKNOWN
from analysis.exports.to_sav import _cut

DDI = "{ddi:codebook:2_5}"
CODES = {"satisfied": 1, "basic": 2, "unsatisfied": 3, "unknown": UNKNOWN, "": SKIPPED}


def read(files: dict[str, bytes], name: str, tmp_path):
    path = tmp_path / name
    path.write_bytes(files[name])
    reader = pyreadstat.read_sav if name.endswith(".sav") else pyreadstat.read_dta
    return reader(str(path), user_missing=True)


@pytest.fixture(scope="module")
def source():
    return made_source(3)


@pytest.mark.parametrize("group", list(SIZES))
def test_spss_files_hold_every_answer_with_missing_values_told_apart(source, group, tmp_path):
    rows, meta = read(score_files(source, ["sav"]), f"responses_{group}.sav", tmp_path)
    given = source.responses.groups[group]
    for item in source.responses.items(group):
        answers = given[item].astype("object").where(given[item].notna(), "")
        assert rows[item].tolist() == [CODES[answer] for answer in answers]
        assert [(each["lo"], each["hi"]) for each in meta.missing_ranges[item]] == [(8, 8), (9, 9)]
        assert meta.variable_value_labels[item] == {1: "满意", 2: "基本满意", 3: "不满意", 8: "不了解", 9: "未答"}
        assert meta.column_names_to_labels[item] == source.item_lists[group].texts[item].zh
    assert rows["weight"].tolist() == given["weight"].tolist()
    assert rows["township_code"].tolist() == given["township_code"].tolist()
    assert meta.column_names_to_labels["weight"] == "设计权数"


@pytest.mark.parametrize("group", list(SIZES))
def test_stata_files_hold_don_t_knows_and_skips_as_extended_missing_values(source, group, tmp_path):
    rows, meta = read(score_files(source, ["dta"]), f"responses_{group}.dta", tmp_path)
    given = source.responses.groups[group]
    letters = {"unknown": "a", "": "b"}
    for item in source.responses.items(group):
        answers = given[item].astype("object").where(given[item].notna(), "")
        assert rows[item].tolist() == [letters.get(answer, CODES[answer]) for answer in answers]
        assert meta.variable_value_labels[item] == {1: "满意", 2: "基本满意", 3: "不满意", "a": "不了解", "b": "未答"}
        assert meta.column_names_to_labels[item] == source.item_lists[group].texts[item].zh
    assert rows["weight"].tolist() == given["weight"].tolist()


def test_labels_speak_english_where_asked(tmp_path):
    files = score_files(made_source(2, "en"), ["sav", "dta"])
    for name in ("responses_rural.sav", "responses_rural.dta"):
        _, meta = read(files, name, tmp_path)
        assert meta.variable_value_labels["R01"][1] == "Satisfied"
        assert meta.column_names_to_labels["R01"].startswith("How satisfied are you")


def test_an_empty_mode_and_band_are_missing(source, tmp_path):
    groups = {"rural": source.responses.groups["rural"].assign(mode="", minutes="")}
    bare = replace(source, responses=replace(source.responses, groups=groups))
    for name in ("responses_rural.sav", "responses_rural.dta"):
        rows, _ = read(score_files(bare, ["sav", "dta"]), name, tmp_path)
        assert rows[["mode", "minutes"]].isna().all(axis=None)


def test_a_long_label_is_cut_between_characters():
    assert _cut("评" * 85, 255) == "评" * 85
    assert _cut("评" * 86, 255) == "评" * 84 + "…"


def test_parquet_gives_back_tables_and_answers(source):
    files = score_files(source, ["parquet"])
    for table in TABLES.values():
        found = pd.read_parquet(io.BytesIO(files[f"{table.name}.parquet"]))
        assert list(found.columns) == list(table.names)
        for column in table.columns:
            given = source.scores.table(table.name)[column.name]
            assert [x for x in found[column.name].tolist() if x == x] == given.dropna().tolist()
    for group, rows in source.responses.groups.items():
        found = pyarrow.parquet.read_table(io.BytesIO(files[f"responses_{group}.parquet"])).to_pandas()
        assert list(found.columns) == list(rows.columns)
        for name in rows.columns:
            given = rows[name].astype("object")
            answers = found[name].astype("object")
            assert answers.where(answers.notna(), "").tolist() == given.where(given.notna(), "").tolist()


def test_parquet_fields_carry_their_labels(source):
    schema = pyarrow.parquet.read_schema(io.BytesIO(score_files(source, ["parquet"])["responses_rural.parquet"]))
    assert schema.field("R01").metadata[b"label_zh"].decode() == source.item_lists["rural"].texts["R01"].zh


@pytest.mark.parametrize("name", ["sav", "dta", "ddi", "r"])
def test_formats_of_rows_refuse_scores_alone(source, name):
    with pytest.raises(ExportError, match=f"format {name}: expected the answers beside the scores") as refusal:
        score_files(source.scores, [name])
    assert "还需要答卷" in refusal.value.zh


@pytest.mark.parametrize("name", ["sav", "dta", "parquet", "ddi", "r"])
def test_the_same_answers_give_the_same_bytes(source, name, monkeypatch):
    first = score_files(source, [name])
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert score_files(source, [name]) == first


# Children of each element in the order of the schema, as far as the codebook uses them; * may repeat, ? may be missing.
ORDER = {
    "codeBook": "docDscr stdyDscr fileDscr* dataDscr", "docDscr": "citation", "stdyDscr": "citation stdyInfo method notes",
    "citation": "titlStmt prodStmt", "titlStmt": "titl parTitl IDNo", "prodStmt": "software", "stdyInfo": "abstract* sumDscr",
    "sumDscr": "geogUnit* anlyUnit* universe* dataKind*", "method": "dataColl", "dataColl": "sampProc* collMode* weight*",
    "fileDscr": "fileTxt", "fileTxt": "fileName fileCont dimensns fileType", "dimensns": "caseQnty varQnty",
    "dataDscr": "var*", "var": "labl* qstn? invalrng? catgry* varFormat", "qstn": "qstnLit*", "invalrng": "range",
    "catgry": "catValu labl* catStat",
}  # fmt: skip


def test_the_codebook_has_the_structure_of_its_schema(source):
    root = ET.fromstring(score_files(source, ["ddi"])["codebook.xml"])
    assert root.tag == f"{DDI}codeBook"
    for element in root.iter():
        children = [child.tag.removeprefix(DDI) for child in element]
        expected = ORDER.get(element.tag.removeprefix(DDI), "").split()
        names = [name.rstrip("*?") for name in expected]
        assert [names.index(child) for child in children] == sorted(names.index(child) for child in children)
        for name in expected:
            number = children.count(name.rstrip("*?"))
            assert name.endswith("*") or number == 1 or (name.endswith("?") and number == 0)


# The values that the schema allows for the attributes that the codebook uses; None where any text will do.
ATTRIBUTES = {
    "codeBook": {"version": None, "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": None},
    "fileDscr": {"ID": None},
    "var": {
        "ID": None, "name": None, "files": None, "wgt": {"wgt", "not-wgt"}, "wgt-var": None, "intrvl": {"contin", "discrete"},
    },
    "labl": {"level": None}, "range": {"min": None, "max": None}, "catgry": {"missing": {"Y", "N"}},
    "catStat": {"type": {"freq", "percent", "crosstab", "other"}},
    "varFormat": {
        "type": {"character", "numeric"}, "schema": {"SAS", "SPSS", "IBM", "ANSI", "ISO", "XML-Data"},
    },
}  # fmt: skip


def test_the_codebook_has_no_attribute_and_no_value_that_its_schema_does_not_know(source):
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for element in ET.fromstring(score_files(source, ["ddi"])["codebook.xml"]).iter():
        known = {language: {"zh", "en"}} | ATTRIBUTES.get(element.tag.removeprefix(DDI), {})
        for name, value in element.attrib.items():
            assert name in known, (element.tag, name)
            assert known[name] is None or value in known[name], (element.tag, name, value)
        assert element.get("ID") is None or re.fullmatch(r"[A-Za-z_][\w.-]*", element.get("ID"))


def test_references_of_the_codebook_lead_somewhere(source):
    root = ET.fromstring(score_files(source, ["ddi"])["codebook.xml"])
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    for variable in root.iter(f"{DDI}var"):
        assert {variable.get("files"), variable.get("wgt-var") or variable.get("ID")} <= set(ids)
    assert {v.get("name") for v in root.iter(f"{DDI}var") if v.get("wgt") == "wgt"} == {"weight"}


def test_the_codebook_counts_each_category(source):
    root = ET.fromstring(score_files(source, ["ddi"])["codebook.xml"])
    variable = next(each for each in root.iter(f"{DDI}var") if each.get("name") == "R07")
    found = {
        each.findtext(f"{DDI}catValu"): int(each.findtext(f"{DDI}catStat", ""))
        for each in variable.iter(f"{DDI}catgry")
    }
    answers = source.responses.groups["rural"]["R07"]
    expected = {str(CODES[name]): int((answers == name).sum()) for name in ANSWERS}
    assert found == {**expected, "9": int(answers.isna().sum())}
    missing = [each.findtext(f"{DDI}catValu") for each in variable.iter(f"{DDI}catgry") if each.get("missing") == "Y"]
    assert missing == ["8", "9"]

"""Each bad folder of responses is a clear ResponsesError that names file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, sheet, townships

from analysis import ResponsesError, load_scheme, read_responses, responses_from_tables, score
from questionnaires import load_questionnaires

HEADER = "round,wave,township_code,group,psu_code,weight,mode,minutes,R01,R02\n"
GOOD = f"r1,1,{A},rural,350001,2.5,self,1-2,satisfied,\n"
TOWNSHIPS = f"township_code,township,last_rank\n{A},甲镇,2\n{B},乙镇,\n"
SAMPLES = "township_code,group,psu_code,size,listed,hits,pi_1,issued,released,eligible,answered\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rural.csv").write_text(HEADER + GOOD * 2, encoding="utf-8")
    (tmp_path / "townships.csv").write_text(TOWNSHIPS, encoding="utf-8")
    return tmp_path


def refusal(folder: Path) -> ResponsesError:
    with pytest.raises(ResponsesError) as caught:
        read_responses(folder)
    return caught.value


def cells(**changes: str) -> str:
    row = dict(zip(HEADER.strip().split(","), GOOD.rstrip("\n").split(","), strict=True)) | changes
    return ",".join(row.values()) + "\n"


def test_a_sound_folder_reads(folder):
    responses = read_responses(folder)
    assert (responses.round, responses.wave, responses.items("rural")) == ("r1", 1, ("R01", "R02"))
    assert responses.groups["rural"]["R02"].isna().all()
    assert responses.townships["last_rank"].tolist() == [2, pd.NA]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("round", "", "a text"),
        ("wave", "0", "a whole number, 1 or more"),
        ("wave", "end", "a whole number, 1 or more"),
        ("township_code", "359900199000", "a township of townships.csv"),
        ("township_code", "", "a code"),
        ("group", "urban", "the group of the file, rural"),
        ("weight", "0", "a number above 0"),
        ("weight", "-1", "a number above 0"),
        ("weight", "", "a number above 0"),
        ("weight", "nan", "a number above 0"),
        ("weight", "1e999", "a number above 0"),
        ("weight", "1.1e15", "at most 1e15"),
        ("mode", "phone", "self, assisted, paper or nothing"),
        ("minutes", "3", "<1, 1-2, 2-5, >5 or nothing"),
        ("R01", "满意", "satisfied, basic, unsatisfied, unknown or nothing"),
        ("R02", "5", "satisfied, basic, unsatisfied, unknown or nothing"),
        ("psu_code", "3.599E+11", "all digits of a code"),
    ],
)
def test_a_bad_cell_is_named_with_file_row_and_column(folder, column, value, expected):
    (folder / "rural.csv").write_text(HEADER + GOOD + cells(**{column: value}), encoding="utf-8")
    faults = [fault for fault in refusal(folder).faults if expected in fault.en]
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [("rural.csv", 3, column)]
    assert faults[0].en.startswith(f"rural.csv, row 3, column {column}: expected ")
    assert faults[0].zh.startswith(f"rural.csv第 3 行“{column}”列：应为")
    assert (repr(value) if value else "nothing") in faults[0].en


def test_rows_without_psu_beside_rows_with_one_are_named(folder):
    other = cells(psu_code="", township_code=B)
    (folder / "rural.csv").write_text(HEADER + GOOD + cells(psu_code="") + other * 2, encoding="utf-8")
    faults = refusal(folder).faults
    assert [(fault.row, fault.column) for fault in faults] == [(3, "psu_code")]
    assert "the PSU's code, as in the township's other rows, found nothing" in faults[0].en
    assert "应为初级单元代码（该乡镇此类的其他各行均有），实为空" in faults[0].zh


@pytest.mark.parametrize(
    ("text", "row", "column", "sentence"),
    [
        ("", None, None, "found an empty file"),
        ("\ufeff", None, None, "found an empty"),
        (HEADER, None, None, "at least one row of answers"),
        ("\n" + HEADER + GOOD, 1, None, "column names in row 1"),
        (HEADER.replace(",weight", "") + GOOD.replace(",2.5", ""), 1, "weight", "expected this column"),
        (HEADER.replace("R02", "R01") + GOOD, 1, "R01", "expected each column once, found it 2 times"),
        (HEADER.replace("R02", "token") + GOOD, 1, "token", "only the columns of the contract"),
        (HEADER.replace(",R02", ",") + GOOD, 1, None, "a name for each column"),
        (HEADER + GOOD + GOOD.rstrip("\n") + ",basic\n", 3, None, "expected 10 cells as in the header, found 11"),
        (HEADER + "r1,1\n" + GOOD, 2, None, "expected 10 cells as in the header, found 2"),
        (HEADER + GOOD + f"r1,1,{A},rur", 3, None, "the file was cut off"),
        (HEADER + GOOD + f'r1,1,{A},"rur', 3, None, "the file was cut off"),
        (HEADER + GOOD + GOOD[: GOOD.rindex(",") + 1], 3, None, "the file was cut off"),
        (HEADER + GOOD + 'r1,"1"x,\n' + GOOD, 3, None, "correct its quotation marks"),
        ((HEADER + GOOD).replace(",", ";"), 1, None, "found another separator"),
        (HEADER + GOOD + cells(round="r2"), 3, "round", "the round of the first row, 'r1'"),
        (HEADER + GOOD + cells(wave="2"), 3, "wave", "the wave of the first row, '1'"),
    ],
)
def test_a_bad_file_is_refused(folder, text, row, column, sentence):
    (folder / "rural.csv").write_text(text, encoding="utf-8")
    first = refusal(folder).faults[0]
    assert (first.file, first.row, first.column) == ("rural.csv", row, column)
    assert sentence in first.en
    assert first.zh.endswith("。")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04\x00\x00rest of a workbook", "found something else"),
        (b"%PDF-1.7 rest", "found something else"),
        (b"\xff\xfer\x00o\x00", "found something else"),
        (b"round,\xff\xff\xff\n", "other bytes"),
        (b"\xef\xbb\xbfround,\xc4\xe3\n", "other bytes"),
        ((HEADER + GOOD + "年").encode()[:-1], "the file was cut off"),
    ],
)
def test_a_file_that_is_no_text_is_refused(folder, data, sentence):
    (folder / "rural.csv").write_bytes(data)
    assert sentence in refusal(folder).faults[0].en


def test_two_folders_files_mixed_are_refused(folder):
    (folder / "urban.csv").write_text(HEADER.replace("R0", "U0") + cells(round="r2", group="urban"), encoding="utf-8")
    faults = refusal(folder).faults
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [("urban.csv", 2, "round")]


def test_items_of_another_questionnaire_are_refused(folder):
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "rural.yaml").write_text("id: rural\nitems: [{id: R01}, {id: R03}]\n")
    places = [(fault.column, fault.en) for fault in refusal(folder).faults]
    assert [column for column, _ in places] == ["R03", "R02"]
    assert "expected this column" in places[0][1]
    assert "remove this column" in places[1][1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id: urban\nitems: [{id: R01}]\n", "that of 'urban'"),
        ("id: rural\nitems: [{id: R01}, {id: R01}]\n", "each once"),
        ("id: rural\nitems: []\n", "ids such as R01"),
        ("id: [\n", "expected YAML"),
        ("", "ids such as R01"),
        ("- 1\n", "ids such as R01"),
        ("7\n", "ids such as R01"),
    ],
)
def test_a_bad_frozen_questionnaire_is_refused(folder, text, sentence):
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "rural.yaml").write_text(text)
    first = refusal(folder).faults[0]
    assert first.file == "questionnaires/rural.yaml"
    assert sentence in first.en


@pytest.mark.parametrize(
    ("text", "row", "column", "sentence"),
    [
        ("township_code,township\n", 1, "last_rank", "expected this column"),
        ("township_code,township,last_rank\n", None, None, "at least one township"),
        (TOWNSHIPS + f"{A},甲镇,1\n", 4, "township_code", "each one once"),
        (TOWNSHIPS + "359900103000,,1\n", 4, "township", "the township's name"),
        (TOWNSHIPS + "359900103000,丙镇,first\n", 4, "last_rank", "a whole number, 1 or more, or nothing"),
    ],
)
def test_a_bad_table_of_townships_is_refused(folder, text, row, column, sentence):
    (folder / "townships.csv").write_text(text, encoding="utf-8")
    faults = refusal(folder).faults
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [("townships.csv", row, column)]
    assert sentence in faults[0].en


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("359900199000,rural,,1,1,1,1,1,1,1,1", "township_code", "a township of townships.csv"),
        (f"{A},Rural,,1,1,1,1,1,1,1,1", "group", "a group's code"),
        (f"{A},rural,,many,1,1,1,1,1,1,1", "size", "a whole number or nothing"),
        (f"{A},rural,,1,1,1,0,1,1,1,1", "pi_1", "a number above 0 or nothing"),
        (f"{A},rural,,1,1,1,1,1,1,1,-1", "answered", "a whole number or nothing"),
    ],
)
def test_a_bad_table_of_samples_is_refused(folder, row, column, sentence):
    (folder / "samples.csv").write_text(SAMPLES + row + "\n", encoding="utf-8")
    faults = refusal(folder).faults
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [("samples.csv", 2, column)]
    assert sentence in faults[0].en


def test_a_psu_that_stands_twice_in_samples_is_refused(folder):
    row = f"{A},rural,350001,1,1,1,1,1,1,1,1\n"
    (folder / "samples.csv").write_text(SAMPLES + row * 2, encoding="utf-8")
    assert "each one once" in refusal(folder).faults[0].en


def test_missing_folders_and_files_are_refused(tmp_path, folder):
    assert "found none there" in refusal(tmp_path / "nowhere").en
    (folder / "rural.csv").rename(folder / "rural.txt")
    assert "a file of answers for each group" in refusal(folder).en
    (folder / "townships.csv").unlink()
    assert "expected this file" in refusal(folder).en


def test_a_file_not_named_after_a_group_is_refused(folder):
    (folder / "Rural (1).csv").write_text(HEADER + GOOD)
    assert "named after its group" in refusal(folder).en


def test_the_first_hundred_faults_are_named_and_the_rest_counted(folder):
    (folder / "rural.csv").write_text(HEADER + cells(R01="x") * 130, encoding="utf-8")
    error = refusal(folder)
    assert (len(error.faults), error.more) == (100, 30)
    assert "(129 more faults.)" in error.en
    assert "另有 129 处错误" in error.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_and_line_ends_of_spreadsheets_are_accepted(folder, encoding):
    text = (HEADER + GOOD.replace("r1", "二〇二六") * 2).replace("\n", "\r\n") + ",,,,,,,,,\r\n"
    (folder / "rural.csv").write_bytes(text.rstrip("\r\n").encode(encoding))
    (folder / "townships.csv").write_bytes(TOWNSHIPS.encode(encoding))
    responses = read_responses(folder)
    assert (responses.round, len(responses.groups["rural"])) == ("二〇二六", 2)
    assert responses.townships["township"].tolist() == ["甲镇", "乙镇"]


def test_equal_rows_and_a_missing_last_line_end_are_lawful(folder):
    (folder / "rural.csv").write_text((HEADER + GOOD.replace(",\n", ",basic\n") * 5).rstrip("\n"), encoding="utf-8")
    assert len(read_responses(folder).groups["rural"]) == 5


def test_tables_with_numbers_for_codes_are_understood():
    """As pandas reads a file without being told that codes are texts."""
    rows = sheet("rural", A, R01="sb").assign(township_code=[int(A), int(B)], psu_code=[359900101201.0, np.nan])
    rows["R01"] = ["satisfied", None]
    responses = responses_from_tables({"rural": rows}, townships(A, B).assign(township_code=[int(A), int(B)]))
    table = responses.groups["rural"]
    assert table["township_code"].tolist() == [A, B]
    assert table["psu_code"].tolist() == ["359900101201", ""]
    assert table["R01"].isna().tolist() == [False, True]


def test_faulty_tables_are_refused_as_files_are():
    with pytest.raises(ResponsesError, match=r"rural\.csv, row 3, column R01"):
        responses_from_tables({"rural": sheet("rural", A, R01="sb").replace("basic", "fine")}, townships(A))
    with pytest.raises(ResponsesError, match="found none"):
        responses_from_tables({"rural": sheet("rural", A, R01="sb").iloc[:0]}, townships(A))
    with pytest.raises(ResponsesError, match="found none"):
        responses_from_tables({}, townships(A))
    with pytest.raises(ResponsesError, match="named after its group"):
        responses_from_tables({"samples": sheet("samples", A, R01="s")}, townships(A))
    doubled = pd.concat([sheet("rural", A, R01="s"), pd.DataFrame({"round": ["x"]})], axis=1)
    with pytest.raises(ResponsesError, match="column round: expected each column once"):
        responses_from_tables({"rural": doubled}, townships(A))


def test_a_questionnaire_itself_may_say_what_the_items_are():
    questionnaire = load_questionnaires()["rural"]
    rows = sheet("rural", A, **dict.fromkeys(questionnaire.item_ids, "s"))
    responses = responses_from_tables({"rural": rows}, townships(A), questionnaires={"rural": questionnaire})
    assert responses.items("rural") == questionnaire.item_ids


@pytest.mark.parametrize("letters", ["s", "?", "-", "????", "----"])
def test_one_respondent_or_nobody_who_judged_gives_notes_not_errors(letters):
    scores = score(responses_from_tables({"rural": sheet("rural", A, R01=letters)}, townships(A)), load_scheme())
    assert len(scores.townships) == 1
    assert scores.notes

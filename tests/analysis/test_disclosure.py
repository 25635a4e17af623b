"""What protects respondents in exported answers, and the road out and back."""

from __future__ import annotations

import pandas as pd
import pytest
from answer_sheets import A, B, sheet, townships
from hypothesis import given
from hypothesis import strategies as st

from analysis import (
    ExportError,
    ResponsesError,
    blank_rare_values,
    count_answers,
    join_samples,
    join_small_counts,
    join_small_psus,
    protect,
    read_responses,
    responses_from_tables,
    score,
    split_psus,
    write_responses,
)
from questionnaires import load_questionnaires

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=8)


def rows_of_psus(sizes: list[int], township: str = A, group: str = "rural") -> pd.DataFrame:
    codes = [f"{number:03}" for number, size in enumerate(sizes) for _ in range(size)]
    weights = [1.0 + number / 3 for number, size in enumerate(sizes) for _ in range(size)]
    return sheet(group, township, R01="s" * len(codes), psu_code=codes, weight=weights)


def psu_sizes(rows: pd.DataFrame) -> dict[str, int]:
    return rows["psu_code"].value_counts(sort=False).to_dict()


@given(SIZES)
def test_no_psu_has_fewer_than_five_rows_unless_the_group_has(sizes):
    joined = join_small_psus(rows_of_psus(sizes))
    assert min(psu_sizes(joined).values()) >= min(5, sum(sizes))


@given(SIZES)
def test_joining_keeps_rows_and_the_sum_of_their_weights(sizes):
    rows = rows_of_psus(sizes)
    joined = join_small_psus(rows)
    assert len(joined) == len(rows)
    assert joined["weight"].sum() == pytest.approx(rows["weight"].sum(), rel=1e-12)
    assert (joined["weight"].groupby(joined["psu_code"]).nunique() == 1).all()


@given(st.lists(SIZES, min_size=1, max_size=2), st.integers(0, 3))
def test_counts_are_joined_as_the_rows_are(sizes, delegates):
    parts = [rows_of_psus(own, township) for own, township in zip(sizes, (A, B), strict=False)]
    rural = pd.concat(parts, ignore_index=True)
    rural["R01"] = [("satisfied", "unknown", "", "basic")[number % 4] for number in range(len(rural))]
    groups = {"rural": rural}
    if delegates:
        groups["delegates"] = sheet("delegates", A, D01="sb?"[:delegates])
    stored = responses_from_tables(groups, townships(A, B))
    joined = responses_from_tables({code: join_small_psus(rows) for code, rows in groups.items()}, townships(A, B))
    pd.testing.assert_frame_equal(join_small_counts(count_answers(stored)), count_answers(joined), check_exact=True)


@given(SIZES)
def test_each_psu_stands_in_one_joined_code(sizes):
    codes = [code for joined in psu_sizes(join_small_psus(rows_of_psus(sizes))) for code in joined.split("+")]
    assert sorted(codes) == [f"{number:03}" for number in range(len(sizes))]


@given(SIZES)
def test_protected_rows_stay_as_they_are_when_protected_again(sizes):
    once = protect(rows_of_psus(sizes))
    pd.testing.assert_frame_equal(protect(once), once)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([3, 6, 7], {"000+001": 9, "002": 7}),
        ([6, 7, 3], {"000": 6, "001+002": 10}),
        ([3, 1, 1, 5], {"000+001+002": 5, "003": 5}),
        ([2, 1], {"000+001": 3}),
        ([5, 5], {"000": 5, "001": 5}),
    ],
)
def test_a_small_psu_joins_the_next_and_the_last_the_one_before(sizes, expected):
    assert psu_sizes(join_small_psus(rows_of_psus(sizes))) == expected


def test_joined_rows_carry_the_mean_weight_over_rows():
    joined = join_small_psus(rows_of_psus([1, 5]).assign(weight=[6.0] + [3.0] * 5))
    assert joined["weight"].tolist() == [3.5] * 6


def test_joining_stays_within_township_and_group_and_leaves_other_rows_alone():
    rows = pd.concat(
        [rows_of_psus([2, 5], A), rows_of_psus([5, 2], B), sheet("delegates", A, R01="sss")], ignore_index=True
    )
    joined = join_small_psus(rows)
    assert joined.loc[rows["township_code"] == B, "psu_code"].unique().tolist() == ["000+001"]
    assert joined.loc[rows["group"] == "delegates", "psu_code"].unique().tolist() == [""]
    pd.testing.assert_series_equal(joined["R01"], rows["R01"])
    assert rows["psu_code"].iloc[0] == "000"


def test_a_mode_that_few_share_is_emptied_and_common_ones_stay():
    common = sheet("rural", A, R01="s" * 10, psu_code="1", mode=["self"] * 5 + ["assisted"] * 5, minutes="2-5")
    rare = sheet("rural", A, R01="s" * 10, psu_code="2", mode=["self"] * 6 + ["assisted"] * 4, minutes="2-5")
    blanked = blank_rare_values(pd.concat([common, rare], ignore_index=True))
    assert blanked["mode"].tolist() == ["self"] * 5 + ["assisted"] * 5 + [""] * 10
    assert blanked["minutes"].tolist() == ["2-5"] * 20


def test_a_few_empty_cells_would_tell_and_empty_the_others_too():
    rows = sheet("rural", A, R01="s" * 9, minutes=["2-5"] * 7 + [""] * 2)
    assert set(blank_rare_values(rows)["minutes"]) == {""}


def test_a_one_stage_group_is_judged_by_township():
    rows = pd.concat(
        [
            sheet("delegates", A, R01="s" * 5, mode="self"),
            sheet("delegates", B, R01="s" * 4, mode="self"),
        ],
        ignore_index=True,
    )
    assert blank_rare_values(rows)["mode"].tolist() == ["self"] * 5 + [""] * 4


@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["self", "paper", ""])), min_size=1, max_size=40))
def test_every_mode_that_is_left_has_five_rows_in_its_psu(cells):
    rows = sheet("rural", A, R01="s" * len(cells), psu_code=[c for c, _ in cells], mode=[m for _, m in cells])
    left = blank_rare_values(rows)
    left = left[left["mode"] != ""]
    assert all(size >= 5 for size in left.groupby(["psu_code", "mode"]).size())


def county() -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    names = townships(A, B).assign(township=["=1+1", "水北镇"], last_rank=[1, None])
    groups = {
        "rural": pd.concat([rows_of_psus([6, 2, 9], A), rows_of_psus([7], B)], ignore_index=True),
        "urban": sheet("urban", B, U01="sbu?-s", U02="------"),
    }
    samples = pd.DataFrame(
        {
            "township_code": [A, A, A, B, B],
            "group": ["rural"] * 4 + ["urban"],
            "psu_code": ["000", "001", "002", "000", ""],
            "size": [300, 200, 100, 90, None], "listed": [300, 200, 100, 90, 40], "hits": [1, 1, 1, 1, None],
            "pi_1": [1 / 3, 0.1, 1.25, 1, None], "issued": 10, "released": 10, "eligible": 10,
            "answered": [6, 2, 9, 7, 6],
        }
    )  # fmt: skip
    return groups, names, samples


def test_what_is_written_reads_back_equal_and_scores_the_same(tmp_path):
    groups, names, samples = county()
    written = write_responses(tmp_path / "out" / "responses", groups, names, samples, {})
    for folder in (tmp_path / "out" / "responses", tmp_path / "out"):
        back = read_responses(folder)
        for group in groups:
            pd.testing.assert_frame_equal(back.groups[group], written.groups[group])
        pd.testing.assert_frame_equal(back.townships, written.townships)
        assert back.samples is not None
        pd.testing.assert_frame_equal(back.samples, written.samples)
        assert (back.round, back.wave, back.item_lists) == (written.round, written.wave, written.item_lists)
        in_memory = responses_from_tables(groups, names, samples)
        assert score(back).exact == score(in_memory).exact
        pd.testing.assert_frame_equal(score(back).townships, score(in_memory).townships)


def test_nothing_unprotected_is_ever_written(tmp_path):
    rows = rows_of_psus([2, 9]).assign(mode=["self"] * 10 + ["paper"], minutes="2-5")
    written = write_responses(tmp_path / "r", {"rural": rows}, townships(A), None, {}).groups["rural"]
    assert psu_sizes(written) == {"000+001": 11}
    assert set(written["mode"]) == {""}
    assert set(written["minutes"]) == {"2-5"}
    pd.testing.assert_frame_equal(read_responses(tmp_path / "r").groups["rural"], written)


def test_files_are_those_of_the_contract_to_the_byte(tmp_path):
    rows = sheet("urban", A, U01="s-----", U02="?b----", weight=[2.0] + [1 / 3] * 5, mode="self", minutes="<1").iloc[:5]
    write_responses(tmp_path / "r", {"urban": rows}, townships(A).assign(township='镇"一,'), None, {})
    assert (tmp_path / "r" / "urban.csv").read_bytes().decode() == (
        "\ufeffround,wave,township_code,group,psu_code,weight,mode,minutes,U01,U02\n"
        "2026-end,1,359900101000,urban,,2,self,<1,satisfied,unknown\n"
        "2026-end,1,359900101000,urban,,0.3333333333333333,self,<1,,basic\n"
        + "2026-end,1,359900101000,urban,,0.3333333333333333,self,<1,,\n"
        * 3
    )
    assert (tmp_path / "r" / "townships.csv").read_bytes().decode() == (
        '\ufefftownship_code,township,last_rank\n359900101000,"镇""一,",1\n'
    )
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["townships.csv", "urban.csv"]


def test_a_name_like_a_formula_is_defused_in_the_file_and_whole_after_reading(tmp_path):
    groups, names, samples = county()
    write_responses(tmp_path / "r", groups, names, samples, {})
    assert ",'=1+1," in (tmp_path / "r" / "townships.csv").read_text(encoding="utf-8-sig")
    assert read_responses(tmp_path / "r").townships["township"].tolist() == ["=1+1", "水北镇"]


def test_frozen_questionnaires_go_along_and_are_held_against_the_columns(tmp_path):
    questionnaire = load_questionnaires()["rural"]
    items = dict.fromkeys(reversed(questionnaire.item_ids), "sb")
    frozen = {"rural": questionnaire.to_yaml()}
    write_responses(tmp_path / "r", {"rural": sheet("rural", A, **items)}, townships(A), None, frozen)
    back = read_responses(tmp_path / "r")
    assert back.items("rural") == questionnaire.item_ids
    assert back.item_lists["rural"].title.zh == questionnaire.title.zh
    assert back.item_lists["rural"].version == 1
    assert (tmp_path / "r" / "questionnaires" / "rural.yaml").read_text(encoding="utf-8") == frozen["rural"]


def test_a_group_without_rows_gets_no_file(tmp_path):
    rows = sheet("rural", A, R01="s")
    write_responses(tmp_path / "r", {"rural": rows, "urban": rows.iloc[:0]}, townships(A), None, {})
    assert not (tmp_path / "r" / "urban.csv").exists()


def test_a_column_that_could_name_a_unit_is_never_written(tmp_path):
    rows = sheet("rural", A, R01="s").assign(unit_code="0001")
    with pytest.raises(ResponsesError, match="column unit_code"):
        write_responses(tmp_path / "r", {"rural": rows}, townships(A), None, {})
    assert not (tmp_path / "r").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    groups, names, samples = county()
    with pytest.raises(ExportError, match="new or empty folder"):
        write_responses(tmp_path, groups, names, samples, {})
    write_responses(tmp_path, groups, names, samples, {}, overwrite=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine.txt", "rural.csv", "samples.csv", "townships.csv", "urban.csv",
    ]  # fmt: skip


def samples_of_psus(answered: dict[str, int], group: str = "rural") -> pd.DataFrame:
    """samples.csv of one township, where ten were eligible in each PSU."""
    number = len(answered)
    return pd.DataFrame(
        {
            "township_code": [A] * number,
            "group": [group] * number,
            "psu_code": list(answered),
            "size": [100] * number,
            "listed": [90] * number,
            "hits": [1] * number,
            "pi_1": [0.25] * number,
            "issued": [12] * number,
            "released": [0] * number,
            "eligible": [10] * number,
            "answered": list(answered.values()),
        }
    )


def test_the_folder_s_samples_match_its_joined_psus(tmp_path):
    rows = rows_of_psus([3, 4, 6])
    samples = samples_of_psus({"000": 3, "001": 4, "002": 6, "003": 0})
    write_responses(tmp_path / "out", {"rural": rows}, townships(A), samples, {})
    read = read_responses(tmp_path / "out")
    answers = read.groups["rural"]
    assert sorted(psu_sizes(answers)) == ["000+001", "002"]
    matched = join_samples(read.samples, answers).set_index("psu_code")
    assert matched["answered"].to_dict() == {**psu_sizes(answers), "003": 0}
    assert matched["eligible"].to_dict() == {"000+001": 20, "002": 10, "003": 10}
    assert matched["pi_1"].isna().to_dict() == {"000+001": True, "002": False, "003": False}


def test_the_response_rate_of_a_group_is_the_same_whether_psus_are_joined_or_not(tmp_path):
    rows = rows_of_psus([3, 4, 6])
    samples = samples_of_psus({"000": 3, "001": 4, "002": 6})
    write_responses(tmp_path / "out", {"rural": rows}, townships(A), samples, {})
    protected = score(read_responses(tmp_path / "out"))
    plain = score(responses_from_tables({"rural": rows}, townships(A), samples))
    assert protected.groups["response_rate"].tolist() == plain.groups["response_rate"].tolist() == [13 / 30]
    assert "rows_not_as_issued" not in {note.kind for note in protected.notes}


@given(SIZES)
def test_joined_samples_keep_every_count_and_match_every_psu(sizes):
    rows = rows_of_psus(sizes)
    samples = responses_from_tables(
        {"rural": rows}, townships(A), samples_of_psus({f"{number:03}": size for number, size in enumerate(sizes)})
    ).samples
    answers = join_small_psus(rows)
    matched = join_samples(samples, answers)
    assert dict(zip(matched["psu_code"], matched["answered"], strict=True)) == psu_sizes(answers)
    for name in ("size", "listed", "issued", "eligible", "answered"):
        assert matched[name].sum() == samples[name].sum()
    assert list(matched.columns) == list(samples.columns)


def test_a_count_that_is_open_in_one_psu_is_open_in_the_joined_one():
    samples = samples_of_psus({"000": 3, "001": 4}).astype({"eligible": "Int64"})
    samples.loc[0, "eligible"] = pd.NA
    matched = join_samples(samples, join_small_psus(rows_of_psus([3, 4])))
    assert matched["eligible"].isna().tolist() == [True]
    assert matched["answered"].tolist() == [7]


def test_a_joined_code_is_split_into_its_psus_and_another_stays_whole():
    assert split_psus("359900101201+359900101202") == ("359900101201", "359900101202")
    assert split_psus("359900101201") == ("359900101201",)
    assert split_psus("") == ("",)

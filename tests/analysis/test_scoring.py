"""A round's scores: what changes them and what does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet, townships
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import AnalysisError, Responses, Scores, count_answers, load_scheme, rank_columns, rank_sets, score
from analysis.results import TABLES

COUNTY = load_scheme("county")
LETTERS = st.text("sbu?-", min_size=8, max_size=8)


def kinds(scores: Scores) -> list[str]:
    return [note.kind for note in scores.notes if not note.kind.startswith(("precision", "ranks"))]


def shuffled(given: Responses, seed: int) -> Responses:
    rng = np.random.default_rng(seed)
    groups = {name: rows.iloc[rng.permutation(len(rows))].reset_index(drop=True) for name, rows in given.groups.items()}
    return replace(given, groups=groups)


def two_townships() -> Responses:
    return responses(
        sheet("rural", A, R01="ssbu?-", R02="sbbb?u"),
        sheet("rural", B, R01="sssss", R02="uuuus"),
        sheet("urban", A, U01="sb?"),
        sheet("urban", B, U01="sss"),
    )


def test_tables_have_exactly_the_columns_of_the_contract():
    scores = score(two_townships())
    assert list(scores.items) == (
        [
            "wave",
            "township_code",
            "group",
            "item",
            "score",
            "se",
            "satisfied",
            "basic",
            "unsatisfied",
            "unknown",
            "skipped",
        ]
    )
    assert list(scores.groups) == (
        ["wave", "township_code", "group", "total", "se", "ci_low", "ci_high", "respondents", "response_rate"]
    )
    assert list(scores.townships) == (
        [
            "wave",
            "township_code",
            "township",
            "public_appraisal",
            "se",
            "ci_low",
            "ci_high",
            "rank",
            "rank_low",
            "rank_high",
            "p_top6",
        ]
    )


ERRORS = {"items": ["se"], "groups": ["se", "ci_low", "ci_high"], "townships": ["se", "ci_low", "ci_high"]}


def test_standard_errors_come_with_the_rows_and_are_empty_from_counts_alone():
    given_rows = two_townships()
    from_rows, from_counts = score(given_rows), score(count_answers(given_rows), townships=given_rows.townships)
    for name, columns in ERRORS.items():
        assert from_rows.table(name)[columns].notna().all(axis=None)
        assert from_counts.table(name)[columns].isna().all(axis=None)
    assert "need the rows" in next(note.en for note in from_counts.notes if note.kind == "precision")


RANGES = ["rank_low", "rank_high", "p_top6"]


def test_rank_ranges_hold_the_official_rank_and_are_those_of_rank_sets():
    scored = score(two_townships())
    table = scored.townships
    exact = [scored.exact.townships[1, code] for code in table["township_code"]]
    sets = rank_sets(exact, table["se"].tolist(), rng=rank_columns.SEED)
    assert table["rank_low"].tolist() == list(sets.low)
    assert table["rank_high"].tolist() == list(sets.high)
    assert ((table["rank_low"] <= table["rank"]) & (table["rank"] <= table["rank_high"])).all()
    assert any("PCG64 from seed 1" in note.en for note in scored.notes)


def test_rank_ranges_are_empty_without_standard_errors_and_for_too_many_townships(monkeypatch):
    given_rows = two_townships()
    counted = score(count_answers(given_rows), townships=given_rows.townships)
    assert counted.townships[RANGES].isna().all(axis=None)
    monkeypatch.setattr(rank_columns, "MOST", 1)
    scored = score(given_rows)
    assert scored.townships[RANGES].isna().all(axis=None)
    assert any("score county by county" in note.en for note in scored.notes)


@settings(max_examples=30)
@given(LETTERS, LETTERS, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_plays_no_part(first, second, seed):
    given_rows = responses(sheet("rural", A, R01=first, R02=second), sheet("rural", B, R01=second, R02=first))
    one, other = score(given_rows), score(shuffled(given_rows, seed))
    assert one.exact == other.exact
    for name in TABLES:
        pd.testing.assert_frame_equal(one.table(name), other.table(name), check_exact=True)


@settings(max_examples=30)
@given(LETTERS.filter(lambda text: set(text) & set("sbu")), LETTERS)
def test_adding_a_township_changes_no_other_score(own, others):
    alone = score(responses(sheet("rural", A, R01=own)))
    beside = score(responses(sheet("rural", A, R01=own), sheet("rural", B, R01=others)))
    assert beside.exact.townships[1, A] == alone.exact.townships[1, A]


def test_counts_alone_give_the_same_figures():
    given_rows = two_townships()
    whole = score(given_rows)
    from_counts = score(count_answers(given_rows), townships=given_rows.townships)
    assert from_counts.exact == whole.exact
    from_rows = [*ERRORS["townships"], *RANGES]
    official = whole.townships.drop(columns=from_rows)
    pd.testing.assert_frame_equal(from_counts.townships.drop(columns=from_rows), official)


def test_counts_split_by_psu_add_up_to_the_same_figures():
    rows = sheet("rural", A, R01="ssbbuu??--", psu_code=["1", "2"] * 5)
    assert score(responses(rows)).exact == score(responses(rows.assign(psu_code=""))).exact


def test_equal_rows_are_all_counted():
    scores = score(responses(sheet("rural", A, R01="sssb")))
    assert scores.exact.items[1, A, "rural", "R01"] == Fraction(18, 4)
    assert scores.groups["respondents"].tolist() == [4]


def test_the_number_who_answered_divides_not_the_planned_number():
    """Q5: 2 of 50 planned answered."""
    assert score(responses(sheet("rural", A, R01="ss"))).exact.townships[1, A] == 100


def test_groups_count_the_same_whatever_their_numbers():
    """Q6: 6 people at 100 and 1 at 0 give 50; weighted by respondents 600/7."""
    rows = responses(sheet("rural", A, R01="ssssss"), sheet("urban", A, U01="u"))
    assert score(rows).exact.townships[1, A] == 50
    weighted = COUNTY.with_readings(group_weights="respondents")
    assert score(rows, weighted).exact.townships[1, A] == Fraction(600, 7)


def test_groups_with_different_numbers_of_items_are_comparable():
    """Q7: all basically satisfied is 60 with one item and with three."""
    rows = responses(sheet("rural", A, R01="b", R02="b", R03="b"), sheet("urban", A, U01="b"))
    assert set(score(rows).exact.groups.values()) == {Fraction(60)}
    plain = score(rows, COUNTY.with_readings(group_total="sum"))
    assert plain.exact.groups == {(1, A, "rural"): 9, (1, A, "urban"): 3}


def test_in_the_plain_sum_a_dropped_item_counts_as_the_mean_of_the_others():
    """Q7 ``sum`` with Q4: of three items one is dropped, the others are 3 and 5: (3 + 5)·3/2."""
    rows = responses(sheet("rural", A, R01="?-", R02="bb", R03="ss"))
    assert score(rows, COUNTY.with_readings(group_total="sum")).exact.groups == {(1, A, "rural"): 12}


def test_twenty_items_make_the_plain_sum_the_full_mark():
    items = {f"R{number:02}": "sb?" for number in range(1, 21)}
    rows = responses(sheet("rural", A, **items))
    assert score(rows).exact.groups == score(rows, COUNTY.with_readings(group_total="sum")).exact.groups


def test_an_item_nobody_could_judge_takes_the_countys_mean_and_is_flagged():
    """Q4, first branch."""
    scores = score(responses(sheet("rural", A, R01="??", R02="ss"), sheet("rural", B, R01="sbu", R02="sss")))
    assert scores.exact.items[1, A, "rural", "R01"] == Fraction(8, 3)
    assert "item_county_mean" in kinds(scores)


def test_an_item_nobody_anywhere_could_judge_is_dropped_and_the_total_rescaled():
    """Q4, second branch."""
    scores = score(responses(sheet("rural", A, R01="??", R02="bb"), sheet("rural", B, R01="?-", R02="ss")))
    assert scores.exact.groups[1, A, "rural"] == 60
    assert scores.exact.groups[1, B, "rural"] == 100
    assert kinds(scores).count("item_dropped") == 2
    assert scores.items["score"].isna().tolist() == [True, False, True, False]


def test_a_group_that_judged_nothing_is_missing_not_zero():
    scores = score(responses(sheet("rural", A, R01="??"), sheet("urban", A, U01="s")))
    assert (1, A, "rural") not in scores.exact.groups
    assert scores.exact.townships[1, A] == 100
    assert "group_missing" in kinds(scores)


def test_a_township_without_a_group_has_the_mean_of_the_others_and_is_flagged():
    rows = responses(sheet("rural", A, R01="s"), sheet("urban", A, U01="b"), sheet("rural", B, R01="s"))
    scores = score(rows)
    assert scores.exact.townships == {(1, A): 80, (1, B): 100}
    flagged = [note.en for note in scores.notes if note.kind == "group_missing" and "Urban" in note.en]
    assert len(flagged) == 1
    assert B in flagged[0]
    assert A not in flagged[0]
    line = scores.groups.set_index(["township_code", "group"]).loc[(B, "urban")]
    assert line["respondents"] == 0
    assert pd.isna(line["total"])


def test_a_township_without_a_group_has_no_score_where_the_scheme_says_so():
    scheme = COUNTY.with_readings(missing_group="no_score")
    scores = score(responses(sheet("rural", A, R01="s")), scheme)
    assert scores.exact.townships == {}
    assert scores.townships["rank"].isna().all()


def test_a_township_nobody_answered_for_stands_there_without_rank():
    scores = score(responses(sheet("rural", A, R01="s"), codes=(A, C)))
    assert scores.townships["township_code"].tolist() == [A, C]
    assert scores.townships["rank"].tolist() == [1, pd.NA]
    assert "township_without_score" in kinds(scores)


def test_ties_share_a_rank_and_the_next_ranks_stay_empty():
    """Q17: 1, 2, 2, 4 on exact values."""
    codes = [f"35990010{number}000" for number in range(1, 5)]
    letters = ["ssb", "sss", "bss", "uuu"]
    rows = responses(*(sheet("rural", code, R01=text) for code, text in zip(codes, letters, strict=True)))
    scores = score(rows)
    assert scores.townships["rank"].tolist() == [2, 1, 2, 4]
    assert "tie" in kinds(scores)
    assert score(rows, COUNTY.with_readings(ties="dense")).townships["rank"].tolist() == [2, 1, 2, 3]


def test_a_dont_know_may_score_the_persons_own_mean():
    """Q1 (e): own means are (5 + 0)/2 and (3 + 3)/2; the third judged nothing and is left out, a skipped item too."""
    rows = responses(sheet("rural", A, R01="sb?", R02="?b?", R03="u??", R04="-?-"))
    exact = score(rows, COUNTY.with_readings(unknown_scores="own_answers", nobody_could_judge="drop")).exact.items
    assert {key[3]: value for key, value in exact.items()} == {
        "R01": Fraction(5 + 3, 2),
        "R02": (Fraction(5, 2) + 3) / 2,
        "R03": Fraction(0 + 3, 2),
    }


def test_the_persons_own_mean_needs_the_rows():
    counts = count_answers(two_townships())
    with pytest.raises(AnalysisError, match="needs each person's answers"):
        score(counts, COUNTY.with_readings(unknown_scores="own_answers"))


def test_a_group_the_scheme_does_not_have_is_refused_by_name():
    with pytest.raises(AnalysisError, match="found 'rurals'; the nearest is 'rural'"):
        score(responses(sheet("rurals", A, R01="s")))


def test_response_rates_come_from_the_samples_and_are_empty_without():
    samples = pd.DataFrame(
        {
            "township_code": [A, A], "group": "rural", "psu_code": ["1", "2"], "size": [80, 90], "listed": [80, 90],
            "hits": 1, "pi_1": [0.5, 0.25], "issued": 3, "released": 3, "eligible": [3, 5], "answered": [2, 4],
        }
    )  # fmt: skip
    rows = sheet("rural", A, R01="ssssss")
    assert score(responses(rows, samples=samples)).groups["response_rate"].tolist() == [0.75]
    assert score(responses(rows)).groups["response_rate"].isna().all()


def test_rows_other_than_issued_are_noted():
    samples = pd.DataFrame(
        {
            "township_code": [A], "group": "rural", "psu_code": "", "size": "", "listed": 9, "hits": "", "pi_1": "",
            "issued": 5, "released": 5, "eligible": 4, "answered": 5,
        }
    )  # fmt: skip
    scores = score(responses(sheet("rural", A, R01="ssss"), samples=samples))
    assert {"rows_not_as_issued", "more_answered_than_eligible"} <= set(kinds(scores))


def test_every_note_stands_in_both_languages():
    scores = score(responses(sheet("rural", A, R01="??"), sheet("rural", B, R01="s"), sheet("rural", C, R01="s")))
    assert len(scores.notes) > 3
    for note in scores.notes:
        assert note.en.endswith(".")
        assert note.zh.endswith("。")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda counts: counts.drop(columns="unknown"), "found no unknown"),
        (lambda counts: counts.assign(basic=-1), "column basic: expected whole numbers"),
        (lambda counts: pd.concat([counts, counts]), "twice"),
    ],
)
def test_a_table_that_is_no_counts_is_refused(change, sentence):
    with pytest.raises(AnalysisError, match=sentence):
        score(change(count_answers(two_townships())))


def test_counts_of_a_township_that_the_table_does_not_have_are_refused():
    with pytest.raises(AnalysisError, match=f"found '{B}'"):
        score(count_answers(two_townships()), townships=townships(A))


def test_counts_hold_every_answer_once():
    rows = sheet("rural", A, R02="sb?-", R01="uuus", psu_code=["2", "1", "2", "1"])
    counts = count_answers(responses(rows))
    assert counts[["psu_code", "item"]].to_numpy().tolist() == [["1", "R02"], ["1", "R01"], ["2", "R02"], ["2", "R01"]]
    assert counts[["satisfied", "basic", "unsatisfied", "unknown", "skipped"]].to_numpy().tolist() == [
        [0, 1, 0, 0, 1],
        [1, 0, 1, 0, 0],
        [1, 0, 0, 1, 0],
        [0, 0, 2, 0, 0],
    ]


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("item", None, "column item: expected a value in each line"),
        ("group", "", "column group: expected a value in each line"),
        ("township_code", None, "column township_code: expected a value in each line"),
        ("wave", "end", "column wave: expected whole numbers, 1 or more"),
        ("wave", 1.5, "column wave: expected whole numbers, 1 or more"),
        ("wave", None, "column wave: expected whole numbers, 1 or more"),
    ],
)
def test_counts_with_an_empty_or_wrong_key_are_refused_and_not_left_out(column, value, sentence):
    counts = count_answers(responses(sheet("rural", A, R01="ssb", R02="ssu")))
    counts[column] = [value, *counts[column].astype(object)[1:]]
    with pytest.raises(AnalysisError, match=sentence):
        score(counts)


def test_counts_read_back_from_a_file_are_scored_alike(tmp_path):
    counts = count_answers(responses(sheet("rural", A, R01="ssb", R02="ssu")))
    counts.to_csv(tmp_path / "counts.csv", index=False)
    for read in (pd.read_csv(tmp_path / "counts.csv"), counts.assign(wave="1")):
        assert score(read).exact.townships == score(counts).exact.townships

"""
Sensitivity: each scenario against `score` itself.

A reading is compared with `score` under the scheme that has it; an item left out with `score` of the counts without its rows; a
group's weight with the mean worked out here.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet, townships

from analysis import Responses, count_answers, load_scheme, score, sensitivity
from analysis.rank_sensitivity import Scenario, Sensitivity
from analysis.readings import READINGS
from analysis.rescoring import rescored, tallied

COUNTY = load_scheme()
D = "359900104000"


def small_county(seed: int = 1) -> Responses:
    """Four townships, two groups, many don't-knows and skips, one item that nobody judges in one township."""
    source = np.random.default_rng(seed)

    def letters(number: int) -> str:
        return "".join(source.choice(list("sbu?-"), number, p=[0.4, 0.25, 0.1, 0.2, 0.05]))

    sheets = [
        sheet(group, code, **{f"{name}{item:02}": letters(number) for item in (1, 2, 3)})
        for code in (A, B, C, D)
        for group, name, number in (("rural", "R", 9), ("urban", "U", 5))
    ]
    sheets.append(sheet("enterprise", A, E01="sb??", E02="????"))
    sheets.append(sheet("enterprise", B, E01="ub?s", E02="sb?u"))
    return responses(*sheets)


def rows_of(found: Sensitivity, what: str) -> pd.DataFrame:
    return found.table[found.table["what"] == what].reset_index(drop=True)


def scenario(found: Sensitivity, what: str) -> Scenario:
    return next(each for each in found.scenarios if each.what == what)


@pytest.mark.parametrize("official", [{}, {"unknown_scores": "midpoint", "missing_group": "no_score"}])
def test_every_other_choice_of_every_reading_gives_what_score_gives(official):
    answers, scheme = small_county(), COUNTY.with_readings(**official)
    found = sensitivity(answers, scheme)
    expected = [
        f"{name}={choice}"
        for name, reading in READINGS.items()
        for choice in reading.choices
        if choice != scheme.readings[name]
    ]
    assert [each.what for each in found.scenarios if each.kind == "reading"] == expected
    for what in expected:
        name, choice = what.split("=")
        then, rows = score(answers, scheme.with_readings(**{name: choice})).townships, rows_of(found, what)
        pd.testing.assert_series_equal(rows["rank_then"], then["rank"], check_names=False)
        pd.testing.assert_series_equal(
            rows["score_then"], then["public_appraisal"], check_names=False, check_exact=True
        )


def test_rescoring_gives_the_exact_figures_of_score():
    answers = small_county(2)
    for name, reading in READINGS.items():
        for choice in reading.choices:
            scheme = COUNTY.with_readings(**{name: choice})
            if choice == "own_answers":
                continue
            official, lean = score(answers, scheme).exact, rescored(tallied(count_answers(answers)), scheme)
            assert lean.totals == official.groups
            assert lean.appraisals == official.townships


@pytest.mark.parametrize("group_total", ["scaled", "sum"])
def test_an_item_left_out_gives_the_scores_of_the_counts_without_it(group_total):
    answers, scheme = small_county(), COUNTY.with_readings(group_total=group_total)
    found, counts = sensitivity(answers, scheme), count_answers(answers)
    items = [(each.what, *each.what.split(":")) for each in found.scenarios if each.kind == "item"]
    assert len(items) == 8
    for what, group, item in items:
        then = score(counts[(counts["group"] != group) | (counts["item"] != item)], scheme).townships
        rows = rows_of(found, what)
        assert rows["rank_then"].tolist() == then["rank"].tolist()
        assert rows["score_then"].tolist() == then["public_appraisal"].tolist()


def test_the_only_item_of_a_group_left_out_leaves_the_other_groups():
    rows = responses(sheet("rural", A, R01="s"), sheet("urban", A, U01="b"))
    assert rows_of(sensitivity(rows), "rural:R01")["score_then"].tolist() == [60]


@pytest.mark.parametrize(("weights", "base"), [("equal", (1, 1)), ("respondents", (9, 5))])
def test_a_groups_weight_goes_up_and_down_by_a_tenth(weights, base):
    answers, scheme = small_county(), COUNTY.with_readings(group_weights=weights)
    groups = score(answers, scheme).exact.groups
    found = sensitivity(answers, scheme)
    for what, factor in (("rural:+10%", Fraction(11, 10)), ("rural:-10%", Fraction(9, 10))):
        rural, urban = base[0] * factor, Fraction(base[1])
        expected = (rural * groups[1, C, "rural"] + urban * groups[1, C, "urban"]) / (rural + urban)
        rows = rows_of(found, what).set_index("township_code")
        assert rows.loc[C, "score_then"] == float(expected)


def test_sentences_say_how_many_change_and_who_enters_and_leaves():
    """Rural 100 : 60 : 0 and urban 0 : 60 : 90 by township; without U02 the third has 0 and 100."""
    rows = responses(
        sheet("rural", A, R01="s"), sheet("urban", A, U01="u", U02="u"),
        sheet("rural", B, R01="b"), sheet("urban", B, U01="b", U02="b"),
        sheet("rural", C, R01="u"), sheet("urban", C, U01="u", U02="s"),
    )  # fmt: skip
    found = sensitivity(rows, top=1)
    without = scenario(found, "rural:R01")
    assert (without.changed, without.largest) == (2, 1)
    kept = scenario(found, "urban:U02")
    assert (kept.changed, kept.entering, kept.leaving) == (0, (), ())
    assert kept.sentence.en == "Urban residents, item U02 left out: no rank changes."
    first = scenario(found, "urban:U01")
    assert first.sentence.en.startswith("Urban residents, item U01 left out: ")
    assert all(each.sentence.zh.endswith("。") and each.sentence.en.endswith(".") for each in found.scenarios)


def test_who_enters_and_who_leaves_the_first_places_is_named():
    rows = responses(
        sheet("rural", A, R01="ss??????"), sheet("rural", B, R01="sssssbb?"), sheet("rural", C, R01="uuuuuuuu")
    )
    found = sensitivity(rows, top=1)
    midpoint = scenario(found, "unknown_scores=midpoint")
    assert (midpoint.entering, midpoint.leaving) == ((B,), (A,))
    assert midpoint.sentence.en.endswith(
        "2 of 3 townships change rank, by at most 1; into the first 1: 镇2; out of the first 1: 镇1."
    )
    assert midpoint.sentence.zh.endswith("3 个乡镇中 2 个位次变动，最多变动 1 位；前 1 名：镇2进入，镇1退出。")
    assert midpoint in found.changing


def test_from_counts_the_persons_own_mean_is_said_to_be_impossible():
    answers = small_county()
    found = sensitivity(count_answers(answers), townships=answers.townships)
    own = scenario(found, "unknown_scores=own_answers")
    assert not own.possible
    assert "cannot be scored: needs each person's answers" in own.sentence.en
    assert rows_of(found, own.what).empty
    assert rows_of(found, "ties=dense").equals(rows_of(sensitivity(answers), "ties=dense"))


def test_a_reading_that_the_answers_do_not_allow_says_why():
    rows = responses(sheet("enterprise", A, E01="s" * 11))
    planned = scenario(sensitivity(rows), "denominator=planned")
    assert not planned.possible
    assert "at least the 11 who answered" in planned.sentence.en


def test_a_township_without_a_score_has_no_rank_in_any_scenario():
    answers = responses(sheet("rural", A, R01="sb", R02="bb"), codes=(A, B))
    rows = rows_of(sensitivity(answers), "unknown_scores=county")
    assert rows["rank_then"].tolist() == [1, pd.NA]
    found = sensitivity(count_answers(answers), townships=townships(A, B))
    assert all(each.changed == 0 for each in found.scenarios if each.possible and each.what != "missing_group=no_score")


def test_a_top_below_one_is_refused():
    with pytest.raises(ValueError, match="top of 1 or more"):
        sensitivity(small_county(), top=0)

"""Changes between two waves: figures against the textbook formulas, verdicts, overlap, ranks."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet
from scipy import stats

from analysis import AnalysisError, Scores, change, load_scheme, score
from analysis.trends import VERDICTS, change_in
from benchmarks.coverage import DESIGN, answered, made_county
from sampling import draw


def with_errors(scores: Scores, se: float, sets: dict[str, tuple[int, int]] | None = None) -> Scores:
    """Scores with made standard errors: se for townships, 2·se for groups, se ÷ 10 for items; and made rank sets."""
    townships = scores.townships.assign(se=se, rank_low=pd.NA, rank_high=pd.NA)
    for code, (low, high) in (sets or {}).items():
        townships.loc[townships["township_code"] == code, ["rank_low", "rank_high"]] = [low, high]
    tables = {
        "townships": townships,
        "groups": scores.groups.assign(se=2 * se),
        "items": scores.items.assign(se=se / 10),
    }
    return replace(scores, **tables, degrees={})


def wave(first: str, second: str, group: str = "rural") -> Scores:
    return score(responses(sheet(group, A, R01=first), sheet(group, B, R01=second)))


def test_a_change_has_the_errors_of_both_waves():
    found = change(with_errors(wave("sss", "bbb"), 3), with_errors(wave("sbb", "bbb"), 4)).townships
    first = found.iloc[0]
    assert first["change"] == float(Fraction(80, 3))  # rounded once, which 100 − 73.33… is not
    assert first["se"] == 5
    assert (first["ci_low"], first["ci_high"]) == pytest.approx(
        (first["change"] - 1.959964 * 5, first["change"] + 1.959964 * 5)
    )
    assert first["p"] == pytest.approx(2 * stats.norm.sf(first["change"] / 5))


def test_verdicts_go_by_p_values_adjusted_within_the_table():
    """z = 2.1 beside two zeros: p = 0.036 alone, 0.107 among three."""
    now = with_errors(score(responses(*(sheet("rural", code, R01="s") for code in (A, B, C)))), 0)
    before = with_errors(
        score(responses(sheet("rural", A, R01="b"), sheet("rural", B, R01="s"), sheet("rural", C, R01="s"))), 40 / 2.1
    )
    found = change(now, before).townships
    assert found["p"].iloc[0] == pytest.approx(0.0357, abs=1e-4)
    assert found["p_adjusted"].iloc[0] == pytest.approx(3 * 0.0357, abs=3e-4)
    assert found["verdict"].tolist() == ["not_told_apart"] * 3
    assert change(now, before, level=0.85).townships["verdict"].tolist() == ["rose", "not_told_apart", "not_told_apart"]
    assert change(before, now, level=0.85).townships["verdict"].iloc[0] == "fell"


def test_without_standard_errors_a_change_is_shown_and_not_judged():
    found = change(with_errors(wave("sss", "bbb"), math.nan), with_errors(wave("bbb", "bbb"), math.nan))
    assert found.townships["change"].tolist() == [40, 0]
    assert found.townships["verdict"].tolist() == ["not_known", "not_known"]
    assert found.items["p"].isna().all()


def test_common_respondents_make_the_error_smaller_by_the_covariance():
    now, before = with_errors(wave("sss", "bbb"), 3), with_errors(wave("sbb", "bbb"), 4)
    found = change(now, before, overlap={"rural": 0.5})
    assert found.groups["se"].iloc[0] == pytest.approx(math.sqrt(6**2 + 8**2 - 2 * 0.5 * 6 * 8))
    assert found.items["se"].iloc[0] == pytest.approx(math.sqrt(0.09 + 0.16 - 2 * 0.5 * 0.3 * 0.4))
    # the township has one group of weight 1, whose made error is twice its own
    assert found.townships["se"].iloc[0] == pytest.approx(math.sqrt(max(9 + 16 - 2 * 0.5 * 6 * 8, 0)))
    assert change(now, before, overlap={"urban": 0.5}).groups["se"].iloc[0] == 10
    assert found.notes[0].kind == "samples_overlap"
    assert change(now, before).notes[0].kind == "samples_independent"


def test_a_townships_covariance_weighs_its_groups_as_the_public_appraisal_does():
    rows = responses(sheet("rural", A, R01="sssb"), sheet("urban", A, U01="b"))
    equal = with_errors(score(rows), 10)
    found = change(equal, equal, overlap={"rural": 0.1}).townships
    assert found["se"].iloc[0] ** 2 == pytest.approx(200 - 2 * (1 / 4) * 0.1 * 400)
    weighted = with_errors(score(rows, load_scheme().with_readings(group_weights="respondents")), 10)
    found = change(weighted, weighted, overlap={"rural": 0.1}).townships
    assert found["se"].iloc[0] ** 2 == pytest.approx(200 - 2 * (4 / 5) ** 2 * 0.1 * 400)


def test_what_stands_in_one_wave_only_has_no_change_and_is_counted():
    now = score(responses(sheet("rural", A, R01="s", R02="s"), sheet("rural", B, R01="b", R02="s")))
    before = score(responses(sheet("rural", A, R01="s"), sheet("rural", C, R01="b")))
    found = change(now, before)
    assert found.townships["township_code"].tolist() == [A, B, C]
    assert found.townships["change"].isna().tolist() == [False, True, True]
    note = next(note for note in found.notes if note.kind == "in_one_wave_only")
    assert "2 townships, 2 groups, 4 items" in note.en
    assert found.table("groups") is found.groups


def test_ranks_moved_where_the_sets_of_both_waves_have_no_rank_in_common():
    for sets, verdict in (((1, 2), "rose"), ((1, 3), "not_told_apart"), ((4, 5), "not_told_apart"), ((6, 7), "fell")):
        now = with_errors(wave("sss", "bbb"), 1, {A: sets})
        before = with_errors(wave("bbb", "sss"), 1, {A: (3, 5)})
        found = change(now, before).townships
        assert found["rank_verdict"].tolist() == [verdict, "not_known"]
        assert found["places_up"].tolist() == [1, -1]


def test_a_township_with_other_groups_than_last_time_is_named():
    both = score(responses(sheet("rural", A, R01="sb"), sheet("urban", A, U01="uu"), sheet("rural", B, R01="sb")))
    one = score(responses(sheet("rural", A, R01="sb"), sheet("rural", B, R01="sb")))
    noted = {note.kind: note for note in change(one, both).notes}
    assert change(one, both).townships["change"].tolist() == [40, 0]  # nobody answered otherwise
    assert A in noted["groups_differ"].en
    assert B not in noted["groups_differ"].en
    assert "类别不同" in noted["groups_differ"].zh
    assert "groups_differ" not in {note.kind for note in change(one, one).notes}


def test_scores_by_different_rules_are_noted():
    other = score(responses(sheet("rural", A, R01="s")), load_scheme().with_readings(unknown_scores="midpoint"))
    notes = change(score(responses(sheet("rural", A, R01="s"))), other).notes
    assert "schemes_differ" in {note.kind for note in notes}
    assert all(note.zh.endswith("。") and note.en.endswith(".") for note in notes)


def test_every_verdict_has_its_words():
    now, before = with_errors(wave("sss", "bbb"), 1), with_errors(wave("bbb", "sss"), 1)
    found = [*change(now, before).townships["verdict"], *change(now, now).townships["verdict"]]
    found += change(wave("s", "b"), now).townships["verdict"].tolist()
    assert set(found) == set(VERDICTS)


def test_several_waves_need_a_choice():
    one = score(responses(sheet("rural", A, R01="s")))
    twice = replace(one, townships=pd.concat([one.townships, one.townships.assign(wave=2)]))
    with pytest.raises(AnalysisError, match="found waves 1, 2"):
        change(twice, one)
    with pytest.raises(AnalysisError, match="found 3"):
        change(one, one, waves=(3, 1))
    assert change(twice, one, waves=(1, 1)).townships["change"].tolist() == [0]


def test_degrees_of_freedom_join_as_welch_and_satterthwaite_join_them():
    """Against scipy's Welch test, whose standard errors and degrees of freedom these are."""
    source = np.random.default_rng(5)
    one, other = source.normal(3, 1, 12), source.normal(2, 3, 9)
    test = stats.ttest_ind(one, other, equal_var=False)
    found = change_in(
        [one.mean()], [other.mean()], [stats.sem(one)], [stats.sem(other)], df_now=11, df_before=8, level=0.9
    ).iloc[0]
    assert found["p"] == pytest.approx(test.pvalue)
    assert found["df"] == pytest.approx(test.df)
    interval = test.confidence_interval(0.9)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high))


def test_changes_known_without_error_are_certain():
    found = change_in([1.0, 1.0], [1.0, 2.0], [0.0, 0.0], [0.0, 0.0])
    assert found["p"].tolist() == [1, 0]


@pytest.mark.parametrize("wrong", [{"level": 0}, {"overlap": {"rural": 1.2}}])
def test_wrong_calls_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        change(wave("s", "s"), wave("s", "s"), **wrong)


def test_change_takes_the_degrees_of_freedom_of_both_waves_from_the_scores():
    now, before = wave("ssbu", "bbs"), wave("sbb", "bsu")
    found = change(now, before)
    for name, keys in (("items", ["township_code", "group", "item"]), ("townships", ["township_code"])):
        sides = [
            side.table(name).assign(df=side.degrees[name]).set_index(keys).loc[:, ["se", "df"]]
            for side in (now, before)
        ]
        expected = (sides[0]["se"] ** 2 + sides[1]["se"] ** 2) ** 2 / sum(
            side["se"] ** 4 / side["df"] for side in sides
        )
        table = found.table(name).set_index(keys)
        assert np.isfinite(table["df"]).all()
        assert table["df"].to_numpy() == pytest.approx(expected.reindex(table.index).to_numpy())
    assert np.isinf(change(replace(now, degrees={}), replace(before, degrees={})).townships["df"]).all()


def test_a_census_in_one_wave_leaves_the_other_waves_degrees():
    """A figure known without error has no degrees to divide by."""
    found = change_in([5.0, 3.0], [4.0, 3.0], [0.0, 0.0], [0.5, 0.0], df_now=0, df_before=[4, 0])
    assert found["df"].tolist() == [4, np.inf]
    assert found["p"].tolist() == pytest.approx([2 * stats.t.sf(2, 4), 1])


def test_a_table_of_verdicts_errs_in_about_one_county_of_twenty_where_nothing_changed():
    """12 counties drawn twice from one population: by t about 1 table is wrong, by the normal distribution more than half are."""
    wrong = {"items": 0, "groups": 0, "townships": 0}
    by_normal = 0
    for seed in range(12):
        county = made_county(19, seed)
        now, before = (score(answered(county, draw(county.frame, DESIGN, wave))) for wave in ("mid", "end"))
        found = change(now, before)
        for name in wrong:
            wrong[name] += bool(found.table(name)["verdict"].isin(["rose", "fell"]).any())
        normal = change(replace(now, degrees={}), replace(before, degrees={})).items
        by_normal += bool(normal["verdict"].isin(["rose", "fell"]).any())
    assert max(wrong.values()) <= 3, wrong
    assert by_normal >= 5

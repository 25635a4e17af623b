"""
Each rule of docs/method-precision.md by itself.

The readings are compared with an independent reference: a plain loop over answers that scores with a weight for each
respondent, differentiated numerically, in this file.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet
from hypothesis import given, settings
from hypothesis import strategies as st
from made_round import made_responses

from analysis import AnalysisError, load_scheme, precision, score
from analysis.standard_errors.methods import METHODS
from analysis.standard_errors.options import LONELY_PSU

COUNTY = load_scheme("county")
POINTS = {"s": 5.0, "b": 3.0, "u": 0.0}
FIRST, SECOND = ("ssbbu?-s?b", "b?su-s?bbs", "sssb?ubb-s"), ("sbu?sbu??-", "?????-????", "ub?sbs-u?s")
ANSWERS = st.text("sbu?-", min_size=4, max_size=4)


def township(found, code=A):
    return found.townships.set_index("township_code").loc[code]


def kinds(found):
    return {note.kind for note in found.notes}


def weighted_total(
    sheets: Sequence[Sequence[str]], weights: Sequence[np.ndarray], which: int, readings: dict[str, str]
) -> float:
    """The total of one township's sheet (a text an item, a letter a respondent), with a weight for each respondent of all."""

    def tally(sheet_, weight, letters):
        return [sum(w for letter, w in zip(item, weight, strict=True) if letter in letters) for item in sheet_]

    def points(sheet_, weight):
        return [sum(w * POINTS.get(letter, 0) for letter, w in zip(item, weight, strict=True)) for item in sheet_]

    own, weight = sheets[which], weights[which]
    open_letters = "?-" if readings.get("skipped") == "as_unknown" else "?"
    scores = []
    for i, item in enumerate(own):
        gained, judged = points(own, weight)[i], tally(own, weight, "sbu")[i]
        unknown = tally(own, weight, open_letters)[i]
        county_points = sum(points(s, w)[i] for s, w in zip(sheets, weights, strict=True))
        county_judged = sum(tally(s, w, "sbu")[i] for s, w in zip(sheets, weights, strict=True))
        if judged == 0:
            scores.append(county_points / county_judged if readings.get("nobody_could_judge") != "drop" else None)
            continue
        reading = readings.get("unknown_scores", "own_township")
        if readings.get("unknown_counts") == "left_out":
            scores.append(gained / judged)
            continue
        if reading == "own_answers":
            worth, unknown = 0.0, 0.0
            for person, letter in enumerate(item):
                given_points = [POINTS[each[person]] for each in own if each[person] in POINTS]
                if letter in open_letters and given_points:
                    worth += weight[person] * sum(given_points) / len(given_points)
                    unknown += weight[person]
        else:
            value = {"own_township": gained / judged, "county": county_points / county_judged, "midpoint": 2.5}
            worth = unknown * value.get(reading, 8 / 3)
        divisor = 50.0 * sum(weight) / len(weight) if readings.get("denominator") == "planned" else judged + unknown
        scores.append((gained + worth) / divisor)
    kept = [each for each in scores if each is not None]
    factor = len(scores) / len(kept) if readings.get("group_total") == "sum" else 20 / len(kept)
    return sum(kept) * factor


def reference_variance(sheets: Sequence[Sequence[str]], which: int, readings: dict[str, str]) -> float:
    """Σ over townships of n/(n − 1)·Σ(z − z̄)², z the derivative with respect to each respondent's weight."""
    variance, step = 0.0, 1e-5
    for t, sheet_ in enumerate(sheets):
        number = len(sheet_[0])
        z = []
        for person in range(number):
            sides = []
            for sign in (1, -1):
                weights = [np.ones(len(each[0])) for each in sheets]
                weights[t][person] += sign * step
                sides.append(weighted_total(sheets, weights, which, readings))
            z.append((sides[0] - sides[1]) / (2 * step))
        variance += number / (number - 1) * sum((each - np.mean(z)) ** 2 for each in z)
    return variance


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"unknown_scores": "county"},
        {"unknown_scores": "midpoint"},
        {"unknown_scores": "mean_of_points"},
        {"unknown_scores": "own_answers"},
        {"unknown_scores": "midpoint", "skipped": "as_unknown"},
        {"unknown_scores": "county", "unknown_counts": "left_out"},
        {"nobody_could_judge": "drop"},
        {"denominator": "planned"},
        {"denominator": "planned", "unknown_scores": "county"},
        {"group_total": "sum", "unknown_scores": "own_answers", "skipped": "as_unknown"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("which", "code"), [(0, A), (1, B)])
def test_each_reading_has_its_own_linearisation(readings, which, code):
    sheets = [FIRST, SECOND]
    rows = responses(
        *(
            sheet("rural", place, **{f"R0{i + 1}": item for i, item in enumerate(each)})
            for place, each in zip((A, B), sheets, strict=True)
        )
    )
    found = precision(rows, COUNTY.with_readings(**readings))
    assert township(found, code)["est"] == pytest.approx(weighted_total(sheets, [np.ones(10)] * 2, which, readings))
    assert township(found, code)["se"] ** 2 == pytest.approx(reference_variance(sheets, which, readings), rel=1e-6)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
@pytest.mark.parametrize(
    "readings",
    [{}, {"unknown_scores": "own_answers"}, {"unknown_scores": "midpoint"}, {"denominator": "planned"}],
    ids=str,
)
def test_replication_agrees_with_linearisation_on_a_large_sample(method, readings):
    letters = ["".join(np.random.default_rng(i).choice(list("ssssbbu?-"), 300)) for i in range(3)]
    rows = responses(sheet("delegates", A, **{f"D0{i + 1}": text for i, text in enumerate(letters)}))
    scheme = COUNTY.with_readings(**{**readings, "denominator": "answered"})
    linear, other = (precision(rows, scheme, method=each, rng=1, replicates=2000) for each in ("linearised", method))
    assert township(other)["se"] == pytest.approx(township(linear)["se"], rel=0.05)


@settings(max_examples=40)
@given(ANSWERS.filter(lambda text: set(text) & set("sbu")), ANSWERS)
def test_a_township_is_the_mean_of_its_groups_with_satterthwaite_degrees(first, second):
    rows = responses(sheet("rural", A, R01="sbu" + first), sheet("urban", A, U01="bsu" + second))
    found = precision(rows)
    se, df = found.groups["se"].to_numpy(), found.groups["df"].to_numpy()
    assert township(found)["se"] == pytest.approx(np.sqrt((se**2).sum()) / 2)
    assert township(found)["df"] == pytest.approx((se**2).sum() ** 2 / (se**4 / df).sum())


@settings(max_examples=40)
@given(st.lists(ANSWERS, min_size=2, max_size=3))
def test_a_dont_know_scored_the_items_own_mean_changes_nothing(items):
    """As a figure and in its error: don't-knows counted or left out."""
    rows = responses(sheet("rural", A, **{f"R0{i + 1}": "sb" + text for i, text in enumerate(items)}))
    counted, left_out = precision(rows), precision(rows, COUNTY.with_readings(unknown_counts="left_out"))
    for name in ("est", "se", "df", "ci_low", "ci_high"):
        assert township(counted)[name] == pytest.approx(township(left_out)[name], nan_ok=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("others", ["sbu?", "????", "-?bs"])
def test_adding_a_township_changes_no_standard_error(method, others):
    """A bootstrap replicate in which nobody judged an item would take the county's mean of it; here it drops the item."""
    scheme = COUNTY.with_readings(nobody_could_judge="drop")
    own = sheet("rural", A, R01="ssbu?", R02="b?sbu")
    alone = precision(responses(own), scheme, method=method, rng=3, replicates=20)
    both = responses(own, sheet("rural", B, R01=others, R02=others))
    assert township(precision(both, scheme, method=method, rng=3, replicates=20))["se"] == township(alone)["se"]


def test_splitting_the_work_in_chunks_changes_nothing(monkeypatch):
    rows = responses(*(sheet("rural", code, R01="ssbu?", R02="b?sb-") for code in (A, B, C)))
    whole = precision(rows)
    monkeypatch.setattr("analysis.standard_errors.group_errors.CHUNK_ROWS", 6)
    parts = precision(rows)
    for name in ("items", "groups", "townships"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(parts, name), check_exact=True)


def samples_of(*lines: tuple[str, str, float | str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(A, group, psu, "", listed, "", expected, "", "", "", "") for group, psu, expected, listed in lines],
        columns=["township_code", "group", "psu_code", "size", "listed", "hits", "pi_1", "issued", "released", "eligible", "answered"],
    )  # fmt: skip


def test_a_list_that_all_answered_has_no_sampling_error():
    found = precision(responses(sheet("delegates", A, D01="sbu"), samples=samples_of(("delegates", "", "", 3))))
    assert (township(found)["se"], township(found)["ci_low"], township(found)["est"]) == (
        0,
        township(found)["est"],
        160 / 3,
    )
    assert "precision_census" in kinds(found)


def test_a_list_is_corrected_by_the_share_that_answered():
    rows = sheet("delegates", A, D01="sbus")
    corrected = precision(responses(rows, samples=samples_of(("delegates", "", "", 10))))
    plain = precision(responses(rows))
    assert township(corrected)["se"] == pytest.approx(township(plain)["se"] * np.sqrt(0.6))
    assert township(corrected)["deff"] == pytest.approx(1)
    off = precision(responses(rows, samples=samples_of(("delegates", "", "", 10))), fpc=False)
    assert township(off)["se"] == township(plain)["se"]


def test_more_answers_than_were_listed_are_not_corrected_for_and_said():
    found = precision(responses(sheet("delegates", A, D01="sbus"), samples=samples_of(("delegates", "", "", 3))))
    assert township(found)["se"] == township(precision(responses(sheet("delegates", A, D01="sbus"))))["se"]
    assert "precision_uncorrected" in kinds(found)


def test_joined_psus_find_their_rows_in_samples():
    """a and b were joined: 20 + 30 listed, pi_1 (0.5 + 0.25)/2; the others are in the middle."""
    rows = sheet("rural", A, R01="sssbbbuuus", psu_code=["a+b"] * 4 + ["c"] * 3 + ["d"] * 3)
    joined = responses(
        rows,
        samples=samples_of(
            *(
                ("rural", psu, 0.5 if psu != "b" else 0.25, size)
                for psu, size in zip("abcd", (20, 30, 40, 40), strict=True)
            )
        ),
    )
    renamed = responses(
        rows.assign(psu_code=rows["psu_code"].replace("a+b", "ab")),
        samples=samples_of(("rural", "ab", 0.375, 50), ("rural", "c", 0.5, 40), ("rural", "d", 0.5, 40)),
    )
    assert township(precision(joined))["se"] == township(precision(renamed))["se"]
    assert "precision_uncorrected" not in kinds(precision(joined))


def test_joined_psus_that_were_all_certain_stay_certain():
    rows = sheet("rural", A, R01="sssbbbuuus", psu_code=["a+b"] * 6 + ["c"] * 4)
    found = precision(
        responses(rows, samples=samples_of(("rural", "a", 1.5, 40), ("rural", "b", 1, 40), ("rural", "c", 1.2, 40)))
    )
    assert found.groups["df"].tolist() == [8]


def test_the_only_psu_of_a_group_is_taken_as_one_stage():
    rows = sheet("urban", A, U01="sbus?s", psu_code="a")
    found = precision(responses(rows, samples=samples_of(("urban", "a", 2, 60))))
    assert found.groups["df"].tolist() == [4]
    plain = precision(responses(rows.assign(psu_code="")))
    assert township(found)["se"] == pytest.approx(township(plain)["se"] * np.sqrt(1 - 6 / 60))
    assert "precision_single_psu" in kinds(found)
    assert "precision_single_uncertain" in kinds(precision(responses(rows)))


def test_psus_hit_more_often_than_equal_intervals_can_are_not_corrected_for():
    rows = sheet("rural", A, R01="sssbbbuuu", psu_code=["a", "b", "c"] * 3)
    figures = samples_of(*(("rural", psu, 0.5, 40) for psu in "abc"))
    twice = precision(responses(rows, samples=figures.assign(hits=[2, 1, 1])))
    assert township(twice)["se"] == township(precision(responses(rows)))["se"]


def test_one_respondent_has_no_standard_error_and_the_township_none_either():
    found = precision(responses(sheet("rural", A, R01="ssb"), sheet("urban", A, U01="s")))
    assert found.groups["se"].isna().tolist() == [False, True]
    assert np.isnan(township(found)["se"])
    assert np.isnan(township(found)["ci_low"])
    assert township(found)["est"] == pytest.approx((1300 / 15 + 100) / 2)
    assert "precision_not_estimable" in kinds(found)


def test_an_item_that_one_person_judged_has_no_standard_error():
    found = precision(responses(sheet("rural", A, R01="s???", R02="sbbu")))
    assert found.items["se"].isna().tolist() == [True, False]
    assert found.items["df"].tolist() == [0, 3]
    assert "precision_items_not_estimable" in kinds(found)


def test_answers_that_all_agree_have_no_spread_and_it_is_said():
    found = precision(responses(sheet("rural", A, R01="bbbb")))
    assert (township(found)["se"], township(found)["ci_low"], township(found)["ci_high"]) == (0, 60, 60)
    assert np.isnan(township(found)["deff"])
    assert "precision_no_spread" in kinds(found)


def test_intervals_end_at_the_lowest_and_highest_score():
    found = precision(responses(sheet("rural", A, R01="sb"), sheet("rural", B, R01="uub")))
    assert township(found)["ci_high"] == 100
    assert township(found, B)["ci_low"] == 0


def test_a_dropped_item_and_a_missing_group_have_no_figures():
    found = precision(responses(sheet("rural", A, R01="??", R02="sb"), sheet("urban", B, U01="sb")))
    assert found.items["est"].isna().tolist() == [True, False, False]
    assert found.items["se"].isna().tolist() == [True, False, False]
    assert found.groups["se"].isna().tolist() == [False, True, True, False]
    assert township(found)["se"] == found.groups["se"][0]


@pytest.mark.parametrize("policy", LONELY_PSU)
def test_a_stratum_with_a_single_psu_follows_its_policy_and_is_noted(policy):
    rows = sheet("rural", A, R01="ssbbuusb", psu_code=["a"] * 4 + ["b"] * 4)
    given_rows = responses(rows, samples=samples_of(("rural", "a", 1.5, 40), ("rural", "b", 0.5, 40)))
    if policy == "fail":
        with pytest.raises(AnalysisError, match="two PSUs or more in each stratum, found one"):
            precision(given_rows, lonely_psu=policy)
        return
    found = precision(given_rows, lonely_psu=policy)
    assert township(found)["se"] > 0
    assert any(f"policy {policy}" in note.en for note in found.notes)
    assert not any(policy in note.zh for note in found.notes)


def test_successive_differences_follow_the_order_of_the_rows():
    """5 3 5 3 has steps of 4; sorted, 5 5 3 3, one step: n/(2(n − 1)) · Σ steps/n² · 20²."""
    mixed, sorted_ = (
        precision(responses(sheet("rural", A, R01=text)), method="successive_differences") for text in ("sbsb", "ssbb")
    )
    assert township(mixed)["se"] ** 2 == pytest.approx(4 / 6 * 3 * 4 / 16 * 400)
    assert township(sorted_)["se"] ** 2 == pytest.approx(4 / 6 * 4 / 16 * 400)
    assert township(mixed)["df"] == pytest.approx(18 / 8)


def test_the_bootstrap_records_its_seed_and_repeats():
    rows = responses(sheet("rural", A, R01="sbus", R02="bbsu"))
    one, other = (precision(rows, method="bootstrap", rng=np.random.default_rng(5), replicates=30) for _ in range(2))
    assert one.options.seed == other.options.seed
    pd.testing.assert_frame_equal(one.townships, other.townships)
    again = precision(rows, method="bootstrap", rng=one.options.seed, replicates=30)
    pd.testing.assert_frame_equal(one.townships, again.townships)
    assert any(f"30 replicates, seed {one.options.seed}" in note.en for note in one.notes)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_said_of_corrections_is_true_of_groups_drawn_in_stages(method):
    rows = made_responses(2)
    found, plain = (precision(rows, method=method, rng=1, replicates=50, fpc=fpc) for fpc in (True, False))
    both = found.groups.merge(plain.groups, on=["wave", "township_code", "group"], suffixes=("", "_plain"))
    corrected = {group: (part["se"] < part["se_plain"]).all() for group, part in both.groupby("group")}
    assert corrected["delegates"]
    said = "those of PSUs drawn by chance are not" in found.notes[0].en
    assert said == METHODS[method].first_stage_only
    assert said == both[both["group"] == "rural"]["se"].equals(both[both["group"] == "rural"]["se_plain"])
    assert said == ("非必抽的初级单元不作修正" in found.notes[0].zh)


def test_wrong_choices_are_refused():
    rows = responses(sheet("rural", A, R01="sb"))
    with pytest.raises(AnalysisError, match="found 'linear'; the nearest is 'linearised'"):
        precision(rows, method="linear")
    with pytest.raises(AnalysisError, match="lonely_psu: expected one of fail"):
        precision(rows, lonely_psu="adjusted")
    with pytest.raises(ValueError, match="confidence"):
        precision(rows, confidence=95)
    with pytest.raises(ValueError, match="rng"):
        precision(rows, method="bootstrap")
    with pytest.raises(ValueError, match="replicates"):
        precision(rows, method="bootstrap", rng=1, replicates=1)


def test_scores_hold_the_figures_of_the_default_method():
    rows = responses(
        sheet("rural", A, R01="ssbu", R02="b?su"), sheet("urban", A, U01="sbb"), sheet("rural", B, R01="sb", R02="bb")
    )
    scores, found = score(rows), precision(rows)
    for name, columns in {
        "items": ["se"],
        "groups": ["se", "ci_low", "ci_high"],
        "townships": ["se", "ci_low", "ci_high"],
    }.items():
        pd.testing.assert_frame_equal(scores.table(name)[columns], getattr(found, name)[columns], check_exact=True)
    pd.testing.assert_series_equal(
        scores.townships["public_appraisal"], found.townships["est"], check_names=False, check_exact=True
    )
    keys = ["wave", "township_code", "group", "item"]
    assert scores.items[keys].to_numpy().tolist() == found.items[keys].to_numpy().tolist()


def test_every_note_stands_in_both_languages():
    found = precision(responses(sheet("rural", A, R01="??"), sheet("rural", B, R01="s"), sheet("rural", C, R01="sb")))
    for note in found.notes:
        assert note.en.endswith(".")
        assert note.zh.endswith("。")

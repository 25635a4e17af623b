"""
Signals of the fieldwork's quality: what they count, how often honest places are flagged, what is found, what is never shown.

Rates of false alarms are measured on rounds of `honest_county`, a generator of its own; bands are wide enough for chance.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, responses, sheet
from honest_county import honest_round
from scipy import stats

from analysis import Quality, Responses, fieldwork_quality, intraclass_correlation
from analysis.honest_model import fit_honest_model
from analysis.labels import Label
from analysis.quality_places import mean_points, places_of, sheet_codes
from analysis.quality_signals import SIGNALS
from analysis.quality_words import flag_sentence

CODES = {"s": 0, "b": 1, "u": 2, "?": 3, "-": 4}
PLACE = ["township_code", "group", "psu_code"]
RURAL = {"rural": (5, 10, "R")}


def counted(signal: str, *sheets: str) -> int:
    codes = np.array([[CODES[letter] for letter in letters] for letters in sheets], dtype=np.int8)
    found = SIGNALS[signal]
    assert found.of_person is not None
    return int(found.in_place(found.of_person(codes)[None])[0])


def flagged_places(found: Quality) -> float:
    """The share of places with any flag."""
    return float(found.psus.groupby(PLACE)["flagged"].any().mean())


def with_village(answers: Responses, letters: list[str], number: int = 0) -> Responses:
    """The answers with those of one rural village replaced."""
    rows = answers.groups["rural"].copy()
    items = list(answers.items("rural"))
    village = sorted(rows["psu_code"].unique())[number]
    where = rows.index[rows["psu_code"] == village]
    words = {"s": "satisfied", "b": "basic", "u": "unsatisfied", "?": "unknown", "-": None}
    for row, line in zip(where, letters, strict=True):
        rows.loc[row, items] = [words[letter] for letter in line]
    return replace(answers, groups={**answers.groups, "rural": rows})


@pytest.mark.parametrize(
    ("signal", "sheets", "expected"),
    [
        ("unknown", ["s?b?", "????"], 6),
        ("skipped", ["s-b?", "----"], 5),
        ("straight_lining", ["ssss", "bbb-", "uuuu", "????", "sssb", "s---", "----"], 4),
        ("all_satisfied", ["ssss", "sss-", "bbbb", "sssb"], 2),
        ("equal_sheets", ["ssbu", "ssbu", "ssbu", "subs", "bbss", "bbss"], 5),
        ("equal_sheets", ["ssss", "ssss", "bbbb", "bbbb"], 0),
        ("equal_sheets", ["ss-u", "ss?u", "sssu"], 0),
    ],
)
def test_each_signal_counts_what_it_says(signal, sheets, expected):
    assert counted(signal, *sheets) == expected


@pytest.mark.parametrize("ticking", [0.0, 0.06])
def test_at_most_one_honest_place_in_twenty_is_flagged(ticking):
    """3 rounds of 171 places; 0.05 is the promise, 0.07 leaves 2 standard errors. It holds too where some tick one column."""
    shares = [flagged_places(fieldwork_quality(honest_round(seed, ticking=ticking), rng=seed)) for seed in (1, 2, 3)]
    assert np.mean(shares) <= 0.07


def test_stated_rates_of_false_alarms_are_those_met_in_honest_rounds():
    """By signal, over 4 rounds of 95 villages: what is flagged beside what the thresholds say would be, within 4 standard errors."""
    parts = [
        fieldwork_quality(honest_round(seed, layout=RURAL), rng=seed, false_alarms=0.4).psus for seed in range(10, 14)
    ]
    table = pd.concat(parts)
    for signal in ("unknown", "straight_lining", "all_satisfied", "fast", "non_response"):
        rows = table[table["signal"] == signal]
        stated, met = rows["false_alarm"].mean(), rows["flagged"].astype(bool).mean()
        assert met <= stated + 4 * np.sqrt(stated / len(rows))
        assert stated <= 0.4 / len(SIGNALS)


def test_a_village_of_satisfied_sheets_is_flagged():
    answers = with_village(
        honest_round(5, layout=RURAL), ["s" * 20] * 8 + ["sbsbsbsbs?sbsbsb-sub", "bsbsbsbsb?bbssssbsub"]
    )
    found = fieldwork_quality(answers, rng=1)
    rows = found.psus[found.psus["flagged"].astype(bool)].set_index("signal")
    assert {"all_satisfied", "straight_lining"} <= set(rows.index)
    assert rows.loc["all_satisfied", "count"] == 8
    assert rows.loc["all_satisfied", "threshold"] <= 8
    sentence = next(flag for flag in found.flags if "satisfied to every item" in flag.en)
    assert "8 of 10 sheets say satisfied to every item" in sentence.en
    assert "says nothing against any respondent" in sentence.en
    assert "8 份答卷全部为“满意”" in sentence.zh
    assert re.match("镇00001农村居民（村（居）[0-9]+）：", sentence.zh)
    assert not re.search("rural", " ".join(flag.zh + flag.en for flag in found.flags).replace("Rural residents", ""))
    assert any(flag.zh.startswith("农村居民：按村（居）的组内相关") for flag in found.flags)


def test_a_village_of_equal_sheets_is_flagged_and_one_of_dont_knows_too():
    answers = with_village(honest_round(6, layout=RURAL), ["ssbssbssussbss?ssbss"] * 6 + ["sbbbsbsbsbsbsussssbu"] * 4)
    answers = with_village(answers, ["?" * 15 + "sbsbs"] * 10, number=7)
    found = fieldwork_quality(answers, rng=1).psus
    rows = found[found["flagged"].astype(bool)]
    villages = sorted(found["psu_code"].unique())
    assert set(rows.loc[rows["psu_code"] == villages[0], "signal"]) == {"equal_sheets"}
    assert {"equal_sheets", "unknown"} <= set(rows.loc[rows["psu_code"] == villages[7], "signal"])
    assert rows.loc[(rows["psu_code"] == villages[0]), "count"].tolist() == [10]


def test_investigators_are_looked_at_through_psus_wholly_theirs_two_at_least():
    answers = honest_round(7, townships=6, layout=RURAL)
    keys = [place.key for place in places_of(answers)]
    mine = {key: f"调查员{1 + number // 5}" for number, key in enumerate(keys[:20])} | {keys[20]: "调查员9"}
    for number in (0, 1, 2):
        answers = with_village(
            answers,
            ["s" * 20] * 4 + ["sbsbsbsbs?sbsbsb-sub"[n:] + "sbsbsbsbs?sbsbsb-sub"[:n] for n in range(6)],
            number,
        )
    found = fieldwork_quality(answers, investigators=mine, rng=1)
    people = found.investigators.set_index(["investigator"])
    assert people.loc["调查员1", "psus"].tolist() == [5] * 7
    first = people.loc["调查员1"].set_index("signal")
    assert first.loc["all_satisfied", "count"] >= 12
    assert bool(first.loc["all_satisfied", "flagged"])
    assert not people.loc["调查员9", "estimable"]
    assert pd.isna(people.loc["调查员9", "count"])
    assert "调查员9" in next(note.en for note in found.notes if note.kind == "investigators_not_estimable")
    assert any(flag.en.startswith("Investigator 调查员1: ") for flag in found.flags)


def test_at_most_one_honest_investigator_in_twenty_is_flagged():
    """60 investigators of about six villages each, in four rounds."""
    shares = []
    for seed in range(20, 24):
        answers = honest_round(seed, layout=RURAL)
        keys = [place.key for place in places_of(answers)]
        found = fieldwork_quality(
            answers, investigators={key: str(number % 15) for number, key in enumerate(keys)}, rng=seed
        )
        shares.append(found.investigators.groupby("investigator")["flagged"].any().mean())
    assert np.mean(shares) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60)


def test_joined_psus_count_for_an_investigator_only_if_all_parts_are_theirs():
    rows = pd.concat(
        [
            sheet("rural", A, psu_code="1+2", R01="sbuss", R02="sbsbu"),
            sheet("rural", A, psu_code="3+4", R01="sbuss", R02="sbsbu"),
            sheet("rural", A, psu_code="5", R01="sbuss", R02="sbsbu"),
        ]
    )
    keys = {(A, "rural", psu): "甲" for psu in ("1", "2", "3", "5")} | {(A, "rural", "4"): "乙"}
    people = fieldwork_quality(responses(rows), investigators=keys, rng=1, replicates=1000).investigators
    assert people.set_index("investigator").loc["甲", "psus"].unique().tolist() == [2]
    assert people.set_index("investigator").loc["乙", "psus"] == 0


def test_response_rates_of_joined_psus_are_added_up_and_refusals_are_the_callers():
    samples = pd.DataFrame(
        {
            "township_code": A, "group": "rural", "psu_code": ["1", "2"], "size": 9, "listed": 9, "hits": 1, "pi_1": 0.5,
            "issued": 9, "released": 9, "eligible": [4, 6], "answered": [2, 3],
        }
    )  # fmt: skip
    answers = responses(sheet("rural", A, psu_code="1+2", R01="sbuss", R02="sbsbu"), samples=samples)
    refused = {(A, "rural", "1"): 1, (A, "rural", "2"): 2}
    table = fieldwork_quality(answers, refused=refused, rng=1).psus.set_index("signal")
    assert table.loc[["non_response", "refusal"], ["count", "base"]].to_numpy().tolist() == [[5, 10], [3, 10]]
    without = fieldwork_quality(answers, rng=1)
    assert "refusal" not in set(without.psus["signal"])
    assert "no_refusals" in {note.kind for note in without.notes}


def test_places_with_fewer_than_five_answers_get_no_figures():
    answers = responses(sheet("rural", A, R01="sbus", R02="bbss"), sheet("rural", B, R01="sbuss", R02="bbsss"))
    found = fieldwork_quality(answers, rng=1)
    assert set(found.psus["township_code"]) == {B}
    assert {"places_too_small", "no_samples"} <= {note.kind for note in found.notes}
    assert fieldwork_quality(responses(sheet("rural", A, R01="sb")), rng=1).psus.empty


def test_nothing_points_at_a_row():
    """Tables hold places and counts; the order of rows plays no part in them."""
    answers = honest_round(8, townships=3, layout=RURAL)
    turned = replace(
        answers, groups={name: rows.iloc[::-1].reset_index(drop=True) for name, rows in answers.groups.items()}
    )
    one, other = fieldwork_quality(answers, rng=4), fieldwork_quality(turned, rng=4)
    pd.testing.assert_frame_equal(one.psus, other.psus)
    assert one.psus.groupby([*PLACE, "signal"]).size().max() == 1
    assert one.psus["respondents"].min() >= 5
    assert (one.simulated.seed, one.simulated.replicates) == (4, 4000)


def test_the_model_finds_the_shares_and_the_persons_effect_it_was_made_with():
    """honest_county has 0.49 of the variance between persons, 0.16 of that of not knowing; 950 persons."""
    answers = honest_round(9, layout=RURAL)
    rows = answers.groups["rural"]
    codes = sheet_codes(rows, answers.items("rural"))
    townships = rows["township_code"].factorize(sort=True)[0]
    model = fit_honest_model(codes, townships, 19, np.random.default_rng(1))
    assert model.judgment.person == pytest.approx(0.49, abs=0.05)
    assert model.unknown.person == pytest.approx(0.16, abs=0.06)
    drawn = np.concatenate([model.draw(number, 1000, np.random.default_rng(number)) for number in range(19)])
    for code in range(5):
        assert (drawn == code).mean() == pytest.approx((codes == code).mean(), abs=0.02)
    spread = np.nanvar(mean_points(codes))
    assert np.nanvar(mean_points(drawn)) == pytest.approx(spread, rel=0.15)


def test_intraclass_correlation_is_that_of_shrout_and_fleiss():
    """Shrout and Fleiss (1979), Psychological Bulletin 86, 420–428, table 2: mean squares 11.24 and 6.26, ICC(1,1) = 0.17."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = intraclass_correlation(np.ravel(ratings), np.repeat(range(6), 4).tolist())
    assert round(found.icc, 2) == 0.17
    assert (found.df_between, found.df_within, found.clusters, found.units) == (5, 18, 6, 24)
    test = stats.f_oneway(*ratings)
    assert (found.f, found.p) == pytest.approx((test.statistic, test.pvalue))


def test_strata_are_taken_out_and_those_of_one_cluster_left_out():
    """A township's level moves no figure; the same villages twice are the same correlation with twice the freedom."""
    values, villages = [1.0, 2.0, 5.0, 6.0, 2.0, 4.0], ["a", "a", "b", "b", "c", "c"]
    once = intraclass_correlation(values, villages)
    twice = intraclass_correlation(
        [*values, *(value + 100 for value in values), 7.0, 8.0], villages * 2 + ["d", "d"], [1] * 6 + [2] * 6 + [3] * 2
    )
    assert twice.icc == pytest.approx(once.icc)
    assert (twice.df_between, twice.df_within) == (4, 6)


def test_a_negative_correlation_is_given_and_said_and_no_clusters_are_not_estimable():
    assert intraclass_correlation([1, 9, 1, 9], ["a", "a", "b", "b"]).icc == pytest.approx(-1)
    assert intraclass_correlation([1, 2], ["a", "b"]).icc is None
    assert intraclass_correlation([1, 1, 1, 1], ["a", "a", "b", "b"]).icc is None
    assert intraclass_correlation([], []).icc is None
    rows = pd.concat([sheet("rural", A, psu_code=psu, R01="sssuu", R02="ssuus") for psu in ("1", "2")])
    flags = fieldwork_quality(responses(rows), rng=1).flags
    assert any("estimated below 0" in flag.en and "估计为负" in flag.zh for flag in flags)


def test_villages_that_differ_are_seen_in_the_correlation():
    plain = fieldwork_quality(honest_round(30, layout=RURAL), rng=1).icc.iloc[0]
    differing = fieldwork_quality(honest_round(30, layout=RURAL, village=0.4), rng=1).icc.iloc[0]
    assert plain["level"] == "village"
    assert differing["icc"] > 0.08 > plain["icc"]
    assert differing["p"] < 0.001


def test_investigators_correlation_is_taken_where_several_worked_in_a_township():
    answers = honest_round(31, townships=4, layout=RURAL)
    keys = [place.key for place in places_of(answers)]
    two_each = {key: f"{key[0]}-{number % 5 // 3}" for number, key in enumerate(keys)}
    found = fieldwork_quality(answers, investigators=two_each, rng=1).icc.set_index("level")
    assert found.loc["investigator", ["clusters", "units", "df_between", "df_within"]].tolist() == [8, 20, 4, 12]
    one_each = {key: key[0] for key in keys}
    found = fieldwork_quality(answers, investigators=one_each, rng=1).icc.set_index("level")
    assert pd.isna(found.loc["investigator", "icc"])


@pytest.mark.parametrize("wrong", [{"replicates": 999}, {"false_alarms": 0}, {"false_alarms": 0.5}])
def test_wrong_calls_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 1,000 replicates"):
        fieldwork_quality(responses(sheet("rural", A, R01="s")), rng=1, **wrong)


def test_a_count_that_no_honest_place_reached_is_rarer_than_one_in_the_draws():
    row = {"signal": "all_satisfied", "count": 9, "base": 10, "threshold": 6, "false_alarm": 0.0}
    for replicates, share in ((4000, "0.03"), (10_000, "0.01"), (3000, "0.04")):
        found = flag_sentence(Label("甲镇", "A"), row, replicates)
        assert f"达到 6 的不到 {share}%" in found.zh
        assert f"reached in less than {share} % of cases" in found.en
    assert "达到 6 的约占 0.4%" in flag_sentence(Label("甲镇", "A"), row | {"false_alarm": 0.004}, 4000).zh


def test_without_flags_it_is_said_that_nothing_was_flagged():
    plain = fieldwork_quality(honest_round(5, layout=RURAL), rng=1, false_alarms=0.0001)
    assert not plain.psus["flagged"].any()
    assert plain.flags[0].zh == "各处的作答情况均未触发核查提示。"
    assert fieldwork_quality(responses(sheet("rural", A, R01="sb")), rng=1).flags == ()

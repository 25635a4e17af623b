"""What is said of the fieldwork and of other rules: one wording, true of the figures, with the names that people know."""

from __future__ import annotations

import re

import pytest
from honest_county import honest_round
from test_quality import RURAL, with_village

from analysis import (
    PlaceNames,
    fieldwork_quality,
    load_scheme,
    quality_sentences,
    sensitivity,
    sensitivity_sentences,
)
from analysis.quality_words import flags_in_words
from analysis.rank_sensitivity import Scenario, Sensitivity

SCHEME = load_scheme()


@pytest.fixture(scope="module")
def flagged():
    return with_village(
        honest_round(5, layout=RURAL), ["s" * 20] * 8 + ["sbsbsbsbs?sbsbsb-sub", "bsbsbsbsb?bbssssbsub"]
    )


def test_villages_are_called_by_the_names_that_are_given(flagged):
    village = min(flagged.groups["rural"]["psu_code"])
    found = fieldwork_quality(flagged, psu_names={village: "上溪村"}, rng=1)
    sentence = next(flag for flag in found.flags if "全部为“满意”" in flag.zh)
    assert sentence.zh.startswith("镇00001农村居民（上溪村）：")
    assert sentence.en.startswith("镇00001, Rural residents (上溪村): ")
    told = quality_sentences(found, PlaceNames.of(flagged, SCHEME))
    assert any(f"（村（居）{village}）" in each.zh for each in told)


def test_the_sentences_hold_every_flag_every_correlation_and_every_note_once(flagged):
    found = fieldwork_quality(flagged, investigators={}, rng=1)
    told = quality_sentences(found, PlaceNames.of(flagged, SCHEME))
    flags = [sentence for _, sentence in flags_in_words(found, PlaceNames.of(flagged, SCHEME))]
    assert len(flags) == int(found.psus["flagged"].sum())
    assert told[: len(flags)] == tuple(flags)
    assert len(told) == len(flags) + len(found.icc) + len(found.notes)
    assert told[: len(told) - len(found.notes)] == found.flags


def test_the_note_on_flags_says_how_many_honest_places_are_flagged(flagged):
    note = next(
        note
        for note in fieldwork_quality(flagged, rng=1, false_alarms=0.1).notes
        if note.kind == "flags_are_no_verdicts"
    )
    assert "up to 10 % are flagged" in note.en
    assert "至多 10% 被提示" in note.zh


def found_with(*scenarios: Scenario, townships: int = 8, top: int = 6) -> Sensitivity:
    table = sensitivity(honest_round(1, townships=townships, layout=RURAL), SCHEME).table
    return Sensitivity(table, scenarios, top)


def item(code: str, **facts: object) -> Scenario:
    from analysis.labels import Label

    return Scenario("item", f"rural:{code}", Label(code, code), **facts)  # type: ignore[arg-type]


def test_items_that_change_the_first_places_are_named_and_their_number_is_theirs():
    moved = [item(f"R{n:02}", changed=2, largest=n, entering=("a",), leaving=("b",)) for n in range(1, 8)]
    (told,) = sensitivity_sentences(found_with(*moved, item("R20", changed=2, largest=1), item("R19")))
    assert (
        told.zh
        == "逐一剔除 9 道题：8 道会使位次变动，最多变动 7 位；会改变前 6 名的有 7 道（R01、R02、R03、R04、R05等）。"
    )
    assert (
        "ranks for 8 of them, by at most 7; 7 would change the first 6 (R01, R02, R03, R04, R05 and others)." in told.en
    )


def test_no_item_is_said_as_none_and_not_as_zero():
    (told,) = sensitivity_sentences(found_with(item("R01", changed=2, largest=1)))
    assert "没有一道会改变前 6 名" in told.zh
    assert "none would change the first 6" in told.en
    (still,) = sensitivity_sentences(found_with(item("R01"), item("R02")))
    assert still.zh == "逐一剔除 2 道题，各乡镇位次均不变。"


def test_with_no_more_townships_than_prizes_nothing_is_said_of_the_first():
    answers = honest_round(2, townships=4, layout=RURAL)
    for sentence in sensitivity_sentences(sensitivity(answers, SCHEME, top=6)):
        assert not re.search("前 6 名|first 6", sentence.zh + sentence.en)
    assert any("前 3 名" in each.zh for each in sensitivity_sentences(sensitivity(answers, SCHEME, top=3)))


def test_a_reading_is_named_with_what_it_is_changed_to():
    found = sensitivity(honest_round(3, townships=8, layout=RURAL), SCHEME)
    midpoint = next(each for each in found.scenarios if each.what == "unknown_scores=midpoint")
    assert midpoint.sentence.zh.startswith("“不了解”按何种平均分计，改为“满分的一半”：")
    assert midpoint.sentence.en.startswith("What a don't-know scores, if changed to “half of the highest points”: ")
    assert midpoint.label.zh == "“不了解”按何种平均分计：满分的一半"

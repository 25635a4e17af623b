"""Schemes are data: read strictly, refused with the place and the nearest known word."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import SchemeError, load_scheme, parse_scheme
from analysis.readings import READINGS
from analysis.scheme import SCHEMES

COUNTY = load_scheme("county")


@pytest.mark.parametrize("path", sorted(SCHEMES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scheme_is_sound_and_named_after_its_file(path):
    scheme = load_scheme(path)
    assert scheme.id == path.stem
    assert set(scheme.readings) == set(READINGS)
    assert parse_scheme(scheme.to_dict()) == scheme


def test_the_county_plan_reads_every_open_question_by_its_default():
    assert COUNTY.readings == {name: reading.default for name, reading in READINGS.items()}


def test_the_county_plan_has_110_respondents_in_four_groups():
    assert {group.code: group.planned for group in COUNTY.groups} == {
        "delegates": 30,
        "enterprise": 10,
        "urban": 20,
        "rural": 50,
    }
    assert COUNTY.points == {"satisfied": 5, "basic": 3, "unsatisfied": 0}


def test_readings_that_a_file_leaves_out_take_their_defaults():
    content = COUNTY.to_dict()
    del content["readings"]
    assert parse_scheme(content) == COUNTY


def test_the_method_document_names_every_reading_and_choice():
    text = (Path(__file__).parents[2] / "docs" / "method-scores.md").read_text(encoding="utf-8")
    for name, reading in READINGS.items():
        assert f"`{name}`" in text
        assert f"**`{reading.default}`**" in text
        for choice in reading.choices:
            assert f"`{choice}`" in text


def test_another_reading_gives_another_scheme_and_leaves_the_first_as_it_was():
    other = COUNTY.with_readings(ties="dense")
    assert other.readings["ties"] == "dense"
    assert COUNTY.readings["ties"] == "competition"


def broken(path: str, value: object) -> dict[str, object]:
    content = COUNTY.to_dict()
    *steps, last = path.split(".")
    target = content
    for step in steps:
        target = target[step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("version", 0, "version: expected a whole number, 1 or more, found 0"),
        ("full_mark", "100", "full_mark: expected a whole number"),
        ("title.en", "", "title.en: expected a text that is not empty"),
        ("title.zh", None, "title.zh: expected this key to be given"),
        ("points.basic", 7, "points: expected points that fall"),
        ("points.unknown", 3, "points.unknown: expected one of mean"),
        ("points.basik", 3, "points.basik: unknown key 'basik'; the nearest known key is 'basic'"),
        ("groups.rural.planned", -1, "groups.rural.planned: expected a whole number"),
        ("groups", {}, "groups: expected a mapping that is not empty"),
        ("groups.Rural", {"label": {"zh": "a", "en": "b"}, "planned": 1}, "groups.Rural: expected a code"),
        ("readings.ties", "competiton", "nearest: competition"),
        ("readings.tie", "dense", "the nearest known key is 'ties'"),
        ("weights", {}, "weights: unknown key"),
    ],
)
def test_each_fault_is_named_with_its_place(path, value, sentence):
    with pytest.raises(SchemeError) as caught:
        parse_scheme(broken(path, value), "own.yaml")
    assert caught.value.en.startswith("own.yaml: ")
    assert sentence in caught.value.en
    assert caught.value.zh.startswith("own.yaml：")


@pytest.mark.parametrize("text", ["", "[1]", "id: [", "id: a\nid: b\n"])
def test_a_file_that_is_no_scheme_is_refused(text):
    with pytest.raises(SchemeError):
        parse_scheme(text, "own.yaml")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(SchemeError, match="nearest known name is 'county'"):
        load_scheme("conty")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SchemeError, match="readable UTF-8 file"):
        load_scheme(tmp_path / "own.yaml")


def test_a_countys_own_file_is_read(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text((SCHEMES / "county.yaml").read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert load_scheme(path) == COUNTY

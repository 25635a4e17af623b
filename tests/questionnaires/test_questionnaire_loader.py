"""A bad questionnaire is refused with the file, the place, what was expected and what was found."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from questionnaires import QuestionnaireError, load_questionnaire, parse_questionnaire


def text(word: str) -> dict[str, str]:
    return {"zh": f"{word}（中文）", "en": word}


SMALL: dict[str, Any] = {
    "id": "rural",
    "version": 1,
    "title": text("Title"),
    "intro": text("Intro"),
    "form": {"number": "", "agency": "", "approval": "", "valid_until": ""},
    "scale": [
        {"code": "satisfied", "label": text("Satisfied"), "score": 5},
        {"code": "basic", "label": text("Basically satisfied"), "score": 3},
        {"code": "unsatisfied", "label": text("Unsatisfied"), "score": 0},
        {"code": "unknown", "label": text("Not familiar"), "score": "mean"},
    ],
    "dimensions": {"eco": text("Economy"), "env": text("Environment")},
    "items": [
        {"id": "R01", "dimension": "eco", "text": text("First")},
        {"id": "R02", "dimension": "env", "text": text("Second")},
    ],
    "comment": {"id": "RC", "optional": True, "max_length": 500, "text": text("Comment")},
}

MISSING = object()


def changed(*path: str | int, to: object) -> dict[str, Any]:
    content = copy.deepcopy(SMALL)
    target: Any = content
    for step in path[:-1]:
        target = target[step]
    if to is MISSING:
        del target[path[-1]]
    else:
        target[path[-1]] = to
    return content


def refusal(content: Any) -> QuestionnaireError:
    with pytest.raises(QuestionnaireError) as caught:
        parse_questionnaire(content, "rural.yaml")
    return caught.value


def test_the_small_example_is_sound():
    assert parse_questionnaire(SMALL).item_ids == ("R01", "R02")


def test_the_comment_may_be_left_out():
    questionnaire = parse_questionnaire(changed("comment", to=MISSING))
    assert questionnaire.comment is None
    assert "comment" not in questionnaire.to_dict()


@pytest.mark.parametrize(
    ("content", "place", "expected"),
    [
        (changed("items", 1, "text", "en", to=MISSING), "items[1].text.en", "this key to be given"),
        (changed("items", 1, "text", "zh", to=" "), "items[1].text.zh", "not empty"),
        (changed("title", "en", to=7), "title.en", "a text"),
        (changed("intro", to="only one language"), "intro", "a mapping with the keys zh, en"),
        (changed("scale", 0, "label", "en", to=""), "scale[0].label.en", "not empty"),
        (changed("dimensions", "eco", "zh", to=None), "dimensions.eco.zh", "a text"),
        (changed("comment", "text", "en", to=""), "comment.text.en", "not empty"),
        (changed("items", 1, "id", to="R01"), "items[1].id", "items[0] has the same"),
        (changed("items", 1, "id", to="r2"), "items[1].id", "an id such as R01"),
        (changed("items", 1, "id", to="weight"), "items[1].id", "an id such as R01"),
        (changed("comment", "id", to="R02"), "comment.id", "an id that no item has"),
        (changed("items", 0, "dimension", to="ecp"), "items[0].dimension", "nearest: eco"),
        (changed("items", to=[]), "items", "a list that is not empty"),
        (changed("scale", 0, "score", to=4), "scale[0].score", "the score 5"),
        (changed("scale", 2, "score", to=False), "scale[2].score", "the score 0"),
        (changed("scale", 3, "score", to=0), "scale[3].score", "the score mean"),
        (changed("scale", 3, to=MISSING), "scale[*].code", "the four answers"),
        (changed("scale", 1, "code", to="basik"), "scale[1].code", "nearest: basic"),
        (changed("version", to=0), "version", "1 or more"),
        (changed("version", to=True), "version", "whole number"),
        (changed("version", to="1"), "version", "whole number"),
        (changed("id", to="Rural"), "id", "small letter"),
        (changed("id", to="townships"), "id", "other than"),
        (changed("form", "approval", to=MISSING), "form.approval", "this key to be given"),
        (changed("comment", "max_length", to=99_999), "comment.max_length", "at most"),
        (changed("comment", "optional", to="yes"), "comment.optional", "true or false"),
        (changed("title", "zh", to="a\x07b"), "title.zh", "control characters"),
    ],
)
def test_each_fault_is_named_with_its_place(content, place, expected):
    error = refusal(content)
    assert error.en.startswith(f"rural.yaml: {place}: expected ")
    assert expected in error.en
    assert error.zh.startswith("rural.yaml：")
    assert place in error.zh
    assert str(error) == error.en


def test_an_unknown_key_is_named_with_the_nearest_known_one():
    error = refusal(changed("items", 0, "dimesion", to="eco"))
    assert "items[0].dimesion: unknown key" in error.en
    assert "'dimension'" in error.en
    assert "'dimension'" in error.zh


@pytest.mark.parametrize("content", ["", "[]", "just words", "12"])
def test_a_file_that_is_no_mapping_is_refused(content):
    assert "the whole file: expected a mapping" in refusal(content).en


def test_broken_yaml_is_refused_with_line_and_column():
    assert "line 2" in refusal("id: rural\n  version: [1\n").en


def test_a_key_given_twice_is_refused():
    error = refusal("id: rural\nversion: 1\nversion: 2\n")
    assert "'version' is given twice" in error.en
    assert "line 3" in error.en


def test_a_yaml_that_builds_objects_is_refused():
    assert "rural.yaml" in refusal("!!python/object/apply:os.getcwd []").en


def test_a_file_must_be_named_after_its_id(tmp_path):
    path = tmp_path / "urban.yaml"
    path.write_text(parse_questionnaire(SMALL).to_yaml(), encoding="utf-8")
    with pytest.raises(QuestionnaireError, match=r"urban\.yaml: id: expected the file's name, 'urban', found 'rural'"):
        load_questionnaire(path)


def test_a_file_with_a_bom_is_accepted(tmp_path):
    path = tmp_path / "rural.yaml"
    path.write_text(parse_questionnaire(SMALL).to_yaml(), encoding="utf-8-sig")
    assert load_questionnaire(path) == parse_questionnaire(SMALL)


def test_a_missing_file_and_a_file_in_another_encoding_are_refused(tmp_path):
    with pytest.raises(QuestionnaireError, match="cannot be read"):
        load_questionnaire(tmp_path / "rural.yaml")
    path = tmp_path / "rural.yaml"
    path.write_bytes(parse_questionnaire(SMALL).to_yaml().encode("gb18030"))
    with pytest.raises(QuestionnaireError, match="expected UTF-8"):
        load_questionnaire(path)

"""The questionnaires that come with Pingyi."""

from __future__ import annotations

import pytest

from questionnaires import Questionnaire, load_questionnaires, parse_questionnaire

GROUPS = ("delegates", "enterprise", "rural", "urban")


@pytest.fixture(params=GROUPS)
def questionnaire(request: pytest.FixtureRequest) -> Questionnaire:
    return load_questionnaires()[request.param]


def test_there_is_one_questionnaire_for_each_group():
    assert sorted(load_questionnaires()) == list(GROUPS)


def test_twenty_items_of_five_points_make_the_full_mark(questionnaire):
    assert len(questionnaire.items) * max(o.score for o in questionnaire.scale if o.score != "mean") == 100


def test_item_ids_begin_with_the_groups_letter_and_count_up(questionnaire):
    letter = questionnaire.group[0].upper()
    assert questionnaire.item_ids == tuple(f"{letter}{number:02}" for number in range(1, 21))


def test_every_dimension_is_used_and_labelled(questionnaire):
    assert {item.dimension for item in questionnaire.items} == set(questionnaire.dimension_labels)


def test_the_scale_stands_in_the_plans_order(questionnaire):
    assert [(o.code, o.score) for o in questionnaire.scale] == [
        ("satisfied", 5),
        ("basic", 3),
        ("unsatisfied", 0),
        ("unknown", "mean"),
    ]


def test_a_frozen_copy_reads_back_equal_with_the_same_hash(questionnaire):
    frozen = parse_questionnaire(questionnaire.to_yaml(), "frozen")
    assert frozen == questionnaire
    assert frozen.sha256 == questionnaire.sha256
    assert parse_questionnaire(questionnaire.to_dict()) == questionnaire


def test_one_changed_word_changes_the_hash(questionnaire):
    content = questionnaire.to_dict()
    content["items"][0]["text"]["zh"] += "！"
    assert parse_questionnaire(content).sha256 != questionnaire.sha256


def test_files_are_read_once_and_no_caller_can_spoil_the_next():
    first = load_questionnaires()
    first.clear()
    second, third = load_questionnaires(), load_questionnaires()
    assert sorted(second) == list(GROUPS)
    assert second["rural"] is third["rural"]


def test_a_questionnaire_cannot_be_changed(questionnaire):
    with pytest.raises(AttributeError):
        questionnaire.version = 2


def test_text_follows_the_language(questionnaire):
    assert questionnaire.scale[3].label.to_language("en_GB") == "Not familiar"
    assert questionnaire.scale[3].label.to_language("zh_Hans_CN") == "不了解"

"""Opened ballots become rows that are all written alike."""

from __future__ import annotations

from questionnaires import load_questionnaires
from survey_app.services.ballots import BallotContent
from survey_app.services.opened_rows import response_rows
from tests.factories import answers

FORMS = load_questionnaires()


def content(mode: str = "self", minutes: str = "2-5", psu: str = "359900101201", **given: str) -> BallotContent:
    return BallotContent("359900101000", "rural", psu, mode, minutes, answers(**given))


def modes(contents: list[BallotContent]) -> list[str]:
    return [row["mode"] for row in response_rows(contents, FORMS)]


def test_a_way_of_answering_is_kept_where_at_least_five_share_each_in_the_psu() -> None:
    assert modes([content()] * 5 + [content("paper")] * 5) == ["self"] * 5 + ["paper"] * 5
    assert modes([content()] * 9 + [content("paper")] * 4) == [""] * 13
    assert modes([content()] * 4) == [""] * 4
    assert modes([content()] * 5 + [content("paper", psu="359900101202")]) == ["self"] * 5 + [""]


def test_each_of_way_and_time_is_judged_by_itself() -> None:
    rows = response_rows([content()] * 5 + [content(minutes=">5")], FORMS)
    assert {(row["mode"], row["minutes"]) for row in rows} == {("self", "")}


def test_the_order_in_which_answers_were_written_down_is_not_kept() -> None:
    forwards = answers()
    backwards = dict(reversed(forwards.items())) | {"R07": ""}
    one, other = (
        response_rows([BallotContent("359900101000", "rural", "", "self", "", given)], FORMS)[0]["answers"]
        for given in (forwards, backwards)
    )
    assert list(one) == list(forwards)
    assert list(other) == [item for item in forwards if item != "R07"]

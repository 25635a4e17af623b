"""What a refusal says of a round that is not in the right state: true and whole for every act in every state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import survey_app
from survey_app.errors import WrongState
from survey_app.models import Round
from survey_app.models.rounds import STATE_CLOSED, STATE_DRAWN, STATE_NEW, STATE_OPEN, STATES
from survey_app.services.rounds import REACHED, STATE_CLAUSES, require_state
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_open_round

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


def acts() -> Iterator[tuple[str, str]]:
    """Every act that a round's state can forbid, as the source has it, in English and Chinese."""
    for path in Path(survey_app.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                pairs = {keyword.arg: keyword.value for keyword in node.keywords}
            elif isinstance(node, ast.Dict):
                pairs = {getattr(key, "value", None): value for key, value in zip(node.keys, node.values, strict=True)}
            else:
                continue
            if "act_en" in pairs:
                yield ast.literal_eval(pairs["act_en"]), ast.literal_eval(pairs["act_zh"])


def refusal(state: str, *allowed: str, en: str = "print cards", zh: str = "打印答卷卡") -> WrongState:
    with pytest.raises(WrongState) as caught:
        require_state(Round(state=state), *allowed, act_en=en, act_zh=zh)
    return caught.value


def test_an_act_is_named_alone_since_the_sentence_around_it_is_made_for_each_state() -> None:
    found = set(acts())
    assert len(found) > 15
    for en, zh in found:
        assert not set(en) & set(":;,."), en
        assert not set(zh) & set("：；，。"), zh
        assert not {"it", "its"} & set(en.split()), en


@pytest.mark.parametrize("state", STATES)
def test_a_refusal_says_when_the_act_will_be_possible_and_never_of_what_is_over(state: str) -> None:
    now = STATES.index(state)

    for allowed in STATES[now + 1 :]:
        said = refusal(state, allowed)
        assert said.en.endswith(f"; it is not yet possible to print cards, but will be once {REACHED[allowed][0]}.")
        assert said.zh.endswith(f"，还不能打印答卷卡，{REACHED[allowed][1]}后方可。")
    for allowed in STATES[:now]:
        said = refusal(state, allowed)
        assert said.en == f"{STATE_CLAUSES[state][0]}; it is no longer possible to print cards."
        assert said.zh == f"{STATE_CLAUSES[state][1]}，不能再打印答卷卡。"


def test_of_two_states_to_come_the_next_is_named() -> None:
    for before, after in pairwise((STATE_DRAWN, STATE_OPEN, STATE_CLOSED)):
        assert REACHED[before][0] in refusal(STATE_NEW, before, after).en


def test_the_pages_say_it_of_cards_after_the_closing_and_of_results_before_it(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    client = client_as("office")
    page = client.get(f"/office/rounds/{round_id}/results", base_url=BASE)
    assert (page.status_code, "本轮调查进行中，还不能查看得分或答卷，关闭后方可。" in page.text) == (409, True)
    with sqlite_shell.database.transaction() as session:
        session.get_one(Round, round_id).state = STATE_CLOSED
    page = client.get(f"/office/rounds/{round_id}/cards", base_url=BASE)
    assert (page.status_code, "本轮已关闭，不能再打印答卷卡。" in page.text) == (409, True)

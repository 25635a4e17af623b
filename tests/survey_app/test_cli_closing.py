"""`pingyi close` says what the closing voids before it asks."""

from __future__ import annotations

from datetime import datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from survey_app.cli import main
from survey_app.models import Device, Round
from survey_app.services import slips
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_open_round
from tests.phone_factory import enrolled_phone
from tests.survey_app.test_slips import ENTRY, clerks, rural_card

SAID = {
    "en": (
        "paper slips entered only once: 1; they are void with the closing",
        "! investigator 王, phone 1: have it go online first; last online: 2026-01-02 11:00",
    ),
    "zh": (
        "还有 1 张纸质答卷只录入了一遍，关闭后作废，不计入得分",
        "! investigator 王，手机 1：请先让其联网；最近联网：2026-01-02 11:00",
    ),
}
STOPPED = {"en": "Stopped", "zh": "已中止"}
ASKED = {"en": "Close it? [y/N]", "zh": "确定关闭？ [y/N]"}


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts, monkeypatch: pytest.MonkeyPatch) -> int:
    """A round in the field with a slip that waits and a phone that was long silent."""
    monkeypatch.setenv("PINGYI_HOME", str(sqlite_shell.config.home))
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    round_id = make_open_round(sqlite_shell, county)
    first, _second = clerks(sqlite_shell, county)
    slips.enter_first(sqlite_shell, first, round_id, rural_card(sqlite_shell, round_id).code, ENTRY)
    enrolled_phone(sqlite_shell)
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Device).values(seen_at=datetime.fromisoformat("2026-01-02T03:00:00+00:00")))
    return round_id


def close(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["close", *arguments], input=typed)


def state_of(shell: Shell, round_id: int) -> str:
    with shell.database.reading() as session:
        return session.get_one(Round, round_id).state


@pytest.mark.parametrize("language", ["en", "zh"])
def test_slips_entered_once_and_silent_phones_are_told_before_the_question_in_the_shells_language(
    language: str, sqlite_shell: Shell, round_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_LANG", language)
    answer = close(typed="n\n")
    places = [answer.output.find(part) for part in (*SAID[language], ASKED[language])]
    assert -1 not in places, answer.output
    assert places == sorted(places)
    assert ("关闭" in answer.output) == (language == "zh")
    assert (answer.exit_code, state_of(sqlite_shell, round_id)) == (1, "open")
    assert STOPPED[language] in answer.stderr
    assert close(typed="y\n").exit_code == 0
    assert state_of(sqlite_shell, round_id) == "closed"


def test_without_the_question_the_same_is_told(
    sqlite_shell: Shell, round_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_LANG", "en")
    answer = close("--yes")
    assert [part for part in SAID["en"] if part not in answer.stderr] == []
    assert "Close it?" not in answer.output
    assert (answer.exit_code, state_of(sqlite_shell, round_id)) == (0, "closed")
    again = close("--yes", "--round", "359900-2026-1")
    assert "The round is closed; it is no longer possible to close the round." in again.stderr

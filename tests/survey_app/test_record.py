"""The hash-chained record."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from survey_app.models import RecordEntry
from survey_app.services.record import FIRST_HASH, append_entry, entry_hash, first_break
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_county

PACKAGE = Path(__file__).parents[2] / "survey_app"


def append(shell: Shell, county_id: int, action: str = "test", reason: str = "") -> None:
    with shell.database.transaction() as session:
        append_entry(session, county_id=county_id, person="王", action=action, details={"a": 1}, reason=reason)


def test_each_entry_names_the_hash_of_the_one_before(shell: Shell) -> None:
    county = make_county(shell)
    for _ in range(3):
        append(shell, county.id)
    with shell.database.reading() as session:
        entries = session.scalars(select(RecordEntry).order_by(RecordEntry.number)).all()
        assert [entry.number for entry in entries] == [1, 2, 3]
        assert [entry.previous_hash for entry in entries] == [FIRST_HASH, entries[0].hash, entries[1].hash]
        assert all(entry.hash == entry_hash(entry) for entry in entries)
        assert first_break(session, county.id) is None


def test_a_change_behind_the_triggers_back_is_found_and_named(shell: Shell) -> None:
    county = make_county(shell)
    for _ in range(3):
        append(shell, county.id)
    with shell.database.transaction() as session:
        if shell.database.is_sqlite:
            session.execute(text("DROP TRIGGER record_entries_no_UPDATE"))
        else:
            session.execute(text("ALTER TABLE record_entries DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE record_entries SET person = '李' WHERE number = 2"))
    with shell.database.reading() as session:
        assert first_break(session, county.id) == 2


def test_counties_have_chains_of_their_own(shell: Shell) -> None:
    one, other = make_county(shell), make_county(shell, code="359901", prefix="other_")
    append(shell, one.id)
    append(shell, other.id)
    with shell.database.reading() as session:
        assert [entry.number for entry in session.scalars(select(RecordEntry))] == [1, 1]
        assert first_break(session, one.id) is first_break(session, other.id) is None


def test_many_writers_at_once_leave_one_unbroken_chain(shell: Shell) -> None:
    county = make_county(shell)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: append(shell, county.id), range(24)))
    with shell.database.reading() as session:
        assert first_break(session, county.id) is None
        assert len(session.scalars(select(RecordEntry)).all()) == 24


@pytest.mark.parametrize("reason", ["", "名单有误，重新抽样"])
def test_the_reason_is_kept_as_given(shell: Shell, reason: str) -> None:
    county = make_county(shell)
    append(shell, county.id, reason=reason)
    with shell.database.reading() as session:
        assert session.scalars(select(RecordEntry)).one().reason == reason


def keys_written() -> Iterator[str]:
    """The names of all details that are written out where an entry is made."""
    for path in sorted((PACKAGE / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("append_entry", "_note", "_record"):
                for part in ast.walk(node):
                    if isinstance(part, ast.Dict):
                        yield from (key.value for key in part.keys if isinstance(key, ast.Constant))


def test_every_detail_of_the_record_is_called_something_on_its_page() -> None:
    page = (PACKAGE / "templates" / "office" / "record.html").read_text(encoding="utf-8")
    called = set(re.findall(r"'(\w+)': _\(", page.split("set called", 1)[1]))
    keys = set(keys_written())
    assert {"account", "wrong_pins", "phone", "contact"} <= keys
    assert keys - called == set()


def test_the_record_names_a_phone_by_its_number_and_says_what_its_details_are(
    client_as: Callable[[str], FlaskClient], sqlite_shell: Shell, county: CountyFacts
) -> None:
    with sqlite_shell.database.transaction() as session:
        for action, details in (
            ("phone_enrolled", {"phone": 4, "account": "wang"}),
            ("phone_blocked", {"phone": 4, "wrong_pins": 5}),
            ("cards_printed", {"cards": 9, "by": "village"}),
        ):
            append_entry(session, county_id=county.id, person="王", action=action, details=details)
    pages = {
        language: html.unescape(
            client_as("office").get(f"/office/record?lang={language}", base_url="https://pingyi.test").text
        )
        for language in ("zh", "en")
    }
    for told in ("手机编号：4", "用户名：wang", "PIN 输错次数：5", "分册方式：每个村（居）一册"):
        assert told in pages["zh"]
    for told in ("Phone no.: 4", "User name: wang", "Wrong PINs: 5"):
        assert told in pages["en"]

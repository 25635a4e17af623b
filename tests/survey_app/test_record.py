"""The hash-chained record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from survey_app.models import RecordEntry
from survey_app.services.record import FIRST_HASH, append_entry, entry_hash, first_break
from survey_app.shell import Shell
from tests.factories import make_county


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

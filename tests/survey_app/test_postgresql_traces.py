"""What PostgreSQL keeps beside the rows themselves: nothing of it tells, after a closing, who answered when."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from survey_app.services import casting, closing
from survey_app.shell import Shell, no_progress
from tests.factories import answers, make_county, make_open_round, tokens_of

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def rows(shell: Shell, statement: str) -> list[Any]:
    with shell.database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def answered_backwards(shell: Shell) -> tuple[Any, int]:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for number, token in enumerate(reversed(tokens_of(shell, round_id, group="rural"))):
        casting.cast(shell, token, answers(), comment=f"{number:03}")
    return county, round_id


def test_the_rows_of_who_answered_keep_neither_transactions_nor_order_of_arrival(shell: Shell) -> None:
    county, round_id = answered_backwards(shell)
    before = rows(shell, "SELECT xmin::text, sample_unit_id FROM answered_units ORDER BY ctid")
    assert len({xmin for xmin, _unit in before}) == len(before) > 50
    assert [unit for _xmin, unit in before] == sorted((unit for _xmin, unit in before), reverse=True)
    closing.close_round(shell, county.office, round_id, no_progress)
    after = rows(shell, "SELECT xmin::text, sample_unit_id FROM answered_units ORDER BY ctid")
    assert len({xmin for xmin, _unit in after}) == 1
    assert [unit for _xmin, unit in after] == sorted(unit for _xmin, unit in before)


def test_answers_comments_and_receipts_lie_in_the_order_of_their_random_keys_under_one_transaction(
    shell: Shell,
) -> None:
    county, round_id = answered_backwards(shell)
    closing.close_round(shell, county.office, round_id, no_progress)
    for table in ("responses", "comments", "receipts"):
        found = rows(shell, f"SELECT xmin::text, key FROM {table} ORDER BY ctid")
        assert len(found) > 50
        assert len({xmin for xmin, _key in found}) == 1
        assert [key for _xmin, key in found] == sorted(key for _xmin, key in found)


def test_the_planners_statistics_of_sealed_ballots_go_with_the_ballots(shell: Shell) -> None:
    county, round_id = answered_backwards(shell)
    with shell.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE ballots"))
    statistics = "SELECT attname FROM pg_stats WHERE tablename = 'ballots' AND attname IN ('key', 'sealed')"
    assert rows(shell, statistics)
    closing.close_round(shell, county.office, round_id, no_progress)
    assert rows(shell, statistics) == []

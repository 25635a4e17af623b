"""
Leaks that other programs had, each tried here.

What they were was read in the public threads of LimeSurvey/LimeSurvey (pull requests 2089, 5071, 4389) and e-valuation/EvaP (issue 1384, pull
request 1549). EvaP's issue 1335 itself could not be read; what it was about is told by what refers to it: pull request 1341 (random instead
of counted keys, "if we also add the cronjob mentioned in #1335"), issue 1384 ("Follow-Up to #1335") and pull request 1549 (a regular job
for "the physical tuple-reordering").
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import DateTime, Integer

from survey_app.db import UtcDateTime
from survey_app.models import Base
from survey_app.shell import Shell
from tests.attack.chance import SURE, sureness
from tests.attack.copies import heap_rows
from tests.attack.orders import HIDDEN, owners_of_rows, row_orders
from tests.attack.staged import Stage
from tests.factories import CountyFacts, answers, make_open_round, make_printed_round, tokens_of

BASE = "https://pingyi.test"
BOX = ("ballots", "responses", "comments", "receipts", "online_ballots", "online_responses")
POSTGRESQL = pytest.mark.parametrize("stage", ["postgresql"], indirect=True, scope="package")
Opening = Callable[[Shell, CountyFacts], int]


def test_limesurvey_2089_no_page_of_a_respondent_holds_the_token(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    """LimeSurvey wrote the token into a hidden field of an anonymous survey's page, from where it was easily taken along with the answers."""
    round_id = make_open_round(sqlite_shell, county)
    token = tokens_of(sqlite_shell, round_id, group="rural")[0]
    client = app.test_client()
    given = answers(R02="basic")
    pages = [
        client.get(f"/r/{token}", base_url=BASE),
        client.post(f"/r/{token}", base_url=BASE, data=given | {"step": "review"}),
        client.post(f"/r/{token}", base_url=BASE, data=given | {"step": "edit", "comment": "好"}),
        client.post(f"/r/{token}", base_url=BASE, data=given | {"comment": "长" * 501}),
        client.post(f"/r/{token}", base_url=BASE, data={"X99": "satisfied"}),
        client.post(f"/r/{token}", base_url=BASE, data={"R01": ["basic", "satisfied"]}),
        client.post(f"/r/{token}", base_url=BASE, data=given | {"step": "send", "started": "1"}),
        client.get(f"/r/{token}", base_url=BASE),
    ]
    assert [page.status_code for page in pages] == [200, 200, 200, 400, 400, 400, 200, 200]
    for page in pages:
        assert token.lower() not in (page.text + str(page.headers)).lower()
        assert not page.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("opening", [make_open_round, lambda shell, county: make_printed_round(shell, county)[0]])
def test_limesurvey_4389_no_setting_of_a_round_makes_its_answers_nameable(
    sqlite_shell: Shell, county: CountyFacts, opening: Opening
) -> None:
    """In LimeSurvey responses were not anonymised, depending on the way in which a survey was activated. Here anonymity is no setting."""
    from survey_app.models import Round, Year

    opening(sqlite_shell, county)
    names = {column.name for model in (Round, Year) for column in model.__table__.columns}
    assert not [name for name in names if "anonym" in name or "token" in name or "secret" in name]
    for table in BOX:
        columns = Base.metadata.tables[table].columns
        assert not [
            column.name for column in columns if re.search("unit|card|token|person|address|device", column.name)
        ]
        targets = {key.column.table.name for column in columns for key in column.foreign_keys}
        assert targets == {"rounds"}


def test_limesurvey_5071_no_table_of_the_box_has_a_date(stage: Stage) -> None:
    """LimeSurvey kept the dates of starting and sending in the rows of anonymous responses."""
    for table in (*BOX, "answered_units", "online_codes"):
        for column in Base.metadata.tables[table].columns:
            assert not isinstance(column.type, UtcDateTime | DateTime), (table, column.name)
    for table in ("responses", "comments", "receipts", "online_responses"):
        for row in stage.copies["after"].rows[table]:
            told = {name: value for name, value in row.items() if name not in HIDDEN}
            assert not re.search(r"20\d\d-\d\d-\d\d|\b1[6-9]\d{8}\b|datetime", str(told))


def test_evap_1335_keys_and_physical_order_of_answers_do_not_follow_the_votes(stage: Stage) -> None:
    """
    EvaP's answers had counted keys and lay in the order in which they were given, beside the voters in theirs.

    The issue's own text could not be read; this is what the threads that refer to it say of it.
    """
    arrivals = stage.arrivals()
    for table in BOX:
        (key,) = Base.metadata.tables[table].primary_key.columns
        assert not isinstance(key.type, Integer)
    orders = row_orders(stage)
    assert any("place in the files" in name for name in orders)
    for name, order in orders.items():
        assert abs(sureness([arrivals[unit] for unit in order], list(order.values()))) < SURE, name


@POSTGRESQL
def test_evap_1384_no_transaction_number_ties_an_answer_to_its_voter(stage: Stage) -> None:
    """EvaP's voter and answers were written in one transaction, and PostgreSQL keeps its number (xmin) with each row."""
    before, after = stage.copies["before"], stage.copies["after"]
    tied = {row["_xmin"] for row in before.rows["ballots"]} & {row["_xmin"] for row in before.rows["answered_units"]}
    assert len(tied) == len(stage.answered)  # while the ballot is sealed the tie leads to what nobody can read
    voters = {number for table in ("answered_units", "sample_units", "visits") for number in _numbers(stage, table)}
    for table in ("responses", "comments", "receipts"):
        assert len(_numbers(stage, table)) == 1
        assert _numbers(stage, table).isdisjoint(voters)
    assert tied.isdisjoint({row["_xmin"] for rows in after.rows.values() for row in rows if "_xmin" in row} - {0})
    assert len(owners_of_rows(stage)) == len(stage.answered)


def _numbers(stage: Stage, table: str) -> set[int]:
    return {row["_xmin"] for row in stage.copies["after"].rows[table]}


@POSTGRESQL
def test_evap_1549_no_dead_row_keeps_an_older_transaction_number(stage: Stage) -> None:
    """EvaP updated all answers with each new one to hide its number; the dead rows still told it until the table was rewritten."""
    after = stage.copies["after"]
    for table in ("answered_units", "sample_units", "visits", "responses", "comments", "receipts"):
        stored = heap_rows(after.heaps[table])
        assert len(stored) == len(after.rows[table])
        assert len({row.xmin for row in stored}) == 1
    dead = {row["relname"]: row["n_dead_tup"] for row in after.rows["pg_stat_user_tables"]}
    assert "answered_units" in dead
    assert after.heaps["ballots"] == b""

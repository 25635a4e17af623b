"""A real server under a crowd that tries again as phones do, killed at random moments; `make bench-load` does the same at full size."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from benchmarks.load import Crowd, Journey, Served, close_and_compare, kill_backend, respond_all
from benchmarks.made_round import MadeRound, make_round, open_shell_at
from survey_app.services.tokens import ALPHABET, check_character
from survey_app.shell import Shell

PEOPLE = 150
CROWD = Crowd(people=16, cut=0.1, give_up=60)


@pytest.fixture
def crowded(database_url: str, tmp_path: Path) -> Iterator[tuple[Shell, MadeRound, Served]]:
    """A round in the field, and its server."""
    shell = open_shell_at(tmp_path / "instance", database_url)
    made = make_round(shell, PEOPLE)
    server = Served(shell.config)
    yield shell, made, server
    server.end()
    shell.close()


def count_of(journeys: list[Journey], state: str) -> int:
    return sum(journey.met.count(state) for journey in journeys)


def test_no_acknowledged_answer_is_lost_or_doubled_when_the_server_is_killed(
    crowded: tuple[Shell, MadeRound, Served],
) -> None:
    shell, made, server = crowded
    third = PEOPLE // 3
    journeys = respond_all(server.port, made.cards[:third], CROWD, seed=1)
    with_kills = _respond_while_killed(server, made, third)
    verdict = close_and_compare(shell, made, journeys + with_kills)
    assert (verdict.lost, verdict.twice, verdict.not_acknowledged) == (0, 0, 0)
    assert verdict.acknowledged == verdict.rows == PEOPLE
    assert server.kills == 2
    assert count_of(with_kills, "cut") > 0


def _respond_while_killed(server: Served, made: MadeRound, first: int) -> list[Journey]:
    """Let the others answer; kill the server when it has just begun to serve them, and again."""
    with ThreadPoolExecutor(1) as beside:
        crowd = beside.submit(respond_all, server.port, made.cards[first:], CROWD, 2, first=first)
        server.kill()
        server.kill()
        return crowd.result()


def test_no_acknowledged_answer_is_lost_when_a_process_of_postgresql_is_killed(
    postgresql_server: str, postgresql_template: str, tmp_path: Path
) -> None:
    from tests.conftest import postgresql_url, run_sql

    run_sql(postgresql_server, f"CREATE DATABASE killed_backend TEMPLATE {postgresql_template}")
    url = postgresql_url(postgresql_server, "killed_backend")
    shell = open_shell_at(tmp_path / "instance", url)
    made = make_round(shell, PEOPLE)
    server = Served(shell.config)
    try:
        before = respond_all(server.port, made.cards[:50], CROWD, seed=3)
        kill_backend(url)
        after = respond_all(server.port, made.cards[50:], CROWD, seed=4, first=50)
    finally:
        server.end()
    shell.database.dispose()
    verdict = close_and_compare(shell, made, before + after)
    shell.close()
    assert (verdict.acknowledged, verdict.rows, verdict.lost, verdict.twice) == (PEOPLE, PEOPLE, 0, 0)


def test_behind_a_proxy_a_guesser_is_throttled_and_the_110_phones_beside_are_not(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_TRUSTED_PROXIES", "1")
    shell = open_shell_at(tmp_path / "instance", sqlite_url)
    made = make_round(shell, 110)
    server = Served(shell.config)
    try:
        guesses = [_typed(server, _made_up(number), "203.0.113.9, 198.51.100.7") for number in range(300)]
        assert guesses[:100] == [404] * 100
        assert guesses.count(429) > 150
        # What a visitor adds in front of the header buys nothing: only the proxy's own word counts.
        assert _typed(server, _made_up(999), "192.0.2.55, 198.51.100.7") == 429
        for card in made.cards:
            assert _typed(server, _made_up(7), "198.51.100.8") == 404
            assert _typed(server, card.code, "198.51.100.8") == 200
        journeys = respond_all(server.port, made.cards, Crowd(people=16, cut=0), seed=5)
    finally:
        server.end()
        shell.close()
    assert {journey.acknowledged for journey in journeys} == {"received"}


def _typed(server: Served, code: str, forwarded: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": forwarded}
    connection.request("POST", "/", body=urlencode({"code": code}), headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def _made_up(number: int) -> str:
    code = "".join(ALPHABET[number >> 5 * place & 31] for place in range(12))
    return code + check_character(code)

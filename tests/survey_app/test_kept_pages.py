"""The questionnaire is rendered once for thousands of phones: each still gets its own moment, language and size, and nothing of a card."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from survey_app.models import Round
from survey_app.respondent import views
from survey_app.respondent.kept_pages import takes_gzip
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_open_round, tokens_of

BASE = "https://pingyi.test"


@pytest.fixture
def tokens(sqlite_shell: Shell, county: CountyFacts) -> list[str]:
    return tokens_of(sqlite_shell, make_open_round(sqlite_shell, county), group="rural")


def test_each_phone_gets_the_moment_at_which_it_opened_the_page(
    app: Flask, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    for token, second in ((tokens[0], 1), (tokens[1], 2), (tokens[0], 3)):
        monkeypatch.setattr(views, "utc_now", lambda second=second: datetime.fromtimestamp(second, UTC))
        page = client.get(f"/r/{token}", base_url=BASE).text
        assert f'name="started" value="{second}"' in page
        assert "@" not in re.sub(r"[^@]@media", "", page)


def test_no_page_that_is_kept_holds_a_token(app: Flask, tokens: list[str]) -> None:
    client = app.test_client()
    pages = {client.get(f"/r/{token}", base_url=BASE).text for token in tokens[:5]}
    assert len(pages) <= 2  # a second may pass between them
    assert not any(token in page for page in pages for token in tokens)


def test_the_page_comes_compressed_to_those_who_take_it_so(app: Flask, tokens: list[str]) -> None:
    client = app.test_client()
    packed = client.get(f"/r/{tokens[0]}", base_url=BASE, headers={"Accept-Encoding": "gzip, deflate, br"})
    plain = client.get(f"/r/{tokens[0]}", base_url=BASE)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    started = re.compile(r'name="started" value="\d+"')
    assert started.sub("", gzip.decompress(packed.data).decode()) == started.sub("", plain.text)
    assert len(packed.data) < 8_000


def test_language_and_size_have_pages_of_their_own(app: Flask, tokens: list[str]) -> None:
    client = app.test_client()
    for _ in range(2):
        for query, language, size in (("", "zh-Hans", ""), ("?lang=en", "en", ""), ("?size=large", "zh-Hans", "large")):
            page = client.get(f"/r/{tokens[0]}{query}", base_url=BASE).text
            assert f'<html lang="{language}">' in page
            assert f'<body class="big {size}">' in page


def test_a_round_that_closes_while_its_page_is_kept_shows_it_no_more(
    app: Flask, sqlite_shell: Shell, tokens: list[str]
) -> None:
    client = app.test_client()
    assert 'data-state="ready"' in client.get(f"/r/{tokens[0]}", base_url=BASE).text
    with sqlite_shell.database.transaction() as session:
        session.execute(update(Round).values(state="closed"))
    assert 'data-state="late"' in client.get(f"/r/{tokens[0]}", base_url=BASE).text


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("br, gzip; q=0.00", False),
        ("identity", False),
        ("", False),
    ],
)
def test_a_page_is_compressed_for_who_says_so(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes

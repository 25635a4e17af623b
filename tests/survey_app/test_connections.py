"""What the server takes before the app is asked, and what it says in its log."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from waitress.adjustments import Adjustments

from survey_app.connections import LARGEST_BODY, SMALL_BODY, channel_class, signed_in_to
from survey_app.db import is_away
from survey_app.quiet_logs import without_names
from survey_app.services import cards
from survey_app.services.tokens import check_character
from survey_app.shell import Shell
from tests.factories import make_county
from tests.survey_app.test_dispatcher import PATIENCE, Served

TOKEN = "7XBZNFASNCXKGTYYS6QGFZRKC7"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def served(sqlite_shell: Shell) -> Iterator[Served]:
    made = Served(sqlite_shell)
    yield made
    made.end()


def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes as they are, and return what comes until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(sent)
        return line.recv(65536)


def parser(head: bytes, *, signed_in: bool = False) -> object:
    limits = Adjustments(max_request_body_size=LARGEST_BODY)
    made = channel_class(lambda _cookies: signed_in).parser_class(limits)
    made.received(head)
    return made


@pytest.mark.parametrize("path", ["/r/" + TOKEN, "/", "/public/receipts", "/office/rounds/1/frame"])
def test_a_strangers_large_body_is_refused_before_it_arrives(served: Served, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 190000000\r\n\r\n"
    answer = exchange(served.port, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "提交的内容过大".encode() in answer
    assert TOKEN.encode() not in answer


def test_a_body_in_chunks_ends_where_it_becomes_too_large(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = f"{SMALL_BODY:x}\r\n".encode() + b"a" * SMALL_BODY + b"\r\n"
    assert exchange(served.port, head + chunk).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("path", "signed_in", "length", "refused"),
    [
        ("/office/rounds/1/frame", True, LARGEST_BODY - 1, False),
        ("/office/rounds/1/frame", True, LARGEST_BODY, True),
        ("/office/rounds/1/frame", False, SMALL_BODY, True),
        ("/r/x", True, SMALL_BODY, True),
        ("/r/x", False, SMALL_BODY - 1, False),
        ("/field/sync", False, 1 << 20, False),
        ("/field/sync", True, LARGEST_BODY - 1, True),
    ],
)
def test_only_somebody_signed_in_may_send_a_large_file_and_only_to_the_office(
    path: str, signed_in: bool, length: int, refused: bool
) -> None:
    made = parser(f"POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode(), signed_in=signed_in)
    assert (getattr(made, "error", None) is not None) == refused


def test_a_session_counts_only_with_our_signature(app: Flask, sqlite_shell: Shell, client: FlaskClient) -> None:
    make_county(sqlite_shell)
    signed_in = signed_in_to(app)
    with client.session_transaction("/office/") as session:
        session["_user_id"] = "1-0"
    name = app.config["SESSION_COOKIE_NAME"]
    found = client.get_cookie(name)
    assert found is not None
    assert signed_in(f"other=1; {name}={found.value}")
    for wrong in ("", "other=1", f"{name}=", f"{name}={found.value[:-2]}xx", f"{name}=eyJfdXNlcl9pZCI6IjEifQ.x.y"):
        assert not signed_in(wrong)


def test_a_length_that_is_no_length_is_refused_plainly(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"
    assert exchange(served.port, head).startswith(b"HTTP/1.1 400 ")
    assert "127.0.0.1" not in caplog.text


@pytest.mark.parametrize("name", ["waitress", "waitress.queue", "werkzeug", "gunicorn.error"])
def test_no_servers_log_names_a_token_or_an_address(app: Flask, name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger=name):
        log = logging.getLogger(name)
        log.info("Client disconnected while serving %s", f"/r/{TOKEN}")
        log.warning("uncaptured python exception, closing channel <Channel connected 203.0.113.7:45272 at 0x7f>")
        log.warning("closing <Channel connected 2001:db8::17:45272 at 0x7f>")
    assert len(caplog.records) == 3
    for part in (TOKEN, "203.0.113.7", "2001:db8", "45272"):
        assert part not in caplog.text
    assert "/r/…" in caplog.text


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"GET /r//{TOKEN}?lang=en", "GET /r//…?lang=en"),
        ("served /account/link/9x-LPS_Ktut", "served /account/link/…"),
        ("total open connections reached the connection limit", "total open connections reached the connection limit"),
    ],
)
def test_the_rest_of_a_line_stands(line: str, kept: str) -> None:
    assert without_names(line) == kept


def test_an_address_with_a_slash_too_many_is_not_sent_on_with_its_token(client: FlaskClient) -> None:
    for path in (f"/r//{TOKEN}", f"//r/{TOKEN}", f"/r/{TOKEN}//"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert TOKEN not in answer.text + str(answer.headers)


def test_what_says_that_the_database_is_away_is_told_from_a_wrong_question() -> None:
    def error(words: str, state: str | None = None) -> OperationalError:
        original = Exception(words)
        if state:
            original.sqlstate = state  # type: ignore[attr-defined]
        return OperationalError("SELECT 1", {}, original)

    for words in ("database is locked", "disk I/O error", "connection failed: in recovery mode"):
        assert is_away(error(words))
    assert is_away(error("terminating", "57P01"))
    assert is_away(PoolTimeout())
    assert not is_away(error("no such table: cards"))
    assert not is_away(error("relation does not exist", "42P01"))
    assert not is_away(ValueError("connection"))


def test_a_page_says_so_where_the_database_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_values: object, **_named: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection failed: in recovery mode"))

    monkeypatch.setattr(cards, "token_of_code", away)
    code = "AV09HQHPDRCQ"
    page = client.post("/", data={"code": code + check_character(code)})
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert "暂时连不上数据库" in page.text
    assert "Traceback" not in caplog.text

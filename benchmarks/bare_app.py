"""
What Pingyi's pages are compared with: a Flask app that does nothing else, on the same server with the same threads.

``python -m benchmarks.bare_app PORT DATABASE_URL`` serves ``/page``, a sentence, and ``/insert``, which stores one row durably.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable

from flask import Flask

from survey_app.cli.serving import make_server, take_port

ROW = os.urandom(32)


def make_app(url: str) -> Flask:
    """Build the app; each thread of the server keeps a connection."""
    app = Flask(__name__)
    insert = sqlite_insert(url) if url.startswith("sqlite:") else postgresql_insert(url)

    @app.get("/page")
    def page() -> str:
        return "<!doctype html><title>bare</title><p>bare"

    @app.post("/insert")
    def store() -> str:
        insert()
        return "<!doctype html><title>stored</title><p>stored"

    return app


def sqlite_insert(url: str) -> Callable[[], None]:
    """Return what inserts a row with the settings of Pingyi's own database."""
    path = url.removeprefix("sqlite:///")
    kept = threading.local()

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("busy_timeout=20000", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    connect().execute("CREATE TABLE IF NOT EXISTS stored (id INTEGER PRIMARY KEY, content BLOB NOT NULL)")

    def insert() -> None:
        if not hasattr(kept, "connection"):
            kept.connection = connect()
        kept.connection.execute("INSERT INTO stored (content) VALUES (?)", (ROW,))

    return insert


def postgresql_insert(url: str) -> Callable[[], None]:
    """Return what inserts a row into PostgreSQL, which commits durably as it comes."""
    import psycopg

    address = url.replace("+psycopg", "")
    kept = threading.local()
    with psycopg.connect(address, autocommit=True) as first:
        first.execute("CREATE TABLE IF NOT EXISTS stored (id BIGSERIAL PRIMARY KEY, content BYTEA NOT NULL)")

    def insert() -> None:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(address, autocommit=True)
        kept.connection.execute("INSERT INTO stored (content) VALUES (%s)", (ROW,))

    return insert


def main() -> None:
    """Serve until ended."""
    port, url = int(sys.argv[1]), sys.argv[2]
    server = make_server(make_app(url), take_port("127.0.0.1", port))
    print("Serving", flush=True)
    server.run()


if __name__ == "__main__":
    main()

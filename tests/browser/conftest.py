"""A real server in a process of its own, and a real Chromium."""

from __future__ import annotations

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


@pytest.fixture
def live_shell(sqlite_url: str, tmp_path: Path) -> Iterator[Shell]:
    """A shell on the database that the live server uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = Config(home=tmp_path / "instance", database_url=sqlite_url, base_url=f"http://127.0.0.1:{port}")
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

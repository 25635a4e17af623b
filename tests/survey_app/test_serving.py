"""`pingyi serve`: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_app.cli import main, serving

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    monkeypatch.delenv("PINGYI_BASE_URL", raising=False)


@pytest.mark.parametrize("host", ["192.0.2.9", "nonsense.invalid"])
@pytest.mark.parametrize(("language", "what"), [("en", "must be an address of this computer"), ("zh", "应为本机地址")])
def test_an_address_that_is_not_this_computers_is_refused(
    monkeypatch: pytest.MonkeyPatch, host: str, language: str, what: str
) -> None:
    monkeypatch.setenv("PINGYI_LANG", language)
    refused = CliRunner().invoke(main, ["serve", "--host", host, "--port", "18999"])
    assert refused.exit_code == 2, refused.output
    assert refused.stderr.count("\n") == 1
    assert host in refused.stderr
    assert what in refused.stderr


def test_a_taken_port_is_found_before_the_demo_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    monkeypatch.setenv("PINGYI_LANG", "en")
    monkeypatch.setattr(serving, "load_demo_once", loaded.append)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = CliRunner().invoke(main, ["serve", "--demo", "--port", str(other.getsockname()[1])])
    assert refused.exit_code == 2, refused.output
    assert "is taken" in refused.stderr
    assert loaded == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_request_to_terminate_ends_the_server_as_ctrl_c_does(name: str) -> None:
    # Whoever starts the tests in the background of a script ignores Ctrl-C, and so would the server.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "survey_app", "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"PINGYI_LANG": "en", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert "Serving at" in server.stdout.readline()
    server.send_signal(getattr(signal, name))
    said, complained = server.communicate(timeout=30)
    assert server.returncode == 0, complained
    assert "Ended." in said
    assert "Traceback" not in complained


def test_any_wsgi_server_finds_the_app_and_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    import runpy

    from survey_app.services import worker

    started = []
    monkeypatch.setattr(worker, "start_worker", started.append)
    made = runpy.run_path(str(ROOT / "wsgi.py"))
    assert started == [made["app"].extensions["pingyi"]]
    started[0].close()

"""The app's own server, started as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO

from survey_app.config import Config

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 20


def start_server(config: Config) -> subprocess.Popen[str]:
    """Start it at the port of its address, and wait until it serves; what it says later is read and dropped, lest a full pipe stop it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "survey_app", "serve", "--port", config.base_url.rsplit(":", 1)[1]],
        cwd=ROOT,
        env=os.environ
        | {
            "PINGYI_HOME": str(config.home),
            "PINGYI_BASE_URL": config.base_url,
            "PINGYI_LANG": "en",
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    told = []
    for line in server.stdout:
        told.append(line)
        if "Serving at" in line:
            threading.Thread(target=drop, args=(server.stdout,), daemon=True).start()
            return server
    raise AssertionError("the server did not start:\n" + "".join(told))


def drop(lines: IO[str]) -> None:
    """Read to the end and close."""
    with lines:
        deque(lines, maxlen=0)

"""A test that hangs ends the run with its name, wherever it hangs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HANGS = {
    "in the test": "def test_that_hangs():\n    Event().wait()\n",
    "in a fixture": "@pytest.fixture\ndef never():\n    Event().wait()\n\ndef test_that_hangs(never):\n    pass\n",
    "in the clearing up of a test that failed": (
        "@pytest.fixture\ndef never():\n    yield\n    Event().wait()\n\ndef test_that_hangs(never):\n    assert False\n"
    ),
}


@pytest.mark.parametrize("where", HANGS)
@pytest.mark.parametrize("workers", [0, 1])
def test_a_test_that_hangs_is_ended_and_named(tmp_path: Path, where: str, workers: int) -> None:
    path = tmp_path / "test_hanging.py"
    path.write_text(f"from threading import Event\nimport pytest\n\n{HANGS[where]}")
    command = f"-v -p tests.conftest -p no:cacheprovider -n {workers} --max-worker-restart 0 -o faulthandler_timeout=2"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", *command.split(), path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode != 0
    assert "test_that_hangs" in run.stdout
    assert "Timeout (0:00:02)!" in run.stderr
    assert "in wait" in run.stderr

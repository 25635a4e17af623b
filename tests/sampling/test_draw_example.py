"""The example in docs/ runs as it stands."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "draw.py"


def test_the_example_runs_and_proves_its_draw(capsys: pytest.CaptureFixture[str]) -> None:
    found = runpy.run_path(str(EXAMPLE))
    printed = capsys.readouterr().out
    assert f"Fingerprint: {found['result'].fingerprint}" in printed
    assert printed.count("refused:") == 2

"""A draw made once is the draw for ever: on every platform and Python, and in every later version."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from make_golden import GOLDEN, golden_draw

from sampling import ENGINE, verify_draw


def test_the_golden_draw_is_proven() -> None:
    verified = verify_draw(GOLDEN / "draw")
    assert (verified.townships, verified.main, verified.reserve) == (2, 214, 335)


@pytest.mark.parametrize("name", ["frame.csv", "sample.csv"])
def test_the_list_still_gives_the_golden_files(name: str) -> None:
    result = golden_draw()
    files = {"frame.csv": result.frame_csv, "sample.csv": result.sample_csv}
    assert files[name] == (GOLDEN / "draw" / name).read_bytes()


def test_the_list_still_gives_the_golden_record_but_for_the_engines_version() -> None:
    ours, stored = (json.loads(text) for text in (golden_draw().draw_json, (GOLDEN / "draw/draw.json").read_bytes()))
    for record in (ours, stored):
        del record["engine"], record["fingerprint"]
    assert ours == stored


def test_the_engines_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == ENGINE

"""docs/tutorial-analysis.md does what it says: every block is run in order, its output and its plots are those committed."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

import analysis

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tutorial-analysis.md").read_text(encoding="utf-8")
TOOL: dict[str, Any] = runpy.run_path(str(DOCS / "examples" / "tutorial_plots.py"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """What the blocks printed, and the folder in which they ran."""
    folder = tmp_path_factory.mktemp("tutorial")
    return TOOL["run_blocks"](PAGE, folder), folder


def test_every_block_prints_what_stands_below_it(run: tuple[list[str], Path]) -> None:
    printed, _ = run
    assert len(printed) == PAGE.count("```python\n")
    assert printed == TOOL["expected_outputs"](PAGE)


def test_the_committed_plots_are_those_of_the_page(run: tuple[list[str], Path]) -> None:
    _, folder = run
    made = {path.name: path.read_text(encoding="utf-8") for path in (folder / "plots" / "analysis").glob("*.svg")}
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "plots" / "analysis").glob("*.svg")}
    assert made == kept


def test_every_plot_stands_in_the_page_and_every_link_leads_somewhere() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(plots/analysis/([a-z]+\.svg)\)", PAGE))
    assert shown == {path.name for path in (DOCS / "plots" / "analysis").glob("*.svg")}
    for target in re.findall(r"\]\(([a-z./-]+\.md)\)", PAGE):
        assert (DOCS / target).is_file(), target


def test_the_page_uses_only_public_names_of_the_package() -> None:
    names = {
        name.strip() for line in re.findall(r"^from analysis import (.+)$", PAGE, re.M) for name in line.split(",")
    }
    assert names <= set(analysis.__all__)
    assert not re.search(r"(from|import) analysis\.", PAGE)

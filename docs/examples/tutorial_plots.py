"""
Run the tutorials' code and keep their plots.

    python docs/examples/tutorial_plots.py            writes docs/plots/ (of both pages)
    python docs/examples/tutorial_plots.py --outputs  writes the printed output into the pages, too

The pages are the only source of the plots: their blocks are run from the first to the last, as a reader would run them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
PAGES = (DOCS / "tutorial-sampling.md", DOCS / "tutorial-analysis.md")
_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)


def expected_outputs(page: str) -> list[str]:
    """What stands below each block of code, empty where nothing does."""
    return [block["output"] or "" for block in _BLOCK.finditer(page)]


def run_blocks(page: str, folder: Path) -> list[str]:
    """Run the blocks one after another in a folder, and give what each printed."""
    names: dict[str, Any] = {"__name__": "tutorial"}
    before, printed = Path.cwd(), []
    os.chdir(folder)
    try:
        for block in _BLOCK.finditer(page):
            first_line = page[: block.start("code")].count("\n")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                # blank lines in front, so that a traceback names the line of the page
                exec(compile("\n" * first_line + block["code"], "tutorial", "exec"), names)
            printed.append(output.getvalue())
    finally:
        os.chdir(before)
    return printed


def with_outputs(page: str, printed: list[str]) -> str:
    """The page with what its blocks printed."""
    outputs = iter(printed)

    def filled(block: re.Match[str]) -> str:
        output = next(outputs)
        return f"```python\n{block['code']}```\n" + (f"\n```text\n{output}```\n" if output else "")

    return _BLOCK.sub(filled, page)


def main() -> None:
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            printed = run_blocks(page, Path(folder))
            for plot in sorted((Path(folder) / "plots").rglob("*.svg")):
                kept = DOCS / plot.relative_to(folder)
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(plot, kept)
                print(kept.relative_to(DOCS))
        if "--outputs" in sys.argv[1:]:
            path.write_text(with_outputs(page, printed), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

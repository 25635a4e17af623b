"""Write the golden draw anew: ``python tests/sampling/make_golden.py``. Only a new protocol is a reason to do so."""

from __future__ import annotations

import shutil
from pathlib import Path

from sampling import Draw, draw, load_design, read_frame, write_draw

GOLDEN = Path(__file__).parent / "golden"
SEED = "上证指数 2026-11-20 收盘 3915.27"


def golden_draw() -> Draw:
    """The county design on ``golden/list.csv``: four groups, one short list, one PSU with several hits."""
    design = load_design("county-110")
    return draw(read_frame(GOLDEN / "list.csv", design=design), design, SEED)


if __name__ == "__main__":
    shutil.rmtree(GOLDEN / "draw", ignore_errors=True)
    write_draw(golden_draw(), GOLDEN / "draw")

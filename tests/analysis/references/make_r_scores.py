"""Write the made round of three townships that the R script was run on: PYTHONPATH=.:tests/analysis python <this file>."""

from __future__ import annotations

from pathlib import Path

from made_round import made_responses

from analysis import write_responses

if __name__ == "__main__":
    made = made_responses(3)
    folder = Path(__file__).parent / "r_scores" / "responses"
    write_responses(folder, made.groups, made.townships, made.samples, {}, overwrite=True)

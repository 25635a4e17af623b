"""
The made case of the precision references: four lists of one group, with clusters, don't-knows and skips.

``python precision_case.py`` (with the project on the path) writes ``precision_case.csv``, which ``precision_r.R`` reads; the
tests build responses and samples.csv from the same file. Township 1 is one list of 45 of whom 12 answered; township 2 has
five villages with unequal probabilities; township 3 has a village drawn for certain beside three others; township 4 has
a village drawn for certain beside one other, so that a stratum has a single PSU. Numbers are from numpy's default_rng(4).
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

CASE = Path(__file__).with_name("precision_case.csv")
ITEMS = ("R01", "R02", "R03", "R04")
ANSWERS = ("satisfied", "basic", "unsatisfied", "unknown", "")
HEADER = ("township", "psu", "pi_1", "listed", "weight", *ITEMS)

# township, PSU, pi_1 (1.25 is certain), units listed, answered
PSUS = (
    (1, "", "", 45, 12),
    (2, "a", 0.5, 40, 9), (2, "b", 0.25, 20, 8), (2, "c", 0.75, 60, 10), (2, "d", 0.5, 40, 7), (2, "e", 0.375, 30, 10),
    (3, "a", 1.25, 100, 18), (3, "b", 0.5, 40, 10), (3, "c", 0.25, 20, 6), (3, "d", 0.375, 30, 9),
    (4, "a", 1.25, 100, 19), (4, "b", 0.75, 60, 10),
)  # fmt: skip


def main() -> None:
    """Write the case."""
    rng = np.random.default_rng(4)
    with CASE.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n").writerow
        write(HEADER)
        for township, psu, expected, listed, answered in PSUS:
            shift = rng.normal(0, 0.15)
            for _ in range(answered):
                satisfied = float(np.clip(0.5 + shift + rng.normal(0, 0.2), 0.05, 0.75))
                shares = [satisfied, 0.8 - satisfied, 0.05, 0.1, 0.05]
                answers = [ANSWERS[rng.choice(5, p=shares)] for _ in ITEMS]
                write((township, psu, expected, listed, int(rng.integers(4, 13)) / 4, *answers))


if __name__ == "__main__":
    main()

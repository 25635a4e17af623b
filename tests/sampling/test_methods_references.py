"""
Against R's package sampling and textbook examples.

How the values were made is said in ``references/README.md``, and the script stands beside them.
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sampling import certainty, second_order
from sampling.methods import pps_equal_interval, symmetric

FOLDER = Path(__file__).parent / "references"
R: dict[str, Any] = json.loads((FOLDER / "sampling_references.json").read_text(encoding="utf-8"))
SYMMETRIC: list[dict[str, Any]] = json.loads((FOLDER / "symmetric_references.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", R["inclusionprobabilities"])
def test_probabilities_with_certainty_are_those_of_r(case: dict[str, Any]) -> None:
    sizes, n = case["sizes"], case["n"]
    mask = certainty(sizes, n)
    rest = sum(size for size, taken in zip(sizes, mask, strict=True) if not taken)
    left = n - int(mask.sum())
    pi = [1.0 if taken else float(Fraction(left * size, rest)) for size, taken in zip(sizes, mask, strict=True)]
    assert pi == pytest.approx(case["pi"], abs=1e-9)


@pytest.mark.parametrize("case", R["UPsystematic"])
def test_systematic_samples_at_given_starts_are_those_of_r(case: dict[str, Any]) -> None:
    sizes, n = case["sizes"], case["n"]
    assert len(case["draws"]) == 20
    for drawn in case["draws"]:
        start = floor(drawn["start"] * sum(sizes))
        assert pps_equal_interval(sizes, n, start=start).tolist() == drawn["sample"]


@pytest.mark.parametrize(
    ("function", "method"), [("UPsystematicpi2", "pps_equal_interval"), ("UPsampfordpi2", "pps_sampford")]
)
def test_joint_probabilities_are_those_of_r(function: str, method: str) -> None:
    for case in R[function]:
        matrix = second_order(method, case["sizes"], case["n"]).matrix
        assert np.abs(matrix - np.array(case["pi2"])).max() < 1e-9, case["sizes"]


@pytest.mark.parametrize("case", SYMMETRIC)
def test_symmetric_samples_are_those_of_textbooks(case: dict[str, Any]) -> None:
    for start in case["starts"]:
        assert (symmetric(case["N"], case["n"], start=start) + 1).tolist() == case["units"]

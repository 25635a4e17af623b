"""The standard error worked by hand in docs/method-precision.md, and the figures that page states."""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path

import pytest

from analysis import precision

DOCS = Path(__file__).parents[2] / "docs"
JIA = "359900101000"
VARIANCES = {
    "delegates": Fraction(825, 4),
    "enterprise": Fraction(2900, 9),
    "urban": Fraction(609, 4),
    "rural": Fraction(30244, 225),
}


@pytest.fixture(scope="module")
def found():
    return precision(runpy.run_path(str(DOCS / "examples" / "score.py"))["responses"])


def test_each_group_has_the_variance_and_degrees_worked_by_hand(found):
    lines = found.groups[found.groups["township_code"] == JIA].set_index("group")
    for group, variance in VARIANCES.items():
        assert lines.loc[group, "se"] ** 2 == pytest.approx(float(variance), rel=1e-12)
    degrees = {"delegates": 3, "enterprise": 2 * 2900**2 / (400**2 + 2500**2), "urban": 4, "rural": 5}
    assert lines["df"].to_dict() == pytest.approx(degrees)


def test_the_township_has_the_standard_error_and_interval_worked_by_hand(found):
    line = found.townships.set_index("township_code").loc[JIA]
    assert sum(VARIANCES.values()) / 16 == Fraction(40757, 800)
    assert line["se"] ** 2 == pytest.approx(40757 / 800, rel=1e-12)
    assert [round(line[name], 4) for name in ("se", "df")] == [7.1377, 10.5208]
    assert [round(line[name], 2) for name in ("ci_low", "ci_high")] == [55.99, 87.59]


def test_the_document_states_the_same_figures():
    text = (DOCS / "method-precision.md").read_text(encoding="utf-8")
    for figure in ("825/4", "2900/9", "609/4", "30244/225", "40757/800", "7.1377", "10.5208", "55.99 to 87.59"):
        assert figure in text

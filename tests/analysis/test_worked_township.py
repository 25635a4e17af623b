"""The township of docs/method.md, equal as fractions; and the example in docs/ runs."""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "score.py"
JIA = (1, "359900101000")


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE))


def test_item_scores_are_those_worked_by_hand(example):
    exact = {key[2:]: value for key, value in example["scores"].exact.items.items() if key[:2] == JIA}
    assert exact == {
        ("delegates", "D01"): Fraction(13, 4),
        ("delegates", "D02"): Fraction(4),
        ("enterprise", "E01"): Fraction(10, 3),
        ("enterprise", "E02"): Fraction(11, 3),
        ("urban", "U01"): Fraction(18, 5),
        ("urban", "U02"): Fraction(4),
        ("rural", "R01"): Fraction(7, 2),
        ("rural", "R02"): Fraction(23, 5),
        ("rural", "R03"): Fraction(11, 5),
    }


def test_group_totals_are_those_worked_by_hand(example):
    exact = {key[2]: value for key, value in example["scores"].exact.groups.items() if key[:2] == JIA}
    assert exact == {
        "delegates": Fraction(145, 2),
        "enterprise": Fraction(70),
        "urban": Fraction(76),
        "rural": Fraction(206, 3),
    }


def test_the_public_appraisal_is_the_one_worked_by_hand(example):
    scores = example["scores"]
    assert scores.exact.townships[JIA] == Fraction(1723, 24)
    row = scores.townships.set_index("township_code").loc[JIA[1]]
    assert row["public_appraisal"] == 1723 / 24
    assert (row["township"], row["rank"]) == ("甲镇", 2)


def test_the_item_nobody_could_judge_is_flagged(example):
    assert [note.kind for note in example["scores"].notes][:2] == ["item_county_mean", "precision"]
    assert "E01" in example["scores"].notes[0].zh
    assert "3.33" in example["scores"].notes[0].en


def test_the_document_states_the_same_figures():
    text = (EXAMPLE.parents[1] / "method.md").read_text(encoding="utf-8")
    for figure in ("145/2", "206/3", "1723/24", "10/3"):
        assert figure in text

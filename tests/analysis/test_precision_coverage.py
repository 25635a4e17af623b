"""Intervals and rank sets hold the truth about as often as they say; ``make bench-coverage`` does it 1,000 times on 19 townships."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage import DESIGN, Coverage, answered, coverage, made_county
from sampling import draw

TOWNSHIPS, SAMPLES = 6, 40


@pytest.fixture(scope="module")
def found() -> Coverage:
    return coverage(townships=TOWNSHIPS, samples=SAMPLES, seed=1)


def test_intervals_of_95_percent_hold_the_truth_about_so_often(found):
    """240 samples of six townships: the share's own standard error is 1.4 points."""
    table = found.townships
    assert 0.90 <= table["covered"].mean() <= 0.99
    assert 0.85 <= (table["se"].mean() / table["spread"].mean()) <= 1.25


def test_rank_sets_hold_the_true_ranks_at_least_as_often_as_they_say(found):
    """0.95 less three standard errors: of 240 sets and of 40 draws."""
    assert found.townships["rank_covered"].mean() >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / (TOWNSHIPS * SAMPLES))
    assert found.all_ranks_covered >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / SAMPLES)
    assert sorted(found.townships["true_rank"]) == [1, 2, 3, 4, 5, 6]


def test_every_sample_is_a_draw_of_its_own(found):
    assert len(set(found.draws)) == SAMPLES
    assert all(len(fingerprint) == 64 for fingerprint in found.draws)


def test_the_answers_of_a_round_are_those_of_the_units_drawn():
    """Units are numbered in the order in which their answers were made; PSUs from 001 (urban) and 201 (rural)."""
    county = made_county(2, seed=3)
    drawn = draw(county.frame, DESIGN, "another seed")
    responses = answered(county, drawn)
    sample = drawn.sample[drawn.sample["role"] == "main"]
    for (code, group), units in sample.groupby(["township_code", "group"]):
        population, places = county.townships[code][group], units["unit_code"].astype(int).to_numpy()
        rows = responses.groups[group][responses.groups[group]["township_code"] == code]
        codes = np.column_stack([rows[item].cat.codes for item in responses.items(group)])
        assert (codes == population.answers[places]).all()
        assert rows["weight"].tolist() == units["weight"].tolist()
        first = {"urban": 1, "rural": 201}.get(group)
        own = [f"{code[:9]}{psu + first:03}" if first else "" for psu in population.psu[places]]
        assert rows["psu_code"].tolist() == own

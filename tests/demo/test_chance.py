"""Random numbers that stay the same for ever."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from survey_app.demo.chance import Chance


def test_numbers_are_those_written_down_when_the_demo_was_made() -> None:
    """As NumPy 2.4 gave them; NumPy keeps the raw stream of PCG64 for ever. Other numbers would be another demo county."""
    assert Chance(7, "a", "b").shares(3).tolist() == [0.9834008258559854, 0.10642537031334681, 0.23064767625047372]


def test_another_purpose_or_seed_gives_other_numbers() -> None:
    streams = [Chance(1, "a"), Chance(1, "b"), Chance(2, "a"), Chance(1, "a", "b")]

    assert len({stream.shares(1)[0] for stream in streams}) == 4


@pytest.mark.parametrize("number", [0, 1, 50])
def test_order_holds_every_position_once(number: int) -> None:
    assert sorted(Chance(1, "order").order(number).tolist()) == list(range(number))


def test_some_positions_are_different_and_in_order() -> None:
    chosen = Chance(1, "some").some(100, 10)

    assert len(chosen) == 10
    assert chosen == sorted(set(chosen))


def test_whole_numbers_stay_within_their_limits() -> None:
    chance = Chance(1, "limits")

    assert set(chance.below(3, 300).tolist()) == {0, 1, 2}
    assert {chance.between(4, 6) for _ in range(100)} == {4, 5, 6}


def test_weighted_positions_come_in_proportion() -> None:
    found = Chance(1, "weights").weighted(np.array([1.0, 0.0, 3.0]), 20_000)

    assert np.bincount(found, minlength=3) / 20_000 == pytest.approx([0.25, 0, 0.75], abs=0.015)


def test_normals_are_standard_normal() -> None:
    assert stats.kstest(Chance(1, "normal").normals(20_000), "norm").pvalue > 0.01


def test_gammas_have_the_quantiles_of_a_gamma_distribution() -> None:
    """Households of a villager group: mean 29, standard deviation 9."""
    found = Chance(1, "gamma").gammas(29, 9, 50_000)
    true = stats.gamma((29 / 9) ** 2, scale=81 / 29)

    for share in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert np.quantile(found, share) == pytest.approx(true.ppf(share), rel=0.015)


def test_lognormals_have_their_median_and_are_clipped() -> None:
    found = Chance(1, "lognormal").lognormals(20_000, 0.35, 20_000, low=9_000, high=36_000)

    assert np.median(found) == pytest.approx(20_000, rel=0.02)
    assert (found.min(), found.max()) == (9_000, 36_000)


def test_negative_binomials_have_their_mean_and_variance() -> None:
    found = Chance(1, "binomial").negative_binomials(10.5, 8, 50_000, low=0, high=80)

    assert found.mean() == pytest.approx(10.5, rel=0.02)
    assert found.var() == pytest.approx(10.5 + 10.5**2 / 8, rel=0.04)

"""
Shares of draws among the first, and pairs that cannot be told apart.

References: for two townships the share of being first is Φ(difference ÷ √(se₁² + se₂²)); for equal scores and errors it is
top ÷ number; Holm's adjustment against its definition (reject in order of p while p ≤ α ÷ how many are left), over a grid.
"""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from made_round import made_responses
from scipy import stats

from analysis import score
from analysis.first_places import rank_probabilities
from analysis.rank_pairs import adjusted, pairs_not_told_apart


def test_the_share_of_two_townships_is_the_normal_probability_of_the_difference():
    shares = rank_probabilities([84, 81], [3, 4], tops=(1,), rng=1, replicates=40_000).share
    assert shares[0][0] == pytest.approx(NormalDist().cdf(3 / 5), abs=0.01)
    assert shares[0][0] + shares[1][0] == pytest.approx(1)


def test_with_few_degrees_of_freedom_draws_are_of_students_t():
    """Against a score known without error the share of being first is the t probability of the distance."""
    given = ([84.0, 80.0], [2.0, 0.0])
    few = rank_probabilities(*given, tops=(1,), df=[2, None], rng=1, replicates=40_000).share[0][0]
    assert few == pytest.approx(stats.t.cdf(2, 2), abs=0.006)
    many = rank_probabilities(*given, tops=(1,), rng=1, replicates=40_000).share[0][0]
    assert many == pytest.approx(stats.norm.cdf(2), abs=0.004)
    assert rank_probabilities(*given, tops=(1,), df=[math.nan, 0], rng=1, replicates=40_000).share[0][0] == many
    with pytest.raises(ValueError, match="as many degrees of freedom as scores, got 1 and 2"):
        rank_probabilities(*given, df=[2], rng=1)


def test_equal_scores_and_errors_share_the_places_evenly():
    table = rank_probabilities([80] * 12, [2] * 12, rng=2, replicates=40_000).table()
    assert list(table) == ["p_top1", "p_top3", "p_top6"]
    assert table.to_numpy() == pytest.approx(np.tile([1 / 12, 3 / 12, 6 / 12], (12, 1)), abs=0.012)
    assert table.sum().tolist() == pytest.approx([1, 3, 6])


def test_scores_known_without_error_are_first_or_not_and_ties_count_for_all():
    shares = rank_probabilities([9, 9, 5, 1], [0] * 4, tops=(1, 2, 3, 9), rng=1, replicates=100).share
    assert shares == ((1, 1, 1, 1), (1, 1, 1, 1), (0, 0, 1, 1), (0, 0, 0, 1))


def test_without_a_score_or_an_error_there_is_no_share():
    found = rank_probabilities([9, None, 5], [0, 1, None], tops=(1,), rng=1, replicates=100)
    assert found.share == ((1.0,), (None,), (None,))
    assert found.held == (2,)
    assert found.table()["p_top1"].isna().tolist() == [False, True, True]


def test_draws_in_blocks_and_seeds_are_recorded():
    many = rank_probabilities(np.arange(5000.0).tolist(), [0.01] * 5000, tops=(2,), rng=3, replicates=1000)
    assert [line[0] for line in many.share[-3:]] == [0, 1, 1]
    assert (many.simulated.seed, many.simulated.replicates) == (3, 1000)


@pytest.mark.parametrize("wrong", [{"tops": ()}, {"tops": (0,)}, {"replicates": 50}])
def test_wrong_calls_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 100 replicates"):
        rank_probabilities([1], [1], **{"rng": 1, **wrong})


def test_holm_rejects_what_its_definition_rejects():
    grid = (0.001, 0.012, 0.02, 0.04, 0.3)
    for number in (1, 2, 3, 4):
        for p in itertools.product(grid, repeat=number):
            rejected, order = set(), sorted(range(number), key=lambda place: p[place])
            for step, place in enumerate(order):
                if p[place] > 0.05 / (number - step):
                    break
                rejected.add(place)
            assert set(np.flatnonzero(adjusted(np.array(p)) <= 0.05)) == rejected


def test_what_has_no_p_value_is_not_counted():
    assert adjusted(np.array([0.01, math.nan, 0.2])).tolist() == pytest.approx([0.02, math.nan, 0.2], nan_ok=True)
    assert adjusted(np.array([0.01, 0.2]), "bonferroni").tolist() == pytest.approx([0.02, 0.4])
    assert adjusted(np.array([0.01, 0.2]), "none").tolist() == [0.01, 0.2]
    with pytest.raises(ValueError, match="holm, bonferroni, none"):
        adjusted(np.array([0.1]), "fdr")


def test_pairs_are_tested_by_the_standard_error_of_the_difference():
    pairs = pairs_not_told_apart([90, 80, None, 79], [3, 4, 1, 0], method="none")
    assert pairs.tests[["first", "second"]].to_numpy().tolist() == [[0, 1], [0, 3], [1, 3]]
    assert pairs.tests["se"].tolist() == [5, 3, 4]
    assert pairs.tests["p"].iloc[0] == pytest.approx(2 * (1 - NormalDist().cdf(2)))
    assert pairs.not_told_apart == ((1, 3),)


def test_known_scores_are_told_apart_unless_they_tie_and_unknown_errors_never():
    pairs = pairs_not_told_apart([9, 9, 5, 1], [0, 0, 0, None])
    assert pairs.not_told_apart == ((0, 1), (0, 3), (1, 3), (2, 3))


def test_no_pairs_of_one_township():
    assert pairs_not_told_apart([9], [1]).not_told_apart == ()


def test_the_shares_of_a_round_are_drawn_with_the_degrees_of_its_errors():
    scores = score(made_responses(9))
    table, df = scores.townships, scores.degrees["townships"].tolist()
    est, se = table["public_appraisal"].tolist(), table["se"].tolist()
    by_t, normal = (
        [share for (share,) in rank_probabilities(est, se, tops=(6,), df=each, rng=1).share] for each in (df, None)
    )
    assert table["p_top6"].tolist() == by_t
    assert by_t != normal

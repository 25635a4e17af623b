"""Rank sets and pairs of scores whose errors rest on few degrees of freedom, against Student's distribution as scipy.stats has it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from made_round import made_source
from scipy import stats

from analysis import pairs_not_told_apart, pairs_of, rank_sets
from analysis.student import joint_degrees, normal_equivalent


@pytest.mark.parametrize("df", [1.0, 2.5, 10.0, 1000.0])
def test_a_normal_equivalent_has_the_probability_of_the_t_value(df):
    t = np.array([-40.0, -3.0, -0.2, 0.0, 0.2, 3.0, 40.0])
    z = normal_equivalent(t, np.full(len(t), df))
    assert stats.norm.sf(np.abs(z)) == pytest.approx(stats.t.sf(np.abs(t), df), rel=1e-9)
    assert (np.sign(z) == np.sign(t)).all()


def test_far_beyond_all_probability_a_value_is_infinite_and_what_is_unknown_stays_so():
    assert normal_equivalent(np.array([1e9, -1e9]), np.array([900.0, 900.0])).tolist() == [math.inf, -math.inf]
    assert np.isnan(normal_equivalent(np.array([np.nan]), np.array([4.0]))).all()
    assert joint_degrees(np.zeros(1), np.array([3.0]), np.zeros(1), np.array([3.0])).tolist() == [math.inf]


@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
@pytest.mark.parametrize(("df", "bound"), [(3.0, stats.t.ppf(0.975, 6)), (None, stats.norm.ppf(0.975))])
def test_two_townships_are_told_apart_just_beyond_students_quantile(kind, df, bound):
    """Equal errors of 3 degrees each have 6 together (Welch)."""
    for factor, is_apart in ((1.02, True), (0.98, False)):
        est = [factor * bound * math.sqrt(2), 0.0]
        sets = rank_sets(est, [1.0, 1.0], df=[df, df], kind=kind, rng=1, replicates=100_000)
        assert (sets.high[0] == 1) == is_apart
        pairs = pairs_not_told_apart(est, [1.0, 1.0], df=[df, df], method="none")
        assert pairs.tests["told_apart"].tolist() == [is_apart]


def test_a_pairs_p_value_is_that_of_welchs_test():
    """Samples of 5 and 9 with standard deviations 2 and 3."""
    pairs = pairs_not_told_apart([11.0, 8.0], [2 / math.sqrt(5), 3 / 3], df=[4, 8], method="none")
    welch = stats.ttest_ind_from_stats(11.0, 2.0, 5, 8.0, 3.0, 9, equal_var=False)
    assert pairs.tests["p"].tolist() == pytest.approx([welch.pvalue], rel=1e-12)


@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
def test_few_degrees_of_one_township_widen_no_pair_of_others(kind):
    """Beside a score of 1 degree the other two are told apart as if it were known well."""
    est, se = [90.0, 80.0, 20.0], [2.0, 2.0, 2.0]
    few, well = (rank_sets(est, se, df=[50, 50, df], kind=kind, rng=1) for df in (1, 50))
    assert (few.low[0], well.low[0]) == (1, 1)
    assert few.low[1] == well.low[1] == 2
    assert (few.high[0], few.high[1]) >= (well.high[0], well.high[1])


@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
def test_sets_hold_their_level_where_all_are_equal_and_errors_are_estimated(kind):
    """
    8 means of 6 normal values each, 400 rounds: by Student's distribution at least 95 % (less chance), by the normal far fewer.
    """
    source = np.random.default_rng(20261124)
    whole = {True: [], False: []}
    for _ in range(400):
        values = source.standard_normal((8, 6))
        est, se = values.mean(axis=1).tolist(), (values.std(axis=1, ddof=1) / math.sqrt(6)).tolist()
        for by_t in whole:
            sets = rank_sets(est, se, df=[5] * 8 if by_t else None, kind=kind, rng=1, replicates=1000)
            own = np.array([low == 1 and high == 8 for low, high in zip(sets.low, sets.high, strict=True)])
            whole[by_t].append(own.mean() if kind == "marginal" else own.all())
    assert np.mean(whole[True]) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 400)
    assert np.mean(whole[False]) < 0.90


def test_a_degree_of_freedom_too_few_is_refused():
    for call in (
        lambda: rank_sets([1, 2], [1, 1], df=[3], rng=1),
        lambda: pairs_not_told_apart([1, 2], [1, 1], df=[3]),
    ):
        with pytest.raises(ValueError, match="as many degrees of freedom as scores, got 1 and 2"):
            call()


def test_the_pairs_of_a_round_are_tested_with_the_degrees_of_its_errors():
    scores = made_source(9).scores
    townships, pairs = pairs_of(scores)
    assert townships["rank"].tolist() == sorted(scores.townships["rank"])
    degrees = dict(zip(scores.townships["township_code"], scores.degrees["townships"], strict=True))
    exact = [scores.exact.townships[1, code] for code in townships["township_code"]]
    df = [degrees[code] for code in townships["township_code"]]
    again = pairs_not_told_apart(exact, townships["se"].tolist(), df=df)
    assert pairs.tests["p"].tolist() == again.tests["p"].tolist()
    assert pairs.tests["p"].tolist() != pairs_not_told_apart(exact, townships["se"].tolist()).tests["p"].tolist()

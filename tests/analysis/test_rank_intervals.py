"""
Confidence sets for ranks: properties on small cases, csranks on PISA 2018, and coverage.

The reference is csranks 1.2.2.9001 in R (`csranks(x, diag(se^2), coverage = 0.95, simul = …, stepdown = TRUE, R = 10000)`) on the
mathematics means of PISA 2018; `references/README.md`. It gives ranges over 10 seeds, since a pair near the critical value falls on
either side of it by the draw; with 100,000 draws here it falls on one of the two.
"""

from __future__ import annotations

import csv
import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import rank_columns
from analysis.rank_intervals import rank_sets

REFERENCES = Path(__file__).parent / "references"
KINDS = ("marginal", "simultaneous")
SCORES = st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0.0, 0.3, 1.0, 4.0])), min_size=1, max_size=7)


def pisa() -> tuple[list[float], list[float]]:
    with (REFERENCES / "pisa2018_means.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [float(row["math_score"]) for row in rows], [float(row["math_se"]) for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_sets_of_pisa_2018_are_those_of_csranks(kind):
    reference = json.loads((REFERENCES / "pisa2018_rank_sets_csranks.json").read_text(encoding="utf-8"))[kind]
    sets = rank_sets(*pisa(), kind=kind, rng=20261124, replicates=100_000)
    assert [line["rank"] for line in reference] == list(sets.rank)
    for line, low, high in zip(reference, sets.low, sets.high, strict=True):
        assert line["L_min"] <= low <= line["L_max"], line["jurisdiction"]
        assert line["U_min"] <= high <= line["U_max"], line["jurisdiction"]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(SCORES, st.booleans())
def test_a_set_holds_the_rank_of_the_estimate_and_lies_within_the_ranks_there_are(kind, townships, stepdown):
    est, se = zip(*townships, strict=True)
    sets = rank_sets(est, se, kind=kind, stepdown=stepdown, rng=1, replicates=200)
    for rank, low, high in zip(sets.rank, sets.low, sets.high, strict=True):
        assert 1 <= low <= rank <= high <= len(est)


@settings(max_examples=40)
@given(SCORES)
def test_simultaneous_sets_hold_the_marginal_ones_and_stepdown_only_narrows(townships):
    """With the same draws the maximum over more pairs is never smaller; step-down takes pairs away."""
    est, se = zip(*townships, strict=True)
    marginal, together = (rank_sets(est, se, kind=kind, stepdown=False, rng=3, replicates=300) for kind in KINDS)
    stepped = rank_sets(est, se, kind="marginal", rng=3, replicates=300)
    for place in range(len(est)):
        assert together.low[place] <= marginal.low[place] <= stepped.low[place]
        assert together.high[place] >= marginal.high[place] >= stepped.high[place]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(SCORES, st.sampled_from([1.5, 3, 10]))
def test_larger_standard_errors_make_wider_sets(kind, townships, factor):
    """All errors times one factor leave the studentised maxima as they are, so that every pair is harder to tell apart."""
    est, se = zip(*townships, strict=True)
    narrow = rank_sets(est, se, kind=kind, rng=5, replicates=300)
    wide = rank_sets(est, [factor * error for error in se], kind=kind, rng=5, replicates=300)
    for place in range(len(est)):
        assert wide.low[place] <= narrow.low[place]
        assert wide.high[place] >= narrow.high[place]


@pytest.mark.parametrize("kind", KINDS)
def test_one_township_alone_is_first_and_none_at_all_is_no_error(kind):
    alone = rank_sets([71.5], [2.0], kind=kind, rng=1)
    assert (alone.rank, alone.low, alone.high) == ((1,), (1,), (1,))
    assert rank_sets([], [], kind=kind, rng=1).low == ()
    assert rank_sets([None], [None], kind=kind, rng=1).low == (None,)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_known_without_error_have_their_ranks_whatever_the_case(kind):
    """All orders with ties of up to four townships: the set is the places that ties share."""
    for number in (1, 2, 3, 4):
        for est in itertools.product(range(number), repeat=number):
            sets = rank_sets(est, [0] * number, kind=kind, rng=1, replicates=100)
            assert sets.low == sets.rank == tuple(1 + sum(other > own for other in est) for own in est)
            assert sets.high == tuple(number - sum(other < own for other in est) for own in est)


def test_two_townships_are_told_apart_just_beyond_the_normal_quantile():
    """With one pair the maximum of both directions is |z|, whose 95 % quantile is 1.960; step-down changes nothing."""
    spread = 5.0  # of standard errors 3 and 4
    for stepdown in (True, False):
        apart = rank_sets([2.05 * spread, 0], [3, 4], stepdown=stepdown, rng=1, replicates=40_000)
        close = rank_sets([1.87 * spread, 0], [3, 4], stepdown=stepdown, rng=1, replicates=40_000)
        assert (apart.low, apart.high) == ((1, 2), (1, 2))
        assert (close.low, close.high) == ((1, 1), (2, 2))


def test_a_township_without_a_score_has_no_set_and_is_not_counted():
    sets = rank_sets([90, None, 50, float("nan")], [1, 1, 1, None], rng=1)
    assert sets.rank == (1, None, 2, None)
    assert sets.low == (1, None, 2, None)
    assert sets.high == (1, None, 2, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_score_without_a_standard_error_is_told_from_none(kind):
    sets = rank_sets([90, 70, 50], [1, None, 1], kind=kind, rng=1)
    assert sets.low == (1, 1, 2)
    assert sets.high == (2, 3, 3)


def test_ties_stand_on_exact_values():
    third = Fraction(1, 3)
    sets = rank_sets([third, third, third + Fraction(1, 10**30)], [1, 1, 1], rng=1)
    assert sets.rank == (2, 2, 1)
    assert sets.high == (3, 3, 3)


def test_the_same_seed_gives_the_same_sets_and_is_recorded():
    est, se = pisa()
    one, other = rank_sets(est, se, rng=11), rank_sets(est, se, rng=11)
    assert one == other
    assert (one.simulated.bit_generator, one.simulated.seed, one.simulated.replicates) == ("PCG64", 11, 10_000)


def test_a_generators_state_is_recorded_so_that_its_draws_can_be_made_again():
    source = np.random.default_rng(4)
    source.random(3)
    found = rank_sets([1, 2, 3], [1, 1, 1], rng=source)
    again = np.random.default_rng()
    again.bit_generator.state = json.loads(found.simulated.state)
    assert found.simulated.seed is None
    assert rank_sets([1, 2, 3], [1, 1, 1], rng=again) == found


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"se": [1]}, "as many standard errors"),
        ({"se": [1, -1]}, "0 or more"),
        ({"se": [1, float("inf")]}, "finite"),
        ({"level": 1}, "between 0 and 1"),
        ({"kind": "both"}, "marginal or simultaneous"),
        ({"replicates": 99}, "at least 100"),
    ],
)
def test_wrong_calls_are_refused(wrong, words):
    call = {"est": [1, 2], "se": [1, 1], "rng": 1, **wrong}
    with pytest.raises(ValueError, match=words):
        rank_sets(call.pop("est"), call.pop("se"), **call)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("truth", [np.zeros(8), np.arange(8) * 1.5, np.repeat([0.0, 4.0], 4)])
def test_sets_cover_the_true_ranks_at_least_at_their_level(kind, truth):
    """
    300 rounds; with true ties a set covers if it holds every rank that ties could take.

    The band is wide on the low side for chance (0.95 − 4 standard errors of 300 rounds), open on the high side: sets are
    valid and not exact.
    """
    source = np.random.default_rng(20261124)
    best = np.array([1 + (truth > own).sum() for own in truth])
    worst = np.array([len(truth) - (truth < own).sum() for own in truth])
    covered = []
    for _ in range(300):
        sets = rank_sets(truth + source.standard_normal(8), [1.0] * 8, kind=kind, rng=source, replicates=1000)
        covered.append((np.array(sets.low) <= best) & (np.array(sets.high) >= worst))
    shares = np.mean(covered, axis=0) if kind == "marginal" else np.mean(np.all(covered, axis=1))
    assert np.all(shares >= 0.90)


def test_a_long_list_is_drawn_fewer_times_and_the_note_says_how_often():
    """With 10,000 draws for each of 1,000 townships the ranges alone took a dozen seconds."""
    assert [rank_columns.draws_for(number) for number in (1, 19, 100, 101, 400, 1_000)] == [
        10_000, 10_000, 10_000, 9_900, 2_500, 2_000,
    ]  # fmt: skip
    scores = {(1, f"{n:03d}"): Fraction(70 + n % 30) for n in range(150)}
    ranges, notes = rank_columns.rank_columns(scores, dict.fromkeys(scores, 1.0), {})
    est, se = list(scores.values()), [1.0] * len(scores)
    sets = rank_sets(est, se, rng=rank_columns.SEED, replicates=6_666)
    assert [(found.low, found.high) for found in ranges.values()] == list(zip(sets.low, sets.high, strict=True))
    assert "6666" in notes[0].en
    assert "10000" in notes[0].en
    assert "6666" in notes[0].zh

"""
The complete sampling distribution of small cases: every sample and its exact probability.

sample_distribution(method, units, n)   [(sample, probability), …]
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations
from math import comb, factorial, prod

import numpy as np

from sampling.methods import METHODS
from sampling.methods.checks import Sizes, Whole
from sampling.theory.joint import listed
from sampling.theory.outcomes import systematic_outcomes

MAX_SAMPLES = 200_000
"""So many samples, or orders of clusters, are listed at most."""

Sample = tuple[int, ...]
Weights = dict[Sample, int]


def sample_distribution(method: str, units: int | Sizes, n: int) -> list[tuple[Sample, Fraction]]:
    """
    Every sample that a method can draw, with its probability.

    Parameters
    ----------
    method : str
        A key of ``METHODS``.
    units : int or sequence of int
        N of a list, or its sizes, which a method by size needs.
    n : int
        Units or hits to select, n ≥ 0.

    Returns
    -------
    list of (tuple of int, Fraction)
        Increasing positions, counted from 0, an element hit h times standing h times; in lexicographic order.
        Probabilities are positive and add up to 1.

    Raises
    ------
    ValueError
        If the method is unknown, needs sizes and got N, or cannot draw these; or there are more than 200,000 samples
        (orders of clusters, of the PPS in random order) to list.

    References
    ----------
    Sampford (1967), Biometrika 54, 499–513, for the probability of a sample by his method.

    Examples
    --------
    >>> sample_distribution("equal_interval", 3, 2)
    [((0, 1), Fraction(1, 3)), ((0, 2), Fraction(1, 3)), ((1, 2), Fraction(1, 3))]
    >>> sample_distribution("pps_equal_interval", [3, 1, 6], 2)
    [((0, 2), Fraction(3, 5)), ((1, 2), Fraction(1, 5)), ((2, 2), Fraction(1, 5))]
    """
    sizes, n = listed(method, units, n)
    if not sizes.any() or n == 0:
        return [((), Fraction(1))]
    weights = _weights(method, sizes, n)
    total = sum(weights.values())
    return [(sample, Fraction(weight, total)) for sample, weight in sorted(weights.items()) if weight]


def _weights(method: str, sizes: Whole, n: int) -> Weights:
    """Whole numbers in proportion to the samples' probabilities."""
    if METHODS[method].single_start:
        return _systematic(method, sizes, n)
    if method == "pps_hartley_rao":
        _check_number(factorial(len(sizes)))
        return _random_order(sizes, n)
    _check_number(comb(len(sizes), n))
    samples = combinations(range(len(sizes)), n)
    if method == "simple_random":
        return dict.fromkeys(samples, 1)
    exact = [int(size) for size in sizes.tolist()]
    return {sample: _sampford_weight(exact, sample) for sample in samples}


def _check_number(samples: int) -> None:
    if samples > MAX_SAMPLES:
        raise ValueError(f"expected at most {MAX_SAMPLES} samples to list, got {samples}: use a smaller case")


def _systematic(method: str, sizes: Whole, n: int) -> Weights:
    """The number of starts that give each sample."""
    found: Counter[Sample] = Counter()
    outcomes = systematic_outcomes(method, sizes, n)
    for hits, length in zip(outcomes.hits, outcomes.lengths.tolist(), strict=True):
        found[tuple(np.repeat(np.arange(len(sizes)), hits).tolist())] += length
    return dict(found)


def _random_order(sizes: Whole, n: int) -> Weights:
    """The number of orders and starts that give each sample."""
    found: Counter[Sample] = Counter()
    for order in permutations(range(len(sizes))):
        for sample, length in _systematic("pps_equal_interval", sizes[list(order)], n).items():
            found[tuple(sorted(order[place] for place in sample))] += length
    return dict(found)


def _sampford_weight(sizes: list[int], sample: Sample) -> int:
    """Π s over the sample, Π (M − n·s) over the rest, times the rest's total size."""
    total, n = sum(sizes), len(sample)
    if n == 1:
        return sizes[sample[0]]
    chosen = set(sample)
    left = [size for k, size in enumerate(sizes) if k not in chosen]
    return prod(sizes[k] for k in sample) * prod(total - n * size for size in left) * sum(left)

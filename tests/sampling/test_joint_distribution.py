"""
The complete sampling distribution against 20,000 seeded draws, sample by sample.

Draw number t takes its random numbers from the label with seed "t", as the engine does; the frequencies of the samples
are compared with their exact probabilities by chi-square. Nothing here is left to chance: the seeds are fixed.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chisquare

from sampling import METHODS, sample_distribution
from sampling.starts import hashed, label

DRAWS = 20_000
DESIGNS: dict[str, tuple[list[int], int]] = {
    "symmetric": ([1] * 23, 4),
    "simple_random": ([1] * 7, 3),
    "pps_equal_interval": ([3, 17, 5, 8, 30, 12, 9, 1], 3),
    "pps_hartley_rao": ([4, 7, 3, 9, 6], 2),
    "pps_sampford": ([3, 5, 2, 6, 4, 7], 3),
    "circular": ([1] * 11, 4),
    "pps_symmetric": ([6, 2, 9, 4, 11, 3, 8], 4),
}


@pytest.mark.parametrize("method", DESIGNS)
def test_samples_come_as_often_as_their_exact_probabilities_say(method: str) -> None:
    sizes, n = DESIGNS[method]
    distribution = dict(sample_distribution(method, sizes, n))
    found: Counter[tuple[int, ...]] = Counter()
    for seed in range(DRAWS):
        number = hashed(label(str(seed), "350722204000", "rural", "psu"))
        hits = METHODS[method].hits(sizes, n, start=number)
        found[tuple(np.repeat(np.arange(len(sizes)), hits).tolist())] += 1
    assert set(found) <= set(distribution)
    observed = [found[sample] for sample in distribution]
    expected = [float(probability * DRAWS) for probability in distribution.values()]
    assert chisquare(observed, expected).pvalue > 0.001


@pytest.mark.parametrize("method", DESIGNS)
def test_probabilities_are_positive_and_add_up_to_one(method: str) -> None:
    distribution = sample_distribution(method, *DESIGNS[method])
    assert sum((probability for _, probability in distribution), Fraction(0)) == 1
    assert all(probability > 0 for _, probability in distribution)
    assert [sample for sample, _ in distribution] == sorted({sample for sample, _ in distribution})

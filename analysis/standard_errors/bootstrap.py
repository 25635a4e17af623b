"""
The rescaling bootstrap: n − 1 clusters of each stratum's n are drawn with replacement, again and again.

A cluster drawn r times weighs 1 − λ + λ·r·n/(n − 1), with λ = √(1 − f); the variance is the replicates' mean squared
distance from their mean (Rao and Wu 1988; Rao, Wu and Yue 1992). Each township and group has a stream of random numbers
of its own, so that another township changes nothing.
"""

from __future__ import annotations

import hashlib
import itertools

import numpy as np

from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.replication import Resampled, corrections


def bootstrap_variance(given: Resampled, design: GroupDesign, *, replicates: int, seed: int) -> np.ndarray:
    """
    The variance of each item score and total by township.

    Parameters
    ----------
    given : Resampled
    design : GroupDesign
    replicates : int
    seed : int

    Returns
    -------
    array of float
        Shape (T, k + 1).
    """
    rescaled = np.sqrt(corrections(design))
    variance = np.zeros((len(design.townships), given.sums.shape[2] + 1))
    bounds = np.append(design.first_clusters, len(given.sums))
    for t, (first, end) in enumerate(itertools.pairwise(bounds)):
        rng = np.random.default_rng([seed, _stream(given.wave, design.townships[t], given.group)])
        weights = _weights(design, design.stratum_of_cluster[first:end], rescaled, replicates, rng)
        own = given.sums[first:end]
        sums = np.tensordot(weights, own, axes=1)
        variance[t] = given.statistics(sums, own.sum(axis=0)).var(axis=0, ddof=1)
    return variance


def _weights(
    design: GroupDesign, strata: np.ndarray, rescaled: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """What each cluster of a township weighs in each replicate, shape (R, clusters)."""
    parts = []
    for stratum in np.unique(strata):
        number = int(design.stratum_clusters[stratum])
        if number == 1:
            parts.append(np.ones((replicates, 1)))
            continue
        drawn = rng.multinomial(number - 1, np.full(number, 1 / number), size=replicates)
        scale = rescaled[stratum]
        parts.append(1 - scale + scale * drawn * number / (number - 1))
    return np.concatenate(parts, axis=1)


def _stream(wave: int, township: str, group: str) -> int:
    digest = hashlib.sha256(f"{wave}|{township}|{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big")

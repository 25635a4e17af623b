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

_PRODUCT = 2**17
"""Multiplications of one matrix product."""


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
        sums = _weighted_sums(weights, own.reshape(len(own), -1)).reshape(replicates, *own.shape[1:])
        variance[t] = given.statistics(t, sums, own.sum(axis=0)).var(axis=0, ddof=1)
    return variance


def drawn_clusters(number: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of a stratum's clusters is drawn in each replicate, shape (R, number)."""
    drawn = rng.integers(number, size=(replicates, number - 1))
    drawn += np.arange(replicates)[:, None] * number
    return np.bincount(drawn.ravel(), minlength=replicates * number).reshape(replicates, number)


def _weighted_sums(weights: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """The product, in pieces so small that no threads are started for it: they would cost more than they give."""
    found = np.empty((len(weights), sums.shape[1]))
    rows = max(1, _PRODUCT // max(1, sums.size))
    for first in range(0, len(weights), rows):
        np.matmul(weights[first : first + rows], sums, out=found[first : first + rows])
    return found


def _weights(
    design: GroupDesign, strata: np.ndarray, rescaled: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """What each cluster of a township weighs in each replicate, shape (R, clusters)."""
    weights = np.ones((replicates, len(strata)))
    for stratum in np.unique(strata):
        number = int(design.stratum_clusters[stratum])
        if number > 1:
            drawn, scale = drawn_clusters(number, replicates, rng), rescaled[stratum]
            weights[:, strata == stratum] = 1 - scale + scale * number / (number - 1) * drawn
    return weights


def _stream(wave: int, township: str, group: str) -> int:
    digest = hashlib.sha256(f"{wave}|{township}|{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big")

"""
The jackknife JKn: each cluster is left out in turn, and the others of its stratum carry its part.

    V = Σ_strata (1 − f)·(n − 1)/n · Σ_clusters (θ(without c) − θ)²          (Wolter 2007, section 4.5)

around the figure of the whole sample.
"""

from __future__ import annotations

import itertools

import numpy as np

from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.replication import Resampled, corrections


def jackknife_variance(given: Resampled, design: GroupDesign) -> np.ndarray:
    """
    The variance of each item score and total by township.

    Returns
    -------
    array of float
        Shape (T, k + 1).
    """
    number = design.stratum_clusters[design.stratum_of_cluster]
    weights = corrections(design)[design.stratum_of_cluster] * (number - 1) / number
    variance = np.zeros((len(design.townships), given.sums.shape[2] + 1))
    stratum_sums = np.add.reduceat(given.sums, design.stratum_starts, axis=0)
    bounds = np.append(design.first_clusters, len(given.sums))
    for t, (first, end) in enumerate(itertools.pairwise(bounds)):
        own = given.sums[first:end].sum(axis=0)
        several = np.flatnonzero(number[first:end] > 1) + first
        stratum = stratum_sums[design.stratum_of_cluster[several]]
        share = (number[several] / (number[several] - 1))[:, None, None]
        left = own - stratum + (stratum - given.sums[several]) * share
        off = given.statistics(t, left, own) - given.statistics(t, own[None], own)
        variance[t] = (off**2 * weights[several, None]).sum(axis=0)
    return variance

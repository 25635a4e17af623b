"""
The bootstrap of linearised values: what the rescaling bootstrap gives, at a cost that a whole country can bear.

Clusters are drawn and rescaled as ``bootstrap`` does it, but a replicate's figure is the sum of its re-weighted linearised
values, z'w, so that nothing is scored anew. All strata of n clusters share their replicates' draws. The variance of z'w
over R replicates is z'·C·z with C the covariance matrix of the weights in these very replicates: it is found once for each n,
and replicates need not be written out. Strata are independent, so that their variances add up.
"""

from __future__ import annotations

import numpy as np

from analysis.standard_errors.bootstrap import drawn_clusters
from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.replication import corrections


def linearised_bootstrap_variance(values: np.ndarray, design: GroupDesign, *, replicates: int, seed: int) -> np.ndarray:
    """
    The variance of the sum of each column, by township.

    Parameters
    ----------
    values : array of float
        One row a respondent in the design's order, shape (n, c).
    design : GroupDesign
    replicates : int
    seed : int
        Draws hang on it and the number of clusters alone: other townships and other strata change no figure.

    Returns
    -------
    array of float
        Shape (T, c).
    """
    sums = design.by_cluster(values)
    by_stratum = np.zeros((len(design.stratum_starts), values.shape[1]))
    rescaled = corrections(design)
    for number in np.unique(design.stratum_clusters[design.stratum_clusters > 1]).tolist():
        strata = np.flatnonzero(design.stratum_clusters == number)
        own = sums[design.stratum_starts[strata, None] + np.arange(number)]
        product = np.matmul(_covariance(number, replicates, seed), own)
        product *= own
        by_stratum[strata] = product.sum(axis=1) * rescaled[strata, None]
    return np.asarray(np.add.reduceat(by_stratum, design.township_starts, axis=0))


def _covariance(number: int, replicates: int, seed: int) -> np.ndarray:
    """Of the weights of a stratum's clusters over the replicates, without the factor 1 − f; shape (number, number)."""
    drawn = drawn_clusters(number, replicates, np.random.default_rng([seed, number]))
    return np.asarray(np.cov(drawn, rowvar=False) * (number / (number - 1)) ** 2)

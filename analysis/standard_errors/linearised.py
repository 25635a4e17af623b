"""
The variance of a sum of linearised values under the design.

    V = Σ_strata n/(n − 1) · Σ_clusters (1 − f)·(z_c − z̄)²  +  Σ_PSUs π·(1 − f₂)·n₂/(n₂ − 1) · Σ_respondents (z_j − z̄_c)²

with z_c the sum over a cluster. With PSUs drawn with unequal probabilities, 1 − f is 1 − π of each (Brewer's estimator in
the form of Brewer and Donadio 2003 that R's survey package uses); with equal ones it is Cochran 1977, section 10.6.
"""

from __future__ import annotations

import numpy as np

from analysis.standard_errors.group_design import TOLERANCE, GroupDesign


def linearised_variance(values: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """
    The variance of the sum of each column, by township.

    Parameters
    ----------
    values : array of float
        One row a respondent in the design's order, shape (n, c).
    design : GroupDesign
    lonely_psu : str
        The policy for a stratum with a single PSU.

    Returns
    -------
    array of float
        Shape (T, c); NaN where the policy ``average`` has no other stratum.
    """
    sums = design.by_cluster(values)
    by_stratum = first_stage(sums, design)
    return np.asarray(
        add_up_strata(by_stratum, sums, design, lonely_psu) + second_stage(values, sums, design, lonely_psu)
    )


def first_stage(sums: np.ndarray, design: GroupDesign) -> np.ndarray:
    """The variance between clusters of each stratum, shape (H, c); 0 in those of a single cluster."""
    number = design.stratum_clusters
    mean = np.add.reduceat(sums, design.stratum_starts, axis=0) / number[:, None]
    squares = (sums - mean[design.stratum_of_cluster]) ** 2 * design.correction[:, None]
    factor = np.where(number > 1, number / np.maximum(number - 1, 1), 0.0)
    return np.asarray(np.add.reduceat(squares, design.stratum_starts, axis=0) * factor[:, None])


def add_up_strata(by_stratum: np.ndarray, sums: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """The strata's variances by township, shape (T, c), with the policy for those of a single cluster."""
    if design.lonely.any() and lonely_psu == "adjust":
        squares = sums[design.stratum_starts] ** 2 * design.correction[design.stratum_starts, None]
        by_stratum = np.where(design.lonely[:, None], squares, by_stratum)
    variance = np.add.reduceat(by_stratum, design.township_starts, axis=0)
    if lonely_psu == "average":
        others = np.add.reduceat(~design.lonely, design.township_starts)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = variance * (design.township_strata / others)[:, None]
    return np.asarray(variance)


def second_stage(values: np.ndarray, sums: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """The variance within the PSUs drawn in two stages, by township, shape (T, c)."""
    variance = np.zeros((len(design.townships), values.shape[1]))
    if not (design.second_stage > TOLERANCE).any():
        return variance
    number = design.cluster_rows
    means = sums / number[:, None]
    squares = np.add.reduceat((values - means[design.cluster_of_row]) ** 2, design.cluster_starts, axis=0)
    by_cluster = squares * np.where(number > 1, number / np.maximum(number - 1, 1), 0.0)[:, None]
    alone = (number == 1) & (design.second_stage > TOLERANCE)
    if lonely_psu == "adjust":
        by_cluster = np.where(alone[:, None], sums**2, by_cluster)
    by_cluster = by_cluster * design.second_stage[:, None]
    variance = np.asarray(np.add.reduceat(by_cluster, design.first_clusters, axis=0))
    if lonely_psu == "average" and alone.any():
        drawn = np.add.reduceat(design.second_stage > TOLERANCE, design.first_clusters)
        lone = np.add.reduceat(alone, design.first_clusters)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = variance * np.where(lone > 0, drawn / (drawn - lone), 1.0)[:, None]
    return variance

"""
Successive differences, for who holds an ordered equal-interval sample.

    V = Σ_strata (1 − f)·n/(2(n − 1)) · Σ (z_c − z_{c+1})²

over neighbours in the order of the list (von Neumann and others 1941; Wolter 2007, section 8.2, estimator 2). Rows of a
one-stage group and PSUs count in the order in which they stand; PSUs in that of their codes.
"""

from __future__ import annotations

import numpy as np

from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.linearised import add_up_strata, second_stage


def successive_variance(values: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """The variance of the sum of each column by township, as ``linearised_variance`` takes and gives it."""
    sums = design.by_cluster(values)
    neighbours = design.stratum_of_cluster[1:] == design.stratum_of_cluster[:-1]
    steps = np.zeros_like(sums)
    steps[:-1] = (sums[1:] - sums[:-1]) ** 2 * neighbours[:, None]
    number = design.stratum_clusters
    mean_correction = np.add.reduceat(design.correction, design.stratum_starts) / number
    factor = np.where(number > 1, mean_correction * number / (2 * np.maximum(number - 1, 1)), 0.0)
    by_stratum = np.add.reduceat(steps, design.stratum_starts, axis=0) * factor[:, None]
    return np.asarray(
        add_up_strata(by_stratum, sums, design, lonely_psu) + second_stage(values, sums, design, lonely_psu)
    )


def successive_degrees(clusters: np.ndarray) -> np.ndarray:
    """
    Degrees of freedom of a stratum's successive differences.

    2(n − 1)²/(3n − 4): the variance of n independent normal values' mean square successive difference is that of so many
    (von Neumann and others 1941).

    Examples
    --------
    >>> successive_degrees(np.array([1, 2, 10])).round(3).tolist()
    [0.0, 1.0, 6.231]
    """
    number = np.maximum(clusters, 2)
    return np.where(clusters > 1, 2 * (number - 1) ** 2 / (3 * number - 4), 0.0)

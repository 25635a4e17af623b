"""
The statistic on re-weighted clusters: what jackknife and bootstrap share.

Both re-weight clusters and score again, whatever the reading of the rules. They hold the first stage alone: a stratum of
respondents is corrected for its finite population, a stratum of PSUs is not, since part of the variance within them
would be lost with it (the safe side). What a stratum with a single PSU adds comes from its linearised values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.scheme import Scheme
from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.item_sums import replicate_scores


@dataclass(frozen=True)
class Resampled:
    """
    One group's sums by cluster, to be re-weighted.

    Attributes
    ----------
    group, wave : str, int
        Name the random numbers' stream.
    sums : array of float
        Of each cluster, shape (C, q, k).
    county : array of float
        Of all townships of each township's county, shape (T, q, k).
    scheme : Scheme
    planned : int
    """

    group: str
    wave: int
    sums: np.ndarray
    county: np.ndarray
    scheme: Scheme
    planned: int

    def statistics(self, township: int, replicate_sums: np.ndarray, township_sums: np.ndarray) -> np.ndarray:
        """
        Item scores and total of each replicate of one township.

        Parameters
        ----------
        township : int
            Which of the T it is.
        replicate_sums : array of float
            Shape (R, q, k).
        township_sums : array of float
            The township's own, shape (q, k); the county's follow the replicate by the difference.

        Returns
        -------
        array of float
            Shape (R, k + 1); 0 for an item without score.
        """
        county = self.county[township] + (replicate_sums - township_sums)
        return replicate_scores(replicate_sums, county, self.scheme, self.planned)


def corrections(design: GroupDesign) -> np.ndarray:
    """1 − f of each stratum as replication uses it, shape (H,)."""
    first = design.stratum_starts
    of_respondents = np.add.reduceat(design.cluster_rows, first) == design.stratum_clusters
    return np.where(of_respondents & (design.second_stage[first] == 0), design.correction[first], 1.0)


def lonely_part(values: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """What strata with a single PSU add by their linearised values, shape (T, c); 0 unless the policy is ``adjust``."""
    if lonely_psu != "adjust":
        return np.zeros((len(design.townships), values.shape[1]))
    sums = design.by_cluster(values)[design.stratum_starts]
    squares = np.where(design.lonely[:, None], sums**2 * design.correction[design.stratum_starts, None], 0.0)
    return np.asarray(np.add.reduceat(squares, design.township_starts, axis=0))


def averaged(variance: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """Raise the variances for strata with a single PSU by the others' mean where the policy is ``average``."""
    if lonely_psu != "average":
        return variance
    others = np.add.reduceat(~design.lonely, design.township_starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(variance * (design.township_strata / others)[:, None])

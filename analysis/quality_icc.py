"""
Intraclass correlation: how much the answers of one village, or of one investigator's villages, are alike.

intraclass_correlation    the ANOVA estimator, within strata
Icc                       what it gives
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import fdtrc


@dataclass(frozen=True)
class Icc:
    """
    An intraclass correlation.

    Attributes
    ----------
    icc : float or None
        At most 1; negative where clusters differ less than chance alone would make them. None where it cannot be estimated.
    clusters, units : int
        How many there are, in strata that have at least two clusters.
    df_between, df_within : int
        Degrees of freedom.
    f, p : float or None
        The ratio of mean squares and how often chance alone makes it as large.
    """

    icc: float | None
    clusters: int
    units: int
    df_between: int
    df_within: int
    f: float | None
    p: float | None


def intraclass_correlation(
    values: npt.ArrayLike, clusters: Sequence[object], strata: Sequence[object] | None = None
) -> Icc:
    """
    The ANOVA estimator of the intraclass correlation.

    Parameters
    ----------
    values : array of float, shape (units,)
    clusters : sequence, length units
        Each unit's cluster; the same name in two strata is two clusters.
    strata : sequence, optional, length units
        Differences between strata are taken out. A stratum with one cluster tells nothing and is left out.

    Returns
    -------
    Icc

    Notes
    -----
    With the mean squares B between and W within clusters and n₀ the adjusted mean size of a cluster, the estimate is
    (B − W) / (B + (n₀ − 1)·W). Nested in strata, n₀ = (Σ n − Σ_strata Σ n_c²/n_stratum) / df_between. Donner (1986),
    "A review of inference procedures for the intraclass correlation coefficient in the one-way random effects
    model", International Statistical Review 54, 67–82; Searle, Casella and McCulloch (1992), Variance Components. A negative
    estimate is given as it is and means: no sign of clustering.

    Examples
    --------
    >>> intraclass_correlation([1, 2, 5, 6], ["a", "a", "b", "b"]).icc
    0.9393939393939394
    """
    number = len(clusters)
    where = [""] * number if strata is None else list(strata)
    table = pd.DataFrame({"value": np.asarray(values, dtype=float), "cluster": list(clusters), "stratum": where})
    several = table.groupby("stratum")["cluster"].transform("nunique") > 1
    table = table[several]
    sizes = table.groupby(["stratum", "cluster"], sort=True)["value"].agg(["size", "mean"])
    own = table.groupby(["stratum", "cluster"])["value"].transform("mean")
    whole = table.groupby("stratum")["value"].transform("mean")
    of_stratum = sizes.groupby("stratum")["size"]
    between_df, within_df = len(sizes) - of_stratum.ngroups, len(table) - len(sizes)
    if between_df < 1 or within_df < 1:
        return Icc(None, len(sizes), len(table), max(between_df, 0), max(within_df, 0), None, None)
    between = float(((own - whole) ** 2).sum()) / between_df
    within = float(((table["value"] - own) ** 2).sum()) / within_df
    mean_size = (len(table) - float((sizes["size"] ** 2 / of_stratum.transform("sum")).sum())) / between_df
    if between + (mean_size - 1) * within == 0:
        return Icc(None, len(sizes), len(table), between_df, within_df, None, None)
    icc = (between - within) / (between + (mean_size - 1) * within)
    f = between / within if within else float("inf")
    return Icc(icc, len(sizes), len(table), between_df, within_df, f, float(fdtrc(between_df, within_df, f)))

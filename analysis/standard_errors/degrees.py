"""Degrees of freedom and t intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from analysis.standard_errors.group_design import GroupDesign


def design_degrees(
    answering: np.ndarray, design: GroupDesign, of_stratum: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """
    Degrees of freedom by township: PSUs less strata, of those that answer the item at all.

    Parameters
    ----------
    answering : array of bool
        Whether each row plays a part in each column, shape (n, c).
    design : GroupDesign
    of_stratum : callable
        Of the clusters in a stratum: its degrees of freedom.

    Returns
    -------
    array of float
        Shape (T, c), 0 or more.
    """
    is_row = len(design.cluster_starts) == design.rows
    clusters = answering if is_row else np.logical_or.reduceat(answering, design.cluster_starts, axis=0)
    by_stratum = of_stratum(np.add.reduceat(clusters, design.stratum_starts, axis=0, dtype=np.int64))
    return np.asarray(np.add.reduceat(by_stratum, design.township_starts, axis=0))


def satterthwaite(variances: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """
    Degrees of freedom of a sum of independent variances along the last axis.

    (Σ a)² / Σ (a²/df) (Satterthwaite 1946). Where all variances are 0, the degrees add up.

    Examples
    --------
    >>> satterthwaite(np.array([4.0, 1.0]), np.array([4.0, 9.0])).round(4).item()
    6.0811
    """
    variances, degrees = np.broadcast_arrays(variances, degrees)
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(variances > 0, variances**2 / degrees, 0.0)
        found = variances.sum(axis=-1) ** 2 / terms.sum(axis=-1)
    return np.asarray(np.where((variances > 0).any(axis=-1), found, degrees.sum(axis=-1)))


def half_width(se: np.ndarray, degrees: np.ndarray, confidence: float) -> np.ndarray:
    """
    Half the width of a t interval; 0 where the standard error is 0, NaN where it is.

    Examples
    --------
    >>> half_width(np.array([2.0, 0.0]), np.array([4.0, 0.0]), 0.95).round(4).tolist()
    [5.5529, 0.0]
    """
    safe, place = np.unique(np.where(degrees > 0, degrees, np.nan), return_inverse=True)
    quantile = stats.t.ppf((1 + confidence) / 2, safe)[place].reshape(np.shape(degrees))  # once for equal degrees
    return np.where(se == 0, 0.0, se * quantile)

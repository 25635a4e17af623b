"""The methods of finding a variance: one table. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.labels import Label
from analysis.standard_errors.bootstrap import bootstrap_variance
from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.jackknife import jackknife_variance
from analysis.standard_errors.linearised import linearised_variance
from analysis.standard_errors.linearised_bootstrap import linearised_bootstrap_variance
from analysis.standard_errors.options import Options
from analysis.standard_errors.replication import Resampled, averaged, lonely_part
from analysis.standard_errors.successive import successive_degrees, successive_variance


@dataclass(frozen=True)
class GroupPart:
    """
    What the methods work on: some townships' rows of one group.

    Attributes
    ----------
    design : GroupDesign
    values : array of float
        Linearised, shape (n, k + 1).
    resampled : callable
        Gives the sums by cluster, which only some methods need.
    """

    design: GroupDesign
    values: np.ndarray
    resampled: Callable[[], Resampled]


@dataclass(frozen=True)
class Method:
    """
    A way to find variances.

    Attributes
    ----------
    label : Label
    variance : callable
        Of a ``GroupPart`` and the options: the variance of each item score and total, shape (T, k + 1).
    degrees : callable
        Of the clusters in each stratum: their degrees of freedom.
    is_random : bool
        Whether it needs a seed.
    keeps_order : bool
        Whether the order of the rows counts.
    first_stage_only : bool
        Whether groups drawn in stages have their first stage alone, without its correction.
    """

    label: Label
    variance: Callable[[GroupPart, Options], np.ndarray]
    degrees: Callable[[np.ndarray], np.ndarray]
    is_random: bool = False
    keeps_order: bool = False
    first_stage_only: bool = False


def clusters_less_one(clusters: np.ndarray) -> np.ndarray:
    """Degrees of freedom of a stratum: its clusters less one."""
    return np.maximum(clusters - 1.0, 0.0)


def _linearised(part: GroupPart, options: Options) -> np.ndarray:
    return linearised_variance(part.values, part.design, options.lonely_psu)


def _successive(part: GroupPart, options: Options) -> np.ndarray:
    return successive_variance(part.values, part.design, options.lonely_psu)


def _jackknife(part: GroupPart, options: Options) -> np.ndarray:
    return _with_lonely(jackknife_variance(part.resampled(), part.design), part, options)


def _bootstrap(part: GroupPart, options: Options) -> np.ndarray:
    assert options.seed is not None
    variance = bootstrap_variance(part.resampled(), part.design, replicates=options.replicates, seed=options.seed)
    return _with_lonely(variance, part, options)


def _linearised_bootstrap(part: GroupPart, options: Options) -> np.ndarray:
    assert options.seed is not None
    variance = linearised_bootstrap_variance(part.values, part.design, replicates=options.replicates, seed=options.seed)
    return _with_lonely(variance, part, options)


def _with_lonely(variance: np.ndarray, part: GroupPart, options: Options) -> np.ndarray:
    variance = variance + lonely_part(part.values, part.design, options.lonely_psu)
    return averaged(variance, part.design, options.lonely_psu)


METHODS = {
    "linearised": Method(Label("线性化法", "linearisation"), _linearised, clusters_less_one),
    "jackknife": Method(
        Label("刀切法（JKn）", "the jackknife (JKn)"), _jackknife, clusters_less_one, first_stage_only=True
    ),
    "bootstrap": Method(
        Label("重缩放自助法（Rao–Wu）", "the rescaling bootstrap (Rao and Wu)"),
        _bootstrap,
        clusters_less_one,
        is_random=True,
        first_stage_only=True,
    ),
    "linearised_bootstrap": Method(
        Label("线性化值的重缩放自助法", "the rescaling bootstrap of linearised values"),
        _linearised_bootstrap,
        clusters_less_one,
        is_random=True,
        first_stage_only=True,
    ),
    "successive_differences": Method(
        Label("逐次差分法", "successive differences"), _successive, successive_degrees, keeps_order=True
    ),
}

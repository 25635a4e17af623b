"""
Strata, clusters and corrections of one group's rows.

A cluster is what counts as one independent draw: a respondent of a one-stage group, else a PSU. A PSU drawn for certain
is a stratum of its own, whose clusters are its respondents; so is the only PSU of a township's group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.places import Places, places_of
from analysis.standard_errors.sample_figures import Figures, PsuFigures, figures_of

TOLERANCE = 1e-9
"""Sampling fractions come as doubles: 1 is reached within this."""


@dataclass(frozen=True)
class GroupDesign:
    """
    The design of one group's rows, sorted by township, stratum and cluster.

    Attributes
    ----------
    townships : tuple of str
        Codes, shape (T,).
    rows : int
    cluster_starts : array of int
        The first row of each cluster, shape (C,).
    stratum_starts : array of int
        The first cluster of each stratum, shape (H,).
    township_starts : array of int
        The first stratum of each township, shape (T,).
    correction : array of float
        1 − f of each cluster at its first stage, shape (C,), 0 to 1.
    second_stage : array of float
        π·(1 − f₂) of each PSU whose respondents were drawn within it, else 0; shape (C,).
    population : array of float
        Units behind each township's rows, shape (T,); NaN where unknown.
    single_psu : array of bool
        Townships whose only PSU was taken as one stage, shape (T,).
    single_uncertain : array of bool
        Those among them whose PSU was not drawn for certain.
    uncorrected : array of bool
        Townships where a population correction could not be made, shape (T,).
    """

    townships: tuple[str, ...]
    rows: int
    cluster_starts: np.ndarray
    stratum_starts: np.ndarray
    township_starts: np.ndarray
    correction: np.ndarray
    second_stage: np.ndarray
    population: np.ndarray
    single_psu: np.ndarray
    single_uncertain: np.ndarray
    uncorrected: np.ndarray

    @cached_property
    def cluster_rows(self) -> np.ndarray:
        """Rows of each cluster, shape (C,)."""
        return np.diff(self.cluster_starts, append=self.rows)

    @cached_property
    def stratum_clusters(self) -> np.ndarray:
        """Clusters of each stratum, shape (H,)."""
        return np.diff(self.stratum_starts, append=len(self.cluster_starts))

    @cached_property
    def township_strata(self) -> np.ndarray:
        """Strata of each township, shape (T,)."""
        return np.diff(self.township_starts, append=len(self.stratum_starts))

    def by_cluster(self, values: np.ndarray) -> np.ndarray:
        """The sums of rows by cluster, shape (C, …): the rows themselves where each is a cluster."""
        if len(self.cluster_starts) == self.rows:
            return values
        return np.asarray(np.add.reduceat(values, self.cluster_starts, axis=0))

    @cached_property
    def cluster_of_row(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.cluster_starts)), self.cluster_rows)

    @cached_property
    def stratum_of_cluster(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.stratum_starts)), self.stratum_clusters)

    @cached_property
    def township_of_stratum(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.townships)), self.township_strata)

    @cached_property
    def township_of_cluster(self) -> np.ndarray:
        return np.asarray(self.township_of_stratum[self.stratum_of_cluster])

    @cached_property
    def township_of_row(self) -> np.ndarray:
        return np.asarray(self.township_of_cluster[self.cluster_of_row])

    @cached_property
    def first_rows(self) -> np.ndarray:
        """The first row of each township, shape (T,)."""
        return np.asarray(self.cluster_starts[self.first_clusters])

    @cached_property
    def first_clusters(self) -> np.ndarray:
        """The first cluster of each township, shape (T,)."""
        return np.asarray(self.stratum_starts[self.township_starts])

    @cached_property
    def lonely(self) -> np.ndarray:
        """Strata with one cluster that was not all there was, shape (H,)."""
        return np.asarray((self.stratum_clusters == 1) & (self.correction[self.stratum_starts] > TOLERANCE))


@dataclass(frozen=True)
class _Psus:
    """The PSUs of the rows, by township and code: what is known of each and how it is taken; shape (P,)."""

    township: np.ndarray
    rows: np.ndarray
    figures: PsuFigures
    staged: np.ndarray
    single: np.ndarray

    @cached_property
    def by_units(self) -> np.ndarray:
        """Whether its respondents are the clusters."""
        return np.asarray(~self.staged | self.single | self.figures.certain)

    @cached_property
    def inclusion(self) -> np.ndarray:
        """The probability of the PSU: 1 in a one-stage group, at most 1, NaN where unknown."""
        return np.where(self.staged, np.minimum(self.figures.expected, 1), 1.0)


def make_design(
    rows: pd.DataFrame, known: Mapping[tuple[str, str], Figures], ties: tuple[np.ndarray, ...], *, fpc: bool
) -> tuple[GroupDesign, np.ndarray]:
    """
    The design of one group's rows.

    Parameters
    ----------
    rows : DataFrame
        ``township_code, psu_code``, one row a respondent.
    known : mapping
        The PSUs' figures, as ``figures_by_psu`` gives them.
    ties : tuple of array
        What orders the rows within a cluster or one-stage group, the last first, as ``numpy.lexsort`` takes it.
    fpc : bool
        Whether to correct for finite populations.

    Returns
    -------
    (GroupDesign, array of int)
        And the order that brings the rows into the design's, shape (n,).
    """
    places = places_of(rows)
    codes = places.townships
    psus = _psus(places, known)
    stratum_of_psu = np.where(psus.by_units, 1 + np.arange(len(places.psu_codes)), 0)
    in_design = np.argsort(np.lexsort((np.arange(len(stratum_of_psu)), stratum_of_psu, psus.township)))
    order = np.lexsort((*ties, in_design[places.psu]))
    psu = places.psu[order]
    alone = psus.by_units[psu]
    new_psu = _starts_new(psu)
    cluster_starts = np.flatnonzero(new_psu | alone)
    psu_of_cluster = psu[cluster_starts]
    township_of_cluster = psus.township[psu_of_cluster]
    new_township = _starts_new(township_of_cluster)
    stratum_starts = np.flatnonzero(_starts_new(stratum_of_psu[psu_of_cluster]) | new_township)
    township_starts = np.flatnonzero(_starts_new(township_of_cluster[stratum_starts]))
    correction, second_stage, uncorrected = _corrections(psus, fpc=fpc)
    single = psus.single & psus.staged
    design = GroupDesign(
        townships=codes,
        rows=len(rows),
        cluster_starts=cluster_starts,
        stratum_starts=stratum_starts,
        township_starts=township_starts,
        correction=correction[psu_of_cluster],
        second_stage=second_stage[psu_of_cluster],
        population=np.bincount(psus.township, psus.figures.listed / psus.inclusion, minlength=len(codes)),
        single_psu=_any_by(psus.township, single, len(codes)),
        single_uncertain=_any_by(psus.township, single & ~psus.figures.certain, len(codes)),
        uncorrected=_any_by(psus.township, uncorrected, len(codes)),
    )
    return design, order


def _psus(places: Places, known: Mapping[tuple[str, str], Figures]) -> _Psus:
    township, names = places.psu_township, places.psu_codes
    staged = _any_by(township, np.array([bool(name) for name in names]), len(places.townships))[township]
    of_psus = zip((places.townships[number] for number in township.tolist()), names, strict=True)
    figures = figures_of(of_psus, known)
    rows = np.bincount(places.psu, minlength=len(names))
    return _Psus(township, rows, figures, staged, staged & (np.bincount(township)[township] == 1))


def _corrections(psus: _Psus, *, fpc: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By PSU: 1 − f at the first stage, π(1 − f₂) at the second, and whether a correction could not be made."""
    if not fpc:
        return np.ones(len(psus.rows)), np.zeros(len(psus.rows)), np.zeros(len(psus.rows), dtype=bool)
    within = psus.rows / psus.figures.listed
    within[within > 1 + TOLERANCE] = np.nan  # more answered than were listed: one of the two is wrong
    fraction = np.where(psus.by_units, within * psus.inclusion, psus.inclusion)
    unknown = np.isnan(fraction)
    clustered = ~psus.by_units
    # A stratum is corrected whole or not at all; PSUs drawn with replacement stand for draws from an endless list.
    bad = _any_by(psus.township, clustered & (unknown | psus.figures.repeated), psus.township.max() + 1)[psus.township]
    uncorrected = np.where(clustered, bad & ~psus.figures.repeated, unknown)
    fraction = np.where(unknown | (clustered & bad), 0.0, np.minimum(fraction, 1.0))
    second = np.where(clustered & ~bad, fraction * (1 - np.nan_to_num(np.minimum(within, 1.0))), 0.0)
    return 1 - fraction, second, uncorrected | (clustered & np.isnan(within))


def _starts_new(values: np.ndarray) -> np.ndarray:
    """Where a value differs from the one before."""
    return np.concatenate([[True], values[1:] != values[:-1]])


def _any_by(index: np.ndarray, marks: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(index[marks.astype(bool)], minlength=size) > 0

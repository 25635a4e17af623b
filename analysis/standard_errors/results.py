"""What precision gives."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.results import Note
from analysis.scheme import Scheme
from analysis.standard_errors.options import Options


@dataclass(frozen=True)
class Precision:
    """
    Standard errors and intervals of a round's scores.

    Attributes
    ----------
    items, groups, townships : DataFrame
        The keys of ``scores.items``, ``scores.groups`` and ``scores.townships`` (of the last with the name), in their
        order, then ``est`` (the official score), ``se``, ``df``, ``ci_low``, ``ci_high``, ``deff`` and ``weighted`` (the
        score with design weights, after Hájek), float64. Item scores are from 0 to the highest points, the others from 0
        to the full mark; empty where a figure does not exist or cannot be estimated. With ``options.beside`` a last column
        ``se_beside`` has that method's standard errors.
    notes : tuple of Note
        How the figures were made and where they are not what a reader expects.
    options : Options
        Method, corrections, policy, confidence, replicates and seed.
    scheme : Scheme
    """

    items: pd.DataFrame
    groups: pd.DataFrame
    townships: pd.DataFrame
    notes: tuple[Note, ...]
    options: Options
    scheme: Scheme

"""
What the other townships' answers add to the error, where a score uses the county's mean (Q4, or Q1 ``county``).

The county's item means have a covariance matrix in each township's sample; townships are drawn independently, so that
of a township's score, which uses aᵢ of the mean of item i, the others add a'·(Σ other townships' matrices)·a.
"""

from __future__ import annotations

import itertools

import numpy as np

from analysis.standard_errors.group_design import GroupDesign
from analysis.standard_errors.linearised import linearised_variance


def covariances(part: np.ndarray, design: GroupDesign, lonely_psu: str) -> np.ndarray:
    """
    The covariance of each two columns by township, from variances of sums: (V(x + y) − V(x) − V(y))/2.

    Parameters
    ----------
    part : array of float
        Shape (n, k).

    Returns
    -------
    array of float
        Shape (T, k, k); 0 where the variance cannot be estimated.
    """
    columns = part.shape[1]
    first, second = np.triu_indices(columns)
    sums = linearised_variance(part[:, first] + part[:, second], design, lonely_psu)
    diagonal = linearised_variance(part, design, lonely_psu)
    found = np.zeros((len(design.townships), columns, columns))
    found[:, first, second] = (sums - diagonal[:, first] - diagonal[:, second]) / 2
    found[:, second, first] = found[:, first, second]
    return np.nan_to_num(found)


def of_county(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """
    For each township, in the order of codes, what all townships of its county add up to.

    Parameters
    ----------
    values : array of float
        Shape (T, …).
    starts : array of int
        The first township of each county.

    Examples
    --------
    >>> of_county(np.array([1.0, 2.0, 4.0]), np.array([0, 2])).tolist()
    [3.0, 3.0, 4.0]
    """
    sums = np.add.reduceat(values, starts, axis=0)
    return np.asarray(np.repeat(sums, np.diff(starts, append=len(values)), axis=0))


def others_variance(use: np.ndarray, scale: np.ndarray, matrices: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """
    What all other townships of the county add to each township's item scores and total.

    Parameters
    ----------
    use : array of float
        How much of the county's mean is in each item score, shape (T, k).
    scale : array of float
        What item scores are multiplied by in the total, shape (T,).
    matrices : array of float
        Shape (T, k, k).
    starts : array of int
        The first township of each county.

    Returns
    -------
    array of float
        Shape (T, k + 1), 0 or more.
    """
    others = of_county(matrices, starts) - matrices
    items = use**2 * np.diagonal(others, axis1=1, axis2=2)
    total = np.zeros(len(use))
    for first, second in itertools.product(
        range(use.shape[1]), repeat=2
    ):  # one by one: items of no use change no digit
        total += use[:, first] * others[:, first, second] * use[:, second]
    return np.asarray(np.maximum(np.column_stack([items, total * scale**2]), 0.0))

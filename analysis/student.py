"""
Student's t where the normal distribution was: standard errors that rest on few degrees of freedom.

as_degrees          degrees of freedom as an array, infinite where there are none
joint_degrees       those of a difference of two independent scores
normal_equivalent   the normal value that is as unlikely as a t value
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr

Floats = npt.NDArray[np.float64]


def as_degrees(df: Sequence[float | None] | None, number: int) -> Floats:
    """
    Degrees of freedom, infinite where there are none (or none above 0).

    Raises
    ------
    ValueError
        If there are not as many as scores.
    """
    if df is None:
        return np.full(number, np.inf)
    if len(df) != number:
        raise ValueError(f"expected as many degrees of freedom as scores, got {len(df)} and {number}")
    degrees = np.array([np.inf if value is None else float(value) for value in df])
    return np.where(degrees > 0, degrees, np.inf)


def joint_degrees(se_one: Floats, df_one: Floats, se_other: Floats, df_other: Floats) -> Floats:
    """
    Degrees of freedom of √(se₁² + se₂²), after Satterthwaite (1946) and Welch (1947); infinite where both errors are 0.

    Examples
    --------
    >>> joint_degrees(np.array([2.0]), np.array([4.0]), np.array([1.0]), np.array([np.inf])).tolist()
    [6.25]
    """
    one, other = se_one**2, se_other**2
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (one + other) ** 2 / (one**2 / df_one + other**2 / df_other)
    return np.where(np.isnan(found), np.inf, found)


def normal_equivalent(t: Floats, df: Floats) -> Floats:
    """
    The normal value with the same probability beyond it as t has by Student's distribution.

    Examples
    --------
    >>> normal_equivalent(np.array([2.0, -2.0, 2.0]), np.array([4.0, 4.0, np.inf])).round(4).tolist()
    [1.5713, -1.5713, 2.0]
    """
    few = np.isfinite(df) & np.isfinite(t)
    found = np.array(t, dtype=np.float64)
    found[few] = np.sign(t[few]) * -ndtri(stdtr(df[few], -np.abs(t[few])))
    return found

"""
Random numbers that stay the same for ever.

Chance   seeded numbers for one named purpose

NumPy keeps the raw stream of a bit generator unchanged between versions, but not the distributions of its ``Generator``. So only the raw
stream is used here, and all distributions are made from it by their inverse.
"""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NORMAL = NormalDist()


class Chance:
    """
    Random numbers for one purpose.

    Parameters
    ----------
    seed : int
    purpose : str
        Any number of names; other names give other numbers, whatever else was asked for before.
    """

    def __init__(self, seed: int, *purpose: str) -> None:
        digest = hashlib.sha256("|".join((str(seed), *purpose)).encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest[:16], "big"))

    def shares(self, number: int) -> NDArray[np.float64]:
        """Uniform numbers strictly between 0 and 1, shape (number,)."""
        raw = self._bits.random_raw(number) >> np.uint64(11)
        return (raw.astype(np.float64) + 0.5) * 2.0**-53

    def below(self, limit: int, number: int) -> NDArray[np.int64]:
        """Whole numbers from 0 to ``limit`` − 1, shape (number,)."""
        return (self.shares(number) * limit).astype(np.int64)

    def between(self, low: int, high: int) -> int:
        """One whole number from ``low`` to ``high``, both included."""
        return low + int(self.below(high - low + 1, 1)[0])

    def weighted(self, weights: NDArray[np.float64], number: int) -> NDArray[np.int64]:
        """Positions in ``weights`` with chances in their proportion, shape (number,)."""
        bounds = np.cumsum(weights / weights.sum())
        return np.minimum(np.searchsorted(bounds, self.shares(number), side="right"), len(weights) - 1)

    def order(self, number: int) -> NDArray[np.int64]:
        """The numbers 0 … ``number`` − 1 in random order."""
        return np.argsort(self.shares(number), kind="stable")

    def some(self, number: int, count: int) -> list[int]:
        """``count`` different positions out of ``number``, in increasing order."""
        return sorted(self.order(number)[:count].tolist())

    def normals(self, number: int) -> NDArray[np.float64]:
        """Standard normal numbers, shape (number,)."""
        return np.array([_NORMAL.inv_cdf(share) for share in self.shares(number).tolist()], dtype=np.float64)

    def lognormals(self, median: float, sigma: float, number: int, *, low: float, high: float) -> NDArray[np.float64]:
        """Lognormal numbers clipped to ``low`` … ``high``, shape (number,)."""
        return np.clip(median * np.exp(sigma * self.normals(number)), low, high)

    def gammas(self, mean: float, sd: float, number: int) -> NDArray[np.float64]:
        """
        Gamma numbers, shape (number,).

        By the cube of Wilson and Hilferty (1931), which for ``mean`` ≥ 2 ``sd`` is within about 1 % of the true quantiles.
        """
        form = (mean / sd) ** 2
        cube = 1 - 1 / (9 * form) + self.normals(number) / (3 * math.sqrt(form))
        return mean * np.maximum(cube, 0.0) ** 3

    def negative_binomials(self, mean: float, form: int, number: int, *, low: int, high: int) -> NDArray[np.int64]:
        """Negative binomial numbers of variance mean + mean² / form, clipped to ``low`` … ``high``, shape (number,)."""
        success = form / (form + mean)
        chances = [math.comb(k + form - 1, k) * success**form * (1 - success) ** k for k in range(high)]
        return np.clip(np.searchsorted(np.cumsum(chances), self.shares(number)), low, high)

"""Reserve units (备用样本): drawn at once with the main units, each tied to the one it may stand in for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.methods import equal_interval


class Reserves(NamedTuple):
    """
    Reserve units of one list.

    Attributes
    ----------
    positions : ndarray of int64
        Positions in the list, increasing, counted from 0.
    mains : ndarray of int64
        For each the number of its main unit, counted from 0 in list order.
    """

    positions: NDArray[np.int64]
    mains: NDArray[np.int64]


def reserve_count(n_units: int, taken: int, per_main: int) -> int:
    """How many reserves a list of N with n main units can give: R·n, or all that is left."""
    return min(per_main * taken, n_units - taken)


def select_reserves(n_units: int, main: NDArray[np.int64], per_main: int, *, start: int) -> Reserves:
    """
    Equal interval of R·n over what the main sample left of the list.

    Parameters
    ----------
    n_units : int
        Units in the list, N.
    main : ndarray of int64, shape (n,)
        Positions of the main units, increasing.
    per_main : int
        R, reserves per main unit.
    start : int
        From 0 to N − n − 1; not used where all that is left is taken.

    Returns
    -------
    Reserves
        The j-th reserve (j = 0 … R−1) of main unit i is number i·R + j of the selection.
    """
    left = np.delete(np.arange(n_units, dtype=np.int64), main)
    count = reserve_count(n_units, len(main), per_main)
    chosen = left[equal_interval(len(left), count, start=start)]
    return Reserves(chosen, np.arange(count, dtype=np.int64) // max(per_main, 1))

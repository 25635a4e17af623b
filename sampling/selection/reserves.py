"""Reserve units (备用样本): drawn at once with the main units, each tied to the one it may stand in for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.selection.many import units_of_lists
from sampling.starts import Numbers, Start, numbers

Ints = NDArray[np.int64]


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

    positions: Ints
    mains: Ints


class ReservesOfLists(NamedTuple):
    """
    Reserve units of many lists.

    Attributes
    ----------
    positions, owner : ndarray of int64
        Position in its list, and the list, of each.
    mains : ndarray of int64
        For each the number of its main unit among the main units of all lists.
    """

    positions: Ints
    owner: Ints
    mains: Ints


def select_reserves(n_units: int, main: Ints, per_main: int, *, start: Start) -> Reserves:
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
    start : Start
        From 0 to N − n − 1; not used where all that is left is taken.

    Returns
    -------
    Reserves
        The j-th reserve (j = 0 … R−1) of main unit i is number i·R + j of the selection.

    Examples
    --------
    >>> select_reserves(8, np.array([1, 5]), 2, start=3).positions.tolist()
    [0, 3, 4, 7]
    """
    owner = np.zeros(len(main), dtype=np.int64)
    found = reserves_of_lists(np.array([n_units]), main, owner, per_main, [numbers(start)])
    return Reserves(found.positions, found.mains)


def reserves_of_lists(size: Ints, main: Ints, owner: Ints, per_main: int, draws: Sequence[Numbers]) -> ReservesOfLists:
    """
    The reserves of many lists at once.

    Parameters
    ----------
    size : ndarray of int64, shape (n_lists,)
        Units of each list.
    main, owner : ndarray of int64
        Position in its list, and the list, of each main unit, in list order.
    per_main : int
        R.
    draws : sequence of Numbers
        The random numbers of each list.
    """
    taken = np.bincount(owner, minlength=len(size)).astype(np.int64)
    left = size - taken
    places, lists = units_of_lists("equal_interval", left, np.minimum(per_main * taken, left), draws)
    first_main, first_place = np.cumsum(taken) - taken, np.cumsum(left + 1) - (left + 1)
    # a main unit stands before the place q of what is left if it has at most q places of what is left before it
    before = first_place[owner] + main - (np.arange(len(main)) - first_main[owner])
    passed = np.searchsorted(before, first_place[lists] + places, side="right") - first_main[lists]
    number = np.arange(len(places)) - np.searchsorted(lists, np.arange(len(size)))[lists]
    return ReservesOfLists(places + passed, lists, first_main[lists] + number // max(per_main, 1))

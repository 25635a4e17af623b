"""
What the draw of one group works on and what it finds.

GroupSource   the group's lists, one for each township
Path          how the draw came to a list
GroupDraw     who was taken, with DrawnPsu, Stratum and Shortfall
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.frames.coded import Coded
from sampling.selection.lists import Lists
from sampling.selection.probabilities import Chain, Ratio

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GroupSource:
    """
    The lists of one group, one for each township.

    Attributes
    ----------
    townships : list of str
        The township of each list.
    psu_rows : Lists
        The rows that stand for whole PSUs, of each list; in the frame's own order.
    units : Lists
        The rows that stand for units, of each list; in the frame's own order.
    columns : mapping
        The frame's columns that clusters and strata are made of.
    sizes : ndarray of int64
        ``size`` of every row of the frame, −1 where there is none.
    """

    townships: list[str]
    psu_rows: Lists
    units: Lists
    columns: Mapping[str, Coded]
    sizes: Ints


class Path(NamedTuple):
    """
    How the draw came to a list.

    Attributes
    ----------
    township : int
        The township's number in the source.
    codes : tuple of str
        Stratum and clusters above it.
    place : tuple of int
        Their numbers, by which lists are put in the order of selection.
    hits : int
        Hits of the cluster within which it lies.
    psu : int
        The PSU's number among those that were hit, −1 in a one-stage group.
    chain : Chain
        The probabilities so far.
    """

    township: int
    codes: tuple[str, ...] = ()
    place: tuple[int, ...] = ()
    hits: int = 1
    psu: int = -1
    chain: Chain = Chain()  # a tuple: nobody can change it

    @property
    def cluster_code(self) -> str:
        """As it stands in a label."""
        return self.codes[0] if len(self.codes) == 1 else "/".join(self.codes)

    def then(self, chance: Ratio) -> Path:
        """The same with one more probability; a country has millions of them, so no detour by ``_replace``."""
        return Path(self.township, self.codes, self.place, self.hits, self.psu, self.chain.then(chance))


class DrawnPsu(NamedTuple):
    """
    A PSU that was hit.

    Attributes
    ----------
    path : Path
        How the draw came to it.
    psu_code : str
    size : int
        Its size measure.
    hits : int
    chance : Ratio
        ``pi_1``.
    listed : int
        Its listed units.
    """

    path: Path
    psu_code: str
    size: int
    hits: int
    chance: Ratio
    listed: int


class Shortfall(NamedTuple):
    """Where a list was too short: ``wanted`` were to be taken at a stage, ``taken`` could be."""

    path: Path
    stage: str
    take: str
    wanted: int
    taken: int


class Stratum(NamedTuple):
    """An explicit stratum of a list: its elements (units or PSUs), their total size measure, and its share of n."""

    path: Path
    listed: int
    size: int
    n: int


@dataclass(eq=False)
class GroupDraw:
    """
    The draw of one group.

    Attributes
    ----------
    main : ndarray of int64
        Rows of the frame; ``main_list`` the list from which each was taken.
    reserve : ndarray of int64
        Rows of the frame; ``reserve_main`` the number of the main unit that each may stand in for.
    takes : list of Path
        The lists from which units were taken, with their probabilities.
    drawn : list of DrawnPsu
    strata : list of Stratum
    shortfalls : list of Shortfall
        In the order of selection.
    psus, size, wanted : ndarray of int64, shape (n_townships,)
        Of each township's list: PSUs, their total size M, and the main units that the design takes of it.
    """

    psus: Ints
    size: Ints
    wanted: Ints
    main: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    main_list: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    reserve: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    reserve_main: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    takes: list[Path] = field(default_factory=list)
    drawn: list[DrawnPsu] = field(default_factory=list)
    strata: list[Stratum] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)

"""What precision is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.labels import Label, nearest

LONELY_PSU = {
    "fail": Label("拒绝计算", "refuse"),
    "remove": Label("不计该层的方差", "the stratum adds nothing"),
    "certainty": Label("视为必抽，不计该层的方差", "taken as drawn for certain: it adds nothing at this stage"),
    "adjust": Label("按其与本类平均数的偏离计入方差", "its distance from the mean of the group counts"),
    "average": Label("以其余各层方差的平均数代替", "the mean of the other strata stands in"),
}
"""What a stratum with a single PSU adds; the names are those of R's survey package."""

DEFAULT_LONELY_PSU = "adjust"
DEFAULT_REPLICATES = 1000


@dataclass(frozen=True)
class Options:
    """
    The choices behind standard errors and intervals.

    Attributes
    ----------
    method : str
        A name of ``methods.METHODS``.
    fpc : bool
        Whether finite population corrections are applied where samples.csv gives them.
    lonely_psu : str
        A name of ``LONELY_PSU``.
    confidence : float
        Of the intervals, between 0 and 1.
    replicates : int
        How many the bootstrap takes.
    seed : int or None
        Where the bootstrap's random numbers start; None with the other methods.
    beside : str
        A second method, whose standard errors stand beside in a column ``se_beside``; empty for none.
    """

    method: str = "linearised"
    fpc: bool = True
    lonely_psu: str = DEFAULT_LONELY_PSU
    confidence: float = 0.95
    replicates: int = DEFAULT_REPLICATES
    seed: int | None = None
    beside: str = ""


def checked_name(what: str, what_zh: str, name: str, known: tuple[str, ...]) -> str:
    """
    A name of a table.

    Raises
    ------
    AnalysisError
        If it is unknown; the nearest is named.
    """
    if name not in known:
        raise AnalysisError(
            f"{what}: expected one of {', '.join(known)}, found {name!r}; the nearest is {nearest(name, list(known))!r}.",
            f"{what_zh}：应为 {'、'.join(known)} 之一，实为 {name!r}，最接近的是 {nearest(name, list(known))!r}。",
        )
    return name


def checked_numbers(confidence: float, replicates: int) -> None:
    """
    Refuse a confidence outside 0 to 1 and fewer than 2 replicates.

    Raises
    ------
    ValueError
        It is the caller's slip, not the data's.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: expected a number between 0 and 1, found {confidence!r}")
    if replicates < 2:
        raise ValueError(f"replicates: expected a whole number, 2 or more, found {replicates!r}")


def seed_of(rng: int | np.random.Generator | None) -> int:
    """
    The seed to record: the given whole number, or one drawn from the given generator.

    Raises
    ------
    ValueError
        If none is given, or a negative one.

    Examples
    --------
    >>> seed_of(20261123)
    20261123
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if rng is None or isinstance(rng, bool) or rng < 0:
        raise ValueError(f"rng: expected a whole number, 0 or more, or a numpy Generator, found {rng!r}")
    return int(rng)

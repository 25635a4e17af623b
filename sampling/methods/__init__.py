"""
The methods of selection, one file each; a new one is a file and a line in METHODS.

equal_interval       every unit with probability n/N
symmetric            the same, with every second block of the list turned round (对称等距)
pps_equal_interval   hits of clusters in proportion to their size

Each is a pure function of whole numbers; the random start is given (``start=``), so that a draw can be recounted by
hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.methods.equal_interval import equal_interval
from sampling.methods.pps import pps_equal_interval
from sampling.methods.symmetric import symmetric

__all__ = ["METHODS", "Method", "equal_interval", "pps_equal_interval", "symmetric"]


@dataclass(frozen=True)
class Method:
    """
    One entry of the table.

    Attributes
    ----------
    zh, en : str
        Its name.
    by_size : bool
        Whether it selects clusters in proportion to their size, so that one may be hit more than once.
    hits : callable
        ``hits(sizes, n, start=r)`` gives the hits of each element of the list; without ``by_size`` only the number of
        elements counts.
    """

    zh: str
    en: str
    by_size: bool
    distinct: bool
    hits: Callable[..., NDArray[np.int64]]


def _as_hits(select: Callable[..., NDArray[np.int64]]) -> Callable[..., NDArray[np.int64]]:
    """Let a method that gives positions give hits (0 or 1) of each element."""

    def hits(sizes: Sequence[int], n: int, *, start: int) -> NDArray[np.int64]:
        result = np.zeros(len(sizes), dtype=np.int64)
        result[select(len(sizes), n, start=start if isinstance(start, int) else start(0, max(len(sizes), 1)))] = 1
        return result

    return hits


METHODS: dict[str, Method] = {
    "equal_interval": Method("等距抽样", "equal interval", False, True, _as_hits(equal_interval)),
    "symmetric": Method("对称等距抽样", "symmetric equal interval", False, True, _as_hits(symmetric)),
    "pps_equal_interval": Method("PPS 等距抽样", "PPS equal interval", True, False, pps_equal_interval),
}

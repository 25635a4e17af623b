"""
The methods of selection, one file each; a new one is a file and a line in METHODS.

equal_interval       every unit with probability n/N
circular             the same, by a whole interval round the list
symmetric            the same, with every second block of the list turned round (对称等距)
simple_random        every sample of n with the same probability
pps_equal_interval   hits of clusters in proportion to their size
pps_symmetric        the same, with every second block of the clusters turned round
hartley_rao          the same, over the clusters in random order
sampford             distinct clusters in proportion to their size, by rejection
certainty            which clusters are so large that they are taken in any case; with_certainty draws the rest

Each is a pure function of whole numbers; the random numbers are given (``start=``), so that a draw can be recounted by
hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.methods.certainty import certainty, with_certainty
from sampling.methods.checks import Sizes
from sampling.methods.circular import circular
from sampling.methods.equal_interval import equal_interval
from sampling.methods.hartley_rao import hartley_rao
from sampling.methods.pps import pps_equal_interval
from sampling.methods.pps_symmetric import pps_symmetric
from sampling.methods.sampford import TRIES_LIMIT, sampford, sampford_tries, too_many_tries
from sampling.methods.simple_random import simple_random
from sampling.methods.symmetric import symmetric
from sampling.starts import Start

__all__ = [
    "METHODS",
    "TRIES_LIMIT",
    "Method",
    "certainty",
    "circular",
    "equal_interval",
    "hartley_rao",
    "pps_equal_interval",
    "pps_symmetric",
    "sampford",
    "sampford_tries",
    "simple_random",
    "symmetric",
    "too_many_tries",
    "with_certainty",
]


@dataclass(frozen=True)
class Method:
    """
    One entry of the table.

    Attributes
    ----------
    zh, en : str
        Its name.
    by_size : bool
        Whether it selects clusters in proportion to their size.
    single_start : bool
        Whether random number 0 decides the sample alone (systematic methods); others ask for more numbers, so they
        need a sequence or a function as ``start``.
    distinct : bool
        Whether no element is ever hit twice. A method by size that is distinct cannot draw clusters with n·s ≥ M:
        these are taken out first (``with_certainty``). The others hit them several times.
    hits : callable
        ``hits(sizes, n, start=…)`` gives the hits of each element of the list; without ``by_size`` only the number of
        elements counts.
    """

    zh: str
    en: str
    by_size: bool
    single_start: bool
    distinct: bool
    hits: Callable[..., NDArray[np.int64]]


def _as_hits(select: Callable[..., NDArray[np.int64]]) -> Callable[..., NDArray[np.int64]]:
    """Let a method that gives positions give hits (0 or 1) of each element."""

    def hits(sizes: Sizes, n: int, *, start: Start) -> NDArray[np.int64]:
        result = np.zeros(len(sizes), dtype=np.int64)
        result[select(len(sizes), n, start=start)] = 1
        return result

    return hits


METHODS: dict[str, Method] = {
    "equal_interval": Method("等距抽样", "equal interval", False, True, True, _as_hits(equal_interval)),
    "circular": Method("圆形等距抽样", "circular equal interval", False, True, True, _as_hits(circular)),
    "symmetric": Method("对称等距抽样", "symmetric equal interval", False, True, True, _as_hits(symmetric)),
    "simple_random": Method("简单随机抽样", "simple random", False, False, True, _as_hits(simple_random)),
    "pps_equal_interval": Method("PPS 等距抽样", "PPS equal interval", True, True, False, pps_equal_interval),
    "pps_symmetric": Method("PPS 对称等距抽样", "PPS symmetric equal interval", True, True, False, pps_symmetric),
    "pps_hartley_rao": Method("随机排列 PPS 等距抽样", "PPS in random order", True, False, False, hartley_rao),
    "pps_sampford": Method("Sampford PPS 抽样", "PPS by Sampford's method", True, False, True, sampford),
}

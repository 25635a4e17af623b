"""
What a simulated figure was drawn with, so that it can be drawn again.

generator    a numpy generator from a seed or a generator, and the record of it
Simulated    the record: bit generator, seed or state, number of replicates
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Simulated:
    """
    What a figure was drawn with.

    Attributes
    ----------
    bit_generator : str
        Its name in numpy, such as ``PCG64``.
    seed : int or None
        The seed given to ``numpy.random.default_rng``; None where a generator was given.
    replicates : int
        How many draws.
    state : str
        Where a generator was given, its state before the first draw, as JSON; otherwise empty.
    """

    bit_generator: str
    seed: int | None
    replicates: int
    state: str = ""


def generator(rng: int | np.random.Generator, replicates: int) -> tuple[np.random.Generator, Simulated]:
    """
    A generator and the record of what it is.

    Parameters
    ----------
    rng : int or Generator
        A seed of 0 or more, or a generator, which is used as it stands and moves on.
    replicates : int
        How many draws will be made; only recorded.

    Examples
    --------
    >>> generator(7, 1000)[1]
    Simulated(bit_generator='PCG64', seed=7, replicates=1000, state='')
    """
    source = np.random.default_rng(rng)
    name = type(source.bit_generator).__name__
    if isinstance(rng, np.random.Generator):
        state = json.dumps(source.bit_generator.state, default=np.ndarray.tolist, sort_keys=True)
        return source, Simulated(name, None, replicates, state)
    return source, Simulated(name, int(rng), replicates)

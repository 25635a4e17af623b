"""
Probabilities of selection, as exact fractions.

equal_probability(taken, listed)        n/N, of a one-stage group
pps_probability(n, size, total)         n·s/M, the expected number of hits
take_probability(take, listed, hits)    min(m, L/h)/L, of a stage within a cluster
Chain                                   those of the stages and their product

Rounding happens once, where a figure is written (``figures.figure``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


def equal_probability(taken: int, listed: int) -> Fraction:
    """n/N, and 1 where all are taken."""
    return Fraction(min(taken, listed), listed)


def pps_probability(n: int, size: int, total: int) -> Fraction:
    """
    Expected number of hits of a cluster, n·s/M.

    It exceeds 1 for a cluster larger than the interval M/n.
    """
    return Fraction(n * size, total)


def take_probability(take: int, listed: int, hits: int) -> Fraction:
    """
    Probability within a cluster that was hit, min(m, L/h)/L.

    Parameters
    ----------
    take : int
        m, the units taken per hit.
    listed : int
        L ≥ 1, the units (or clusters) of the list.
    hits : int
        h ≥ 1, the hits of the cluster. Where h·m exceeds L all are taken, and this is 1/h: together with the
        expected hits it gives the reciprocal of the unbiased (Hansen–Hurwitz) weight.
    """
    return min(Fraction(take), Fraction(listed, hits)) / listed


@dataclass(frozen=True)
class Chain:
    """
    The probabilities of the stages that led to a unit.

    ``stages`` is empty in a one-stage group until its only stage is added; ``product`` is then that stage's.
    """

    stages: tuple[Fraction, ...] = ()

    def then(self, probability: Fraction) -> Chain:
        """This chain with one more stage."""
        return Chain((*self.stages, probability))

    @property
    def product(self) -> Fraction:
        """``pi``; the weight is its reciprocal."""
        result = Fraction(1)
        for probability in self.stages:
            result *= probability
        return result

    @property
    def columns(self) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        """``pi_1``, ``pi_2``, ``pi_3``: all None in a one-stage group, where ``pi`` alone says it."""
        padded: list[Fraction | None] = list(self.stages) if len(self.stages) > 1 else []
        padded += [None] * (3 - len(padded))
        return padded[0], padded[1], padded[2]

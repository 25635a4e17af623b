"""
Probabilities of selection, exact until they are written.

equal_probability(taken, listed)        n/N, of a one-stage group
pps_probability(n, size, total)         n·s/M, the expected number of hits
take_probability(taken, listed, hits)   min(m, L/h)/L, of a stage within a cluster
Chain                                   those of the stages and their product

A probability is a pair of whole numbers of any length; it is rounded once, where it is written (``figures.figure``).
Whole numbers rather than ``Fraction`` since a country has millions of clusters: the quotient of two whole numbers of
any length is rounded correctly without looking for their common divisor.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Ratio(NamedTuple):
    """
    A quotient of whole numbers, not reduced.

    Examples
    --------
    >>> Ratio(2, 6) * Ratio(3, 4), Ratio(2, 6).exact
    (Ratio(top=6, bottom=24), Fraction(1, 3))
    """

    top: int
    bottom: int

    def __mul__(self, other: object) -> Ratio:  # a product, not a repetition
        if not isinstance(other, Ratio):
            return NotImplemented
        return Ratio(self.top * other.top, self.bottom * other.bottom)

    def __float__(self) -> float:
        return self.top / self.bottom

    @property
    def exact(self) -> Fraction:
        """As a fraction."""
        return Fraction(self.top, self.bottom)

    @property
    def inverse(self) -> Ratio:
        """The reciprocal."""
        return Ratio(self.bottom, self.top)


def equal_probability(taken: int, listed: int) -> Ratio:
    """n/N, and 1 where all are taken."""
    return Ratio(min(taken, listed), listed)


def pps_probability(n: int, size: int, total: int) -> Ratio:
    """
    Expected number of hits of a cluster, n·s/M.

    It exceeds 1 for a cluster larger than the interval M/n.
    """
    return Ratio(n * size, total)


def take_probability(wanted: int, listed: int, hits: int) -> Ratio:
    """
    Probability within a cluster that was hit, min(m, L/h)/L.

    Parameters
    ----------
    wanted : int
        h·m, the units that the hits of the cluster ask for.
    listed : int
        L ≥ 1, the units (or clusters) of the list.
    hits : int
        h ≥ 1, the hits of the cluster. Where h·m exceeds L all are taken, and this is 1/h: together with the
        expected hits it gives the reciprocal of the unbiased (Hansen–Hurwitz) weight.
    """
    return Ratio(min(wanted, listed), hits * listed)


class Chain(tuple[Ratio, ...]):
    """
    The probabilities of the stages that led to a unit, in their order.

    Examples
    --------
    >>> chain = Chain().then(Ratio(1, 2)).then(Ratio(1, 5))
    >>> chain.product, [str(ratio and ratio.exact) for ratio in chain.columns]
    (Ratio(top=1, bottom=10), ['1/2', '1/5', 'None'])
    """

    __slots__ = ()

    def then(self, probability: Ratio) -> Chain:
        """This chain with one more stage."""
        return Chain((*self, probability))

    @property
    def product(self) -> Ratio:
        """``pi``; the weight is its reciprocal."""
        result = Ratio(1, 1)
        for probability in self:
            result = result * probability
        return result

    @property
    def columns(self) -> tuple[Ratio | None, Ratio | None, Ratio | None]:
        """``pi_1``, ``pi_2``, ``pi_3``: all None in a one-stage group, where ``pi`` alone says it."""
        padded: list[Ratio | None] = list(self) if len(self) > 1 else []
        padded += [None] * (3 - len(padded))
        return padded[0], padded[1], padded[2]

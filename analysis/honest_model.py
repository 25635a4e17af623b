"""
How sheets of answers look where everybody answers for himself or herself: the yardstick of the fieldwork's signals.

fit_honest_model    from the sheets of one group, all townships
HonestModel         draws sheets of persons of a township
Trait               one ordered answer with a person's effect

Respondents of one township answer independently of one another; the answers of one person hang together. An answer is a
standard normal number cut at an item's bounds (an ordered probit with a random effect of the person and a shift of the
township); whether an item is not known, and whether it is skipped, are two more of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]
_Function = Callable[[Floats], Floats]

UNKNOWN, SKIPPED = 3, 4
"""Codes of a sheet are those of ``counts.TALLIES``: satisfied, basic, unsatisfied, unknown, skipped."""

_POINTS = np.array([0.0, 3.0, 5.0])  # unsatisfied, basic, satisfied: what a township's shift is fitted by
_YES = np.array([0.0, 1.0])
_AT_COUNTY = 5  # persons at the county's mean added to each township, so that few answers do not make a wild shift
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Trait:
    """
    One ordered answer.

    Attributes
    ----------
    bounds : array (items, categories − 1)
        Where the normal number is cut.
    shift : array (townships,)
        What is added to it.
    person : float
        The share of its variance that the answers of one person have in common, 0 to 0.99.
    """

    bounds: Floats
    shift: Floats
    person: float

    def draw(self, township: int, persons: int, rng: np.random.Generator) -> npt.NDArray[np.int8]:
        """Categories from 0 up, of shape (persons, items)."""
        own = np.sqrt(self.person) * rng.standard_normal((persons, 1), dtype=np.float32)
        noise = rng.standard_normal((persons, len(self.bounds)), dtype=np.float32)
        latent = own + np.float32(np.sqrt(1 - self.person)) * noise + np.float32(self.shift[township])
        found = np.zeros(latent.shape, dtype=np.int8)
        for bound in self.bounds.T:
            found += latent > bound
        return found


@dataclass(frozen=True)
class HonestModel:
    """
    Sheets of one group.

    Attributes
    ----------
    judgment, unknown, skipped : Trait
    uniform : array (4,)
        The share of persons who give one answer throughout, by answer, beyond those whom the traits explain.
    """

    judgment: Trait
    unknown: Trait
    skipped: Trait
    uniform: Floats

    def draw(self, township: int, persons: int, rng: np.random.Generator) -> Codes:
        """Sheets of persons of a township (its number), shape (persons, items)."""
        codes = (2 - self.judgment.draw(township, persons, rng)).astype(np.int8)
        codes[self.unknown.draw(township, persons, rng) == 1] = UNKNOWN
        codes[self.skipped.draw(township, persons, rng) == 1] = SKIPPED
        chosen = np.searchsorted(np.cumsum(self.uniform), rng.random(persons), side="right")
        throughout = chosen < len(self.uniform)
        codes[throughout] = chosen[throughout, None].astype(np.int8)
        return codes


def fit_honest_model(codes: Codes, township: Whole, townships: int, rng: np.random.Generator) -> HonestModel:
    """
    Fit the model to the sheets of one group.

    Parameters
    ----------
    codes : array of int8, shape (persons, items)
        Positions in ``counts.TALLIES``.
    township : array of int, shape (persons,)
        Each person's township, from 0.
    townships : int
        How many there are.
    rng : Generator
        Draws the sheets by which uniform ones are counted.

    Returns
    -------
    HonestModel

    Notes
    -----
    By moments: bounds from the county's shares of each item (half an answer added to each category); a township's shift so
    that its mean is as seen, with five persons at the county's mean added; the person's share so that the mean
    covariance of two items of one person is as seen. Ordered probit with random effects: Agresti (2013), Categorical Data
    Analysis, 3rd edition, chapter 13.
    """
    judgment = _fitted(np.clip(2 - codes, 0, 2), codes < UNKNOWN, township, townships, _POINTS)
    unknown = _fitted((codes == UNKNOWN).astype(np.int8), codes < SKIPPED, township, townships, _YES)
    skipped = _fitted((codes == SKIPPED).astype(np.int8), np.ones_like(codes, dtype=bool), township, townships, _YES)
    plain = HonestModel(judgment, unknown, skipped, np.zeros(4))
    seen = _uniform_shares(codes)
    numbers = np.bincount(township, minlength=townships)
    drawn = [plain.draw(place, 20 * number, rng) for place, number in enumerate(numbers) if number]
    expected = _uniform_shares(np.concatenate(drawn))
    return HonestModel(judgment, unknown, skipped, np.maximum(seen - expected, 0) / (1 - expected.sum()))


def _uniform_shares(codes: Codes) -> Floats:
    uniform = (codes == codes[:, :1]).all(axis=1)
    return np.bincount(codes[uniform, 0], minlength=5)[:4] / (len(codes) + 1)


def _fitted(
    categories: npt.NDArray[np.int8], used: npt.NDArray[np.bool_], township: Whole, townships: int, weights: Floats
) -> Trait:
    bounds = _bounds(categories, used, len(weights))
    values = weights[categories]
    numbers = _by_township(used.astype(float), township, townships) + _AT_COUNTY
    at_county = _expected(bounds, np.zeros(1), 1.0, weights)[0]
    sums = _by_township(values * used, township, townships).sum(axis=1) + _AT_COUNTY * at_county.sum()
    shift = _root(
        lambda at: (_expected(bounds, at, 1.0, weights) * numbers).sum(axis=1) - sums,
        np.full(townships, -3.0), np.full(townships, 3.0),
    )  # fmt: skip
    rest = (values - _expected(bounds, shift, 1.0, weights)[township]) * used
    pairs = (used.sum(axis=1) * (used.sum(axis=1) - 1)).sum()
    covariance = (rest.sum(axis=1) ** 2 - (rest**2).sum(axis=1)).sum() / max(pairs, 1)
    person = _root(lambda share: _person_covariance(bounds, share, weights) - covariance, np.zeros(1), np.full(1, 0.99))
    return Trait(bounds, shift, float(person[0]))


def _bounds(categories: npt.NDArray[np.int8], used: npt.NDArray[np.bool_], number: int) -> Floats:
    tallies = np.stack([((categories == each) & used).sum(axis=0) + 0.5 for each in range(number)], axis=1)
    below = np.cumsum(tallies, axis=1)[:, :-1] / tallies.sum(axis=1, keepdims=True)
    return np.asarray(ndtri(below))


def _by_township(values: Floats, township: Whole, townships: int) -> Floats:
    summed = np.zeros((townships, values.shape[1]))
    np.add.at(summed, township, values)
    return summed


def _expected(bounds: Floats, at: Floats, scale: float, weights: Floats) -> Floats:
    """The expected weight of each item where the number's mean is ``at`` and its spread ``scale``: (at, items)."""
    above = ndtr((at[:, None, None] - bounds[None]) / scale)
    return np.asarray(weights[0] + (above * np.diff(weights)).sum(axis=2))


def _person_covariance(bounds: Floats, share: Floats, weights: Floats) -> Floats:
    """The mean covariance of two items of one person, by Gauss–Hermite quadrature over the person's effect."""
    given = _expected(bounds, np.sqrt(share[0]) * _NODES, float(np.sqrt(1 - share[0])), weights)
    centred = given - _WEIGHTS @ given
    items = len(bounds)
    both = (centred.sum(axis=1) ** 2 - (centred**2).sum(axis=1)) @ _WEIGHTS
    return np.atleast_1d(both / max(items * (items - 1), 1))


def _root(function: _Function, low: Floats, high: Floats) -> Floats:
    """Where growing functions cross 0, by halving; the nearer end where they do not."""
    for _ in range(40):
        middle = (low + high) / 2
        above = function(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / 2

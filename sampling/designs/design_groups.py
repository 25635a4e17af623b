"""
What a design is made of, as frozen values.

Label         a name in both languages
Stage         one stage: which clusters or units, by which method, how many
Strata        explicit strata within a group, and how the sample is divided among them
GroupDesign   how one group is drawn in every township
OrderKey      one column of a list's order, and its direction
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from sampling.methods import METHODS

STAGES = ("psu", "ssu", "unit")
LIST_KEYS = ("psu_code", "ssu_code", "subgroup", "unit_code")
"""What orders a list where nothing else is said; also all that ``order_by`` may name, since a redo has no more."""

DIRECTIONS = ("ascending", "descending", "serpentine")
LARGE = {"several_hits": "a large cluster is hit several times", "certainty": "taken once, the rest drawn anew"}
"""What becomes of a cluster whose size reaches the interval."""
TOO_SHORT = {"take_all": "all are taken and the shortfall is reported", "refuse": "nothing is drawn"}
"""What becomes of a list with fewer units than are wanted."""
STRATA_COLUMNS = ("subgroup", "psu_code", "ssu_code")
GIVEN = "given"
"""The allocation whose sizes stand in the design itself."""

OTHERS = "*"
"""Stands for every stratum that is not named."""

PerStratum = tuple[tuple[str, str], ...]
"""A figure for each stratum by its code, as text, in the order of codes."""


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """As it stands in ``draw.json``."""
        return {"zh": self.zh, "en": self.en}


class OrderKey(NamedTuple):
    """A column of a list's order; ``direction`` is one of ``DIRECTIONS``."""

    column: str
    direction: str


def order_key(text: str) -> OrderKey:
    """
    A column and its direction, as a design writes them.

    Examples
    --------
    >>> order_key("unit_code descending"), order_key("subgroup")
    (OrderKey(column='unit_code', direction='descending'), OrderKey(column='subgroup', direction='ascending'))
    """
    column, _, direction = text.partition(" ")
    return OrderKey(column, direction or DIRECTIONS[0])


def order_text(key: OrderKey) -> str:
    """
    As ``draw.json`` writes it: the direction only where it is not ascending.

    Examples
    --------
    >>> order_text(order_key("subgroup ascending"))
    'subgroup'
    """
    return key.column if key.direction == DIRECTIONS[0] else f"{key.column} {key.direction}"


@dataclass(frozen=True)
class Stage:
    """
    One stage of a group's draw.

    Attributes
    ----------
    stage : str
        ``psu``, ``ssu`` or ``unit``.
    method : str
        A key of ``sampling.methods.METHODS``.
    n : int or None
        At the first stage the number selected (hits, for a method by size); later the number taken per hit of the
        cluster within which the stage selects. None where ``rate`` is given.
    rate : Fraction or None
        The share to select of each list instead, above 0 and at most 1.
    large : str
        A key of ``LARGE``, for methods by size.
    """

    stage: str
    method: str
    n: int | None
    rate: Fraction | None = None
    large: str = "several_hits"

    @property
    def with_certainty(self) -> bool:
        """Whether large clusters are taken once and the rest drawn anew; a method that hits none twice must do so."""
        method = METHODS[self.method]
        return method.by_size and (self.large == "certainty" or method.distinct)

    @property
    def repeats(self) -> bool:
        """Whether a large cluster may be hit more than once."""
        return METHODS[self.method].by_size and not self.with_certainty

    def wanted(self, listed: int, hits: int = 1) -> int:
        """
        How many are selected from a list of so many, in a cluster with so many hits.

        A rate gives ``rate · listed`` per hit, rounded to the nearest whole number, halves upwards, and at least 1: a
        list with nothing in it is a shortfall.
        """
        if self.rate is None:
            return (self.n or 0) * hits
        share = self.rate * listed * hits
        return max(1, (2 * share.numerator + share.denominator) // (2 * share.denominator))

    def to_json(self) -> dict[str, Any]:
        """As it stands in ``draw.json``: what has its usual value is left out."""
        values: dict[str, Any] = {"stage": self.stage, "method": self.method}
        values |= {"n": self.n} if self.rate is None else {"rate": str(self.rate)}
        return values if self.large == "several_hits" else values | {"large": self.large}


@dataclass(frozen=True)
class Strata:
    """
    Explicit strata within a group: the first stage is drawn in each by itself.

    Attributes
    ----------
    by : str
        The column whose texts are the strata.
    allocation : str
        A key of ``sampling.allocation.allocation.ALLOCATIONS``, or ``given``.
    n : tuple of (stratum, text)
        The sizes, where they are given.
    minimum, maximum : tuple of (stratum, text)
        Bounds of single strata; the code ``*`` stands for every stratum that is not named.
    sd, cost, cv : tuple of (stratum, text)
        Standard deviation, cost of a unit and coefficient of variation, for the allocations that need them.
    power : str
        Exponent of the power allocation.
    """

    by: str
    allocation: str
    n: PerStratum = ()
    minimum: PerStratum = ()
    maximum: PerStratum = ()
    sd: PerStratum = ()
    cost: PerStratum = ()
    cv: PerStratum = ()
    power: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it stands in ``draw.json``: what is not given is left out."""
        values: dict[str, Any] = {"by": self.by, "allocation": self.allocation}
        for name in ("n", "minimum", "maximum"):
            if given := dict(getattr(self, name)):
                values[name] = _one_or_all({code: int(text) for code, text in given.items()})
        for name in ("sd", "cost", "cv"):
            if given := dict(getattr(self, name)):
                values[name] = _one_or_all(given)
        return values | ({"power": self.power} if self.power else {})


@dataclass(frozen=True)
class GroupDesign:
    """
    How one group is drawn in every township.

    Attributes
    ----------
    group : str
        Its code.
    stages : tuple of Stage
        One to three, the last of them ``unit``.
    order_by : tuple of str
        Columns that order the list, compared as text by code point, each with its direction behind it where that is
        not ascending (``unit_code descending``); those of ``LIST_KEYS`` that are not named follow in their own order.
        A frame's ``order`` wins over it.
    reserves : int
        R, reserve units per main unit.
    strata : Strata or None
    too_short : str
        A key of ``TOO_SHORT``.
    within : str
        How one adult of a household is found, a key of ``sampling.fieldwork.household.RULES``; empty where units are persons.
    """

    group: str
    label: Label
    stages: tuple[Stage, ...]
    order_by: tuple[str, ...] = LIST_KEYS
    reserves: int = 0
    strata: Strata | None = None
    too_short: str = "take_all"
    within: str = ""

    @property
    def staged(self) -> bool:
        """Whether clusters are drawn before units."""
        return len(self.stages) > 1

    @property
    def order_keys(self) -> tuple[OrderKey, ...]:
        """All four columns that order the list with their directions, most significant first."""
        named = tuple(order_key(text) for text in self.order_by)
        rest = (OrderKey(key, DIRECTIONS[0]) for key in LIST_KEYS if key not in {own.column for own in named})
        return (*named, *rest)

    @property
    def list_keys(self) -> tuple[str, ...]:
        """All four columns that order the list, most significant first."""
        return tuple(key.column for key in self.order_keys)

    @property
    def sample_size(self) -> int | None:
        """Main units per township where nothing falls short; None where a stage has a rate."""
        return _product(self.stages)

    @property
    def take_per_hit(self) -> int | None:
        """Main units per hit of the first stage, 1 in a one-stage group; None where a later stage has a rate."""
        return _product(self.stages[1:])

    def has_stage(self, stage: str) -> bool:
        """Whether the group is drawn through that stage."""
        return any(own.stage == stage for own in self.stages)

    def to_json(self) -> dict[str, Any]:
        """As it stands in ``draw.json``: what has its usual value is left out."""
        values: dict[str, Any] = {
            "group": self.group,
            "label": self.label.to_json(),
            "stages": [stage.to_json() for stage in self.stages],
            "order_by": [order_text(order_key(text)) for text in self.order_by],
            "reserves": self.reserves,
        }
        if self.strata is not None:
            values["strata"] = self.strata.to_json()
        if self.too_short != "take_all":
            values["too_short"] = self.too_short
        return values | ({"within": self.within} if self.within else {})


def _product(stages: tuple[Stage, ...]) -> int | None:
    size = 1
    for stage in stages:
        if stage.n is None:
            return None
        size *= stage.n
    return size


def _one_or_all(given: dict[str, Any]) -> Any:
    """A figure for each stratum, or the one that stands for all."""
    return given[OTHERS] if list(given) == [OTHERS] else given

"""
The demo county's places: 2 subdistricts, 9 towns, 8 townships, 308 villages and communities.

build_county   the places, from a seed
DemoCounty     the county with its townships; DemoTownship, DemoPsu below it

The numbers of villages and communities are those of a real county; the names are invented, and none is a real township's anywhere in the
country. Codes follow the rules of the statistical division codes: 001–099 subdistricts, 100–199 towns, 200–399 townships; within them
001–199 residents' and 200–399 villagers' committees. The county's own code, 359900, is assigned to no place.

Most towns have no residents' committee. There the urban residents are the households on the built-up streets of the seat village, and the
rest of that village is rural.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_app.demo.chance import Chance
from survey_app.demo.names import COMMUNITIES, village_names

DEFAULT_SEED = 359900
CODE = "359900"
NAME_ZH, NAME_EN = "澄川县", "Chengchuan County"

PERSONS = 2.9
"""Residents of a household, on average."""

# name, code within the county, residents' committees, villagers' committees, last year's rank
_STRUCTURE = (
    ("澄澜街道", "001", 9, 5, 4),
    ("鹭汀街道", "002", 6, 3, 7),
    ("云岫镇", "101", 0, 28, 2),
    ("松坞镇", "102", 0, 24, 11),
    ("白鹭洲镇", "103", 0, 16, 5),
    ("鹿泉溪镇", "104", 1, 24, 1),
    ("青石渡镇", "105", 0, 24, 14),
    ("霁溪镇", "106", 1, 20, 8),
    ("柳汀镇", "107", 0, 23, 3),
    ("岚坪镇", "108", 3, 22, 16),
    ("长澜镇", "109", 0, 11, 10),
    ("竹汀乡", "200", 0, 10, 6),
    ("茶坞乡", "201", 0, 12, 18),
    ("石屏坞乡", "202", 0, 9, 9),
    ("瑶坞乡", "203", 0, 7, 19),
    ("梅坞口乡", "204", 0, 7, 12),
    ("上澄乡", "205", 0, 19, 15),
    ("雾岚乡", "206", 0, 14, 13),
    ("枫渡乡", "207", 0, 10, 17),
)
_GRID = 60  # households of one neighbourhood of a community
_STREETS = 4  # built-up streets of a seat village


@dataclass(frozen=True)
class DemoPsu:
    """
    A village or community.

    Attributes
    ----------
    code, name : str
    is_community : bool
        A residents' committee; else a villagers'.
    urban_rural : str
        Its three-digit class: 111 main urban, 112 urban fringe, 121 town centre, 122 town fringe, 210 township centre, 220 village.
    group_sizes : tuple of int
        Households of each villager group, or of each neighbourhood of a community.
    street_sizes : tuple of int
        Of a seat village, households of each built-up street, who are urban residents and stand in no villager group.
    """

    code: str
    name: str
    is_community: bool
    urban_rural: str
    group_sizes: tuple[int, ...]
    street_sizes: tuple[int, ...] = ()

    @property
    def households(self) -> int:
        """Households in all."""
        return sum(self.group_sizes) + sum(self.street_sizes)


@dataclass(frozen=True)
class DemoTownship:
    """A township with its communities and villages in the order of their codes; ``kind`` is subdistrict, town or township."""

    code: str
    name: str
    kind: str
    last_rank: int
    psus: tuple[DemoPsu, ...]

    @property
    def communities(self) -> tuple[DemoPsu, ...]:
        """The residents' committees."""
        return tuple(psu for psu in self.psus if psu.is_community)

    @property
    def villages(self) -> tuple[DemoPsu, ...]:
        """The villagers' committees; the first is the seat village, or the one beside the communities."""
        return tuple(psu for psu in self.psus if not psu.is_community)

    @property
    def stem(self) -> str:
        """The name without 街道, 镇 or 乡."""
        return stem_of(self.name)

    @property
    def households(self) -> int:
        """Households in all."""
        return sum(psu.households for psu in self.psus)

    @property
    def population(self) -> int:
        """Residents."""
        return round(PERSONS * self.households)


@dataclass(frozen=True)
class DemoCounty:
    """The county with its townships in code order."""

    code: str
    name_zh: str
    name_en: str
    townships: tuple[DemoTownship, ...]

    @property
    def population(self) -> int:
        """Residents."""
        return sum(township.population for township in self.townships)


def build_county(seed: int = DEFAULT_SEED) -> DemoCounty:
    """Return the demo county; the same seed gives the same county everywhere."""
    populations = _populations(seed)
    names = iter(village_names(Chance(seed, "villages"), sum(row[3] for row in _STRUCTURE)))
    communities = iter(COMMUNITIES)
    townships = []
    for name, code, n_communities, n_villages, last_rank in _STRUCTURE:
        kind, stem = _kind(code), stem_of(name)
        # A town's first community, or its seat village where it has none, bears the town's own name.
        first = [stem] if kind != "subdistrict" else []
        if n_communities:
            urban = first + [next(communities) for _ in range(n_communities - len(first))]
            rural = [next(names) for _ in range(n_villages)]
        else:
            urban, rural = [], first + [next(names) for _ in range(n_villages - 1)]
        psus = _psus(Chance(seed, "places", code), code, populations[code] / PERSONS, urban, rural)
        townships.append(DemoTownship(f"{CODE}{code}000", name, kind, last_rank, psus))
    return DemoCounty(CODE, NAME_ZH, NAME_EN, tuple(townships))


def stem_of(name: str) -> str:
    """Return a township's name without 街道, 镇 or 乡."""
    return name.removesuffix("街道").removesuffix("镇").removesuffix("乡")


def _kind(code: str) -> str:
    return "subdistrict" if code < "100" else "town" if code < "200" else "township"


def _populations(seed: int) -> dict[str, float]:
    """Return each township's residents by code; among towns, and among townships, those with more villages have more."""
    found: dict[str, float] = {}
    for kind in ("subdistrict", "town", "township"):
        rows = sorted((row for row in _STRUCTURE if _kind(row[1]) == kind), key=lambda row: (row[2] + row[3], row[1]))
        values = _populations_of(kind, Chance(seed, "inhabitants", kind), len(rows))
        found |= {row[1]: value for row, value in zip(rows, sorted(values), strict=True)}
    return found


def _populations_of(kind: str, chance: Chance, number: int) -> list[float]:
    if kind == "subdistrict":
        drawn = 25_000 + 20_000 * chance.shares(number)
    elif kind == "town":
        drawn = chance.lognormals(20_000, 0.35, number, low=9_000, high=36_000)
    else:
        drawn = chance.lognormals(9_000, 0.35, number, low=4_000, high=20_000)
    return [float(value) for value in drawn]


def _psus(chance: Chance, code: str, households: float, urban: list[str], rural: list[str]) -> tuple[DemoPsu, ...]:
    """Share a township's households out to its communities and villages, named ``urban`` and ``rural``."""
    kind, prefix = _kind(code), f"{CODE}{code}"
    groups = chance.negative_binomials(10.5, 8, len(rural), low=3, high=24).tolist()
    if kind == "subdistrict":
        village_households = 29.0 * sum(groups)
        built_up = _communities(chance, households - village_households, len(urban))
    else:
        median = 450 if kind == "town" else 180
        built_up = chance.lognormals(median, 0.5, max(1, len(urban)), low=60, high=1_800).astype(int).tolist()
        village_households = households - sum(built_up)
    mean = float(np.clip(village_households / sum(groups), 21, 38))
    psus = []
    for place, name in enumerate(urban):
        psu_class = ("112" if place > len(urban) // 2 else "111") if kind == "subdistrict" else "121"
        sizes = _parts(built_up[place], -(-built_up[place] // _GRID))
        psus.append(DemoPsu(f"{prefix}{place + 1:03}", f"{name}社区", True, psu_class, sizes))
    fringe = set(chance.some(len(rural), round(0.1 * len(rural)))) if kind == "town" else set()
    for place, name in enumerate(rural):
        is_seat = not urban and place == 0
        sizes = tuple(np.clip(chance.gammas(mean, mean * 9 / 29, groups[place]).round(), 8, 60).astype(int).tolist())
        psu_class = _village_class(kind, is_seat, place in fringe)
        streets = _parts(built_up[0], _STREETS) if is_seat else ()
        psus.append(DemoPsu(f"{prefix}{201 + place}", f"{name}村", False, psu_class, sizes, streets))
    return tuple(psus)


def _communities(chance: Chance, households: float, number: int) -> list[int]:
    """Households of a subdistrict's communities: 900–2,500 each, together about as many as there are."""
    drawn = 900 + 1_600 * chance.shares(number)
    return np.clip(drawn * households / drawn.sum(), 900, 2_500).astype(int).tolist()  # type: ignore[no-any-return]


def _village_class(kind: str, is_seat: bool, is_fringe: bool) -> str:
    if kind == "subdistrict":
        return "112"
    if is_seat:
        return "121" if kind == "town" else "210"
    return "122" if is_fringe else "220"


def _parts(total: int, number: int) -> tuple[int, ...]:
    """Whole numbers that differ by at most one and add up to ``total``."""
    return tuple(total // number + (place < total % number) for place in range(number))

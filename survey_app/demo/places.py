"""
The demo county's places: 2 subdistricts, 9 towns, 8 townships, 308 villages and communities.

The numbers of villages and communities are those of a real county; the names are invented. Codes follow the rules of the statistical
division codes: 001–099 subdistricts, 100–199 towns, 200–399 townships; within them 001–199 residents' and 200–399 villagers' committees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_app.demo.names import COMMUNITY, village_names

DEFAULT_SEED = 359900
CODE = "359900"

# name, code within the county, residents' committees, villagers' committees, last year's rank
STRUCTURE = (
    ("文澜街道", "001", 9, 5, 4),
    ("东皋街道", "002", 6, 3, 7),
    ("云栖镇", "101", 0, 28, 2),
    ("松岭镇", "102", 0, 24, 11),
    ("白沙洲镇", "103", 0, 16, 5),
    ("鹿鸣镇", "104", 1, 24, 1),
    ("青石桥镇", "105", 0, 24, 14),
    ("安和镇", "106", 1, 20, 8),
    ("柳堤镇", "107", 0, 23, 3),
    ("龙吟镇", "108", 3, 22, 16),
    ("长滩镇", "109", 0, 11, 10),
    ("竹坪乡", "200", 0, 10, 6),
    ("茶坞乡", "201", 0, 12, 18),
    ("石门楼乡", "202", 0, 9, 9),
    ("桃源坞乡", "203", 0, 7, 19),
    ("梅溪口乡", "204", 0, 7, 12),
    ("上坪乡", "205", 0, 19, 15),
    ("雾山乡", "206", 0, 14, 13),
    ("枫渡乡", "207", 0, 10, 17),
)


@dataclass(frozen=True)
class DemoPsu:
    """A village or community with its villager groups' numbers of households."""

    code: str
    name: str
    is_community: bool
    group_sizes: tuple[int, ...]

    @property
    def households(self) -> int:
        """Households in all."""
        return sum(self.group_sizes)


@dataclass(frozen=True)
class DemoTownship:
    """A township with its villages, its communities, and the built-up households of its seat village."""

    code: str
    name: str
    kind: str
    last_rank: int
    psus: tuple[DemoPsu, ...]
    seat_households: int

    @property
    def communities(self) -> tuple[DemoPsu, ...]:
        """The residents' committees."""
        return tuple(psu for psu in self.psus if psu.is_community)

    @property
    def villages(self) -> tuple[DemoPsu, ...]:
        """The villagers' committees; the first is the seat village where there is no community."""
        return tuple(psu for psu in self.psus if not psu.is_community)

    @property
    def population(self) -> int:
        """People, at 2.8 a household."""
        return int(2.8 * (sum(psu.households for psu in self.psus) + self.seat_households))


@dataclass(frozen=True)
class DemoCounty:
    """The county with its townships in code order."""

    code: str
    name_zh: str
    name_en: str
    townships: tuple[DemoTownship, ...]


def build_county(seed: int = DEFAULT_SEED) -> DemoCounty:
    """Return the demo county; the same seed gives the same county everywhere."""
    generator = np.random.Generator(np.random.PCG64(seed))
    names = village_names(generator)
    communities = iter(COMMUNITY)
    townships = []
    for name, code, residents, villagers, last_rank in STRUCTURE:
        kind = "subdistrict" if code < "100" else "town" if code < "200" else "township"
        prefix = f"{CODE}{code}"
        psus = [
            DemoPsu(f"{prefix}{number:03}", f"{next(communities)}社区", True, _community_groups(generator, kind))
            for number in range(1, residents + 1)
        ]
        psus += [
            DemoPsu(f"{prefix}{number:03}", f"{next(names)}村", False, _village_groups(generator))
            for number in range(201, 201 + villagers)
        ]
        seat = 0 if residents else _seat_households(generator, kind)
        townships.append(DemoTownship(f"{prefix}000", name, kind, last_rank, tuple(psus), seat))
    return DemoCounty(CODE, "澄川县", "Chengchuan County", tuple(townships))


def _village_groups(generator: np.random.Generator) -> tuple[int, ...]:
    # Negative binomial with mean 10.5; households per group gamma with mean 29 and sd 9.
    groups = int(np.clip(generator.negative_binomial(8, 8 / 18.5), 3, 24))
    return tuple(np.clip(generator.gamma((29 / 9) ** 2, 81 / 29, groups).round(), 8, 60).astype(int).tolist())


def _community_groups(generator: np.random.Generator, kind: str) -> tuple[int, ...]:
    households = int(generator.integers(900, 2501)) if kind == "subdistrict" else _seat_households(generator, "town")
    return tuple(len(part) for part in np.array_split(np.arange(households), max(1, households // 60)))


def _seat_households(generator: np.random.Generator, kind: str) -> int:
    median = 450 if kind == "town" else 180
    return int(np.clip(generator.lognormal(np.log(median), 0.5), 60, 1800))

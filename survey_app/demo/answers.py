"""
Answers of simulated people: an ordered probit with effects of township, village and person.

The effects have standard deviations of 3, 4 and 16 points on the group total's scale of 100. Over all items the shares come near 62 % satisfied,
27 % basically satisfied, 6 % unsatisfied and 5 % don't know; delegates and enterprise operators know less of a government's inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np

INTERNAL_ITEMS = frozenset({"D12", "D13", "D14", "D19", "E16", "E17", "E18", "E19"})
TOWNSHIP_SD, VILLAGE_SD, PERSON_SD = 3.0, 4.0, 16.0
SHARED = 0.42  # of an item's latent variance, so that a person's total varies by about 16 points
UNKNOWN, UNKNOWN_INTERNAL, SKIPPED = 0.035, 0.20, 0.005
BOUNDS = [NormalDist().inv_cdf(share) for share in (0.06 / 0.95, 0.33 / 0.95)]
ANSWERS = ("unsatisfied", "basic", "satisfied")
MINUTES, MINUTES_SHARES = ("<1", "1-2", "2-5", ">5"), (0.04, 0.16, 0.62, 0.18)
COMMENTS = (
    "希望把村里的路灯修好。",
    "办事比以前方便了。",
    "垃圾清运再勤一些。",
    "建议多公开一些项目资金的使用情况。",
    "挺好的。",
)


class Unit(Protocol):
    """What is needed to know of a sample unit."""

    township_code: str
    group: str
    psu_code: str


@dataclass(frozen=True)
class SimulatedAnswer:
    """One person's answers; ``index`` is the unit's place in the list that was given."""

    index: int
    answers: dict[str, str]
    mode: str
    minutes: str
    comment: str


def simulate_answers(
    units: Sequence[Unit],
    items_by_group: Mapping[str, Sequence[str]],
    *,
    seed: int,
    response_rate: float = 0.92,
    internal_items: frozenset[str] = INTERNAL_ITEMS,
) -> list[SimulatedAnswer]:
    """
    Answer for the units that respond.

    Each township and group has random numbers of its own, so that no township's answers depend on which others are asked for.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for index, unit in enumerate(units):
        places.setdefault((unit.township_code, unit.group), []).append(index)
    found = []
    for (township, group), indices in sorted(places.items()):
        generator = _generator(seed, "people", township, group)
        responds = generator.random(len(indices)) < response_rate
        for index, answers_now in zip(indices, responds.tolist(), strict=True):
            shared = _effects(seed, generator, units[index])
            answer = _answer(generator, index, shared, items_by_group[group], internal_items)
            if answers_now:
                found.append(answer)
    return found


def _effects(seed: int, generator: np.random.Generator, unit: Unit) -> float:
    """Return the sum of the three effects, as a standard normal number."""
    township = _generator(seed, "township", unit.township_code).standard_normal()
    village = _generator(seed, "village", unit.township_code, unit.psu_code).standard_normal()
    person = generator.standard_normal()
    scale = float(np.sqrt(TOWNSHIP_SD**2 + VILLAGE_SD**2 + PERSON_SD**2))
    return float(TOWNSHIP_SD * township + VILLAGE_SD * village + PERSON_SD * person) / scale


def _answer(
    generator: np.random.Generator, index: int, shared: float, items: Sequence[str], internal: frozenset[str]
) -> SimulatedAnswer:
    latent = np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * generator.standard_normal(len(items))
    levels = np.searchsorted(BOUNDS, latent).tolist()
    draws = generator.random(len(items)).tolist()
    answers = {}
    for item, level, number in zip(items, levels, draws, strict=True):
        unknown = UNKNOWN_INTERNAL if item in internal else UNKNOWN
        answers[item] = "" if number < SKIPPED else "unknown" if number < SKIPPED + unknown else ANSWERS[level]
    mode = "assisted" if generator.random() < 0.3 else "self"
    minutes = MINUTES[int(generator.choice(4, p=MINUTES_SHARES))]
    comment = COMMENTS[int(generator.integers(len(COMMENTS)))] if generator.random() < 0.06 else ""
    return SimulatedAnswer(index, answers, mode, minutes, comment)


def _generator(seed: int, *names: str) -> np.random.Generator:
    digest = hashlib.sha256("|".join((str(seed), *names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))

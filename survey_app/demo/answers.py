"""
Answers of simulated people to a drawn sample.

simulate_answers   answers of the units that respond
SimulatedAnswer    one person's

An answer is a standard normal number cut at two bounds. The number is the sum of an effect of the township, of the village, of the person
and of the item, and of noise; the bounds give the shares 62 : 27 : 6 of satisfied, basically satisfied and unsatisfied. The effects are such
that a group total (0–100) varies with a standard deviation of 3 points between townships, 4 between villages of a township, and 16 between
persons of a village. Delegates and enterprise operators often do not know what goes on inside a government.

How large the effects must be: let C(r) be the covariance of the scores (100, 60, 0) of two answers whose numbers correlate by r. Then
C(r) = 3², 3² + 4², 3² + 4² + 16² at r = 0.01814, 0.04992, 0.49339, the shares of the number's variance that two people of one township,
two people of one village, and two answers of one person have in common.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np

from survey_app.demo.chance import Chance

SATISFIED, BASIC, UNSATISFIED, UNKNOWN = 0.62, 0.27, 0.06, 0.05
"""The shares of all answers, over the four groups of a sample as the county plan draws it."""

INTERNAL_ITEMS = frozenset({"D12", "D13", "D14", "D19", "E16", "E17", "E18", "E19"})
"""Items on a government's inside (the dimensions capacity and integrity) that delegates and operators often cannot judge."""

UNKNOWN_INTERNAL, UNKNOWN_OTHER = 0.20, 0.037
SKIPPED = 0.005

IN_TOWNSHIP, IN_VILLAGE, IN_PERSON = 0.01814, 0.04992, 0.49339
ITEM_VARIANCE = 0.02

ASSISTED = {"delegates": 0.04, "enterprise": 0.06, "urban": 0.25, "rural": 0.5}
MINUTES = ("<1", "1-2", "2-5", ">5")
_MINUTES_SHARES = {"self": (0.05, 0.22, 0.61, 0.12), "assisted": (0.01, 0.07, 0.62, 0.30)}
_COMMENT_SHARE = 0.06

_SCALE = ("unsatisfied", "basic", "satisfied")
_NORMAL = NormalDist()
_KNOWN = SATISFIED + BASIC + UNSATISFIED
BOUNDS = (_NORMAL.inv_cdf(UNSATISFIED / _KNOWN), _NORMAL.inv_cdf((UNSATISFIED + BASIC) / _KNOWN))

_COMMENTS = {
    "": (
        *(
            "办事比以前方便了。",
            "挺好的，继续保持。",
            "干部态度不错。",
            "这两年路好走多了。",
            "多谢关心。",
            "没有意见。",
        ),
        *(
            "希望多听听大家的意见。",
            "政策宣传可以再通俗一些。",
            "窗口中午没有人，希望能轮流值班。",
            "反映的问题拖得太久，没有回音。",
        ),
    ),
    "delegates": (
        "建议的答复要更具体。",
        "重点项目的进度应当定期通报。",
        "希望多组织代表视察。",
        "乡村规划要管住乱搭乱建。",
    ),
    "enterprise": (
        "用工难，希望多办招聘会。",
        "检查次数有点多，最好合并进行。",
        "园区的路灯和排水要修一修。",
        "惠企政策知道得太晚。",
    ),
    "urban": ("菜市场旁边停车太乱。", "垃圾清运再勤一些。", "路灯坏了几个月没人修。", "希望有个孩子看书的地方。"),
    "rural": (
        "水渠漏水，影响灌溉。",
        "希望把村里的路灯修好。",
        "卫生所的药不太全。",
        "自来水夏天常停。",
        "村道会车太窄。",
    ),
}


class Unit(Protocol):
    """What is needed to know of a sample unit."""

    @property
    def township_code(self) -> str: ...

    @property
    def group(self) -> str: ...

    @property
    def psu_code(self) -> str: ...


@dataclass(frozen=True)
class SimulatedAnswer:
    """
    One person's answers.

    Attributes
    ----------
    index : int
        The unit's place in the list that was given.
    answers : dict
        Item id → ``satisfied``, ``basic``, ``unsatisfied``, ``unknown``, or empty where it was skipped.
    mode : str
        ``self`` or ``assisted``.
    minutes : str
        One of ``MINUTES``.
    comment : str
        Mostly empty.
    """

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

    Parameters
    ----------
    units : sequence
        The sample. A township's answers depend on its own units and their order, not on other townships in the list.
    items_by_group : mapping
        Group → its item ids.
    seed : int
        The same seed gives the same answers.
    response_rate : float
        From 0 to 1.
    internal_items : frozenset of str
        Items with many don't-knows.

    Returns
    -------
    list of SimulatedAnswer
        In the order of ``units``.
    """
    effects = _Effects(seed)
    chances: dict[tuple[str, str], Chance] = {}
    found = []
    for index, unit in enumerate(units):
        place = unit.township_code, unit.group
        if place not in chances:
            chances[place] = Chance(seed, "people", *place)
        # All of a person's numbers are drawn in any case, so that a lower response rate leaves the others' answers as they are.
        answer, responds = _answer(chances[place], effects, unit, index, items_by_group[unit.group], internal_items)
        if responds < response_rate:
            found.append(answer)
    return found


class _Effects:
    """What townships, villages and items have of their own, each drawn once by its own name."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[tuple[str, ...], float] = {}

    def of(self, *name: str) -> float:
        """A standard normal number."""
        if name not in self._drawn:
            self._drawn[name] = float(Chance(self._seed, *name).normals(1)[0])
        return self._drawn[name]

    def place(self, unit: Unit) -> float:
        """Of the township and the village; delegates and enterprises stand in no village."""
        township = math.sqrt(IN_TOWNSHIP) * self.of("township", unit.township_code)
        if not unit.psu_code:
            return township
        return township + math.sqrt(IN_VILLAGE - IN_TOWNSHIP) * self.of("village", unit.township_code, unit.psu_code)


def _answer(
    chance: Chance, effects: _Effects, unit: Unit, index: int, items: Sequence[str], internal: frozenset[str]
) -> tuple[SimulatedAnswer, float]:
    """Return a person's answers, and a uniform number that decides whether the person responds."""
    numbers = chance.normals(len(items) + 1)
    # Where there is no village, its variance goes to the person.
    of_person = IN_PERSON - (IN_VILLAGE if unit.psu_code else IN_TOWNSHIP)
    person = effects.place(unit) + math.sqrt(of_person) * float(numbers[0])
    of_items = math.sqrt(ITEM_VARIANCE) * np.array([effects.of("item", item) for item in items])
    levels = np.searchsorted(BOUNDS, person + of_items + math.sqrt(1 - IN_PERSON - ITEM_VARIANCE) * numbers[1:])
    answers = {}
    for item, level, share in zip(items, levels.tolist(), chance.shares(len(items)).tolist(), strict=True):
        unknown = UNKNOWN_INTERNAL if item in internal else UNKNOWN_OTHER
        answers[item] = "" if share < SKIPPED else "unknown" if share < SKIPPED + unknown else _SCALE[level]
    responds, by, minutes, comment = chance.shares(4).tolist()
    mode = "assisted" if by < ASSISTED.get(unit.group, 0.25) else "self"
    band = MINUTES[int(np.searchsorted(np.cumsum(_MINUTES_SHARES[mode])[:-1], minutes))]
    return SimulatedAnswer(index, answers, mode, band, _comment(unit.group, comment)), responds


def _comment(group: str, share: float) -> str:
    """A comment from a few people: ``share`` decides whether, and which."""
    if share >= _COMMENT_SHARE:
        return ""
    sentences = _COMMENTS[""] + _COMMENTS.get(group, ())
    return sentences[int(share / _COMMENT_SHARE * len(sentences))]

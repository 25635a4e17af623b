"""
Read a design strictly: every key known, every value of its kind, and what it asks can be drawn.

read_parts(values, source)   name, title, description and groups, from plain values (YAML or ``draw.json``)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from sampling.allocation.allocation import ALLOCATIONS
from sampling.designs.design_groups import (
    DIRECTIONS,
    GIVEN,
    LARGE,
    LIST_KEYS,
    OTHERS,
    STAGES,
    STRATA_COLUMNS,
    TOO_SHORT,
    GroupDesign,
    Label,
    PerStratum,
    Stage,
    Strata,
    order_key,
    order_text,
)
from sampling.designs.nodes import Node, Parts, parse_yaml, written
from sampling.errors import DesignError
from sampling.fieldwork.household import RULES
from sampling.methods import METHODS

__all__ = ["parse_yaml", "read_parts"]

MOST = 1_000_000
"""So many units at most may be asked of a stage."""
MOST_RESERVES = 1_000

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_GROUP = re.compile(r"[a-z][a-z0-9_]{0,31}")
_STRATUM = re.compile(r"[^|/\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
_NEEDS = {"neyman": ("sd",), "cost_optimal": ("sd", "cost"), "power": ("power",), GIVEN: ("n",)}
"""What an allocation cannot do without."""
_MAY = {"power": ("cv",)}


NO_LABEL = Label("", "")
NO_GROUPS: tuple[GroupDesign, ...] = ()
NO_STAGES: tuple[Stage, ...] = ()
NO_FIGURES: PerStratum = ()


def read_parts(values: object, source: str = "design") -> tuple[str, Label, Label, tuple[GroupDesign, ...]]:
    """
    Name, title, description and groups of a design from plain values.

    Raises
    ------
    DesignError
        With all faults: the place of each, what was expected, what was found.
    """
    top = Node(values, source)
    parts = top.mapping(("name", "title", "description", "groups"))
    found = (
        parts.read("name", _name, ""),
        parts.read("title", _label, NO_LABEL),
        parts.read("description", _label, NO_LABEL),
        parts.read("groups", _groups, NO_GROUPS),
    )
    if top.faults:
        raise DesignError.of(top.faults)
    return found


def _name(node: Node) -> str:
    return node.matching(_NAME, "a name of small letters, digits, . _ -", "由小写字母、数字和 . _ - 组成的名称")


def _groups(node: Node) -> tuple[GroupDesign, ...]:
    groups: dict[str, GroupDesign] = {}
    for element in node.elements():
        group = element.attempt(_group, None)
        if group is None:
            continue
        if group.group in groups and group.group:
            element.note(f"each group once, not {group.group!r} twice", f"每个类别只出现一次，而非两次“{group.group}”")
        groups[group.group] = group
    return tuple(groups.values())


def _group(node: Node) -> GroupDesign | None:
    parts = node.mapping(("group", "label", "stages"), ("order_by", "reserves", "strata", "too_short", "within"))
    stages = parts.read("stages", _stages, NO_STAGES)
    return GroupDesign(
        group=parts.read("group", _group_code, ""),
        label=parts.read("label", _label, NO_LABEL),
        stages=stages,
        order_by=parts.read("order_by", _order_by, LIST_KEYS),
        reserves=parts.read("reserves", lambda own: own.whole_number(0, MOST_RESERVES), 0),
        strata=parts.read("strata", lambda own: _strata(own, stages), None),
        too_short=parts.read("too_short", lambda own: own.one_of(TOO_SHORT), "take_all"),
        within=parts.read("within", lambda own: own.one_of(RULES), ""),
    )


def _group_code(node: Node) -> str:
    return node.matching(_GROUP, "a code of small letters, digits and _", "由小写字母、数字和下划线组成的代码")


def _stages(node: Node) -> tuple[Stage, ...]:
    """All stages, or none where one of them is faulty."""
    stages = [element.attempt(_stage, None) for element in node.elements()]
    found = tuple(stage for stage in stages if stage is not None)
    if len(found) < len(stages):
        return ()
    names = [stage.stage for stage in found]
    if names not in (["unit"], ["psu", "unit"], ["psu", "ssu", "unit"]):
        Node(", ".join(names), node.source, node.path).fail(
            "the stages [unit], [psu, unit] or [psu, ssu, unit]", "阶段 [unit]、[psu, unit] 或 [psu, ssu, unit]"
        )
    return found


def _stage(node: Node) -> Stage | None:
    before = len(node.faults)
    parts = node.mapping(("stage", "method"), ("n", "rate", "large"))
    if ("n" in parts) == ("rate" in parts):
        node.note("either n or rate", "n 和 rate 二者之一")
    found = Stage(
        stage=parts.read("stage", lambda own: own.one_of(STAGES), ""),
        method=parts.read("method", lambda own: own.one_of(METHODS), ""),
        n=parts.read("n", lambda own: own.whole_number(1, MOST), None),
        rate=parts.read("rate", Node.share, None),
        large=parts.read("large", lambda own: own.one_of(LARGE), "several_hits"),
    )
    if found.method:
        _check_method(parts, found)
    return found if len(node.faults) == before else None


def _check_method(parts: Parts, stage: Stage) -> None:
    """Single units have no size; and only a method by size that may repeat has a choice of ``large``."""
    method = METHODS[stage.method]
    if stage.stage == "unit" and method.by_size:
        equal = [name for name, entry in METHODS.items() if not entry.by_size]
        parts["method"].note(
            f"one of {', '.join(equal)}, since single units have no size",
            f"{'、'.join(equal)} 之一，因为最终单元没有规模",
        )
    if "large" not in parts:
        return
    if not method.by_size:
        parts["large"].note("nothing: only a method by size knows large clusters", "不填，因为只有按规模的方法才有大群")
    elif method.distinct and parts["large"].value == "several_hits":
        parts["large"].note(
            f"certainty, since {stage.method} hits no cluster twice", f"certainty，因为 {stage.method} 不会重复抽中"
        )


def _order_by(node: Node) -> tuple[str, ...]:
    """The columns with their directions; ``ascending`` may be said, and is not kept."""
    known = [*LIST_KEYS, *(f"{key} {direction}" for key in LIST_KEYS for direction in DIRECTIONS)]
    keys = [element.attempt(lambda own: order_key(own.one_of(known)), None) for element in node.elements()]
    found = [key for key in keys if key is not None]
    if len({key.column for key in found}) < len(found):
        node.fail("each column once", "每列只出现一次")
    return tuple(order_text(key) for key in found)


def _strata(node: Node, stages: tuple[Stage, ...]) -> Strata | None:
    figures = ("n", "minimum", "maximum", "sd", "cost", "cv")
    parts = node.mapping(("by", "allocation"), (*figures, "power"))
    allocation = parts.read("allocation", lambda own: own.one_of([*ALLOCATIONS, GIVEN]), "")
    if allocation:
        _check_used(node, parts, allocation)
    found = {name: parts.read(name, _FIGURES[name in figures[:3]], NO_FIGURES) for name in figures}
    if allocation == GIVEN and found["n"] and stages:
        _check_given(parts["n"], found["n"], stages[0])
    _check_bounds(parts, found["minimum"], found["maximum"])
    return Strata(
        by=parts.read("by", lambda own: own.one_of(STRATA_COLUMNS[:1] if len(stages) > 1 else STRATA_COLUMNS), ""),
        allocation=allocation,
        power=parts.read("power", Node.figure, ""),
        **found,
    )


def _check_used(node: Node, parts: Parts, allocation: str) -> None:
    """An allocation has all that it needs and nothing that it does not use."""
    needed = _NEEDS.get(allocation, ())
    for name in needed:
        if name not in parts:
            node.note(
                f"the key {name!r}, which the allocation {allocation} needs", f"含有 {allocation} 分配所需的键“{name}”"
            )
    allowed = {"by", "allocation", *needed, *_MAY.get(allocation, ())}
    allowed |= set() if allocation == GIVEN else {"minimum", "maximum"}
    for name in parts:
        if name not in allowed:
            parts[name].note(
                f"nothing: the allocation {allocation} has no use for it", f"不填，{allocation} 分配用不到它"
            )


def _check_given(node: Node, sizes: PerStratum, first: Stage) -> None:
    """Sizes that stand in the design must add up to the stage's own."""
    if first.n != sum(int(text) for _, text in sizes):
        node.note(
            f"sizes that add up to the first stage's n, {first.n}", f"合计等于第一阶段 n（{first.n}）的各层样本量"
        )


def _check_bounds(parts: Parts, minimum: PerStratum, maximum: PerStratum) -> None:
    """No stratum, named or not, may have a minimum above its maximum."""
    least, most = dict(minimum), dict(maximum)
    for code in sorted({*least, *most}):
        low, high = least.get(code, least.get(OTHERS)), most.get(code, most.get(OTHERS))
        if low is not None and high is not None and int(low) > int(high):
            parts["minimum"].note(
                f"at most the maximum of each stratum; {code!r} has the minimum {low} and the maximum {high}",
                f"不超过各层的上限；层“{code}”的下限为 {low}，上限为 {high}",
            )


def _per_stratum(node: Node, *, whole: bool) -> PerStratum:
    """A figure for each stratum, or one for all."""

    def figure(own: Node) -> str:
        return str(own.whole_number(0, MOST)) if whole else own.figure()

    if not isinstance(node.value, dict):
        return ((OTHERS, figure(node)),)
    if not node.value:
        node.fail("a figure for each stratum", "每层一个数")
    found: dict[str, str] = {}
    for key, value in node.value.items():
        own = Node(value, node.source, f"{node.path}.{written(str, key)}", node.faults)
        if not isinstance(key, str) or not _STRATUM.fullmatch(key):
            own.note("the code of a stratum, without | and /", "层的代码，不含 | 和 /")
        elif text := own.attempt(figure, ""):
            found[key] = text
    return tuple(sorted(found.items()))


_FIGURES: dict[bool, Callable[[Node], PerStratum]] = {
    True: partial(_per_stratum, whole=True),
    False: partial(_per_stratum, whole=False),
}
"""Whole numbers, or any."""


def _label(node: Node) -> Label:
    parts = node.mapping(("zh", "en"))
    return Label(zh=parts.read("zh", Node.text, ""), en=parts.read("en", Node.text, ""))

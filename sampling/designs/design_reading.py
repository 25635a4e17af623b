"""
Read a design strictly: every key known, every value of its kind, and what it asks can be drawn.

read_parts(values, source)   name, title, description and groups, from plain values (YAML or ``draw.json``)
"""

from __future__ import annotations

import re

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
)
from sampling.designs.nodes import Node, parse_yaml, written
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


def read_parts(values: object, source: str = "design") -> tuple[str, Label, Label, tuple[GroupDesign, ...]]:
    """
    Name, title, description and groups of a design from plain values.

    Raises
    ------
    DesignError
        Naming the first fault: its place, what was expected, what was found.
    """
    parts = Node(values, source).mapping(("name", "title", "description", "groups"))
    groups: dict[str, GroupDesign] = {}
    for node in parts["groups"].elements():
        group = _group(node)
        if group.group in groups:
            node.fail(f"each group once, not {group.group!r} twice", f"每个类别只出现一次，而非两次“{group.group}”")
        groups[group.group] = group
    name = parts["name"].matching(
        _NAME, "a name of small letters, digits, . _ -", "由小写字母、数字和 . _ - 组成的名称"
    )
    return name, _label(parts["title"]), _label(parts["description"]), tuple(groups.values())


def _group(node: Node) -> GroupDesign:
    parts = node.mapping(("group", "label", "stages"), ("order_by", "reserves", "strata", "too_short", "within"))
    stages = _stages(parts["stages"])
    return GroupDesign(
        group=parts["group"].matching(
            _GROUP, "a code of small letters, digits and _", "由小写字母、数字和下划线组成的代码"
        ),
        label=_label(parts["label"]),
        stages=stages,
        order_by=_order_by(parts["order_by"]) if "order_by" in parts else LIST_KEYS,
        reserves=parts["reserves"].whole_number(0, MOST_RESERVES) if "reserves" in parts else 0,
        strata=_strata(parts["strata"], stages) if "strata" in parts else None,
        too_short=parts["too_short"].one_of(TOO_SHORT) if "too_short" in parts else "take_all",
        within=parts["within"].one_of(RULES) if "within" in parts else "",
    )


def _stages(node: Node) -> tuple[Stage, ...]:
    stages = tuple(_stage(element) for element in node.elements())
    names = [stage.stage for stage in stages]
    if names not in (["unit"], ["psu", "unit"], ["psu", "ssu", "unit"]):
        Node(names, node.source, node.path).fail(
            "the stages [unit], [psu, unit] or [psu, ssu, unit]", "阶段 [unit]、[psu, unit] 或 [psu, ssu, unit]"
        )
    return stages


def _stage(node: Node) -> Stage:
    parts = node.mapping(("stage", "method"), ("n", "rate", "large"))
    stage = parts["stage"].one_of(STAGES)
    method = parts["method"].one_of(METHODS)
    by_size = METHODS[method].by_size
    if stage == "unit" and by_size:
        equal = [name for name, entry in METHODS.items() if not entry.by_size]
        parts["method"].fail(
            f"one of {', '.join(equal)}, since single units have no size",
            f"{'、'.join(equal)} 之一，因为最终单元没有规模",
        )
    if ("n" in parts) == ("rate" in parts):
        node.fail("either n or rate", "n 和 rate 二者之一")
    if METHODS[method].distinct and "large" in parts and parts["large"].value != "certainty":
        parts["large"].fail(
            f"certainty, since {method} hits no cluster twice", f"certainty，因为 {method} 不会重复抽中"
        )
    if "large" in parts and not by_size:
        parts["large"].fail("nothing: only a method by size knows large clusters", "不填，因为只有按规模的方法才有大群")
    return Stage(
        stage=stage,
        method=method,
        n=parts["n"].whole_number(1, MOST) if "n" in parts else None,
        rate=parts["rate"].share() if "rate" in parts else None,
        large=parts["large"].one_of(LARGE) if "large" in parts else "several_hits",
    )


def _order_by(node: Node) -> tuple[str, ...]:
    known = [f"{key} {direction}" for key in LIST_KEYS for direction in DIRECTIONS[1:]]
    keys = tuple(element.one_of([*LIST_KEYS, *known]) for element in node.elements())
    if len({order_key(key).column for key in keys}) < len(keys):
        node.fail("each column once", "每列只出现一次")
    return keys


def _strata(node: Node, stages: tuple[Stage, ...]) -> Strata:
    figures = ("n", "minimum", "maximum", "sd", "cost", "cv")
    parts = node.mapping(("by", "allocation"), (*figures, "power"))
    allocation = parts["allocation"].one_of([*ALLOCATIONS, GIVEN])
    needed = _NEEDS.get(allocation, ())
    for name in needed:
        if name not in parts:
            node.fail(
                f"the key {name!r}, which the allocation {allocation} needs", f"含有 {allocation} 分配所需的键“{name}”"
            )
    allowed = {"by", "allocation", *needed, *_MAY.get(allocation, ())}
    allowed |= set() if allocation == GIVEN else {"minimum", "maximum"}
    for name in parts:
        if name not in allowed:
            parts[name].fail(
                f"nothing: the allocation {allocation} has no use for it", f"不填，{allocation} 分配用不到它"
            )
    _check_given(node, parts, allocation, stages[0])
    found = {name: _per_stratum(parts[name], whole=name in figures[:3]) for name in figures if name in parts}
    _check_bounds(parts, found.get("minimum", ()), found.get("maximum", ()))
    return Strata(
        by=parts["by"].one_of(STRATA_COLUMNS[:1] if len(stages) > 1 else STRATA_COLUMNS),
        allocation=allocation,
        power=parts["power"].figure() if "power" in parts else "",
        **found,
    )


def _check_given(node: Node, parts: dict[str, Node], allocation: str, first: Stage) -> None:
    """Sizes that stand in the design must add up to the stage's own."""
    if allocation != GIVEN:
        return
    total = sum(int(text) for _, text in _per_stratum(parts["n"], whole=True))
    if first.n != total:
        parts["n"].fail(
            f"sizes that add up to the first stage's n, {first.n}", f"合计等于第一阶段 n（{first.n}）的各层样本量"
        )


def _check_bounds(parts: dict[str, Node], minimum: PerStratum, maximum: PerStratum) -> None:
    """No stratum, named or not, may have a minimum above its maximum."""
    least, most = dict(minimum), dict(maximum)
    for code in sorted({*least, *most}):
        low, high = least.get(code, least.get(OTHERS)), most.get(code, most.get(OTHERS))
        if low is not None and high is not None and int(low) > int(high):
            parts["minimum"].fail(
                f"at most the maximum of each stratum; {code!r} has the minimum {low} and the maximum {high}",
                f"不超过各层的上限；层“{code}”的下限为 {low}，上限为 {high}",
            )


def _per_stratum(node: Node, *, whole: bool) -> PerStratum:
    """A figure for each stratum, or one for all."""
    if not isinstance(node.value, dict):
        return ((OTHERS, str(node.whole_number(0, MOST)) if whole else node.figure()),)
    if not node.value:
        node.fail("a figure for each stratum", "每层一个数")
    found: dict[str, str] = {}
    for key, value in node.value.items():
        own = Node(value, node.source, f"{node.path}.{written(str, key)}")
        if not isinstance(key, str) or not _STRATUM.fullmatch(key):
            own.fail("the code of a stratum, without | and /", "层的代码，不含 | 和 /")
        found[key] = str(own.whole_number(0, MOST)) if whole else own.figure()
    return tuple(sorted(found.items()))


def _label(node: Node) -> Label:
    parts = node.mapping(("zh", "en"))
    return Label(zh=parts["zh"].text(), en=parts["en"].text())

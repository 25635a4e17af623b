"""
Read a design strictly: every key known, every value of its kind, and what it asks can be drawn.

parse_design(text, source)    from YAML text
read_design(values, source)   from plain values (YAML or ``draw.json``)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from sampling.design import LIST_KEYS, STAGES, Design, GroupDesign, Label, Stage
from sampling.errors import DesignError
from sampling.methods import METHODS

MOST = 1_000_000
"""So many units at most may be asked of a stage."""
MOST_RESERVES = 1_000

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_GROUP = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def parse_design(text: str, source: str = "design") -> Design:
    """
    A design from YAML text.

    Raises
    ------
    DesignError
        If it is no YAML (line and column are named) or no sound design.
    """
    try:
        values = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise DesignError(
            f"{source}: expected YAML, found a fault at line {line}, column {column}: {problem}; correct that line.",
            f"{source}：应为 YAML，第 {line} 行第 {column} 列有误（{problem}），请改正该行。",
        ) from error
    return read_design(values, source)


def read_design(values: object, source: str = "design") -> Design:
    """
    A design from plain values.

    Raises
    ------
    DesignError
        Naming the first fault: its place, what was expected, what was found.
    """
    parts = _Node(values, source).mapping(("name", "title", "description", "groups"))
    groups: dict[str, GroupDesign] = {}
    for node in parts["groups"].elements():
        group = _group(node)
        if group.group in groups:
            node.fail(f"each group once, not {group.group!r} twice", f"每个类别只出现一次，而非两次“{group.group}”")
        groups[group.group] = group
    return Design(
        name=parts["name"].matching(
            _NAME, "a name of small letters, digits, . _ -", "由小写字母、数字和 . _ - 组成的名称"
        ),
        title=_label(parts["title"]),
        description=_label(parts["description"]),
        groups=tuple(groups.values()),
    )


def _group(node: _Node) -> GroupDesign:
    parts = node.mapping(("group", "label", "stages"), ("order_by", "reserves"))
    return GroupDesign(
        group=parts["group"].matching(
            _GROUP, "a code of small letters, digits and _", "由小写字母、数字和下划线组成的代码"
        ),
        label=_label(parts["label"]),
        stages=_stages(parts["stages"]),
        order_by=_order_by(parts["order_by"]) if "order_by" in parts else LIST_KEYS,
        reserves=parts["reserves"].whole_number(0, MOST_RESERVES) if "reserves" in parts else 0,
    )


def _stages(node: _Node) -> tuple[Stage, ...]:
    stages = tuple(_stage(element) for element in node.elements())
    names = [stage.stage for stage in stages]
    if names not in (["unit"], ["psu", "unit"], ["psu", "ssu", "unit"]):
        _Node(names, node.source, node.path).fail(
            "the stages [unit], [psu, unit] or [psu, ssu, unit]", "阶段 [unit]、[psu, unit] 或 [psu, ssu, unit]"
        )
    return stages


def _stage(node: _Node) -> Stage:
    parts = node.mapping(("stage", "method", "n"))
    stage = parts["stage"].one_of(STAGES)
    method = parts["method"].one_of(METHODS)
    if stage == "unit" and METHODS[method].by_size:
        equal = [name for name, entry in METHODS.items() if not entry.by_size]
        parts["method"].fail(
            f"one of {', '.join(equal)}, since single units have no size",
            f"{'、'.join(equal)} 之一，因为最终单元没有规模",
        )
    return Stage(stage=stage, method=method, n=parts["n"].whole_number(1, MOST))


def _order_by(node: _Node) -> tuple[str, ...]:
    keys = tuple(element.one_of(LIST_KEYS) for element in node.elements())
    if len(set(keys)) < len(keys):
        node.fail("each column once", "每列只出现一次")
    return keys


def _label(node: _Node) -> Label:
    parts = node.mapping(("zh", "en"))
    return Label(zh=parts["zh"].text(), en=parts["en"].text())


@dataclass(frozen=True)
class _Node:
    """A value and where it stands; ``path`` is empty at the top."""

    value: Any
    source: str
    path: str = ""

    def fail(self, expected_en: str, expected_zh: str) -> NoReturn:
        found = repr(self.value)
        found = found if len(found) <= 80 else found[:79] + "…"
        found = _CONTROL.sub("�", found)
        raise DesignError(
            f"{self.source}: {self.path or 'the whole file'}: expected {expected_en}, found {found}; correct it there.",
            f"{self.source}：{self.path or '整个文件'} 应为{expected_zh}，实为 {found}，请在该处改正。",
        )

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, _Node]:
        known = [*required, *optional]
        if not isinstance(self.value, dict):
            self.fail(f"a mapping with the keys {', '.join(required)}", f"含有 {'、'.join(required)} 的映射")
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1, cutoff=0)[0]
                self._at(f".{key}", key).fail(
                    f"one of the keys {', '.join(known)} (nearest: {near})",
                    f"键 {'、'.join(known)} 之一（最接近：{near}）",
                )
        for key in required:
            if key not in self.value:
                self.fail(f"the key {key!r}, which is missing", f"含有键“{key}”（现缺少）")
        return {key: self._at(f".{key}", value) for key, value in self.value.items()}

    def elements(self) -> list[_Node]:
        if not isinstance(self.value, list) or not self.value:
            self.fail("a list with at least one element", "至少有一个元素的列表")
        return [self._at(f"[{i}]", value) for i, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip() or _CONTROL.search(self.value):
            self.fail("a text that is not empty and has no control characters", "非空且不含控制字符的文本")
        return self.value.strip()

    def matching(self, pattern: re.Pattern[str], expected_en: str, expected_zh: str) -> str:
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            self.fail(expected_en, expected_zh)
        return self.value

    def one_of(self, known: Collection[str]) -> str:
        if not isinstance(self.value, str) or self.value not in known:
            near = difflib.get_close_matches(str(self.value), list(known), n=1, cutoff=0)[0]
            self.fail(f"one of {', '.join(known)} (nearest: {near})", f" {'、'.join(known)} 之一（最接近：{near}）")
        return self.value

    def whole_number(self, least: int, most: int) -> int:
        if type(self.value) is not int or not least <= self.value <= most:
            self.fail(f"a whole number from {least} to {most}", f" {least} 到 {most} 之间的整数")
        return self.value

    def _at(self, step: str, value: Any) -> _Node:
        return _Node(value, self.source, (self.path + step).lstrip("."))


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error; PyYAML would keep the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
            if isinstance(key, Hashable):
                seen.add(key)
        return super().construct_mapping(node, deep=deep)

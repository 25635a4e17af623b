"""
Take values out of a scheme file, strictly.

A ``Node`` is a value with the place where it stands (``county.yaml``, ``groups.rural.label.en``), so that each refusal
says where it looked, what it expected and what it found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from analysis.errors import SchemeError
from analysis.labels import nearest

_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LONGEST_SHOWN = 60


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error; PyYAML would keep the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for i, key in enumerate(keys):
            if key in keys[:i]:
                mark = node.value[i][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", mark)
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str, source: str) -> Any:
    """
    Read YAML text.

    Raises
    ------
    SchemeError
        If the text is no YAML or gives a key twice.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or "unreadable"
        raise SchemeError(
            f"{source}: expected YAML, found a fault in line {line}: {problem}; correct that line.",
            f"{source}：应为 YAML，第 {line} 行有误（{problem}），请改正该行。",
        ) from error


@dataclass(frozen=True)
class Node:
    """A value and where it stands; ``path`` is empty at the top."""

    value: Any
    source: str
    path: str = ""

    def fail(self, expected_en: str, expected_zh: str) -> NoReturn:
        """Refuse this value."""
        text = repr(self.value)
        found = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
        en, zh = ("nothing", "空") if self.value is None else (found, f" {found}")
        raise SchemeError(
            f"{self.source}: {self.path or 'the whole file'}: expected {expected_en}, found {en}; correct it there.",
            f"{self.source}：{self.path or '整个文件'} 应为{expected_zh}，实为{zh}，请在该处改正。",
        )

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """The members of a mapping that has all required keys and no unknown one."""
        known = (*required, *optional)
        if not isinstance(self.value, dict):
            self.fail("a mapping with the keys " + ", ".join(known), "含有键 " + "、".join(known) + " 的映射")
        for key in self.value:
            if key not in known:
                near = nearest(str(key), known)
                raise SchemeError(
                    f"{self.source}: {self._under(key)}: unknown key {key!r}; the nearest known key is {near!r} "
                    f"(known here: {', '.join(known)}).",
                    f"{self.source}：{self._under(key)} 是未知的键，最接近的已知键为 {near!r}"
                    f"（此处可用：{'、'.join(known)}）。",
                )
        for key in required:
            if key not in self.value:
                Node(None, self.source, self._under(key)).fail("this key to be given", "已给出的键")
        return {key: Node(value, self.source, self._under(key)) for key, value in self.value.items()}

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping that is not empty, whatever its keys."""
        if not isinstance(self.value, dict) or not self.value:
            self.fail("a mapping that is not empty", "非空的映射")
        for key, value in self.value.items():
            yield key, Node(value, self.source, self._under(key))

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail("a text that is not empty", "非空的文字")
        return self.value

    def code(self) -> str:
        """A code in small letters."""
        if not isinstance(self.value, str) or not _CODE.fullmatch(self.value):
            self.fail("a code: a small letter, then small letters, digits or _", "小写字母开头的代码")
        return self.value

    def whole_number(self, *, at_least: int) -> int:
        """A whole number that is not smaller than ``at_least``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < at_least:
            self.fail(f"a whole number, {at_least} or more", f"不小于 {at_least} 的整数")
        return self.value

    def one_of(self, known: Collection[str]) -> str:
        """One of the known words; the nearest is named if it is not."""
        if not isinstance(self.value, str) or self.value not in known:
            near = nearest(str(self.value), known)
            self.fail(f"one of {', '.join(known)} (nearest: {near})", f" {'、'.join(known)} 之一（最接近：{near}）")
        return self.value

    def _under(self, key: object) -> str:
        return f"{self.path}.{key}" if self.path else str(key)

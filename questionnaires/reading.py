"""
Take values out of a parsed file, strictly.

A ``Node`` is a value with the place where it stands (``rural.yaml``, ``items[3].text.en``), so that each refusal can
say where it looked, what it expected and what it found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from questionnaires.errors import QuestionnaireError

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST_SHOWN = 60


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error; PyYAML would keep the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                break  # the base class names the place of such a key
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str, source: str) -> Any:
    """
    Read YAML text.

    Raises
    ------
    QuestionnaireError
        If the text is no YAML or gives a key twice; line and column are named.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise QuestionnaireError(
            f"{source}: expected YAML, found a fault at line {line}, column {column}: {problem}; correct that line.",
            f"{source}：应为 YAML，第 {line} 行第 {column} 列有误（{problem}），请改正该行。",
        ) from error


@dataclass(frozen=True)
class Node:
    """A value and where it stands; ``path`` is empty at the top."""

    value: Any
    source: str
    path: str = ""

    def fail(self, expected_en: str, expected_zh: str) -> NoReturn:
        """Refuse this value."""
        found, found_zh = shown(self.value, "nothing"), shown(self.value, "空")
        where = self.path or "the whole file"
        where_zh = self.path or "整个文件"
        raise QuestionnaireError(
            f"{self.source}: {where}: expected {expected_en}, found {found}; correct it there.",
            f"{self.source}：{where_zh} 应为{expected_zh}，实为 {found_zh}，请在该处改正。",
        )

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """The members of a mapping that has all required keys and no unknown one."""
        if not isinstance(self.value, dict):
            self.fail("a mapping with the keys " + ", ".join(required), "含有键 " + "、".join(required) + " 的映射")
        self._refuse_unknown([*required, *optional])
        for key in required:
            if key not in self.value:
                Node(None, self.source, self._under(key)).fail("this key to be given", "已给出的键")
        return dict(self.members())

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping whose keys are texts, whatever they are called."""
        if not isinstance(self.value, dict) or not self.value:
            self.fail("a mapping that is not empty", "非空的映射")
        for key, value in self.value.items():
            if not isinstance(key, str):
                Node(key, self.source, self.path).fail("a text as key", "以文字为键")
            yield key, Node(value, self.source, self._under(key))

    def elements(self) -> list[Node]:
        """The elements of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            self.fail("a list that is not empty", "非空的列表")
        return [Node(value, self.source, f"{self.path}[{i}]") for i, value in enumerate(self.value)]

    def text(self, *, may_be_empty: bool = False) -> str:
        """A text without control characters and without blanks around it."""
        if not isinstance(self.value, str):
            self.fail("a text (in quotation marks)", "文字（用引号括起）")
        if not self.value.strip() and not may_be_empty:
            self.fail("a text that is not empty", "非空的文字")
        if _CONTROL.search(self.value) or self.value != self.value.strip():
            self.fail(
                "a text without control characters and without blanks around it", "不含控制字符、首尾无空白的文字"
            )
        return self.value

    def code(self, pattern: re.Pattern[str], form_en: str, form_zh: str) -> str:
        """A text of the given form."""
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            self.fail(form_en, form_zh)
        return self.value

    def whole_number(self, *, at_least: int) -> int:
        """A whole number that is not smaller than ``at_least``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < at_least:
            self.fail(f"a whole number, {at_least} or more", f"不小于 {at_least} 的整数")
        return self.value

    def truth(self) -> bool:
        """``true`` or ``false``."""
        if not isinstance(self.value, bool):
            self.fail("true or false", " true 或 false")
        return self.value

    def _refuse_unknown(self, known: Collection[str]) -> None:
        for key in self.value:
            if key not in known:
                near = nearest(str(key), known)
                where = self._under(str(key))
                raise QuestionnaireError(
                    f"{self.source}: {where}: unknown key {key!r}; the nearest known key is {near!r} "
                    f"(known here: {', '.join(known)}).",
                    f"{self.source}：{where} 是未知的键，最接近的已知键为 {near!r}（此处可用：{'、'.join(known)}）。",
                )

    def _under(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def nearest(word: str, known: Collection[str]) -> str:
    """The known word most like the given one."""
    return max(sorted(known), key=lambda other: difflib.SequenceMatcher(None, word.lower(), other.lower()).ratio())


def shown(value: object, nothing: str) -> str:
    """A value as an error shows it: short, and the word ``nothing`` for what is not there."""
    if value is None:
        return nothing
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"

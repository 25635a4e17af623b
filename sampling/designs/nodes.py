"""
Plain values with their place, read strictly: each refusal says where, what was expected and what was found.

Node               a value and its place; faults are gathered, so that all of a design are said at once
Parts              the values of a mapping, each read by itself
parse_yaml(text)   plain values from YAML in which no key stands twice
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

import yaml

from sampling.errors import DesignError, Fault, Sentence

T = TypeVar("T")

TOO_LONG = "a number of too many digits"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FIGURE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_SHARE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|[0-9]{1,9}/[0-9]{1,9}")


def parse_yaml(text: str, source: str = "design") -> Any:
    """
    Plain values from YAML text.

    Raises
    ------
    DesignError
        If it is no YAML; line and column are named.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise DesignError(
            f"{source}: expected YAML, found a fault at line {line}, column {column}: {problem}; correct that line.",
            f"{source}：应为 YAML，第 {line} 行第 {column} 列有误（{problem}），请改正该行。",
        ) from error


@dataclass(frozen=True)
class Node:
    """A value and where it stands; ``path`` is empty at the top. ``faults`` gathers those of the whole design."""

    value: Any
    source: str
    path: str = ""
    faults: list[Fault] = field(default_factory=list, compare=False, repr=False)

    def fail(self, expected_en: str, expected_zh: str) -> NoReturn:
        """Give this value up."""
        fault = self._fault(expected_en, expected_zh)
        raise DesignError(fault.en, fault.zh, (fault,))

    def note(self, expected_en: str, expected_zh: str) -> None:
        """Note a fault and read on."""
        self.faults.append(self._fault(expected_en, expected_zh))

    def attempt(self, how: Callable[[Node], T], otherwise: T) -> T:
        """What is read of this value; where it is faulty, that is noted and something else stands for it."""
        try:
            return how(self)
        except DesignError as error:
            self.faults.extend(error.faults)
            return otherwise

    def _fault(self, expected_en: str, expected_zh: str) -> Fault:
        found_en, found_zh = _found(self.value)
        return Fault(
            f"{self.source}: {self.path or 'the whole file'}: expected {expected_en}, found {found_en}; correct it there.",
            f"{self.source}：{self.path or '整个文件'} 应为{expected_zh}，实为 {found_zh}，请在该处改正。",
        )

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> Parts:
        """Its known keys; unknown and missing ones are noted."""
        known = [*required, *optional]
        if not isinstance(self.value, dict):
            self.fail(f"a mapping with the keys {', '.join(required)}", f"含有 {'、'.join(required)} 的映射")
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(written(str, key), known, n=1, cutoff=0)[0]
                self._at(f".{written(str, key)}", key).note(
                    f"one of the keys {', '.join(known)} (nearest: {near})",
                    f"键 {'、'.join(known)} 之一（最接近：{near}）",
                )
        for key in required:
            if key not in self.value:
                self.note(f"the key {key!r}, which is missing", f"含有键“{key}”（现缺少）")
        return Parts({key: self._at(f".{key}", self.value[key]) for key in self.value if key in known})

    def elements(self) -> list[Node]:
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
            near = difflib.get_close_matches(written(str, self.value), list(known), n=1, cutoff=0)[0]
            self.fail(f"one of {', '.join(known)} (nearest: {near})", f" {'、'.join(known)} 之一（最接近：{near}）")
        return self.value

    def share(self) -> Fraction:
        """A number above 0 and at most 1: a decimal or a fraction such as 1/20."""
        text = written(str, self.value) if type(self.value) in (int, float, str) else ""
        if not _SHARE.fullmatch(text) or not 0 < (found := _quotient(text)) <= 1:
            self.fail("a share above 0 and at most 1, such as 0.05 or 1/20", "大于 0、不大于 1 的比例，如 0.05 或 1/20")
        return found

    def figure(self) -> str:
        """A number of at least 0, kept as the text it was written in."""
        text = written(str, self.value) if type(self.value) in (int, float, str) else ""
        if not _FIGURE.fullmatch(text):
            self.fail("a number of at least 0, such as 1.5", "不小于 0 的数，如 1.5")
        return text

    def whole_number(self, least: int, most: int) -> int:
        if type(self.value) is not int or not least <= self.value <= most:
            self.fail(f"a whole number from {least} to {most}", f" {least} 到 {most} 之间的整数")
        return self.value

    def _at(self, step: str, value: Any) -> Node:
        return Node(value, self.source, (self.path + step).lstrip("."), self.faults)


class Parts(dict[str, Node]):
    """The values of a mapping by their keys."""

    def read(self, key: str, how: Callable[[Node], T], otherwise: T) -> T:
        """What is read under a key; where it is missing or faulty, something else stands for it."""
        return self[key].attempt(how, otherwise) if key in self else otherwise


def _found(value: object) -> Sentence:
    """A value as it can stand in a sentence, on one line and not too long."""
    if isinstance(value, dict):
        return Sentence("a mapping", "映射")
    if isinstance(value, list | tuple | set):
        return Sentence(f"a list of {len(value)}", f"含 {len(value)} 项的列表")
    if value is None:
        return Sentence("nothing", "空值")
    text = str(value).lower() if isinstance(value, bool) else written(repr, value)
    if text == TOO_LONG:
        return Sentence(text, "位数过多的数")
    text = _CONTROL.sub("�", text if len(text) <= 80 else text[:79] + "…")
    return Sentence(text, text)


def written(write: Callable[[object], str], value: object) -> str:
    """A value as text; a whole number of thousands of digits (YAML has hexadecimal ones) Python refuses to write."""
    try:
        return write(value)
    except ValueError:
        return TOO_LONG


def _quotient(text: str) -> Fraction:
    """A decimal or a quotient of two whole numbers, 0 where that divides by 0."""
    top, _, bottom = text.partition("/")
    divisor = int(bottom or 1)
    return Fraction(top) / divisor if divisor else Fraction(0)


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

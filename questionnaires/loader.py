"""
Read questionnaires, and refuse a bad one.

load_questionnaires()    those of the sample's groups that come with Pingyi, by group, read once
online_questionnaire()   that of the online appraisal, which is open to everyone and no group of the sample
load_questionnaire(p)    one definition file
parse_questionnaire(x)   YAML text or plain values, for instance a copy frozen with a round
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from questionnaires.errors import QuestionnaireError
from questionnaires.model import MEAN, Comment, Dimension, FormMarks, Item, Questionnaire, ScaleOption, Text
from questionnaires.reading import Node, nearest, parse_yaml

DEFINITIONS = Path(__file__).parent / "definitions"

SCALE: dict[str, int | Literal["mean"]] = {"satisfied": 5, "basic": 3, "unsatisfied": 0, "unknown": MEAN}
"""What each answer scores; a questionnaire with other scores would not be the plan's."""

_GROUP = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ITEM = re.compile(r"[A-Z][A-Z0-9]{0,11}")
_RESERVED_GROUPS = ("townships", "samples")  # the names of other files in a folder of responses
_KEYS = ("id", "version", "title", "intro", "form", "scale", "dimensions", "items")
_LONGEST_COMMENT = 2000


def load_questionnaires() -> dict[str, Questionnaire]:
    """
    The questionnaires that come with Pingyi, by group.

    Returns
    -------
    dict
        ``{"delegates": Questionnaire, …}``; the files are read and checked once, each caller gets its own dict.

    Raises
    ------
    QuestionnaireError
        If any definition file is bad.
    """
    return {questionnaire.group: questionnaire for questionnaire in _definitions()}


@cache
def online_questionnaire() -> Questionnaire:
    """
    The questionnaire of the online appraisal that comes with Pingyi.

    Raises
    ------
    QuestionnaireError
        If its definition file is bad.

    Examples
    --------
    >>> online_questionnaire().id
    'online'
    """
    return load_questionnaire(DEFINITIONS / "open" / "online.yaml")


@cache
def _definitions() -> tuple[Questionnaire, ...]:
    return tuple(load_questionnaire(path) for path in sorted(DEFINITIONS.glob("*.yaml")))


def load_questionnaire(path: str | Path) -> Questionnaire:
    """
    One questionnaire from its file, which must be named after its id.

    Raises
    ------
    QuestionnaireError
        If the file cannot be read, is not UTF-8, or does not hold a sound questionnaire.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise QuestionnaireError(
            f"{path}: expected a questionnaire file, but it cannot be read ({error.strerror}); check the path.",
            f"{path}：应为问卷文件，但无法读取（{error.strerror}），请检查路径。",
        ) from error
    except UnicodeDecodeError as error:
        raise QuestionnaireError(
            f"{path.name}: expected UTF-8 text, found other bytes at position {error.start}; save the file as UTF-8.",
            f"{path.name}：应为 UTF-8 文本，第 {error.start} 字节处不是，请另存为 UTF-8。",
        ) from error
    questionnaire = parse_questionnaire(text, path.name)
    if questionnaire.id != path.stem:
        Node(questionnaire.id, path.name, "id").fail(f"the file's name, {path.stem!r}", f"与文件名相同的 {path.stem!r}")
    return questionnaire


def parse_questionnaire(content: str | Mapping[str, Any], source: str = "") -> Questionnaire:
    """
    A questionnaire from YAML text or from plain values.

    Parameters
    ----------
    content : str or mapping
        The text of a definition file, or what ``Questionnaire.to_dict`` gives.
    source : str
        How errors name the file.

    Raises
    ------
    QuestionnaireError
        With the file, the path inside it (``items[3].text.en``), what was expected and what was found.
    """
    source = source or "questionnaire"
    values = parse_yaml(content, source) if isinstance(content, str) else dict(content)
    parts = Node(values, source).mapping(_KEYS, ("comment",))
    dimensions = _dimensions(parts["dimensions"])
    items = _items(parts["items"], [dimension.code for dimension in dimensions])
    comment = _comment(parts["comment"]) if "comment" in parts else None
    if comment is not None and comment.id in {item.id for item in items}:
        Node(comment.id, source, "comment.id").fail("an id that no item has", "未被题目使用的编号")
    return Questionnaire(
        id=_group(parts["id"]),
        version=parts["version"].whole_number(at_least=1),
        title=_text(parts["title"]),
        intro=_text(parts["intro"]),
        form=_form(parts["form"]),
        scale=_scale(parts["scale"]),
        dimensions=dimensions,
        items=items,
        comment=comment,
    )


def _group(node: Node) -> str:
    group = node.code(
        _GROUP,
        "a group's code: a small letter, then up to 31 small letters, digits or _",
        "类别代码：小写字母开头，其后至多 31 个小写字母、数字或下划线",
    )
    if group in _RESERVED_GROUPS:
        node.fail("a name other than " + " and ".join(_RESERVED_GROUPS), "不同于 townships 和 samples 的名称")
    return group


def _text(node: Node) -> Text:
    parts = node.mapping(("zh", "en"))
    return Text(zh=parts["zh"].text(), en=parts["en"].text())


def _form(node: Node) -> FormMarks:
    parts = node.mapping(("number", "agency", "approval", "valid_until"))
    return FormMarks(**{key: part.text(may_be_empty=True) for key, part in parts.items()})


def _scale(node: Node) -> tuple[ScaleOption, ...]:
    options = tuple(_option(element) for element in node.elements())
    codes = [option.code for option in options]
    if codes != list(SCALE):
        Node(codes, node.source, f"{node.path}[*].code").fail(
            "the four answers " + ", ".join(SCALE) + " in this order", "依次为 " + "、".join(SCALE) + " 的四个答案"
        )
    return options


def _option(node: Node) -> ScaleOption:
    parts = node.mapping(("code", "label", "score"))
    code = parts["code"].text()
    if code not in SCALE:
        near = nearest(code, SCALE)
        parts["code"].fail(
            f"one of {', '.join(SCALE)} (nearest: {near})", f" {'、'.join(SCALE)} 之一（最接近：{near}）"
        )
    expected = SCALE[code]
    score = parts["score"].value
    if type(score) is not type(expected) or score != expected:
        parts["score"].fail(f"the score {expected} of {code!r}", f" {code!r} 的分值 {expected}")
    return ScaleOption(code=code, label=_text(parts["label"]), score=expected)


def _dimensions(node: Node) -> tuple[Dimension, ...]:
    return tuple(
        Dimension(
            code=Node(code, member.source, member.path).code(_GROUP, "a code in small letters", "小写字母代码"),
            label=_text(member),
        )
        for code, member in node.members()
    )


def _items(node: Node, dimensions: list[str]) -> tuple[Item, ...]:
    items = []
    seen: dict[str, str] = {}
    for element in node.elements():
        item = _item(element, dimensions)
        if item.id in seen:
            Node(item.id, node.source, f"{element.path}.id").fail(
                f"an id of its own ({seen[item.id]} has the same)", f"唯一的编号（{seen[item.id]} 已使用）"
            )
        seen[item.id] = element.path
        items.append(item)
    return tuple(items)


def _item(node: Node, dimensions: Iterable[str]) -> Item:
    parts = node.mapping(("id", "dimension", "text"))
    dimension = parts["dimension"].text()
    if dimension not in dimensions:
        near = nearest(dimension, list(dimensions))
        parts["dimension"].fail(
            f"one of the dimensions {', '.join(dimensions)} (nearest: {near})",
            f"维度 {'、'.join(dimensions)} 之一（最接近：{near}）",
        )
    return Item(id=_item_id(parts["id"]), dimension=dimension, text=_text(parts["text"]))


def _item_id(node: Node) -> str:
    return node.code(
        _ITEM,
        "an id such as R01: a capital letter, then up to 11 capital letters or digits",
        "形如 R01 的编号：大写字母开头，其后至多 11 个大写字母或数字",
    )


def _comment(node: Node) -> Comment:
    parts = node.mapping(("id", "optional", "max_length", "text"))
    max_length = parts["max_length"].whole_number(at_least=1)
    if max_length > _LONGEST_COMMENT:
        parts["max_length"].fail(f"at most {_LONGEST_COMMENT}", f"不大于 {_LONGEST_COMMENT} 的整数")
    return Comment(
        id=_item_id(parts["id"]), optional=parts["optional"].truth(), max_length=max_length, text=_text(parts["text"])
    )

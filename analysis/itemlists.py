"""
The items of a group, from the questionnaire frozen with its round.

A frozen questionnaire says which columns a file of answers must have, in which order the items stand, and what the
questionnaire is called.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
import yaml

from analysis.errors import FaultList
from analysis.labels import Label

ITEM_ID = re.compile(r"[A-Z][A-Z0-9]{0,11}")


@dataclass(frozen=True)
class ItemList:
    """
    A group's items in their order.

    ``version``, ``title`` and ``sha256`` are None, ``texts`` and ``dimensions`` empty where no questionnaire came with the
    answers and the columns are all that is known. ``texts`` and ``dimensions`` are by item; ``sha256`` is that of the
    questionnaire's content as canonical JSON (RFC 8785).
    """

    group: str
    items: tuple[str, ...]
    version: int | None = None
    title: Label | None = None
    texts: Mapping[str, Label] = field(default_factory=dict, hash=False)
    dimensions: Mapping[str, Label] = field(default_factory=dict, hash=False)
    sha256: str | None = None


def read_item_list(group: str, given: object, file: str, faults: FaultList) -> ItemList | None:
    """
    The items of one group.

    Parameters
    ----------
    group : str
        The group that the questionnaire must be of.
    given : str, mapping, sequence of str, or object with ``to_dict``
        A questionnaire's YAML, its plain values, itself, or just the item ids.
    file : str
        How faults name it.
    faults : FaultList
        Takes what is wrong.
    """
    to_dict = getattr(given, "to_dict", None)
    if callable(to_dict):
        given = to_dict()
    if isinstance(given, str):
        given = _parsed(given, file, faults)
    if given is None:
        return None
    if isinstance(given, Mapping):
        return _from_mapping(group, given, file, faults)
    if isinstance(given, Sequence) and _are_item_ids(given):
        return ItemList(group, tuple(given))
    faults.add(
        file,
        "expected a questionnaire with ids such as R01 under items, each once; use the copy frozen with the round.",
        "应为问卷，items 下的编号形如 R01 且不重复，请使用随轮次冻结的问卷。",
    )
    return None


def _parsed(text: str, file: str, faults: FaultList) -> object:
    try:
        content: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        faults.add(
            file,
            "expected YAML, found a fault; use the copy frozen with the round.",
            "应为 YAML，内容有误，请使用随轮次冻结的问卷。",
            row=row,
        )
        return None
    return [] if content is None else content


def _from_mapping(group: str, content: Mapping[str, Any], file: str, faults: FaultList) -> ItemList | None:
    if content.get("id") != group:
        faults.add(
            file,
            f"expected the questionnaire of group {group!r}, found that of {content.get('id')!r}; put the right one there.",
            f"应为类别 {group!r} 的问卷，实为 {content.get('id')!r}，请换成正确的问卷。",
        )
        return None
    items = content.get("items")
    ids = [item.get("id") for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    if not _are_item_ids(ids) or not isinstance(items, list) or len(ids) != len(items):
        return read_item_list(group, (), file, faults)
    version = content.get("version")
    return ItemList(
        group,
        tuple(str(item) for item in ids),
        version if isinstance(version, int) else None,
        _words(content.get("title")),
        {item["id"]: words for item in items if (words := _words(item.get("text"))) is not None},
        _dimensions(items, content.get("dimensions")),
        _sha256(content),
    )


def _words(given: object) -> Label | None:
    """A wording, if it is there in both languages."""
    if isinstance(given, Mapping) and isinstance(given.get("zh"), str) and isinstance(given.get("en"), str):
        return Label(zh=given["zh"], en=given["en"])
    return None


def _dimensions(items: Sequence[Mapping[str, Any]], labels: object) -> dict[str, Label]:
    """The label of each item's dimension; items of a dimension without a label have none."""
    known = labels if isinstance(labels, Mapping) else {}
    words = {code: _words(label) for code, label in known.items()}
    named = ((item["id"], words.get(item.get("dimension"))) for item in items)
    return {item: label for item, label in named if label is not None}


def _sha256(content: Mapping[str, Any]) -> str | None:
    try:
        return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()
    except rfc8785.CanonicalizationError:  # YAML knows dates and the like, JSON does not
        return None


def _are_item_ids(ids: Sequence[object]) -> bool:
    return (
        len(ids) > 0
        and not isinstance(ids, str)
        and all(isinstance(item, str) and ITEM_ID.fullmatch(item) for item in ids)
        and len(set(ids)) == len(ids)
    )

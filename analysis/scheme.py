"""
A scheme: the plan's points, groups and readings, as data.

load_scheme     by name (``county``) or by path
parse_scheme    YAML text or plain values
Scheme          frozen; ``with_readings`` gives a copy with another reading
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import SchemeError
from analysis.labels import Label, nearest
from analysis.readings import READINGS
from analysis.scheme_reading import Node, parse_yaml

SCHEMES = Path(__file__).parent / "schemes"
SCORED_ANSWERS = ("satisfied", "basic", "unsatisfied")

_KEYS = ("id", "version", "title", "description", "full_mark", "points", "groups")


@dataclass(frozen=True)
class Group:
    """A group of respondents that the scheme counts, and how many of them a township's sample has."""

    code: str
    label: Label
    planned: int


@dataclass(frozen=True)
class Scheme:
    """
    How answers become scores.

    Attributes
    ----------
    points : mapping of str to int
        What ``satisfied``, ``basic`` and ``unsatisfied`` score; a don't-know scores by its reading.
    groups : tuple of Group
        The groups whose totals make the public appraisal.
    readings : mapping of str to str
        The choice for each name of ``readings.READINGS``.
    """

    id: str
    version: int
    title: Label
    description: Label
    full_mark: int
    points: Mapping[str, int]
    groups: tuple[Group, ...]
    readings: Mapping[str, str]

    @property
    def highest(self) -> int:
        """The highest points of an answer."""
        return max(self.points.values())

    def group(self, code: str) -> Group:
        """
        The group of this code.

        Raises
        ------
        SchemeError
            If the scheme has no such group.
        """
        for group in self.groups:
            if group.code == code:
                return group
        known = [group.code for group in self.groups]
        raise SchemeError(
            f"scheme {self.id}: expected one of its groups ({', '.join(known)}), found {code!r}; the nearest is "
            f"{nearest(code, known)!r}; add the group to a copy of the scheme or leave its file out.",
            f"方案 {self.id}：应为其中的类别（{'、'.join(known)}），实为 {code!r}，最接近的是 {nearest(code, known)!r}；"
            "请在方案副本中加入该类别，或不提供其文件。",
        )

    def with_readings(self, **choices: str) -> Scheme:
        """
        A copy with other readings.

        Raises
        ------
        SchemeError
            If a reading or choice is unknown; the nearest known one is named.
        """
        return replace(self, readings={**self.readings, **_readings(Node(choices, self.id, "readings"))})

    def to_dict(self) -> dict[str, Any]:
        """Plain values in the order of a scheme file; ``parse_scheme`` reads them back equal."""
        return {
            "id": self.id,
            "version": self.version,
            "title": _words(self.title),
            "description": _words(self.description),
            "full_mark": self.full_mark,
            "points": {**self.points, "unknown": "mean"},
            "groups": {group.code: {"label": _words(group.label), "planned": group.planned} for group in self.groups},
            "readings": dict(self.readings),
        }


def load_scheme(scheme: str | Path = "county") -> Scheme:
    """
    A scheme by its name, or from a file of the county's own.

    Parameters
    ----------
    scheme : str or Path
        The name of a scheme that comes with Pingyi, or the path of a ``.yaml`` file.

    Raises
    ------
    SchemeError
        If the name is unknown (the nearest is named), the file cannot be read, or the scheme is unsound.
    """
    path = Path(scheme)
    if path.suffix not in (".yaml", ".yml"):
        known = sorted(found.stem for found in SCHEMES.glob("*.yaml"))
        if str(scheme) not in known:
            raise SchemeError(
                f"expected a scheme's name ({', '.join(known)}) or a .yaml file, found {str(scheme)!r}; "
                f"the nearest known name is {nearest(str(scheme), known)!r}.",
                f"应为方案名称（{'、'.join(known)}）或 .yaml 文件，实为 {str(scheme)!r}，"
                f"最接近的名称为 {nearest(str(scheme), known)!r}。",
            )
        path = SCHEMES / f"{scheme}.yaml"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError(
            f"{path}: expected a readable UTF-8 file, but it is not; check path and encoding.",
            f"{path}：应为可读的 UTF-8 文件，但不是，请检查路径和编码。",
        ) from error
    return parse_scheme(text, path.name)


def parse_scheme(content: str | Mapping[str, Any], source: str = "scheme") -> Scheme:
    """
    A scheme from YAML text or from plain values.

    Raises
    ------
    SchemeError
        With the file, the place in it, what was expected and what was found.
    """
    values = parse_yaml(content, source) if isinstance(content, str) else dict(content)
    parts = Node(values, source).mapping(_KEYS, ("readings",))
    defaults = {name: reading.default for name, reading in READINGS.items()}
    chosen = _readings(parts["readings"]) if "readings" in parts else {}
    return Scheme(
        id=parts["id"].code(),
        version=parts["version"].whole_number(at_least=1),
        title=_label(parts["title"]),
        description=_label(parts["description"]),
        full_mark=parts["full_mark"].whole_number(at_least=1),
        points=_points(parts["points"]),
        groups=tuple(_group(code, node) for code, node in parts["groups"].members()),
        readings={**defaults, **chosen},
    )


def _label(node: Node) -> Label:
    parts = node.mapping(("zh", "en"))
    return Label(zh=parts["zh"].text(), en=parts["en"].text())


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _points(node: Node) -> dict[str, int]:
    parts = node.mapping((*SCORED_ANSWERS, "unknown"))
    points = {answer: parts[answer].whole_number(at_least=0) for answer in SCORED_ANSWERS}
    if not points["satisfied"] > points["basic"] > points["unsatisfied"]:
        node.fail("points that fall from satisfied to unsatisfied", "由满意到不满意递减的分值")
    parts["unknown"].one_of(("mean",))
    return points


def _group(code: str, node: Node) -> Group:
    parts = node.mapping(("label", "planned"))
    return Group(
        Node(code, node.source, node.path).code(),
        _label(parts["label"]),
        parts["planned"].whole_number(at_least=1),
    )


def _readings(node: Node) -> dict[str, str]:
    parts = node.mapping((), tuple(READINGS))
    return {name: part.one_of(tuple(READINGS[name].choices)) for name, part in parts.items()}

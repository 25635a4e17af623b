"""
Designs as data: which groups are drawn, in which stages, by which method.

Design, GroupDesign, Stage, Label   a design as frozen values
load_design(name or path)           a shipped design by its name, or a county's own file
list_designs()                      the names of the shipped ones
Design.to_json / from_json          the whole design as plain values, as it stands in ``draw.json``
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sampling.errors import DesignError

DESIGNS = Path(__file__).parent / "designs"
STAGES = ("psu", "ssu", "unit")
LIST_KEYS = ("psu_code", "ssu_code", "subgroup", "unit_code")
"""What orders a list where nothing else is said; also all that ``order_by`` may name, since a redo has no more."""


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Stage:
    """
    One stage of a group's draw.

    Attributes
    ----------
    stage : str
        ``psu``, ``ssu`` or ``unit``.
    method : str
        A key of ``sampling.methods.METHODS``.
    n : int
        At the first stage the number selected (hits, for a method by size); later the number taken per hit of the
        cluster within which the stage selects.
    """

    stage: str
    method: str
    n: int


@dataclass(frozen=True)
class GroupDesign:
    """
    How one group is drawn in every township.

    Attributes
    ----------
    group : str
        Its code.
    stages : tuple of Stage
        One to three, the last of them ``unit``.
    order_by : tuple of str
        Columns that order the list, compared as text by code point; those of ``LIST_KEYS`` that are not named
        follow in their own order. A frame's ``order`` wins over it.
    reserves : int
        R, reserve units per main unit.
    """

    group: str
    label: Label
    stages: tuple[Stage, ...]
    order_by: tuple[str, ...] = LIST_KEYS
    reserves: int = 0

    @property
    def staged(self) -> bool:
        """Whether clusters are drawn before units."""
        return len(self.stages) > 1

    @property
    def list_keys(self) -> tuple[str, ...]:
        """All four columns that order the list, most significant first."""
        return (*self.order_by, *(key for key in LIST_KEYS if key not in self.order_by))

    @property
    def sample_size(self) -> int:
        """Main units per township where nothing falls short."""
        size = 1
        for stage in self.stages:
            size *= stage.n
        return size

    def has_stage(self, stage: str) -> bool:
        """Whether the group is drawn through that stage."""
        return any(own.stage == stage for own in self.stages)


@dataclass(frozen=True)
class Design:
    """
    A whole design.

    Attributes
    ----------
    name : str
        Such as ``county-110``.
    title, description : Label
    groups : tuple of GroupDesign
        In the order in which they are shown.
    """

    name: str
    title: Label
    description: Label
    groups: tuple[GroupDesign, ...]

    @cached_property
    def by_group(self) -> dict[str, GroupDesign]:
        """The groups by code."""
        return {group.group: group for group in self.groups}

    def to_json(self) -> dict[str, Any]:
        """Plain values that ``from_json`` reads back to an equal design."""
        return {
            "name": self.name,
            "title": _label_json(self.title),
            "description": _label_json(self.description),
            "groups": [
                {
                    "group": group.group,
                    "label": _label_json(group.label),
                    "stages": [{"stage": s.stage, "method": s.method, "n": s.n} for s in group.stages],
                    "order_by": list(group.order_by),
                    "reserves": group.reserves,
                }
                for group in self.groups
            ],
        }

    @classmethod
    def from_json(cls, values: object, source: str = "design") -> Design:
        """
        A design from plain values.

        Raises
        ------
        DesignError
            Naming the place, what was expected and what was found; an unknown key with the nearest known one.
        """
        from sampling.design_reading import read_design

        return read_design(values, source)


def list_designs() -> tuple[str, ...]:
    """Names of the designs that come with Pingyi."""
    return tuple(sorted(path.stem for path in DESIGNS.glob("*.yaml")))


def load_design(name_or_path: str | Path) -> Design:
    """
    A shipped design by its name, or a county's own by the path of its YAML file.

    Raises
    ------
    DesignError
        If there is none of that name (the known ones are listed), or the file is unsound.
    """
    from sampling.design_reading import parse_design

    named = str(name_or_path)
    if named in list_designs():
        path = DESIGNS / f"{named}.yaml"
    elif Path(named).suffix in (".yaml", ".yml") or "/" in named or "\\" in named:
        path = Path(named)
    else:
        known = list_designs()
        near = difflib.get_close_matches(named, known, n=1, cutoff=0.5)
        hint = (f"; did you mean {near[0]!r}?", f"；是否指“{near[0]}”？") if near else (".", "。")
        raise DesignError(
            f"There is no design {named!r}; known are {', '.join(known)}, or give the path of a .yaml file{hint[0]}",
            f"没有名为“{named}”的抽样设计；现有 {'、'.join(known)}，也可给出 .yaml 文件的路径{hint[1]}",
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "no UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
        raise DesignError(
            f"{named}: expected the YAML file of a design, but it cannot be read ({reason}); check path and file.",
            f"{named}：应为抽样设计的 YAML 文件，但无法读取（{reason}），请检查路径和文件。",
        ) from error
    return parse_design(text, path.name)


def _label_json(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}

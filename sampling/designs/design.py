"""
Designs as data: which groups are drawn, in which stages, by which method.

Design                     a whole design; its parts stand in ``design_groups``
load_design(name or path)  a shipped design by its name, or a county's own file
list_designs()             the names of the shipped ones
design_sha256(design)      its hash, published with the frame's before the seed
Design.to_json/from_json   the whole design as plain values, as it stands in ``draw.json``
Design.check(frame)        every problem that a frame would have with it, at once
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.canonical import canonical
from sampling.designs.design_groups import LIST_KEYS, STAGES, GroupDesign, Label, Stage, Strata
from sampling.designs.design_reading import parse_yaml, read_parts
from sampling.errors import DesignError

if TYPE_CHECKING:
    from sampling.frames.frame import Frame
    from sampling.selection.design_checks import Problem

__all__ = [
    "LIST_KEYS",
    "STAGES",
    "Design",
    "GroupDesign",
    "Label",
    "Stage",
    "Strata",
    "design_sha256",
    "list_designs",
    "load_design",
]

DESIGNS = Path(__file__).parent


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
            "title": self.title.to_json(),
            "description": self.description.to_json(),
            "groups": [group.to_json() for group in self.groups],
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
        return cls(*read_parts(values, source))

    def check(self, frame: Frame) -> tuple[Problem, ...]:
        """
        Every problem that drawing from this frame would meet, at once: where, what, and what to do.

        Parameters
        ----------
        frame : Frame
            Read with any design that has the same groups.

        Returns
        -------
        tuple of Problem
            Those that stop a draw first, then what should be known.
        """
        from sampling.selection.design_checks import check_design

        return check_design(self, frame)


def design_sha256(design: Design) -> str:
    """
    SHA-256 of the whole design in canonical JSON (RFC 8785), as it stands in ``draw.json``.

    Published with the frame's hash before the seed, it fixes the design: who knows the seed could else redraw with a
    variant of it.

    Parameters
    ----------
    design : Design

    Returns
    -------
    str
        64 lowercase hexadecimal digits.

    Examples
    --------
    >>> design_sha256(load_design("county-110"))[:8]
    '582bb42a'
    """
    return hashlib.sha256(canonical(design.to_json())).hexdigest()


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
    path = _design_path(str(name_or_path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "no UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
        raise DesignError(
            f"{name_or_path}: expected the YAML file of a design, but it cannot be read ({reason}); "
            "check path and file.",
            f"{name_or_path}：应为抽样设计的 YAML 文件，但无法读取（{reason}），请检查路径和文件。",
        ) from error
    return Design.from_json(parse_yaml(text, path.name), path.name)


def _design_path(named: str) -> Path:
    known = list_designs()
    if named in known:
        return DESIGNS / f"{named}.yaml"
    if Path(named).suffix in (".yaml", ".yml") or "/" in named or "\\" in named:
        return Path(named)
    near = difflib.get_close_matches(named, known, n=1, cutoff=0.5)
    hint = (f"; did you mean {near[0]!r}?", f"；是否指“{near[0]}”？") if near else (".", "。")
    raise DesignError(
        f"There is no design {named!r}; known are {', '.join(known)}, or give the path of a .yaml file{hint[0]}",
        f"没有名为“{named}”的抽样设计；现有 {'、'.join(known)}，也可给出 .yaml 文件的路径{hint[1]}",
    )

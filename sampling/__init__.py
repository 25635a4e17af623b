"""
Draw probability samples that anyone can redo.

frame.py          read_frame: a list from a file or DataFrame, checked whole    (tables, xlsx, columns, coded, checks,
                  cautions)
design.py         load_design: groups, stages, methods as data                  (design_reading, designs/*.yaml)
drawing.py        draw: the sample, its counts and shortfalls, the three files  (selection, seed, starts,
                  probabilities, reserves, figures)
proof.py          write_draw, verify_draw, salted_commitment                    (comparing)
methods/          one file a method, one table METHODS
joint.py          first_order, second_order: exact probabilities                (outcomes, random_order)
distribution.py   sample_distribution: every sample of a small case
errors.py         what can be wrong, in both languages

The names below are loaded when first used: importing the package alone costs nothing, and a server that only shows
pages never loads pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.design import Design, GroupDesign, Label, Stage, Strata, list_designs, load_design
    from sampling.design_checks import Problem
    from sampling.distribution import sample_distribution
    from sampling.drawing import ENGINE, Draw, draw
    from sampling.errors import (
        AllocationError,
        DesignError,
        Fault,
        FrameError,
        ProofError,
        SamplingError,
        SeedError,
        ShortfallError,
    )
    from sampling.frame import Frame, FrameReport, read_frame
    from sampling.joint import JointProbabilities, first_order, second_order
    from sampling.methods import METHODS, certainty, sampford_tries, with_certainty
    from sampling.proof import Verification, read_official_frame, salted_commitment, verify_draw, write_draw
    from sampling.seed import check_seed
    from sampling.starts import label, start

_HOMES = {
    "sampling.design": (
        "Design",
        "GroupDesign",
        "Label",
        "Stage",
        "Strata",
        "list_designs",
        "load_design",
    ),
    "sampling.design_checks": ("Problem",),
    "sampling.distribution": ("sample_distribution",),
    "sampling.drawing": (
        "ENGINE",
        "Draw",
        "draw",
    ),
    "sampling.errors": (
        "AllocationError",
        "DesignError",
        "Fault",
        "FrameError",
        "ProofError",
        "SamplingError",
        "SeedError",
        "ShortfallError",
    ),
    "sampling.frame": (
        "Frame",
        "FrameReport",
        "read_frame",
    ),
    "sampling.joint": (
        "JointProbabilities",
        "first_order",
        "second_order",
    ),
    "sampling.methods": (
        "METHODS",
        "certainty",
        "sampford_tries",
        "with_certainty",
    ),
    "sampling.proof": (
        "Verification",
        "read_official_frame",
        "salted_commitment",
        "verify_draw",
        "write_draw",
    ),
    "sampling.seed": ("check_seed",),
    "sampling.starts": (
        "label",
        "start",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ENGINE",
    "METHODS",
    "AllocationError",
    "Design",
    "DesignError",
    "Draw",
    "Fault",
    "Frame",
    "FrameError",
    "FrameReport",
    "GroupDesign",
    "JointProbabilities",
    "Label",
    "Problem",
    "ProofError",
    "SamplingError",
    "SeedError",
    "ShortfallError",
    "Stage",
    "Strata",
    "Verification",
    "certainty",
    "check_seed",
    "draw",
    "first_order",
    "label",
    "list_designs",
    "load_design",
    "read_frame",
    "read_official_frame",
    "salted_commitment",
    "sampford_tries",
    "sample_distribution",
    "second_order",
    "start",
    "verify_draw",
    "with_certainty",
    "write_draw",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value

"""
Draw probability samples that anyone can redo.

frame.py          read_frame: a list from a file or DataFrame, checked whole    (tables, kinds, xlsx, columns, coded, checks,
                  cautions)
design.py         load_design: groups, stages, methods as data                  (design_reading, designs/*.yaml)
drawing.py        draw: the sample, its counts and shortfalls, the three files  (selection, seed, starts,
                  probabilities, reserves, figures)
streaming.py      draw_stream: the same, some townships at a time               (pieces, csvpieces, townships, psus)
proof.py          write_draw, verify_draw, salted_commitment                    (comparing, canonical, folders)
methods/          one file a method, one table METHODS
errors.py         what can be wrong, in both languages

The names below are loaded when first used: importing the package alone costs nothing, and a server that only shows
pages never loads pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.design import Design, GroupDesign, Label, Stage, list_designs, load_design
    from sampling.drawing import ENGINE, Draw, draw
    from sampling.errors import DesignError, Fault, FrameError, ProofError, SamplingError, SeedError
    from sampling.frame import Frame, FrameReport, read_frame
    from sampling.methods import METHODS
    from sampling.proof import Verification, read_official_frame, salted_commitment, verify_draw, write_draw
    from sampling.seed import check_seed
    from sampling.starts import label, start
    from sampling.streaming import StreamedDraw, draw_stream, read_townships

_HOMES = {
    "sampling.design": ("Design", "GroupDesign", "Label", "Stage", "list_designs", "load_design"),
    "sampling.drawing": ("ENGINE", "Draw", "draw"),
    "sampling.errors": ("DesignError", "Fault", "FrameError", "ProofError", "SamplingError", "SeedError"),
    "sampling.frame": ("Frame", "FrameReport", "read_frame"),
    "sampling.methods": ("METHODS",),
    "sampling.proof": ("Verification", "read_official_frame", "salted_commitment", "verify_draw", "write_draw"),
    "sampling.seed": ("check_seed",),
    "sampling.starts": ("label", "start"),
    "sampling.streaming": ("StreamedDraw", "draw_stream", "read_townships"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ENGINE",
    "METHODS",
    "Design",
    "DesignError",
    "Draw",
    "Fault",
    "Frame",
    "FrameError",
    "FrameReport",
    "GroupDesign",
    "Label",
    "ProofError",
    "SamplingError",
    "SeedError",
    "Stage",
    "StreamedDraw",
    "Verification",
    "check_seed",
    "draw",
    "draw_stream",
    "label",
    "list_designs",
    "load_design",
    "read_frame",
    "read_official_frame",
    "read_townships",
    "salted_commitment",
    "start",
    "verify_draw",
    "write_draw",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value

"""
Draw probability samples that anyone can redo.

frame.py          read_frame: a list from a file or DataFrame, checked whole    (tables, xlsx, columns, coded, checks,
                  cautions)
design.py         load_design: groups, stages, methods as data                  (design_reading, designs/*.yaml)
drawing.py        draw: the sample, its counts and shortfalls, the three files  (selection, seed, starts,
                  probabilities, reserves, figures)
listing.py        listing_sheets, read_listings: the clerk's sheets between two steps  (listing_checks, listing_reading)
steps.py          psu_frame, with_listings, named_draw, verify_continuation
releases.py       ReserveBook: reserves opened one at a time      (release_reasons, replacements)
coordination.py   exclude_units, avoid_units: units of earlier rounds  (earlier_units)
proof.py          write_draw, verify_draw, salted_commitment                    (comparing)
methods/          one file a method, one table METHODS
errors.py         what can be wrong, in both languages

The names below are loaded when first used: importing the package alone costs nothing, and a server that only shows
pages never loads pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.coordination import CoordinationReport, KeptList, avoid_units, exclude_units
    from sampling.design import Design, GroupDesign, Label, Stage, list_designs, load_design
    from sampling.drawing import ENGINE, Draw, draw
    from sampling.errors import DesignError, Fault, FrameError, ProofError, SamplingError, SeedError
    from sampling.frame import Frame, FrameReport, read_frame
    from sampling.listing import VillageToList, listing_sheets, villages_to_list
    from sampling.listing_reading import ListingFault, Listings, read_listings
    from sampling.methods import METHODS
    from sampling.proof import Verification, read_official_frame, salted_commitment, verify_draw, write_draw
    from sampling.release_reasons import REASONS, Reason
    from sampling.releases import Release, ReserveBook, Unit, read_releases, releases_csv
    from sampling.replacements import UsedSample, used_sample
    from sampling.seed import check_seed
    from sampling.starts import label, start
    from sampling.steps import Continuation, named_draw, psu_frame, verify_continuation, with_listings

_HOMES = {
    "sampling.coordination": ("CoordinationReport", "KeptList", "avoid_units", "exclude_units"),
    "sampling.design": ("Design", "GroupDesign", "Label", "Stage", "list_designs", "load_design"),
    "sampling.drawing": ("ENGINE", "Draw", "draw"),
    "sampling.errors": ("DesignError", "Fault", "FrameError", "ProofError", "SamplingError", "SeedError"),
    "sampling.frame": ("Frame", "FrameReport", "read_frame"),
    "sampling.listing": ("VillageToList", "listing_sheets", "villages_to_list"),
    "sampling.listing_reading": ("ListingFault", "Listings", "read_listings"),
    "sampling.methods": ("METHODS",),
    "sampling.proof": ("Verification", "read_official_frame", "salted_commitment", "verify_draw", "write_draw"),
    "sampling.release_reasons": ("REASONS", "Reason"),
    "sampling.releases": ("Release", "ReserveBook", "Unit", "read_releases", "releases_csv"),
    "sampling.replacements": ("UsedSample", "used_sample"),
    "sampling.seed": ("check_seed",),
    "sampling.starts": ("label", "start"),
    "sampling.steps": ("Continuation", "named_draw", "psu_frame", "verify_continuation", "with_listings"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ENGINE",
    "METHODS",
    "REASONS",
    "Continuation",
    "CoordinationReport",
    "Design",
    "DesignError",
    "Draw",
    "Fault",
    "Frame",
    "FrameError",
    "FrameReport",
    "GroupDesign",
    "KeptList",
    "Label",
    "ListingFault",
    "Listings",
    "ProofError",
    "Reason",
    "Release",
    "ReserveBook",
    "SamplingError",
    "SeedError",
    "Stage",
    "Unit",
    "UsedSample",
    "Verification",
    "VillageToList",
    "avoid_units",
    "check_seed",
    "draw",
    "exclude_units",
    "label",
    "list_designs",
    "listing_sheets",
    "load_design",
    "named_draw",
    "psu_frame",
    "read_frame",
    "read_listings",
    "read_official_frame",
    "read_releases",
    "releases_csv",
    "salted_commitment",
    "start",
    "used_sample",
    "verify_continuation",
    "verify_draw",
    "villages_to_list",
    "with_listings",
    "write_draw",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value

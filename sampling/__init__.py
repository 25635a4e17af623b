"""
Draw probability samples that anyone can redo.

frame.py          read_frame: a list from a file or DataFrame, checked whole    (tables, xlsx, columns, coded, sheet, checks,
                  cautions)
design.py         load_design: groups, stages, methods as data                  (design_reading, designs/*.yaml)
drawing.py        draw: the sample, its counts and shortfalls, the three files  (selection, seed, starts,
                  probabilities, reserves, figures)
listing.py        listing_sheets, read_listings: the clerk's sheets between two steps  (listing_checks, listing_reading)
steps.py          psu_frame, with_listings, named_draw, verify_continuation
releases.py       ReserveBook: reserves opened one at a time      (release_reasons, replacements)
allocation.py     allocate, allocate_budget: a sample's units to strata     (allocation_checks, apportioning, exact)
planning.py       margin_of_error, sample_size, design_effect               (planning_checks, planning_differences)
planning_designs.py   compare_designs: what whole designs give, with charts (planning_charts, plots)
household.py      which adult of a household answers: Kish grid, next birthday
coordination.py   exclude_units, avoid_units: units of earlier rounds  (earlier_units)
stratified.py     select_in_strata: row positions from an array of strata
streaming.py      draw_stream: the same, some townships at a time (pieces, csvpieces, townships, psus)
proof.py          write_draw, verify_draw, salted_commitment                    (comparing, canonical, folders)
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
    from sampling.allocation import ALLOCATIONS, Allocation, allocate, allocate_budget
    from sampling.coordination import CoordinationReport, KeptList, avoid_units, exclude_units
    from sampling.design import Design, GroupDesign, Label, Stage, Strata, list_designs, load_design
    from sampling.design_checks import Problem
    from sampling.distribution import sample_distribution
    from sampling.drawing import ENGINE, Draw, draw
    from sampling.errors import (
        AllocationError,
        DesignError,
        Fault,
        FrameError,
        HouseholdError,
        PlanningError,
        ProofError,
        SamplingError,
        SeedError,
        ShortfallError,
    )
    from sampling.frame import Frame, FrameReport, read_frame
    from sampling.household import (
        assign_kish,
        card_sentence,
        kish_grid,
        kish_probabilities,
        next_birthday,
        selected_adult,
    )
    from sampling.joint import JointProbabilities, first_order, second_order
    from sampling.listing import VillageToList, listing_sheets, villages_to_list
    from sampling.listing_reading import ListingFault, Listings, read_listings
    from sampling.methods import METHODS, certainty, sampford_tries, with_certainty
    from sampling.planning import Precision, design_effect, margin_of_error, mean_of_groups, sample_size, score_sd
    from sampling.planning_charts import comparison_chart, size_chart
    from sampling.planning_designs import (
        ComparedRow,
        Comparison,
        DesignPlan,
        GroupPlan,
        compare_designs,
        group_precision,
        plan_design,
        with_clusters,
    )
    from sampling.planning_differences import detectable_difference, power_of_difference
    from sampling.plots import Curve, Interval, interval_chart, line_chart
    from sampling.proof import Verification, read_official_frame, salted_commitment, verify_draw, write_draw
    from sampling.release_reasons import REASONS, Reason
    from sampling.releases import Release, ReserveBook, Unit, read_releases, releases_csv
    from sampling.replacements import UsedSample, used_sample
    from sampling.seed import check_seed
    from sampling.starts import label, start
    from sampling.steps import Continuation, named_draw, psu_frame, verify_continuation, with_listings
    from sampling.stratified import StrataSample, select_in_strata
    from sampling.streaming import StreamedDraw, draw_stream, read_townships

_HOMES = {
    "sampling.allocation": ("ALLOCATIONS", "Allocation", "allocate", "allocate_budget"),
    "sampling.coordination": ("CoordinationReport", "KeptList", "avoid_units", "exclude_units"),
    "sampling.design": ("Design", "GroupDesign", "Label", "Stage", "Strata", "list_designs", "load_design"),
    "sampling.design_checks": ("Problem",),
    "sampling.distribution": ("sample_distribution",),
    "sampling.drawing": ("ENGINE", "Draw", "draw"),
    "sampling.errors": (
        "AllocationError",
        "DesignError",
        "Fault",
        "FrameError",
        "HouseholdError",
        "PlanningError",
        "ProofError",
        "SamplingError",
        "SeedError",
        "ShortfallError",
    ),
    "sampling.frame": ("Frame", "FrameReport", "read_frame"),
    "sampling.household": (
        "assign_kish",
        "card_sentence",
        "kish_grid",
        "kish_probabilities",
        "next_birthday",
        "selected_adult",
    ),
    "sampling.joint": ("JointProbabilities", "first_order", "second_order"),
    "sampling.listing": ("VillageToList", "listing_sheets", "villages_to_list"),
    "sampling.listing_reading": ("ListingFault", "Listings", "read_listings"),
    "sampling.methods": ("METHODS", "certainty", "sampford_tries", "with_certainty"),
    "sampling.planning": ("Precision", "design_effect", "margin_of_error", "mean_of_groups", "sample_size", "score_sd"),
    "sampling.planning_charts": ("comparison_chart", "size_chart"),
    "sampling.planning_designs": (
        "ComparedRow",
        "Comparison",
        "DesignPlan",
        "GroupPlan",
        "compare_designs",
        "group_precision",
        "plan_design",
        "with_clusters",
    ),
    "sampling.planning_differences": ("detectable_difference", "power_of_difference"),
    "sampling.plots": ("Curve", "Interval", "interval_chart", "line_chart"),
    "sampling.proof": ("Verification", "read_official_frame", "salted_commitment", "verify_draw", "write_draw"),
    "sampling.release_reasons": ("REASONS", "Reason"),
    "sampling.releases": ("Release", "ReserveBook", "Unit", "read_releases", "releases_csv"),
    "sampling.replacements": ("UsedSample", "used_sample"),
    "sampling.seed": ("check_seed",),
    "sampling.starts": ("label", "start"),
    "sampling.steps": ("Continuation", "named_draw", "psu_frame", "verify_continuation", "with_listings"),
    "sampling.stratified": ("StrataSample", "select_in_strata"),
    "sampling.streaming": ("StreamedDraw", "draw_stream", "read_townships"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ALLOCATIONS",
    "ENGINE",
    "METHODS",
    "REASONS",
    "Allocation",
    "AllocationError",
    "ComparedRow",
    "Comparison",
    "Continuation",
    "CoordinationReport",
    "Curve",
    "Design",
    "DesignError",
    "DesignPlan",
    "Draw",
    "Fault",
    "Frame",
    "FrameError",
    "FrameReport",
    "GroupDesign",
    "GroupPlan",
    "HouseholdError",
    "Interval",
    "JointProbabilities",
    "KeptList",
    "Label",
    "ListingFault",
    "Listings",
    "PlanningError",
    "Precision",
    "Problem",
    "ProofError",
    "Reason",
    "Release",
    "ReserveBook",
    "SamplingError",
    "SeedError",
    "ShortfallError",
    "Stage",
    "Strata",
    "StrataSample",
    "StreamedDraw",
    "Unit",
    "UsedSample",
    "Verification",
    "VillageToList",
    "allocate",
    "allocate_budget",
    "assign_kish",
    "avoid_units",
    "card_sentence",
    "certainty",
    "check_seed",
    "compare_designs",
    "comparison_chart",
    "design_effect",
    "detectable_difference",
    "draw",
    "draw_stream",
    "exclude_units",
    "first_order",
    "group_precision",
    "interval_chart",
    "kish_grid",
    "kish_probabilities",
    "label",
    "line_chart",
    "list_designs",
    "listing_sheets",
    "load_design",
    "margin_of_error",
    "mean_of_groups",
    "named_draw",
    "next_birthday",
    "plan_design",
    "power_of_difference",
    "psu_frame",
    "read_frame",
    "read_listings",
    "read_official_frame",
    "read_releases",
    "read_townships",
    "releases_csv",
    "salted_commitment",
    "sampford_tries",
    "sample_distribution",
    "sample_size",
    "score_sd",
    "second_order",
    "select_in_strata",
    "selected_adult",
    "size_chart",
    "start",
    "used_sample",
    "verify_continuation",
    "verify_draw",
    "villages_to_list",
    "with_certainty",
    "with_clusters",
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

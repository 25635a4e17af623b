"""
Draw probability samples that anyone can redo.

frame.py          read_frame: a list from a file or DataFrame, checked whole    (tables, xlsx, columns, coded, checks,
                  cautions)
design.py         load_design: groups, stages, methods as data                  (design_reading, designs/*.yaml)
drawing.py        draw: the sample, its counts and shortfalls, the three files  (selection, seed, starts,
                  probabilities, reserves, figures)
allocation.py     allocate, allocate_budget: a sample's units to strata     (allocation_checks, apportioning, exact)
planning.py       margin_of_error, sample_size, design_effect               (planning_checks, planning_differences)
planning_designs.py   compare_designs: what whole designs give, with charts (planning_charts, plots)
household.py      which adult of a household answers: Kish grid, next birthday
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
    from sampling.allocation import ALLOCATIONS, Allocation, allocate, allocate_budget
    from sampling.design import Design, GroupDesign, Label, Stage, list_designs, load_design
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
    from sampling.methods import METHODS
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
    from sampling.seed import check_seed
    from sampling.starts import label, start

_HOMES = {
    "sampling.allocation": ("ALLOCATIONS", "Allocation", "allocate", "allocate_budget"),
    "sampling.design": ("Design", "GroupDesign", "Label", "Stage", "list_designs", "load_design"),
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
    "sampling.methods": ("METHODS",),
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
    "sampling.seed": ("check_seed",),
    "sampling.starts": ("label", "start"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ALLOCATIONS",
    "ENGINE",
    "METHODS",
    "Allocation",
    "AllocationError",
    "ComparedRow",
    "Comparison",
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
    "Label",
    "PlanningError",
    "Precision",
    "ProofError",
    "SamplingError",
    "SeedError",
    "Stage",
    "Verification",
    "allocate",
    "allocate_budget",
    "assign_kish",
    "card_sentence",
    "check_seed",
    "compare_designs",
    "comparison_chart",
    "design_effect",
    "detectable_difference",
    "draw",
    "group_precision",
    "interval_chart",
    "kish_grid",
    "kish_probabilities",
    "label",
    "line_chart",
    "list_designs",
    "load_design",
    "margin_of_error",
    "mean_of_groups",
    "next_birthday",
    "plan_design",
    "power_of_difference",
    "read_frame",
    "read_official_frame",
    "salted_commitment",
    "sample_size",
    "score_sd",
    "selected_adult",
    "size_chart",
    "start",
    "verify_draw",
    "with_clusters",
    "write_draw",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value

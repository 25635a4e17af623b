"""
Draw probability samples that anyone can redo.

frames/       read_frame: a list from a file or DataFrame, checked whole and put in order
designs/      load_design: groups, stages, methods as data (the shipped ones are the YAML files there)
allocation/   allocate, allocate_budget: a sample's units to strata
methods/      one file a method, one table METHODS
selection/    the selection itself; Design.check; select_in_strata for plain arrays
draws/        draw, write_draw, verify_draw, salted_commitment: the sample, its three files, their proof
streams/      draw_stream, read_townships: frames of any length
theory/       first_order, second_order, sample_distribution: exact probabilities
planning/     margin_of_error, sample_size, compare_designs
fieldwork/    listing sheets and second steps, visits and reserves, earlier rounds, who of a household answers
charts/       line_chart, interval_chart, bar_chart, heat_chart as SVG
errors.py     what can be wrong, in both languages

The names below are loaded when first used: importing the package alone costs nothing, and a server that only shows
pages never loads pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.allocation.allocation import ALLOCATIONS, Allocation, allocate, allocate_budget
    from sampling.charts.charts import Bar, bar_chart, heat_chart
    from sampling.charts.plots import Curve, Interval, interval_chart, line_chart
    from sampling.designs.design import (
        Design,
        GroupDesign,
        Label,
        Stage,
        Strata,
        design_sha256,
        list_designs,
        load_design,
    )
    from sampling.draws.drawing import ENGINE, Draw, draw
    from sampling.draws.proof import Verification, read_official_frame, salted_commitment, verify_draw, write_draw
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
    from sampling.fieldwork.birthdays import next_birthday
    from sampling.fieldwork.coordination import CoordinationReport, KeptList, avoid_units, exclude_units
    from sampling.fieldwork.dispositions import OUTCOMES, Outcome, OutcomeRates, final_disposition, outcome_rates
    from sampling.fieldwork.household import (
        assign_kish,
        card_sentence,
        kish_grid,
        kish_probabilities,
        selected_adult,
    )
    from sampling.fieldwork.listing import VillageToList, listing_sheets, villages_to_list
    from sampling.fieldwork.listing_reading import ListingFault, Listings, read_listings
    from sampling.fieldwork.release_files import read_releases, releases_csv
    from sampling.fieldwork.release_reasons import REASONS, Reason
    from sampling.fieldwork.releases import Release, ReserveBook, Unit
    from sampling.fieldwork.replacements import UsedSample, used_sample
    from sampling.fieldwork.steps import Continuation, named_draw, psu_frame, verify_continuation, with_listings
    from sampling.frames.frame import Frame, FrameReport, read_frame
    from sampling.methods import METHODS, certainty, sampford_tries, with_certainty
    from sampling.planning.planning import (
        Precision,
        design_effect,
        margin_of_error,
        mean_of_groups,
        sample_size,
        score_sd,
    )
    from sampling.planning.planning_charts import comparison_chart, size_chart
    from sampling.planning.planning_designs import (
        ComparedRow,
        Comparison,
        DesignPlan,
        GroupPlan,
        compare_designs,
        group_precision,
        plan_design,
        with_clusters,
    )
    from sampling.planning.planning_differences import detectable_difference, power_of_difference
    from sampling.seed import check_seed
    from sampling.selection.design_checks import Problem
    from sampling.selection.stratified import StrataSample, select_in_strata
    from sampling.starts import label, start
    from sampling.streams.streaming import StreamedDraw, draw_stream, read_townships
    from sampling.theory.distribution import sample_distribution
    from sampling.theory.joint import JointProbabilities, first_order, second_order

_HOMES = {
    "sampling.allocation.allocation": ("ALLOCATIONS", "Allocation", "allocate", "allocate_budget"),
    "sampling.charts.charts": ("Bar", "bar_chart", "heat_chart"),
    "sampling.fieldwork.coordination": ("CoordinationReport", "KeptList", "avoid_units", "exclude_units"),
    "sampling.designs.design": (
        "Design",
        "GroupDesign",
        "Label",
        "Stage",
        "Strata",
        "design_sha256",
        "list_designs",
        "load_design",
    ),
    "sampling.selection.design_checks": ("Problem",),
    "sampling.theory.distribution": ("sample_distribution",),
    "sampling.draws.drawing": ("ENGINE", "Draw", "draw"),
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
    "sampling.frames.frame": ("Frame", "FrameReport", "read_frame"),
    "sampling.fieldwork.household": (
        "assign_kish",
        "card_sentence",
        "kish_grid",
        "kish_probabilities",
        "selected_adult",
    ),
    "sampling.theory.joint": ("JointProbabilities", "first_order", "second_order"),
    "sampling.fieldwork.birthdays": ("next_birthday",),
    "sampling.fieldwork.listing": ("VillageToList", "listing_sheets", "villages_to_list"),
    "sampling.fieldwork.listing_reading": ("ListingFault", "Listings", "read_listings"),
    "sampling.methods": ("METHODS", "certainty", "sampford_tries", "with_certainty"),
    "sampling.planning.planning": (
        "Precision",
        "design_effect",
        "margin_of_error",
        "mean_of_groups",
        "sample_size",
        "score_sd",
    ),
    "sampling.planning.planning_charts": ("comparison_chart", "size_chart"),
    "sampling.planning.planning_designs": (
        "ComparedRow",
        "Comparison",
        "DesignPlan",
        "GroupPlan",
        "compare_designs",
        "group_precision",
        "plan_design",
        "with_clusters",
    ),
    "sampling.planning.planning_differences": ("detectable_difference", "power_of_difference"),
    "sampling.charts.plots": ("Curve", "Interval", "interval_chart", "line_chart"),
    "sampling.draws.proof": ("Verification", "read_official_frame", "salted_commitment", "verify_draw", "write_draw"),
    "sampling.fieldwork.dispositions": ("OUTCOMES", "Outcome", "OutcomeRates", "final_disposition", "outcome_rates"),
    "sampling.fieldwork.release_reasons": ("REASONS", "Reason"),
    "sampling.fieldwork.release_files": ("read_releases", "releases_csv"),
    "sampling.fieldwork.releases": ("Release", "ReserveBook", "Unit"),
    "sampling.fieldwork.replacements": ("UsedSample", "used_sample"),
    "sampling.seed": ("check_seed",),
    "sampling.starts": ("label", "start"),
    "sampling.fieldwork.steps": ("Continuation", "named_draw", "psu_frame", "verify_continuation", "with_listings"),
    "sampling.selection.stratified": ("StrataSample", "select_in_strata"),
    "sampling.streams.streaming": ("StreamedDraw", "draw_stream", "read_townships"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ALLOCATIONS",
    "ENGINE",
    "METHODS",
    "OUTCOMES",
    "REASONS",
    "Allocation",
    "AllocationError",
    "Bar",
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
    "Outcome",
    "OutcomeRates",
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
    "bar_chart",
    "card_sentence",
    "certainty",
    "check_seed",
    "compare_designs",
    "comparison_chart",
    "design_effect",
    "design_sha256",
    "detectable_difference",
    "draw",
    "draw_stream",
    "exclude_units",
    "final_disposition",
    "first_order",
    "group_precision",
    "heat_chart",
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
    "outcome_rates",
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

"""
What whole designs give: the groups of a township, and its public appraisal score.

GroupPlan, DesignPlan       one group of a township, and a township's groups under a name
plan_design(design, …)      a shipped or loaded design with what is expected of its answers
with_clusters(plan, …)      the same with one group drawn otherwise: 10 villages × 5 households
compare_designs(plans)      standard error, margin of error and detectable difference, side by side
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sampling.allocation.exact import Number
from sampling.errors import PlanningError
from sampling.figures import figure
from sampling.planning.planning import Precision, exact_design_effect, margin_of_error, mean_of_groups
from sampling.planning.planning_checks import count, number
from sampling.planning.planning_differences import detectable_difference

if TYPE_CHECKING:
    import pandas as pd

    from sampling.designs.design import Design, GroupDesign

APPRAISAL = "appraisal"
"""Stands for the group in the rows of the mean of all groups."""

_COLUMNS = ("design", "group", "clusters", "take", "n", "answers", "deff", "se", "moe", "significant", "detectable")


class GroupPlan(NamedTuple):
    """
    How one group of a township is drawn, and what is expected of its answers.

    Attributes
    ----------
    group : str
        Its code.
    clusters, take : int
        Clusters hit and units taken per hit; a group drawn in one stage has as many clusters as units, take 1.
    sd : number
        Standard deviation of respondents' totals, in points of 100.
    icc : number
        ρ, correlation within a cluster.
    population : int or None
        Units of the group in a township, N.
    response : number
        Expected response rate.
    """

    group: str
    clusters: int
    take: int = 1
    sd: Number = 18
    icc: Number = 0
    population: int | None = None
    response: Number = 1

    @property
    def n(self) -> int:
        """Units approached."""
        return self.clusters * self.take


class DesignPlan(NamedTuple):
    """A township's groups under a design's name."""

    name: str
    groups: tuple[GroupPlan, ...]


class ComparedRow(NamedTuple):
    """
    One group of one design, or the appraisal score of one design.

    Attributes
    ----------
    design, group : str
        The group is ``appraisal`` for the mean of the groups.
    clusters, take : int or None
        None for the appraisal score.
    precision : Precision
    significant : float
        The smallest observed difference of two townships that a test calls one.
    detectable : float
        The true difference that is found with the comparison's power.
    """

    design: str
    group: str
    clusters: int | None
    take: int | None
    precision: Precision
    significant: float
    detectable: float


@dataclass(frozen=True)
class Comparison:
    """
    Designs side by side.

    Attributes
    ----------
    rows : tuple of ComparedRow
        By design as given; within it the groups, then the appraisal score.
    confidence, power : float
    """

    rows: tuple[ComparedRow, ...]
    confidence: float
    power: float

    def of(self, group: str) -> tuple[ComparedRow, ...]:
        """The rows of one group, one a design that has it."""
        return tuple(row for row in self.rows if row.group == group)

    def table(self) -> pd.DataFrame:
        """
        The rows as a table.

        Returns
        -------
        DataFrame
            Columns design, group, clusters, take, n, answers, deff, se, moe, significant, detectable.
        """
        import pandas as pd

        table = pd.DataFrame([_cells(row) for row in self.rows], columns=list(_COLUMNS))
        return table.astype({"clusters": "Int64", "take": "Int64"})

    def csv(self) -> str:
        """The table as CSV: shortest decimals, whole numbers without a point, LF."""
        lines = [",".join(_COLUMNS)]
        lines += [",".join(_written(value) for value in _cells(row).values()) for row in self.rows]
        return "\n".join(lines) + "\n"


def group_precision(plan: GroupPlan, *, confidence: Number = 0.95) -> Precision:
    """
    Precision of one group's total in one township.

    Parameters
    ----------
    plan : GroupPlan
    confidence : number

    Returns
    -------
    Precision
        With deff = 1 + (m·r − 1)·ρ: of m units per cluster the share r answers.

    Raises
    ------
    PlanningError
        When a value is out of range, or the group has fewer units than planned.

    Examples
    --------
    >>> round(group_precision(GroupPlan("rural", 5, 10, icc="1/30")).se, 1)
    2.9
    """
    answering = count(plan.take, "take") * number(plan.response, "response")
    if plan.population is not None and plan.n > plan.population:
        raise PlanningError(
            f"The group {plan.group} is planned with {plan.n} units, but has {plan.population} in the township; plan for at most "
            f"{plan.population}.",
            f"{plan.group} 组拟抽 {plan.n} 个单位，而乡镇内只有 {plan.population} 个；请按不超过 {plan.population} 编制。",
        )
    return margin_of_error(
        count(plan.clusters, "clusters") * plan.take,
        sd=plan.sd,
        confidence=confidence,
        deff=exact_design_effect(answering, number(plan.icc, "icc")),
        population=plan.population,
        response=plan.response,
    )


def plan_design(
    design: Design,
    *,
    sd: Number = 18,
    icc: Number = 0.05,
    response: Number = 1,
    population: int | Mapping[str, int] | None = None,
) -> DesignPlan:
    """
    A design with what is expected of its answers.

    Parameters
    ----------
    design : Design
    sd, icc, response : number
        For all groups; ρ plays a part only in groups drawn in stages.
    population : int or mapping of str to int, optional
        N of every group in a township, or of the groups that are named.

    Returns
    -------
    DesignPlan

    Examples
    --------
    >>> from sampling import load_design
    >>> [(group.group, group.clusters, group.take) for group in plan_design(load_design("county-110")).groups]
    [('delegates', 30, 1), ('enterprise', 10, 1), ('urban', 2, 10), ('rural', 5, 10)]
    """
    known = [group.group for group in design.groups]
    sizes = population if isinstance(population, Mapping) else dict.fromkeys(known, population)
    for group in sizes:
        _known(group, known)
    groups = [
        GroupPlan(
            group.group,
            *_clusters_and_take(group),
            sd,
            icc,
            sizes.get(group.group),
            response,
        )
        for group in design.groups
    ]
    return DesignPlan(design.name, tuple(groups))


def _clusters_and_take(group: GroupDesign) -> tuple[int, int]:
    """Hits of the first stage and units per hit; a rate has none before the lists are known."""
    clusters, take = group.stages[0].n, group.take_per_hit
    if clusters is None or take is None:
        raise PlanningError(
            f"The group {group.group} is drawn at a rate, so its size is not known before its list; plan for the n "
            "that you expect.",
            f"{group.group} 组按比例抽取，在取得名单之前样本量未知；请按预计的 n 编制。",
        )
    return clusters, take


def with_clusters(plan: DesignPlan, clusters: int, take: int, *, group: str | None = None) -> DesignPlan:
    """
    A plan with one group drawn otherwise.

    Parameters
    ----------
    plan : DesignPlan
    clusters, take : int
        Clusters and units per cluster, both at least 1.
    group : str, optional
        Where not given, the group of the plan with the most units drawn in clusters.

    Returns
    -------
    DesignPlan
        Named after the change, such as ``rural 10×5``.

    Examples
    --------
    >>> plan = DesignPlan("county-110", (GroupPlan("urban", 2, 10), GroupPlan("rural", 5, 10)))
    >>> with_clusters(plan, 10, 5).name
    'rural 10×5'
    """
    chosen = group or _largest_clustered(plan)
    _known(chosen, [own.group for own in plan.groups])
    hits, each = count(clusters, "clusters"), count(take, "take")
    groups = tuple(own._replace(clusters=hits, take=each) if own.group == chosen else own for own in plan.groups)
    return DesignPlan(f"{chosen} {hits}×{each}", groups)


def compare_designs(plans: Sequence[DesignPlan], *, confidence: Number = 0.95, power: Number = 0.8) -> Comparison:
    """
    Designs side by side: each group and the township's public appraisal score.

    Parameters
    ----------
    plans : sequence of DesignPlan
        At least one; names should differ.
    confidence : number
        Of the intervals and of the test that two townships differ.
    power : number
        Probability with which the detectable difference is found.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> plan = DesignPlan("5 × 10", (GroupPlan("rural", 5, 10, icc=0.05),))
    >>> for row in compare_designs([plan, with_clusters(plan, 10, 5)]).of("rural"):
    ...     print(row.design, round(row.precision.deff, 2), round(row.precision.moe, 1))
    5 × 10 1.45 6.0
    rural 10×5 1.2 5.5
    """
    count(len(plans), "plans")
    rows = [row for plan in plans for row in _rows(plan, confidence, power)]
    return Comparison(tuple(rows), float(number(confidence, "confidence")), float(number(power, "power")))


def _rows(plan: DesignPlan, confidence: Number, power: Number) -> list[ComparedRow]:
    """The groups of one design, then the mean of them."""
    parts = [group_precision(group, confidence=confidence) for group in plan.groups]
    whole = mean_of_groups(parts, confidence=confidence)
    own = [(g.group, g.clusters, g.take, part) for g, part in zip(plan.groups, parts, strict=True)]
    return [
        ComparedRow(
            plan.name,
            group,
            clusters,
            take,
            precision,
            detectable_difference(precision.se, confidence=confidence),
            detectable_difference(precision.se, confidence=confidence, power=power),
        )
        for group, clusters, take, precision in [*own, (APPRAISAL, None, None, whole)]
    ]


def _cells(row: ComparedRow) -> dict[str, Any]:
    """One row of the table."""
    p = row.precision
    values = (
        *(row.design, row.group, row.clusters, row.take),
        *(p.n, p.answers, p.deff, p.se, p.moe, row.significant, row.detectable),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _written(value: str | float | None) -> str:
    """A cell of the CSV, quoted only where it must be."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return figure(value)
    return '"' + value.replace('"', '""') + '"' if set(value) & set('",\r\n') else value


def _largest_clustered(plan: DesignPlan) -> str:
    """The group with the most units of those drawn in clusters."""
    clustered = [group for group in plan.groups if group.take > 1]
    if not clustered:
        raise PlanningError(
            f"The design {plan.name} draws no group in clusters; name the group to draw otherwise.",
            f"设计 {plan.name} 没有分群抽取的组；请写明要改变的组。",
        )
    return max(clustered, key=lambda group: group.n).group


def _known(group: str, known: Sequence[str]) -> None:
    """Refuse a group that the design does not have."""
    if group not in known:
        raise PlanningError(
            f"Expected a group of the design ({', '.join(known)}), got “{group}”; correct it.",
            f"应为该设计的组（{'、'.join(known)}），实为“{group}”；请改正。",
        )

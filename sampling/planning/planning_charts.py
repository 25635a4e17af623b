"""
Charts of a plan, in Chinese or English.

size_chart(group, …)            margin of error against sample size, for several takes per cluster
comparison_chart(comparison)    designs side by side: the group drawn otherwise, and the appraisal score
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sampling.allocation.exact import Number
from sampling.charts.plots import Curve, Interval, interval_chart, line_chart
from sampling.errors import PlanningError
from sampling.planning.planning_designs import APPRAISAL, ComparedRow, Comparison, GroupPlan, group_precision

LANGUAGES = ("zh", "en")
_TAKES = (1, 5, 10, 20)


def size_chart(
    group: GroupPlan,
    *,
    takes: Sequence[int] = _TAKES,
    confidence: Number = 0.95,
    lang: str = "zh",
    label: str | None = None,
) -> str:
    """
    Margin of error against sample size, a curve for each take per cluster.

    Parameters
    ----------
    group : GroupPlan
        What is planned; its own curve stands out, with its sample size marked.
    takes : sequence of int
        Units per cluster of the other curves.
    confidence : number
    lang : str
        ``zh`` or ``en``.
    label : str, optional
        The group's name in that language.

    Returns
    -------
    str
        An SVG document.

    Examples
    --------
    >>> size_chart(GroupPlan("rural", 5, 10, icc=0.05), lang="en").count("<polyline")
    4
    """
    _check_language(lang)
    zh, name = lang == "zh", label or group.group
    own = group_precision(group, confidence=confidence)
    shown = [group.take, *(take for take in takes if take != group.take)] if group.take > 1 else [1]
    curves = [_curve(group, take, confidence, zh) for take in shown]
    mark = (float(group.n), own.moe, f"{group.n}: ±{own.moe:.1f}")
    curves[0] = curves[0]._replace(marks=(mark,))
    drawn_zh = f"（每群 {group.take} 个）" if group.take > 1 else ""
    drawn_en = f" ({group.take} per cluster)" if group.take > 1 else ""
    title = (
        f"{name}抽 {group.n} 个{drawn_zh}，误差为 ±{own.moe:.1f} 分"
        if zh
        else f"{name}: {group.n} units{drawn_en} give ±{own.moe:.1f} points"
    )
    said = [f"{curve.label}: ±{curve.points[-1][1]:.1f}" for curve in curves]
    last = int(curves[0].points[-1][0])
    description = (
        f"横轴为样本量，纵轴为误差。样本量 {last} 时：" + "；".join(said) + "。"
        if zh
        else f"Margin of error against sample size. At {last} units: " + "; ".join(said) + "."
    )
    return line_chart(
        curves,
        title=title,
        description=description,
        x_label="样本量" if zh else "sample size",
        y_label="误差（±分）" if zh else "margin of error (± points)",
    )


def comparison_chart(comparison: Comparison, *, lang: str = "zh", labels: Mapping[str, str] | None = None) -> str:
    """
    Designs side by side, with the intervals that they give around the true score.

    Parameters
    ----------
    comparison : Comparison
        Of at least two designs; the first is what the others are compared with.
    lang : str
        ``zh`` or ``en``.
    labels : mapping of str to str, optional
        Group → its name in that language.

    Returns
    -------
    str
        An SVG document with the groups that the designs draw differently, then the appraisal score. The title states the
        largest change of a group's margin of error.

    Examples
    --------
    >>> from sampling.planning.planning_designs import DesignPlan, compare_designs, with_clusters
    >>> plan = DesignPlan("5×10", (GroupPlan("rural", 5, 10, icc=0.05),))
    >>> comparison_chart(compare_designs([plan, with_clusters(plan, 10, 5)]), lang="en").count("<circle")
    4
    """
    _check_language(lang)
    zh, names = (
        lang == "zh",
        {APPRAISAL: "公众评议总分" if lang == "zh" else "Public appraisal score", **(labels or {})},
    )
    groups = [group for group in dict.fromkeys(row.group for row in comparison.rows) if group != APPRAISAL]
    changed = [group for group in groups if len({row.precision for row in comparison.of(group)}) > 1]
    sections = [(group, comparison.of(group)) for group in [*changed, APPRAISAL]]
    said = "; ".join(
        f"{names.get(group, group)}, {row.design}: ±{row.precision.moe:.1f}" for group, rows in sections for row in rows
    )
    return interval_chart(
        [(names.get(group, group), [_row(row, rows[0]) for row in rows]) for group, rows in sections],
        title=_message(comparison, changed, names, zh),
        description=said,
        x_label="与真值之差（分）" if zh else "points from the true score",
    )


def _curve(group: GroupPlan, take: int, confidence: Number, zh: bool) -> Curve:
    """Margin of error for every number of clusters, up to twice the planned sample."""
    most = 2 * group.n if group.population is None else min(2 * group.n, group.population)
    plans = [group._replace(clusters=clusters, take=take) for clusters in range(1, most // take + 1)]
    least = min(10, group.n)
    points = [
        (float(plan.n), group_precision(plan, confidence=confidence).moe)
        for plan in plans
        if plan.n >= least or plan is plans[-1]
    ]
    return Curve(f"每群 {take}" if zh else f"{take} each", points)


def _row(row: ComparedRow, first: ComparedRow) -> Interval:
    """One design's interval; the first design is the context, and so is what stayed as it was."""
    moe = row.precision.moe
    return Interval(row.design, -moe, 0.0, moe, f"±{moe:.1f}", strong=row.precision != first.precision)


def _message(comparison: Comparison, changed: Sequence[str], names: Mapping[str, str], zh: bool) -> str:
    """The largest change of a group's margin, against the first design."""
    pairs = [(rows[0], row) for group in changed for rows in [comparison.of(group)] for row in rows[1:]]
    if not pairs:
        return "各设计的误差相同" if zh else "The designs give the same margins of error"
    before, after = max(pairs, key=lambda pair: abs(pair[1].precision.moe - pair[0].precision.moe))
    name, old, new = names.get(after.group, after.group), before.precision.moe, after.precision.moe
    if zh:
        return f"{name}改为 {after.clusters}×{after.take}，误差由 ±{old:.1f} 分变为 ±{new:.1f} 分"
    return f"{name} as {after.clusters}×{after.take}: ±{new:.1f} points instead of ±{old:.1f}"


def _check_language(lang: str) -> None:
    """Refuse a language that the charts do not speak."""
    if lang not in LANGUAGES:
        raise PlanningError(
            f"Expected zh or en as the chart's language, got {lang!r}; take one of them.",
            f"图表语言应为 zh 或 en，实为 {lang!r}；请改正。",
        )

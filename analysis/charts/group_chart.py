"""Each township's group totals, one mark a group: a dot plot."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.charts import drawing
from analysis.charts.drawing import GREY, HAIRLINE, INK, MARGIN, PINE, ROW, SEAL, SMALL, WIDTH, Scale
from analysis.charts.words import figure, label_width, last_wave, names_of, records
from analysis.results import Scores

_MARKS = (("circle", PINE), ("square", INK), ("diamond", SEAL), ("triangle", GREY))


def group_chart(scores: Scores, *, language: str = "zh") -> str | None:
    """
    The totals of the groups in each township, townships sorted by rank.

    Parameters
    ----------
    scores : Scores
        The latest wave.
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if no group has a total.
    """
    groups = last_wave(scores.groups)
    groups = groups[groups["total"].notna()]
    if groups.empty:
        return None
    totals = {(str(row["township_code"]), str(row["group"])): float(row["total"]) for row in records(groups)}
    order = last_wave(scores.townships).sort_values(["rank", "township_code"], kind="stable")["township_code"]
    codes = [str(code) for code in order if any(code == township for township, _ in totals)]
    labels = {
        group.code: group.label.zh if language == "zh" else group.label.en
        for group in scores.scheme.groups
        if any(group.code == code for _, code in totals)
    }
    means = {group: _mean([total for (_, own), total in totals.items() if own == group]) for group in labels}
    title = _sentence(means, labels, language)
    head, top = drawing.heading(title)
    legend, first = _legend(means, labels, top + 22)
    names = names_of(scores)
    dots, bottom = _dots(totals, codes, list(labels), names, first)
    words = (
        "各类合计分值（满分100）；图例后的数字为各乡镇平均"
        if language == "zh"
        else "Group total (of 100); the figure beside a group is its mean over townships"
    )
    below, end = drawing.remark(words, bottom + 34)
    described = _description(codes, names, labels, totals)
    return drawing.document(title, described, end + MARGIN, [head, *legend, *dots, *below])


def _legend(means: Mapping[str, float], labels: Mapping[str, str], y: float) -> tuple[list[str], float]:
    """Each group's mark, name and mean, on as many lines as they need, and where the dots may begin."""
    marks, x = [], float(MARGIN)
    for k, (group, label) in enumerate(labels.items()):
        words = f"{label} {figure(means[group], 1)}"
        wide = 14 + drawing.text_width(words, SMALL) + 12
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 17
        shape, colour = _MARKS[k % len(_MARKS)]
        marks += [drawing.dot(x + 5, y - 4, colour, 4, shape), drawing.text(x + 14, y, words, size=SMALL, fill=GREY)]
        x += wide
    return marks, y + 8


def _dots(
    totals: Mapping[tuple[str, str], float], codes: list[str], groups: list[str], names: Mapping[str, str], first: float
) -> tuple[list[str], float]:
    """A row of marks for each township on an axis, and where it ends."""
    left = MARGIN + label_width([names[code] for code in codes], 84, drawing.TEXT_SIZE) + 10
    low, high = min(totals.values()), max(totals.values())
    room = (high - low) * 0.04 or 1.0
    across = Scale(low - room, high + room, left, WIDTH - MARGIN - 6)
    bottom = first + ROW * len(codes)
    marks = drawing.axis(drawing.ticks(low - room, high + room), across, first, bottom)
    for n, code in enumerate(codes):
        middle = first + ROW * (n + 0.5)
        own = {group: totals[code, group] for group in groups if (code, group) in totals}
        marks.append(drawing.text(MARGIN, middle + 4, drawing.shortened(names[code], 84)))
        ends = across.at(min(own.values())), across.at(max(own.values()))
        marks.append(drawing.line(ends[0], middle, ends[1], middle, HAIRLINE, 2))
        for group, total in own.items():
            shape, colour = _MARKS[groups.index(group) % len(_MARKS)]
            marks.append(drawing.dot(across.at(total), middle, colour, 4, shape))
    return marks, bottom


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _sentence(means: dict[str, float], labels: dict[str, str], language: str) -> str:
    best, worst = max(means, key=lambda code: means[code]), min(means, key=lambda code: means[code])
    if len(means) == 1:
        return f"{labels[best]}在各乡镇的合计分值" if language == "zh" else f"Totals of {labels[best]} by township"
    if means[best] == means[worst]:
        return "各类对象的评价平均相同" if language == "zh" else "All groups rate the same on average"
    if language == "zh":
        return f"{labels[best]}的评价最高，{labels[worst]}的评价最低，平均相差{figure(means[best] - means[worst], 1)}分"
    gap = figure(means[best] - means[worst], 1)
    return f"{labels[best]} rate highest, {labels[worst].lower()} lowest, {gap} points apart on average"


def _description(
    codes: list[str], names: Mapping[str, str], labels: dict[str, str], totals: dict[tuple[str, str], float]
) -> str:
    parts = []
    for code in codes:
        own = ", ".join(f"{label} {figure(totals[code, g])}" for g, label in labels.items() if (code, g) in totals)
        parts.append(f"{names[code]}: {own}")
    return "; ".join(parts)

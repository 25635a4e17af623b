"""Dimensions by township: a map of figures, darker the farther a township stands from the county, with a mark where it is far below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from analysis.charts import drawing
from analysis.charts.drawing import GREY, INK, MARGIN, SMALL, WIDTH
from analysis.charts.words import figure, last_wave, names_of
from analysis.itemlists import ItemList
from analysis.results import Scores

_CELL_ROW = 20
_ABOVE, _BELOW, _LEVEL = (27, 107, 88), (184, 57, 43), (251, 249, 244)
_FULL = 12.0  # points from the county's mean at which the colour is full
_FAR = 3.0  # points from the county's mean at which more than colour says so
_STRENGTH = 0.55  # of the colour at most, so that ink stays readable on it


def dimension_scores(
    scores: Scores, item_lists: Mapping[str, ItemList], group: str | None = None
) -> dict[tuple[str, str], Fraction]:
    """
    The score of each dimension in each township, 0 to 100.

    Within a group it is the mean of the dimension's item scores, brought to 100; over groups the mean of the groups that ask
    about it. Items without a score, and those whose questionnaire names no dimension, are left out.

    Parameters
    ----------
    scores : Scores
        The latest wave of the exact figures.
    item_lists : mapping of str to ItemList
        By group.
    group : str, optional
        One group alone.

    Returns
    -------
    dict
        By township code and the dimension's Chinese name.
    """
    wave = max((key[0] for key in scores.exact.items), default=0)
    parts: dict[tuple[str, str], dict[str, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for (own_wave, township, own_group, item), value in scores.exact.items.items():
        label = item_lists[own_group].dimensions.get(item) if own_group in item_lists else None
        if own_wave == wave and label is not None and group in (None, own_group):
            parts[township, label.zh][own_group].append(value)
    scale = Fraction(100, scores.scheme.highest)
    return {
        key: scale
        * sum((sum(values, Fraction()) / len(values) for values in by_group.values()), Fraction())
        / len(by_group)
        for key, by_group in parts.items()
    }


def dimension_chart(
    scores: Scores, item_lists: Mapping[str, ItemList], group: str | None = None, *, language: str = "zh"
) -> str | None:
    """
    Dimensions by township as a map of figures, townships sorted by rank.

    Parameters
    ----------
    scores : Scores
    item_lists : mapping of str to ItemList
        By group.
    group : str, optional
        One group alone; the mean of the groups if not given.
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if no questionnaire names dimensions.
    """
    found = dimension_scores(scores, item_lists, group)
    if not found:
        return None
    labels = _labels(item_lists, group)
    dimensions = [name for name in labels if any(name == own for _, own in found)]
    order = last_wave(scores.townships).sort_values(["rank", "township_code"], kind="stable")["township_code"]
    codes = [str(code) for code in order if any(code == township for township, _ in found)]
    means = {name: _mean([found[code, name] for code in codes if (code, name) in found]) for name in dimensions}
    words = labels if language == "en" else {name: name for name in dimensions}
    title = _sentence(means, words, language)
    head, top = drawing.heading(title)
    left = MARGIN + 70.0
    wide = (WIDTH - MARGIN - left) / len(dimensions)
    heads, first = _heads([words[name] for name in dimensions], left, wide, top + 12, language)
    names = names_of(scores)
    lines = [("全县平均" if language == "zh" else "County", means)]
    lines += [
        (names[code], {name: found[code, name] for name in dimensions if (code, name) in found}) for code in codes
    ]
    cells = [_line(label, values, means, k, first, left, wide) for k, (label, values) in enumerate(lines)]
    remark = (
        "数字为该方面得分（满分100）；绿色且加粗高于全县平均3分以上，红色且带倒三角低于3分以上"
        if language == "zh"
        else "Score of the dimension (of 100); green and bold: 3 points or more above the county, red with a triangle: below"
    )
    below, end = drawing.remark(remark, first + _CELL_ROW * len(lines) + 18)
    described = "; ".join(
        f"{label}: " + ", ".join(f"{words[name]} {figure(float(value), 1)}" for name, value in values.items())
        for label, values in lines
    )
    body = [head, *heads, *(mark for marks in cells for mark in marks), *below]
    return drawing.document(title, described, end + MARGIN, body)


def _line(
    label: str,
    values: Mapping[str, Fraction],
    means: Mapping[str, Fraction],
    k: int,
    first: float,
    left: float,
    wide: float,
) -> list[str]:
    """One township's cells; line 0 is the county."""
    y = first + _CELL_ROW * k + (4 if k else 0)
    marks = [drawing.text(MARGIN, y + 14, drawing.shortened(label, 66, SMALL), size=SMALL, weight=400 if k else 600)]
    for n, (name, mean) in enumerate(means.items()):
        if name in values:
            marks += _cell(values[name], mean if k else None, left + n * wide, y, wide)
    return marks


def _labels(item_lists: Mapping[str, ItemList], group: str | None) -> dict[str, str]:
    """The dimensions in the questionnaires' order, with their English names."""
    labels: dict[str, str] = {}
    for code, items in item_lists.items():
        if group in (None, code):
            for item in items.items:
                if item in items.dimensions:
                    labels.setdefault(items.dimensions[item].zh, items.dimensions[item].en)
    return labels


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction()) / len(values)


def _heads(words: list[str], left: float, wide: float, top: float, language: str) -> tuple[list[str], float]:
    """The dimensions' names above their columns: Chinese in lines of two characters, English turned."""
    if language == "zh":
        lines = max((len(word) + 1) // 2 for word in words)
        marks = [
            drawing.text(
                left + (n + 0.5) * wide,
                top + 10 + 13 * k,
                word[2 * k : 2 * k + 2],
                anchor="middle",
                fill=GREY,
                size=SMALL,
            )
            for n, word in enumerate(words)
            for k in range((len(word) + 1) // 2)
        ]
        return marks, top + 13 * lines + 6
    tall = 160.0
    marks = [
        drawing.text(
            left + (n + 0.5) * wide + 4,
            top + tall,
            drawing.shortened(word, tall, SMALL),
            fill=GREY,
            size=SMALL,
            turn=-90,
        )
        for n, word in enumerate(words)
    ]
    return marks, top + tall + 6


def _cell(value: Fraction, mean: Fraction | None, x: float, y: float, wide: float) -> list[str]:
    gap = 0.0 if mean is None else float(value - mean)
    weight = 600 if mean is None or gap >= _FAR else 400
    label = drawing.text(
        x + wide / 2, y + 14, figure(float(value), 0), anchor="middle", fill=INK, size=SMALL, weight=weight
    )
    return [
        drawing.rect(x + 0.5, y + 0.5, wide - 1, _CELL_ROW - 1, _colour(gap)),
        label,
        *([drawing.dot(x + 5, y + _CELL_ROW / 2, INK, 2, "down")] if gap <= -_FAR else []),
    ]


def _colour(gap: float) -> str:
    """Paper at the county's mean, towards green above and red below."""
    strength = min(abs(gap) / _FULL, 1) * _STRENGTH
    end = _ABOVE if gap > 0 else _BELOW
    mixed = (round(a + (b - a) * strength) for a, b in zip(_LEVEL, end, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def _sentence(means: dict[str, Fraction], words: Mapping[str, str], language: str) -> str:
    best, worst = max(means, key=lambda name: means[name]), min(means, key=lambda name: means[name])
    if len(means) > 1 and means[best] == means[worst]:
        same = figure(float(means[best]), 1)
        return f"各方面平均均为{same}分" if language == "zh" else f"All dimensions score {same}"
    if best == worst:
        return (
            f"{words[best]}平均{figure(float(means[best]))}分"
            if language == "zh"
            else f"{words[best]}: {figure(float(means[best]))}"
        )
    if language == "zh":
        return f"{words[best]}得分最高（平均{figure(float(means[best]), 1)}分），{words[worst]}最低（{figure(float(means[worst]), 1)}分）"
    return f"{words[best]} scores highest ({figure(float(means[best]), 1)}), {words[worst].lower()} lowest ({figure(float(means[worst]), 1)})"

"""Scores with their intervals and rank sets, the best above: a forest plot."""

from __future__ import annotations

from typing import Any

from analysis.charts import drawing
from analysis.charts.drawing import GREY, HAIRLINE, MARGIN, PINE, ROW, SMALL, WIDTH, Scale
from analysis.charts.words import figure, label_width, last_wave, names_of, number_or_none, range_text, records
from analysis.results import Scores

_FIRST_SIX = 6
_SETS = 52  # room for the column of rank sets


def rank_chart(scores: Scores, *, language: str = "zh") -> str | None:
    """
    Each township's score, its interval, official rank and set of ranks, sorted by rank.

    Parameters
    ----------
    scores : Scores
        The latest wave of ``townships``; intervals and rank sets are left out where they are empty.
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if no township has a score.
    """
    table = last_wave(scores.townships)
    table = table[table["public_appraisal"].notna()]
    if table.empty:
        return None
    table = table.sort_values(["rank", "township_code"], kind="stable")
    rows = records(table)
    title, description = _sentence(rows, language), _description(rows, language)
    head, top = drawing.heading(title)
    names = names_of(scores)
    left = MARGIN + 22 + label_width([names[row["township_code"]] for row in rows], 84, drawing.TEXT_SIZE) + 8
    has_sets = any(range_text(row["rank_low"], row["rank_high"]) for row in rows)
    right = WIDTH - MARGIN - 40 - (_SETS if has_sets else 0)
    ends = [_ends(row) for row in rows]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    room = (high - low) * 0.03 or 1.0
    across = Scale(low - room, high + room, left, right)
    top += 14
    bottom = top + 18 + ROW * len(rows)
    body = [head, *_column_heads(top + 12, left, has_sets, language)]
    body += drawing.axis(drawing.ticks(low - room, high + room), across, top + 20, bottom)
    for k, row in enumerate(rows):
        body += _row(row, names[row["township_code"]], across, top + 20 + ROW * (k + 0.5), has_sets)
    unit = (
        "公众评议总分（满分100），细线为95%置信区间"
        if language == "zh"
        else "Public appraisal (of 100); thin line: 95 % interval"
    )
    if all(number_or_none(row["ci_low"]) is None for row in rows):
        unit = "公众评议总分（满分100）" if language == "zh" else "Public appraisal (of 100)"
    below, end = drawing.remark(unit, bottom + 34)
    return drawing.document(title, description, end + MARGIN, [*body, *below])


def _ends(row: dict[str, Any]) -> tuple[float, float]:
    score = float(row["public_appraisal"])
    low, high = number_or_none(row["ci_low"]), number_or_none(row["ci_high"])
    return (score if low is None else min(low, score)), (score if high is None else max(high, score))


def _column_heads(y: float, left: float, has_sets: bool, language: str) -> list[str]:
    words = ("位次", "总分", "位次区间") if language == "zh" else ("Rank", "Score", "Ranks")
    heads = [drawing.text(MARGIN, y, words[0], fill=GREY, size=SMALL)]
    place = WIDTH - MARGIN - (_SETS if has_sets else 0)
    heads.append(drawing.text(place, y, words[1], anchor="end", fill=GREY, size=SMALL))
    if has_sets:
        heads.append(drawing.text(WIDTH - MARGIN, y, words[2], anchor="end", fill=GREY, size=SMALL))
    return heads


def _row(row: dict[str, Any], name: str, across: Scale, y: float, has_sets: bool) -> list[str]:
    score = float(row["public_appraisal"])
    low, high = _ends(row)
    strong = int(row["rank"]) <= _FIRST_SIX
    colour = PINE if strong else GREY
    base = y + 4
    score_place = WIDTH - MARGIN - (_SETS if has_sets else 0)
    marks = [
        drawing.text(MARGIN + 16, base, str(row["rank"]), anchor="end", fill=colour, weight=600 if strong else 400),
        drawing.text(MARGIN + 24, base, drawing.shortened(name, 84)),
        drawing.line(MARGIN, y + ROW / 2, WIDTH - MARGIN, y + ROW / 2, HAIRLINE, 0.5),
    ]
    if low < high:
        marks.append(drawing.line(across.at(low), y, across.at(high), y, colour, 1.5))
        marks += [drawing.line(across.at(end), y - 4, across.at(end), y + 4, colour, 1.5) for end in (low, high)]
    marks.append(drawing.dot(across.at(score), y, colour, 4 if strong else 3.5, "circle" if strong else "diamond"))
    marks.append(drawing.text(score_place, base, figure(score), anchor="end"))
    if has_sets:
        ranks = range_text(row["rank_low"], row["rank_high"])
        marks.append(drawing.text(WIDTH - MARGIN, base, ranks, anchor="end", fill=colour))
    return marks


def _sentence(rows: list[dict[str, Any]], language: str) -> str:
    """What the chart shows, in one sentence."""
    sure = [row for row in rows if number_or_none(row["rank_high"]) is not None]
    firm = [row for row in sure if row["rank_high"] <= _FIRST_SIX]
    best, worst = figure(rows[0]["public_appraisal"]), figure(rows[-1]["public_appraisal"])
    if len(rows) == 1:
        return f"{rows[0]['township']}{best}分" if language == "zh" else f"{rows[0]['township']} scores {best}"
    if best == worst:
        same = f"{len(rows)}个乡镇的公众评议总分均为{best}分"
        return same if language == "zh" else f"The public appraisal of all {len(rows)} townships is {best}"
    if not sure or len(rows) <= _FIRST_SIX:
        if language == "zh":
            return f"{len(rows)}个乡镇的公众评议总分在{worst}分至{best}分之间"
        return f"The public appraisal of {len(rows)} townships runs from {worst} to {best}"
    if language == "zh":
        named = f"只有{len(firm)}个乡镇" if firm else "没有一个乡镇"
        return f"{len(rows)}个乡镇中，{named}的位次区间全在前六名之内"
    if not firm:
        return "No township's range of ranks lies wholly within the first six"
    have = "townships have their" if len(firm) > 1 else "township has its"
    return f"{len(firm)} {have} range of ranks wholly within the first six"


def _description(rows: list[dict[str, Any]], language: str) -> str:
    parts = []
    for row in rows:
        ranks = range_text(row["rank_low"], row["rank_high"])
        score = figure(row["public_appraisal"])
        if language == "zh":
            parts.append(f"第{row['rank']}位{row['township']}，{score}分" + (f"，位次区间{ranks}" if ranks else ""))
        else:
            parts.append(f"{row['rank']}. {row['township']}: {score}" + (f", ranks {ranks}" if ranks else ""))
    return "；".join(parts) + "。" if language == "zh" else "; ".join(parts) + "."

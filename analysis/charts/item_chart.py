"""Shares of the answers to each item of a group, over all townships: stacked bars."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.charts import drawing
from analysis.charts.drawing import ANSWER_COLOURS, GREY, INK, MARGIN, PAPER, SMALL, WIDTH
from analysis.charts.words import figure, last_wave
from analysis.itemlists import ItemList
from analysis.labels import Label
from analysis.results import Scores

ANSWER_LABELS = {
    "satisfied": Label("满意", "Satisfied"),
    "basic": Label("基本满意", "Basically satisfied"),
    "unsatisfied": Label("不满意", "Unsatisfied"),
    "unknown": Label("不了解", "Not familiar"),
}
# Stripes and dots besides colour, so that bars are told apart in grey print too.
_PATTERNS = (
    '<defs><pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="{ANSWER_COLOURS["unsatisfied"]}"/>'
    f'<line x1="0" y1="0" x2="0" y2="5" stroke="{PAPER}" stroke-width="1.6"/></pattern>'
    '<pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">'
    f'<rect width="5" height="5" fill="{ANSWER_COLOURS["unknown"]}"/>'
    f'<circle cx="2.5" cy="2.5" r="1" fill="{PAPER}"/></pattern></defs>\n'
)
_FILLS = {**ANSWER_COLOURS, "unsatisfied": "url(#stripes)", "unknown": "url(#dots)"}
_BAR, _ITEM_ROW = 13, 36


def item_chart(
    scores: Scores, group: str, item_lists: Mapping[str, ItemList] | None = None, *, language: str = "zh"
) -> str | None:
    """
    What share gave each of the four answers to each item, all townships together; the best rated item above.

    Parameters
    ----------
    scores : Scores
        The latest wave of ``items``; skipped items are in no share.
    group : str
    item_lists : mapping of str to ItemList, optional
        For the items' wordings; their ids alone stand without.
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if nobody of the group answered an item.
    """
    items = last_wave(scores.items)
    items = items[items["group"] == group]
    counts = items.groupby("item", sort=False)[list(ANSWER_LABELS)].sum().astype(int)
    counts = counts[counts.sum(axis=1) > 0]
    if counts.empty:
        return None
    shares = counts.div(counts.sum(axis=1), axis=0)
    good = (shares["satisfied"] + shares["basic"]).rename("good")
    order = shares.assign(good=good).sort_values(["satisfied", "good"], ascending=False, kind="stable").index
    words = _wordings(item_lists, group, language)
    label = scores.scheme.group(group).label
    title = _sentence(shares, [str(item) for item in order], words, label, language)
    head, top = drawing.heading(title)
    legend, y = _legend(top + 22, language)
    body = [head, *legend]
    y += 12
    parts = []
    for item in order:
        own = {answer: float(shares.loc[item, answer]) for answer in ANSWER_LABELS}
        name = f"{item} {words.get(str(item), '')}".strip()
        body.append(drawing.text(MARGIN, y + 11, drawing.shortened(name, WIDTH - 2 * MARGIN, SMALL), size=SMALL))
        body += _bar(own, y + 16)
        y += _ITEM_ROW
        parts.append(
            f"{item}: "
            + ", ".join(f"{_word(ANSWER_LABELS[a], language)} {figure(100 * s, 1)}%" for a, s in own.items())
        )
    note = (
        "占作出回答者的比例，各乡镇合计，未加权"
        if language == "zh"
        else ("Shares of those who answered, all townships together, unweighted")
    )
    below, end = drawing.remark(note, y + 12)
    return drawing.document(title, "; ".join(parts), end + MARGIN, [*body, *below], _PATTERNS)


def short_wording(text: str) -> str:
    """
    A question without its frame, for a chart or a table.

    Examples
    --------
    >>> short_wording("您对村里道路的建设和养护是否满意？")
    '村里道路的建设和养护'
    >>> short_wording("How satisfied are you with the building of roads?")
    'the building of roads'
    """
    for before, behind in (("您对", "是否满意？"), ("How satisfied are you with ", "?")):
        if text.startswith(before) and text.endswith(behind):
            return text[len(before) : -len(behind)]
    return text


def _wordings(item_lists: Mapping[str, ItemList] | None, group: str, language: str) -> dict[str, str]:
    if not item_lists or group not in item_lists:
        return {}
    return {item: short_wording(_word(label, language)) for item, label in item_lists[group].texts.items()}


def _word(label: Label, language: str) -> str:
    return label.zh if language == "zh" else label.en


def _legend(y: float, language: str) -> tuple[list[str], float]:
    """The answers with their fills, on as many lines as they need, and where the last stands."""
    marks, x = [], float(MARGIN)
    for answer, label in ANSWER_LABELS.items():
        word = _word(label, language)
        wide = 15 + drawing.text_width(word, SMALL) + 8
        if x + wide - 8 > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 16
        marks += [drawing.rect(x, y - 9, 11, 11, _FILLS[answer]), drawing.text(x + 15, y, word, size=SMALL, fill=INK)]
        x += wide
    return marks, y


def _bar(shares: dict[str, float], y: float) -> list[str]:
    marks, x, full = [], float(MARGIN), WIDTH - 2 * MARGIN
    for answer, share in shares.items():
        wide = share * full
        if wide > 0:
            marks.append(drawing.rect(x, y, wide, _BAR, _FILLS[answer]))
        if wide >= 24:
            ink = "#FFFFFF" if answer == "satisfied" else INK
            rim = {"unsatisfied": "#FFFFFF", "unknown": "#FFFFFF"}.get(answer, "")
            marks.append(
                drawing.text(
                    x + wide / 2, y + 10, figure(100 * share, 0), anchor="middle", fill=ink, size=SMALL, rim=rim
                )
            )
        x += wide
    return marks or [drawing.text(MARGIN, y + 10, "—", fill=GREY)]


def _sentence(shares: pd.DataFrame, order: list[str], words: dict[str, str], label: Label, language: str) -> str:
    best, worst = order[0], order[-1]
    top, low = (figure(100 * float(shares["satisfied"][item]), 0) for item in (best, worst))
    if best != worst and shares["satisfied"][best] == shares["satisfied"][worst]:
        return (
            f"{label.zh}对各题表示满意的均占{top}%"
            if language == "zh"
            else f"{label.en}: {top} % are satisfied with each item"
        )
    if language == "zh":
        return (
            f"{label.zh}中满意者最多的是{words.get(best, best)}（{top}%），最少的是{words.get(worst, worst)}（{low}%）"
            if best != worst
            else f"{label.zh}对{words.get(best, best)}表示满意的占{top}%"
        )
    if best == worst:
        return f"{label.en}: {top} % are satisfied with {words.get(best, best)}"
    return f"{label.en}: most are satisfied with {words.get(best, best)} ({top} %), fewest with {words.get(worst, worst)} ({low} %)"

"""This wave against the last, as arrows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.charts import drawing
from analysis.charts.drawing import GREY, HAIRLINE, MARGIN, PINE, ROW, SEAL, WIDTH, Scale
from analysis.charts.words import figure, label_width, listed, records

ROSE, FELL = "rose", "fell"


def change_chart(changes: pd.DataFrame | None, names: Mapping[str, str], *, language: str = "zh") -> str | None:
    """
    Each township's score in the last wave and in this one, the largest rise above.

    Parameters
    ----------
    changes : DataFrame or None
        ``township_code, now, before, change, verdict``; a township that either wave lacks is left out.
    names : mapping of str to str
        Townships by code.
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if no township stands in both waves.
    """
    if changes is None:
        return None
    both = changes[changes["now"].notna() & changes["before"].notna()]
    if both.empty:
        return None
    rows = records(both.sort_values(["change", "township_code"], ascending=[False, True], kind="stable"))
    title = change_sentence(rows, names, language)
    head, top = drawing.heading(title)
    left = MARGIN + label_width([names[str(row["township_code"])] for row in rows], 84, drawing.TEXT_SIZE) + 10
    ends = [float(row[column]) for row in rows for column in ("now", "before")]
    room = (max(ends) - min(ends)) * 0.04 or 1.0
    across = Scale(min(ends) - room, max(ends) + room, left, WIDTH - MARGIN - 52)
    first = top + 14
    bottom = first + ROW * len(rows)
    body = [head, *drawing.axis(drawing.ticks(across.low, across.high), across, first, bottom)]
    for k, row in enumerate(rows):
        body += _row(row, names[str(row["township_code"])], across, first + ROW * (k + 0.5))
    words = (
        "细圈为上期总分，箭头指向本期；实线并加粗数字者为可信的升降，虚线者在误差范围内"
        if language == "zh"
        else "Ring: last wave; arrow: this wave. Solid with a bold figure: more than chance; dashed: within error"
    )
    below, end = drawing.remark(words, bottom + 34)
    return drawing.document(title, _description(rows, names, language), end + MARGIN, [*body, *below])


def change_sentence(rows: list[dict[str, Any]], names: Mapping[str, str], language: str) -> str:
    """Who rose and who fell beyond doubt, in one sentence; where that is not known of all, nobody is said to be within error."""
    known = all(row.get("verdict") in (ROSE, FELL, "not_told_apart") for row in rows)
    rose = [names[str(row["township_code"])] for row in rows if row.get("verdict") == ROSE]
    fell = [names[str(row["township_code"])] for row in rows if row.get("verdict") == FELL]
    none_zh = "各乡镇总分的升降都在误差范围内" if known else "没有乡镇总分的升降可以断定"
    none_en = "no change is more than chance" if known else "no change can be told from chance"
    if language == "zh":
        parts = [f"{listed(who, 'zh')}{verb}" for who, verb in ((rose, "确有上升"), (fell, "确有下降")) if who]
        return "与上期相比，" + ("，".join(parts) if parts else none_zh)
    parts = [f"{listed(who, 'en')} {verb}" for who, verb in ((rose, "rose"), (fell, "fell")) if who]
    return "Since the last wave " + ("; ".join(parts) + " by more than chance" if parts else none_en)


def _row(row: dict[str, Any], name: str, across: Scale, y: float) -> list[str]:
    before, now, moved = across.at(float(row["before"])), across.at(float(row["now"])), float(row["change"])
    sure = row.get("verdict") in (ROSE, FELL)
    colour = (PINE if moved > 0 else SEAL) if sure else GREY
    sign = "+" if moved > 0 else ""
    way = 1 if now >= before else -1
    marks = [
        drawing.text(MARGIN, y + 4, drawing.shortened(name, 84)),
        drawing.line(MARGIN, y + ROW / 2, WIDTH - MARGIN, y + ROW / 2, HAIRLINE, 0.5),
        drawing.line(before, y, now, y, colour, 2 if sure else 1.2, "" if sure else "3 2"),
        f'<circle cx="{drawing.place(before)}" cy="{drawing.place(y)}" r="3" fill="{drawing.PAPER}" stroke="{colour}"/>',
        _arrow_head(now, y, way, colour),
    ]
    words = sign + figure(moved)
    marks.append(drawing.text(WIDTH - MARGIN, y + 4, words, anchor="end", fill=colour, weight=600 if sure else 400))
    return marks


def _arrow_head(x: float, y: float, way: int, colour: str) -> str:
    back = drawing.place(x - 6 * way)
    points = f"{drawing.place(x)},{drawing.place(y)} {back},{drawing.place(y - 4)} {back},{drawing.place(y + 4)}"
    return f'<polygon points="{points}" fill="{colour}"/>'


def _description(rows: list[dict[str, Any]], names: Mapping[str, str], language: str) -> str:
    mark, stop = ("，上期", "；") if language == "zh" else (", last wave ", "; ")
    return stop.join(
        f"{names[str(row['township_code'])]} {figure(row['now'])}{mark}{figure(row['before'])}" for row in rows
    )

"""Each two townships: whether their scores can be told apart, as a triangle of signs."""

from __future__ import annotations

from typing import Any

from analysis.charts import drawing
from analysis.charts.drawing import GREY, HAIRLINE, INK, MARGIN, PINE, SMALL, WIDTH
from analysis.charts.words import label_width, names_of, records
from analysis.rank_pairs import pairs_of
from analysis.results import Scores

APART, TOGETHER = "≠", "≈"
MOST = 30
"""So many townships at most: with more the signs are too small to be read."""
_WIDEST = 20.0  # of a cell
_ROW = 18.0
_TOGETHER_FILL = "#EFEBE0"


def pair_chart(scores: Scores, *, language: str = "zh") -> str | None:
    """
    Which pairs of townships can be told apart: a row a township, compared with each that stands before it.

    Parameters
    ----------
    scores : Scores
        The latest wave of ``townships``, with standard errors; the test is that of ``pairs_of`` (Holm, 5 %).
    language : "zh" or "en"

    Returns
    -------
    str or None
        An SVG document; None if fewer than two townships have a score, none has a standard error, or more than ``MOST`` have one.
    """
    table, pairs = pairs_of(scores)
    if not 2 <= len(table) <= MOST or table["se"].isna().all():
        return None
    rows, together = records(table), set(pairs.not_told_apart)
    title, described = pair_sentence(len(rows), len(together), language), _description(rows, together, language)
    head, top = drawing.heading(title)
    names = names_of(scores)
    labels = [names[str(row["township_code"])] for row in rows]
    left = MARGIN + 22 + label_width(labels, 84, drawing.TEXT_SIZE) + 6
    wide = min(_WIDEST, (WIDTH - MARGIN - left) / (len(rows) - 1))
    first = top + 44
    body = [head, *_legend(top + 22, language), *_heads(rows, left, wide, first - 4)]
    for k, (row, label) in enumerate(zip(rows, labels, strict=True)):
        body += _row(row, label, first + _ROW * k)
        body += [_cell((j, k) in together, left + wide * j, first + _ROW * k, wide) for j in range(k)]
    words = (
        "上方数字为在前者的位次；全部两两检验（Holm法），误判的可能合计不超过5%"
        if language == "zh"
        else "Above: the ranks of those in front. All pairs are tested (Holm); at most 5 % risk of any wrong finding"
    )
    below, end = drawing.remark(words, first + _ROW * len(rows) + 18)
    return drawing.document(title, described, end + MARGIN, [*body, *below])


def pair_sentence(townships: int, together: int, language: str) -> str:
    """How many pairs cannot be told apart, in one sentence."""
    pairs = townships * (townships - 1) // 2
    if language == "zh":
        if not together:
            return f"{townships}个乡镇两两相比，{pairs}对的先后都分得清"
        if together == pairs:
            return f"{townships}个乡镇两两相比，没有一对分得清先后"
        return f"{townships}个乡镇两两相比，{pairs}对中有{together}对的先后分不清"
    if not together:
        return (
            f"All {pairs} pairs of townships can be told apart" if pairs > 1 else "The two townships can be told apart"
        )
    if together == pairs:
        return (
            f"None of the {pairs} pairs of townships can be told apart"
            if pairs > 1
            else "The two townships cannot be told apart"
        )
    return f"{together} of the {pairs} pairs of townships cannot be told apart"


def _legend(y: float, language: str) -> list[str]:
    words = ("分得清", "分不清") if language == "zh" else ("told apart", "not told apart")
    marks, x = [], float(MARGIN)
    for word, is_together in zip(words, (False, True), strict=True):
        marks += [_cell(is_together, x, y - 13, 18.0), drawing.text(x + 23, y, word, size=SMALL)]
        x += 23 + drawing.text_width(word, SMALL) + 14
    return marks


def _heads(rows: list[dict[str, Any]], left: float, wide: float, y: float) -> list[str]:
    size = _size(wide)
    return [
        drawing.text(left + wide * (j + 0.5), y, str(row["rank"]), anchor="middle", fill=GREY, size=size)
        for j, row in enumerate(rows[:-1])
    ]


def _row(row: dict[str, Any], label: str, y: float) -> list[str]:
    return [
        drawing.text(MARGIN + 16, y + 13, str(row["rank"]), anchor="end", fill=GREY),
        drawing.text(MARGIN + 22, y + 13, drawing.shortened(label, 84)),
        drawing.line(MARGIN, y + _ROW, WIDTH - MARGIN, y + _ROW, HAIRLINE, 0.5),
    ]


def _cell(is_together: bool, x: float, y: float, wide: float) -> str:
    fill, ink, sign = (_TOGETHER_FILL, INK, TOGETHER) if is_together else (PINE, "#FFFFFF", APART)
    size = _size(wide)
    return drawing.rect(x + 0.5, y + 0.5, wide - 1, _ROW - 1, fill) + drawing.text(
        x + wide / 2, y + _ROW / 2 + size * 0.36, sign, anchor="middle", fill=ink, size=size
    )


def _size(wide: float) -> int:
    return max(7, min(SMALL, int(wide) - 2))


def _description(rows: list[dict[str, Any]], together: set[tuple[int, int]], language: str) -> str:
    parts = []
    for k, row in enumerate(rows):
        others = [rows[j + i - k] for j, i in sorted(together) if k in (j, i)]
        ranks = [str(other["rank"]) for other in others]
        if language == "zh":
            end = f"与第{'、'.join(ranks)}位分不清" if ranks else "与其他乡镇都分得清"
            parts.append(f"第{row['rank']}位{row['township']}{end}")
        else:
            end = f"not told apart from rank {', '.join(ranks)}" if ranks else "told apart from all others"
            parts.append(f"{row['rank']}. {row['township']}: {end}")
    return "；".join(parts) + "。" if language == "zh" else "; ".join(parts) + "."

"""
Charts of scores as SVG text, in one style.

rank_chart         scores with their intervals and rank sets, sorted
group_chart        each township's group totals as dots
item_chart         shares of the answers to each item of a group, as bars
change_chart       this wave against the last
dimension_chart    dimensions by township, as a map of figures
pair_chart         each two townships: told apart or not, as a triangle

Each takes tables and gives an SVG document, or None where there is nothing to show. Its title is the sentence that the
chart shows. The text depends on the figures alone. ``drawing`` holds the style.
"""

from __future__ import annotations

from analysis.charts.change_chart import change_chart
from analysis.charts.dimension_chart import dimension_chart, dimension_scores
from analysis.charts.group_chart import group_chart
from analysis.charts.item_chart import item_chart
from analysis.charts.pair_chart import pair_chart
from analysis.charts.rank_chart import rank_chart

__all__ = [
    "change_chart",
    "dimension_chart",
    "dimension_scores",
    "group_chart",
    "item_chart",
    "pair_chart",
    "rank_chart",
]

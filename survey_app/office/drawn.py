"""What pages of results share: figures that may be missing, charts of the engine as SVG, the row of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from markupsafe import Markup

from survey_app.languages import translate as _


def number(value: Any) -> float | None:
    """Return a figure, None where the table has none."""
    return None if value is None or value != value or value == "" else float(value)


def whole(value: Any) -> int | None:
    """Return a whole figure, None where the table has none."""
    found = number(value)
    return None if found is None else int(found)


def interval(row: Mapping[Any, Any]) -> str:
    """Return a 95 % interval as text, a dash where there is none."""
    low, high = number(row["ci_low"]), number(row["ci_high"])
    return "–" if low is None or high is None else f"{low:.2f}–{high:.2f}"


def ranks(row: Mapping[Any, Any]) -> str:
    """Return a range of ranks as text, a dash where there is none."""
    low, high = whole(row["rank_low"]), whole(row["rank_high"])
    return "–" if low is None or high is None else str(low) if low == high else f"{low}–{high}"


def percent(value: Any, places: int = 0) -> str:
    """Return a share as a percentage; what is not quite 0 or 100 never looks so."""
    share = number(value)
    if share is None:
        return "–"
    least = 10.0**-places
    if 0 < 100 * share < least / 2 or 100 - least / 2 <= 100 * share < 100:
        return f"<{least:g}%" if share < 0.5 else f">{100 - least:g}%"
    return f"{100 * share:.{places}f}%"


def drawn(svg: str | None, name: str = "") -> Markup | None:
    """Return a chart for the page itself; its patterns get names of their own where several stand on one page."""
    if svg is None:
        return None
    for pattern in ("stripes", "dots"):
        svg = svg.replace(f'id="{pattern}"', f'id="{pattern}-{name}"').replace(
            f"url(#{pattern})", f"url(#{pattern}-{name})"
        )
    return Markup(svg)  # made by analysis.charts, which escapes every text


def result_pages(round_id: int, here: str) -> list[dict[str, Any]]:
    """Return the pages of a round's results, with which of them this is."""
    pages = [
        ("results", _("得分与位次")),
        ("opinions", _("群众怎么看")),
        ("sureness", _("有多大把握")),
        ("quality", _("调查质量")),
        ("comments", _("留言")),
    ]
    return [
        {"label": label, "href": url_for(f"office.{name}", round_id=round_id), "here": name == here}
        for name, label in pages
    ]

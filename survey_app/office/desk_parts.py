"""What the pages of the supervisor's desk share: their row, their frame, and figures as they show them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask import url_for

from survey_app.access import me
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OFFICE, ROLE_SUPERVISOR
from survey_app.models.rounds import STATE_OPEN
from survey_app.office.steps import round_view, steps
from survey_app.services.progress import PARTS, Figures
from survey_app.services.rounds import reached

DESK = (ROLE_OFFICE, ROLE_SUPERVISOR)


def desk_frame(round_: Round, here: str) -> dict[str, Any]:
    """Return what the frame of a desk page needs: the round, the row of pages, and the steps where they lead somewhere."""
    pages = [
        ("progress", _("进度")),
        ("assignments", _("分配")),
        ("releases", _("备用样本")),
        ("callbacks", _("回访")),
        ("signals", _("工作情况")),
    ]
    if round_.state == STATE_OPEN:
        pages.append(("slips_home", _("纸质问卷")))
    if ROLE_OFFICE in me().roles and reached(round_, STATE_OPEN):
        pages.append(("online", _("网上评议")))
    return {
        "round": round_view(round_),
        "steps": steps(round_) if ROLE_OFFICE in me().roles else None,
        "pages": [
            {"label": label, "href": url_for(f"office.{name}", round_id=round_.id), "here": name == here}
            for name, label in pages
        ],
    }


def part_labels() -> dict[str, str]:
    """Return what the parts of the progress are called."""
    labels = (_("已答"), _("拒绝"), _("未找到"), _("其他结果"), _("待访"))
    return dict(zip(PARTS, labels, strict=True))


def percent(share: Fraction | None) -> str:
    """Return a rate in per cent, a dash where there is none."""
    return "–" if share is None else f"{100 * float(share):.1f}%"


def figures_row(figures: Figures) -> dict[str, Any]:
    """Return counts and rates as tables show them."""
    rates = figures.rates
    return {
        "issued": figures.issued,
        "main": figures.main,
        "released": figures.released,
        "answered": figures.answered,
        "parts": list(figures.parts.values()),
        "rates": [percent(rates.response), percent(rates.contact), percent(rates.refusal)],
    }

"""The record as a page."""

from __future__ import annotations

import json

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import translate as _
from survey_app.models import RecordEntry
from survey_app.models.people import ROLE_OBSERVER, ROLE_OFFICE
from survey_app.office import blueprint
from survey_app.services.record import first_break

PAGE = 50


@blueprint.get("/record")
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def record() -> ResponseReturnValue:
    """Show the record, newest first, and whether its chain is whole."""
    county_id = me().county_id
    with get_shell().database.reading() as session:
        total = session.scalar(select(func.count()).select_from(RecordEntry).where(RecordEntry.county_id == county_id))
        pages = max(1, -(-(total or 0) // PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), pages)
        entries = session.scalars(
            select(RecordEntry)
            .where(RecordEntry.county_id == county_id)
            .order_by(RecordEntry.number.desc())
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        ).all()
        broken = first_break(session, county_id)
    rows = [
        {
            "number": entry.number,
            "at": entry.at,
            "person": entry.person,
            "action_label": action_label(entry.action),
            "details": list(json.loads(entry.details).items()),
            "reason": entry.reason,
            "hash": entry.hash,
        }
        for entry in entries
    ]
    return render_template(
        "office/record.html",
        entries=rows,
        intact=broken is None,
        broken=broken,
        pager={
            "page": page,
            "pages": pages,
            "previous": url_for("office.record", page=page - 1) if page > 1 else None,
            "next": url_for("office.record", page=page + 1) if page < pages else None,
        },
    )


def action_label(action: str) -> str:
    """Return what an act is called on pages."""
    return {
        "county_created": _("建立县区"),
        "round_created": _("建立评议轮次"),
        "frame_sealed": _("封存抽样框"),
        "sample_drawn": _("抽取样本"),
        "sample_redrawn": _("重新抽取样本"),
        "fieldwork_opened": _("开始调查"),
        "card_facts_set": _("填写截止日期和联系方式"),
        "cards_printed": _("生成答卷卡"),
        "card_reissued": _("补发答卷卡"),
        "results_exported": _("导出全部结果文件"),
        "round_closed": _("关闭本轮并开箱"),
        "answers_simulated": _("模拟作答"),
        "person_created": _("建立账号"),
    }.get(action, action)

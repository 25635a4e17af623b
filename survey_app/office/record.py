"""The record as a page."""

from __future__ import annotations

import json
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OBSERVER, ROLE_OFFICE
from survey_app.office import blueprint
from survey_app.services.record import count_entries, first_break, newest_entries

PAGE = 50


@blueprint.get("/record")
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def record() -> ResponseReturnValue:
    """Show the record, newest first, and whether its chain is whole."""
    county_id = me().county_id
    with get_shell().database.reading() as session:
        pages = max(1, -(-count_entries(session, county_id) // PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), pages)
        entries = newest_entries(session, county_id, number=PAGE, skip=(page - 1) * PAGE)
        broken = first_break(session, county_id)
    rows = [
        {
            "number": entry.number,
            "at": entry.at,
            "person": entry.person,
            "action_label": action_label(entry.action),
            "details": [(key, known_reason(key, value)) for key, value in json.loads(entry.details).items()],
            "reason": known_reason("reason", entry.reason),
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


def known_reason(key: str, value: Any) -> Any:
    """Return why a unit was given up in the page's language, where it is one of the fixed reasons; anything else as it was entered."""
    from sampling import REASONS

    for code, reason in REASONS.items():
        if (key, value) in (("why", code), ("reason", reason.zh)):
            return reason.en if page_language() == "en" else reason.zh
    return value


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
        "online_opened": _("开放网上评议"),
        "card_reissued": _("补发答卷卡"),
        "slip_entered": _("录入纸质问卷（第一次）"),
        "slip_entry_replaced": _("改录纸质问卷（第一次）"),
        "slip_entry_discarded": _("作废纸质问卷的第一次录入"),
        "slip_confirmed": _("复核纸质问卷并投入票箱"),
        "results_exported": _("导出全部结果文件"),
        "round_closed": _("关闭本轮并开箱"),
        "key_holding_set": _("选择票箱密钥的保管方式"),
        "key_half_made": _("生成一半票箱密钥"),
        "key_half_typed_back": _("照纸回输一半票箱密钥"),
        "key_half_handed_in": _("为关闭交入一半票箱密钥"),
        "answers_simulated": _("模拟作答"),
        "person_created": _("建立账号"),
        "phone_enrolled": _("登记手机"),
        "phone_blocked": _("手机因 PIN 连续输错锁定"),
        "person_invited": _("邀请人员"),
        "invitation_taken_up": _("接受邀请"),
        "link_made": _("生成一次有效的链接"),
        "account_closed": _("停用账号"),
        "phone_revoked": _("注销手机"),
        "places_assigned": _("分配调查员"),
        "release_rule_set": _("设定备用样本由谁决定"),
        "reserve_released": _("启用备用样本"),
        "place_given_up": _("放弃名额"),
        "release_refused": _("不同意启用备用样本"),
        "callbacks_drawn": _("抽取回访样本"),
        "callback_result": _("登记回访结果"),
    }.get(action, action)

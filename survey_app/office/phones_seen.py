"""Investigators' phones that may still hold something, as the pages show them before an act that would leave it out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from survey_app.languages import translate as _
from survey_app.services.phones_online import PhoneOnline


def phone_rows(phones: Iterable[PhoneOnline]) -> list[dict[str, Any]]:
    """Return the phones, each with what is to be seen to."""
    return [
        {
            "name": phone.name if phone.visits_still else _("%(name)s（已改派他人）", name=phone.name),
            "href": url_for("office.person", person_id=phone.person_id),
            "number": phone.device_id,
            "seen_at": phone.seen_at,
            "told": phone.told,
            "state": phone_state(phone),
        }
        for phone in phones
    ]


def phone_state(phone: PhoneOnline) -> str:
    """Return what a phone's row says of it."""
    if phone.device_id is None:
        return _("未登记手机")
    if phone.blocked:
        return _("已锁定，须重新登记")
    return _("请先让其联网") if phone.overdue else _("近期联过网")

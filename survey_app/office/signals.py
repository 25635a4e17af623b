"""How each investigator works: pace of visits, replacements, call-backs; kept apart from answers, never a verdict."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import translate as _
from survey_app.office import blueprint
from survey_app.office.desk_parts import DESK, desk_frame
from survey_app.services import rounds
from survey_app.services import signals as service
from survey_app.services.signals import FoundSignal, PersonSignals


@blueprint.get("/rounds/<int:round_id>/signals")
@for_roles(*DESK)
def signals(round_id: int) -> ResponseReturnValue:
    """Show the signals of each investigator, and what each means."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        found = service.person_signals(session, round_)
        return render_template(
            "office/desk/signals.html",
            **desk_frame(round_, "signals"),
            heads=[(signal.code, labels()[signal.code]) for signal in service.SIGNALS],
            people=[person_row(person) for person in found],
            told=[sentence(person.name, each) for person in found for each in person.found if each.told],
            rules=rules(),
        )


def person_row(person: PersonSignals) -> dict[str, Any]:
    """Return an investigator's counts."""
    return {
        "name": person.name,
        "visits": person.visits,
        "cells": [(f"{each.count} / {each.base}" if each.base else "–", each.told) for each in person.found],
    }


def labels() -> dict[str, str]:
    """Return what the signals are called."""
    return {
        "fast": _("间隔过短"),
        "bursts": _("集中完成"),
        "night": _("夜间访问"),
        "doubtful": _("时间存疑"),
        "replaced": _("替换"),
        "denied": _("回访不符"),
    }


def rules() -> list[tuple[str, str]]:
    """Return what each signal counts, and from where on it is told."""
    texts = {
        "fast": _(
            "到另一户的访问距上一户不足 2 分钟的次数；3 次以上且超过其入户访问的 5% 时提示。不计代表委员、企业。"
        ),
        "bursts": _("15 分钟内 5 户以上记为已作答，每 5 户计一次；有 1 次即提示。"),
        "night": _("22 时至次日 6 时的访问；3 次以上时提示。"),
        "doubtful": _("手机时钟不准、时间不可靠的访问；5 次以上且超过其访问的 10% 时提示。"),
        "replaced": _("放弃并换用备用样本的正式样本；2 户以上且超过其负责的 20% 时提示。"),
        "denied": _("回访时说没有访问过或访问的不是本人；2 户以上且超过已联系上的 10% 时提示。"),
    }
    return [(label, texts[code]) for code, label in labels().items()]


def sentence(name: str, found: FoundSignal) -> str:
    """Return what is told of an investigator, as something to ask about."""
    values: dict[str, Any] = {"name": name, "n": found.count, "all": found.base}
    return {
        "fast": lambda: _(
            "%(name)s：%(all)s 次入户访问中有 %(n)s 次距上一户不足 2 分钟。请了解这些访问是怎样做的。", **values
        ),
        "bursts": lambda: _("%(name)s：有 %(n)s 次在 15 分钟内记下 5 户以上已作答。请了解是否集中作答。", **values),
        "night": lambda: _(
            "%(name)s：%(all)s 次访问中有 %(n)s 次在夜间。请了解手机时间是否准确、为何夜间访问。", **values
        ),
        "doubtful": lambda: _("%(name)s：%(all)s 次访问中有 %(n)s 次时间不可靠。请检查手机的日期和时间。", **values),
        "replaced": lambda: _(
            "%(name)s：负责的 %(all)s 户（人）中有 %(n)s 户（人）换用了备用样本。请了解是否走访充分。", **values
        ),
        "denied": lambda: _(
            "%(name)s：已联系上的 %(all)s 户（人）回访中有 %(n)s 户（人）说没有访问过或不是本人。请再作核实。", **values
        ),
    }[found.code]()

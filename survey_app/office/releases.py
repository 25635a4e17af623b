"""Requests for reserves: the queue with visits and the rule's word, and what was decided."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import BadInput
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round, Visit
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import RELEASE_AT_ONCE, RELEASE_BY_SUPERVISOR, STATE_CLOSED, STATE_OPEN
from survey_app.models.visits import RELEASE_APPROVED, RELEASE_REFUSED, RELEASE_VOID, RELEASE_WAITING
from survey_app.office import blueprint
from survey_app.office.desk_forms import DecideForm, RuleForm
from survey_app.office.desk_parts import DESK, desk_frame
from survey_app.office.field import unit_view
from survey_app.services import release_queue, rounds
from survey_app.services import releases as service
from survey_app.services.release_queue import QueuedRelease
from survey_app.services.visits import OTHERS

APPROVE, REFUSE = "approve", "refuse"
ALARM = 0.2
"""A larger share of main units given up than this is told: the reserves are then a second sample."""


@blueprint.get("/rounds/<int:round_id>/releases")
@for_roles(*DESK)
def releases(round_id: int) -> ResponseReturnValue:
    """Show what waits for a decision, and what was decided."""
    return queue_page(round_id)


@blueprint.post("/releases/<int:release_id>")
@for_roles(*DESK)
def decide_release(release_id: int) -> ResponseReturnValue:
    """Agree to a request or refuse it."""
    form = DecideForm()
    with get_shell().database.reading() as session:
        round_id = service.round_of(session, me().county_id, release_id).id
    choice = request.form.get("choice", "")
    if choice not in (APPROVE, REFUSE):
        raise BadInput(
            en=f"Expected {APPROVE} or {REFUSE}, got {choice[:40]!r}; nothing was stored. Go back to the queue and press one of its buttons.",
            zh=f"应为 {APPROVE} 或 {REFUSE}，实为“{choice[:40]}”；未作保存。请返回待审批的申请，按其中的按钮。",
        )
    if not form.validate_on_submit():
        return queue_page(round_id, {release_id: str(form.reason.errors[0])}), 400
    try:
        service.decide_release(
            get_shell(),
            me().actor,
            by_id=me().id,
            release_id=release_id,
            approve=choice == APPROVE,
            reason=form.reason.data or "",
        )
    except BadInput as refusal:
        return queue_page(round_id, {release_id: refusal.en if page_language() == "en" else refusal.zh}), 400
    return redirect(url_for("office.releases", round_id=round_id))


@blueprint.post("/rounds/<int:round_id>/release-rule")
@for_roles(ROLE_OFFICE)
def set_release_rule(round_id: int) -> ResponseReturnValue:
    """Say who decides on releases from now on."""
    # Without a check by the form: the service says what is wrong with a rule that is not offered.
    rule = rule_form().rule.data or ""
    with get_shell().database.reading() as session:
        rounds.get_round(session, me().county_id, round_id)
    release_queue.set_release_rule(get_shell(), me().actor, round_id, rule)
    return redirect(url_for("office.releases", round_id=round_id))


def queue_page(round_id: int, wrong: dict[int, str] | None = None) -> str:
    """Show the queue, with what was wrong beneath the request it belongs to."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        given_up, main = release_queue.replaced_share(session, round_)
        form = rule_form()
        form.rule.data = round_.release_rule
        return render_template(
            "office/desk/releases.html",
            **desk_frame(round_, "releases"),
            waiting=[
                request_view(session, round_, each)
                for each in release_queue.list_releases(session, round_, waiting=True)
            ],
            decided=[
                request_view(session, round_, each)
                for each in release_queue.list_releases(session, round_, waiting=False)
            ],
            wrong=wrong or {},
            form=DecideForm(formdata=None),
            open=round_.state == STATE_OPEN,
            rule=rule_labels()[round_.release_rule],
            rule_form=form if ROLE_OFFICE in me().roles and round_.state != STATE_CLOSED else None,
            given_up=given_up,
            main=main,
            share=f"{100 * given_up / main:.1f}%" if main else "–",
            alarm=main > 0 and given_up / main > ALARM,
        )


def rule_form() -> RuleForm:
    """Return the form of the round's rule."""
    form = RuleForm()
    form.rule.choices = list(rule_labels().items())
    return form


def rule_labels() -> dict[str, str]:
    """Return who may decide, and what each is called."""
    return {
        RELEASE_BY_SUPERVISOR: _("由督导员逐一审批"),
        RELEASE_AT_ONCE: _("符合规则的直接启用，有疑问的由督导员审批"),
    }


def request_view(session: Session, round_: Round, each: QueuedRelease) -> dict[str, Any]:
    """Return a request as the page shows it."""
    from sampling import REASONS

    reason = REASONS[each.reason]
    states = {
        RELEASE_APPROVED: _("✓ 已启用") if each.released else _("✓ 已放弃，无备用样本可用"),
        RELEASE_REFUSED: _("✗ 不同意"),
        RELEASE_VOID: _("○ 该单位已作答，无须替换"),
    }
    answered = each.state == RELEASE_WAITING and each.unit.answered
    return {
        "id": each.id,
        "unit": unit_view(session, round_, each.unit),
        "reason": in_words(reason.en, reason.zh),
        "asked_by": each.asked_by,
        "asked_at": each.asked_at,
        "visits": [visit_view(visit) for visit in each.visits],
        "doubts": [in_words(*doubt) for doubt in each.check.doubts],
        "lacking": in_words(*each.check.refusal) if each.check.refusal else None,
        "answered": answered,
        "state": states.get(each.state, ""),
        "released": unit_view(session, round_, each.released)["sequence"] if each.released else None,
        "decided_by": each.decided_by,
        "decided_at": each.decided_at,
        "decision": each.decision,
    }


def visit_view(visit: Visit) -> dict[str, Any]:
    """Return a visit as the page shows it."""
    from sampling import OUTCOMES

    outcome = OUTCOMES[visit.outcome]
    return {
        "at": visit.visited_at,
        "outcome": in_words(outcome.en, outcome.zh),
        "others": in_words(*OTHERS[visit.others_present]),
        "doubtful": visit.clock_doubtful,
    }


def in_words(en: str, zh: str) -> str:
    """Return a sentence in the page's language."""
    return en if page_language() == "en" else zh

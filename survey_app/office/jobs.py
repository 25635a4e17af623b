"""The page of a background job: progress while it runs, then on to what it made."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import translate as _
from survey_app.models import Job
from survey_app.models.jobs import JOB_DONE
from survey_app.models.people import ROLE_OFFICE
from survey_app.office import blueprint
from survey_app.office.steps import round_view
from survey_app.services import jobs, rounds


@blueprint.get("/jobs/<int:job_id>")
@for_roles(ROLE_OFFICE)
def job(job_id: int) -> ResponseReturnValue:
    """Show a job, or go on to its result."""
    shell = get_shell()
    found = jobs.get_job(shell, me().county_id, job_id)
    if found.state == JOB_DONE:
        return redirect(result_url(found))
    with shell.database.reading() as session:
        view = round_view(rounds.get_round(session, me().county_id, found.round_id)) if found.round_id else None
    percent = round(100 * found.done / found.total) if found.total else None
    return render_template(
        "office/job.html",
        round=view,
        job={
            "label": job_label(found.kind),
            "state": found.state,
            "done": found.done,
            "total": found.total,
            "percent": percent,
            "error_zh": found.error_zh,
            "error_en": found.error_en,
        },
        back_href=back_url(found),
    )


def job_label(kind: str) -> str:
    """Return what a job is called on pages."""
    return {
        "check_frame": _("检查抽样框"),
        "seal_frame": _("封存抽样框"),
        "draw": _("抽取样本"),
        "close": _("关闭本轮并开箱"),
        "print_cards": _("生成答卷卡"),
        "make_exports": _("生成全部格式的结果文件"),
    }[kind]


def result_url(found: Job) -> str:
    """Return the page of what a finished job made."""
    if found.kind == "check_frame":
        return url_for("office.frame_check", round_id=found.round_id, job_id=found.id)
    if found.kind == "make_exports":
        return url_for("office.exports_ready", round_id=found.round_id, job_id=found.id)
    if found.kind == "print_cards":
        return url_for("office.cards_ready", round_id=found.round_id, job_id=found.id)
    endpoint = {"seal_frame": "office.frame", "draw": "office.sample", "close": "office.results"}[found.kind]
    return url_for(endpoint, round_id=found.round_id)


def back_url(found: Job) -> str:
    """Return the page to go back to after a job failed."""
    endpoint = {
        "check_frame": "office.frame",
        "seal_frame": "office.frame",
        "draw": "office.draw_page",
        "close": "office.close",
        "print_cards": "office.print_cards",
        "make_exports": "office.results",
    }[found.kind]
    return url_for(endpoint, round_id=found.round_id)

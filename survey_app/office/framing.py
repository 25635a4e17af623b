"""Upload a frame, see what was read and every fault, confirm, and see the sealed frame."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.config import UPLOAD_LIMIT
from survey_app.errors import NotFound
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.jobs import JOB_DONE
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_NEW
from survey_app.office import blueprint
from survey_app.office.forms import FrameForm, SealForm
from survey_app.office.steps import round_view, steps
from survey_app.security import body_limit
from survey_app.services import framing, rounds


def group_labels(round_: Round) -> list[tuple[str, str]]:
    """Return the design's groups with what they are called on pages."""
    return [(group["group"], group["label"][page_language()]) for group in round_.design["groups"]]


@blueprint.route("/rounds/<int:round_id>/frame", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
@body_limit(UPLOAD_LIMIT + 1_000_000)
def frame(round_id: int) -> ResponseReturnValue:
    """Take a frame's file, or show the sealed frame."""
    shell = get_shell()
    form = FrameForm()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        if round_.state != STATE_NEW:
            return _sealed_page(session, round_)
        view, row = round_view(round_), steps(round_)
    if form.validate_on_submit():
        job_id = framing.receive_upload(
            shell, me().actor, round_id, name=form.file.data.filename or "", stream=form.file.data.stream
        )
        return redirect(url_for("office.job", job_id=job_id))
    demo_files = []
    if view.is_demo:
        demo_files = [
            (_("演示抽样框（仅有提示）"), url_for("office.demo_frame", name="frame.csv")),
            (_("演示抽样框（含错误，会被拒绝）"), url_for("office.demo_frame", name="faulty.csv")),
        ]
    return render_template(
        "office/frame_upload.html",
        round=view,
        steps=row,
        form=form,
        columns=column_help(),
        demo_files=demo_files,
    )


@blueprint.get("/rounds/<int:round_id>/frame/check/<int:job_id>")
@for_roles(ROLE_OFFICE)
def frame_check(round_id: int, job_id: int) -> ResponseReturnValue:
    """Show what the dry run read, and every fault."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        view, row, groups = round_view(round_), steps(round_), group_labels(round_)
    check = framing.checked_upload(shell, me().actor, round_id, job_id)
    if check.state != JOB_DONE or check.result is None:
        return redirect(url_for("office.job", job_id=job_id))
    result = check.result
    report: dict[str, Any] | None = result.get("report")
    if report:
        report = report | {"townships": township_rows(report["counts"], names), "groups": groups}
    open_to_seal = view.state == STATE_NEW and not result["faults"]
    return render_template(
        "office/frame_check.html",
        round=view,
        steps=row,
        name=check.parameters["name"],
        report=report,
        faults=result["faults"],
        warnings=result["warnings"],
        more_faults=result["more_faults"],
        more_warnings=result["more_warnings"],
        form=SealForm() if open_to_seal else None,
        seal_url=url_for("office.seal_frame", round_id=round_id, job_id=job_id),
        upload_url=url_for("office.frame", round_id=round_id),
    )


@blueprint.post("/rounds/<int:round_id>/frame/check/<int:job_id>/seal")
@for_roles(ROLE_OFFICE)
def seal_frame(round_id: int, job_id: int) -> ResponseReturnValue:
    """Seal the frame that was just checked."""
    seal_id = framing.request_seal(get_shell(), me().actor, round_id, job_id)
    return redirect(url_for("office.job", job_id=seal_id))


@blueprint.get("/demo/<name>")
@for_roles(ROLE_OFFICE)
def demo_frame(name: str) -> ResponseReturnValue:
    """Hand out a demo frame, so that a visitor has a file to upload."""
    folder = get_shell().config.home / "demo"
    if not me().is_demo or name not in {"frame.csv", "faulty.csv"} or not (folder / name).is_file():
        raise NotFound
    return Response(
        (folder / name).read_bytes(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="demo-{name}"'},
    )


def township_rows(counts: dict[str, dict[str, int]], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the counts of units by township and group."""
    return [{"code": code, "name": names.get(code, ""), "counts": counts[code]} for code in sorted(counts)]


def column_help() -> list[tuple[str, str, bool, str]]:
    """Return the columns of a frame, as the upload page explains them."""
    return [
        ("township_code", _("乡镇代码"), True, _("乡镇的12位统计用区划代码")),
        ("township", _("乡镇"), True, _("乡镇名称")),
        ("group", _("类别"), True, _("代表委员、企业经营者、城镇居民、农村居民，或其代码")),
        ("unit_code", _("单元编号"), True, _("在同一乡镇、同一类别内不重复")),
        ("unit", _("名称"), False, _("户主姓名、单位名称等，供调查员查找")),
        ("psu_code", _("村代码"), False, _("村（居）委会的12位代码；分阶段抽样的类别必填")),
        ("psu", _("村"), False, _("村（居）委会名称")),
        ("subgroup", _("子类"), False, _("如党代会代表、人大代表、政协委员")),
        ("address", _("地址"), False, _("仅供调查员查找")),
        ("phone", _("电话"), False, _("仅供调查员联系")),
        ("order", _("顺序"), False, _("排队序号；一个乡镇一个类别内要么全有要么全无")),
        ("size", _("户数"), False, _("村行（没有单元编号的行）的户数")),
    ]


def _sealed_page(session: Any, round_: Round) -> ResponseReturnValue:
    sealed = rounds.sealed_frame(session, round_.id)
    if sealed is None:
        raise NotFound
    return render_template(
        "office/frame.html",
        round=round_view(round_),
        steps=steps(round_),
        frame=sealed,
        townships=township_rows(sealed.counts, rounds.township_names(session, round_.county_id)),
        groups=group_labels(round_),
        warnings=sealed.warnings,
        more_warnings=sealed.more_warnings,
        next_href=url_for("office.draw_page", round_id=round_.id),
    )

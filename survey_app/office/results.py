"""Scores of a closed round, and the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import NotFound
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED
from survey_app.office import blueprint
from survey_app.office.drawing import download
from survey_app.office.drawn import drawn, interval, number, percent, ranks, result_pages, whole
from survey_app.office.forms import ExportsForm, TakeForm
from survey_app.office.framing import group_labels
from survey_app.office.steps import round_view, steps
from survey_app.services import all_formats, closing, handouts, result_files, rounds
from survey_app.services import results as service
from survey_app.services.small_groups import small_groups, without_small_groups

if TYPE_CHECKING:
    from analysis import Changes, Scores
    from survey_app.services.analysing import Neighbours

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FIRST = 6


@blueprint.get("/rounds/<int:round_id>/results")
@for_roles(ROLE_OFFICE)
def results(round_id: int) -> ResponseReturnValue:
    """Show the townships' scores and ranks, and how sure they are."""
    from analysis.charts import change_chart, group_chart, rank_chart

    shell, language = get_shell(), page_language()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        view, row, groups = round_view(round_), steps(round_), group_labels(round_)
        last_ranks = service.last_ranks(session, round_)
        names = rounds.township_names(session, round_.county_id)
        counts = closing.box_counts(session, round_id)
    found = service.round_results(shell, me().actor, round_id)
    changes = service.changes(shell, me().actor, round_id)
    townships = township_rows(round_id, found.scores, last_ranks)
    return render_template(
        "office/results.html",
        exports_form=ExportsForm(),
        exports_url=url_for("office.make_exports", round_id=round_id),
        round=view,
        steps=row,
        pages=result_pages(round_id, "results"),
        townships=townships,
        groups=groups,
        sure=sure_sentences(townships, found.neighbours()),
        sureness_href=url_for("office.sureness", round_id=round_id),
        rank_chart=drawn(rank_chart(found.scores, language=language)),
        group_chart=drawn(group_chart(found.scores, language=language)),
        changes=change_rows(changes, names),
        change_chart=drawn(change_chart(changes.townships, names, language=language)) if changes else None,
        traces_left=closing.traces_left(shell, round_id),
        notes=[note.en if language == "en" else note.zh for note in without_small_groups(found.scores).notes],
        counts=counts,
        receipts_href=url_for("public.receipts"),
        downloads=[
            (_("分析报告（Word）"), url_for("office.report_docx", round_id=round_id)),
            (_("得分工作簿 scores.xlsx"), url_for("office.scores_xlsx", round_id=round_id)),
            (_("答卷文件夹（仅供调查队与宣誓审计员）"), url_for("office.responses_folder", round_id=round_id)),
            (_("抽样文件夹（供核验）"), url_for("office.draw_folder", round_id=round_id)),
        ],
    )


@blueprint.get("/rounds/<int:round_id>/results/<township_code>")
@for_roles(ROLE_OFFICE)
def result_township(round_id: int, township_code: str) -> ResponseReturnValue:
    """Show one township's groups and items."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        names = rounds.township_names(session, round_.county_id)
        if township_code not in names:
            raise NotFound
        view, row, labels = round_view(round_), steps(round_), group_labels(round_)
        forms = service.item_texts(session, round_id)
    scores = service.score_round(shell, me().actor, round_id)
    small = small_groups(scores)
    own = [each for each in township_rows(round_id, scores, {}) if each["code"] == township_code]
    return render_template(
        "office/result_township.html",
        round=view,
        steps=row,
        township={"code": township_code, "name": names[township_code]},
        own=own[0] if own and own[0]["score"] is not None else None,
        groups=[
            group_result(code, label, forms[code], scores, township_code, small=(township_code, code) in small)
            for code, label in labels
        ],
        back_href=url_for("office.results", round_id=round_id),
    )


@blueprint.get("/rounds/<int:round_id>/scores.xlsx")
@for_roles(ROLE_OFFICE)
def scores_xlsx(round_id: int) -> ResponseReturnValue:
    """Hand out the scores as a workbook."""
    return download(result_files.scores_workbook(get_shell(), me().actor, round_id), "scores.xlsx", XLSX)


@blueprint.get("/rounds/<int:round_id>/responses.zip")
@for_roles(ROLE_OFFICE)
def responses_folder(round_id: int) -> ResponseReturnValue:
    """Hand out the responses folder."""
    return download(result_files.responses_zip(get_shell(), me().actor, round_id), "responses.zip", "application/zip")


@blueprint.get("/rounds/<int:round_id>/report.docx")
@for_roles(ROLE_OFFICE)
def report_docx(round_id: int) -> ResponseReturnValue:
    """Hand out the analysis report as Word, in the language of the pages."""
    content = result_files.report(get_shell(), me().actor, round_id, page_language())
    return download(content, _("公众评议结果及情况分析报告") + ".docx", DOCX)


@blueprint.post("/rounds/<int:round_id>/exports")
@for_roles(ROLE_OFFICE)
def make_exports(round_id: int) -> ResponseReturnValue:
    """Start making every format with the responses folder."""
    job_id = all_formats.request_exports(get_shell(), me().actor, round_id, language=page_language())
    return redirect(url_for("office.job", job_id=job_id))


@blueprint.get("/rounds/<int:round_id>/exports/<int:job_id>")
@for_roles(ROLE_OFFICE)
def exports_ready(round_id: int, job_id: int) -> ResponseReturnValue:
    """Say what was made, and offer it for download once."""
    shell = get_shell()
    job = all_formats.exports_job(shell, me().actor, round_id, job_id)
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        view, row = round_view(round_), steps(round_)
    return render_template(
        "office/exports_ready.html",
        round=view,
        steps=row,
        result=job.result,
        form=TakeForm() if handouts.waits(shell, job_id) else None,
        again=ExportsForm(),
        take_url=url_for("office.take_exports", round_id=round_id, job_id=job_id),
        again_url=url_for("office.make_exports", round_id=round_id),
        back_href=url_for("office.results", round_id=round_id),
    )


@blueprint.post("/rounds/<int:round_id>/exports/<int:job_id>/file")
@for_roles(ROLE_OFFICE)
def take_exports(round_id: int, job_id: int) -> ResponseReturnValue:
    """Hand the file out; the server keeps nothing of it."""
    name, content = all_formats.take_exports(get_shell(), me().actor, round_id, job_id)
    return download(content, name, "application/zip")


def township_rows(round_id: int, scores: Scores, last_ranks: dict[str, int]) -> list[dict[str, Any]]:
    """Return the townships by rank, with how sure score and rank are."""
    totals = {(row["township_code"], row["group"]): row for row in scores.groups.to_dict("records")}
    groups = [group.code for group in scores.scheme.groups]
    rows = [
        {
            "rank": whole(record["rank"]),
            "code": record["township_code"],
            "name": record["township"],
            "href": url_for("office.result_township", round_id=round_id, township_code=record["township_code"]),
            "score": number(record["public_appraisal"]),
            "se": number(record["se"]),
            "interval": interval(record),
            "ranks": ranks(record),
            "rank_low": whole(record["rank_low"]),
            "rank_high": whole(record["rank_high"]),
            "first": percent(record["p_top6"]),
            "groups": {
                group: number(totals[record["township_code"], group]["total"])
                for group in groups
                if (record["township_code"], group) in totals
            },
            "last_rank": last_ranks.get(record["township_code"]),
        }
        for record in scores.townships.to_dict("records")
    ]
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["code"]))


def sure_sentences(townships: list[dict[str, Any]], neighbours: list[Neighbours]) -> list[str]:
    """Say plainly how sure the ranks are."""
    known = [row for row in townships if row["rank_high"] is not None and row["se"] is not None]
    said = []
    if neighbours:
        open_ = sum(not pair.told_apart for pair in neighbours)
        if open_ == len(neighbours):
            said.append(_("相邻位次的 %(n)s 对乡镇，得分差距都在抽样误差之内，先后分不清。", n=len(neighbours)))
        elif open_:
            said.append(
                _(
                    "相邻位次的 %(n)s 对乡镇中，有 %(k)s 对的差距在抽样误差之内，先后分不清。",
                    n=len(neighbours),
                    k=open_,
                )
            )
        else:
            said.append(_("相邻位次的 %(n)s 对乡镇，先后都分得清。", n=len(neighbours)))
    if known and len(known) > FIRST:
        firm = [row["name"] for row in known if row["rank_high"] <= FIRST]
        maybe = [row for row in known if row["rank_low"] <= FIRST < row["rank_high"]]
        said.append(
            _("有把握（95%%）列在前六名之内的：%(names)s。", names=_("、").join(firm))
            if firm
            else _("没有一个乡镇能有把握说列在前六名之内。")
        )
        if maybe:
            said.append(_("%(n)s 个乡镇的位次区间跨过第六名：它们进不进前六，这次抽样说不准。", n=len(maybe)))
    return said


def change_rows(changes: Changes | None, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return each township's change since the last closed round, the largest rise first."""
    from analysis.trends import VERDICTS

    if changes is None:
        return []
    rows = [row for row in changes.townships.to_dict("records") if number(row["change"]) is not None]
    rows.sort(key=lambda row: (-row["change"], row["township_code"]))
    language = page_language()
    return [
        {
            "name": names.get(row["township_code"], row["township_code"]),
            "before": row["before"],
            "now": row["now"],
            "change": row["change"],
            "interval": interval(row).replace("-", "−"),
            "verdict": getattr(VERDICTS[row["verdict"]], language),
        }
        for row in rows
    ]


def group_result(
    code: str, label: str, form: Any, scores: Scores, township_code: str, *, small: bool
) -> dict[str, Any]:
    """Return one group's total and its items for the page; of a small group the total alone."""
    groups, items = scores.groups, without_small_groups(scores).items
    total = groups[(groups["township_code"] == township_code) & (groups["group"] == code)].to_dict("records")
    found = items[(items["township_code"] == township_code) & (items["group"] == code)].to_dict("records")
    by_id = {record["item"]: record for record in found}
    language = page_language()
    return {
        "code": code,
        "label": label,
        "total": number(total[0]["total"]) if total else None,
        "small": small,
        "se": number(total[0]["se"]) if total and not small else None,
        "interval": interval(total[0]) if total and not small else "–",
        "respondents": whole(total[0]["respondents"]) if total else 0,
        "response_rate": number(total[0]["response_rate"]) if total else None,
        "items": [
            {"id": item.id, "text": item.text.en if language == "en" else item.text.zh}
            | {
                "score": number(by_id[item.id]["score"]),
                "se": number(by_id[item.id]["se"]),
                **{
                    key: whole(by_id[item.id][key])
                    for key in ("satisfied", "basic", "unsatisfied", "unknown", "skipped")
                },
            }
            for item in form.items
            if item.id in by_id
        ],
    }

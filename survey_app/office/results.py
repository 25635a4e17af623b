"""Scores of a closed round, and the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import NotFound
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED
from survey_app.office import blueprint
from survey_app.office.drawing import download
from survey_app.office.framing import group_labels
from survey_app.office.steps import round_view, steps
from survey_app.services import ballot_box, result_files, rounds
from survey_app.services import results as service

if TYPE_CHECKING:
    import pandas as pd

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/rounds/<int:round_id>/results")
@for_roles(ROLE_OFFICE)
def results(round_id: int) -> ResponseReturnValue:
    """Show the townships' scores and ranks."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        view, row, groups = round_view(round_), steps(round_), group_labels(round_)
        last_ranks = service.last_ranks(session, round_)
    scores = service.score_round(shell, me().actor, round_id)
    totals = {
        (record["township_code"], record["group"]): number(record["total"])
        for record in scores.groups.to_dict("records")
    }
    townships = [
        {
            "rank": whole(record["rank"]),
            "code": record["township_code"],
            "name": record["township"],
            "href": url_for("office.result_township", round_id=round_id, township_code=record["township_code"]),
            "score": number(record["public_appraisal"]),
            "groups": {code: totals.get((record["township_code"], code)) for code, _label in groups},
            "last_rank": last_ranks.get(record["township_code"]),
        }
        for record in scores.townships.to_dict("records")
    ]
    townships.sort(key=lambda township: (township["rank"] is None, township["rank"] or 0, township["code"]))
    return render_template(
        "office/results.html",
        round=view,
        steps=row,
        townships=townships,
        groups=groups,
        traces_left=ballot_box.traces_left(shell, round_id),
        notes=[note.en if page_language() == "en" else note.zh for note in scores.notes],
        downloads=[
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
    township = scores.townships[scores.townships["township_code"] == township_code].to_dict("records")
    return render_template(
        "office/result_township.html",
        round=view,
        steps=row,
        township={"code": township_code, "name": names[township_code]},
        score=number(township[0]["public_appraisal"]) if township else None,
        rank=whole(township[0]["rank"]) if township else None,
        groups=[
            group_result(code, label, forms[code], scores.groups, scores.items, township_code) for code, label in labels
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


def group_result(
    code: str, label: str, form: Any, groups: pd.DataFrame, items: pd.DataFrame, township_code: str
) -> dict[str, Any]:
    """Return one group's total and its items for the page."""
    total = groups[(groups["township_code"] == township_code) & (groups["group"] == code)].to_dict("records")
    found = items[(items["township_code"] == township_code) & (items["group"] == code)].to_dict("records")
    by_id = {record["item"]: record for record in found}
    language = page_language()
    return {
        "code": code,
        "label": label,
        "total": number(total[0]["total"]) if total else None,
        "respondents": whole(total[0]["respondents"]) if total else 0,
        "response_rate": number(total[0]["response_rate"]) if total else None,
        "items": [
            {"id": item.id, "text": item.text.en if language == "en" else item.text.zh}
            | {
                "score": number(by_id[item.id]["score"]),
                **{
                    key: whole(by_id[item.id][key])
                    for key in ("satisfied", "basic", "unsatisfied", "unknown", "skipped")
                },
            }
            for item in form.items
            if item.id in by_id
        ],
    }


def number(value: Any) -> float | None:
    """Return a figure, None where the table has none."""
    return None if value is None or value != value or value == "" else float(value)


def whole(value: Any) -> int | None:
    """Return a whole figure, None where the table has none."""
    found = number(value)
    return None if found is None else int(found)

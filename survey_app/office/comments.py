"""What people wrote, by township, apart from the answers."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OFFICE
from survey_app.office import blueprint
from survey_app.office.drawing import download
from survey_app.office.drawn import result_pages
from survey_app.office.steps import round_view, steps
from survey_app.services import commenting, rounds


@blueprint.get("/rounds/<int:round_id>/results/comments")
@for_roles(ROLE_OFFICE)
def comments(round_id: int) -> ResponseReturnValue:
    """Show the comments by township; those of a township with only a few stand under the others."""
    shell = get_shell()
    found = commenting.list_comments(shell, me().actor, round_id)
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        view, row = round_view(round_), steps(round_)
    by_township: dict[str, list[str]] = {}
    for comment in sorted(found, key=lambda comment: (comment.township_code == "", comment.township_code)):
        by_township.setdefault(comment.township_code, []).append(comment.text)
    return render_template(
        "office/comments.html",
        round=view,
        steps=row,
        pages=result_pages(round_id, "comments"),
        townships=[
            {"name": names.get(code, code) if code else _("未分列的乡镇"), "texts": texts}
            for code, texts in by_township.items()
        ],
        total=len(found),
        least=commenting.LEAST,
        csv_href=url_for("office.comments_csv", round_id=round_id),
    )


@blueprint.get("/rounds/<int:round_id>/comments.csv")
@for_roles(ROLE_OFFICE)
def comments_csv(round_id: int) -> ResponseReturnValue:
    """Hand out the comments as a file of their own."""
    return download(commenting.comments_csv(get_shell(), me().actor, round_id), "comments.csv", "text/csv")

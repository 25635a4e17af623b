"""The online appraisal of a round: open it, its pages' addresses, what it gave after the closing."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_parts import desk_frame
from survey_app.office.drawing import download
from survey_app.office.forms import OnlineForm
from survey_app.services import online as service
from survey_app.services import result_files, rounds


@blueprint.route("/rounds/<int:round_id>/online", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def online(round_id: int) -> ResponseReturnValue:
    """Show the online appraisal as it stands, and open it."""
    shell = get_shell()
    form = OnlineForm()
    if form.validate_on_submit():
        service.open_online(shell, me().actor, round_id)
        return redirect(url_for("office.online", round_id=round_id))
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        counts = service.count_online(session, round_id)
        frame = desk_frame(round_, "online")
        state, code = round_.state, round_.code
    return render_template(
        "office/online.html",
        **frame,
        form=form if counts is None and state == STATE_OPEN else None,
        counts=counts if state == STATE_OPEN else None,
        pages_of=[
            {
                "name": name,
                "link": shell.config.base_url
                + url_for("respondent.online_open", round_code=code, township_code=township_code),
            }
            for township_code, name in names.items()
        ],
        scores=score_rows(round_id, names) if state == STATE_CLOSED and counts is not None else None,
        closed=state == STATE_CLOSED,
    )


@blueprint.get("/rounds/<int:round_id>/online.zip")
@for_roles(ROLE_OFFICE)
def online_folder(round_id: int) -> Response:
    """Hand out the folder of online answers, as `pingyi score … --scheme online` reads it."""
    return download(result_files.online_zip(get_shell(), me().actor, round_id), "online.zip", "application/zip")


def score_rows(round_id: int, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return each township's online score, None where fewer than five answered."""
    scores = service.score_online(get_shell(), me().actor, round_id)
    found: dict[str, tuple[float, int]] = {}
    if scores is not None:
        table = scores.groups
        for code, total, respondents in zip(table["township_code"], table["total"], table["respondents"], strict=True):
            found[str(code)] = (float(total), int(respondents))
    return [
        {
            "name": name,
            "score": found[code][0] if code in found else None,
            "answers": found[code][1] if code in found else None,
        }
        for code, name in names.items()
    ]

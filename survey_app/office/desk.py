"""The supervisor's start page: the rounds that have a sample, and what waits in each."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.models.rounds import STATE_CLOSED, STATE_DRAWN, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_parts import DESK
from survey_app.office.steps import round_view
from survey_app.services import release_queue, rounds


@blueprint.get("/desk")
@for_roles(*DESK)
def desk() -> ResponseReturnValue:
    """List the rounds with a sample."""
    with get_shell().database.reading() as session:
        found = [
            {
                "round": round_view(round_),
                "href": url_for("office.progress", round_id=round_.id),
                "waiting": release_queue.count_waiting(session, round_.id) if round_.state == STATE_OPEN else 0,
                "releases_href": url_for("office.releases", round_id=round_.id),
            }
            for _year, listed in rounds.rounds_by_year(session, me().county_id)
            for round_ in listed
            if round_.state in (STATE_DRAWN, STATE_OPEN, STATE_CLOSED)
        ]
    return render_template("office/desk/home.html", rounds=found)

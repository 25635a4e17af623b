"""The public facts of each round, and the load balancer's question."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text

from survey_app.access import for_everyone, get_shell
from survey_app.languages import page_language
from survey_app.models import County, Round
from survey_app.models.rounds import STATE_CLOSED
from survey_app.office.steps import state_label
from survey_app.services import rounds

blueprint = Blueprint("public", __name__)


@blueprint.get("/public/")
@for_everyone
def home() -> ResponseReturnValue:
    """
    Show each round's state and the commitment to its draw.

    Until a round closes only a salted hash of draw.json is public, since frame, seed and sample together name the sample.
    """
    with get_shell().database.reading() as session:
        counties = session.scalars(select(County).order_by(County.code)).all()
        shown = [county_view(session, county) for county in counties]
    return render_template("public/home.html", counties=shown, is_demo=any(county["is_demo"] for county in shown))


@blueprint.get("/healthz")
@for_everyone
def health() -> ResponseReturnValue:
    """Tell that the app and its database answer."""
    with get_shell().database.reading() as session:
        session.execute(text("SELECT 1"))
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


def county_view(session: Any, county: County) -> dict[str, Any]:
    """Return a county with its rounds, as everyone may see them."""
    found = session.scalars(select(Round).where(Round.county_id == county.id).order_by(Round.id.desc())).all()
    return {
        "name": county.name_en if page_language() == "en" else county.name,
        "is_demo": county.is_demo,
        "rounds": [public_round(session, round_) for round_ in found],
    }


def public_round(session: Any, round_: Round) -> dict[str, Any]:
    """Return what is public of a round in its state."""
    standing = rounds.current_draw(session, round_.id)
    closed = round_.state == STATE_CLOSED
    return {
        "name": round_.name,
        "state_label": state_label(round_.state),
        "closed": closed,
        "commitment": standing.commitment if standing else None,
        "salt": standing.salt.hex() if standing and closed else None,
        "fingerprint": standing.fingerprint if standing and closed else None,
    }

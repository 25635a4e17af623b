"""The public facts of each round, and the load balancer's question."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from survey_app.access import for_everyone, get_shell
from survey_app.languages import page_language
from survey_app.models import County, Round
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.office.drawing import download
from survey_app.office.steps import state_label
from survey_app.security import csrf
from survey_app.services import closing, rounds
from survey_app.services import receipts as receipts_service

blueprint = Blueprint("public", __name__)
LONGEST_TYPED = 80


@blueprint.get("/public/")
@for_everyone
def home() -> ResponseReturnValue:
    """
    Show each round's state and the commitment to its draw.

    Until a round closes only a salted hash of draw.json is public, since frame, seed and sample together name the sample.
    """
    with get_shell().database.reading() as session:
        counties = rounds.all_counties(session)
        shown = [county_view(session, county) for county in counties]
    return render_template("public/home.html", counties=shown, is_demo=any(county["is_demo"] for county in shown))


@blueprint.route("/public/receipts", methods=["GET", "POST"])
@for_everyone
def receipts() -> ResponseReturnValue:
    """
    Tell whether a receipt was in the box of a closed round.

    Nothing is changed and nobody signed in, so the form needs no cookie; what is typed travels in the body, which no log keeps.
    """
    typed = request.form.get("receipt", "")[:LONGEST_TYPED] if request.method == "POST" else None
    plain = receipts_service.plain(typed or "")
    well_formed = receipts_service.is_receipt(plain)
    shell = get_shell()
    found = receipts_service.rounds_of_receipt(shell, plain) if well_formed else []
    with shell.database.reading() as session:
        is_demo = any(county.is_demo for county in rounds.all_counties(session))
    state = "" if typed is None else "mistyped" if not well_formed else "found" if found else "unknown"
    page = render_template(
        "public/receipts.html",
        typed=receipts_service.shown(plain) if well_formed else typed or "",
        state=state,
        found=[round_.name for round_ in found],
        is_demo=is_demo,
    )
    return page, 400 if state == "mistyped" else 200


csrf.exempt(receipts)


@blueprint.get("/public/rounds/<int:round_id>/receipts.txt")
@for_everyone
def receipt_list(round_id: int) -> ResponseReturnValue:
    """Hand out all receipts of a closed round, sorted: so one can be looked up without telling anybody which."""
    code, text_ = receipts_service.list_receipts(get_shell(), round_id)
    return download(text_.encode(), f"receipts-{code}.txt", "text/plain")


@blueprint.get("/healthz")
@for_everyone
def health() -> ResponseReturnValue:
    """Tell that the app and its database answer."""
    with get_shell().database.reading() as session:
        session.execute(text("SELECT 1"))
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


def county_view(session: Any, county: County) -> dict[str, Any]:
    """Return a county with its rounds, as everyone may see them."""
    found = rounds.rounds_of(session, county.id)
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
        "counts": closing.box_counts(session, round_.id) if closed else {},
        "receipts_href": url_for("public.receipt_list", round_id=round_.id) if closed else None,
        "key_holding": round_.key_holding if rounds.reached(round_, STATE_OPEN) else None,
    }

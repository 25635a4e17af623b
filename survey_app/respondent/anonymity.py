"""What becomes of an answer: who asks, for what, what is kept how long, what is protected and what is not."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_everyone
from survey_app.languages import page_language
from survey_app.respondent.notices import open_rounds
from survey_app.respondent.views import blueprint, size


@blueprint.get("/public/anonymity")
@for_everyone
def anonymity() -> ResponseReturnValue:
    """Show the notice that the law on personal information asks for, in plain words; no cookie, as on the card's own pages."""
    arguments: dict[str, Any] = {} if size() else {"size": "large"}
    if page_language() == "en":
        arguments["lang"] = "en"
    return render_template(
        "respondent/anonymity.html",
        rounds=open_rounds(),
        size=size(),
        size_url=url_for("respondent.anonymity", **arguments),
    )

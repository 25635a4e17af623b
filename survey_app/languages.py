"""Chinese first, English one tap away: which language a page speaks, and the names it shares with all templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, session, url_for
from flask_babel import Babel, format_datetime, gettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from survey_app.services import rounds

LANGUAGES = ("zh", "en")


def init_app(app: Flask) -> None:
    """Choose the language of each request and give templates what all of them need."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=page_language)
    app.before_request(remember_language)
    app.context_processor(shared_names)
    app.add_template_filter(local_time)


def local_time(moment: datetime | None) -> str:
    """Return a moment as the county's clocks show it."""
    if moment is None:
        return "–"
    return str(format_datetime(moment, "d MMM yyyy HH:mm" if page_language() == "en" else "yyyy年M月d日 HH:mm"))


def translate(sentence: str, **values: Any) -> str:
    """Return a sentence of the pages in the request's language; imported as ``_``."""
    return str(gettext(sentence, **values))


def page_language() -> str:
    """Return the page's language: asked for in the address or the form, else the session's, else Chinese."""
    asked = request.args.get("lang") or posted_language()
    if asked in LANGUAGES:
        return str(asked)
    # A respondent's page uses no cookies.
    kept = None if request.blueprint == "respondent" else session.get("lang")
    return kept if kept in LANGUAGES else "zh"


def posted_language() -> str | None:
    """Return the language that a respondent's form carries on."""
    if request.blueprint != "respondent" or request.method != "POST":
        return None
    try:
        return request.form.get("lang")
    except RequestEntityTooLarge:
        return None


def remember_language() -> None:
    """Keep the language asked for, except on a respondent's phone and where there is no page."""
    if (
        request.endpoint is not None
        and request.blueprint != "respondent"
        and (asked := request.args.get("lang")) in LANGUAGES
    ):
        session["lang"] = asked


def shared_names() -> dict[str, Any]:
    """Return the names that every template may use."""
    language = page_language()
    person = None if request.blueprint == "respondent" or not current_user.is_authenticated else current_user
    return {
        "lang": language,
        "lang_url": other_language_url(language),
        "person": person,
        "county_name": (person.county_name_en if language == "en" else person.county_name) if person else "",
        "is_demo": person.is_demo if person else only_demo(),
        "in_language": lambda zh, en: en if language == "en" else zh,
    }


def only_demo() -> bool:
    """Tell whether all that this installation holds is made up; an error page asks too, so a lost database means no."""
    try:
        with current_app.extensions["pingyi"].database.reading() as database:
            return rounds.holds_only_demo(database)
    except SQLAlchemyError:
        return False


def other_language_url(language: str) -> str | None:
    """Return where this page, or after a sending the page it came from, speaks the other language."""
    other = "zh" if language == "en" else "en"
    if request.endpoint is None:
        return f"?lang={other}"  # no such page: the same address, whatever it is
    values = request.view_args or {}
    if request.method in ("GET", "HEAD"):
        # Relative to the page, so that no page holds its own path, which may be a card's token.
        asked = {key: value for key, value in request.args.items() if key != "lang"} | {"lang": other}
        return f"?{urlencode(asked)}"
    if request.blueprint == "respondent":
        return None  # its own buttons carry the answers along
    if "token" in values:
        return f"?lang={other}"  # relative again: the page after a sending is often a refusal, and none shows a token
    if request.url_rule and "GET" in (request.url_rule.methods or ()):
        return url_for(request.endpoint, **values, lang=other)
    if "round_id" in values:
        return url_for("office.show_round", round_id=values["round_id"], lang=other)
    return url_for("public.home", lang=other)

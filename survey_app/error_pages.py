"""The one place where a refusal becomes a page: a status, one sentence in each language, and what to do."""

from __future__ import annotations

import logging

from flask import Flask, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from survey_app.access import access_of
from survey_app.config import UPLOAD_LIMIT
from survey_app.db import is_away
from survey_app.errors import AppError, DatabaseAway, PhoneRefused

log = logging.getLogger(__name__)

SENTENCES = {
    400: ("The request could not be understood.", "无法识别的请求。"),
    403: ("This is not open to you.", "您无权查看此内容。"),
    404: ("There is no such page.", "没有这个页面。"),
    405: ("This page cannot be used in this way.", "此页面不支持这种操作。"),
    413: ("What was sent is too large.", "提交的内容过大。"),
    500: ("Something unforeseen went wrong. Please try again.", "出现意外情况，请重试。"),
}
UNSURE = (
    "Something unforeseen went wrong, and it is not certain whether what you did was done. Look before you do it again.",
    "出现意外情况，无法确定刚才的操作是否已完成，请先查看再重试。",
)
RETRY_SECONDS = "60"
ROUND_PAGES = ("office.show_round", "office.progress", "office.keys")
"""Where each role sees a round: the office, the supervisors, the observers."""
TOO_LARGE_FILE = (
    f"The file is larger than {UPLOAD_LIMIT >> 20} MB; nothing was stored. Leave out columns that are not needed, or save it as CSV.",
    f"文件超过 {UPLOAD_LIMIT >> 20} MB，未作保存。请删去不需要的列，或另存为 CSV。",
)
FORM_EXPIRED = (
    "This form has expired; nothing was changed. Go back, reload the page and send it again.",
    "表单已过期，未作任何改动。请返回并刷新页面后重新提交。",
)


def init_app(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(CSRFError, lambda _error: page(400, *FORM_EXPIRED))
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, any_error)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Show an HTTP error in our words."""
    if error.code is not None and 300 <= error.code < 400:
        return error
    status = error.code or 500
    if status == 413 and request.mimetype == "multipart/form-data":
        return page(status, *TOO_LARGE_FILE)
    sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    if request.blueprint == "phone":
        return jsonify(state="refused", en=sentence[0], zh=sentence[1]), status
    body, status = page(status, *sentence)
    # What the status asks for beside the page, such as Allow with 405.
    return body, status, [(name, value) for name, value in error.get_headers() if name != "Content-Type"]


def any_error(error: Exception) -> ResponseReturnValue:
    """Show a refusal by the app or by a pure package in its own words, anything else as unforeseen."""
    if is_away(error):
        log.error("the database is away (%s) in %s", type(getattr(error, "orig", error)).__name__, request.endpoint)
        error = DatabaseAway()
    if request.blueprint == "phone":
        return phone_error(error)
    en, zh = getattr(error, "en", None), getattr(error, "zh", None)
    if isinstance(en, str) and isinstance(zh, str):
        shown = page(error.status if isinstance(error, AppError) else 400, en, zh)
        return (*shown, {"Retry-After": RETRY_SECONDS}) if shown[1] == 503 else shown
    # The endpoint, never the path: a path may hold a token.
    log.error("unforeseen error in %s", request.endpoint, exc_info=error)
    return page(500, *(SENTENCES[500] if request.method in ("GET", "HEAD") else UNSURE))


def phone_error(error: Exception) -> ResponseReturnValue:
    """Tell the app on an investigator's phone of a refusal, as JSON; anything unforeseen asks it to try again later."""
    if not isinstance(error, AppError):
        log.error("unforeseen error in %s", request.endpoint, exc_info=error)
        en, zh = SENTENCES[500]
        return jsonify(state="again", en=en, zh=zh), 500
    state = error.state if isinstance(error, PhoneRefused) else "again" if error.status >= 500 else "refused"
    left = error.left if isinstance(error, PhoneRefused) else None
    return jsonify(state=state, en=error.en, zh=error.zh, left=left), error.status


def page(status: int, en: str, zh: str) -> tuple[str, int]:
    """Render the error page; a respondent's is bare and holds nothing of the address, which is a token."""
    if status >= 500 and request.endpoint == "respondent.answer":
        return unsent_page(), status
    template = "respondent/error.html" if request.blueprint == "respondent" else "error.html"
    return render_template(template, status=status, en=en, zh=zh, round_url=round_url(status)), status


def unsent_page() -> str:
    """Say that answers could not be stored, and keep them in the page, ready to be sent again; a second sending is never counted twice."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "step"]
    size = "large" if (request.args.get("size") or request.form.get("size")) == "large" else ""
    return render_template("respondent/unsent.html", hidden=kept, size=size)


def round_url(status: int) -> str | None:
    """Return the page of the round that a refusal was about, where there is one that can be seen."""
    round_id = (request.view_args or {}).get("round_id")
    if round_id is None or status in (403, 404) or not current_user.is_authenticated:
        return None
    for endpoint in ROUND_PAGES:
        if current_user.roles & (access_of(current_app.view_functions[endpoint]) or frozenset()):
            return None if endpoint == request.endpoint else url_for(endpoint, round_id=round_id)
    return None

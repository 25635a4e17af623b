"""
A card's questionnaire, and the thank-you for its answers, handed out before Flask is asked.

Hundreds of phones may open or send that one page in the same second, and most of what Flask does for a request (sessions, hooks, languages,
context) is not needed for it. The card is asked of the database as ever, the answer is sealed and stored by the same service as ever, the page
is the kept one, the headers are those of every answer. Whatever is not exactly this case goes on to Flask, which alone renders pages and tells
of refusals and errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask

from survey_app.config import FORM_LIMIT
from survey_app.languages import LANGUAGES
from survey_app.respondent import views
from survey_app.respondent.kept_pages import Body, pages_of, takes_gzip
from survey_app.security import HEADERS, NEVER_KEPT, secure_headers
from survey_app.services import casting
from survey_app.services.casting import READY, RECEIVED
from survey_app.services.receipts import receipt_of
from survey_app.shell import Shell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/r/"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
COMMON = [*HEADERS.items(), *NEVER_KEPT.items(), ("Content-Type", "text/html; charset=utf-8")]


class StraightAway:
    """A layer in front of the app."""

    def __init__(self, app: Flask, shell: Shell) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._shell = shell
        self._pages = pages_of(app)
        self._forms = views.forms_of(app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what can be answered with a kept page; pass on everything else."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and path.isascii() and asks_plainly(environ):
            token = path[len(PREFIX) :]
            found = self._questionnaire(token) if environ["REQUEST_METHOD"] == "GET" else self._thanks(token, environ)
            if found is not None:
                headers, body = found.sent(packed=takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))
                secure = secure_headers(environ["wsgi.url_scheme"] == "https")
                start_response("200 OK", [*COMMON, *headers, ("Content-Length", str(len(body))), *secure])
                return [body]
        return self._inner(environ, start_response)

    def _questionnaire(self, token: str) -> Body | None:
        try:
            status = casting.look_up(self._shell, token)
        except Exception:
            return None  # Flask asks again, and says with a page what stands in the way, where it still does
        if status.state != READY:
            return None
        return self._pages.find(views.plain_page_key("form", status), views.started_now())

    def _thanks(self, token: str, environ: WSGIEnvironment) -> Body | None:
        """Put answers into the box where nothing has to be said but thanks, and the page that says so is kept."""
        sent = sent_plainly(environ)
        if sent is None:
            return None
        try:
            status = casting.look_up(self._shell, token)
            form = self._forms.get((status.round_id, status.group))
            answers = views.read_answers(form, sent) if form is not None else {}
        except Exception:
            return None  # nothing was stored; Flask does the whole again
        thanks = self._pages.find(views.plain_page_key("received", status), {"receipt": receipt_of(token)})
        if status.state != READY or not answers or thanks is None:
            return None
        minutes = views.minutes_band(views.started_at(sent))
        try:
            state = casting.cast(self._shell, token, answers, minutes=minutes, status=status)
        except Exception as error:
            environ[views.REFUSED] = error  # for Flask to tell of; storing is not tried a second time
            return None
        return thanks if state == RECEIVED else None


def asks_plainly(environ: WSGIEnvironment) -> bool:
    """Tell whether a request can have no other page than the one in Chinese, of normal size, that keeps a draft."""
    return (
        environ["REQUEST_METHOD"] in ("GET", "POST")
        and not environ.get("QUERY_STRING")
        and not environ.get("HTTP_COOKIE")
        and not environ.get("SCRIPT_NAME")
    )


def sent_plainly(environ: WSGIEnvironment) -> Mapping[str, str] | None:
    """
    Return the fields of a form that sends answers in Chinese, of normal size and without a comment; None for any other.

    What was read of the request is put back for Flask.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if environ.get("CONTENT_TYPE") != FORM or not (length.isascii() and length.isdigit()) or int(length) > FORM_LIMIT:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    try:
        fields = fields_of(body.decode("ascii"))
    except ValueError:
        return None
    sent = dict(fields)
    is_plain = len(sent) == len(fields) and sent.get("step") == "send" and sent.get("lang") == LANGUAGES[0]
    return sent if is_plain and not (sent.get("size") or sent.get("comment")) else None


def fields_of(body: str) -> list[tuple[str, str]]:
    """
    Return the fields of a form as `parse_qsl` does, which takes a tenth of a whole answer's time to find that nothing in it is escaped.

    Raises
    ------
    ValueError
        If there are more than anybody sends.
    """
    if "%" in body or "+" in body or body.count("&") >= MOST_FIELDS:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    parts = (field.partition("=") for field in body.split("&") if field)
    return [(name, value) for name, _, value in parts]

"""
The questionnaire of a card that can be answered, handed out before Flask is asked.

Hundreds of phones may open that one page in the same second, and most of what Flask does for a request (sessions, hooks, languages, context)
is not needed for it: no cookie, no query, no form. Its card is asked of the database as ever, its page is the kept one, its headers are those
of every answer. Whatever is not exactly this case goes on to Flask, which alone renders pages and tells of refusals and errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from survey_app.respondent import views
from survey_app.respondent.kept_pages import pages_of, takes_gzip
from survey_app.security import HEADERS, NEVER_KEPT, secure_headers
from survey_app.services import casting
from survey_app.services.casting import READY
from survey_app.shell import Shell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/r/"
COMMON = [*HEADERS.items(), *NEVER_KEPT.items(), ("Content-Type", "text/html; charset=utf-8")]


class StraightAway:
    """A layer in front of the app."""

    def __init__(self, app: Flask, shell: Shell) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._shell = shell
        self._pages = pages_of(app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request for a questionnaire whose page is kept; pass on any other."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and path.isascii() and asks_plainly(environ):
            answer = self._answer(path[len(PREFIX) :], environ)
            if answer is not None:
                headers, body = answer
                start_response("200 OK", headers)
                return [body]
        return self._inner(environ, start_response)

    def _answer(self, token: str, environ: WSGIEnvironment) -> tuple[list[tuple[str, str]], bytes] | None:
        try:
            status = casting.look_up(self._shell, token)
        except Exception:
            return None  # Flask asks again, and says with a page what stands in the way, where it still does
        if status.state != READY:
            return None
        found = self._pages.find(views.plain_page_key(status), views.started_now())
        if found is None:
            return None
        headers, body = found.sent(packed=takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))
        secure = secure_headers(environ["wsgi.url_scheme"] == "https")
        return [*COMMON, *headers, ("Content-Length", str(len(body))), *secure], body


def asks_plainly(environ: WSGIEnvironment) -> bool:
    """Tell whether a request can have no other page than the one in Chinese, of normal size, that keeps a draft."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("QUERY_STRING")
        and not environ.get("HTTP_COOKIE")
        and not environ.get("SCRIPT_NAME")
    )

"""Headers, body limits, CSRF, no control characters: what holds for every answer of the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect

from survey_app.config import FORM_LIMIT
from survey_app.errors import NotFound
from survey_app.unseen import has_unseen, refuse_unseen

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FIELD_POLICY = "; ".join((POLICY, "worker-src 'self'", "manifest-src 'self'"))
"""The investigator's app keeps its own files on the phone, and can be installed."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",  # a card's link must not travel on
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NEVER_KEPT = {"Cache-Control": "no-store"}


def body_limit(size: int) -> Callable[[View], View]:
    """Let a view take bodies up to this many bytes instead of the usual 64 kB."""

    def mark(view: View) -> View:
        view.body_limit = size  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Install the limits before what reads a body: the check for control characters and the CSRF check."""
    app.before_request(set_body_limit)
    app.before_request(refuse_control_characters)
    app.session_interface = StaffSessions()
    csrf.init_app(app)
    app.after_request(add_headers)


def set_body_limit() -> None:
    """Set how large this request's body may be."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "body_limit", FORM_LIMIT)


def refuse_control_characters() -> None:
    """
    Refuse a control character wherever text is sent; no address of ours has one, so there it leads to no page.

    A respondent's fields are left alone: a comment is cleaned rather than refused, and the rest is held against short lists.

    Raises
    ------
    NotFound
        If the path holds one.
    BadInput
        If a field of the form or of the query does.
    """
    if has_unseen(request.path):
        raise NotFound
    if request.endpoint is None or request.blueprint == "respondent":
        return
    for fields in (request.args, request.form):
        for name, value in fields.items(multi=True):
            refuse_unseen(name, value)
    for name, file in request.files.items(multi=True):
        refuse_unseen(name, file.filename or "")


def add_headers(response: Response) -> Response:
    """Add the security headers; pages are never kept by a cache, stylesheet and scripts are."""
    if request.blueprint in ("investigator", "phone"):
        response.headers["Content-Security-Policy"] = FIELD_POLICY
    present = {name.lower() for name, _value in response.headers}
    response.headers.extend([(name, value) for name, value in HEADERS.items() if name.lower() not in present])
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    else:
        response.headers.update(NEVER_KEPT)
    response.headers.update(secure_headers(request.is_secure))
    return response


def secure_headers(secure: bool) -> list[tuple[str, str]]:
    """Return what is said besides to a browser that came over HTTPS."""
    return [("Strict-Transport-Security", "max-age=31536000")] if secure else []


class StaffSessions(SecureCookieSessionInterface):
    """Sessions for those who sign in; on a respondent's pages there is none to read or to write."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the session of the request's cookie; an empty one that cannot be written where respondents are."""
        if request.path == "/" or request.path.startswith("/r/"):
            return self.make_null_session(app)
        return super().open_session(app, request)

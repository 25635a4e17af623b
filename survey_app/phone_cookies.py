"""
What an investigator's phone shows of itself: a cookie with its secret, and for twelve hours after the PIN one that it is open.

Scripts can read neither; both go to `/field` alone and to no request that another site has made. A third, which says no more than that this
is an investigator's phone, goes to every page.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, TimestampSigner

from survey_app.errors import BadInput
from survey_app.services import phones
from survey_app.services.phones import Phone
from survey_app.shell import Shell

SECRET_COOKIE, OPEN_COOKIE = "pingyi_phone", "pingyi_phone_open"
STAFF_COOKIE = "pingyi_staff_phone"
PATH = "/field"
SECRET_LIFE, OPEN_LIFE = timedelta(days=200), timedelta(hours=12)
HEADER = "X-Pingyi-Phone"


def kept_secret() -> str | None:
    """Return the secret that this phone sent, None where it sent none."""
    return request.cookies.get(SECRET_COOKIE)


def open_phone_of_request(shell: Shell) -> Phone:
    """Return the phone that asks, if it is enrolled and was opened with its PIN within twelve hours."""
    with shell.database.reading() as session:
        phone = phones.find_phone(session, kept_secret())
    try:
        opened = _signer().unsign(request.cookies.get(OPEN_COOKIE, ""), max_age=int(OPEN_LIFE.total_seconds()))
    except BadSignature:
        opened = b""
    if opened != str(phone.id).encode():
        raise phones.closed_refusal()
    return phone


def this_phone() -> Phone:
    """Return the phone of a view that is for phones."""
    phone: Phone = g.phone
    return phone


def refuse_foreign_senders() -> None:
    """Let a sending through only from our own app: with its header, which no form of another site can set, and from our own pages."""
    if request.method != "POST":
        return
    from_here = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if not from_here or HEADER not in request.headers:
        raise BadInput(
            en="This can be sent from the investigator's app only; nothing was changed.",
            zh="只能由调查员应用发送，未作任何改动。",
        )


def keep_secret(response: Response, secret: str) -> None:
    """Give a phone the secret it will be known by, and mark it for the respondents' pages, which keep no drafts on it."""
    _keep(response, SECRET_COOKIE, secret, SECRET_LIFE)
    _keep(response, STAFF_COOKIE, "1", SECRET_LIFE, path="/")


def keep_open(response: Response, phone: Phone) -> None:
    """Open the phone for twelve hours."""
    _keep(response, OPEN_COOKIE, _signer().sign(str(phone.id)).decode(), OPEN_LIFE)


def keep_closed(response: Response) -> None:
    """Ask for the PIN again from now on."""
    response.delete_cookie(OPEN_COOKIE, path=PATH)


def _keep(response: Response, name: str, value: str, life: timedelta, *, path: str = PATH) -> None:
    response.set_cookie(
        name,
        value,
        max_age=life,
        path=path,
        httponly=True,
        samesite="Strict",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.config["SECRET_KEY"], salt="pingyi-phone-open")

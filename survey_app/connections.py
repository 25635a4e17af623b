"""
What the server takes of a request before the app is asked.

The server holds a whole body, on the disk where it is large, before anybody knows whether its sender may do what it asks. So only somebody who is signed
in may send a large one: else a stranger could fill the disk that answers are stored on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import RequestEntityTooLarge
from werkzeug.http import parse_cookie

LARGEST_BODY = 200 * 1024 * 1024
"""Far more than any file the app takes, so that the app itself can say how large one may be."""
SMALL_BODY = 256 * 1024
PHONES_BODY = 2 * 1024 * 1024
"""What an investigator's phone sends after days without a line."""
UPLOADS, PHONES = "/office/", "/field/"
TOO_LARGE = "What was sent is too large; nothing was stored. 提交的内容过大，未作保存。"

MayUpload = Callable[[str], bool]


def channel_class(may_upload: MayUpload) -> type[HTTPChannel]:
    """Return the server's connections; ``may_upload`` tells of a request's cookies whether somebody is signed in."""

    class Parser(LimitedParser):
        signed_in = staticmethod(may_upload)

    return type("Channel", (HTTPChannel,), {"parser_class": Parser})


class LimitedParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request, and ends it where its body is larger than its sender may send."""

    signed_in: MayUpload
    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and set how large the body may be."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # a length of thousands of digits
            raise ParsingError("Content-Length is invalid") from error
        limit = self._limit()
        if limit < self.adj.max_request_body_size:
            self.adj = limited(self.adj, limit)

    def received(self, data: bytes) -> int:
        """Take what came; say in our own words where it is too much."""
        taken = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge):
            self.error.body = TOO_LARGE
        return taken

    def _limit(self) -> int:
        path = str(self.path)
        if path.startswith(UPLOADS) and self.signed_in(self.headers.get("COOKIE", "")):
            return LARGEST_BODY
        return PHONES_BODY if path.startswith(PHONES) else SMALL_BODY


@lru_cache(maxsize=16)
def limited(settings: Any, limit: int) -> Any:
    """Return the server's settings with this as the largest body."""
    made = copy.copy(settings)
    made.max_request_body_size = limit
    return made


def signed_in_to(app: Flask) -> MayUpload:
    """Return what tells whether a request's cookies hold a session of somebody who signed in, as far as its signature shows."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    life = int(app.permanent_session_lifetime.total_seconds())

    def signed_in(cookies: str) -> bool:
        session = parse_cookie(cookies).get(app.config["SESSION_COOKIE_NAME"])
        try:
            return session is not None and "_user_id" in serializer.loads(session, max_age=life)
        except BadSignature:
            return False

    return signed_in


def limit_connections(server: Any, app: Flask) -> None:
    """Give a server, or each of the servers behind several addresses, connections with these limits."""
    made = channel_class(signed_in_to(app))
    for one in (server, *getattr(server, "map", {}).values()):
        if hasattr(one, "channel_class"):
            one.channel_class = made

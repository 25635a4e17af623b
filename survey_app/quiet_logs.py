"""What the server says of connections in its log, without the tokens and addresses that it would name."""

from __future__ import annotations

import logging
import re

SERVERS = ("waitress", "waitress.queue", "gunicorn.error", "werkzeug")
_TOKEN = re.compile(r"(/(?:r|account/link|field/enrol)/+)[^\s'\"<>?]+")
_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|(?<!\w)\[?[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,5}){2,8}\]?(?::\d+)?"
)
"""IPv4 and IPv6, with a port or without."""


class Unnamed(logging.Filter):
    """Takes tokens and addresses out of what the server says of connections."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without them."""
        record.msg, record.args = without_names(record.getMessage()), ()
        return True


def without_names(text: str) -> str:
    """Return a line of the log without tokens and addresses."""
    return _ADDRESS.sub("…", _TOKEN.sub(r"\1…", text))


_UNNAMED = Unnamed()


def keep_names_out_of_logs() -> None:
    """Let no line of a server's, whoever starts it, hold a token or an address."""
    for name in SERVERS:
        logging.getLogger(name).addFilter(_UNNAMED)

"""
Pages that thousands of people get alike, rendered once.

A kept page is asked for by all that it depends on, and holds marks where people differ: the moment it was opened, their receipt. No page is
kept that holds anything of a card.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from flask import Flask, Response, current_app, request
from werkzeug.http import parse_accept_header

LARGEST_PLAIN = 4096
"""Bytes that go in a few packets as they are: compressing a page of one's own costs more than it saves."""
MOST_PAGES = 256
LEVEL = 6
MARK = "@{}@"
NAME = "pingyi-pages"
VARIES = ("Vary", "Accept-Encoding")
PACKED = ("Content-Encoding", "gzip")


@dataclass(frozen=True)
class Body:
    """A kept page with the values filled in."""

    values: dict[str, str]
    plain: bytes
    packed: bytes
    """Compressed; empty where that is not worth it."""

    def sent(self, *, packed: bool) -> tuple[list[tuple[str, str]], bytes]:
        """Return the bytes to send, and the headers that say how they are packed."""
        return ([VARIES, PACKED], self.packed) if packed and self.packed else ([VARIES], self.plain)


class KeptPages:
    """The pages of one app."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, str] = {}
        self._bodies: dict[Hashable, Body] = {}

    def answer(self, key: Hashable, render: Callable[[dict[str, str]], str], values: dict[str, str]) -> Response:
        """
        Return the page of this key with these values in it.

        ``render`` is called where the page is not kept yet, with a mark for each value.
        """
        found = self.find(key, values)
        if found is None:
            if len(self._pages) >= MOST_PAGES:
                self._pages, self._bodies = {}, {}
            page = self._pages[key] = render({name: MARK.format(name) for name in values})
            found = self._fill(key, page, values)
        headers, body = found.sent(packed=takes_gzip(request.headers.get("Accept-Encoding", "")))
        response = Response(body, mimetype="text/html")
        response.headers.extend(headers)
        return response

    def find(self, key: Hashable, values: dict[str, str]) -> Body | None:
        """
        Return the page of this key with these values in it, None where it is not kept yet.

        The last body of a key is kept too, compressed: within a second thousands may ask for the very same one.
        """
        found = self._bodies.get(key)
        if found is not None and found.values == values:
            return found
        page = self._pages.get(key)
        return None if page is None else self._fill(key, page, values)

    def _fill(self, key: Hashable, page: str, values: dict[str, str]) -> Body:
        for name, value in values.items():
            page = page.replace(MARK.format(name), value)
        plain = page.encode()
        packed = gzip.compress(plain, LEVEL, mtime=0) if len(plain) > LARGEST_PLAIN else b""
        made = self._bodies[key] = Body(values, plain, packed)
        return made


@lru_cache(maxsize=64)
def takes_gzip(accepted: str) -> bool:
    """Tell whether a browser that accepts these encodings takes gzip; browsers send the same few headers."""
    return parse_accept_header(accepted).quality("gzip") > 0


def pages_of(app: Flask) -> KeptPages:
    """Return the pages that an app keeps."""
    return cast(KeptPages, app.extensions[NAME])


def kept_pages() -> KeptPages:
    """Return the pages that the app of this request keeps."""
    return cast(KeptPages, current_app.extensions[NAME])

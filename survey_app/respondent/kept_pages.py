"""
Pages that thousands of people get alike, rendered once.

A kept page is asked for by all that it depends on, and holds marks where people differ: the moment it was opened, their receipt. No page is
kept that holds anything of a card.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Hashable
from typing import cast

from flask import Response, current_app, request

LARGEST_PLAIN = 1200
"""Bytes that fit into one packet as they are."""
MOST_PAGES = 256
LEVEL = 6
MARK = "@{}@"


class KeptPages:
    """The pages of one app."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, str] = {}
        self._bodies: dict[Hashable, tuple[dict[str, str], bytes, bytes]] = {}

    def answer(self, key: Hashable, render: Callable[[dict[str, str]], str], values: dict[str, str]) -> Response:
        """
        Return the page of this key with these values in it.

        ``render`` is called where the page is not kept yet, with a mark for each value. The last body of a key is kept too, compressed:
        within a second thousands may ask for the very same one.
        """
        found = self._bodies.get(key)
        if found is None or found[0] != values:
            found = self._make(key, render, values)
        _values, plain, packed = found
        packs = "gzip" in request.headers.get("Accept-Encoding", "") and len(plain) > LARGEST_PLAIN
        response = Response(packed if packs else plain, mimetype="text/html")
        response.headers["Vary"] = "Accept-Encoding"
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        return response

    def _make(
        self, key: Hashable, render: Callable[[dict[str, str]], str], values: dict[str, str]
    ) -> tuple[dict[str, str], bytes, bytes]:
        if len(self._pages) >= MOST_PAGES:
            self._pages, self._bodies = {}, {}
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = render({name: MARK.format(name) for name in values})
        for name, value in values.items():
            page = page.replace(MARK.format(name), value)
        plain = page.encode()
        packed = gzip.compress(plain, LEVEL, mtime=0) if len(plain) > LARGEST_PLAIN else b""
        made = self._bodies[key] = (values, plain, packed)
        return made


def kept_pages() -> KeptPages:
    """Return the pages that this app keeps."""
    return cast(KeptPages, current_app.extensions["pingyi-pages"])

"""Find a text in a heap of bytes, in every form in which a program may have written it down."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
ANSWER = re.compile(
    rb"""[DEUR][0-9]{2}["']?(?:\s*[:=,]\s*|%3D)["']?(?:satisfied|basic|unsatisfied|unknown)\b""", re.IGNORECASE
)
"""An answer beside its item, as JSON, a form's body, Python or YAML would have it."""


def forms(sought: str) -> list[bytes]:
    """Return the forms of a text: UTF-8, UTF-16, GB18030, JSON's and the web's escapes, base 64 at each of three places, hexadecimal."""
    plain = sought.encode()
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in sought).encode()
    percent = b"".join(b"%%%02X" % byte for byte in plain) if any(byte > 127 for byte in plain) else plain
    found = [plain, sought.encode("utf-16-le"), sought.encode("utf-16-be"), sought.encode("gb18030"), escaped, percent]
    found += [plain.hex().encode(), plain.hex().upper().encode()]
    for skipped in range(3):
        # Only the characters that depend on the text alone, wherever in the stream it begins.
        coded = base64.b64encode(b"\0" * skipped + plain)
        first, last = -(-skipped * 8 // 6), (skipped + len(plain)) * 8 // 6
        found += [coded[first:last], base64.urlsafe_b64encode(b"\0" * skipped + plain)[first:last]]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=16)
def inflated(heap: bytes) -> bytes:
    """Return what lies in the compressed streams (zlib, gzip) of a heap of bytes."""
    parts = []
    for place in STREAM.finditer(heap):
        try:
            opened = zlib.decompressobj(wbits=47).decompress(heap[place.start() : place.start() + 65536], 1 << 20)
        except zlib.error:
            continue
        if len(opened) > 8:
            parts.append(opened)
    return b"\0\0".join(parts)


def found_in(heap: bytes, sought: Iterable[str]) -> list[str]:
    """Return which of these texts stand in a heap of bytes, in any form, compressed or not."""
    whole = heap + b"\0\0" + inflated(heap)
    return [one for one in sought if any(form in whole for form in forms(one))]


def answers_in(heap: bytes) -> list[bytes]:
    """Return what looks like an answer beside its item."""
    return ANSWER.findall(heap + b"\0\0" + inflated(heap))

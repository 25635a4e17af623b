"""Frames that a command needs whole: read as far as this machine's memory allows."""

from __future__ import annotations

import os

_SHARE = 16
"""A list takes about so many times its bytes while it is read."""


def readable_bytes() -> int:
    """The largest list that is read whole: never less than what the web takes."""
    from sampling.frames.tables import MAX_BYTES

    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no such question on this system
        return max(MAX_BYTES, 512 * 2**20)
    return max(MAX_BYTES, memory // _SHARE)

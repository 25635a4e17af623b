"""
Canonical JSON (RFC 8785), at the speed of the standard library where it writes the same bytes.

canonical(value)     a JSON value
joined(members)      an object whose members are canonical texts already
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import rfc8785

_PERHAPS_OTHER = re.compile(r"(?:^|[:,\[])-?(?:[0-9]{16}|[0-9]+[.eE]|[IN])|[\ud800-\udfff\U00010000-\U0010ffff]")
"""
What the two may write differently: fractions, numbers of 16 digits, which may be too large to be exact, and characters
beyond 16 bits, by which keys are sorted differently. It may be found within a text too; that costs time only.
"""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> bytes:
    """
    A JSON value in canonical form.

    Parameters
    ----------
    value : JSON value
        Dicts whose keys are texts, lists, tuples, texts, numbers, booleans, None.

    Raises
    ------
    rfc8785.CanonicalizationError
        As ``rfc8785.dumps``: for whole numbers beyond 2^53 − 1, numbers that are not finite, half surrogate pairs.

    Examples
    --------
    >>> canonical({"b": [1, 2.0], "a": "镇"}).decode("utf-8")
    '{"a":"镇","b":[1,2]}'
    """
    try:
        text = _encode(value)
    except (TypeError, ValueError):
        return rfc8785.dumps(value)
    return rfc8785.dumps(value) if _PERHAPS_OTHER.search(text) else text.encode("utf-8")


def joined(members: Mapping[str, bytes]) -> bytes:
    """
    An object from members that are in canonical form.

    Examples
    --------
    >>> joined({"b": b"1", "a": b"[]"})
    b'{"a":[],"b":1}'
    """
    keys = sorted(members, key=lambda key: key.encode("utf-16-be"))
    return b"{" + b",".join(canonical(key) + b":" + members[key] for key in keys) + b"}"

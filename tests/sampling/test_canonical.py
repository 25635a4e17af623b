"""Canonical JSON against ``rfc8785.dumps``, the reference implementation by Trail of Bits."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sampling.canonical import canonical, joined

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_any_value_is_written_as_the_reference_writes_it(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_an_object_of_canonical_members_is_the_canonical_object(value: dict[str, Any]) -> None:
    assert joined({key: canonical(member) for key, member in value.items()}) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"\U0001f600": 1, "\ufb33": 2, "镇": 3},
        1e21,
        [1e-7, -0.0, 5e-324, 2**53 - 1, 10**15],
        ["1.5", ",2.5", "[1e5", ":1234567890123456", '"\\\b\f\n\r\t\x00\x1f\x7f\u2028'],
        (1, (2,)),
        {},
    ],
)
def test_what_the_two_could_write_differently_is_the_same(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**63), float("nan"), float("-inf"), "\ud800", {"a": [2**60]}, object()])
def test_what_the_reference_refuses_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        rfc8785.dumps(value)
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)

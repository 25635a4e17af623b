"""One main unit in ten is asked again, by equal interval from a public sentence."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from sampling import SamplingError, SeedError
from sampling.fieldwork.callbacks import callback_label, callback_positions


@pytest.mark.parametrize("size", [1, 9, 10, 11, 330, 2090])
def test_a_stranger_gets_the_same_positions_with_a_hash_and_long_division(size: int) -> None:
    digest = hashlib.sha256(b"pingyi-callback/1|a public number|359900-2026-1").hexdigest()
    r, n = int(digest, 16) * size >> 256, -(-size // 10)
    assert callback_positions("a public number", "359900-2026-1", size) == [(r + i * size) // n for i in range(n)]


def test_a_county_s_tenth_holds_eleven_of_each_township_of_a_hundred_and_ten() -> None:
    positions = callback_positions("x", "359900-2026-1", 2090)
    assert [sum(position // 110 == township for position in positions) for township in range(19)] == [11] * 19


def test_over_all_starts_each_unit_has_the_same_chance() -> None:
    size, n = 23, 3
    hits = [0] * size
    for r, i in itertools.product(range(size), range(n)):
        hits[(r + i * size) // n] += 1
    assert set(hits) == {n}


def test_the_sentence_holds_seed_and_round_and_a_bad_seed_or_size_is_refused() -> None:
    assert callback_label("7", "c") == "pingyi-callback/1|7|c"
    assert callback_positions("7", "c", 0) == []
    with pytest.raises(SeedError):
        callback_label("a|b", "c")
    with pytest.raises(SamplingError, match="0 or more"):
        callback_positions("7", "c", -1)

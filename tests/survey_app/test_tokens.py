"""Tokens and typed codes."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from survey_app.config import secret
from survey_app.services.tokens import (
    ALPHABET,
    card_secrets,
    check_character,
    code_hash,
    looks_like_token,
    token_hash,
)
from survey_app.shell import Shell

CODES = st.text(ALPHABET, min_size=12, max_size=12)


def test_the_token_is_the_hmac_of_round_unit_and_issue_cut_to_128_bits(sqlite_shell: Shell) -> None:
    found = card_secrets(sqlite_shell.config, round_code="359900-2026-1", unit_id=7, issue=2)
    digest = hmac.digest(secret(sqlite_shell.config, "cards"), b"pingyi-card/1|359900-2026-1|7|2", hashlib.sha256)
    number = 0
    for character in found.token:
        number = number * 32 + ALPHABET.index(character)
    assert len(found.token) == 26
    assert number == int.from_bytes(digest[:16], "big")


def test_another_round_unit_or_issue_gives_another_token_and_code(sqlite_shell: Shell) -> None:
    found = {
        card_secrets(sqlite_shell.config, round_code=code, unit_id=unit, issue=issue)
        for code in ("a", "b")
        for unit in (1, 2)
        for issue in (1, 2)
    }
    assert len({each.token for each in found}) == len({each.code for each in found}) == 8


def test_look_alike_letters_lead_to_the_same_card(sqlite_shell: Shell) -> None:
    token = "0123456789ABCDEFGHJKMNPQR1"
    assert token_hash(token) == token_hash("o123456789abcdefghjkmnpqrI") == token_hash("0I23456789abcdefghjkmnpqrl")
    assert code_hash(sqlite_shell.config, "ABCD-EFGH-0123") == code_hash(sqlite_shell.config, "abcd efgh o123")


@given(CODES, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_the_check_character_finds_every_single_wrong_character(code: str, place: int, wrong: str) -> None:
    mistyped = code[:place] + wrong + code[place + 1 :]
    assert (check_character(mistyped) == check_character(code)) == (mistyped == code)


def test_what_is_no_token_is_told_apart_at_once() -> None:
    assert looks_like_token("0123456789ABCDEFGHJKMNPQRS")
    for text in ("", "short", "U" * 26, "0123456789ABCDEFGHJKMNPQRSS", "％" * 26):
        assert not looks_like_token(text)

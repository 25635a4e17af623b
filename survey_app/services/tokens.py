"""
Tokens and typed codes of cards.

``HMAC-SHA-256(card key; "pingyi-card/1|{round}|{unit}|{issue}")`` gives 32 bytes. The first 16 are the token (26 characters of Crockford's
base 32), the next 60 bits the typed code (12 characters and a check character, Luhn modulo 32). The card key lies in the data folder; the
database holds the token's SHA-256 and the code's HMAC alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from survey_app.config import Config, secret

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 26
CODE_LENGTH = 12
_BLANKS = str.maketrans("", "", " \t\u3000-–—_.·。，,")
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


@dataclass(frozen=True)
class CardSecrets:
    """What stands on one issue of a card."""

    token: str
    code: str


def card_secrets(config: Config, *, round_code: str, unit_id: int, issue: int) -> CardSecrets:
    """Derive token and typed code of one issue of a unit's card."""
    label = f"pingyi-card/1|{round_code}|{unit_id}|{issue}"
    digest = hmac.digest(secret(config, "cards"), label.encode(), "sha256")
    code = encode(int.from_bytes(digest[16:24], "big") >> 4, CODE_LENGTH)
    return CardSecrets(
        token=encode(int.from_bytes(digest[:16], "big"), TOKEN_LENGTH), code=code + check_character(code)
    )


def new_token() -> str:
    """Return a random token of 128 bits."""
    return encode(secrets.randbits(128), TOKEN_LENGTH)


def token_hash(token: str) -> bytes:
    """Return what the database keeps of a token: its SHA-256, after look-alike letters are put right."""
    return hashlib.sha256(normalise(token).encode()).digest()


def code_hash(config: Config, code: str) -> bytes:
    """Return what the database keeps of a typed code: its HMAC under the card key (60 bits alone could be searched)."""
    return hmac.digest(secret(config, "cards"), b"pingyi-code/1|" + normalise(code).encode(), "sha256")


def normalise(typed: str) -> str:
    """Put look-alike letters right and drop spaces and hyphens, as Crockford's base 32 allows."""
    return typed.upper().replace("-", "").replace(" ", "").translate(_LOOKALIKES)


def as_printed(typed: str) -> str:
    """Return a typed code as cards print it: capitals, half width, no blanks, look-alike letters put right."""
    return normalise(unicodedata.normalize("NFKC", typed).translate(_BLANKS))


def looks_like_token(token: str) -> bool:
    """Tell whether a text could be a token at all."""
    normal = normalise(token)
    return len(normal) == TOKEN_LENGTH and all(character in _VALUES for character in normal)


def grouped(code: str) -> str:
    """Return a typed code in groups of four, as cards show it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def check_character(code: str) -> str:
    """Return the Luhn-modulo-32 check character: finds every single wrong character and nearly all swaps."""
    total = 0
    for position, character in enumerate(reversed(code)):
        value = _VALUES[character] * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def encode(number: int, length: int) -> str:
    """Return a number in Crockford's base 32, with leading zeros up to this length."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))

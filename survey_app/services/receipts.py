"""
Receipts: a code that proves that a ballot was in the box when it was opened, and nothing of what it says.

``SHA-256("pingyi-receipt/1|" + token)`` gives 12 characters of Crockford's base 32 and a check character. It derives from the card alone, so
a retry gets the same, and nobody can work it out without the card. It lies inside the seal; at closing all receipts go into a table of their
own, apart from the answers, under random keys (docs/decisions/0010).
"""

from __future__ import annotations

import hashlib
import unicodedata

from sqlalchemy import select

from survey_app.errors import NotFound
from survey_app.models import Receipt, Round
from survey_app.models.rounds import STATE_CLOSED
from survey_app.services.tokens import ALPHABET, check_character, encode, grouped, normalise
from survey_app.shell import Shell

RECEIPT_LENGTH = 13
_BLANKS = str.maketrans("", "", "\t\r\n\u3000–—_.·")


def receipt_of(token: str) -> str:
    """Return the receipt of a card, in groups of four."""
    digest = hashlib.sha256(b"pingyi-receipt/1|" + normalise(token).encode()).digest()
    code = encode(int.from_bytes(digest[:8], "big") >> 4, RECEIPT_LENGTH - 1)
    return grouped(code + check_character(code))


def plain(typed: str) -> str:
    """Return a typed receipt as letters and digits alone: look-alike letters put right, full width read as half."""
    return normalise(unicodedata.normalize("NFKC", typed).translate(_BLANKS))


def shown(code: str) -> str:
    """Return a receipt in groups of four."""
    return grouped(code)


def is_receipt(code: str) -> bool:
    """Tell whether a text could be a receipt at all; mistypes are found by its check character."""
    return (
        len(code) == RECEIPT_LENGTH
        and all(character in ALPHABET for character in code)
        and check_character(code[:-1]) == code[-1]
    )


def rounds_of_receipt(shell: Shell, code: str) -> list[Round]:
    """Return the closed rounds in whose box this receipt was."""
    with shell.database.reading() as session:
        found = session.scalars(
            select(Round)
            .where(
                Round.state == STATE_CLOSED,
                Round.id.in_(select(Receipt.round_id).where(Receipt.code == grouped(code))),
            )
            .order_by(Round.id)
        ).all()
        for round_ in found:
            _ = round_.county.name
        return list(found)


def list_receipts(shell: Shell, round_id: int) -> tuple[str, str]:
    """Return a closed round's code and all its receipts, sorted, a line each: the order says nothing."""
    with shell.database.reading() as session:
        round_ = session.get(Round, round_id)
        if round_ is None or round_.state != STATE_CLOSED:
            raise NotFound
        codes = session.scalars(select(Receipt.code).where(Receipt.round_id == round_id).order_by(Receipt.code)).all()
        return round_.code, "".join(f"{code}\n" for code in sorted(codes))

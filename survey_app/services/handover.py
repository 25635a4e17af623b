"""
Answers given on an investigator's phone: sealed in its browser before they are stored or sent, opened at the closing.

The phone seals ``{"mode": "assisted", "minutes": …, "answers": {…}, "comment": …}`` as UTF-8 JSON, its length in four bytes in front, filled
with zeros to 2,048 bytes, by HPKE (P-256, HKDF-SHA-256, AES-256-GCM) to the round's public key, with the info
``pingyi-handover/1|<round code>``. A comment of 500 characters of three bytes has room beside 20 answers: 4 + 460 + 1,500 bytes at most.
What comes is the 65 bytes of the one-time key followed by the ciphertext, as `@hpke/core` gives them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from survey_app.errors import AppError, BadInput
from survey_app.services.ballots import BallotContent, clean_comment, unfilled

if TYPE_CHECKING:
    from questionnaires import Questionnaire

MODE_ASSISTED = "assisted"
INNER_LENGTH = 2048
SEALED_INNER_LENGTH = 65 + INNER_LENGTH + 16
MINUTES = ("<1", "1-2", "2-5", ">5")


def inner_info(round_code: str) -> bytes:
    """Return the HPKE info that ties what a phone seals to its round."""
    return f"pingyi-handover/1|{round_code}".encode()


def checked_inner(inner: bytes) -> str:
    """
    Return what a phone sealed, as it stands in the ballot.

    Raises
    ------
    BadInput
        If it has another length than all others.
    """
    if len(inner) != SEALED_INNER_LENGTH or inner[0] != 4:
        raise BadInput(
            en=f"A sealed answer has {SEALED_INNER_LENGTH} bytes and begins with 04, this one has {len(inner)}; nothing was stored, "
            "the card can still be used. Load the page anew and send again.",
            zh=f"密封的答卷应为 {SEALED_INNER_LENGTH} 字节并以 04 开头，收到 {len(inner)} 字节；未作保存，答卷卡仍可使用。请重新载入页面后再发送。",
        )
    return base64.b64encode(inner).decode("ascii")


def open_inner(
    content: BallotContent, unseal: Callable[[bytes], bytes], form: Questionnaire | None
) -> BallotContent | None:
    """
    Return the ballot with what the phone had sealed, None where that cannot be opened or is no answer to the group's questionnaire.

    Nothing that a phone may have sealed stops the closing: whatever is wrong with it, the ballot is spoiled and the others count.
    """
    try:
        said = json.loads(unfilled(unseal(base64.b64decode(content.inner, validate=True))))
    except (AppError, binascii.Error, ValueError, RecursionError):
        return None
    answers = _answers(said, form) if isinstance(said, dict) and form is not None else None
    comment = said.get("comment", "") if answers is not None else None
    if answers is None or not isinstance(comment, str):
        return None
    minutes = said.get("minutes")
    return replace(
        content,
        answers=answers,
        minutes=minutes if isinstance(minutes, str) and minutes in MINUTES else "",
        comment=clean_comment(comment),
        inner="",
    )


def _answers(said: dict[str, Any], form: Questionnaire) -> dict[str, str] | None:
    given = said.get("answers")
    if not isinstance(given, dict):
        return None
    items, codes = {item.id for item in form.items}, {option.code for option in form.scale}
    answers = {item: code for item, code in given.items() if code not in ("", None)}
    fitting = all(item in items and isinstance(code, str) and code in codes for item, code in answers.items())
    return answers if fitting else None

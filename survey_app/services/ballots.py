"""
What lies inside the seal of a ballot, filled up to one length for all.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from survey_app.errors import BadInput

BALLOT_LENGTH = 4096
COMMENT_LIMIT = 500
KEY_LENGTH = 16
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class BallotContent:
    """What lies inside the seal."""

    township_code: str
    group: str
    psu_code: str
    mode: str
    minutes: str
    answers: dict[str, str]
    comment: str = ""
    receipt: str = ""
    inner: str = ""
    """What an investigator's phone sealed by itself (base 64): then answers, minutes and comment are in there (see `handover`)."""


class HasPsu(Protocol):
    """A sample unit, or what is known of one."""

    @property
    def psu_code(self) -> str: ...
    @property
    def hits(self) -> int | None: ...


class HasCode(Protocol):
    """A round, or what is known of one."""

    @property
    def code(self) -> str: ...


def psu_of(unit: HasPsu) -> str:
    """Return the PSU that a ballot names: the unit's, where its group was drawn in stages, else none."""
    return unit.psu_code if unit.hits is not None else ""


def pad(content: BallotContent) -> bytes:
    """Return the content as JSON with its length in front, filled up to one length for all."""
    plain = json.dumps(vars(content), ensure_ascii=False, separators=(",", ":")).encode()
    if len(plain) + _LENGTH_BYTES > BALLOT_LENGTH:
        raise BadInput(en="The answer is too long; shorten the comment.", zh="内容过长，请缩短留言。")
    return filled(plain, BALLOT_LENGTH)


def unpad(padded: bytes) -> BallotContent:
    """Return the content that `pad` made up."""
    return BallotContent(**json.loads(unfilled(padded)))


def filled(plain: bytes, length: int) -> bytes:
    """Return bytes with their own length in front, filled up to one length for all."""
    return (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(length, b"\0")


def unfilled(padded: bytes) -> bytes:
    """Return the bytes that `filled` filled up."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def clean_comment(text: str) -> str:
    """Return a comment without what no database keeps and no reader sees: control characters, halves of characters, blank ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        character for character in lines if character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def checked_comment(text: str) -> str:
    """
    Return a respondent's comment as it is sealed; one that is too long is refused, never cut.

    Raises
    ------
    BadInput
        If it has more than 500 characters.
    """
    comment = clean_comment(text)
    if len(comment) > COMMENT_LIMIT:
        raise BadInput(
            en=f"Your comment has {len(comment)} characters, {COMMENT_LIMIT} fit on the sheet; please shorten it a little. Your answers are kept.",
            zh=f"您的留言有 {len(comment)} 个字，最多 {COMMENT_LIMIT} 个字，请略作删减。您的答案都还在。",
        )
    return comment


def seal_info(round_: HasCode) -> bytes:
    """Return the HPKE info that ties a ballot to its round."""
    return f"pingyi-ballot/1|{round_.code}".encode()

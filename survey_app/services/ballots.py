"""
What lies inside the seal of a ballot, filled up to one length for all.
"""

from __future__ import annotations

import json
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
    return (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(BALLOT_LENGTH, b"\0")


def unpad(padded: bytes) -> BallotContent:
    """Return the content that `pad` made up."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return BallotContent(**json.loads(padded[_LENGTH_BYTES : _LENGTH_BYTES + length]))


def seal_info(round_: HasCode) -> bytes:
    """Return the HPKE info that ties a ballot to its round."""
    return f"pingyi-ballot/1|{round_.code}".encode()

"""
The ballot box: sealed ballots while the round is open, anonymous responses and comments after it was opened.

All four tables have random keys and, on SQLite, no row numbers, so that neither keys nor row numbers keep the order of arrival.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

NO_ROW_NUMBERS = {"sqlite_with_rowid": False}


class Ballot(Base):
    """One respondent's answers, sealed with the round's public key on arrival; no unit, no time."""

    __tablename__ = "ballots"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    sealed: Mapped[bytes]


class Response(Base):
    """One respondent's answers after the box was opened; nothing ties it to a unit."""

    __tablename__ = "responses"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    psu_code: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[str] = mapped_column(String(5))
    answers: Mapped[dict[str, Any]]


class Comment(Base):
    """A comment, parted from its answers when the box was opened."""

    __tablename__ = "comments"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    township_code: Mapped[str] = mapped_column(String(12))
    text: Mapped[str]


class Receipt(Base):
    """A receipt found in a ballot when the box was opened, parted from its answers: who holds it sees that the ballot was counted."""

    __tablename__ = "receipts"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))

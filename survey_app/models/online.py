"""
The online appraisal: an open page a township, codes handed out on demand, a box of its own. It is never mixed with the sample's tables.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.ballots import NO_ROW_NUMBERS
from survey_app.models.base import Base


class OnlineAppraisal(Base):
    """That a round has an online appraisal, with its questionnaire as it stood when it was opened."""

    __tablename__ = "online_appraisals"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True, autoincrement=False)
    definition: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]


class OnlineCode(Base):
    """A code that was handed out: its hash, and whether it was used; no address, no time."""

    __tablename__ = "online_codes"
    __table_args__ = NO_ROW_NUMBERS

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    township_code: Mapped[str] = mapped_column(String(12))
    spent: Mapped[bool] = mapped_column(default=False, server_default=false())


class OnlineBallot(Base):
    """One person's answers, sealed on arrival like the sample's."""

    __tablename__ = "online_ballots"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    sealed: Mapped[bytes]


class OnlineResponse(Base):
    """One person's answers after the box was opened."""

    __tablename__ = "online_responses"
    __table_args__ = NO_ROW_NUMBERS

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    township_code: Mapped[str] = mapped_column(String(12))
    answers: Mapped[dict[str, Any]]

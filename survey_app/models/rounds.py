"""A round: one wave of a year's public appraisal, and the questionnaires frozen for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base
from survey_app.models.counties import County, Year

STATE_NEW = "new"
STATE_FRAME_SEALED = "frame_sealed"
STATE_DRAWN = "drawn"
STATE_OPEN = "open"
STATE_CLOSED = "closed"
STATES = (STATE_NEW, STATE_FRAME_SEALED, STATE_DRAWN, STATE_OPEN, STATE_CLOSED)

KEY_ON_SERVER = "server"
KEY_PRINTED = "printed"
RELEASE_BY_SUPERVISOR = "supervisor"
RELEASE_AT_ONCE = "at_once"


class Round(Base):
    """One wave: frame, draw, fieldwork, closing, scores."""

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("year_id", "wave"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    year_id: Mapped[int] = mapped_column(ForeignKey("years.id"))
    wave: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), default=STATE_NEW)
    design: Mapped[dict[str, Any]]
    public_key: Mapped[bytes | None]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    traces_left: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer_by: Mapped[date | None]
    """The last day on which the cards ask for an answer; the round stays open until it is closed."""
    contact: Mapped[str] = mapped_column(default="", server_default="")
    """Whom to ask, as the cards say it."""

    key_holding: Mapped[str] = mapped_column(String(10), default=KEY_ON_SERVER, server_default=KEY_ON_SERVER)
    """Where the halves of the box's key are while the round is open: in the data folder, or printed and with their holders alone."""
    release_rule: Mapped[str] = mapped_column(
        String(12), default=RELEASE_BY_SUPERVISOR, server_default=RELEASE_BY_SUPERVISOR
    )
    """Whether a supervisor decides on each release of a reserve, or the rule alone does, at once."""

    county: Mapped[County] = relationship()
    year: Mapped[Year] = relationship()


class RoundQuestionnaire(Base):
    """The questionnaire of a group as it stood when the round was made; it never changes afterwards."""

    __tablename__ = "round_questionnaires"
    __table_args__ = (UniqueConstraint("round_id", "group"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    group: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    definition: Mapped[str]


class KeyHalf(Base):
    """
    One holder's half of the box's key pair: the public point alone. The secret half is printed, typed back once, and not kept here.

    The round's public key is the sum of both points.
    """

    __tablename__ = "key_halves"
    __table_args__ = (UniqueConstraint("round_id", "holder"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    holder: Mapped[str] = mapped_column(String(10))
    point: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    typed_back_at: Mapped[datetime | None]
    typed_back_by: Mapped[str | None]

"""Draws, the units they selected, the cards handed to them, and who visits them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

ROLE_MAIN = "main"
ROLE_RESERVE = "reserve"


class StoredDraw(Base):
    """A draw of a round. A redraw supersedes the one before, which stays with the name and the reason."""

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]
    seed: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String(64))
    sample_sha256: Mapped[str] = mapped_column(String(64))
    draw_json: Mapped[bytes]
    sample_csv: Mapped[bytes]
    salt: Mapped[bytes]
    commitment: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str]
    superseded_at: Mapped[datetime | None]
    superseded_by: Mapped[str | None]
    reason: Mapped[str | None]


class SampleUnit(Base):
    """A unit of a draw, main or reserve."""

    __tablename__ = "sample_units"
    __table_args__ = (UniqueConstraint("draw_id", "township_code", "group", "role", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    psu_code: Mapped[str] = mapped_column(String(12))
    ssu_code: Mapped[str]
    unit_code: Mapped[str]
    role: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int]
    reserve_for: Mapped[str]
    hits: Mapped[int | None]
    pi_1: Mapped[float | None]
    weight: Mapped[float]


class Card(Base):
    """
    One issue of a unit's card. The token itself is never stored, only its hash; a lost card is voided by the next issue.
    """

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("sample_unit_id", "issue"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    sample_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"))
    issue: Mapped[int]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    voided: Mapped[bool] = mapped_column(default=False)


class AnsweredUnit(Base):
    """
    That a unit has answered: neither when nor what. The primary key is the promise "one card, one answer".
    """

    __tablename__ = "answered_units"

    sample_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"), primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)


class Assignment(Base):
    """An investigator's part of a round: a township, or one PSU of it (an empty code means all)."""

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "township_code", "group", "psu_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    psu_code: Mapped[str] = mapped_column(String(12))


class PastAssignment(Base):
    """Whose a place was until it was given to somebody else or to nobody: what was done there before may reach the server after."""

    __tablename__ = "past_assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    psu_code: Mapped[str] = mapped_column(String(12))
    until: Mapped[datetime]

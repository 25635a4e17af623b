"""What investigators and supervisors do with units: visits, released reserves, call-backs. Nothing here tells how or what someone answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

RELEASE_WAITING = "waiting"
RELEASE_APPROVED = "approved"
RELEASE_REFUSED = "refused"
RELEASE_VOID = "void"
"""The unit has answered: there is nothing to give up."""


class Visit(Base):
    """
    One visit of an investigator to a unit, under a key that the phone made: sent twice, it is kept once.

    There is no room for free text, which might repeat what someone said.
    """

    __tablename__ = "visits"

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    sample_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    visited_at: Mapped[datetime]
    """By the phone's clock, put right by how far it stood from the server's at sending."""
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    """A key of sampling.fieldwork.dispositions.OUTCOMES."""
    others_present: Mapped[str] = mapped_column(String(10))
    appointment_at: Mapped[datetime | None]
    clock_doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the phone's clock stood so far from the server's that the time of the visit is not to be relied on."""


class ReserveRelease(Base):
    """
    That a unit is given up and its reserve takes its place: asked for by an investigator, decided by a supervisor or the round's rule.

    While it waits no reserve is named; approved without a reserve, the place stays empty, none being left.
    """

    __tablename__ = "reserve_releases"
    __table_args__ = (
        Index(
            "ix_reserve_releases_standing",
            "failed_unit_id",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    failed_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"))
    released_unit_id: Mapped[int | None] = mapped_column(ForeignKey("sample_units.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    """A key of sampling.fieldwork.release_reasons.REASONS."""
    state: Mapped[str] = mapped_column(String(10))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="", server_default="")
    """What the supervisor said to it."""


class Callback(Base):
    """A completed unit that a supervisor asks again whether it was visited, drawn by equal interval."""

    __tablename__ = "callbacks"
    __table_args__ = (UniqueConstraint("sample_unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    sample_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"))
    batch: Mapped[int]
    drawn_at: Mapped[datetime]
    result: Mapped[str | None] = mapped_column(String(20))
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]

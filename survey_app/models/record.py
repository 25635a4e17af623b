"""The append-only record: who did what, when and why, each entry chained to the one before by its hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class RecordEntry(Base):
    """One act. Triggers in the database refuse any change or removal."""

    __tablename__ = "record_entries"
    __table_args__ = (UniqueConstraint("county_id", "number"), UniqueConstraint("county_id", "previous_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    person: Mapped[str]
    action: Mapped[str] = mapped_column(String(40))
    details: Mapped[str]
    reason: Mapped[str]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

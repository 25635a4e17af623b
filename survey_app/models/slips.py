"""Paper slips between their two entries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class Slip(Base):
    """
    A slip entered once, waiting for its second entry by somebody else; it goes when the two agree and the ballot is cast.

    The entry is enciphered under a code that stands on the paper alone: nobody who holds the database can read it.
    """

    __tablename__ = "slips"

    sample_unit_id: Mapped[int] = mapped_column(ForeignKey("sample_units.id"), primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    entry: Mapped[bytes]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime]

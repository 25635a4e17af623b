"""The sealed frame, its PSUs, and the contact data that can be removed without touching it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class SealedFrame(Base):
    """A round's frame without names, addresses and phones: the bytes of frame.csv (zlib), and what reading it showed."""

    __tablename__ = "frames"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), unique=True)
    name: Mapped[str]
    rows: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes]
    counts: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    more_warnings: Mapped[int]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[str]


class FramePsu(Base):
    """A PSU of the frame: its name, its size measure and its number of listed units."""

    __tablename__ = "frame_psus"
    __table_args__ = (UniqueConstraint("round_id", "township_code", "group", "psu_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    psu_code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str]
    size: Mapped[int]
    listed: Mapped[int]


class Contact(Base):
    """What an investigator needs to find a unit. The only table with names, addresses and phones of the frame."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_unit", "round_id", "township_code", "group", "unit_code", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    township_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(40))
    unit_code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    phone: Mapped[str]
    remark: Mapped[str]

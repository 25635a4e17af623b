"""People, their roles in a county, the single-use links they sign in or enrol with, and investigators' phones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base
from survey_app.models.counties import County

ROLE_OFFICE = "office"
ROLE_INVESTIGATOR = "investigator"
ROLE_SUPERVISOR = "supervisor"
ROLE_APPRAISAL = "appraisal"
ROLE_OBSERVER = "observer"
LINK_SIGN_IN = "sign_in"
LINK_INVITE = "invite"
LINK_ENROL = "enrol"
ROLES = (ROLE_OFFICE, ROLE_INVESTIGATOR, ROLE_SUPERVISOR, ROLE_APPRAISAL, ROLE_OBSERVER)


class Person(Base):
    """Somebody who signs in; respondents never do and are not people of the app."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    session_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """Raised at sign-out: a cookie that names an earlier number is of a session that has ended."""
    created_at: Mapped[datetime]

    county: Mapped[County] = relationship()
    roles: Mapped[list[PersonRole]] = relationship(back_populates="person", lazy="selectin")


class PersonRole(Base):
    """One role of a person in the person's county."""

    __tablename__ = "person_roles"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20))

    person: Mapped[Person] = relationship(back_populates="roles")


class SignInLink(Base):
    """A link that works once: it signs a person in, lets one choose a password, or enrols a phone; only its hash is kept."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(String(10), default=LINK_SIGN_IN, server_default=LINK_SIGN_IN)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Device(Base):
    """An investigator's phone, enrolled by a single-use QR code and opened by a PIN; only hashes of its secret and PIN are kept."""

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    pin_hash: Mapped[str | None]
    wrong_pins: Mapped[int] = mapped_column(default=0, server_default="0")
    enrolled_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """The quarter of an hour in which it was last online, with or without something to send."""
    revoked_at: Mapped[datetime | None]

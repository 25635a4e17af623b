"""County → year → round: what belongs to what (docs/architecture.md)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base


class County(Base):
    """A county, the tenant of an installation."""

    __tablename__ = "counties"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)

    townships: Mapped[list[Township]] = relationship(back_populates="county", order_by="Township.code")
    years: Mapped[list[Year]] = relationship(back_populates="county", order_by="Year.number.desc()")


class Township(Base):
    """A township, town or subdistrict of a county: the unit appraised."""

    __tablename__ = "townships"
    __table_args__ = (UniqueConstraint("county_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str]

    county: Mapped[County] = relationship(back_populates="townships")


class Year(Base):
    """An assessment year of a county, with the scheme its scores follow."""

    __tablename__ = "years"
    __table_args__ = (UniqueConstraint("county_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("counties.id"))
    number: Mapped[int]
    scheme: Mapped[str]

    county: Mapped[County] = relationship(back_populates="years")


class LastRank(Base):
    """The approved rank a township had in the year before this one."""

    __tablename__ = "last_ranks"
    __table_args__ = (UniqueConstraint("year_id", "township_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year_id: Mapped[int] = mapped_column(ForeignKey("years.id"))
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"))
    rank: Mapped[int]

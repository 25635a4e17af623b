"""The names that people know, for the sentences on a round's results; the sentences themselves are analysis's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from survey_app.models import Round
from survey_app.services.fieldwork import psu_names
from survey_app.services.rounds import township_names

if TYPE_CHECKING:
    from analysis import PlaceNames
    from analysis.labels import Label


def place_names(session: Session, round_: Round) -> PlaceNames:
    """Return what the places of a round are called: townships, the groups of its design, and villages."""
    from analysis import PlaceNames
    from analysis.labels import Label

    groups = {group["group"]: Label(group["label"]["zh"], group["label"]["en"]) for group in round_.design["groups"]}
    return PlaceNames(township_names(session, round_.county_id), groups, psu_names(session, round_.id))


def in_language(labels: Iterable[Label], language: str) -> list[str]:
    """Return the sentences in one language."""
    return [label.en if language == "en" else label.zh for label in labels]

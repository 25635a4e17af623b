"""
A questionnaire as frozen values.

Text           one wording in both languages
FormMarks      the marks that the Statistics Law (art. 17) asks of a statistical form
ScaleOption    one answer, its label and what it scores
Dimension      what several items are about
Item           one question
Comment        the open question at the end
Questionnaire  all of it, with its version and the hash of its content
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import rfc8785
import yaml

MEAN: Literal["mean"] = "mean"
"""The score of an answer that is worth the item's mean."""


@dataclass(frozen=True)
class Text:
    """One wording, complete in both languages."""

    zh: str
    en: str

    def to_language(self, language: str) -> str:
        """Return the English wording for ``en…``, else the Chinese one."""
        return self.en if language.lower().startswith("en") else self.zh

    def to_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class FormMarks:
    """Marks of a statistical form (表号、制定机关、批准文号、有效期限); each empty until it is approved."""

    number: str = ""
    agency: str = ""
    approval: str = ""
    valid_until: str = ""

    def to_dict(self) -> dict[str, str]:
        return {
            "number": self.number,
            "agency": self.agency,
            "approval": self.approval,
            "valid_until": self.valid_until,
        }


@dataclass(frozen=True)
class ScaleOption:
    """One of the answers; ``score`` is a whole number of points, or ``"mean"``."""

    code: str
    label: Text
    score: int | Literal["mean"]

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "label": self.label.to_dict(), "score": self.score}


@dataclass(frozen=True)
class Dimension:
    """What several items are about, for instance the environment."""

    code: str
    label: Text


@dataclass(frozen=True)
class Item:
    """One question; its id names the column of its answers for ever."""

    id: str
    dimension: str
    text: Text

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "dimension": self.dimension, "text": self.text.to_dict()}


@dataclass(frozen=True)
class Comment:
    """The open question at the end."""

    id: str
    optional: bool
    max_length: int
    text: Text

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "optional": self.optional,
            "max_length": self.max_length,
            "text": self.text.to_dict(),
        }


@dataclass(frozen=True)
class Questionnaire:
    """
    The questions that one group of respondents answers.

    Two questionnaires are equal when every word of them is; ``sha256`` says the same in 64 characters.
    """

    id: str
    version: int
    title: Text
    intro: Text
    form: FormMarks
    scale: tuple[ScaleOption, ...]
    dimensions: tuple[Dimension, ...]
    items: tuple[Item, ...]
    comment: Comment | None = None

    @property
    def group(self) -> str:
        """The group that answers it; a questionnaire is named by its group."""
        return self.id

    @property
    def item_ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)

    @property
    def answer_codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.scale)

    @cached_property
    def dimension_labels(self) -> dict[str, Text]:
        return {dimension.code: dimension.label for dimension in self.dimensions}

    @cached_property
    def sha256(self) -> str:
        """Lowercase hex SHA-256 of the content as canonical JSON (RFC 8785), whatever the YAML looked like."""
        return hashlib.sha256(rfc8785.dumps(self.to_dict())).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values in the order of a definition file; ``parse_questionnaire`` reads them back equal."""
        content: dict[str, Any] = {
            "id": self.id,
            "version": self.version,
            "title": self.title.to_dict(),
            "intro": self.intro.to_dict(),
            "form": self.form.to_dict(),
            "scale": [option.to_dict() for option in self.scale],
            "dimensions": {dimension.code: dimension.label.to_dict() for dimension in self.dimensions},
            "items": [item.to_dict() for item in self.items],
        }
        if self.comment is not None:
            content["comment"] = self.comment.to_dict()
        return content

    def to_yaml(self) -> str:
        """Return a copy to freeze with a round: it reads back equal to this questionnaire."""
        return yaml.safe_dump(self.to_dict(), allow_unicode=True, sort_keys=False, width=10_000)

"""Words in both languages, and the nearest known word to a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """The same words in Chinese and English."""

    zh: str
    en: str


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like the given one."""
    return max(sorted(known), key=lambda other: difflib.SequenceMatcher(None, word.lower(), other.lower()).ratio())

"""
Characters that nobody sees: control characters, and halves of characters.

PostgreSQL keeps no text with a NUL, SQLite does; and a name of nothing else is a name that nobody can read. So no text that is typed may hold
one, whatever field it is for. Tabs and line ends are no harm.
"""

from __future__ import annotations

import re
import unicodedata

from survey_app.errors import BadInput

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Control, format and half characters, ends of lines and paragraphs: none of them is part of a name.
NO_PART_OF_A_NAME = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Blanks, and marks that are seen only upon another character.
NOT_SEEN_ALONE = (*NO_PART_OF_A_NAME, "Zs", "Mn", "Me")
EMPTY_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol by their class, yet nothing to be seen: the fillers of Hangul, the empty Braille cell."""


def has_unseen(text: str) -> bool:
    """Tell whether a text holds a character that nobody sees."""
    return UNSEEN.search(text) is not None


def refuse_unseen(field: str, text: str) -> None:
    """
    Refuse a text that holds a character that nobody sees, in it or in its field's name.

    Raises
    ------
    BadInput
        If it does.
    """
    if found := UNSEEN.search(text) or UNSEEN.search(field):
        name, character = UNSEEN.sub("", field)[:40], f"U+{ord(found[0]):04X}"
        raise BadInput(
            en=f"Expected plain text, got the control character {character} in the field {name!r}; nothing was stored. "
            "Type the text again by hand instead of pasting it.",
            zh=f"内容应为普通文字，字段“{name}”中有控制字符 {character}；未作保存。请手工重新输入，不要粘贴。",
        )


def clean_name(text: str) -> str:
    """Return a name without what is no part of one; empty where nothing is left that can be seen."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) not in NO_PART_OF_A_NAME).strip()
    seen = any(unicodedata.category(sign) not in NOT_SEEN_ALONE and sign not in EMPTY_LETTERS for sign in kept)
    return kept if seen else ""

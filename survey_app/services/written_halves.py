"""
A key half as people write and type it: five lines of three groups of four characters.

The half is a number below 2^256. As 55 characters of Crockford's base 32 it fills five lines of 11, each with a check character of its own
(Luhn modulo 32, as on cards), so that a slip of the pen is found in its line, before anything else is looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from survey_app.errors import BadInput
from survey_app.services.curve import ORDER
from survey_app.services.tokens import ALPHABET, check_character, encode, grouped, normalise

LINES = 5
LINE_LENGTH = 12
_DATA = LINE_LENGTH - 1
_BLANKS = str.maketrans("", "", "\t\u3000–—_.·")


class MistypedHalf(BadInput):
    """What was typed is no half; ``lines`` names each faulty line (from 1) with its sentence in both languages."""

    def __init__(self, lines: Mapping[int, tuple[str, str]], *, en: str, zh: str) -> None:
        super().__init__(en=en, zh=zh)
        self.lines = dict(lines)


def write_half(half: int) -> tuple[str, ...]:
    """Return a half as its five lines."""
    text = encode(half, LINES * _DATA)
    parts = [text[start : start + _DATA] for start in range(0, len(text), _DATA)]
    return tuple(grouped(part + check_character(part)) for part in parts)


def read_half(lines: Sequence[str]) -> int:
    """
    Return the half that five typed lines make: small letters, hyphens, blanks and look-alike letters are put right.

    Raises
    ------
    MistypedHalf
        With every line in which something is wrong.
    """
    typed = [_plain(line) for line in [*lines, *[""] * LINES][:LINES]]
    faults = {number: fault for number, line in enumerate(typed, start=1) if (fault := line_fault(line))}
    if faults:
        named = ", ".join(map(str, faults))
        raise MistypedHalf(
            faults,
            en=f"Mistyped: line {named}. Compare it with the paper, group by group.",
            zh=f"第 {named.replace(', ', '、')} 行有误，请对照纸张逐组核对。",
        )
    number = 0
    for character in "".join(line[:-1] for line in typed):
        number = number * 32 + ALPHABET.index(character)
    if not 0 < number < ORDER:
        raise MistypedHalf(
            {},
            en="Each line is right by itself, but together they are no half of a key: see that the lines stand in their order.",
            zh="各行本身无误，但合在一起不是密钥的一半：请核对各行的次序。",
        )
    return number


def line_fault(typed: str) -> tuple[str, str] | None:
    """Return what is wrong with a typed line (en, zh), None for a right one."""
    line = _plain(typed)
    if not line:
        return "This line is empty.", "这一行还没有填写。"
    if foreign := next((character for character in line if character not in ALPHABET), ""):
        return f"There is no character “{foreign}” in a half.", f"密钥中没有“{foreign}”这个字符。"
    if len(line) != LINE_LENGTH:
        return (
            f"A line has {LINE_LENGTH} characters, this one {len(line)}.",
            f"每行 {LINE_LENGTH} 个字符，这一行有 {len(line)} 个。",
        )
    if check_character(line[:-1]) != line[-1]:
        return "A character of this line is wrong.", "这一行有字符不对。"
    return None


def _plain(typed: str) -> str:
    return normalise(unicodedata.normalize("NFKC", typed).translate(_BLANKS))

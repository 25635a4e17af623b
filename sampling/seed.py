"""
The seed: a public text, used as given.

check_seed(seed)   the seed itself, or SeedError
"""

from __future__ import annotations

import unicodedata

from sampling.errors import SeedError

_REFUSED = {
    "Cc": ("a control character, such as a tab or a line end", "控制字符，例如制表符或换行"),
    "Cf": ("an invisible format character", "看不见的格式字符"),
    "Cs": ("half of a character (a lone surrogate)", "不完整的字符（单独的代理码）"),
    "Zl": ("a line separator", "分行符"),
    "Zp": ("a paragraph separator", "分段符"),
}


def check_seed(seed: str) -> str:
    """
    The seed, if it can stand in a label.

    Parameters
    ----------
    seed : str
        Text with a visible character, without ``|``, control characters and invisible format characters (such as the
        zero-width space). It is used as given: blanks and letter case count.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    SeedError
        If it is no text, holds nothing visible, or holds ``|``, a control or format character or half a surrogate pair.
    """
    if not isinstance(seed, str):
        raise SeedError(
            f"A seed is a text, since it stands in a public sentence; got {type(seed).__name__} {_shown(seed)}: write it in "
            "quotation marks, as it was published.",
            f"随机种子应为文本，因为它要写进公开的语句；实为 {type(seed).__name__} {_shown(seed)}，请照公布的样子加引号给出。",
        )
    if not seed:
        raise SeedError(
            "A seed is needed: a text of at least one character, best a public number that nobody could know before.",
            "需要随机种子：至少一个字符的文本，最好是事先无人能知的公开数字。",
        )
    if "|" in seed:
        raise SeedError(
            f"The seed {seed!r} holds the character '|', which separates the parts of a label; leave it out.",
            f"随机种子“{seed}”含有分隔符“|”，请去掉。",
        )
    for position, character in enumerate(seed, start=1):
        _check_character(character, position)
    if seed.isspace():
        raise SeedError(
            "The seed holds only blanks, so that nobody could read it off; give it a character that can be seen.",
            "随机种子只有空格，别人无法照着写出；请至少输入一个看得见的字符。",
        )
    return seed


def _shown(value: object) -> str:
    """Something that is no text, short enough for a sentence."""
    try:
        text = repr(value)
    except ValueError:
        return "…"
    return text if len(text) <= 40 else text[:39] + "…"


def _check_character(character: str, position: int) -> None:
    """Refuse what nobody could copy off a page: control characters, format characters, half a surrogate pair."""
    category = unicodedata.category(character)
    if category not in _REFUSED:
        return
    en, zh = _REFUSED[category]
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    raise SeedError(
        f"The seed's character {position} is {en} ({code}{', ' + name if name else ''}); leave it out, type the seed anew.",
        f"随机种子第 {position} 个字符是{zh}（{code}{'，' + name if name else ''}），请去掉，重新输入种子。",
    )

"""
The seed: a public text, used as given.

check_seed(seed)   the seed itself, or SeedError
"""

from __future__ import annotations

import unicodedata

from sampling.errors import SeedError


def check_seed(seed: str) -> str:
    """
    The seed, if it can stand in a label.

    Parameters
    ----------
    seed : str
        Non-empty text without ``|`` and control characters. It is used as given: blanks and letter case count.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    SeedError
        If it is empty, no text, or holds ``|``, a control character or half a surrogate pair.
    """
    if not isinstance(seed, str) or not seed:
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
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise SeedError(
                f"The seed's character {position} is a control character (code {ord(character)}); leave it out, "
                "for instance a tab or a line end that was pasted with it.",
                f"随机种子第 {position} 个字符是控制字符（编码 {ord(character)}），请去掉，"
                "例如一并粘贴进来的制表符或换行。",
            )
    return seed

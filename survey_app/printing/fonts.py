"""The embedded font: a full TrueType, since a subset for the web lacks rare characters of names and places."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont, makeToUnicodeCMap

NAME = "PingyiSansSC"
PATH = Path(__file__).parent.parent / "fonts" / "PingyiSansSC-Regular.ttf"
BASIC_PLANE = 0xFFFF


class FullFont(TTFont):  # type: ignore[misc]
    """A TrueType font whose characters beyond the basic plane can be searched and copied too."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - the library's name
        """Embed what the document uses, and say which character each glyph is in UTF-16, as PDF wants it."""
        subsets = [list(subset) for subset in self.state[doc].subsets]
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = b"".join((SUBSETN(number), b"+", self.face.name, self.face.subfontNameX)).decode("ascii")
            stream = doc.idToObject[f"toUnicodeCMap:{name}"]
            stream.content = to_unicode_map(name, subset)


def to_unicode_map(name: str, subset: list[int]) -> str:
    """Return the library's map from codes to characters, with surrogate pairs where it has five digits."""
    content = str(makeToUnicodeCMap(name, subset))
    for place, point in enumerate(subset):
        if point > BASIC_PLANE:
            pair = chr(point).encode("utf-16-be").hex().upper()
            content = content.replace(f"<{place:02X}> <{point:04X}>", f"<{place:02X}> <{pair}>")
    return content


@lru_cache(maxsize=1)
def font() -> Any:
    """Return the font, read on first use."""
    rl_config.useA85 = 0  # streams as they are: smaller and sooner written
    loaded = FullFont(NAME, str(PATH))
    pdfmetrics.registerFont(loaded)
    return loaded


def has_glyph(character: str) -> bool:
    """Tell whether the font can show a character."""
    return ord(character) in font().face.charToGlyph


def printable(text: str) -> tuple[str, str]:
    """
    Return a text as it can be printed, and the characters that cannot.

    What the font lacks stands as its number, such as ``[U+2A6D6]``: never an empty box that looks like any other.
    """
    lacking = "".join(dict.fromkeys(character for character in text if not has_glyph(character)))
    for character in lacking:
        text = text.replace(character, f"[U+{ord(character):04X}]")
    return text, lacking


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float) -> float:
    """Return how wide a text is in points."""
    return float(font().stringWidth(text, size))

"""
How the font of this folder was made: Noto Sans SC, and the Chinese characters that Noto Sans CJK SC has beyond it.

``python make_font.py NotoSansSC_400Regular.ttf NotoSansCJK-Regular.ttc PingyiSansSC-Regular.ttf``; needs fonttools. See README.md.
"""

from __future__ import annotations

import sys
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

ADDED = "Noto Sans CJK SC"
RENAMED = {"Noto Sans SC": "Pingyi Sans SC", "NotoSansSC": "PingyiSansSC"}
TOP = 880
"""The top of the square that a Chinese character stands in; both fonts have 1,000 units to it."""
LARGEST_ERROR = 1.0


def is_chinese(point: int) -> bool:
    """Tell whether a code point is a Chinese character."""
    return 0x3400 <= point < 0xA000 or 0xF900 <= point < 0xFB00 or point >= 0x20000


def add_characters(font: Any, source: Any) -> int:
    """Add to a TrueType font the Chinese characters that only the source has; return how many."""
    have, more = font.getBestCmap(), source.getBestCmap()
    missing = sorted(point for point in more if is_chinese(point) and point not in have)
    names: dict[str, str] = {}
    for point in missing:
        drawn = more[point]
        if drawn not in names:
            names[drawn] = f"u{point:X}"
            add_glyph(font, names[drawn], source.getGlyphSet()[drawn])
        for table in font["cmap"].tables:
            if table.format == 12 or (table.format == 4 and point <= 0xFFFF):
                table.cmap[point] = names[drawn]
    return len(missing)


def add_glyph(font: Any, name: str, drawn: Any) -> None:
    """Add one glyph, its cubic curves turned into TrueType's quadratic ones."""
    pen = TTGlyphPen(None)
    drawn.draw(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True))
    glyph = pen.glyph()
    font["glyf"][name] = glyph
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (drawn.width, getattr(glyph, "xMin", 0))
    font["vmtx"][name] = (font["head"].unitsPerEm, TOP - getattr(glyph, "yMax", TOP))


def rename(font: Any) -> None:
    """Give the font a name of its own, since it is not the original any more."""
    for record in font["name"].names:
        text = record.toUnicode()
        for old, new in RENAMED.items():
            text = text.replace(old, new)
        record.string = text


def main() -> None:
    """Make the font."""
    base, collection, made = sys.argv[1:]
    font = TTFont(base)
    source = next(one for one in TTCollection(collection).fonts if one["name"].getDebugName(4) == ADDED)
    print(add_characters(font, source), "characters added")
    rename(font)
    font.save(made)


if __name__ == "__main__":
    main()

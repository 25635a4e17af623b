"""
What the Word library does not do by itself: fields, SVG pictures, East Asian fonts, repeated header rows, hairlines.

add_field          a field that Word fills, such as the page number
add_picture        an SVG with a picture beside it for readers that show none
set_fonts          Latin and Chinese fonts of a style or run              set_language   of the Chinese text
repeat_as_header   a table row that stands again on each page       unbroken   a row that no page break cuts
hairlines          a table's lines                                  shade      a cell's ground
without_lines      a paragraph style's lines taken off
"""

from __future__ import annotations

import io
from typing import Any

import resvg_py
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, RGBColor

_SVG_NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_PIXELS_PER_CM = 95
_BEHIND_BORDERS = ("shd", "tblLayout", "tblCellMar", "tblLook")


def add_field(paragraph: Any, instruction: str, shown: str, *, dirty: bool = False) -> None:
    """
    A field and what it shows until it is updated.

    Parameters
    ----------
    paragraph : docx paragraph
    instruction : str
        Such as ``PAGE``.
    shown : str
        Lines are parted by ``\\n``.
    dirty : bool
        Whether Word is to update it on opening.
    """
    begin = _mark(paragraph, "begin")
    if dirty:
        begin.set(qn("w:dirty"), "true")
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {instruction} "
    paragraph.add_run()._r.append(text)
    _mark(paragraph, "separate")
    paragraph.add_run(shown)
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)
    return mark


def add_picture(document: Any, paragraph: Any, svg: str, width: Length, height: Length, words: str) -> None:
    """
    An SVG drawing, with a PNG for readers that show no SVG.

    Parameters
    ----------
    document, paragraph : docx document and paragraph
    svg : str
    width, height : Length
    words : str
        For those who cannot see it.
    """
    pixels = round(width.cm * _PIXELS_PER_CM)
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=pixels))
    picture = paragraph.add_run().add_picture(io.BytesIO(png), width, height)
    picture._inline.docPr.set("descr", words)
    number = sum(part.partname.endswith(".svg") for part in document.part.package.iter_parts()) + 1
    name = PackURI(f"/word/media/drawing{number}.svg")
    part = Part(name, "image/svg+xml", svg.encode("utf-8"), document.part.package)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    blip = picture._inline.graphic.graphicData.pic.blipFill.blip
    blip.append(
        parse_xml(
            f'<a:extLst {nsdecls("a", "r")}><a:ext uri="{_SVG_EXTENSION}">'
            f'<asvg:svgBlip xmlns:asvg="{_SVG_NAMESPACE}" r:embed="{relation}"/></a:ext></a:extLst>'
        )
    )


def set_fonts(
    styled: Any, latin: str, chinese: str, *, size: Length | None = None, colour: str = "", bold: bool | None = None
) -> None:
    """The fonts of a style or run; theme fonts, which would come before them, are taken off."""
    font = styled.font
    font.name = latin
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts() if hasattr(styled, "element") else None
    if fonts is None:
        fonts = styled._r.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    fonts.set(qn("w:eastAsia"), chinese)
    if size is not None:
        font.size = size
    if colour:
        font.color.rgb = RGBColor.from_string(colour)
    if bold is not None:
        font.bold = bold


def set_language(document: Any, chinese: str) -> None:
    """The language of the document's Chinese text."""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), chinese)


def repeat_as_header(row: Any) -> None:
    """Let the row stand again on each page that the table goes on to."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def unbroken(row: Any) -> None:
    """Keep the row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def hairlines(grid: Any) -> None:
    """Hairlines between a table's rows."""
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in (("top", 8, "1F2623"), ("bottom", 8, "1F2623"), ("insideH", 4, "D9D4C8"))
    )
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{edges}</w:tblBorders>")
    # Word takes a table's properties in one order only; borders come before these.
    later = [child for child in grid._tbl.tblPr if child.tag in {qn(f"w:{name}") for name in _BEHIND_BORDERS}]
    if later:
        later[0].addprevious(borders)
    else:
        grid._tbl.tblPr.append(borders)


def without_lines(style: Any) -> None:
    """Take the lines off a paragraph style."""
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def shade(cell: Any, colour: str) -> None:
    """The ground of a cell."""
    cell._tc.get_or_add_tcPr().append(
        parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>')
    )

"""
The analysis report as Word: A4, cover with the mark, contents, headings in real styles, page numbers.

Charts stand in it twice, as SVG for readers that show it and as a picture for those that do not; the picture is drawn with
the fonts of the machine. Word makes the contents' page numbers when the report is opened or the field is updated.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.shared import Cm, Pt

from analysis.charts.drawing import text_width
from analysis.exports.docx_parts import (
    add_field,
    add_picture,
    hairlines,
    repeat_as_header,
    set_fonts,
    set_language,
    shade,
    unbroken,
    without_lines,
)
from analysis.exports.source import ExportSource
from analysis.report import report_blocks
from analysis.report.blocks import Block, ChartBlock, Heading, Paragraph, Signatures, TableBlock

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed date: the report must not depend on when it is made
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_TEXT, _HEADS = ("Times New Roman", "宋体"), ("Arial", "黑体")
_WIDTH_CM, _CELL_EDGES_CM = 16.0, 0.4
_CELL_SIZE = 10.5
_TOGETHER = 34  # a table of so many lines stays on one page
_CHART_CM, _CHART_HIGH_CM = 11.0, 21.0
_MARK = Path(__file__).parent.parent / "report" / "mark.svg"


def report_files(source: ExportSource) -> dict[str, bytes]:
    """``report.docx``, by name."""
    document = Document()
    _set_page(document, source)
    _set_styles(document)
    blocks = report_blocks(source)
    _add_cover(document, source)
    _add_contents(document, source, [block for block in blocks if isinstance(block, Heading)])
    for block in blocks:
        _add(document, block, source)
    _set_properties(document, source)
    out = io.BytesIO()
    document.save(out)
    return {"report.docx": _undated(out.getvalue())}


def _title(source: ExportSource) -> str:
    return source.say("公众评议结果及情况分析报告", "Public appraisal: results and analysis")


def _set_page(document: Any, source: ExportSource) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.4)
    section.different_first_page_header_footer = True
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_field(footer, "PAGE", "1")
    if source.is_demo:
        for header in (section.header, section.first_page_header):
            header.paragraphs[0].text = "演示数据 · Demo data"
            header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _set_styles(document: Any) -> None:
    styles = document.styles
    set_language(document, "zh-CN")  # or a reader without 宋体 may take another country's forms of the characters
    set_fonts(styles["Normal"], *_TEXT, size=Pt(12), colour="1F2623")
    styles["Normal"].paragraph_format.line_spacing = 1.5
    styles["Normal"].paragraph_format.space_after = Pt(6)
    set_fonts(styles["Heading 1"], *_HEADS, size=Pt(16), colour="1F2623")
    styles["Heading 1"].paragraph_format.space_before = Pt(18)
    styles["Heading 1"].paragraph_format.space_after = Pt(8)
    set_fonts(styles["Title"], *_HEADS, size=Pt(28), colour="1F2623", bold=True)
    set_fonts(styles["Caption"], *_HEADS, size=Pt(10.5), colour="1F2623", bold=False)
    styles["Caption"].paragraph_format.keep_with_next = True
    styles["Caption"].paragraph_format.space_before = Pt(10)
    without_lines(styles["Title"])


def _add_cover(document: Any, source: ExportSource) -> None:
    for _ in range(4):
        document.add_paragraph()
    mark = document.add_paragraph()
    mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_picture(document, mark, _MARK.read_text("utf-8"), Cm(3.2), Cm(3.2), source.say("评", "The mark 评"))
    title = document.add_paragraph(_title(source), style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    round_ = document.add_paragraph(source.title or source.scores.round)
    round_.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for _ in range(6):
        document.add_paragraph()
    lines = (
        source.say("编制单位：____________________", "Survey team: ____________________"),
        source.say("编制日期：____年__月__日", "Date: ____________________"),
        source.say("内部资料，未经审定不得公布", "Internal: not for publication before approval"),
    )
    for line in lines:
        document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _add_contents(document: Any, source: ExportSource, headings: Iterable[Heading]) -> None:
    """A field that Word fills; until then the headings stand in it."""
    head = document.add_paragraph(source.say("目录", "Contents"))
    head.paragraph_format.page_break_before = True
    head.runs[0].font.size = Pt(16)
    set_fonts(head.runs[0], *_HEADS)
    names = [heading.text for heading in headings]
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(_WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    add_field(paragraph, r'TOC \o "1-2" \h \z \u', "\n".join(names), dirty=True)
    document.add_section(WD_SECTION.NEW_PAGE).different_first_page_header_footer = False


def _add(document: Any, block: Block, source: ExportSource) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, level=block.level)
    elif isinstance(block, Paragraph):
        paragraph = document.add_paragraph(block.text)
        if source.language == "zh":
            paragraph.paragraph_format.first_line_indent = Pt(24)
    elif isinstance(block, TableBlock):
        _add_table(document, block)
    elif isinstance(block, ChartBlock):
        _add_chart(document, block)
    else:
        _add_signatures(document, block, source)


def _add_table(document: Any, block: TableBlock) -> None:
    document.add_paragraph(block.caption, style="Caption").alignment = WD_ALIGN_PARAGRAPH.CENTER
    grid = document.add_table(rows=1 + len(block.rows), cols=len(block.header))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    hairlines(grid)
    for column, width in zip(grid.columns, block.widths, strict=True):
        column.width = Cm(width)
    is_small = sum(_lines(row, block.widths) for row in block.rows) <= _TOGETHER
    last = len(block.rows)
    for number, (row, texts) in enumerate(zip(grid.rows, (block.header, *block.rows), strict=True)):
        unbroken(row)
        if number == 0:
            repeat_as_header(row)
        for cell, words, width, is_figure in zip(row.cells, texts, block.widths, block.figures, strict=True):
            cell.width = Cm(width)
            _fill(cell, words, is_figure=is_figure, is_head=number == 0)
            # The caption goes with the first rows, the last ones go together, and a small table is not parted at all.
            together = is_small or number < 2 or number > last - 3
            cell.paragraphs[0].paragraph_format.keep_with_next = together and number < last
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _lines(texts: Iterable[str], widths: Iterable[float]) -> int:
    """About how many lines a row of a table takes."""
    room = [Cm(width - _CELL_EDGES_CM).pt for width in widths]
    return (
        max(math.ceil(text_width(words, _CELL_SIZE) / points) for words, points in zip(texts, room, strict=True)) or 1
    )


def _fill(cell: Any, words: str, *, is_figure: bool, is_head: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
    paragraph.paragraph_format.line_spacing = 1.15
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_figure else WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run(words)
    run.font.size = Pt(_CELL_SIZE)
    if is_head:
        set_fonts(run, *_HEADS)
        shade(cell, "F1EDE3")


def _add_chart(document: Any, block: ChartBlock) -> None:
    wide, tall = (float(part) for part in block.svg.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split(" "))
    scale = min(_CHART_CM / wide, _CHART_HIGH_CM / tall)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    add_picture(document, paragraph, block.svg, Cm(wide * scale), Cm(tall * scale), block.words)


def _add_signatures(document: Any, block: Signatures, source: ExportSource) -> None:
    for line in block.lines:
        paragraph = document.add_paragraph(line + source.say("：", ": ") + "_" * 24)
        paragraph.paragraph_format.space_before = Pt(14)


def _set_properties(document: Any, source: ExportSource) -> None:
    properties = document.core_properties
    properties.title = _title(source)
    properties.author = properties.last_modified_by = ""
    properties.comments = source.scores.engine
    properties.created = properties.modified = _CREATED
    properties.language = source.say("zh-CN", "en")


def _undated(data: bytes) -> bytes:
    """The same archive with fixed dates, so that the same report gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()

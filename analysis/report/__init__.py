"""
The analysis report (公众评议结果及情况分析报告) as blocks: headings, paragraphs, tables, charts.

report_blocks    all of it, in the language of the source

The blocks know nothing of Word: ``exports.to_docx`` sets them, a page could set them as well. Every figure comes from the
tables of the scores, so that it equals those of the other exports.
"""

from __future__ import annotations

from analysis.exports.source import ExportSource
from analysis.report.blocks import Block
from analysis.report.fieldwork import quality_section, sample_section
from analysis.report.opinions import change_section, group_section, item_section
from analysis.report.outcome import purpose_section, result_section
from analysis.report.rules import rules_section, signature_section

_SECTIONS = (
    purpose_section,
    sample_section,
    result_section,
    group_section,
    item_section,
    change_section,
    quality_section,
    rules_section,
    signature_section,
)


def report_blocks(source: ExportSource) -> list[Block]:
    """
    The report.

    Parameters
    ----------
    source : ExportSource
        What it does not hold is left out: without the answers there are no wordings of items, without changes no comparison.

    Returns
    -------
    list of Block
        In the order of reading.
    """
    return [block for section in _SECTIONS for block in section(source)]

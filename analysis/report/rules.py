"""How the rules were read and what the figures were made with; then the lines to sign on."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.exports.provenance import provenance
from analysis.exports.source import ExportSource
from analysis.report.blocks import Block, Heading, Paragraph, Signatures, table
from analysis.report.other_rules import sensitivity_blocks


def rules_section(source: ExportSource) -> Iterator[Block]:
    """Readings, versions, hashes and notes; what other readings would change."""
    say = source.say
    yield Heading(say("八、读法与说明", "8 Readings and notes"))
    yield Paragraph(
        say(
            "方案有多种理解之处，本次计分采用下表所列读法；更换读法须由领导小组决定并记录在案。",
            "Where the scheme can be read in more than one way, these scores use the readings below; another reading is for the "
            "leading group to decide and to put on record.",
        )
    )
    yield from sensitivity_blocks(source)
    columns = [(say("项目", "Subject"), 5.0, False), (say("内容", "Content"), 11.0, False)]
    rows = [[source.word(line.head), source.word(line.words)] for line in provenance(source)]
    yield table(say("计分依据", "What the figures were made with"), columns, rows)


def signature_section(source: ExportSource) -> Iterator[Block]:
    """Who answers for the report."""
    say = source.say
    yield Heading(say("九、签字", "9 Signatures"))
    yield Signatures(
        (
            say("制表", "Prepared by"),
            say("审核", "Checked by"),
            say("项目负责人", "Survey director"),
            say("日期", "Date"),
        )
    )

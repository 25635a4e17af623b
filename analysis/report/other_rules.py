"""What other rules would change."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.exports.source import ExportSource
from analysis.labels import Label
from analysis.rank_sensitivity import sensitivity
from analysis.report.blocks import Block, Paragraph
from analysis.report.outcome import FIRST_SIX
from analysis.sensitivity_words import sensitivity_sentences


def sensitivity_blocks(source: ExportSource) -> Iterator[Block]:
    """The sentences that were given; else, from the answers, those of every other reading, item and weight."""
    told = source.sensitivity or _worked_out(source)
    if told:
        yield Paragraph(
            source.say(
                "以下各项说明，规则若有一处不同，位次会怎样变动；每次只改一处，其余照旧。",
                "What follows says how ranks would change if one rule were another; one thing is changed at a time, all else stays.",
            )
        )
    yield from (Paragraph(source.word(sentence)) for sentence in told)


def _worked_out(source: ExportSource) -> tuple[Label, ...]:
    if source.responses is None or not source.scores.exact.townships:
        return ()
    return sensitivity_sentences(sensitivity(source.responses, source.scores.scheme, top=FIRST_SIX))

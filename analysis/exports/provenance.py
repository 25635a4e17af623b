"""
What the figures were made with: round, scheme, readings, versions, seeds and hashes, then the notes a reader needs.

The notes sheet of the workbook, the last chapter of the report and the header of the R script say the same lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import rfc8785

from analysis.disclosure import group_csv
from analysis.exports.source import ExportSource
from analysis.labels import Label
from analysis.readings import READINGS

if TYPE_CHECKING:
    from analysis.quality import Quality


class Line(NamedTuple):
    """One line: what it is about, and its words."""

    head: Label
    words: Label


def provenance(source: ExportSource, *, is_live: bool | None = None) -> Iterator[Line]:
    """
    The lines, in their order.

    Parameters
    ----------
    source : ExportSource
    is_live : bool or None
        Whether the file's figures are formulas; None where that says nothing.
    """
    scores, scheme = source.scores, source.scores.scheme
    yield _same("轮次", "Round", scores.round)
    version = Label(f"{scheme.id}，第 {scheme.version} 版", f"{scheme.id}, version {scheme.version}")
    yield Line(
        Label("计分方案", "Scheme"),
        Label(f"{scheme.title.zh}（{version.zh}）", f"{scheme.title.en} ({version.en})"),
    )
    yield Line(Label("方案说明", "What it says"), scheme.description)
    yield _same("方案的 SHA-256", "SHA-256 of the scheme", hashlib.sha256(rfc8785.dumps(scheme.to_dict())).hexdigest())
    yield _same("引擎版本", "Engine", scores.engine)
    yield from _readings(source)
    for group in scheme.groups:
        yield Line(Label(f"类别 {group.code}", f"Group {group.code}"), group.label)
    yield from _inputs(source)
    for head, value in source.settings:
        yield Line(head, Label(value, value))
    if is_live is not None:
        yield _about_formulas(is_live)
    for number, note in enumerate(scores.notes, start=1):
        yield Line(Label(f"注 {number}", f"Note {number}"), Label(note.zh, note.en))


def _readings(source: ExportSource) -> Iterator[Line]:
    for code, reading in READINGS.items():
        choice = source.scores.scheme.readings[code]
        words = reading.choices[choice]
        yield Line(
            Label(f"读法 {reading.question} {code}", f"Reading {reading.question} {code}"),
            Label(f"{reading.label.zh}：{words.zh}（{choice}）", f"{reading.label.en}: {words.en} ({choice})"),
        )


def _inputs(source: ExportSource) -> Iterator[Line]:
    """The hashes of answers and questionnaires; the first are those of the files of a folder that Pingyi wrote."""
    if source.responses is None:
        return
    for group, rows in source.responses.groups.items():
        digest = hashlib.sha256(group_csv(rows)).hexdigest()
        yield _same(f"答卷 {group}.csv 的 SHA-256", f"SHA-256 of {group}.csv", digest)
    for group, items in source.item_lists.items():
        if items.sha256 is not None:
            head = Label(f"问卷 {group}", f"Questionnaire {group}")
            yield Line(
                head,
                Label(
                    f"第 {items.version} 版，SHA-256 {items.sha256}", f"version {items.version}, SHA-256 {items.sha256}"
                ),
            )


def _about_formulas(is_live: bool) -> Line:
    head = Label("公式", "Formulas")
    if is_live:
        return Line(
            head,
            Label(
                "单项得分、合计分值、公众评议总分和位次为公式，由“单项得分”表的各档人数重新算出；位次以相差不足 1e-9 为并列。",
                "Item scores, totals, public appraisal and ranks are formulas that recompute them from the counts of the item "
                "sheet; scores less than 1e-9 apart share a rank.",
            ),
        )
    return Line(
        head,
        Label(
            "所用读法不全是默认读法，或数据过大，各得分为数值，不含公式。",
            "Some readings are not the default ones, or the tables are too large: figures stand as values, without formulas.",
        ),
    )


def draw_settings(seed: str, fingerprint: str) -> tuple[tuple[Label, str], ...]:
    """Seed and fingerprint of the draw, as ``ExportSource.settings`` takes them."""
    return (
        (Label("抽样随机种子", "Seed of the draw"), seed),
        (Label("抽样指纹", "Fingerprint of the draw"), fingerprint),
    )


def quality_settings(quality: Quality) -> tuple[tuple[Label, str], ...]:
    """What drew the thresholds of the fieldwork's signals, as ``ExportSource.settings`` takes it."""
    drawn = quality.simulated
    source = f"seed {drawn.seed}" if drawn.seed is not None else f"state {drawn.state}"
    head = Label("调查质量的模拟", "Simulation for the quality of the fieldwork")
    return ((head, f"{drawn.bit_generator}, {source}, {drawn.replicates} replicates"),)


def _same(zh: str, en: str, value: str) -> Line:
    return Line(Label(zh, en), Label(value, value))

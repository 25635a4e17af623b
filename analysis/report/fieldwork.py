"""The sample and its response, and the quality of the fieldwork."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.charts.words import last_wave
from analysis.counts import TALLIES
from analysis.exports.source import ExportSource
from analysis.report.blocks import Block, Heading, Paragraph, table
from analysis.report.outcome import percent


def sample_section(source: ExportSource) -> Iterator[Block]:
    """How many were asked and answered, by group."""
    say = source.say
    answered = respondents_by_group(source)
    total = sum(answered.values())
    rates = response_by_group(source)
    yield Heading(say("二、样本与回收情况", "2 Sample and response"))
    sentence = say(
        f"本次评议共收回答卷{total}份，全部计入得分。", f"{total} responses came in; all of them are in the scores."
    )
    missing = source.scores.townships["public_appraisal"].isna().any()
    if missing:
        sentence = say(f"本次评议共收回答卷{total}份。", f"{total} responses came in.")
    if rates:
        eligible, counted = (sum(pair[k] for pair in rates.values()) for k in (0, 1))
        sentence += say(
            f"合格样本{eligible}名（户），作答{counted}份，回收率{percent(counted / eligible)}。",
            f" Of {eligible} eligible persons and households {counted} answered, a response rate of {percent(counted / eligible)}.",
        )
        if counted != sum(answered.get(group, 0) for group in rates):
            sentence += say(
                "回收率依 samples.csv 所记；所记作答份数与收到的答卷不符，请核对。",
                " Response rates are those of samples.csv, which counts other answers than came in; look into it.",
            )
        if left := [group for group in answered if group not in rates]:
            names = [source.word(source.scores.scheme.group(group).label) for group in left]
            sentence += say(f"其中不含{'、'.join(names)}。", f" This leaves out {', '.join(names)}.")
    yield Paragraph(sentence)
    townships = len(last_wave(source.scores.townships))
    columns = [
        (say("类别", "Group"), 4.0, False), (say("计划样本", "Planned"), 2.6, True), (say("合格样本", "Eligible"), 2.6, True),
        (say("收回答卷", "Responses"), 2.6, True), (say("回收率", "Response rate"), 2.8, True),
    ]  # fmt: skip
    rows = []
    for group in source.scores.scheme.groups:
        eligible, counted = rates.get(group.code, (0, 0))
        rows.append(
            [
                source.word(group.label), str(group.planned * townships), str(eligible) if eligible else "—",
                str(answered.get(group.code, 0)), percent(counted / eligible) if eligible else "—",
            ]
        )  # fmt: skip
    yield table(say("各类样本及回收情况", "Sample and response by group"), columns, rows)


def respondents_by_group(source: ExportSource) -> dict[str, int]:
    """Rows of answers by group."""
    groups = last_wave(source.scores.groups)
    counted = groups.groupby("group", sort=False)["respondents"].sum()
    return {str(group): int(number) for group, number in counted.items()}


def response_by_group(source: ExportSource) -> dict[str, tuple[int, int]]:
    """Eligible and answered by group, where samples.csv says both for every PSU of the group."""
    samples = None if source.responses is None else source.responses.samples
    if samples is None:
        return {}
    found = {}
    for group, part in samples.groupby("group", sort=False):
        known = part[["eligible", "answered"]]
        if bool(known.notna().all(axis=None)) and int(known["eligible"].sum()):
            found[str(group)] = (int(known["eligible"].sum()), int(known["answered"].sum()))
    return found


def quality_section(source: ExportSource) -> Iterator[Block]:
    """Don't-knows and skips by group, and what was found on the fieldwork."""
    say = source.say
    yield Heading(say("七、调查质量", "7 Quality of the fieldwork"))
    shares = answer_shares(last_wave(source.scores.items))
    overall = last_wave(source.scores.items)[list(TALLIES)].sum().astype(int)
    whole = int(overall.sum())
    if whole:
        yield Paragraph(
            say(
                f"全部答题中，“不了解”占{percent(int(overall['unknown']) / whole)}，未答占{percent(int(overall['skipped']) / whole)}。",
                f"Of all answers {percent(int(overall['unknown']) / whole)} are “not familiar”; {percent(int(overall['skipped']) / whole)} "
                "of the items were skipped.",
            )
        )
    columns = [
        (say("类别", "Group"), 4.0, False), (say("满意", "Satisfied"), 2.2, True), (say("基本满意", "Basically satisfied"), 2.6, True),
        (say("不满意", "Unsatisfied"), 2.6, True), (say("不了解", "Not familiar"), 2.2, True), (say("未答", "Skipped"), 2.2, True),
    ]  # fmt: skip
    rows = [
        [source.word(group.label), *(percent(shares[group.code][name]) for name in TALLIES)]
        for group in source.scores.scheme.groups
        if group.code in shares
    ]
    yield table(say("各类答题构成", "Answers by group"), columns, rows)
    yield from (Paragraph(source.word(sentence)) for sentence in source.quality)
    if not source.quality:
        yield Paragraph(
            say(
                "逐村的质量检查结果未随本报告提供。",
                "The checks of the fieldwork village by village were not given to this report.",
            )
        )


def answer_shares(items: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By group, the share of each answer and of skips among all its item answers."""
    summed = items.groupby("group", sort=False)[list(TALLIES)].sum().astype(int)
    found = {}
    for group in summed.index:
        counts = {name: int(summed[name][group]) for name in TALLIES}
        total = sum(counts.values())
        if total:
            found[str(group)] = {name: number / total for name, number in counts.items()}
    return found

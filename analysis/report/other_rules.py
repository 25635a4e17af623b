"""Which other rules would move the first six."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.charts.words import names_of
from analysis.exports.source import ExportSource
from analysis.rank_sensitivity import Scenario, Sensitivity, sensitivity
from analysis.report.blocks import Block, Paragraph, table
from analysis.report.outcome import FIRST_SIX

_ROWS = 15


def sensitivity_blocks(source: ExportSource) -> Iterator[Block]:
    """The sentences that were given; else, from the answers, the scenarios that move the first six and a count of the rest."""
    yield from (Paragraph(source.word(sentence)) for sentence in source.sensitivity)
    if source.sensitivity or source.responses is None or not source.scores.exact.townships:
        return
    found = sensitivity(source.responses, source.scores.scheme, top=FIRST_SIX)
    moving = [scenario for scenario in found.scenarios if scenario.entering or scenario.leaving]
    yield Paragraph(_summary(source, found, len(moving)))
    if moving:
        yield _table(source, moving[:_ROWS])


def _summary(source: ExportSource, found: Sensitivity, moving: int) -> str:
    tried = sum(scenario.possible for scenario in found.scenarios)
    changing, same = len(found.changing), tried - len(found.changing)
    has_six = len(source.scores.exact.townships) > FIRST_SIX
    zh = f"逐一改变读法、剔除单题、将各类权重增减一成，共试算{tried}种："
    en = f"Each other reading, each item left out and each group's weight 10 % up and down, {tried} in all: "
    if has_six:
        zh += f"{moving}种使前{FIRST_SIX}名有变，{changing - moving}种只改变其他位次，{same}种不改变任何位次。"
        en += f"changing the first {FIRST_SIX}, {moving}; other ranks alone, {changing - moving}; no rank, {same}."
    else:
        zh += f"{changing}种改变位次，{same}种不改变任何位次。"
        en += f"changing ranks, {changing}; none, {same}."
    if moving > _ROWS:
        zh += f"下表列出使前{FIRST_SIX}名有变的前{_ROWS}种。"
        en += f" The first {_ROWS} that change the first {FIRST_SIX} are listed."
    return source.say(zh, en)


def _table(source: ExportSource, moving: list[Scenario]) -> Block:
    say, names = source.say, names_of(source.scores)
    columns = [
        (say("改法", "If"), 8.0, False), (say("进入", "In"), 3.0, False), (say("退出", "Out"), 3.0, False),
        (say("位次变动", "Ranks changed"), 2.2, True),
    ]  # fmt: skip
    rows = [
        [
            source.word(each.label), _listed(source, [names[code] for code in each.entering]),
            _listed(source, [names[code] for code in each.leaving]), str(each.changed),
        ]
        for each in moving
    ]  # fmt: skip
    return table(say(f"使前{FIRST_SIX}名有变的改法", f"What would change the first {FIRST_SIX}"), columns, rows)


def _listed(source: ExportSource, names: list[str]) -> str:
    return source.say("、", ", ").join(names) or "—"

"""
What is said of ranks under other rules: one wording for the report, the pages and the shell.

scenario_sentence        one change of the rules
sensitivity_sentences    all of them: each reading and weight that moves a rank, the items as one
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.labels import Label
from analysis.readings import READINGS

if TYPE_CHECKING:
    from analysis.rank_sensitivity import Scenario, Sensitivity

_NAMED = 5


def scenario_sentence(scenario: Scenario, names: Mapping[str, str], number: int, top: int) -> Label:
    """
    Who moves under one change of the rules.

    Parameters
    ----------
    scenario : Scenario
    names : mapping of str to str
        Townships by their codes.
    number, top : int
        How many townships there are, and how many places win prizes; with no more townships than places nobody enters or leaves.
    """
    lead = _lead(scenario)
    if not scenario.changed:
        return Label(f"{lead.zh}：各乡镇位次均不变。", f"{lead.en}: no rank changes.")
    first = _first(scenario, names, top) if number > top else Label("", "")
    if not scenario.largest:
        return Label(
            f"{lead.zh}：{number} 个乡镇中 {scenario.changed} 个由有位次变为无位次或相反，其余不变{first.zh}。",
            f"{lead.en}: {scenario.changed} of {number} townships lose or gain a rank, the others keep theirs{first.en}.",
        )
    return Label(
        f"{lead.zh}：{number} 个乡镇中 {scenario.changed} 个位次变动，最多变动 {scenario.largest} 位{first.zh}。",
        f"{lead.en}: {scenario.changed} of {number} townships change rank, by at most {scenario.largest}{first.en}.",
    )


def impossible_sentence(scenario: Scenario, error: AnalysisError) -> Label:
    """Why a change cannot be scored."""
    lead = _lead(scenario)
    return Label(f"{lead.zh}——无法计算：{error.zh}", f"{lead.en} – cannot be scored: {error.en}")


def sensitivity_sentences(found: Sensitivity) -> tuple[Label, ...]:
    """
    What is said of other rules.

    Returns
    -------
    tuple of Label
        Each reading and weight that moves a rank or cannot be scored; how many move none; the items as one sentence, the last.
    """
    rules = [each for each in found.scenarios if each.kind != "item"]
    told = [each.sentence for each in rules if each.changed or not each.possible]
    still = sum(each.possible and not each.changed for each in rules)
    if still:
        also_zh, also_en = ("另有", "further ") if told else ("所试的", "")
        told.append(
            Label(
                f"{also_zh} {still} 种读法或权重变动不改变任何位次。",
                f"{still} {also_en}readings and changes of weight move no rank.",
            )
        )
    items = [each for each in found.scenarios if each.kind == "item"]
    return (*told, *([_about_items(items, found)] if items else []))


def _lead(scenario: Scenario) -> Label:
    if scenario.kind != "reading":
        return scenario.label
    name, choice = scenario.what.split("=", 1)
    reading = READINGS[name]
    head, words = reading.label, reading.choices[choice]
    return Label(f"{head.zh}，改为“{words.zh}”", f"{head.en[:1].upper()}{head.en[1:]}, if changed to “{words.en}”")


def _first(scenario: Scenario, names: Mapping[str, str], top: int) -> Label:
    """Who would enter and leave the first places."""
    ways = (("进入", "into", scenario.entering), ("退出", "out of", scenario.leaving))
    zh = "，".join(f"{'、'.join(names[code] for code in who)}{word}" for word, _, who in ways if who)
    en = "; ".join(f"{word} the first {top}: {', '.join(names[code] for code in who)}" for _, word, who in ways if who)
    return Label(f"；前 {top} 名：{zh or '不变'}", "; " + (en or f"the first {top} stay the same"))


def _about_items(items: list[Scenario], found: Sensitivity) -> Label:
    moving = sum(bool(each.changed) for each in items)
    if not moving:
        return Label(
            f"逐一剔除 {len(items)} 道题，各乡镇位次均不变。",
            f"Leaving out any one of the {len(items)} items changes no rank.",
        )
    most = max(each.largest for each in items)
    first = _items_of_first(items, found.top) if found.table["township_code"].nunique() > found.top else Label("", "")
    return Label(
        f"逐一剔除 {len(items)} 道题：{moving} 道会使位次变动，最多变动 {most} 位{first.zh}。",
        f"Leaving out one of the {len(items)} items at a time would change ranks for {moving} of them, by at most {most}{first.en}.",
    )


def _items_of_first(items: list[Scenario], top: int) -> Label:
    """Which items, left out, would change who is among the first."""
    codes = [each.what.split(":", 1)[1] for each in items if each.entering or each.leaving]
    if not codes:
        return Label(f"；没有一道会改变前 {top} 名", f"; none would change the first {top}")
    more = len(codes) > _NAMED
    zh, en = "、".join(codes[:_NAMED]), ", ".join(codes[:_NAMED])
    return Label(
        f"；会改变前 {top} 名的有 {len(codes)} 道（{zh}{'等' if more else ''}）",
        f"; {len(codes)} would change the first {top} ({en}{' and others' if more else ''})",
    )

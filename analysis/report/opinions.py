"""What each group says, item by item, and what changed since the last wave."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from analysis.charts.change_chart import change_chart, change_sentence
from analysis.charts.dimension_chart import dimension_chart, dimension_scores
from analysis.charts.group_chart import group_chart
from analysis.charts.item_chart import item_chart, short_wording
from analysis.charts.words import figure, last_wave, listed, names_of, number_or_none, records
from analysis.exports.source import ExportSource
from analysis.labels import Label
from analysis.report.blocks import Block, Heading, Paragraph, chart, table
from analysis.report.fieldwork import respondents_by_group
from analysis.report.outcome import percent
from analysis.scheme import SCORED_ANSWERS

_ENDS = 3


class CountyItem(NamedTuple):
    """An item over all townships: its score, the share satisfied and the share of don't-knows among those who answered."""

    group: str
    item: str
    score: Fraction
    satisfied: Fraction
    unknown: Fraction


def county_items(source: ExportSource, group: str) -> list[CountyItem]:
    """A group's items over all townships, the best first; items that nobody could judge are left out."""
    items = last_wave(source.scores.items)
    summed = items[items["group"] == group].groupby("item", sort=False)[[*SCORED_ANSWERS, "unknown"]].sum().astype(int)
    points, found = source.scores.scheme.points, []
    for item in summed.index:
        counts = {name: int(summed[name][item]) for name in summed.columns}
        judged = sum(counts[name] for name in SCORED_ANSWERS)
        if judged:
            answered = judged + counts["unknown"]
            score = Fraction(sum(points[name] * counts[name] for name in SCORED_ANSWERS), judged)
            shares = Fraction(counts["satisfied"], answered), Fraction(counts["unknown"], answered)
            found.append(CountyItem(group, str(item), score, *shares))
    return sorted(found, key=lambda each: -each.score)


def group_section(source: ExportSource) -> Iterator[Block]:
    """The groups' totals in each township."""
    say = source.say
    groups = last_wave(source.scores.groups)
    kinds = [group for group in source.scores.scheme.groups if (groups["group"] == group.code).any()]
    names = names_of(source.scores)
    totals = {(str(row["township_code"]), str(row["group"])): number_or_none(row["total"]) for row in records(groups)}
    order = last_wave(source.scores.townships).sort_values(["rank", "township_code"], kind="stable")["township_code"]
    yield Heading(say("四、各类对象的评价", "4 What each group says"))
    parts = []
    for group in kinds:
        own = [
            (value, names[code]) for (code, kind), value in totals.items() if kind == group.code and value is not None
        ]
        if own:
            parts.append(_totals_sentence(source, group.label, own))
    if parts:
        yield Paragraph(say("；", "; ").join(parts) + say("。", "."))
    columns = [(say("乡镇", "Township"), 4.0, False), *((source.word(group.label), 3.0, True) for group in kinds)]
    rows = [[names[str(code)], *(_or_dash(totals.get((str(code), group.code))) for group in kinds)] for code in order]
    yield table(say("各类合计分值", "Group totals"), columns, rows)
    yield from chart(group_chart(source.scores, language=source.language))


def _totals_sentence(source: ExportSource, label: Label, own: list[tuple[float, str]]) -> str:
    """A group's mean total, and where it is highest and lowest."""
    values = [value for value, _ in own]
    mean, top, low = (figure(value) for value in (sum(values) / len(own), max(values), min(values)))
    if max(values) == min(values):
        if len(own) == 1:
            return source.say(f"{label.zh}合计分值{top}分", f"{label.en}: {top}")
        return source.say(f"{label.zh}合计分值在各乡镇均为{top}分", f"{label.en}: {top} in every township")
    best, worst = ([name for value, name in own if value == end] for end in (max(values), min(values)))
    return source.say(
        f"{label.zh}合计分值平均{mean}分，最高{listed(best, 'zh')}（{top}），最低{listed(worst, 'zh')}（{low}）",
        f"{label.en}: mean {mean}, highest {listed(best, 'en')} ({top}), lowest {listed(worst, 'en')} ({low})",
    )


def item_section(source: ExportSource) -> Iterator[Block]:
    """The strongest and weakest items of each group, and dimensions by township."""
    say = source.say
    yield Heading(say("五、分项评价", "5 Item by item"))
    rows = []
    for group in source.scores.scheme.groups:
        ranked = county_items(source, group.code)
        ends = [*ranked[:_ENDS], *ranked[max(_ENDS, len(ranked) - _ENDS) :]]
        if ranked:
            yield Paragraph(_ends_sentence(source, ranked))
        rows += [
            [
                source.word(group.label), f"{each.item} {_wording(source, each)}".strip(), figure(float(each.score)),
                percent(float(each.satisfied)), percent(float(each.unknown)),
            ]
            for each in ends
        ]  # fmt: skip
    columns = [
        (say("类别", "Group"), 2.8, False), (say("题目", "Item"), 7.0, False), (say("得分", "Score"), 1.8, True),
        (say("满意", "Satisfied"), 2.1, True), (say("不了解", "Not familiar"), 2.1, True),
    ]  # fmt: skip
    caption = say(
        "各类评价最高和最低的题目（全县合计，满分5分）",
        "Best and worst rated items of each group (all townships, of 5)",
    )
    if source.scores.scheme.highest != 5:
        caption = caption.replace("5", str(source.scores.scheme.highest))
    if rows:
        yield table(caption, columns, rows)
    largest = respondents_by_group(source)
    group_code = max(largest, key=lambda code: largest[code]) if largest else ""
    if group_code:
        yield from chart(item_chart(source.scores, group_code, source.item_lists, language=source.language))
    yield from _dimensions(source)


def _dimensions(source: ExportSource) -> Iterator[Block]:
    found = dimension_scores(source.scores, source.item_lists)
    if not found:
        return
    yield Paragraph(
        source.say(
            "将各题按所属方面归并，某方面的得分为该方面各题得分的平均数折为满分100，各类对象再取平均。它说明长短所在，不参与计分。",
            "Items are gathered by dimension: a dimension's score is the mean of its items' scores brought to 100, averaged over the "
            "groups. It shows strengths and weaknesses and is no part of the official score.",
        )
    )
    yield from chart(dimension_chart(source.scores, source.item_lists, language=source.language))


def _ends_sentence(source: ExportSource, ranked: list[CountyItem]) -> str:
    label = source.scores.scheme.group(ranked[0].group).label
    best, worst = ranked[0].score, ranked[-1].score
    top, low = figure(float(best)), figure(float(worst))
    if best == worst:
        return source.say(f"{label.zh}对各题的评价相同，均为{top}分。", f"{label.en} rate all items the same ({top}).")
    first, last = (
        [_wording(source, each) or each.item for each in ranked if each.score == end] for end in (best, worst)
    )
    return source.say(
        f"{label.zh}评价最高的是{listed([f'“{name}”' for name in first], 'zh')}（{top}分），"
        f"最低的是{listed([f'“{name}”' for name in last], 'zh')}（{low}分）。",
        f"{label.en} rate {listed([f'“{name}”' for name in first], 'en')} highest ({top}) and "
        f"{listed([f'“{name}”' for name in last], 'en')} lowest ({low}).",
    )


def _wording(source: ExportSource, each: CountyItem) -> str:
    items = source.item_lists.get(each.group)
    label = None if items is None else items.texts.get(each.item)
    return "" if label is None else short_wording(source.word(label))


def change_section(source: ExportSource) -> Iterator[Block]:
    """This wave against the last, where there is one."""
    say = source.say
    yield Heading(say("六、与上期比较", "6 Change on the last wave"))
    changes = source.changes
    both = None if changes is None else changes[changes["now"].notna() & changes["before"].notna()]
    if both is None:
        yield Paragraph(
            say("本报告未附上期得分，不作比较。", "No scores of a last wave were given, so there is no comparison.")
        )
        return
    if both.empty:
        yield Paragraph(
            say(
                "没有两期均有得分的乡镇，不作比较。",
                "No township has a score in both waves, so there is no comparison.",
            )
        )
        return
    names = names_of(source.scores)
    rows = records(both.sort_values(["change", "township_code"], ascending=[False, True], kind="stable"))
    yield Paragraph(
        change_sentence(rows, names, source.language)
        + say("。表中的判断已计入两期的抽样误差。", ". The verdicts allow for the sampling errors of both waves.")
    )
    columns = [
        (say("乡镇", "Township"), 4.0, False), (say("上期", "Last wave"), 2.6, True), (say("本期", "This wave"), 2.6, True),
        (say("升降", "Change"), 2.6, True), (say("判断", "Verdict"), 4.0, False),
    ]  # fmt: skip
    cells = [
        [
            names[str(row["township_code"])], figure(row["before"]), figure(row["now"]), signed(float(row["change"])),
            _verdict(source, str(row.get("verdict", ""))),
        ]
        for row in rows
    ]  # fmt: skip
    yield table(say("公众评议总分的变化", "Change of the public appraisal"), columns, cells)
    yield from chart(change_chart(changes, names, language=source.language))


def signed(value: float) -> str:
    """
    A change with its sign.

    Examples
    --------
    >>> signed(1.5), signed(-0.25)
    ('+1.50', '−0.25')
    """
    return ("+" if value > 0 else "") + figure(value)


def _verdict(source: ExportSource, verdict: str) -> str:
    words = {
        "rose": source.say("上升", "rose"),
        "fell": source.say("下降", "fell"),
        "not_told_apart": source.say("在误差范围内", "within error"),
    }
    return words.get(verdict, "—")


def _or_dash(value: float | None) -> str:
    return "—" if value is None else figure(value)

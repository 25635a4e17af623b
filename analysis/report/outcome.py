"""Purpose and method, and the overall result with how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.charts.pair_chart import pair_chart
from analysis.charts.rank_chart import rank_chart
from analysis.charts.words import figure, last_wave, listed, number_or_none, range_text, records
from analysis.exports.source import ExportSource
from analysis.rank_pairs import pairs_of
from analysis.report.blocks import Block, Heading, Paragraph, chart, table

FIRST_SIX = 6


def purpose_section(source: ExportSource) -> Iterator[Block]:
    """Why, whom, and how answers become scores."""
    say, scheme = source.say, source.scores.scheme
    number = len(last_wave(source.scores.townships))
    kinds = "、".join(f"{group.label.zh}{group.planned}" for group in scheme.groups)
    kinds_en = ", ".join(f"{group.planned} {group.label.en.lower()}" for group in scheme.groups)
    planned = sum(group.planned for group in scheme.groups)
    yield Heading(say("一、评议目的与方法", "1 Purpose and method"))
    yield Paragraph(
        say(
            f"为客观了解群众对乡镇工作的评价，依据“{scheme.title.zh}”对{number}个乡镇（街道）开展公众评议。"
            "评议结果反映被调查者的看法，是绩效评估中公众评议部分的依据。",
            f"To learn how people judge the work of their townships, a public appraisal of {number} "
            f"{'township' if number == 1 else 'townships'} was carried out under "
            f"the scheme “{scheme.title.en}”. Its result states the views of those who were asked; it is the public "
            "appraisal's part of the assessment.",
        )
    )
    yield Paragraph(
        say(
            f"方案规定采用分层、多阶段、等距随机抽样。每个乡镇计划调查{planned}名（户）：{kinds}。"
            "每类对象使用各自的问卷，由被调查者匿名作答。",
            "The scheme prescribes a stratified, multi-stage, equal-interval random sample. "
            f"In each township {planned} persons or households are to be asked: {kinds_en}. Each group has its own "
            "questionnaire and answers anonymously.",
        )
    )
    points = scheme.points
    yield Paragraph(
        say(
            f"计分办法：满意计{points['satisfied']}分，基本满意计{points['basic']}分，不满意计{points['unsatisfied']}分，“不了解”按平均分计，"
            f"未答不计。各题得分汇总为各类合计分值（满分{scheme.full_mark}），各类合计分值的平均数为公众评议总分。"
            "方案中有多种理解之处所采用的读法，见第八部分。",
            f"Scoring: satisfied {points['satisfied']}, basically satisfied {points['basic']}, unsatisfied {points['unsatisfied']}; "
            "“not familiar” scores the mean, a skipped item counts nowhere. Item scores add up to group totals (full mark "
            f"{scheme.full_mark}); the mean of the groups' totals is the public appraisal. Section 8 lists how the scheme was "
            "read where it can be read in more than one way.",
        )
    )


def result_section(source: ExportSource) -> Iterator[Block]:
    """Scores and ranks, with their intervals."""
    say = source.say
    townships = last_wave(source.scores.townships)
    scored = townships[townships["public_appraisal"].notna()]
    rows = records(scored.sort_values(["rank", "township_code"], kind="stable"))
    yield Heading(say("三、总体结果", "3 Overall result"))
    if not rows:
        yield Paragraph(say("没有乡镇取得公众评议总分。", "No township has a public appraisal."))
        return
    yield Paragraph(_range_sentence(source, rows))
    if len(rows) > 1:
        yield Paragraph(_first_sentence(source, rows))
        yield from (Paragraph(text) for text in _sureness(source, rows))
    yield _rank_table(source, rows)
    if _shows_shares(rows):
        yield Paragraph(_about_shares(source))
    yield from chart(rank_chart(source.scores, language=source.language))
    yield from _pairs(source)


def _pairs(source: ExportSource) -> Iterator[Block]:
    """Which two townships can be told apart at all."""
    rows, tested = pairs_of(source.scores)
    if len(rows) < 2 or rows["se"].isna().all():
        return
    pairs, together = len(tested.tests), len(tested.not_told_apart)
    yield Paragraph(
        source.say(
            f"把{len(rows)}个乡镇两两相比，共{pairs}对，"
            + (
                f"其中{together}对得分之差在抽样误差之内，不能据此认为一个好于另一个；其余{pairs - together}对分得清先后。"
                if together
                else "每一对的得分之差都大于抽样误差，先后分得清。"
            )
            + "各对一起检验（Holm法），只要误判任何一对即算错，出错的可能不超过5%。",
            f"Of the {pairs} pairs of townships, "
            + (
                f"{together} have scores that differ by no more than sampling error: they do not show that one is better than "
                f"the other. {pairs - together} can be told apart. "
                if together
                else "each has scores that differ by more than sampling error. "
            )
            + "All pairs are tested together (Holm): the risk of even one wrong finding is at most 5 %.",
        )
    )
    if source.changes is None:  # five charts at most; the office's page shows the pairs in any case
        yield from chart(pair_chart(source.scores, language=source.language))


def _range_sentence(source: ExportSource, rows: list[dict[str, Any]]) -> str:
    scores = [float(row["public_appraisal"]) for row in rows]
    mean, top, low = figure(sum(scores) / len(scores)), figure(scores[0]), figure(scores[-1])
    if len(rows) == 1:
        name = rows[0]["township"]
        return source.say(f"取得公众评议总分的只有{name}，为{top}分。", f"{name} alone has a public appraisal: {top}.")
    if scores[0] == scores[-1]:
        return source.say(
            f"{len(rows)}个乡镇的公众评议总分相同，均为{top}分。",
            f"The public appraisal of all {len(rows)} townships is the same, {top}.",
        )
    best, worst = ([str(row["township"]) for row in rows if row["rank"] == end["rank"]] for end in (rows[0], rows[-1]))
    return source.say(
        f"{len(rows)}个乡镇的公众评议总分平均为{mean}分。最高为{listed(best, 'zh', 6)}（{top}分），"
        f"最低为{listed(worst, 'zh', 6)}（{low}分），相差{figure(scores[0] - scores[-1])}分。",
        f"The public appraisal of {len(rows)} townships averages {mean}. It is highest in {listed(best, 'en', 6)} ({top}) and lowest "
        f"in {listed(worst, 'en', 6)} ({low}), {figure(scores[0] - scores[-1])} points apart.",
    )


def _first_sentence(source: ExportSource, rows: list[dict[str, Any]]) -> str:
    first = [row for row in rows if int(row["rank"]) <= FIRST_SIX]
    names = [f"{row['township']}（{figure(row['public_appraisal'])}）" for row in first]
    names_en = [f"{row['township']} ({figure(row['public_appraisal'])})" for row in first]
    all_named = len(rows) <= FIRST_SIX
    tied = len({int(row["rank"]) for row in first}) < len(first)
    return source.say(
        ("各乡镇按位次" if all_named else f"位次在前{FIRST_SIX}名的")
        + f"依次为{'、'.join(names)}。位次按未四舍五入的总分排定"
        + ("，总分相同的位次并列。" if tied else "。"),
        ("By rank: " if all_named else f"The first {FIRST_SIX} by rank are ")
        + f"{', '.join(names_en)}. Ranks go by unrounded scores"
        + ("; equal scores share a rank." if tied else "."),
    )


def _sureness(source: ExportSource, rows: list[dict[str, Any]]) -> Iterator[str]:
    """What may be said of ranks, given their sets."""
    sets = [row for row in rows if range_text(row["rank_low"], row["rank_high"])]
    if not sets:
        yield source.say(
            "本次未计算位次区间。公众评议是抽样调查，得分相近的乡镇的先后不宜当作确定的差别。",
            "No ranges of ranks were computed. The appraisal is a sample survey: the order of townships with close scores is not "
            "a firm difference.",
        )
        return
    yield source.say(
        "公众评议是抽样调查，得分有抽样误差，位次也随之有误差。表中位次区间是在95%的把握下该乡镇位次可能所在的范围。",
        "The appraisal is a sample survey: scores have sampling errors, and so have ranks. A range of ranks holds the township's "
        "rank with 95 % confidence.",
    )
    if len(rows) > FIRST_SIX:
        yield _crossing(source, sets)


def _shows_shares(rows: list[dict[str, Any]]) -> bool:
    """Whether there are shares of simulations to show: with six townships or fewer all are among the first."""
    return len(rows) > FIRST_SIX and any(number_or_none(row["p_top6"]) is not None for row in rows)


def _about_shares(source: ExportSource) -> str:
    return source.say(
        f"“模拟中进入前六的比例”指以本次得分为中心、按抽样误差反复模拟时，该乡镇列入前{FIRST_SIX}名的次数所占的比例。"
        f"它不是该乡镇真正属于前{FIRST_SIX}名的概率：得分相近时，排在前面的乡镇多少得益于偶然，其比例偏高。",
        f"The share of simulations says how often a township is among the first {FIRST_SIX} when scores are drawn anew about these "
        "ones with their errors. It is not the probability that it truly belongs there: where scores are close, those in front owe "
        "part of their lead to luck, and their shares are too high.",
    )


def _crossing(source: ExportSource, sets: list[dict[str, Any]]) -> str:
    """Which townships are surely among the first six, and how many may be."""
    firm = [str(row["township"]) for row in sets if row["rank_high"] <= FIRST_SIX]
    maybe = [row for row in sets if row["rank_low"] <= FIRST_SIX < row["rank_high"]]
    return source.say(
        (
            f"位次区间全在前{FIRST_SIX}名之内的有{listed(firm, 'zh', 6)}；"
            if firm
            else f"没有乡镇的位次区间全在前{FIRST_SIX}名之内；"
        )
        + (
            f"位次区间跨越第{FIRST_SIX}名的有{len(maybe)}个乡镇，它们能否列入前{FIRST_SIX}名，从本次样本不足以分清。"
            if maybe
            else f"没有乡镇的位次区间跨越第{FIRST_SIX}名。"
        ),
        (
            f"Wholly within the first {FIRST_SIX}: {listed(firm, 'en', 6)}. "
            if firm
            else f"No township's range lies wholly within the first {FIRST_SIX}. "
        )
        + (
            f"Ranges that cross rank {FIRST_SIX}: {len(maybe)}; whether these townships belong to the first {FIRST_SIX} cannot be "
            "told from this sample."
            if maybe
            else f"No range crosses rank {FIRST_SIX}."
        ),
    )


def _rank_table(source: ExportSource, rows: list[dict[str, Any]]) -> Block:
    say = source.say
    columns = [
        (say("位次", "Rank"), 1.4, True), (say("乡镇", "Township"), 3.2, False), (say("公众评议总分", "Score"), 3.0, True),
        (say("95%置信区间", "95 % interval"), 3.6, True), (say("位次区间", "Ranks"), 2.2, True),
    ]  # fmt: skip
    cells = [
        [
            str(row["rank"]), str(row["township"]), figure(row["public_appraisal"]), _interval(row, say("～", " – ")),
            range_text(row["rank_low"], row["rank_high"]) or "—",
        ]
        for row in rows
    ]  # fmt: skip
    if _shows_shares(rows):
        columns.append((say("模拟中进入前六的比例", "Share of simulations"), 2.6, True))
        cells = [[*line, percent(row["p_top6"], 0)] for line, row in zip(cells, rows, strict=True)]
    return table(say("公众评议总分和位次", "Public appraisal and ranks"), columns, cells)


def _interval(row: dict[str, Any], between: str) -> str:
    low, high = number_or_none(row["ci_low"]), number_or_none(row["ci_high"])
    return "—" if low is None or high is None else f"{figure(low)}{between}{figure(high)}"


def percent(value: object, places: int = 1) -> str:
    """
    A share as a percentage, a dash where there is none.

    Examples
    --------
    >>> percent(0.915), percent(None)
    ('91.5%', '—')
    """
    share = number_or_none(value)
    return "—" if share is None else f"{figure(100 * share, places)}%"

"""
The places where the plan can be read in more than one way, and the choices for each.

One table, ``READINGS``. The first choice of each is its default. A new choice is one line here and one branch where it
is used (named in the comment beside it).
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.labels import Label


@dataclass(frozen=True)
class Reading:
    """One open question of the plan: its number in the list of questions, its words, its choices."""

    question: str
    label: Label
    choices: dict[str, Label]

    @property
    def default(self) -> str:
        return next(iter(self.choices))


READINGS: dict[str, Reading] = {
    # item_scores.unknown_value
    "unknown_scores": Reading(
        "Q1",
        Label("“不了解”按何种平均分计", "what a don't-know scores"),
        {
            "own_township": Label("本乡镇本类该题的平均分", "the mean of the item in the township's own group"),
            "county": Label("全县本类该题的平均分", "the mean of the item in the group county-wide"),
            "midpoint": Label("满分的一半", "half of the highest points"),
            "mean_of_points": Label("三档分值的平均数", "the mean of the three points"),
            "own_answers": Label("本人已评各题的平均分", "the person's own mean"),
        },
    ),
    # item_scores.unknown_value
    "unknown_counts": Reading(
        "Q2",
        Label("“不了解”是否计入回答人数", "whether a don't-know is in the number who answered"),
        {"counted": Label("计入", "counted"), "left_out": Label("不计入，也不计分", "left out, with its points")},
    ),
    # item_scores.Answers
    "skipped": Reading(
        "Q3",
        Label("未答如何处理", "what a skipped item is"),
        {
            "not_counted": Label("不计入，单独列出", "not counted, reported apart"),
            "as_unknown": Label("视同不了解", "treated as a don't-know"),
        },
    ),
    # item_scores.score_item
    "nobody_could_judge": Reading(
        "Q4",
        Label("无人能评的题目", "an item that nobody could judge"),
        {
            "county_mean": Label(
                "取全县本类该题平均分，全县亦无则剔除后折算", "the county's mean of it; dropped if there is none"
            ),
            "drop": Label("剔除后折算", "dropped, the total rescaled"),
        },
    ),
    # item_scores.unknown_value
    "denominator": Reading(
        "Q5",
        Label("以什么为分母", "what points are divided by"),
        {"answered": Label("回答人数", "the number who answered"), "planned": Label("计划人数", "the planned number")},
    ),
    # totals.public_appraisal
    "group_weights": Reading(
        "Q6",
        Label("各类如何平均", "how groups are averaged"),
        {
            "equal": Label("各类权重相等", "each group counts the same"),
            "respondents": Label("按回答人数加权", "weighted by respondents"),
        },
    ),
    # totals.group_total
    "group_total": Reading(
        "Q7",
        Label("各类合计分值", "the group total"),
        {
            "scaled": Label("单项得分之和折为满分", "the sum of item scores, brought to the full mark"),
            "sum": Label("单项得分之和", "the plain sum of item scores"),
        },
    ),
    # totals.public_appraisal
    "missing_group": Reading(
        "—",
        Label("乡镇缺少某一类", "a township without one of the groups"),
        {
            "mean_of_present": Label("取已有各类的平均数并注明", "the mean of the groups it has, flagged"),
            "no_score": Label("不计总分，不排位次", "no score and no rank"),
        },
    ),
    # ranking.ranks
    "ties": Reading(
        "Q17",
        Label("并列", "ties"),
        {
            "competition": Label("并列占位（1、2、2、4）", "competition ranking (1, 2, 2, 4)"),
            "dense": Label("并列不占位（1、2、2、3）", "dense ranking (1, 2, 2, 3)"),
        },
    ),
}

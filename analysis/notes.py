"""The sentences that go with scores, one function a kind."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from analysis.results import Note
from analysis.scheme import Group

NEEDS_ROWS = Note(
    "precision",
    "Standard errors and intervals need the rows, since a person's answers go together; from counts alone they are empty.",
    "标准误和置信区间须由逐人答卷计算（同一人的回答彼此相关），只有计数时为空。",
)
NO_RANK_RANGES = Note(
    "ranks",
    "Rank ranges need standard errors; without them their columns are empty.",
    "位次区间须有标准误方可计算，否则相应各列为空。",
)


def ranks_drawn(level: float, bit_generator: str, seed: int, replicates: tuple[int, int], top: int) -> Note:
    """What the rank ranges and the share among the first were drawn with; ``replicates`` of both."""
    for_ranges, for_share = replicates
    times_en, times_zh = f"{for_share} times", f"{for_share} 次"
    if for_ranges != for_share:
        times_en = f"{for_ranges} and {times_en} (the list is long)"
        times_zh = f" {for_ranges} 次和 {times_zh}（乡镇较多）"
    return Note(
        "ranks",
        f"Rank ranges hold each township's true rank with {level:.0%} confidence (Mogstad, Romano, Shaikh and Wilhelm 2024, "
        f"marginal, step-down, differences by Student's t); they and the share among the first {top} (by Student's t) were drawn "
        f"{times_en} by {bit_generator} from seed {seed}. The share is of simulated rounds about these scores, not the "
        f"probability that a township truly belongs there. The official rank is that of the score and is not changed by them.",
        f"位次区间以 {level:.0%} 的置信度包含该乡镇的真实位次（Mogstad、Romano、Shaikh、Wilhelm 2024，逐个，逐步法，差距按 t 分布）；"
        f"位次区间和进入前 {top} 名的比例（按 t 分布）由 {bit_generator} 以种子 {seed} 模拟 {times_zh}得出，不改变按得分排定的正式位次。"
        f"该比例是围绕本次得分反复模拟的结果，不是该乡镇真正属于前 {top} 名的概率。",
    )


def too_many_to_rank(number: int, most: int) -> Note:
    """A list too long for comparing every township with every other."""
    return Note(
        "ranks",
        f"Rank ranges compare every township with every other, at most {most} at a time, and here are {number}: their "
        "columns are empty; score county by county.",
        f"位次区间须逐对比较，一次至多 {most} 个乡镇，此处有 {number} 个，相应各列为空；请分县计算。",
    )


def item_by_county_mean(code: str, place: str, group: Group, item: str, mean: Fraction) -> Note:
    """Nobody could judge an item; the county's mean stands in."""
    figure = f"{float(mean):.2f}"
    return Note(
        "item_county_mean",
        f"{place}, {group.label.en}, item {item}: nobody could judge it; the county's mean of {figure} stands in.",
        f"{place}“{group.label.zh}”{item} 题无人能评，以全县该题平均分 {figure} 代替。",
        (code, group.code),
    )


def item_dropped(code: str, place: str, group: Group, item: str) -> Note:
    """Nobody could judge an item, and nothing stands in."""
    return Note(
        "item_dropped",
        f"{place}, {group.label.en}, item {item}: nobody could judge it; it is left out and the total rescaled.",
        f"{place}“{group.label.zh}”{item} 题无人能评，已剔除，合计分值按其余各题折算。",
        (code, group.code),
    )


def group_missing(places: Sequence[str], group: Group, *, everywhere: bool, is_scored: bool) -> Note:
    """Townships without a total of one group."""
    who = "All townships" if everywhere else ", ".join(places)
    who_zh = "所有乡镇" if everywhere else "、".join(places)
    then = (
        "the public appraisal is the mean of the other groups"
        if is_scored
        else "there is no public appraisal and no rank"
    )
    then_zh = "公众评议总分为其余各类的平均数" if is_scored else "不计公众评议总分，不排位次"
    return Note(
        "group_missing",
        f"{who}: no answers that count from {group.label.en}; {then}.",
        f"{who_zh}缺少“{group.label.zh}”的有效回答，{then_zh}。",
    )


def township_without_score(place: str) -> Note:
    """A township that nobody answered for."""
    return Note(
        "township_without_score",
        f"{place}: no group has a total; there is no public appraisal and no rank.",
        f"{place}各类均无合计分值，无公众评议总分，不排位次。",
    )


def tie(places: Sequence[str], rank: int) -> Note:
    """Townships that share a rank."""
    return Note(
        "tie",
        f"{' and '.join(places)} share rank {rank} on unrounded scores; the leading group decides on the prizes of tied places.",
        f"{'、'.join(places)}未四舍五入的总分相同，并列第 {rank} 位；并列位次的奖励由领导小组决定。",
    )


def rows_not_as_issued(place: str, group: Group, rows: int, answered: int) -> Note:
    """The rows are not as many as samples.csv says."""
    return Note(
        "rows_not_as_issued",
        f"{place}, {group.label.en}: samples.csv says {answered} answered, the answers are {rows} rows; check that the folder is whole.",
        f"{place}“{group.label.zh}”：samples.csv 记 {answered} 人回答，答卷为 {rows} 行，请核对文件夹是否完整。",
    )


def more_answered_than_eligible(place: str, group: Group, answered: int, eligible: int) -> Note:
    """A response rate above 1."""
    return Note(
        "more_answered_than_eligible",
        f"{place}, {group.label.en}: samples.csv says {answered} answered of {eligible} eligible; check the outcomes of the visits.",
        f"{place}“{group.label.zh}”：samples.csv 记合格 {eligible} 人而回答 {answered} 人，请核对访问结果。",
    )

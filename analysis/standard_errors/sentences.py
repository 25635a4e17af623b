"""The sentences that go with standard errors, one function a kind."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.results import Note
from analysis.scheme import Group
from analysis.standard_errors.methods import METHODS
from analysis.standard_errors.options import LONELY_PSU, Options

MANY = 6
"""So many places are named; of more, their number."""


def how(options: Options, *, samples: bool) -> Note:
    """The method, the intervals and the corrections."""
    method = METHODS[options.method]
    drawn_en, drawn_zh = _drawn(options, options.method)
    en, zh = f"Standard errors by {method.label.en}{drawn_en}", f"标准误用{method.label.zh}计算{drawn_zh}"
    if options.beside:
        drawn_en, drawn_zh = _drawn(options, options.beside)
        beside = METHODS[options.beside].label
        en, zh = f"{en}, beside them by {beside.en}{drawn_en}", f"{zh}，并列{beside.zh}的结果{drawn_zh}"
    level = f"{options.confidence * 100:g}"
    if method.keeps_order:
        order = "the rows of a one-stage group are taken to stand in the order of the list"
        order_zh = "单阶段类别的各行视为按抽样框顺序排列"
    else:
        order = "a sample at equal intervals is treated as a simple random one"
        order_zh = "等距样本按简单随机样本处理"
    if not options.fpc:
        fpc, fpc_zh = "finite populations are not corrected for", "未作有限总体修正"
    elif samples and method.first_stage_only:
        fpc = "finite populations of one-stage groups are corrected for by samples.csv, those of PSUs drawn by chance are not"
        fpc_zh = "单阶段类别按 samples.csv 作有限总体修正，非必抽的初级单元不作修正"
    elif samples:
        fpc, fpc_zh = "finite populations are corrected for by samples.csv", "按 samples.csv 作有限总体修正"
    else:
        fpc, fpc_zh = "without samples.csv finite populations are not corrected for", "无 samples.csv，未作有限总体修正"
    return Note(
        "precision",
        f"{en}, {level}% intervals by Student's t; {order}; {fpc}.",
        f"{zh}，{level}% 置信区间用 t 分布；{order_zh}；{fpc_zh}。",
    )


def _drawn(options: Options, method: str) -> tuple[str, str]:
    """Replicates and seed of a method that draws."""
    if not METHODS[method].is_random:
        return "", ""
    return (
        f" with {options.replicates} replicates, seed {options.seed}",
        f"（重复 {options.replicates} 次，种子 {options.seed}）",
    )


def uncorrected(places: Sequence[str], group: Group) -> Note:
    """Samples.csv lacks what the correction needs."""
    return _note(
        "precision_uncorrected", places, group,
        "samples.csv lacks these places' figures or contradicts the rows; finite populations are not fully corrected for there",
        "samples.csv 缺少该处数据或与答卷不符，未作完整的有限总体修正",
    )  # fmt: skip


def single_psu(places: Sequence[str], group: Group) -> Note:
    """A group's only PSU."""
    return _note(
        "precision_single_psu", places, group,
        "the answers come from one PSU and are taken as drawn in one stage",
        "答卷出自一个初级单元，按单阶段抽样计算",
    )  # fmt: skip


def single_uncertain(places: Sequence[str], group: Group) -> Note:
    """A group's only PSU, which might have been another."""
    return _note(
        "precision_single_uncertain", places, group,
        "the only PSU is not known to have been drawn for certain; what differs between PSUs is not in the standard error",
        "唯一的初级单元不能确定为必抽，标准误未包含初级单元之间的差异",
    )  # fmt: skip


def lonely(places: Sequence[str], group: Group, policy: str) -> Note:
    """A stratum with a single PSU."""
    return _note(
        "precision_lonely_psu", places, group,
        f"a stratum has a single PSU; policy {policy}: {LONELY_PSU[policy].en}",
        f"有一层只有一个初级单元，{LONELY_PSU[policy].zh}",
    )  # fmt: skip


def not_estimable(places: Sequence[str], group: Group) -> Note:
    """No standard error of a total."""
    return _note(
        "precision_not_estimable", places, group,
        "too few independent answers for a standard error; it is empty, and so is the public appraisal's",
        "独立的回答过少，无法估计标准误，该处及其公众评议总分的标准误为空",
    )  # fmt: skip


def items_not_estimable(number: int) -> Note:
    """Item scores that rest on one respondent or PSU."""
    return Note(
        "precision_items_not_estimable",
        f"{number} item scores rest on a single respondent or PSU; their standard errors are empty.",
        f"有 {number} 个单项得分只依据一名回答者或一个初级单元，其标准误为空。",
    )


def no_spread(places: Sequence[str], group: Group) -> Note:
    """A total whose standard error is 0 though not all were asked."""
    return _note(
        "precision_no_spread", places, group,
        "all who judged agree, so the standard error is 0; that says nothing of those who were not asked",
        "回答完全一致，标准误为 0；这并不说明未被调查者的意见",
    )  # fmt: skip


def census(places: Sequence[str], group: Group) -> Note:
    """Everybody answered."""
    return _note(
        "precision_census", places, group,
        "everyone on the list answered; there is no sampling error",
        "名单上的人全部回答，没有抽样误差",
    )  # fmt: skip


PLANNED = Note(
    "precision_planned",
    "Scores are divided by the planned number; their standard errors take the number who answered as given.",
    "得分以计划人数为分母，标准误视回答人数为给定。",
)
BY_RESPONDENTS = Note(
    "precision_by_respondents",
    "Groups are weighted by respondents; standard errors take these numbers as given.",
    "各类按回答人数加权，标准误视这些人数为给定。",
)
COUNTY_MEAN = Note(
    "precision_county_mean",
    "Where a score uses the county's mean of an item, its standard error includes the error of that mean.",
    "得分用到全县该题平均分的，标准误包含该平均分的误差。",
)


def _note(kind: str, places: Sequence[str], group: Group, en: str, zh: str) -> Note:
    named = len(places) <= MANY
    who = ", ".join(places) if named else f"{len(places)} townships"
    who_zh = "、".join(places) if named else f"{len(places)} 个乡镇"
    return Note(kind, f"{who}, {group.label.en}: {en}.", f"{who_zh}“{group.label.zh}”：{zh}。")

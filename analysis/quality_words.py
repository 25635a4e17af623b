"""
The sentences that go with the fieldwork's signals: one wording for the report, the pages and the shell.

flag_sentence, icc_sentence            a single figure in words
flags_in_words, likeness_in_words      those of a round, by the names of its places
quality_sentences                      all that is said of a round's fieldwork
notes_of                               what could not be computed, and how flags are to be read
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.labels import Label
from analysis.place_names import PlaceNames
from analysis.quality_places import TOO_FEW
from analysis.quality_signals import SIGNALS
from analysis.results import Note

if TYPE_CHECKING:
    from analysis.quality import Quality

_LEVELS = {"village": Label("村（居）", "villages"), "investigator": Label("调查员", "investigators")}


NO_FLAGS = Label("各处的作答情况均未触发核查提示。", "No place was flagged.")


def flag_sentence(who: Label, row: Mapping[str, Any], replicates: int) -> Label:
    """
    A flag in words: what was counted, in how many of the drawn honest places it is reached, what to do.

    Examples
    --------
    >>> row = {"signal": "all_satisfied", "count": 9, "base": 10, "threshold": 6, "false_alarm": 0.004}
    >>> flag_sentence(Label("甲镇", "甲镇"), row, 4000).en.split(";")[0]
    '甲镇: 9 of 10 sheets say satisfied to every item'
    """
    phrase = SIGNALS[str(row["signal"])].phrase
    count, base, threshold = int(row["count"]), int(row["base"]), int(row["threshold"])
    often = float(row["false_alarm"])
    share = f"{100 * often:.2g} %" if often else f"{_at_most(100 / replicates):g} %"
    share_zh = share.replace(" %", "%")
    about_zh, about_en = ("约占", "about") if often else ("不到", "less than")
    return Label(
        f"{who.zh}：共 {base}，其中 {count} {phrase.zh}；各自独立作答时，达到 {threshold} 的{about_zh} {share_zh}。"
        "请核查访问过程，此提示不表示任何人作答不实。",
        f"{who.en}: {count} of {base} {phrase.en}; where all answer for themselves, {threshold} or more are reached in {about_en} "
        f"{share} of cases. Look at how the visits were made; this says nothing against any respondent.",
    )


def _at_most(value: float) -> float:
    """
    Rounded up to one digit.

    Examples
    --------
    >>> _at_most(0.025), _at_most(0.1)
    (0.03, 0.1)
    """
    unit = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.1g}")


def icc_sentence(row: Mapping[str, Any], group: Label) -> Label:
    """An intraclass correlation in words."""
    who = _LEVELS[row["level"]]
    if pd.isna(row["icc"]):
        return Label(
            f"{group.zh}：按{who.zh}的组内相关无法估计。",
            f"{group.en}: the correlation within {who.en} is not estimable.",
        )
    freedom_zh = f"（自由度 {row['df_between']:.0f} 与 {row['df_within']:.0f}，p = {row['p']:.3f}）"
    freedom_en = f" ({row['df_between']:.0f} and {row['df_within']:.0f} degrees of freedom, p = {row['p']:.3f})"
    if row["icc"] < 0:
        return Label(
            f"{group.zh}：按{who.zh}的组内相关估计为负（−{-row['icc']:.3f}），即看不出聚集{freedom_zh}。",
            f"{group.en}: the correlation within {who.en} is estimated below 0 ({row['icc']:.3f}): no sign of clustering{freedom_en}.",
        )
    return Label(
        f"{group.zh}：按{who.zh}的组内相关为 {row['icc']:.3f}{freedom_zh}。",
        f"{group.en}: the correlation within {who.en} is {row['icc']:.3f}{freedom_en}.",
    )


def flags_in_words(quality: Quality, names: PlaceNames) -> list[tuple[dict[str, Any], Label]]:
    """Each flag's row with its sentence, places before investigators."""
    drawn = quality.simulated.replicates
    found = [
        (row, flag_sentence(names.place(row["township_code"], row["group"], row["psu_code"]), row, drawn))
        for row in _flagged(quality.psus)
    ]
    for row in _flagged(quality.investigators):
        who = Label(f"调查员 {row['investigator']}", f"Investigator {row['investigator']}")
        found.append((row, flag_sentence(who, row, drawn)))
    return found


def likeness_in_words(quality: Quality, names: PlaceNames) -> list[Label]:
    """How alike the answers of a village, and of an investigator, are, by group."""
    lines = [dict(zip(quality.icc.columns, row, strict=True)) for row in quality.icc.itertuples(index=False, name=None)]
    return [icc_sentence(line, names.group(str(line["group"]))) for line in lines]


def quality_sentences(quality: Quality, names: PlaceNames) -> tuple[Label, ...]:
    """
    What is said of a round's fieldwork.

    Parameters
    ----------
    quality : Quality
    names : PlaceNames

    Returns
    -------
    tuple of Label
        The flags, or that there are none where places were looked at; the correlations; the notes.
    """
    flags = [sentence for _, sentence in flags_in_words(quality, names)]
    if not flags and not quality.psus.empty:
        flags.append(NO_FLAGS)
    notes = [Label(note.zh, note.en) for note in quality.notes]
    return (*flags, *likeness_in_words(quality, names), *notes)


def _flagged(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table[table["flagged"].fillna(False).astype(bool)].to_dict("records")  # type: ignore[assignment]
    return rows


def notes_of(
    places: int, small: int, has_samples: bool, has_refusals: bool, false_alarms: float, people: pd.DataFrame
) -> Iterator[Note]:
    """What could not be computed, and how flags are to be read."""
    if places:
        most = f"{100 * false_alarms:g}"
        yield Note(
            "flags_are_no_verdicts",
            "A flag is a reason to look at how visits were made; of places where all answer for themselves up to "
            f"{most} % are flagged too.",
            f"提示仅说明应核查访问过程；人人各自作答的地方也会有至多 {most}% 被提示。",
        )
    if small:
        yield Note(
            "places_too_small",
            f"{small} {'place has' if small == 1 else 'places have'} fewer than {TOO_FEW} answers and {'gets' if small == 1 else 'get'} no figures.",
            f"有 {small} 处回答不足 {TOO_FEW} 份，不计算各项指标。",
        )
    if not has_samples:
        yield Note(
            "no_samples",
            "Without samples.csv there are no response rates and no refusal rates.",
            "没有 samples.csv，无法计算回收率和拒访率。",
        )
    elif not has_refusals:
        yield Note(
            "no_refusals", "Refusals were not given; there are no refusal rates.", "未提供拒访数，无法计算拒访率。"
        )
    alone = people.loc[~people["estimable"].astype(bool), "investigator"].tolist()
    if alone:
        yield Note(
            "investigators_not_estimable",
            f"Not estimable, with fewer than two PSUs wholly theirs: {', '.join(alone)}.",
            f"完全由其本人访问的初级单元不足两个、无法估计的调查员：{'、'.join(alone)}。",
        )

"""
Why a unit of the sample may be replaced.

REASONS   code → Reason, with the disposition code of the field's standard and what it says of eligibility

Codes follow AAPOR, Standard Definitions (in-person household surveys): 2 eligible but not interviewed, 3 unknown
whether eligible, 4 not eligible.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from sampling.errors import SamplingError

VISITS, DAYS, EVENING = 3, 2, 18
"""So many visits on so many days, one of them from this hour on or at a weekend, before nobody counts as found."""


@dataclass(frozen=True)
class Reason:
    """
    One reason.

    Attributes
    ----------
    code : str
        Its key in ``REASONS``.
    aapor : str
        The nearest disposition code of AAPOR's Standard Definitions.
    zh, en : str
        What it means.
    eligible : str
        ``yes``, ``unknown`` or ``no``: whether the unit belongs to the population.
    needs_visits : bool
        Whether the visits must be stated and suffice.
    """

    code: str
    aapor: str
    zh: str
    en: str
    eligible: str
    needs_visits: bool = False


REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason("refused", "2.11", "拒绝接受调查", "refused", "yes"),
        Reason("broken_off", "2.12", "中途停止作答", "broken off", "yes"),
        Reason(
            *("no_contact", "2.20", "两日内三次访问（含一次晚间或周末）均未找到"),
            *("not found after three visits on two days, one in the evening or at a weekend", "yes", True),
        ),
        Reason("absent", "2.25", "调查期间长期外出", "away for the whole of the fieldwork", "yes"),
        Reason("died", "2.31", "被调查人已去世", "the person has died", "yes"),
        Reason("unable", "2.32", "因病或其他原因无法作答", "unable to answer (illness, incapacity)", "yes"),
        Reason("language", "2.33", "语言不通", "no common language", "yes"),
        Reason("unsafe", "3.17", "道路不通或不安全，无法到达", "cannot be reached, or not safely", "unknown"),
        Reason("not_located", "3.18", "地址不清，找不到该户", "the address cannot be located", "unknown"),
        Reason("moved", "4.10", "已迁出本乡镇", "moved out of the township", "no"),
        Reason("duplicate", "4.10", "与样本中另一单位重复", "the same as another unit of the sample", "no"),
        Reason("demolished", "4.50", "房屋已拆除或不作居住", "demolished, or no dwelling", "no"),
        Reason("vacant", "4.60", "空房，无人居住", "vacant", "no"),
        Reason("out_of_scope", "4.70", "不属于调查对象", "nobody there belongs to the population", "no"),
    )
}


def check_reason(code: str) -> Reason:
    """
    The reason of a code.

    Raises
    ------
    SamplingError
        If there is none, with the known ones and the nearest.

    Examples
    --------
    >>> check_reason("vacant").eligible
    'no'
    """
    if code in REASONS:
        return REASONS[code]
    near = difflib.get_close_matches(code, REASONS, n=1)
    raise SamplingError(
        f"There is no reason {code!r} for a replacement{f'; did you mean {near[0]!r}?' if near else ';'} "
        f"known are {', '.join(REASONS)}.",
        f"没有替换原因“{code}”{f'，是否指“{near[0]}”？' if near else '；'}现有 {'、'.join(REASONS)}。",
    )


def check_visits(code: str, visits: Sequence[dt.datetime]) -> None:
    """
    Whether the visits suffice for a reason that needs them.

    Raises
    ------
    SamplingError
        If they are no dates with times; if there were fewer than three, on fewer than two days, or none in the evening (from 18:00) or at a weekend.
    """
    if not isinstance(visits, list | tuple) or not all(isinstance(visit, dt.datetime) for visit in visits):
        raise SamplingError(
            f"Expected the visits as a list of dates with times (datetime), got {str(visits)[:60]!r}; give them so.",
            f"访问时间应为带时刻的日期（datetime）列表，实为“{str(visits)[:60]}”；请按此提供。",
        )
    if not REASONS[code].needs_visits:
        return
    days = {visit.date() for visit in visits}
    late = any(visit.hour >= EVENING or visit.weekday() >= 5 for visit in visits)
    if len(set(visits)) >= VISITS and len(days) >= DAYS and late:
        return
    raise SamplingError(
        f"Expected {VISITS} visits on {DAYS} days, one of them from {EVENING}:00 on or at a weekend, found "
        f"{len(set(visits))} on {len(days)} days, {'one' if late else 'none'} of them late; visit the unit again.",
        f"应在至少 {DAYS} 日内访问 {VISITS} 次，其中一次在 {EVENING}:00 以后或周末；实为 {len(days)} 日 {len(set(visits))} 次，"
        f"{'有' if late else '没有'}晚间或周末访问；请再次访问。",
    )


def check_date(date: dt.date | None, visits: Sequence[dt.datetime], earlier: Sequence[dt.date]) -> dt.date | None:
    """
    The day of a release, which no visit and no earlier release of the same main unit follows.

    Raises
    ------
    SamplingError
        If one does, or it is no date.

    Examples
    --------
    >>> check_date(dt.date(2026, 11, 24), [dt.datetime(2026, 11, 24, 19)], [dt.date(2026, 11, 23)])
    datetime.date(2026, 11, 24)
    """
    day = date.date() if isinstance(date, dt.datetime) else date
    if day is None:
        return None
    if not isinstance(day, dt.date):
        raise SamplingError(
            f"Expected the date of the release as a date, got {str(date)[:60]!r}; give it so.",
            f"启用日期应为日期（date），实为“{str(date)[:60]}”；请按此提供。",
        )
    visited, released = max((visit.date() for visit in visits), default=day), max(earlier, default=day)
    if day < visited:
        raise SamplingError(
            f"The release is dated {day}, before a visit of {visited}; expected a date on or after the last visit, correct it.",
            f"启用日期 {day} 早于 {visited} 的访问；应不早于最后一次访问，请更正。",
        )
    if day < released:
        raise SamplingError(
            f"The release is dated {day}, before an earlier release of {released} for the same main unit; expected a date "
            "on or after it, correct it.",
            f"启用日期 {day} 早于同一正式样本单位 {released} 的前一次启用；应不早于该日，请更正。",
        )
    return day

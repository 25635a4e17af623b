"""
One adult of a household: the next birthday.

next_birthday(…)   whose birthday comes next
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, datetime

from sampling.errors import HouseholdError


def next_birthday(birthdays: Sequence[date | tuple[int, int]], day: date) -> int:
    """
    Whose birthday comes next.

    Parameters
    ----------
    birthdays : sequence of date or (month, day), shape (A,)
        Of the adults of one household, oldest first.
    day : date or datetime
        Of the visit. Who has the birthday on that day comes first.

    Returns
    -------
    int
        Position in ``birthdays``, counted from 0. Of several with the same birthday the first. A birthday on 29 February
        counts as 1 March in years without that day.

    Raises
    ------
    HouseholdError
        When there is no adult, or a month and day are no date.

    Notes
    -----
    Salmon and Nichols (1983), Public Opin. Q. 47, 270-276. Each adult has probability 1/A only as far as birthdays are
    independent of the day of the visit; unlike the Kish grid this is an assumption, not a fact of the design.

    Examples
    --------
    >>> next_birthday([(3, 1), (11, 25), (11, 2)], date(2026, 11, 24))
    1
    """
    if not birthdays:
        raise HouseholdError(
            "Expected the birthday of at least one adult, got none; a household without adults has nobody who can answer.",
            "至少应有一位成年人的生日，实际没有；家中没有成年人的户无人可答。",
        )
    visit = _visit_day(day)
    waits = [_days_until(_month_day(given), visit) for given in birthdays]
    return waits.index(min(waits))


def _visit_day(day: date) -> date:
    """The day of the visit, of a time its day."""
    if not isinstance(day, date):
        raise HouseholdError(
            f"Expected the day of the visit as a date, got {str(day)[:60]!r}; give it so.",
            f"访问日期应为日期（date），实为“{str(day)[:60]}”；请按此提供。",
        )
    return day.date() if isinstance(day, datetime) else day


def _days_until(birthday: tuple[int, int], day: date) -> int:
    """Days from a day to the next birthday, 0 on the day itself."""
    this_year = _in_year(birthday, day.year)
    coming = this_year if this_year >= day else _in_year(birthday, day.year + 1)
    return (coming - day).days


def _in_year(birthday: tuple[int, int], year: int) -> date:
    """The day on which a birthday falls in a year."""
    if birthday == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return date(year, *birthday)


def _month_day(given: date | tuple[int, int]) -> tuple[int, int]:
    """Month and day, refused where they are no date of any year."""
    try:
        month, day = (given.month, given.day) if isinstance(given, date) else given
        date(2000, month, day)
    except (TypeError, ValueError):
        raise HouseholdError(
            f"Expected a birthday as a month and a day, got {given!r}; correct it.",
            f"生日应为月和日，实为 {given!r}；请改正。",
        ) from None
    return month, day

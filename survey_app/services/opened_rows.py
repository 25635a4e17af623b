"""
What is kept of an opened ballot: its answers in the questionnaire's order, and how and how long only where that points at nobody.

An investigator's phone may write its answers in any order, a clerk's entry leaves other things out than a page does; a copy of the database made
before the closing tells whose slip was waiting. So that none of this finds a row again, all rows are written alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from survey_app.services.ballots import BallotContent

if TYPE_CHECKING:
    from questionnaires import Questionnaire

LEAST = 5
"""A way or a time of answering that fewer share in a PSU (or a group drawn in one stage) is not kept: it would single out a row."""


def response_rows(contents: Sequence[BallotContent], forms: Mapping[str, Questionnaire]) -> list[dict[str, Any]]:
    """Return the rows of opened ballots, in the order given, all written alike."""
    rows = [
        {
            "township_code": content.township_code,
            "group": content.group,
            "psu_code": content.psu_code,
            "mode": content.mode,
            "minutes": content.minutes,
            "answers": _in_order(content, forms.get(content.group)),
        }
        for content in contents
    ]
    places = defaultdict(list)
    for row in rows:
        places[row["township_code"], row["group"], row["psu_code"]].append(row)
    for members in places.values():
        for name in ("mode", "minutes"):
            if min(Counter(row[name] for row in members).values()) < LEAST:
                for row in members:
                    row[name] = ""
    return rows


def _in_order(content: BallotContent, form: Questionnaire | None) -> dict[str, str]:
    """Return the answers in the order of the questionnaire, blank ones left out, whoever wrote them down."""
    order = [item.id for item in form.items] if form is not None else sorted(content.answers)
    known = [item for item in order if content.answers.get(item)]
    other = sorted(item for item, answer in content.answers.items() if answer and item not in order)
    return {item: content.answers[item] for item in [*known, *other]}

"""
What pages leave out of a township's group that only a few answered: its counts and scores item by item.

The survey team's pages also name who has answered; beside that the counts of one answer would be that person's answers. The group's total stays,
since the official score is made of it. Sums over townships leave such a group out as well, or it could be had by subtraction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis import Scores

LEAST = 5


def small_groups(scores: Scores) -> frozenset[tuple[str, str]]:
    """Return the townships and groups that somebody answered, but fewer than five."""
    groups = scores.groups
    few = groups[(groups["respondents"] > 0) & (groups["respondents"] < LEAST)]
    return frozenset(zip(few["township_code"], few["group"], strict=True))


def without_small_groups(scores: Scores) -> Scores:
    """Return the scores without the items of small groups, and without what the notes tell of these; totals and ranks stay."""
    small = small_groups(scores)
    if not small:
        return scores
    items = scores.items
    stays = [place not in small for place in zip(items["township_code"], items["group"], strict=True)]
    exact = {key: value for key, value in scores.exact.items.items() if key[1:3] not in small}
    return replace(
        scores,
        items=items[stays],
        exact=replace(scores.exact, items=exact),
        notes=tuple(note for note in scores.notes if note.items_of not in small),
    )

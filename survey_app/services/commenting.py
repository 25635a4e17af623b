"""
What people wrote, once the box is open: apart from the answers, in the order of random keys.

A township of which there are only a few comments is not named, since a township official could guess who wrote them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from survey_app.models import Comment
from survey_app.models.rounds import STATE_CLOSED
from survey_app.services.rounds import Actor, get_round, require_state
from survey_app.shell import Shell

LEAST = 5
"""Townships with fewer comments than this are not named."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class WrittenComment:
    """A comment; its township is empty where naming it might name the writer."""

    township_code: str
    text: str


def list_comments(shell: Shell, actor: Actor, round_id: int) -> list[WrittenComment]:
    """
    Return the comments of a closed round, shuffled.

    Raises
    ------
    WrongState
        If the round is not closed.
    """
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_CLOSED, act_en="read comments", act_zh="查看留言")
        found = session.execute(
            select(Comment.township_code, Comment.text).where(Comment.round_id == round_id).order_by(Comment.key)
        ).all()
    named = named_townships(Counter(code for code, _text in found))
    return [WrittenComment(code if code in named else "", text) for code, text in found]


def named_townships(counts: Mapping[str, int]) -> set[str]:
    """
    Return the townships that are named beside their comments.

    The others stand together; where these would be of one township alone, or still fewer than five, the smallest named one joins them.
    """
    named = {code for code, number in counts.items() if number >= LEAST}
    while (others := set(counts) - named) and named:
        if len(others) > 1 and sum(counts[code] for code in others) >= LEAST:
            break
        named.remove(min(named, key=lambda code: (counts[code], code)))
    return named


def comments_csv(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return the comments as a file of their own, for people who open it in Excel: no text is read as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["township_code", "text"])
    for comment in list_comments(shell, actor, round_id):
        writer.writerow([comment.township_code, safe_text(comment.text)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text

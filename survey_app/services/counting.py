"""
The counts that every score starts from, made by the database itself, and held against the rows that are scored.

answer_counts    by township, group, PSU, item and answer, as ``analysis.count_answers`` gives them
refuse_other     refuse rows to be scored or exported that do not add up to these counts
refuse_lost      refuse to close a round when what is stored is not what came out of the box

The rows take another way than the counts: they are read one by one, protected and written. Where both ways agree in every cell, nothing
was lost, doubled or moved on either (docs/decisions/0014-counts.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from survey_app.errors import DamagedData
from survey_app.models import Response, Round

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Responses
    from survey_app.services.ballots import BallotContent

Place = tuple[str, str, str]
"""Township, group, PSU; the last empty in a one-stage group."""

PLACE = (Response.township_code, Response.group, Response.psu_code)


def answer_counts(session: Session, round_: Round, items: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """
    Count a closed round's answers by SQL.

    Parameters
    ----------
    items : mapping of str to sequence of str
        The items of each group's questionnaire, in their order.

    Returns
    -------
    DataFrame
        The columns of ``analysis.count_answers``, from the rows as they are stored: small PSUs are not joined.

    Raises
    ------
    DamagedData
        If there are answers of a group, to an item or with a code that the questionnaires do not have.
    """
    import pandas as pd

    from analysis.counts import KEYS, TALLIES

    rows = _rows(session, round_.id)
    given = _given(session, round_.id)
    _refuse_foreign(rows, given, items)
    lines = []
    for (township, group, psu), number in sorted(rows.items()):
        for item in items[group]:
            told = [given.get((township, group, psu, item, answer), 0) for answer in TALLIES[:-1]]
            lines.append((round_.wave, township, group, psu, item, *told, number - sum(told)))
    return pd.DataFrame(lines, columns=[*KEYS, *TALLIES]).astype(
        {"wave": "int64", **dict.fromkeys(KEYS[1:], "str"), **dict.fromkeys(TALLIES, "int64")}
    )


def refuse_other(session: Session, round_: Round, responses: Responses) -> None:
    """
    Hold protected rows against the counts of the database, PSUs joined in both.

    Raises
    ------
    DamagedData
        If a single cell differs; it is named.
    """
    from analysis import count_answers, join_small_counts
    from analysis.counts import KEYS, TALLIES

    items = {group: responses.items(group) for group in responses.groups}
    stored = join_small_counts(answer_counts(session, round_, items))
    scored = count_answers(responses)
    cells = [
        table.melt(list(KEYS), list(TALLIES), "answer", "number").set_index([*KEYS, "answer"])["number"]
        for table in (stored, scored)
    ]
    one, other = cells[0].align(cells[1], fill_value=0)
    differing = one.index[one != other]
    if len(differing):
        _wave, township, group, psu, item, answer = differing[0]
        where = " ".join(filter(None, (township, group, psu, item, answer)))
        raise DamagedData(
            en=f"{where}: the database counts {one[differing[0]]} answers, the rows to be scored hold {other[differing[0]]}; "
            "no score was made and nothing was exported. Restore the database from a backup.",
            zh=f"{where}：数据库计得 {one[differing[0]]} 份，待计分的答卷中有 {other[differing[0]]} 份；"
            "未计分，也未导出。请从备份恢复数据库。",
        )


def refuse_lost(session: Session, round_id: int, contents: Iterable[BallotContent]) -> None:
    """
    Hold the stored rows against what came out of the box, before the sealed ballots go.

    Raises
    ------
    DamagedData
        If they differ; the round then stays open with its box.
    """
    rows: Counter[Place] = Counter()
    given: Counter[tuple[str, str, str, str, str]] = Counter()
    for content in contents:
        place = (content.township_code, content.group, content.psu_code)
        rows[place] += 1
        given.update((*place, item, answer) for item, answer in content.answers.items() if answer)
    session.flush()
    if rows != _rows(session, round_id) or given != _given(session, round_id):
        raise DamagedData(
            en="The stored answers are not those that came out of the box. Nothing was changed and the box stays closed; "
            "check the database, then close again.",
            zh="存入的答卷与开箱所得不一致。未作任何改动，票箱仍封存；请检查数据库后再关闭。",
        )


def _rows(session: Session, round_id: int) -> dict[Place, int]:
    """How many persons answered in each place."""
    query = select(*PLACE, func.count()).where(Response.round_id == round_id).group_by(*PLACE)
    return {(township, group, psu): number for township, group, psu, number in session.execute(query)}


def _given(session: Session, round_id: int) -> dict[tuple[str, str, str, str, str], int]:
    """How many gave each answer, by place and item; skipped items are in none."""
    unfold = func.json_each if session.get_bind().dialect.name == "sqlite" else func.json_each_text
    cell: Any = unfold(Response.answers).table_valued("key", "value")
    keys = (*PLACE, cell.c.key, cell.c.value)
    query = (
        select(*keys, func.count())
        .select_from(Response)
        .join(cell, true())
        .where(Response.round_id == round_id, cell.c.value != "")
        .group_by(*keys)
    )
    return {
        (township, group, psu, item, answer): number
        for township, group, psu, item, answer, number in session.execute(query)
    }


def _refuse_foreign(
    rows: Mapping[Place, int],
    given: Mapping[tuple[str, str, str, str, str], int],
    items: Mapping[str, Sequence[str]],
) -> None:
    from analysis.counts import TALLIES

    foreign = [(*place, "", "") for place in rows if place[1] not in items]
    foreign += [
        cell for cell in given if cell[1] in items and (cell[3] not in items[cell[1]] or cell[4] not in TALLIES[:-1])
    ]
    if foreign:
        where = " ".join(filter(None, min(foreign)))
        raise DamagedData(
            en=f"{where}: the database holds answers that the round's questionnaires do not know; no score was made and nothing "
            "was exported. Restore the database from a backup.",
            zh=f"{where}：数据库中有本轮问卷所没有的答卷内容；未计分，也未导出。请从备份恢复数据库。",
        )

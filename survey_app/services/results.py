"""
What a closed round gives: the exported rows, and the scores computed from these same rows.

Nothing here works before the round is closed: the answers cannot be read before, and a score must not be seen.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import WrongState
from survey_app.models import (
    AnsweredUnit,
    FramePsu,
    LastRank,
    Response,
    Round,
    RoundQuestionnaire,
    SampleUnit,
    Township,
)
from survey_app.models.rounds import STATE_CLOSED
from survey_app.models.samples import ROLE_MAIN
from survey_app.services.drawing import draw_files, zip_files
from survey_app.services.framing import frame_content
from survey_app.services.rounds import Actor, current_draw, get_round, require_state, sealed_frame
from survey_app.shell import Progress, Shell, no_progress

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Scores

ACT = {"act_en": "see scores or answers: they come with the closing", "act_zh": "查看得分或答卷，关闭后方可查看"}


def write_export(shell: Shell, actor: Actor, round_id: int, folder: Path) -> None:
    """Write the responses folder of a closed round (docs/method-scores.md says what is protected in it)."""
    from analysis import write_responses

    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_CLOSED, **ACT)
        if session.scalars(select(Response.round_id).where(Response.round_id == round_id).limit(1)).first() is None:
            raise WrongState(
                en="No answer was received in this round: there is nothing to score or to export.",
                zh="本轮没有收到任何答卷，无得分可算，也无答卷可导出。",
            )
        write_responses(
            folder,
            groups=_group_tables(session, round_),
            townships=_townships_table(session, round_),
            samples=_samples_table(session, round_),
            questionnaires=_definitions(session, round_id),
        )


def score_round(shell: Shell, actor: Actor, round_id: int) -> Scores:
    """Score a closed round: export its rows, read them back, score them, just as `pingyi score` does with the export."""
    from analysis import load_scheme, read_responses, score

    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        scheme = round_.year.scheme
    with tempfile.TemporaryDirectory(prefix="scores-", dir=shell.config.home) as work:
        folder = Path(work) / "responses"
        write_export(shell, actor, round_id, folder)
        return score(read_responses(folder), load_scheme(scheme))


def responses_zip(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return the responses folder as a zip."""
    with tempfile.TemporaryDirectory(prefix="export-", dir=shell.config.home) as work:
        folder = Path(work) / "responses"
        write_export(shell, actor, round_id, folder)
        return zip_files(
            {
                path.relative_to(work).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
        )


def scores_workbook(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return scores.xlsx."""
    from analysis import write_scores

    with tempfile.TemporaryDirectory(prefix="scores-", dir=shell.config.home) as work:
        folder = Path(work) / "scores"
        write_scores(score_round(shell, actor, round_id), folder)
        return (folder / "scores.xlsx").read_bytes()


def export_round(shell: Shell, actor: Actor, round_id: int, folder: Path, progress: Progress = no_progress) -> None:
    """Write a closed round whole: ``responses/``, ``scores/`` and ``draw/`` in this folder."""
    from analysis import write_scores

    folder.mkdir(parents=True, exist_ok=True)
    write_export(shell, actor, round_id, folder / "responses")
    progress(1, 4)
    scores = score_round(shell, actor, round_id)
    progress(2, 4)
    write_scores(scores, folder / "scores")
    progress(3, 4)
    with shell.database.reading() as session:
        files = draw_files(session, get_round(session, actor.county_id, round_id), frame_content(shell, round_id))
    (folder / "draw").mkdir()
    for name, content in files.items():
        (folder / "draw" / name).write_bytes(content)
    progress(4, 4)


def last_ranks(session: Session, round_: Round) -> dict[str, int]:
    """Return the townships' ranks of the year before, where they had one."""
    rows = session.execute(
        select(Township.code, LastRank.rank)
        .join(LastRank, LastRank.township_id == Township.id)
        .where(LastRank.year_id == round_.year_id)
    )
    return {code: value for code, value in rows}  # noqa: C416 - rows are pairs but typed as rows


def item_texts(session: Session, round_id: int) -> dict[str, Any]:
    """Return the frozen questionnaires of a round, group → Questionnaire."""
    from questionnaires import parse_questionnaire

    return {
        group: parse_questionnaire(definition, source=group)
        for group, definition in _definitions(session, round_id).items()
    }


def _definitions(session: Session, round_id: int) -> dict[str, str]:
    rows = session.scalars(
        select(RoundQuestionnaire).where(RoundQuestionnaire.round_id == round_id).order_by(RoundQuestionnaire.id)
    )
    return {row.group: row.definition for row in rows}


def _group_tables(session: Session, round_: Round) -> dict[str, pd.DataFrame]:
    import pandas as pd

    weights = _weights(session, round_.id)
    tables = {}
    for group, form in item_texts(session, round_.id).items():
        items = [item.id for item in form.items]
        # In the order of the random keys, which is no order.
        rows = session.scalars(
            select(Response).where(Response.round_id == round_.id, Response.group == group).order_by(Response.key)
        )
        tables[group] = pd.DataFrame(
            [
                {
                    "round": round_.code,
                    "wave": round_.wave,
                    "township_code": row.township_code,
                    "group": group,
                    "psu_code": row.psu_code,
                    "weight": weights[row.township_code, group, row.psu_code],
                    "mode": row.mode,
                    "minutes": row.minutes,
                    **{item: row.answers.get(item, "") for item in items},
                }
                for row in rows
            ],
            columns=["round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes", *items],
        )
    return tables


def _weights(session: Session, round_id: int) -> dict[tuple[str, str, str], float]:
    draw = current_draw(session, round_id)
    assert draw is not None
    units = session.execute(
        select(
            SampleUnit.township_code, SampleUnit.group, SampleUnit.psu_code, SampleUnit.hits, SampleUnit.weight
        ).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
    )
    # Within a PSU, and within a one-stage group, all units of a draw have the same weight.
    return {(township, group, "" if hits is None else psu): weight for township, group, psu, hits, weight in units}


def _townships_table(session: Session, round_: Round) -> pd.DataFrame:
    import pandas as pd

    rows = session.execute(
        select(Township.code, Township.name, LastRank.rank)
        .outerjoin(LastRank, (LastRank.township_id == Township.id) & (LastRank.year_id == round_.year_id))
        .where(Township.county_id == round_.county_id)
        .order_by(Township.code)
    )
    return pd.DataFrame(
        [(code, name, "" if rank is None else rank) for code, name, rank in rows],
        columns=["township_code", "township", "last_rank"],
    )


def _samples_table(session: Session, round_: Round) -> pd.DataFrame:
    import pandas as pd

    draw = current_draw(session, round_.id)
    assert draw is not None
    units = session.scalars(
        select(SampleUnit).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN).order_by(SampleUnit.id)
    ).all()
    answered = set(session.scalars(select(AnsweredUnit.sample_unit_id).where(AnsweredUnit.round_id == round_.id)))
    psus = {
        (psu.township_code, psu.group, psu.psu_code): (psu.size, psu.listed)
        for psu in session.scalars(select(FramePsu).where(FramePsu.round_id == round_.id))
    }
    counts = _frame_counts(session, round_.id)
    issued: Counter[tuple[str, str, str]] = Counter()
    done: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], SampleUnit] = {}
    for unit in units:
        key = (unit.township_code, unit.group, unit.psu_code if unit.hits is not None else "")
        first.setdefault(key, unit)
        issued[key] += 1
        done[key] += unit.id in answered
    rows = []
    for key, unit in first.items():
        size, listed = psus[key] if key in psus else ("", counts.get(key[0], {}).get(key[1], 0))
        rows.append(
            (
                *key,
                size,
                listed,
                "" if unit.hits is None else unit.hits,
                "" if unit.pi_1 is None else unit.pi_1,
                issued[key],
                0,  # reserves are released one at a time in the fieldwork, which has none yet
                issued[key],
                done[key],
            )
        )
    return pd.DataFrame(
        rows,
        columns=[
            "township_code", "group", "psu_code", "size", "listed", "hits", "pi_1", "issued", "released", "eligible", "answered",
        ],
    )  # fmt: skip


def _frame_counts(session: Session, round_id: int) -> dict[str, dict[str, int]]:
    frame = sealed_frame(session, round_id)
    return frame.counts if frame is not None else {}

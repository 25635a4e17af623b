"""
What a closed round gives: the exported rows, and the scores computed from these same rows.

Nothing here works before the round is closed: the answers cannot be read before, and a score must not be seen.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from survey_app.errors import WrongState
from survey_app.models import (
    FramePsu,
    LastRank,
    Response,
    Round,
    RoundQuestionnaire,
    SampleUnit,
    Township,
    Year,
)
from survey_app.models.rounds import STATE_CLOSED
from survey_app.models.samples import ROLE_MAIN
from survey_app.services import counting
from survey_app.services.analysing import RoundResults
from survey_app.services.assigning import place_of
from survey_app.services.assignments import Place
from survey_app.services.progress import figures
from survey_app.services.rounds import Actor, current_draw, get_round, require_state, sealed_frame
from survey_app.shell import Shell, utc_now

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Changes, Scores

ACT = {"act_en": "see scores or answers", "act_zh": "查看得分或答卷"}


def write_export(shell: Shell, actor: Actor, round_id: int, folder: Path) -> None:
    """
    Write the responses folder of a closed round (docs/method-scores.md says what is protected in it).

    Raises
    ------
    DamagedData
        If the rows do not add up to the counts that the database makes of the stored answers.
    """
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
            check=lambda responses: counting.refuse_other(session, round_, responses),
        )


def round_results(shell: Shell, actor: Actor, round_id: int) -> RoundResults:
    """
    Return what a closed round gives: its exported rows, read back and scored, just as `pingyi score` does with the export.

    Its answers never change, so this is worked out once in a process; who may see it is asked every time.
    """
    from analysis import load_scheme, read_responses, score
    from analysis.results import engine_version

    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_CLOSED, **ACT)
        scheme, closed_at = round_.year.scheme, round_.closed_at

    def work_out() -> RoundResults:
        with tempfile.TemporaryDirectory(prefix="scores-", dir=shell.config.home) as work:
            folder = Path(work) / "responses"
            write_export(shell, actor, round_id, folder)
            responses = read_responses(folder)
        return RoundResults(responses, score(responses, load_scheme(scheme)))

    found: RoundResults = shell.results.get((round_id, closed_at, scheme, engine_version()), work_out)
    return found


def score_round(shell: Shell, actor: Actor, round_id: int) -> Scores:
    """Return the scores of a closed round."""
    return round_results(shell, actor, round_id).scores


def changes(shell: Shell, actor: Actor, round_id: int) -> Changes | None:
    """Return this round against the county's last one that is closed; None where there is none to compare with."""
    from analysis import AnalysisError, change

    now = round_results(shell, actor, round_id)
    with shell.database.reading() as session:
        before_id = _closed_before(session, get_round(session, actor.county_id, round_id))
    if before_id is None:
        return None
    try:
        before = round_results(shell, actor, before_id)
        return change(now.scores, before.scores)
    except (AnalysisError, WrongState):  # nobody answered then, or it cannot be compared
        return None


def _closed_before(session: Session, round_: Round) -> int | None:
    return session.scalars(
        select(Round.id)
        .join(Year)
        .where(
            Round.county_id == round_.county_id,
            Round.state == STATE_CLOSED,
            tuple_(Year.number, Round.wave) < (round_.year.number, round_.wave),
        )
        .order_by(Year.number.desc(), Round.wave.desc())
        .limit(1)
    ).first()


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
    """What was issued and what came of it, place by place; a reserve stands in its main unit's place, with its weight."""
    import pandas as pd

    places = figures(session, round_, utc_now()).by_place
    psus = {
        (psu.township_code, psu.group, psu.psu_code): (psu.size, psu.listed)
        for psu in session.scalars(select(FramePsu).where(FramePsu.round_id == round_.id))
    }
    counts = _frame_counts(session, round_.id)
    rows = []
    for key, unit in _first_units(session, round_).items():
        own = places[key]
        size, listed = psus[key] if key in psus else ("", counts.get(key[0], {}).get(key[1], 0))
        hits, pi_1 = ("" if value is None else value for value in (unit.hits, unit.pi_1))
        rows.append((*key, size, listed, hits, pi_1, own.main, own.released, own.eligible, own.answered))
    return pd.DataFrame(
        rows,
        columns=[
            "township_code", "group", "psu_code", "size", "listed", "hits", "pi_1", "issued", "released", "eligible", "answered",
        ],
    )  # fmt: skip


def _first_units(session: Session, round_: Round) -> dict[Place, SampleUnit]:
    """The first main unit of each place, in sample order; what it knows of its place the others know too."""
    draw = current_draw(session, round_.id)
    assert draw is not None
    units = select(SampleUnit).where(SampleUnit.draw_id == draw.id, SampleUnit.role == ROLE_MAIN)
    first: dict[Place, SampleUnit] = {}
    for unit in session.scalars(units.order_by(SampleUnit.id)):
        first.setdefault(place_of(unit), unit)
    return first


def _frame_counts(session: Session, round_id: int) -> dict[str, dict[str, int]]:
    frame = sealed_frame(session, round_id)
    return frame.counts if frame is not None else {}

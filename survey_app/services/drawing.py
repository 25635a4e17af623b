"""Draw a round's sample from its sealed frame, redraw with a reason, and hand out the folder of the draw."""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Job, Round, SampleUnit, StoredDraw
from survey_app.models.rounds import STATE_CLOSED, STATE_DRAWN, STATE_FRAME_SEALED, STATE_NEW, STATE_OPEN
from survey_app.services import jobs
from survey_app.services.framing import frame_content
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, current_draw, get_round, lock_round
from survey_app.shell import Progress, Shell, utc_now

BATCH = 5_000


def request_draw(shell: Shell, actor: Actor, round_id: int, *, seed: str, reason: str = "") -> int:
    """Check that a draw is possible now and start it; return the job."""
    from sampling import check_seed

    check_seed(seed)
    parameters = {"seed": seed, "reason": reason}
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_before_field(round_)
        if (job_id := jobs.unfailed_job(shell, "draw", round_id, parameters)) is not None:
            return job_id
        require_drawable(session, round_, reason)
    return jobs.enqueue_once(shell, actor, "draw", round_id=round_id, parameters=parameters)


def require_drawable(session: Session, round_: Round, reason: str) -> None:
    """Refuse a draw before the frame is sealed, one in the field or later, and a redraw without a reason."""
    require_before_field(round_)
    if current_draw(session, round_.id) is not None and not reason.strip():
        raise BadInput(
            en="A redraw needs a reason; it is kept with the old draw and your name.",
            zh="重新抽样须说明理由，理由将与原样本和您的姓名一并保存。",
        )


def require_before_field(round_: Round) -> None:
    """Refuse a draw before the frame is sealed, and one in the field or later."""
    if round_.state == STATE_NEW:
        raise WrongState(
            en="The frame must be sealed before a seed can be entered.", zh="须先封存抽样框，才能输入随机种子。"
        )
    if round_.state in (STATE_OPEN, STATE_CLOSED):
        raise WrongState(
            en="The round is in the field or closed: its sample stands and cannot be drawn again.",
            zh="本轮已进入调查或已关闭，样本已定，不能重新抽样。",
        )


def run_draw(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Make the draw of a job."""
    assert job.round_id is not None
    fingerprint = draw_round(
        shell,
        Actor(job.person, job.county_id),
        job.round_id,
        seed=job.parameters["seed"],
        reason=job.parameters["reason"],
        progress=progress,
    )
    return {"fingerprint": fingerprint}


def draw_round(shell: Shell, actor: Actor, round_id: int, *, seed: str, reason: str, progress: Progress) -> str:
    """Draw from the sealed frame and store the draw with its units; return the fingerprint."""
    from sampling import Design, draw, read_official_frame

    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_drawable(session, round_, reason)
        design = Design.from_json(round_.design)
    frame = read_official_frame(frame_content(shell, round_id), design=design)
    result = draw(frame, design, seed, progress=progress)
    salt = secrets.token_bytes(32)
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_drawable(session, round_, reason)
        now = utc_now()
        _supersede(session, actor, round_id, reason)
        number = (
            session.scalar(select(func.count()).select_from(StoredDraw).where(StoredDraw.round_id == round_id)) or 0
        )
        stored = StoredDraw(
            round_id=round_id,
            number=number + 1,
            seed=seed,
            fingerprint=result.fingerprint,
            sample_sha256=result.sample_sha256,
            draw_json=result.draw_json,
            sample_csv=result.sample_csv,
            salt=salt,
            commitment=_commit(result.draw_json, salt),
            drawn_at=now,
            drawn_by=actor.name,
        )
        session.add(stored)
        session.flush()
        rows = _unit_rows(result.sample_csv, round_id, stored.id)
        for start in range(0, len(rows), BATCH):
            session.execute(insert(SampleUnit), rows[start : start + BATCH])
        round_.state = STATE_DRAWN
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="sample_drawn" if number == 0 else "sample_redrawn",
            details={"draw": stored.number, "commitment": stored.commitment},
            reason=reason,
        )
    return result.fingerprint


def draw_files(session: Session, round_: Round, frame_csv: bytes) -> dict[str, bytes]:
    """Return the three files of the standing draw, name → bytes."""
    stored = current_draw(session, round_.id)
    if stored is None:
        raise NotFound
    return {"frame.csv": frame_csv, "sample.csv": stored.sample_csv, "draw.json": stored.draw_json}


def draw_zip(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return the folder of the standing draw as a zip; `pingyi verify` accepts it unpacked."""
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        files = draw_files(session, round_, b"")
        name = f"draw-{round_.code}"
    files["frame.csv"] = frame_content(shell, round_id)
    return zip_files({f"{name}/{file}": content for file, content in files.items()})


def zip_files(files: dict[str, bytes]) -> bytes:
    """Return a zip of these files, with fixed times so that equal files give equal zips."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def past_draws(session: Session, round_id: int) -> list[StoredDraw]:
    """Return all draws of a round, the standing one last."""
    return list(session.scalars(select(StoredDraw).where(StoredDraw.round_id == round_id).order_by(StoredDraw.number)))


def shortfalls(stored: StoredDraw) -> list[dict[str, Any]]:
    """Return where the frame was too short, as draw.json has it."""
    found: list[dict[str, Any]] = json.loads(stored.draw_json)["shortfalls"]
    return found


def _supersede(session: Session, actor: Actor, round_id: int, reason: str) -> None:
    standing = current_draw(session, round_id)
    if standing is not None:
        standing.superseded_at = utc_now()
        standing.superseded_by = actor.name
        standing.reason = reason


def _commit(draw_json: bytes, salt: bytes) -> str:
    from sampling import salted_commitment

    return salted_commitment(draw_json, salt)


def _unit_rows(sample_csv: bytes, round_id: int, draw_id: int) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(sample_csv.decode()))
    return [
        {
            "round_id": round_id,
            "draw_id": draw_id,
            "township_code": row["township_code"],
            "group": row["group"],
            "psu_code": row["psu_code"],
            "ssu_code": row["ssu_code"],
            "unit_code": row["unit_code"],
            "role": row["role"],
            "sequence": int(row["sequence"]),
            "reserve_for": row["reserve_for"],
            "hits": int(row["hits"]) if row["hits"] else None,
            "pi_1": float(row["pi_1"]) if row["pi_1"] else None,
            "weight": float(row["weight"]),
        }
        for row in reader
    ]


STATES_WITH_DRAW = (STATE_DRAWN, STATE_OPEN, STATE_CLOSED)
STATES_WITH_FRAME = (STATE_FRAME_SEALED, *STATES_WITH_DRAW)

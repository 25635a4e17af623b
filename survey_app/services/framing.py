"""
An uploaded frame: first a dry run that stores nothing but its own report, then, once confirmed, the sealing.

The uploaded file waits in the data folder under a random name between the two and is removed after sealing, after a refusal, or by the next
upload to the round.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import insert, select

from survey_app.config import UPLOAD_LIMIT
from survey_app.errors import BadInput, NotFound
from survey_app.models import Contact, FramePsu, Job, Round, SealedFrame
from survey_app.models.jobs import JOB_DONE
from survey_app.models.rounds import STATE_FRAME_SEALED, STATE_NEW
from survey_app.services import jobs
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, lock_round, require_state, township_names
from survey_app.shell import Progress, Shell, no_progress, utc_now

if TYPE_CHECKING:
    from sampling import Frame

ACT = {"act_en": "import a frame", "act_zh": "导入抽样框"}
BATCH = 10_000


def receive_upload(shell: Shell, actor: Actor, round_id: int, *, name: str, stream: BinaryIO) -> int:
    """Keep an uploaded file and start its dry run; return the job."""
    with shell.database.reading() as session:
        require_state(get_round(session, actor.county_id, round_id), STATE_NEW, **ACT)
    _remove_uploads(shell, round_id)
    stored = f"round-{round_id}-{secrets.token_hex(16)}"
    path = shell.config.uploads_folder / stored
    try:
        _copy(stream, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return jobs.enqueue(
        shell,
        actor,
        "check_frame",
        round_id=round_id,
        parameters={"upload": stored, "name": Path(name).name or "frame"},
    )


def run_check(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Read and check the upload of a job; the result holds what was read, or every fault."""
    from sampling import FrameError

    path = shell.config.uploads_folder / job.parameters["upload"]
    require_upload(path)
    progress(0, 2)
    try:
        frame = _read(shell, job, path)
    except FrameError as error:
        path.unlink(missing_ok=True)
        return {"faults": _as_json(error.faults), "more_faults": error.more, "warnings": [], "more_warnings": 0}
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    progress(1, 2)
    return {
        "faults": [],
        "more_faults": 0,
        "warnings": _as_json(frame.warnings[:100]),
        "more_warnings": max(0, len(frame.warnings) - 100),
        "sha256": frame.sha256,
        "report": describe(frame),
    }


def request_seal(shell: Shell, actor: Actor, round_id: int, check_id: int) -> int:
    """Start sealing the frame that a dry run accepted; return the job."""
    check = checked_upload(shell, actor, round_id, check_id)
    if check.state != JOB_DONE or check.result is None or check.result["faults"]:
        raise BadInput(
            en="This file was not accepted; correct it and upload it again.", zh="该文件未通过检查，请改正后重新上传。"
        )
    return jobs.enqueue_once(shell, actor, "seal_frame", round_id=round_id, parameters=check.parameters)


def checked_upload(shell: Shell, actor: Actor, round_id: int, check_id: int) -> Job:
    """Return the dry run of this round with this number."""
    check = jobs.get_job(shell, actor.county_id, check_id)
    if check.kind != "check_frame" or check.round_id != round_id:
        raise NotFound
    return check


def run_seal(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Seal the frame of a job."""
    assert job.round_id is not None
    with shell.database.reading() as session:
        require_state(get_round(session, job.county_id, job.round_id), STATE_NEW, **ACT)
    path = shell.config.uploads_folder / job.parameters["upload"]
    require_upload(path)
    frame = _read(shell, job, path)
    seal_frame(
        shell, Actor(job.person, job.county_id), job.round_id, frame, name=job.parameters["name"], progress=progress
    )
    path.unlink(missing_ok=True)
    return {"sha256": frame.sha256}


def require_upload(path: Path) -> None:
    """Refuse to go on where a later upload to the same round has replaced the file."""
    if not path.is_file():
        raise BadInput(
            en="This file was replaced by a later upload to the same round; look at that one, or upload it again.",
            zh="该文件已被本轮后来上传的文件取代，请查看后者，或重新上传。",
        )


def seal_frame(
    shell: Shell, actor: Actor, round_id: int, frame: Frame, *, name: str, progress: Progress = no_progress
) -> None:
    """Store a checked frame as the round's sealed frame, with its PSUs and its contact data, in one transaction."""
    contacts = list(_contact_rows(frame, round_id))
    psus = _psu_rows(frame, round_id)
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_NEW, **ACT)
        session.add(
            SealedFrame(
                round_id=round_id,
                name=name,
                rows=len(frame.table),
                sha256=frame.sha256,
                content=zlib.compress(frame.official_csv(), 6),
                counts=describe(frame)["counts"],
                warnings=_as_json(frame.warnings[:100]),
                more_warnings=max(0, len(frame.warnings) - 100),
                sealed_at=utc_now(),
                sealed_by=actor.name,
            )
        )
        if psus:
            session.execute(insert(FramePsu), psus)
        for start in range(0, len(contacts), BATCH):
            session.execute(insert(Contact), contacts[start : start + BATCH])
        round_.state = STATE_FRAME_SEALED
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="frame_sealed",
            details={"rows": len(frame.table), "frame_sha256": frame.sha256, "warnings": len(frame.warnings)},
        )
    progress(1, 1)


def frame_content(shell: Shell, round_id: int) -> bytes:
    """Return the sealed frame.csv of a round."""
    with shell.database.reading() as session:
        frame = session.scalars(select(SealedFrame).where(SealedFrame.round_id == round_id)).one()
        return zlib.decompress(frame.content)


def describe(frame: Frame) -> dict[str, Any]:
    """Return what reading a frame showed, as plain JSON for the page."""
    report = frame.report
    counts: dict[str, dict[str, int]] = {}
    for count in report.counts:
        counts.setdefault(count.township_code, {})[count.group] = count.units or count.psu_rows
    return {
        "name": report.name,
        "kind": report.kind,
        "rows": len(frame.table),
        "columns": [[header, column] for column, header in report.columns.items()],
        "kept": list(report.unknown),
        "counts": counts,
    }


def _read(shell: Shell, job: Job, path: Path) -> Frame:
    from sampling import Design, read_frame

    with shell.database.reading() as session:
        round_ = session.get_one(Round, job.round_id)
        townships = township_names(session, round_.county_id)
        design = Design.from_json(round_.design)
    return read_frame(path, design=design, townships=townships, name=job.parameters["name"])


def _copy(stream: BinaryIO, path: Path) -> None:
    size = 0
    with path.open("xb") as file:
        while block := stream.read(1 << 20):
            size += len(block)
            if size > UPLOAD_LIMIT:
                raise BadInput(
                    en=f"The file is larger than {UPLOAD_LIMIT >> 20} MB; leave out columns that the frame does not need, or save it as CSV.",
                    zh=f"文件超过 {UPLOAD_LIMIT >> 20} MB；请删去抽样框不需要的列，或另存为 CSV。",
                )
            file.write(block)


def _remove_uploads(shell: Shell, round_id: int) -> None:
    for path in shell.config.uploads_folder.glob(f"round-{round_id}-*"):
        path.unlink(missing_ok=True)


def _as_json(faults: Iterable[Any]) -> list[dict[str, Any]]:
    return [{**fault.bare._asdict(), "row": fault.row, "column": fault.column} for fault in faults]


def _contact_rows(frame: Frame, round_id: int) -> Iterable[dict[str, Any]]:
    table = frame.table
    table = table[table["unit_code"] != ""]
    empty = [""] * len(table)
    columns = {
        name: table[column].tolist() if column in table.columns else empty
        for name, column in {
            "township_code": "township_code",
            "group": "group",
            "unit_code": "unit_code",
            "name": "unit",
            "address": "address",
            "phone": "phone",
            "remark": "备注",
        }.items()
    }
    for values in zip(*columns.values(), strict=True):
        yield {"round_id": round_id, **dict(zip(columns, values, strict=True))}


def _psu_rows(frame: Frame, round_id: int) -> list[dict[str, Any]]:
    keys = ["township_code", "group", "psu_code"]
    table = frame.table[frame.table["psu_code"] != ""]
    listed = table[table["unit_code"] != ""].groupby(keys).size()
    sizes = table[table["unit_code"] == ""].set_index(keys)["size"]
    names = table[table["psu"] != ""].drop_duplicates(keys).set_index(keys)["psu"]
    rows = []
    for key in table.drop_duplicates(keys)[keys].itertuples(index=False, name=None):
        number = int(listed.get(key, 0))
        rows.append(
            {
                "round_id": round_id,
                "township_code": key[0],
                "group": key[1],
                "psu_code": key[2],
                "name": str(names.get(key, "")),
                "size": int(sizes.get(key) or number),
                "listed": number,
            }
        )
    return rows

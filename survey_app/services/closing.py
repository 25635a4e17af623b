"""
The closing: the box is opened once.

All ballots are opened in one transaction, shuffled into plain rows, comments and receipts under new random keys, and removed; then the key is
destroyed, and the free pages are overwritten: a mark on the round, set in the same transaction, stays until that is done, so that neither a cut-off nor a
full disk nor a reader in the way lets it be forgotten.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.db import PagesInUse
from survey_app.errors import DamagedData, WrongState
from survey_app.models import AnsweredUnit, Ballot, Base, Comment, Job, Receipt, RecordEntry, Response, Round
from survey_app.models.rounds import KEY_PRINTED, STATE_CLOSED, STATE_OPEN
from survey_app.services import counting, handover, jobs, key_halves, keys
from survey_app.services.ballots import KEY_LENGTH, BallotContent, clean_comment, seal_info, unpad
from survey_app.services.jobs import PROCESS
from survey_app.services.online import open_online_box
from survey_app.services.opened_rows import response_rows
from survey_app.services.record import append_entry
from survey_app.services.results import item_texts
from survey_app.services.rounds import Actor, get_round, lock_round, require_state
from survey_app.services.slips import remove_slips
from survey_app.shell import Progress, Shell, utc_now

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from questionnaires import Questionnaire

log = logging.getLogger(__name__)

ACT = {"act_en": "close the round", "act_zh": "关闭"}
RETRIED = ("it is tried again at the next start and every few minutes.", "下次启动时及每隔几分钟会自动重试。")
PAGES_LEFT = (
    "The round is closed and its key destroyed; old pages could not yet be overwritten (free disk space, end backups); "
    + RETRIED[0],
    "本轮已关闭，密钥已销毁；旧数据页尚未能覆写（请腾出磁盘空间，结束正在进行的备份），" + RETRIED[1],
)
KEY_LEFT = (
    "The round is closed, but its key could not yet be destroyed (make the data folder writable); " + RETRIED[0],
    "本轮已关闭，但密钥尚未能销毁（请使数据目录可写），" + RETRIED[1],
)


def request_close(shell: Shell, actor: Actor, round_id: int, halves: Mapping[str, int] | None = None) -> int:
    """
    Start closing a round in the background; return the job.

    Printed halves that were typed wait in this process's memory, beside those handed in already: the job names this process and is run by no
    other, and holds nothing of them.

    Raises
    ------
    BadInput
        If a half is not its holder's.
    WrongState
        If the round is not in the field, or a half is still missing.
    """
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        require_state(round_, STATE_OPEN, **ACT)
    if round_.key_holding != KEY_PRINTED:
        return jobs.enqueue_once(shell, actor, "close", round_id=round_id, parameters={})
    typed = halves or {}
    key_halves.check_halves(shell, actor, round_id, typed)
    if job_id := jobs.unfailed_job(shell, "close", round_id, parameters := {PROCESS: shell.vault.process}):
        return job_id
    for holder, half in typed.items():
        shell.vault.put(round_id, holder, half, actor.name)
    if missing := set(key_halves.HOLDERS) - set(shell.vault.held_by(round_id)):
        raise half_missing(min(missing))
    return jobs.enqueue_once(shell, actor, "close", round_id=round_id, parameters=parameters)


def run_close(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Close the round of a job."""
    assert job.round_id is not None
    halves = shell.vault.take(job.round_id)
    answers = close_round(shell, Actor(job.person, job.county_id), job.round_id, progress, halves=halves)
    return {"answers": answers}


def close_round(
    shell: Shell,
    actor: Actor,
    round_id: int,
    progress: Progress,
    *,
    reason: str = "",
    halves: Mapping[str, int] | None = None,
) -> int:
    """
    Close a round and open its box; return the number of answers.

    The ballots are opened first and only in memory, so that progress can be told (telling it may write); then everything up to the
    removal of the sealed ballots is one transaction, which opens what came in between. What follows (destroying the key, overwriting
    free pages) does not undo the closing when it fails: `traces_left` tells of it, `finish_closings` does it again.

    Parameters
    ----------
    halves : Mapping, optional
        The printed halves by holder; a round that keeps them in the data folder needs none.
    """
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        forms = item_texts(session, round_id)
        sealed = session.execute(select(Ballot.key, Ballot.sealed).where(Ballot.round_id == round_id)).all()
    opener = _Opener(_private_key(shell, actor, round_, halves or {}), round_.code, seal_info(round_), forms)
    opened = {}
    for key, ballot in sealed:
        opened[key] = opener.open(ballot)
        progress(len(opened), len(sealed))
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        found = _open_ballots(session, round_, opened, opener)
        details = _store_shuffled(session, round_.id, found, forms)
        counting.refuse_lost(session, round_.id, [ballot.content for ballot in found if ballot.content is not None])
        session.execute(delete(Ballot).where(Ballot.round_id == round_.id))
        if (online := open_online_box(session, round_, opener.unseal)) is not None:
            details["online_answers"] = online
        if dropped := remove_slips(session, round_.id):
            # Entered once only: no answer yet, but tied to a unit and readable with its paper.
            details["slips_dropped"] = dropped
        round_.state = STATE_CLOSED
        round_.closed_at = utc_now()
        round_.traces_left = True
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_.id,
            person=actor.name,
            action="round_closed",
            details=details,
            reason=reason,
        )
    _destroy_traces(shell, [round_id])
    return details["answers"]


def box_counts(session: Session, round_id: int) -> dict[str, int]:
    """Return what the record says was in the box of a closed round: answers, spoiled ballots, receipts; empty before the closing."""
    entry = session.scalars(
        select(RecordEntry)
        .where(RecordEntry.round_id == round_id, RecordEntry.action == "round_closed")
        .order_by(RecordEntry.number.desc())
        .limit(1)
    ).first()
    return {} if entry is None else {"spoiled": 0, "receipts": 0} | json.loads(entry.details)


def half_missing(holder: str) -> WrongState:
    """Return the refusal to close without a half."""
    en, zh = key_halves.HOLDER_NAMES[holder]
    return WrongState(
        en=f"The box opens with both halves of the key; {en} is not here (what is typed is kept for 30 minutes in memory alone, and is gone "
        "when the server starts again). Nothing was changed; type both halves again.",
        zh=f"票箱须两半密钥才能打开，现缺{zh}（输入的密钥只在内存中保留30分钟，服务器重启后即消失）。未作任何改动，请重新输入两半密钥。",
    )


def finish_closings(shell: Shell) -> None:
    """Destroy what closings left behind that were cut off or hindered; run at every start and now and then."""
    with shell.database.reading() as session:
        closed = session.execute(select(Round.id, Round.traces_left).where(Round.state == STATE_CLOSED)).all()
    left = [round_id for round_id, traces in closed if traces or keys.halves_exist(shell.config, round_id)]
    if left:
        _destroy_traces(shell, left)


def traces_left(shell: Shell, round_id: int) -> tuple[str, str] | None:
    """Return what to say (en, zh) of a closed round whose traces are not yet gone, None for all others."""
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
    if round_.state != STATE_CLOSED:
        return None
    if keys.halves_exist(shell.config, round_id):
        return KEY_LEFT
    return PAGES_LEFT if round_.traces_left else None


def _destroy_traces(shell: Shell, round_ids: list[int]) -> None:
    # The key first: whatever becomes of the pages, nobody can open an old ballot any more.
    for round_id in round_ids:
        try:
            keys.destroy_halves(shell.config, round_id)
        except OSError:
            log.exception("the key of the closed round %s could not be destroyed yet", round_id)
    try:
        shell.database.wipe_free_pages()
        with shell.database.transaction() as session:
            session.execute(update(Round).where(Round.id.in_(round_ids)).values(traces_left=False))
    except (PagesInUse, DBAPIError, OSError) as error:
        # Without the error's own text, which may quote what it was doing.
        log.warning("old pages could not be overwritten yet (%s)", type(error).__name__)


@dataclass(frozen=True)
class _Opened:
    """An opened ballot; one that holds no answer is spoiled."""

    receipt: str
    content: BallotContent | None


@dataclass(frozen=True)
class _Opener:
    """What opens the ballots of a round."""

    private_key: EllipticCurvePrivateKey
    round_code: str
    info: bytes
    forms: Mapping[str, Questionnaire]

    def unseal(self, sealed: bytes, info: bytes) -> bytes:
        return keys.unseal(self.private_key, sealed, info=info)

    def open(self, sealed: bytes) -> _Opened:
        content = unpad(self.unseal(sealed, self.info))
        if not content.inner:
            return _Opened(content.receipt, replace(content, comment=clean_comment(content.comment)))
        return _Opened(content.receipt, handover.open_inner(content, self._unseal_inner, self.forms.get(content.group)))

    def _unseal_inner(self, inner: bytes) -> bytes:
        return self.unseal(inner, handover.inner_info(self.round_code))


def _private_key(shell: Shell, actor: Actor, round_: Round, halves: Mapping[str, int]) -> EllipticCurvePrivateKey:
    if round_.public_key is None:
        raise DamagedData(en="the round has no key", zh="本轮没有密钥")
    if round_.key_holding != KEY_PRINTED:
        return keys.join_halves(shell.config, round_.id, round_.public_key)
    for holder in key_halves.HOLDERS:
        if holder not in halves:
            raise half_missing(holder)
    key_halves.check_halves(shell, actor, round_.id, halves)
    return keys.joined(halves.values())


def _open_ballots(session: Session, round_: Round, opened: Mapping[bytes, _Opened], opener: _Opener) -> list[_Opened]:
    """Return every ballot in the box opened, opening those that came after the others."""
    present = session.scalars(select(Ballot.key).where(Ballot.round_id == round_.id)).all()
    answered = session.scalar(select(func.count()).select_from(AnsweredUnit).where(AnsweredUnit.round_id == round_.id))
    if len(present) != answered:
        raise DamagedData(
            en=f"{answered} units have answered but the box holds {len(present)} ballots; nothing was changed; restore the database from a backup",
            zh=f"已答 {answered} 户，票箱中却有 {len(present)} 张答卷；未作任何改动，请从备份恢复数据库",
        )
    late = {key: opener.open(session.get_one(Ballot, key).sealed) for key in present if key not in opened}
    return [late[key] if key in late else opened[key] for key in present]


def _store_shuffled(
    session: Session, round_id: int, found: list[_Opened], forms: Mapping[str, Questionnaire]
) -> dict[str, int]:
    """Store answers, comments and receipts, each apart from the others; return how many there were."""
    random = secrets.SystemRandom()
    contents = [ballot.content for ballot in found if ballot.content is not None]
    parts: dict[type[Base], list[dict[str, Any]]] = {
        Response: response_rows(contents, forms),
        Comment: [
            {"township_code": content.township_code, "text": content.comment} for content in contents if content.comment
        ],
        Receipt: [{"code": ballot.receipt} for ballot in found if ballot.receipt],
    }
    for table, rows in parts.items():
        if rows:
            # In the order of the new keys, so that not even the place in the file keeps another order.
            new_keys = sorted(secrets.token_bytes(KEY_LENGTH) for _ in rows)
            random.shuffle(rows)
            keyed = zip(new_keys, rows, strict=True)
            session.execute(insert(table), [{"key": key, "round_id": round_id} | row for key, row in keyed])
    return {
        "answers": len(contents),
        "spoiled": len(found) - len(contents),
        "comments": len(parts[Comment]),
        "receipts": len(parts[Receipt]),
    }

"""
The ballot box: an answer is sealed as it arrives, and the box is opened once, at closing.

While the round is open the database holds that a unit has answered (`AnsweredUnit`) and, under a random key, a sealed ballot of fixed
length; no unit, no time, no order. At closing all ballots are opened in one transaction, shuffled into plain rows under new random keys,
and removed; then the key is destroyed, and the free pages are overwritten: a mark on the round, set in the same transaction, stays until
that is done, so that neither a cut-off nor a full disk nor a reader in the way lets it be forgotten.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from survey_app.db import PagesInUse
from survey_app.errors import BadInput, DamagedData
from survey_app.models import AnsweredUnit, Ballot, Card, Comment, Job, Response, Round, SampleUnit
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.services import counting, jobs, keys
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, lock_round, require_state
from survey_app.services.tokens import looks_like_token, token_hash
from survey_app.shell import Progress, Shell, utc_now

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

BALLOT_LENGTH = 4096
COMMENT_LIMIT = 500
KEY_LENGTH = 16
BATCH = 200
_LENGTH_BYTES = 4
log = logging.getLogger(__name__)

RECEIVED = "received"
ALREADY = "already"
UNKNOWN = "unknown"
VOIDED = "voided"
EARLY = "early"
LATE = "late"
READY = "ready"

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


@dataclass(frozen=True)
class BallotContent:
    """What lies inside the seal."""

    township_code: str
    group: str
    psu_code: str
    mode: str
    minutes: str
    answers: dict[str, str]
    comment: str = ""


@dataclass(frozen=True)
class CardStatus:
    """What a card's link leads to: the state, and the round and unit where there are any."""

    state: str
    round_id: int | None = None
    group: str = ""
    township_code: str = ""


def look_up(shell: Shell, token: str) -> CardStatus:
    """Tell what the card with this token can do now."""
    with shell.database.reading() as session:
        return _status(session, token)[0]


def cast(
    shell: Shell, token: str, answers: Mapping[str, str], *, mode: str = "self", minutes: str = "", comment: str = ""
) -> str:
    """
    Seal an answer and spend the card, in one transaction.

    Returns
    -------
    str
        ``received`` when the answer is durably in the box; else why it is not: ``already``, ``unknown``, ``voided``, ``early``, ``late``.
        A second sending changes nothing, whatever it says.
    """
    try:
        with shell.database.transaction() as session:
            status, unit, round_ = _status(session, token, lock=True)
            if status.state != READY or unit is None or round_ is None or round_.public_key is None:
                return status.state
            content = BallotContent(
                unit.township_code, unit.group, psu_of(unit), mode, minutes, dict(answers), comment[:COMMENT_LIMIT]
            )
            session.execute(insert(AnsweredUnit).values(sample_unit_id=unit.id, round_id=round_.id))
            session.execute(
                insert(Ballot).values(
                    key=secrets.token_bytes(KEY_LENGTH),
                    round_id=round_.id,
                    sealed=keys.seal(round_.public_key, pad(content), info=seal_info(round_)),
                )
            )
    except IntegrityError:
        # Another sending of the same card came first; the primary key of answered_units held.
        return ALREADY
    return RECEIVED


def psu_of(unit: SampleUnit) -> str:
    """Return the PSU that a ballot names: the unit's, where its group was drawn in stages, else none."""
    return unit.psu_code if unit.hits is not None else ""


def pad(content: BallotContent) -> bytes:
    """Return the content as JSON with its length in front, filled up to one length for all."""
    plain = json.dumps(asdict(content), ensure_ascii=False, separators=(",", ":")).encode()
    if len(plain) + _LENGTH_BYTES > BALLOT_LENGTH:
        raise BadInput(en="The answer is too long; shorten the comment.", zh="内容过长，请缩短留言。")
    return (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(BALLOT_LENGTH, b"\0")


def unpad(padded: bytes) -> BallotContent:
    """Return the content that `pad` made up."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return BallotContent(**json.loads(padded[_LENGTH_BYTES : _LENGTH_BYTES + length]))


def seal_info(round_: Round) -> bytes:
    """Return the HPKE info that ties a ballot to its round."""
    return f"pingyi-ballot/1|{round_.code}".encode()


def request_close(shell: Shell, actor: Actor, round_id: int) -> int:
    """Start closing a round in the background; return the job."""
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        require_state(round_, STATE_OPEN, act_en="close it", act_zh="关闭")
    return jobs.enqueue_once(shell, actor, "close", round_id=round_id, parameters={})


def run_close(shell: Shell, job: Job, progress: Progress) -> dict[str, Any]:
    """Close the round of a job."""
    assert job.round_id is not None
    answers = close_round(shell, Actor(job.person, job.county_id), job.round_id, progress)
    return {"answers": answers}


def close_round(shell: Shell, actor: Actor, round_id: int, progress: Progress, *, reason: str = "") -> int:
    """
    Close a round and open its box; return the number of answers.

    The ballots are opened first and only in memory, so that progress can be told (telling it may write); then everything up to the
    removal of the sealed ballots is one transaction, which opens what came in between. What follows (destroying the key, overwriting
    free pages) does not undo the closing when it fails: `traces_left` tells of it, `finish_closings` does it again.
    """
    opened = _open_ahead(shell, actor, round_id, progress)
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, act_en="close it", act_zh="关闭")
        contents = _open_ballots(shell, session, round_, opened)
        _store_shuffled(session, round_.id, contents)
        counting.refuse_lost(session, round_.id, contents)
        session.execute(delete(Ballot).where(Ballot.round_id == round_.id))
        round_.state = STATE_CLOSED
        round_.closed_at = utc_now()
        round_.traces_left = True
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_.id,
            person=actor.name,
            action="round_closed",
            details={"answers": len(contents)},
            reason=reason,
        )
    _destroy_traces(shell, [round_id])
    return len(contents)


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


def _status(session: Session, token: str, *, lock: bool = False) -> tuple[CardStatus, SampleUnit | None, Round | None]:
    if not looks_like_token(token):
        return CardStatus(UNKNOWN), None, None
    card = session.scalars(select(Card).where(Card.token_hash == token_hash(token))).first()
    if card is None:
        return CardStatus(UNKNOWN), None, None
    # Many may answer at once, but closing waits for them and they for it.
    round_query = select(Round).where(Round.id == card.round_id)
    round_ = session.scalars(round_query.with_for_update(read=True) if lock else round_query).one()
    if lock:
        session.refresh(card)  # it may have been voided while we waited
    unit = session.get_one(SampleUnit, card.sample_unit_id)
    answered = session.get(AnsweredUnit, unit.id) is not None
    state = _state(card, round_, answered)
    return CardStatus(state, round_.id, unit.group, unit.township_code), unit, round_


def _state(card: Card, round_: Round, answered: bool) -> str:
    if answered:
        return ALREADY
    if card.voided:
        return VOIDED
    if round_.state == STATE_OPEN:
        return READY
    return LATE if round_.state == STATE_CLOSED else EARLY


def _open_ahead(shell: Shell, actor: Actor, round_id: int, progress: Progress) -> dict[bytes, BallotContent]:
    """Open the ballots that are in the box now, in memory, key → content, outside any transaction."""
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, act_en="close it", act_zh="关闭")
        sealed = session.execute(select(Ballot.key, Ballot.sealed).where(Ballot.round_id == round_id)).all()
    private_key, info = _private_key(shell, round_), seal_info(round_)
    opened = {}
    for key, ballot in sealed:
        opened[key] = unpad(keys.unseal(private_key, ballot, info=info))
        progress(len(opened), len(sealed))
    return opened


def _private_key(shell: Shell, round_: Round) -> EllipticCurvePrivateKey:
    if round_.public_key is None:
        raise DamagedData(en="the round has no key", zh="本轮没有密钥")
    return keys.join_halves(shell.config, round_.id, round_.public_key)


def _open_ballots(
    shell: Shell, session: Session, round_: Round, opened: Mapping[bytes, BallotContent]
) -> list[BallotContent]:
    """Return the content of every ballot in the box, opening those that came after the others."""
    present = session.scalars(select(Ballot.key).where(Ballot.round_id == round_.id)).all()
    answered = session.scalar(select(func.count()).select_from(AnsweredUnit).where(AnsweredUnit.round_id == round_.id))
    if len(present) != answered:
        raise DamagedData(
            en=f"{answered} units have answered but the box holds {len(present)} ballots; nothing was changed; restore the database from a backup",
            zh=f"已答 {answered} 户，票箱中却有 {len(present)} 张答卷；未作任何改动，请从备份恢复数据库",
        )
    contents = dict(opened)
    if late := [key for key in present if key not in contents]:
        private_key, info = _private_key(shell, round_), seal_info(round_)
        for key in late:
            contents[key] = unpad(keys.unseal(private_key, session.get_one(Ballot, key).sealed, info=info))
    return [contents[key] for key in present]


def _store_shuffled(session: Session, round_id: int, contents: list[BallotContent]) -> None:
    random = secrets.SystemRandom()
    random.shuffle(contents)
    rows = [
        {
            "key": secrets.token_bytes(KEY_LENGTH),
            "round_id": round_id,
            "township_code": content.township_code,
            "group": content.group,
            "psu_code": content.psu_code,
            "mode": content.mode,
            "minutes": content.minutes,
            "answers": content.answers,
        }
        for content in contents
    ]
    comments = [
        {
            "key": secrets.token_bytes(KEY_LENGTH),
            "round_id": round_id,
            "township_code": content.township_code,
            "text": content.comment,
        }
        for content in contents
        if content.comment
    ]
    # In the order of the new keys, so that not even the place in the file keeps another order.
    for table, part in ((Response, rows), (Comment, comments)):
        if part:
            session.execute(insert(table), sorted(part, key=lambda row: row["key"]))  # type: ignore[arg-type, return-value]

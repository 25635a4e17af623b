"""
The online appraisal (网上评议) of a round: open to everyone, so no sample, and kept apart from it from the first code to the last figure.

Each township has an open page. It hands out a code on demand, at a rate; a code answers once. Answers are sealed with the round's public
key as they arrive and opened at its closing, into a table of their own; scored by themselves (scheme ``online``), exported in a folder of
their own. Who asks is not kept; so one person may answer several times, and no more is claimed of these figures than that.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import OnlineAppraisal, OnlineBallot, OnlineCode, OnlineResponse, Round
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.services import keys
from survey_app.services.ballots import KEY_LENGTH, filled, unfilled
from survey_app.services.casting import ALREADY, LATE, READY, RECEIVED, UNKNOWN
from survey_app.services.guesses import Bucket, network
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, lock_round, require_state, township_names
from survey_app.services.tokens import looks_like_token, new_token, token_hash
from survey_app.shell import Shell, utc_now

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Responses, Scores

GROUP = "online"
BALLOT_LENGTH = 2048
LEAST_RESPONSES = 5
CODE_CAPACITY, CODES_PER_SECOND = 60.0, 1.0
ADDRESS_CAPACITY, ADDRESS_PER_SECOND = 20.0, 1 / 30
"""Codes of one township, and codes to one address: so many at once, so many a second afterwards. Whole villages may share an address."""
MOST_ADDRESSES = 10_000


@dataclass(frozen=True)
class OnlineStatus:
    """What a code leads to: the state, and round and township where there are any."""

    state: str
    round_id: int | None = None
    township_code: str = ""


@dataclass(frozen=True)
class OpenPage:
    """What the open page of a township shows."""

    round_id: int
    round_name: str
    township_code: str
    township: str
    is_demo: bool


def open_online(shell: Shell, actor: Actor, round_id: int) -> None:
    """Add the online appraisal to a round in the field, its questionnaire frozen as it stands now."""
    from questionnaires import online_questionnaire

    form = online_questionnaire()
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, act_en="open the online appraisal", act_zh="开放网上评议")
        if session.get(OnlineAppraisal, round_id) is not None:
            raise WrongState(en="The online appraisal of this round is open already.", zh="本轮网上评议已经开放。")
        session.add(
            OnlineAppraisal(
                round_id=round_id,
                definition=form.to_yaml(),
                sha256=form.sha256,
                opened_at=utc_now(),
                opened_by=actor.name,
            )
        )
        append_entry(
            session,
            county_id=round_.county_id,
            round_id=round_id,
            person=actor.name,
            action="online_opened",
            details={"questionnaire_sha256": form.sha256},
        )


def open_page(session: Session, round_code: str, township_code: str) -> OpenPage:
    """Return what the open page of a township shows; there is none before the appraisal was opened or after the closing."""
    round_ = session.scalars(
        select(Round).join(OnlineAppraisal).where(Round.code == round_code, Round.state == STATE_OPEN)
    ).first()
    names = township_names(session, round_.county_id) if round_ else {}
    if round_ is None or township_code not in names:
        raise NotFound
    return OpenPage(round_.id, round_.name, township_code, names[township_code], round_.county.is_demo)


def closed_page(session: Session, round_code: str, township_code: str) -> OnlineStatus | None:
    """Return that the appraisal behind a posted address is over, None where there is none or it still runs."""
    round_ = session.scalars(
        select(Round).join(OnlineAppraisal).where(Round.code == round_code, Round.state == STATE_CLOSED)
    ).first()
    if round_ is None or township_code not in township_names(session, round_.county_id):
        return None
    return OnlineStatus(LATE, round_.id, township_code)


def hand_out(shell: Shell, page: OpenPage) -> str:
    """Return a new code of a township's open page; only its hash is stored."""
    token = new_token()
    with shell.database.transaction() as session:
        session.execute(
            insert(OnlineCode).values(
                token_hash=token_hash(token), round_id=page.round_id, township_code=page.township_code, spent=False
            )
        )
    return token


def look_up(shell: Shell, token: str) -> OnlineStatus:
    """Tell what a code can do now."""
    with shell.database.reading() as session:
        return _status(session, token)


def cast_online(shell: Shell, token: str, answers: Mapping[str, str]) -> str:
    """
    Seal an answer and spend its code, in one transaction; return ``received``, or why not.

    A second sending changes nothing.
    """
    with shell.database.transaction() as session:
        status = _status(session, token, lock=True)
        if status.state != READY:
            return status.state
        spent = session.execute(
            update(OnlineCode)
            .where(OnlineCode.token_hash == token_hash(token), OnlineCode.spent.is_(False))
            .values(spent=True)
        )
        if spent.rowcount != 1:  # type: ignore[attr-defined]
            return ALREADY
        round_ = session.get_one(Round, status.round_id)
        assert round_.public_key is not None
        sealed = keys.seal(round_.public_key, _pad(status.township_code, answers), info=_info(round_))
        session.execute(
            insert(OnlineBallot).values(key=secrets.token_bytes(KEY_LENGTH), round_id=round_.id, sealed=sealed)
        )
    return RECEIVED


def open_online_box(session: Session, round_: Round, unseal: Callable[[bytes, bytes], bytes]) -> int | None:
    """
    Open the box of the online appraisal within the transaction that closes the round.

    Returns the number of answers, None where the round has no online appraisal.

    Parameters
    ----------
    unseal : callable
        Opens a sealed ballot under an info.
    """
    if session.get(OnlineAppraisal, round_.id) is None:
        return None
    sealed = session.scalars(select(OnlineBallot.sealed).where(OnlineBallot.round_id == round_.id)).all()
    rows = []
    for ballot in sealed:
        township_code, answers = _unpad(unseal(ballot, _info(round_)))
        rows.append(
            {
                "key": secrets.token_bytes(KEY_LENGTH),
                "round_id": round_.id,
                "township_code": township_code,
                "answers": answers,
            }
        )
    if rows:
        session.execute(insert(OnlineResponse), sorted(rows, key=lambda row: row["key"]))  # type: ignore[arg-type, return-value]
    session.execute(delete(OnlineBallot).where(OnlineBallot.round_id == round_.id))
    session.execute(delete(OnlineCode).where(OnlineCode.round_id == round_.id))
    return len(rows)


def definition_of(session: Session, round_id: int) -> str:
    """Return the questionnaire as it stood when the online appraisal of a round was opened."""
    return session.get_one(OnlineAppraisal, round_id).definition


def count_online(session: Session, round_id: int) -> tuple[int, int] | None:
    """Return codes handed out and answers received while the round is open, None where it has no online appraisal."""
    if session.get(OnlineAppraisal, round_id) is None:
        return None
    handed_out = session.scalar(select(func.count()).select_from(OnlineCode).where(OnlineCode.round_id == round_id))
    received = session.scalar(select(func.count()).select_from(OnlineBallot).where(OnlineBallot.round_id == round_id))
    return handed_out or 0, received or 0


def write_online(shell: Shell, actor: Actor, round_id: int, folder: Path) -> Responses | None:
    """
    Write the folder of a closed round's online answers, as `pingyi score … --scheme online` reads it; None where there is nothing to write.

    The answers of a township with fewer than five are left out: a row would stand for a person who can be guessed.
    """
    from analysis import write_responses

    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        require_state(round_, STATE_CLOSED, act_en="see online answers", act_zh="查看网上评议结果")
        appraisal = session.get(OnlineAppraisal, round_id)
        if appraisal is None:
            return None
        table = _table(session, round_, appraisal)
        if table.empty:
            return None
        return write_responses(
            folder,
            groups={GROUP: table},
            townships=_townships(session, round_, set(table["township_code"])),
            samples=None,
            questionnaires={GROUP: appraisal.definition},
        )


def score_online(shell: Shell, actor: Actor, round_id: int) -> Scores | None:
    """Return the scores of a closed round's online appraisal, by itself; None where there is nothing to score."""
    from analysis import load_scheme, score

    with tempfile.TemporaryDirectory(prefix="online-", dir=shell.config.home) as work:
        responses = write_online(shell, actor, round_id, Path(work) / "online")
    return None if responses is None else score(responses, load_scheme(GROUP))


class CodeRate:
    """How fast codes are handed out, by township and by address, in this server process; nothing of it is kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._townships: dict[tuple[int, str], Bucket] = {}
        self._addresses: dict[str, Bucket] = {}

    def allows(self, page: OpenPage, address: str) -> bool:
        """Tell whether a township may hand out a code to this address now, and count it."""
        now, place, caller = self._clock(), (page.round_id, page.township_code), network(address)
        with self._lock:
            if len(self._addresses) >= MOST_ADDRESSES:
                self._addresses.clear()
            township = self._townships.setdefault(place, Bucket(CODE_CAPACITY, CODES_PER_SECOND, now))
            asking = self._addresses.setdefault(caller, Bucket(ADDRESS_CAPACITY, ADDRESS_PER_SECOND, now))
            return asking.take(now) and township.take(now)


def _status(session: Session, token: str, *, lock: bool = False) -> OnlineStatus:
    code = session.get(OnlineCode, token_hash(token)) if looks_like_token(token) else None
    if code is None:
        return OnlineStatus(UNKNOWN)
    query = select(Round).where(Round.id == code.round_id)
    round_ = session.scalars(query.with_for_update(read=True) if lock else query).one()
    state = ALREADY if code.spent else READY if round_.state == STATE_OPEN else LATE
    return OnlineStatus(state, round_.id, code.township_code)


def _info(round_: Round) -> bytes:
    return f"pingyi-online/1|{round_.code}".encode()


def _pad(township_code: str, answers: Mapping[str, str]) -> bytes:
    plain = json.dumps([township_code, dict(answers)], separators=(",", ":")).encode()
    if len(filled(plain, BALLOT_LENGTH)) > BALLOT_LENGTH:
        raise BadInput(en="The answer is too long.", zh="内容过长。")
    return filled(plain, BALLOT_LENGTH)


def _unpad(padded: bytes) -> tuple[str, dict[str, str]]:
    township_code, answers = json.loads(unfilled(padded))
    return township_code, answers


def _table(session: Session, round_: Round, appraisal: OnlineAppraisal) -> pd.DataFrame:
    import pandas as pd

    from questionnaires import parse_questionnaire

    items = [item.id for item in parse_questionnaire(appraisal.definition, source=GROUP).items]
    found = session.scalars(
        select(OnlineResponse).where(OnlineResponse.round_id == round_.id).order_by(OnlineResponse.key)
    ).all()
    facts = {"round": round_.code, "wave": round_.wave, "group": GROUP, "psu_code": "", "weight": 1}
    rows = [
        facts
        | {"township_code": row.township_code, "mode": "", "minutes": ""}
        | {i: row.answers.get(i, "") for i in items}
        for row in found
    ]
    columns = ["round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes", *items]
    table = pd.DataFrame(rows, columns=columns)
    enough = table["township_code"].map(table["township_code"].value_counts()) >= LEAST_RESPONSES
    return table[enough]


def _townships(session: Session, round_: Round, codes: set[str]) -> pd.DataFrame:
    import pandas as pd

    names = township_names(session, round_.county_id)
    rows = [(code, name, "") for code, name in names.items() if code in codes]
    return pd.DataFrame(rows, columns=["township_code", "township", "last_rank"])

"""
The two printed halves of a round's key: made and shown once each, typed back once, typed again at the closing.

Before the closing the two secrets never meet on the server: each half is made and shown in its holder's own session, the server keeps the
points alone, whose sum is the round's public key (docs/decisions/0009).

choose_holding   where the halves are kept: with their holders on paper, or in the data folder
make_half        make a holder's half, to be shown once
type_back        the proof that the half stands on paper
hand_in          a holder types the half for the closing, in a session of their own
states_of        where each half stands
public_key_of    the round's public key, once both are typed back
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, WrongState
from survey_app.models import KeyHalf, Round
from survey_app.models.rounds import (
    KEY_ON_SERVER,
    KEY_PRINTED,
    STATE_DRAWN,
    STATE_FRAME_SEALED,
    STATE_NEW,
    STATE_OPEN,
)
from survey_app.services import keys
from survey_app.services.curve import add_points
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor, get_round, lock_round, require_state
from survey_app.shell import Shell, utc_now

HOLDERS = keys.HOLDERS
HOLDER_NAMES = {"office": ("the office's half", "调查队一半"), "observer": ("the observer's half", "监督员一半")}
BEFORE_FIELD = (STATE_NEW, STATE_FRAME_SEALED, STATE_DRAWN)


@dataclass(frozen=True)
class HalfState:
    """Where a holder's half stands; all empty before it is made."""

    holder: str
    made_at: datetime | None = None
    made_by: str = ""
    typed_back_at: datetime | None = None
    typed_back_by: str = ""


def choose_holding(shell: Shell, actor: Actor, round_id: int, holding: str) -> None:
    """
    Say where the halves of a round's key are kept; halves already made are void where this changes.

    Raises
    ------
    BadInput
        If there is no such way.
    WrongState
        If the fieldwork has begun.
    """
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, *BEFORE_FIELD, act_en="choose who keeps the key", act_zh="选择密钥的保管方式")
        if holding not in (KEY_ON_SERVER, KEY_PRINTED):
            raise BadInput(
                en=f"the halves can be kept {KEY_PRINTED!r} or {KEY_ON_SERVER!r}, not {holding[:20]!r}; choose one",
                zh=f"保管方式只有“{KEY_PRINTED}”和“{KEY_ON_SERVER}”，没有“{holding[:20]}”，请选择其一",
            )
        if round_.key_holding == holding:
            return
        round_.key_holding = holding
        session.execute(delete(KeyHalf).where(KeyHalf.round_id == round_id))
        _record(session, round_, actor, "key_holding_set", {"holding": holding})


def make_half(shell: Shell, actor: Actor, round_id: int, holder: str, *, again: bool = False, present: str = "") -> int:
    """
    Make a holder's half and return it, to be shown once; the database keeps its point alone.

    Parameters
    ----------
    again : bool
        Whether a half that was made before is void now: it was lost before the round opened.
    present : str
        Who holds it, where it is made on another's screen.

    Raises
    ------
    WrongState
        If the round does not print its halves, the fieldwork has begun, or the half was made before and ``again`` is not said.
    """
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, *BEFORE_FIELD, act_en="make a half of the key", act_zh="生成密钥")
        _require_printed(round_)
        stored = _stored(session, round_id)
        before = stored.get(holder)
        if before is not None and not again:
            raise WrongState(
                en="This half was made already and is shown once only. Type it back from the paper; if the paper is lost, make it anew.",
                zh="这一半密钥已经生成过，只显示一次。请照纸张回输；纸张遗失的，请重新生成。",
            )
        half, point = _fitting_half(stored, holder)
        if before is not None:
            session.delete(before)
            session.flush()
        session.add(KeyHalf(round_id=round_id, holder=holder, point=point, made_at=utc_now(), made_by=actor.name))
        details = {"holder": holder, "again": before is not None}
        _record(session, round_, actor, "key_half_made", details | ({"present": present} if present else {}))
        return half


def type_back(shell: Shell, actor: Actor, round_id: int, holder: str, half: int, *, present: str = "") -> None:
    """
    Take a half as proof that it stands on paper; it is compared with its point and forgotten.

    Raises
    ------
    BadInput
        If it is not this half.
    WrongState
        If the half was not made yet, or the fieldwork has begun.
    """
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, *BEFORE_FIELD, act_en="type a half back", act_zh="回输密钥")
        stored = _stored(session, round_id)
        if holder not in stored:
            raise WrongState(
                en="This half was not made yet; make and print it first.", zh="这一半密钥尚未生成，请先生成并打印。"
            )
        _require_fitting(stored, holder, half)
        if stored[holder].typed_back_at is None:
            stored[holder].typed_back_at = utc_now()
            stored[holder].typed_back_by = actor.name
            _record(
                session,
                round_,
                actor,
                "key_half_typed_back",
                {"holder": holder} | ({"present": present} if present else {}),
            )


def hand_in(shell: Shell, actor: Actor, round_id: int, holder: str, half: int) -> None:
    """
    Take a half for the closing into this process's memory, for half an hour.

    Raises
    ------
    BadInput
        If it is not this half.
    WrongState
        If the round is not in the field or its halves are not printed.
    """
    with shell.database.transaction() as session:
        round_ = lock_round(session, actor.county_id, round_id)
        require_state(round_, STATE_OPEN, act_en="hand in a half of the key", act_zh="交入密钥")
        _require_printed(round_)
        _require_fitting(_stored(session, round_id), holder, half)
        _record(session, round_, actor, "key_half_handed_in", {"holder": holder})
    shell.vault.put(round_id, holder, half, actor.name)


def check_halves(shell: Shell, actor: Actor, round_id: int, halves: Mapping[str, int]) -> None:
    """Refuse unless each of these halves is its holder's; nothing is changed or kept."""
    with shell.database.reading() as session:
        get_round(session, actor.county_id, round_id)
        stored = _stored(session, round_id)
        for holder, half in halves.items():
            _require_fitting(stored, holder, half)


def states_of(session: Session, round_id: int) -> dict[str, HalfState]:
    """Return where each holder's half stands."""
    stored = _stored(session, round_id)
    return {
        holder: HalfState(holder, half.made_at, half.made_by, half.typed_back_at, half.typed_back_by or "")
        if (half := stored.get(holder))
        else HalfState(holder)
        for holder in HOLDERS
    }


def public_key_of(session: Session, round_: Round) -> bytes:
    """
    Return the public key of a round whose halves are printed.

    Raises
    ------
    WrongState
        If a half was not typed back yet.
    """
    stored = _stored(session, round_.id)
    for holder in HOLDERS:
        if holder not in stored or stored[holder].typed_back_at is None:
            en, zh = HOLDER_NAMES[holder]
            raise WrongState(
                en=f"The fieldwork can begin once both halves of the key are printed and typed back; {en} is not yet. Go to the round's page, Key.",
                zh=f"两半密钥都打印并回输后才能开始调查；{zh}尚未回输。请到本轮页面的“票箱密钥”办理。",
            )
    return add_points(*(stored[holder].point for holder in HOLDERS))


def _fitting_half(stored: Mapping[str, KeyHalf], holder: str) -> tuple[int, bytes]:
    """Return a new half with its point, one that gives a key together with the other (all but one in 2^256 do)."""
    others = [half.point for other, half in stored.items() if other != holder]
    while True:
        half = keys.new_half()
        point = keys.point_of(half)
        try:
            for other in others:
                add_points(point, other)
        except ValueError:
            continue
        return half, point


def _require_fitting(stored: Mapping[str, KeyHalf], holder: str, half: int) -> None:
    point = keys.point_of(half)
    if holder in stored and stored[holder].point == point:
        return
    en, zh = HOLDER_NAMES[holder]
    owner = next((other for other, known in stored.items() if known.point == point), None)
    if owner is not None:
        owner_en, owner_zh = HOLDER_NAMES[owner]
        raise BadInput(
            en=f"Expected {en}, this is {owner_en}; nothing was changed. Take the other paper.",
            zh=f"这里应输入{zh}，您输入的是{owner_zh}，未作任何改动。请换另一张纸。",
        )
    raise BadInput(
        en=f"This is not {en} of this round, though no line is mistyped; nothing was changed. See that the paper is of this round, "
        "that it is the last one made, and that the lines stand in their order.",
        zh=f"各行没有输错，但这不是本轮的{zh}，未作任何改动。请核对：纸上是否本轮、是否最后一次生成的、各行次序是否正确。",
    )


def _require_printed(round_: Round) -> None:
    if round_.key_holding != KEY_PRINTED:
        raise WrongState(
            en="This round keeps both halves of its key on the server; choose printed halves first.",
            zh="本轮的两半密钥都存放在服务器上；请先改为打印保管。",
        )


def _stored(session: Session, round_id: int) -> dict[str, KeyHalf]:
    return {half.holder: half for half in session.scalars(select(KeyHalf).where(KeyHalf.round_id == round_id))}


def _record(session: Session, round_: Round, actor: Actor, action: str, details: Mapping[str, Any]) -> None:
    append_entry(
        session, county_id=round_.county_id, round_id=round_.id, person=actor.name, action=action, details=details
    )

"""
What investigators' phones send: visits, requests for reserves, sealed ballots, each kept once.

An action carries a key that the phone made; sent again it changes nothing. Each stands by itself: one that is refused does not keep the
others back. Only where something unforeseen stops one do the later ones of the same unit wait with it, so that their order holds.

A phone that was revoked may still hand in sealed ballots before it wipes itself, as whoever holds a card may: `take_ballots`.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from survey_app.errors import AppError, BadInput, NotFound
from survey_app.models.visits import RELEASE_REFUSED, RELEASE_VOID
from survey_app.services import casting, releases, visits
from survey_app.services.casting import CardStatus
from survey_app.services.phones import Phone
from survey_app.services.visits import Visitor
from survey_app.shell import Shell
from survey_app.unseen import refuse_unseen

log = logging.getLogger(__name__)

MOST_ACTIONS = 200
MOST_BALLOTS = 20
KEPT, ALREADY, REFUSED, AGAIN = "kept", "already", "refused", "again"
LONGEST_INNER = 8192
SERVERS_OWN = 500
"""From this status on it is the server that is in trouble, not what was sent: a full disk, a database that is away. It is to come again."""
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class ActionResult:
    """What became of one action; the sentence is empty where there is nothing to say."""

    key: str
    state: str
    en: str = ""
    zh: str = ""


@dataclass(frozen=True)
class _Sender:
    shell: Shell
    visitor: Visitor
    phone_now: datetime | None


def take_actions(shell: Shell, phone: Phone, body: Any) -> list[ActionResult]:
    """
    Keep what a phone has sent, in its order.

    Raises
    ------
    BadInput
        If the whole is no list of at most 200 actions with the phone's time.
    """
    actions = _actions(body, MOST_ACTIONS)
    sender = _Sender(
        shell, Visitor(phone.person_id, phone.name, phone.county_id), _moment(body, "phone_now", needed=False)
    )
    waiting_units: set[object] = set()
    return [_take(sender, action, waiting_units) for action in actions]


def take_ballots(shell: Shell, body: Any) -> list[ActionResult]:
    """
    Put sealed ballots into the box for whoever sends them: each card's token is the permission, as on its own page.

    Nothing is asked or kept of who sends. Whoever has the token could answer on the card's page just as well.

    Raises
    ------
    BadInput
        If the whole is no list of at most 20 actions.
    NotConfirmed, DatabaseAway
        If one could not be stored at this moment; the phone then waits as where there is no line, and sends all again.
    """
    return [_take_loose(shell, action) for action in _actions(body, MOST_BALLOTS)]


def _actions(body: Any, most: int) -> list[Any]:
    if not isinstance(body, dict) or not isinstance(body.get("actions"), list) or len(body["actions"]) > most:
        raise BadInput(
            en=f"Expected an object with a list of at most {most} actions; nothing was changed.",
            zh=f"应为含至多 {most} 条操作的列表，未作任何改动。",
        )
    return list(body["actions"])


def _take_loose(shell: Shell, action: object) -> ActionResult:
    given = action if isinstance(action, dict) else {}
    key = str(given.get("key", ""))[:64]
    try:
        if given.get("kind") != "ballot":
            raise BadInput(
                en="Expected a sealed ballot; nothing else is taken here.", zh="应为密封的答卷，其他一概不收。"
            )
        return ActionResult(key, *_cast(shell, given))
    except AppError as refusal:
        if refusal.status >= SERVERS_OWN:
            raise
        return ActionResult(key, REFUSED, refusal.en, refusal.zh)
    except Exception:
        log.exception("unforeseen error in a sealed ballot")
        return ActionResult(key, AGAIN)


def _take(sender: _Sender, action: object, waiting_units: set[object]) -> ActionResult:
    given = action if isinstance(action, dict) else {}
    key = str(given.get("key", ""))[:64]
    unit_id = given.get("unit_id")
    unit = unit_id if isinstance(unit_id, int) else None
    if unit in waiting_units:
        return ActionResult(key, AGAIN)
    try:
        for name, value in given.items():
            refuse_unseen(name, value if isinstance(value, str) else "")
        kind = given.get("kind")
        take = _TAKERS.get(kind) if isinstance(kind, str) else None
        if take is None:
            raise BadInput(
                en=f"Expected a visit, a release or a ballot, got {str(kind)[:40]!r}.",
                zh=f"应为访问、替换申请或答卷，实为“{str(kind)[:40]}”。",
            )
        state, en, zh = take(sender, given)
    except NotFound:
        return ActionResult(
            key, REFUSED, "This unit is not on your list (any more).", "该单元不在（或已不在）您的名单中。"
        )
    except AppError as refusal:
        if refusal.status >= SERVERS_OWN:
            waiting_units.add(unit)
            return ActionResult(key, AGAIN)
        return ActionResult(key, REFUSED, refusal.en, refusal.zh)
    except Exception:
        log.exception("unforeseen error in an action of a phone")
        waiting_units.add(unit)
        return ActionResult(key, AGAIN)
    return ActionResult(key, state, en, zh)


def _take_visit(sender: _Sender, action: Mapping[str, Any]) -> tuple[str, str, str]:
    visited_at, clock_moved = _not_after_sending(sender, action, "visited_at")
    kept = visits.record_visit(
        sender.shell,
        sender.visitor,
        key=_key(action),
        unit_id=_unit_id(action),
        outcome=_text(action, "outcome"),
        visited_at=visited_at,
        others_present=_text(action, "others_present"),
        appointment_at=_moment(action, "appointment_at", needed=False),
        phone_now=sender.phone_now,
        clock_moved=clock_moved,
    )
    return ALREADY if kept.again else KEPT, "", ""


def _take_release(sender: _Sender, action: Mapping[str, Any]) -> tuple[str, str, str]:
    answer = releases.ask_release(
        sender.shell,
        sender.visitor,
        key=_key(action),
        unit_id=_unit_id(action),
        reason=_text(action, "reason"),
        asked_at=_not_after_sending(sender, action, "asked_at")[0],
        phone_now=sender.phone_now,
    )
    if answer.state == RELEASE_VOID:
        return ALREADY, "This unit has answered; it needs no replacement.", "该单元已经作答，无须替换。"
    if answer.state == RELEASE_REFUSED:
        return KEPT, "The supervisor has refused this request.", "督导员未同意此申请。"
    return KEPT, "", ""


def _take_ballot(sender: _Sender, action: Mapping[str, Any]) -> tuple[str, str, str]:
    _key(action)
    unit_id, status = _unit_id(action), casting.look_up(sender.shell, _text(action, "token"))
    # Whose list the unit is on now does not matter: an answer that was given is not lost because the place changed hands.
    if status.unit is not None and status.unit.id != unit_id:
        return REFUSED, *_CARD_OF_ANOTHER
    return _cast(sender.shell, action, status)


def _cast(shell: Shell, action: Mapping[str, Any], status: CardStatus | None = None) -> tuple[str, str, str]:
    state = casting.cast_sealed(shell, _text(action, "token"), _inner(action), status=status)
    known: dict[str, tuple[str, str, str]] = {
        casting.RECEIVED: (KEPT, "", ""),
        casting.ALREADY: (
            ALREADY,
            "An answer for this card is in the box; the first one counts.",
            "该卡的答卷已在票箱中，以先收到的为准。",
        ),
        casting.VOIDED: (
            REFUSED,
            "This card was voided by a new one, so this answer does not count; go there again and let the person answer with the new card.",
            "该答卷卡已补发作废，这份答卷未能计入；请再到该户，用新卡重新作答。",
        ),
        casting.LATE: (
            REFUSED,
            "The round is closed; this answer came too late and does not count. Tell the survey team.",
            "本轮评议已截止，这份答卷未能计入。请告知调查队。",
        ),
        casting.EARLY: (REFUSED, "The round is not open yet.", "本轮评议尚未开始。"),
    }
    return known.get(state, (REFUSED, "There is no such card.", "找不到这张答卷卡。"))


_CARD_OF_ANOTHER = (
    "The card of this sealed answer belongs to another household; nothing was stored. Load the list anew and let the person answer again.",
    "这份密封答卷所用的答卷卡不属于该户，未作保存。请更新名单后，再请对方重新作答。",
)
_TAKERS: dict[str, Callable[[_Sender, Mapping[str, Any]], tuple[str, str, str]]] = {
    "visit": _take_visit,
    "release": _take_release,
    "ballot": _take_ballot,
}


def _not_after_sending(sender: _Sender, action: Mapping[str, Any], name: str) -> tuple[datetime, bool]:
    """
    Return a time that is not after the sending, by the phone's own clock, and whether it had to be moved.

    A clock that was put back in between makes the past look like the future. The app sees that and says so (``clock_moved``); then the
    record is kept, its time marked as doubtful. A time in the future of which nothing is said is refused further on.
    """
    at = _needed_moment(action, name)
    if action.get("clock_moved") is True and sender.phone_now is not None and at > sender.phone_now + visits.AHEAD:
        return sender.phone_now, True
    return at, False


def _key(action: Mapping[str, Any]) -> bytes:
    try:
        key = bytes.fromhex(_text(action, "key"))
    except ValueError:
        key = b""
    if len(key) != visits.KEY_LENGTH:
        raise BadInput(en="Expected a key of 32 hexadecimal digits.", zh="操作的标识应为 32 位十六进制数。")
    return key


def _unit_id(action: Mapping[str, Any]) -> int:
    value = action.get("unit_id")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_ID:
        raise NotFound
    return value


def _text(action: Mapping[str, Any], name: str) -> str:
    value = action.get(name)
    if not isinstance(value, str) or len(value) > 200:
        raise BadInput(en=f"Expected a text as {name!r}.", zh=f"“{name}”应为文字。")
    return value


def _inner(action: Mapping[str, Any]) -> bytes:
    value = action.get("inner")
    try:
        if not isinstance(value, str) or len(value) > LONGEST_INNER:
            raise ValueError
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadInput(en="Expected the sealed answer in base 64.", zh="密封的答卷应为 base64 编码。") from error


def _needed_moment(action: Mapping[str, Any], name: str) -> datetime:
    moment = _moment(action, name, needed=True)
    assert moment is not None
    return moment


def _moment(values: Mapping[str, Any], name: str, *, needed: bool) -> datetime | None:
    value = values.get(name)
    if value is None and not needed:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        if moment is not None:
            # At either end of the calendar a zone leads out of it.
            moment = moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise BadInput(
            en=f"Expected a time with its zone as {name!r}, such as 2026-11-23T18:30:00+08:00.",
            zh=f"“{name}”应为带时区的时间，如 2026-11-23T18:30:00+08:00。",
        )
    return moment


def result_dicts(results: Sequence[ActionResult]) -> list[dict[str, str]]:
    """Return the results as the phone reads them."""
    return [{"key": one.key, "state": one.state, "en": one.en, "zh": one.zh} for one in results]

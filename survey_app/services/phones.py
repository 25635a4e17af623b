"""
Investigators' phones: enrolled with a single-use link, opened with a PIN, blocked after five wrong ones, revoked by the office.

The phone keeps a long random secret in a cookie; here lie only its hash and the PIN's. What the phone stores is sealed under a key of its
own, which the PIN opens there; `recovery_key` opens it too, so that a forgotten PIN or a new enrolment loses nothing that waits to be sent.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.config import Config, secret
from survey_app.errors import AppError, BadInput, NotAllowed, PhoneRefused
from survey_app.models import Device, Person
from survey_app.models.people import LINK_ENROL, ROLE_INVESTIGATOR
from survey_app.services import people
from survey_app.services.people import find_person
from survey_app.services.record import append_entry
from survey_app.shell import Shell, utc_now

PIN_LENGTH = 6
WRONG_PINS = 5
SEEN_STEP = timedelta(minutes=15)
"""As finely is told when a phone was last online: a moment would tell when an answer was sent."""
STATE_NONE, STATE_CLOSED, STATE_BLOCKED, STATE_REVOKED, STATE_WRONG = (
    "none",
    "closed",
    "blocked",
    "revoked",
    "wrong_pin",
)
_hasher = PasswordHasher()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Phone:
    """A phone in force, and whose it is."""

    id: int
    person_id: int
    name: str
    county_id: int


@dataclass(frozen=True)
class EnrolledPhone:
    """A phone just enrolled, with the secret that it alone will keep."""

    phone: Phone
    secret: str


def person_to_enrol(session: Session, token: str, *, now: datetime | None = None) -> Person:
    """Return whose phone a link would enrol, without using it up."""
    return people.person_of_link(session, token, purpose=LINK_ENROL, now=now)


def enrol_by_link(
    shell: Shell, token: str, pin: str, *, earlier: str | None = None, now: datetime | None = None
) -> EnrolledPhone:
    """
    Use an enrolment link up and make this phone its person's.

    Parameters
    ----------
    token : str
        The link's token.
    pin : str
        Six digits that the investigator chose.
    earlier : str, optional
        The secret that this phone kept till now; that enrolment ends.
    """
    check_pin(pin)
    now = now or utc_now()
    pin_hash = _hasher.hash(pin)
    with shell.database.transaction() as session:
        person = people.use_link(session, token, LINK_ENROL, now=now)
        return _enrol(session, person, pin_hash, earlier, now)


def enrol_signed_in(
    shell: Shell, person_id: int, pin: str, *, earlier: str | None = None, now: datetime | None = None
) -> EnrolledPhone:
    """Make this phone that of an investigator who has signed in on it."""
    check_pin(pin)
    now = now or utc_now()
    pin_hash = _hasher.hash(pin)
    with shell.database.transaction() as session:
        person = find_person(session, person_id)
        if person is None:
            raise NotAllowed(en="This account is closed.", zh="该账号已停用。")
        return _enrol(session, person, pin_hash, earlier, now)


def check_pin(pin: str) -> None:
    """Refuse a PIN that is not six digits, or one that is guessed first."""
    if not (len(pin) == PIN_LENGTH and pin.isascii() and pin.isdigit()):
        raise BadInput(en="The PIN must be six digits; choose another.", zh="PIN 应为 6 位数字，请重新设置。")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(set(pin)) == 1 or steps in ({1}, {9}):
        raise BadInput(
            en="Six equal digits or six in a row are guessed first; choose another PIN.",
            zh="6 位相同或连续的数字最先被猜到，请换一个 PIN。",
        )


def find_phone(session: Session, device_secret: str | None) -> Phone:
    """
    Return the phone with this secret.

    Raises
    ------
    PhoneRefused
        If it is not enrolled, was revoked, or is blocked by wrong PINs.
    """
    return _in_force(session, _device(session, device_secret))


def open_phone(shell: Shell, device_secret: str | None, pin: str, *, now: datetime | None = None) -> Phone:
    """
    Check a PIN and return the phone it opens.

    Each try counts as wrong before it is looked at, so that many at once are no more than five.

    Raises
    ------
    PhoneRefused
        If the phone is refused as by `find_phone`, or the PIN is wrong.
    """
    with shell.database.transaction() as session:
        device = _device(session, device_secret)
        phone = _in_force(session, device)
        session.execute(update(Device).where(Device.id == phone.id).values(wrong_pins=Device.wrong_pins + 1))
        session.flush()
        session.refresh(device)
        tries, pin_hash = device.wrong_pins, device.pin_hash
        if tries > WRONG_PINS:
            raise _refusal(STATE_BLOCKED)
    if not _fits(pin_hash, pin):
        if tries == WRONG_PINS:
            _record_block(shell, phone)
            raise _refusal(STATE_BLOCKED)
        left = WRONG_PINS - tries
        raise PhoneRefused(
            STATE_WRONG,
            en=f"This PIN is not right; {left} {'tries' if left > 1 else 'try'} left, then the phone is blocked.",
            zh=f"PIN 不正确，还可以再试 {left} 次，之后本机将被锁定。",
            left=left,
        )
    with shell.database.transaction() as session:
        session.execute(
            update(Device).where(Device.id == phone.id).values(wrong_pins=0, seen_at=_coarse(now or utc_now()))
        )
    return phone


def note_online(shell: Shell, phone: Phone, *, now: datetime | None = None) -> None:
    """
    Keep that a phone was online in this quarter of an hour, whether it had anything to send or not; once in each is enough.

    What the phone asked for does not hang on it: where it cannot be stored, it is noted the next time.
    """
    quarter = _coarse(now or utc_now())
    older = or_(Device.seen_at.is_(None), Device.seen_at < quarter)
    try:
        with shell.database.reading() as session:
            due = session.scalar(select(Device.id).where(Device.id == phone.id, older)) is not None
        if due:
            with shell.database.transaction() as session:
                session.execute(update(Device).where(Device.id == phone.id, older).values(seen_at=quarter))
    except (AppError, DBAPIError) as error:
        log.warning("that a phone was online could not be kept (%s)", type(error).__name__)


def recovery_key(config: Config, person_id: int) -> bytes:
    """Return the second key to what a person's phones store; no phone keeps it, it is given out against the PIN alone."""
    return hmac.digest(secret(config, "phones"), f"pingyi-phone/1|{person_id}".encode(), "sha256")


def _enrol(session: Session, person: Person, pin_hash: str, earlier: str | None, now: datetime) -> EnrolledPhone:
    if ROLE_INVESTIGATOR not in {role.role for role in person.roles}:
        raise NotAllowed(en="Only an investigator's phone can be enrolled.", zh="只有调查员的手机可以登记。")
    if earlier:
        session.execute(
            update(Device)
            .where(Device.secret_hash == _digest(earlier), Device.revoked_at.is_(None))
            .values(revoked_at=now)
        )
    value = secrets.token_urlsafe(32)
    device = Device(
        person_id=person.id,
        secret_hash=_digest(value),
        pin_hash=pin_hash,
        enrolled_at=now,
        seen_at=_coarse(now),
        wrong_pins=0,
    )
    session.add(device)
    session.flush()
    append_entry(
        session,
        county_id=person.county_id,
        person=person.display_name,
        action="phone_enrolled",
        details={"phone": device.id, "account": person.name},
    )
    return EnrolledPhone(Phone(device.id, person.id, person.display_name, person.county_id), value)


def _device(session: Session, device_secret: str | None) -> Device:
    found = (
        session.scalars(select(Device).where(Device.secret_hash == _digest(device_secret))).first()
        if device_secret
        else None
    )
    if found is None:
        raise _refusal(STATE_NONE)
    return found


def _in_force(session: Session, device: Device) -> Phone:
    person = find_person(session, device.person_id)
    if device.revoked_at is not None or person is None:
        raise _refusal(STATE_REVOKED)
    if ROLE_INVESTIGATOR not in {role.role for role in person.roles}:
        raise _refusal(STATE_REVOKED)
    if device.wrong_pins >= WRONG_PINS:
        raise _refusal(STATE_BLOCKED)
    return Phone(device.id, person.id, person.display_name, person.county_id)


def _record_block(shell: Shell, phone: Phone) -> None:
    with shell.database.transaction() as session:
        append_entry(
            session,
            county_id=phone.county_id,
            person=phone.name,
            action="phone_blocked",
            details={"phone": phone.id, "wrong_pins": WRONG_PINS},
        )


def _fits(pin_hash: str | None, pin: str) -> bool:
    try:
        return pin_hash is not None and _hasher.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def _coarse(moment: datetime) -> datetime:
    """Return the beginning of the quarter of an hour."""
    return moment - timedelta(
        minutes=moment.minute % (SEEN_STEP // timedelta(minutes=1)),
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def closed_refusal() -> PhoneRefused:
    """Return the refusal of a phone whose PIN has to be entered first."""
    return _refusal(STATE_CLOSED)


def _refusal(state: str) -> PhoneRefused:
    en, zh = _SENTENCES[state]
    return PhoneRefused(state, en=en, zh=zh)


_SENTENCES = {
    STATE_NONE: (
        "This phone is not enrolled. Ask the survey team for an enrolment code; what waits on this phone is kept until then.",
        "本机尚未登记，请向调查队索取登记二维码；本机中待发送的记录会保留。",
    ),
    STATE_CLOSED: ("Enter your PIN.", "请输入 PIN。"),
    STATE_BLOCKED: (
        "The PIN was wrong five times, so this phone is blocked. Nothing is lost: ask the survey team for a new enrolment code.",
        "PIN 连续输错 5 次，本机已锁定。记录没有丢失，请向调查队索取新的登记二维码。",
    ),
    STATE_REVOKED: (
        "The survey team has ended this phone's enrolment; its data were removed from the phone. Ask them for a new code.",
        "调查队已停用本机，机内数据已清除。如仍需使用，请向调查队索取新的登记二维码。",
    ),
}

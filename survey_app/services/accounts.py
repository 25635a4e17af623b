"""
What the office does with people: invite, let in, send a new link, close an account, enrol and revoke phones.

Every act is an entry of the record. Nobody is deleted: what they did keeps their name.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Device, Person, SignInLink
from survey_app.models.people import (
    LINK_ENROL,
    LINK_INVITE,
    LINK_SIGN_IN,
    ROLE_INVESTIGATOR,
    ROLES,
)
from survey_app.services import people
from survey_app.services.record import append_entry
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, utc_now
from survey_app.unseen import clean_name

PENDING = "invited-"
"""How the names of those begin who have not chosen one yet."""
NAME_LENGTHS = (3, 40)


@dataclass(frozen=True)
class KnownDevice:
    """A phone of an investigator."""

    id: int
    enrolled_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None
    wrong_pins: int


@dataclass(frozen=True)
class KnownPerson:
    """A person of the county, as the office sees them."""

    id: int
    name: str
    display_name: str
    roles: tuple[str, ...]
    active: bool
    pending: bool
    """Whether the invitation has not been taken up."""
    devices: tuple[KnownDevice, ...]


def list_people(session: Session, county_id: int) -> list[KnownPerson]:
    """Return the county's people, those with accounts in force first, by role and name."""
    found = session.scalars(select(Person).where(Person.county_id == county_id).order_by(Person.id)).all()
    devices: dict[int, list[Device]] = {}
    owners = [person.id for person in found]
    for device in session.scalars(select(Device).where(Device.person_id.in_(owners)).order_by(Device.id)):
        devices.setdefault(device.person_id, []).append(device)
    known = [_known(person, devices.get(person.id, [])) for person in found]
    return sorted(
        known,
        key=lambda person: (not person.active, [ROLES.index(role) for role in person.roles], person.display_name),
    )


def find_known(session: Session, county_id: int, person_id: int) -> KnownPerson:
    """Return a person of this county; another county's does not exist for it."""
    person = _person(session, county_id, person_id)
    return _known(person, session.scalars(select(Device).where(Device.person_id == person_id).order_by(Device.id)))


def investigators(session: Session, county_id: int) -> list[KnownPerson]:
    """Return the county's investigators whose accounts are in force."""
    return [person for person in list_people(session, county_id) if person.active and ROLE_INVESTIGATOR in person.roles]


def invite(shell: Shell, actor: Actor, *, display_name: str, roles: Iterable[str]) -> tuple[int, str]:
    """
    Make an account that waits for its person; return its id and the token of the invitation.

    Raises
    ------
    BadInput
        If the name is empty or too long, nothing of it can be seen, no role is given, or the roles may not go together.
    """
    shown, held = clean_name(display_name), tuple(dict.fromkeys(roles))
    if not shown:
        raise BadInput(
            en="Expected a name that can be read, got nothing that can be seen; enter the person's own name.",
            zh="姓名应能看见，所填内容中没有可见的字；请填写本人姓名。",
        )
    if len(shown) > NAME_LENGTHS[1]:
        raise BadInput(
            en=f"Expected a name of 1 to {NAME_LENGTHS[1]} characters, got {len(shown)}; enter the person's own name.",
            zh=f"姓名应为 1 至 {NAME_LENGTHS[1]} 个字，实为 {len(shown)} 个；请填写本人姓名。",
        )
    with shell.database.transaction() as session:
        person = people.create_person(
            session,
            county_id=actor.county_id,
            name=PENDING + secrets.token_hex(8),
            display_name=shown,
            roles=held,
        )
        token = people.make_link(session, person, LINK_INVITE)
        _note(session, actor, "person_invited", {"person": shown, "roles": sorted(held)})
        return person.id, token


def take_up(shell: Shell, token: str, *, name: str, password: str) -> int:
    """
    Take an invitation up: the person chooses a name and a password. Return the person's id.

    Raises
    ------
    NotAllowed
        If the link is used up, expired or of another kind.
    BadInput
        If the name is taken or has the wrong form, or the password is too short.
    """
    chosen = name.strip()
    _check_name(chosen)
    hashed = people.hash_password(password)
    taken = BadInput(
        en=f"The user name {chosen!r} is taken; choose another.", zh=f"用户名“{chosen}”已被使用，请另选一个。"
    )
    try:
        with shell.database.transaction() as session:
            person = people.use_link(session, token, LINK_INVITE)
            if session.scalars(select(Person.id).where(Person.name == chosen, Person.id != person.id)).first():
                raise taken
            person.name, person.password_hash = chosen, hashed
            person.session_number += 1
            append_entry(
                session,
                county_id=person.county_id,
                person=person.display_name,
                action="invitation_taken_up",
                details={"name": chosen, "roles": sorted(role.role for role in person.roles)},
            )
            return person.id
    except IntegrityError as error:
        raise taken from error


def send_new_link(shell: Shell, actor: Actor, person_id: int) -> str:
    """Return the token of a new invitation, for one who lost the link or forgot the password; earlier links end."""
    with shell.database.transaction() as session:
        person = _active(session, actor.county_id, person_id)
        _end_links(session, person_id, LINK_INVITE, LINK_SIGN_IN)
        token = people.make_link(session, person, LINK_INVITE)
        _note(session, actor, "link_made", {"person": person.display_name, "for": LINK_INVITE})
        return token


def enrol_link(shell: Shell, actor: Actor, person_id: int) -> str:
    """
    Return the token of a link that enrols an investigator's phone once, within a day; earlier ones end.

    Raises
    ------
    BadInput
        If the person is no investigator.
    """
    with shell.database.transaction() as session:
        person = _active(session, actor.county_id, person_id)
        if ROLE_INVESTIGATOR not in {role.role for role in person.roles}:
            raise BadInput(
                en="Only investigators' phones are enrolled; this person is none.",
                zh="只有调查员的手机需要登记，该人不是调查员。",
            )
        _end_links(session, person_id, LINK_ENROL)
        token = people.make_link(session, person, LINK_ENROL)
        _note(session, actor, "link_made", {"person": person.display_name, "for": LINK_ENROL})
        return token


def close_account(shell: Shell, actor: Actor, person_id: int, *, by_id: int, reason: str) -> None:
    """
    Close an account: its sessions end, its phones are revoked, its links are used up.

    Raises
    ------
    BadInput
        If no reason is given.
    WrongState
        If it is one's own account, or closed already.
    """
    if not reason.strip():
        raise BadInput(en="Say why the account is closed.", zh="请说明停用的理由。")
    if person_id == by_id:
        raise WrongState(
            en="This is your own account; let a colleague close it.", zh="这是您自己的账号，请由同事停用。"
        )
    now = utc_now()
    with shell.database.transaction() as session:
        person = _active(session, actor.county_id, person_id)
        person.active = False
        person.session_number += 1
        _end_links(session, person_id, LINK_INVITE, LINK_SIGN_IN, LINK_ENROL)
        session.execute(
            update(Device).where(Device.person_id == person_id, Device.revoked_at.is_(None)).values(revoked_at=now)
        )
        _note(session, actor, "account_closed", {"person": person.display_name, "name": person.name}, reason)


def revoke_device(shell: Shell, actor: Actor, device_id: int, *, reason: str) -> int:
    """
    Revoke a phone, at once; return whose it was.

    Raises
    ------
    BadInput
        If no reason is given.
    WrongState
        If it was revoked already.
    """
    if not reason.strip():
        raise BadInput(en="Say why the phone is revoked.", zh="请说明注销手机的理由。")
    with shell.database.transaction() as session:
        device = session.get(Device, device_id)
        if device is None:
            raise NotFound
        person = _person(session, actor.county_id, device.person_id)
        if device.revoked_at is not None:
            raise WrongState(en="This phone was revoked already.", zh="这部手机已经注销。")
        device.revoked_at = utc_now()
        _note(session, actor, "phone_revoked", {"person": person.display_name, "phone": device_id}, reason)
        return person.id


def _check_name(name: str) -> None:
    low, high = NAME_LENGTHS
    if not low <= len(name) <= high or any(sign.isspace() or not sign.isprintable() for sign in name):
        raise BadInput(
            en=f"Expected a user name of {low} to {high} characters without blanks; choose another.",
            zh=f"用户名应为 {low} 至 {high} 个字符，不含空格；请重新填写。",
        )
    if name.startswith(PENDING):
        raise BadInput(
            en=f"A user name cannot begin with {PENDING}; choose another.", zh=f"用户名不能以 {PENDING} 开头。"
        )


def _person(session: Session, county_id: int, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.county_id != county_id:
        raise NotFound
    return person


def _active(session: Session, county_id: int, person_id: int) -> Person:
    person = _person(session, county_id, person_id)
    if not person.active:
        raise WrongState(en="This account is closed already.", zh="该账号已经停用。")
    return person


def _end_links(session: Session, person_id: int, *purposes: str) -> None:
    session.execute(
        update(SignInLink)
        .where(
            SignInLink.person_id == person_id,
            SignInLink.purpose.in_(purposes),
            SignInLink.used_at.is_(None),
        )
        .values(used_at=utc_now())
    )


def _known(person: Person, devices: Iterable[Device]) -> KnownPerson:
    return KnownPerson(
        id=person.id,
        name=person.name,
        display_name=person.display_name,
        roles=tuple(sorted((role.role for role in person.roles), key=ROLES.index)),
        active=person.active,
        pending=person.name.startswith(PENDING),
        devices=tuple(
            KnownDevice(device.id, device.enrolled_at, device.seen_at, device.revoked_at, device.wrong_pins)
            for device in devices
        ),
    )


def _note(session: Session, actor: Actor, action: str, details: dict[str, object], reason: str = "") -> None:
    append_entry(
        session,
        county_id=actor.county_id,
        person=actor.name,
        action=action,
        details=details,
        reason=reason.strip(),
    )

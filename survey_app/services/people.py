"""Accounts, passwords (argon2) and single-use links: to sign in, to take up an invitation, to enrol a phone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.errors import BadInput, NotAllowed
from survey_app.models import Person, PersonRole, SignInLink
from survey_app.models.people import LINK_ENROL, LINK_INVITE, LINK_SIGN_IN, ROLE_OFFICE, ROLE_SUPERVISOR, ROLES
from survey_app.shell import Shell, utc_now

LINK_LIVES = {LINK_SIGN_IN: timedelta(days=7), LINK_INVITE: timedelta(days=7), LINK_ENROL: timedelta(hours=24)}
"""How long a link waits to be used, by what it is for."""
TOGETHER = {ROLE_OFFICE, ROLE_SUPERVISOR}
"""The only roles that one person may hold together: who asks for a reserve must not grant it, who watches must not act."""
PASSWORD_LENGTH = 10
_hasher = PasswordHasher()
# Checked when the name is unknown, so that a wrong name takes as long as a wrong password.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def create_person(
    session: Session,
    *,
    county_id: int,
    name: str,
    display_name: str,
    roles: tuple[str, ...],
    password: str | None = None,
) -> Person:
    """
    Make an account; without a password it can only be entered through a single-use link.

    Raises
    ------
    BadInput
        If the name is taken, a role unknown, the roles may not go together, or the password is too short.
    """
    check_roles(roles)
    if session.scalars(select(Person).where(Person.name == name)).first():
        raise BadInput(en=f"the user name {name!r} is taken; choose another", zh=f"用户名“{name}”已被使用，请另选一个")
    person = Person(
        county_id=county_id,
        name=name,
        display_name=display_name or name,
        password_hash=hash_password(password) if password is not None else None,
        created_at=utc_now(),
        roles=[PersonRole(role=role) for role in dict.fromkeys(roles)],
    )
    session.add(person)
    session.flush()
    return person


def check_roles(roles: tuple[str, ...]) -> None:
    """
    Refuse what is no role, no role at all, and roles that one person may not hold together; wherever an account is made.

    Raises
    ------
    BadInput
        If the roles may not be given.
    """
    for role in roles:
        if role not in ROLES:
            raise BadInput(
                en=f"there is no role {role!r}; the roles are {', '.join(ROLES)}",
                zh=f"没有“{role}”这一角色；可用角色：{'、'.join(ROLES)}",
            )
    if not roles:
        raise BadInput(en="Choose at least one role.", zh="请至少选择一种角色。")
    if len(set(roles)) > 1 and not set(roles) <= TOGETHER:
        raise BadInput(
            en="One person holds one role; only office and supervisor may go together. Who asks for a reserve must not grant it, and who "
            "watches must not act.",
            zh="一人一种角色，只有调查队和督导员可以兼任：申请备用样本的人不得自己批准，监督的人不得参与调查。",
        )


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password of at least ten characters."""
    if len(password) < PASSWORD_LENGTH:
        raise BadInput(
            en=f"a password needs at least {PASSWORD_LENGTH} characters, this one has {len(password)}",
            zh=f"密码至少 {PASSWORD_LENGTH} 个字符，现为 {len(password)} 个",
        )
    return _hasher.hash(password)


def sign_in(shell: Shell, name: str, password: str) -> int:
    """Return the person's id for a right name and password, or refuse without saying which was wrong."""
    with shell.database.reading() as session:
        person = session.scalars(select(Person).where(Person.name == name)).first()
        stored = person.password_hash if person and person.active and person.password_hash else None
        try:
            _hasher.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            stored = None
        if person is None or stored is None:
            raise NotAllowed(en="The user name or the password is wrong.", zh="用户名或密码不正确。")
        return person.id


def make_link(session: Session, person: Person, purpose: str, *, now: datetime | None = None) -> str:
    """Return the token of a new link of this person, good for one use and one purpose; only its hash is stored."""
    token = secrets.token_urlsafe(24)
    now = now or utc_now()
    session.add(
        SignInLink(
            person_id=person.id,
            token_hash=_digest(token),
            purpose=purpose,
            created_at=now,
            expires_at=now + LINK_LIVES[purpose],
        )
    )
    return token


def make_sign_in_link(session: Session, person: Person, *, now: datetime | None = None) -> str:
    """Return the token of a new link that signs this person in once within seven days."""
    return make_link(session, person, LINK_SIGN_IN, now=now)


def person_of_link(session: Session, token: str, *, purpose: str = LINK_SIGN_IN, now: datetime | None = None) -> Person:
    """Return whose link this is, without using it up."""
    return _valid_link(session, token, purpose, now or utc_now())[1]


def use_sign_in_link(shell: Shell, token: str, *, now: datetime | None = None) -> int:
    """Use a link up and return the person's id."""
    now = now or utc_now()
    with shell.database.transaction() as session:
        return use_link(session, token, LINK_SIGN_IN, now=now).id


def use_link(session: Session, token: str, purpose: str, *, now: datetime | None = None) -> Person:
    """Use a link up within the caller's transaction and return whose it was."""
    now = now or utc_now()
    link, person = _valid_link(session, token, purpose, now, lock=True)
    link.used_at = now
    return person


def find_person(session: Session, person_id: int) -> Person | None:
    """Return an active person, or None."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return None
    _ = person.county.name  # loaded now, used after the session is closed
    return person


def end_sessions(shell: Shell, person_id: int) -> None:
    """End all sessions of a person, wherever a cookie of them is kept."""
    with shell.database.transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(session_number=Person.session_number + 1))


def _valid_link(
    session: Session, token: str, purpose: str, now: datetime, *, lock: bool = False
) -> tuple[SignInLink, Person]:
    query = select(SignInLink).where(SignInLink.token_hash == _digest(token), SignInLink.purpose == purpose)
    link = session.scalars(query.with_for_update() if lock else query).first()
    person = find_person(session, link.person_id) if link else None
    if link is None or person is None or link.used_at is not None or link.expires_at < now:
        raise NotAllowed(
            en="This link is used up, expired or mistyped. Ask the survey team for a new one.",
            zh="此链接已用过、已过期或有误，请向调查队索取新的链接。",
        )
    return link, person


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

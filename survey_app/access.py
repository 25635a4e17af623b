"""
Who may open what.

Every view names its readers with a decorator; a view that names none is refused for everyone, so that a new page is closed
until somebody says whom it is for. What only an enrolled phone may ask names `for_open_phones`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from survey_app import phone_cookies
from survey_app.errors import NotAllowed, NotFound
from survey_app.models import Person
from survey_app.services.people import find_person
from survey_app.services.rounds import Actor
from survey_app.shell import Shell

View = TypeVar("View", bound=Callable[..., Any])
EVERYONE = "everyone"
CARD_HOLDER = "card_holder"
OPEN_PHONE = "open_phone"


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of this session, as the pages see them."""

    def __init__(self, person: Person) -> None:
        self.id = person.id
        self.session_number = person.session_number
        self.county_id = person.county_id
        self.county_name = person.county.name
        self.county_name_en = person.county.name_en
        self.is_demo = person.county.is_demo
        self.display_name = person.display_name
        self.roles = {role.role for role in person.roles}

    def get_id(self) -> str:
        """What the cookie names: the person, and which of the person's sessions this is."""
        return f"{self.id}-{self.session_number}"

    @property
    def actor(self) -> Actor:
        """How services and the record know the person."""
        return Actor(name=self.display_name, county_id=self.county_id)


def for_roles(*roles: str) -> Callable[[View], View]:
    """Open a view to people with one of these roles."""
    return _mark(frozenset(roles))


def for_everyone(view: View) -> View:
    """Open a view to everyone."""
    return _mark(frozenset({EVERYONE}))(view)


def for_card_holder(view: View) -> View:
    """Open a view to whoever has the link: the token in the path is the permission."""
    return _mark(frozenset({CARD_HOLDER}))(view)


def for_open_phones(view: View) -> View:
    """Open a view to investigators' phones that are enrolled and were opened with their PIN."""
    return _mark(frozenset({OPEN_PHONE}))(view)


def init_app(app: Flask) -> None:
    """Load the signed-in person and check every request."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load_person)
    app.before_request(check_access)


def load_person(cookie_id: str) -> SignedIn | None:
    """Return the person of a session, None once it was signed out or the account is closed."""
    person_id, _, session_number = cookie_id.partition("-")
    if not (person_id.isdecimal() and session_number.isdecimal()):
        return None
    person = signed_in(int(person_id))
    return person if person and person.session_number == int(session_number) else None


def signed_in(person_id: int) -> SignedIn | None:
    """Return a person as the pages see them, None once the account is closed."""
    with get_shell().database.reading() as session:
        person = find_person(session, person_id)
        return SignedIn(person) if person else None


def check_access() -> ResponseReturnValue | None:
    """Let the request through, send it to sign in, or refuse it."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    allowed = access_of(current_app.view_functions[request.endpoint])
    if allowed is None:
        raise NotFound
    if allowed & {EVERYONE, CARD_HOLDER}:
        return None
    if OPEN_PHONE in allowed:
        g.phone = phone_cookies.open_phone_of_request(get_shell())
        return None
    if not current_user.is_authenticated:
        goal = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=goal))
    if not allowed & current_user.roles:
        raise NotAllowed(en="This page is for another role than yours.", zh="您的角色不能查看此页。")
    return None


def access_of(view: Callable[..., Any]) -> frozenset[str] | None:
    """Return whom a view is for, None where it does not say."""
    allowed: frozenset[str] | None = getattr(view, "allowed_readers", None)
    return allowed


def get_shell() -> Shell:
    """Return the shell of the app that answers this request."""
    shell: Shell = current_app.extensions["pingyi"]
    return shell


def me() -> SignedIn:
    """Return the signed-in person of a view that is for roles."""
    person: SignedIn = current_user._get_current_object()
    return person


def _mark(allowed: frozenset[str]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.allowed_readers = allowed  # type: ignore[attr-defined]
        return view

    return mark

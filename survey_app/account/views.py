"""Sign in with name and password or a single-use link, sign out."""

from __future__ import annotations

import re
from typing import cast

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from survey_app.access import for_everyone, get_shell, me, signed_in
from survey_app.account.forms import EnterForm, InviteeForm, SignInForm
from survey_app.errors import AppError, BadInput, NotAllowed, TooManyTries
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import (
    LINK_INVITE,
    ROLE_APPRAISAL,
    ROLE_INVESTIGATOR,
    ROLE_OBSERVER,
    ROLE_OFFICE,
    ROLE_SUPERVISOR,
)
from survey_app.services import accounts, people
from survey_app.services.password_tries import PasswordTries

blueprint = Blueprint("account", __name__, url_prefix="/account")
# One slash, and nothing that a browser drops or reads as a slash: blanks, control characters, backslashes.
PATH_HERE = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def role_label(role: str) -> str:
    """Return what a role is called on pages."""
    return {
        ROLE_OFFICE: _("调查队"),
        ROLE_INVESTIGATOR: _("调查员"),
        ROLE_SUPERVISOR: _("督导员"),
        ROLE_APPRAISAL: _("绩效评估办公室"),
        ROLE_OBSERVER: _("监督员"),
    }[role]


@blueprint.route("/sign-in", methods=["GET", "POST"])
@for_everyone
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    form = SignInForm()
    error: AppError | None = None
    if form.validate_on_submit():
        try:
            return enter(checked_sign_in(form.name.data, form.password.data))
        except (NotAllowed, TooManyTries) as refusal:
            error = refusal
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooManyTries) else {}
    return render_template("account/sign_in.html", form=form, error=error), error.status if error else 200, headers


def checked_sign_in(name: str, password: str) -> int:
    """Return whom a name and a password sign in; where they were tried too often the password is not even looked at."""
    tries, address = password_tries(), request.remote_addr or ""
    if seconds := tries.begin(name, address):
        raise TooManyTries(seconds)
    person_id = people.sign_in(get_shell(), name, password)
    tries.succeeded(name, address)
    return person_id


def password_tries() -> PasswordTries:
    """Return the count of tries of this server process."""
    return cast(PasswordTries, current_app.extensions["pingyi-password-tries"])


blueprint.record_once(lambda state: state.app.extensions.setdefault("pingyi-password-tries", PasswordTries()))


@blueprint.route("/link/<token>", methods=["GET", "POST"])
@for_everyone
def link(token: str) -> ResponseReturnValue:
    """Show whom a single-use link signs in; sign in when the button is pressed."""
    form = EnterForm()
    if form.validate_on_submit():
        return enter(people.use_sign_in_link(get_shell(), token))
    with get_shell().database.reading() as database:
        person = people.person_of_link(database, token)
        roles = "、".join(role_label(role.role) for role in person.roles)
        return render_template("account/link.html", form=form, person_name=person.display_name, role_label=roles)


@blueprint.route("/invite/<token>", methods=["GET", "POST"])
@for_everyone
def invitation(token: str) -> ResponseReturnValue:
    """Let an invited person choose a name and a password, and enter."""
    form = InviteeForm()
    with get_shell().database.reading() as database:
        person = people.person_of_link(database, token, purpose=LINK_INVITE)
        roles = "、".join(role_label(role.role) for role in person.roles)
        shown = person.display_name
    if form.validate_on_submit():
        try:
            return enter(accounts.take_up(get_shell(), token, name=form.name.data, password=form.password.data))
        except BadInput as refusal:
            form.name.errors = [*form.name.errors, refusal.en if page_language() == "en" else refusal.zh]
    return render_template("account/invite.html", form=form, person_name=shown, role_label=roles)


@blueprint.post("/sign-out")
@for_everyone
def sign_out() -> ResponseReturnValue:
    """End the person's sessions, also for whoever kept a copy of the cookie."""
    if current_user.is_authenticated:
        people.end_sessions(get_shell(), me().id)
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"))


def enter(person_id: int) -> ResponseReturnValue:
    """Begin a fresh session and go where the person works."""
    kept = session.get("lang")
    session.clear()
    if kept:
        session["lang"] = kept
    session.permanent = True
    person = signed_in(person_id)
    if person is None:
        raise NotAllowed(en="This account is closed.", zh="该账号已停用。")
    login_user(person)
    return redirect(safe_goal(request.args.get("next")) or home_url())


def safe_goal(goal: str | None) -> str | None:
    """Return a path of this site to go on to, never another site's address."""
    return goal if goal and PATH_HERE.fullmatch(goal) else None


def home_url() -> str:
    """Return the start page of the person's role."""
    roles = me().roles
    if ROLE_OFFICE in roles:
        return url_for("office.home")
    if ROLE_SUPERVISOR in roles:
        return url_for("office.desk")
    if ROLE_INVESTIGATOR in roles:
        return url_for("investigator.home")
    return url_for("public.home")

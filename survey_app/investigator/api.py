"""What the app on an investigator's phone asks the server: who it is, its data, and to take what it has to send."""

from __future__ import annotations

import base64
import gzip
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from survey_app import phone_cookies
from survey_app.access import for_everyone, for_open_phones, get_shell, me
from survey_app.errors import BadInput, NotAllowed, PhoneRefused
from survey_app.models.people import ROLE_INVESTIGATOR
from survey_app.phone_cookies import kept_secret, this_phone
from survey_app.security import body_limit
from survey_app.services import phone_data, phone_sync, phones
from survey_app.services.phones import Phone
from survey_app.unseen import refuse_unseen

blueprint = Blueprint("phone", __name__, url_prefix="/field")
blueprint.before_request(phone_cookies.refuse_foreign_senders)
SYNC_LIMIT = 1 << 20


@blueprint.post("/enrol")
@for_everyone
def enrol() -> ResponseReturnValue:
    """Make this phone an investigator's: by the office's single-use code, or by a sign-in on this phone; the PIN is chosen here."""
    sent = sent_object()
    pin, token = sent_text(sent, "pin"), sent.get("token")
    if isinstance(token, str):
        enrolled = phones.enrol_by_link(get_shell(), token, pin, earlier=kept_secret())
    elif signed_in_investigator():
        enrolled = phones.enrol_signed_in(get_shell(), me().id, pin, earlier=kept_secret())
        logout_user()  # from now on the PIN opens the app; the sign-in has done its work
    else:
        raise NotAllowed(
            en="Scan the survey team's enrolment code with this phone first.", zh="请先用本机扫描调查队的登记二维码。"
        )
    answer = jsonify(opened(enrolled.phone))
    phone_cookies.keep_secret(answer, enrolled.secret)
    phone_cookies.keep_open(answer, enrolled.phone)
    return answer


@blueprint.post("/open")
@for_everyone
def open_app() -> ResponseReturnValue:
    """Check the PIN; a right one opens this phone for twelve hours."""
    phone = phones.open_phone(get_shell(), kept_secret(), sent_text(sent_object(), "pin"))
    answer = jsonify(opened(phone))
    phone_cookies.keep_open(answer, phone)
    return answer


@blueprint.post("/close")
@for_everyone
def close_app() -> ResponseReturnValue:
    """Ask for the PIN again from now on."""
    answer = jsonify(state="closed")
    phone_cookies.keep_closed(answer)
    return answer


@blueprint.post("/resume")
@for_everyone
def resume() -> ResponseReturnValue:
    """Tell how this phone stands: open, to be opened, or that a signed-in investigator may choose a PIN on it."""
    try:
        return jsonify(opened(phone_cookies.open_phone_of_request(get_shell())))
    except PhoneRefused as refusal:
        if refusal.state != phones.STATE_REVOKED and signed_in_investigator():
            return jsonify(state="choose_pin", person=me().display_name, person_id=me().id)
        raise


@blueprint.get("/data.json")
@for_open_phones
def data() -> ResponseReturnValue:
    """Give all that the phone needs to work without a line."""
    shell = get_shell()
    with shell.database.reading() as session:
        answer = jsonify(phone_data.phone_data(session, shell.config, this_phone()))
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.set_data(gzip.compress(answer.get_data(), 6))
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    phones.note_online(shell, this_phone())
    return answer


@blueprint.post("/sync")
@for_open_phones
@body_limit(SYNC_LIMIT)
def sync() -> ResponseReturnValue:
    """Take what the phone has to send and tell what became of each action."""
    results = phone_sync.take_actions(get_shell(), this_phone(), sent_object())
    phones.note_online(get_shell(), this_phone())
    return jsonify(results=phone_sync.result_dicts(results))


@blueprint.post("/ballots")
@for_everyone
def hand_in() -> ResponseReturnValue:
    """Take sealed ballots of a phone that is enrolled no more, before it wipes itself: as from whoever holds their cards."""
    return jsonify(results=phone_sync.result_dicts(phone_sync.take_ballots(get_shell(), sent_object())))


def opened(phone: Phone) -> dict[str, Any]:
    """Return what a phone gets against its PIN: whose it is, and the second key to what it stores."""
    key = phones.recovery_key(get_shell().config, phone.person_id)
    return {
        "state": "open",
        "person": phone.name,
        "person_id": phone.person_id,
        "recovery": base64.b64encode(key).decode(),
    }


def signed_in_investigator() -> bool:
    """Tell whether an investigator has signed in with this browser."""
    return bool(current_user.is_authenticated and ROLE_INVESTIGATOR in current_user.roles)


def sent_object() -> dict[str, Any]:
    """Return the JSON object that was sent; refuse anything else, and texts with control characters (in actions each by itself, later)."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # thousands of lists within one another
        sent = None
    if not isinstance(sent, dict):
        raise BadInput(en="Expected a JSON object; nothing was changed.", zh="应为 JSON 对象，未作任何改动。")
    for name, value in sent.items():
        refuse_unseen(name, value if isinstance(value, str) else "")
    return sent


def sent_text(sent: dict[str, Any], name: str) -> str:
    """Return a text of what was sent, empty where it is none."""
    value = sent.get(name)
    return value if isinstance(value, str) and len(value) <= 200 else ""

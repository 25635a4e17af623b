"""The two halves of the ballot box's key: who keeps them, each shown once, typed back once, typed again for the closing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import AppError, BadInput, NotAllowed
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OBSERVER, ROLE_OFFICE
from survey_app.models.rounds import KEY_PRINTED, STATE_CLOSED, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.steps import round_view, steps
from survey_app.services import key_halves, rounds
from survey_app.services.written_halves import LINES, MistypedHalf, read_half, write_half
from survey_app.shell import utc_now

ROLE_OF = {"office": ROLE_OFFICE, "observer": ROLE_OBSERVER}
HOLDER = "<any(office, observer):holder>"
LONGEST_NAME = 40


@dataclass
class TypedHalf:
    """What was typed of a half, and what is wrong with it: by line, or on the whole."""

    holder: str
    lines: list[str] = field(default_factory=lambda: [""] * LINES)
    faults: dict[int, str] = field(default_factory=dict)
    problem: str = ""
    half: int | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong with it."""
        return bool(self.faults or self.problem)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Keep what a service refuses, to be shown beside what was typed."""
        try:
            yield
        except AppError as error:
            self.problem = in_language(error.en, error.zh)


def typed_half(holder: str) -> TypedHalf:
    """Return what the form sent of a holder's half, read."""
    typed = TypedHalf(holder, [request.form.get(f"{holder}-{number}", "")[:80] for number in range(1, LINES + 1)])
    try:
        typed.half = read_half(typed.lines)
    except MistypedHalf as error:
        typed.faults = {number: in_language(*sentence) for number, sentence in error.lines.items()}
        typed.problem = in_language(error.en, error.zh)
    return typed


@blueprint.get("/keys")
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def key_rounds() -> ResponseReturnValue:
    """List the rounds whose halves are printed, for an observer who has no other page of a round."""
    with get_shell().database.reading() as session:
        found = [
            {
                "name": round_.name,
                "state": round_view(round_).state_label,
                "href": url_for("office.keys", round_id=round_.id),
            }
            for _year, of_year in rounds.rounds_by_year(session, me().county_id)
            for round_ in of_year
            if round_.key_holding == KEY_PRINTED and round_.state != STATE_CLOSED
        ]
    return render_template("office/key_rounds.html", rounds=found)


@blueprint.get("/rounds/<int:round_id>/keys")
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def keys(round_id: int) -> ResponseReturnValue:
    """Show who keeps the halves and where each stands."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        states = key_halves.states_of(session, round_id)
        view = page_of(round_)
    held = shell.vault.held_by(round_id)
    rows = [
        {
            "holder": holder,
            "label": holder_label(holder),
            "state": state,
            "mine": may_hold(holder),
            "elsewhere": ROLE_OF[holder] not in me().roles,
            "held_by": held.get(holder),
            "make_url": url_for("office.make_half", round_id=round_id, holder=holder),
            "type_url": url_for("office.type_half", round_id=round_id, holder=holder),
        }
        for holder, state in states.items()
    ]
    return render_template(
        "office/keys.html",
        **view,
        printed=round_.key_holding == KEY_PRINTED,
        before=round_.state in key_halves.BEFORE_FIELD,
        is_office=ROLE_OFFICE in me().roles,
        rows=rows,
        ready=all(state.typed_back_at for state in states.values()),
    )


@blueprint.post("/rounds/<int:round_id>/keys/holding")
@for_roles(ROLE_OFFICE)
def choose_holding(round_id: int) -> ResponseReturnValue:
    """Choose where the halves are kept."""
    key_halves.choose_holding(get_shell(), me().actor, round_id, request.form.get("holding", ""))
    return redirect(url_for("office.keys", round_id=round_id))


@blueprint.post(f"/rounds/<int:round_id>/keys/{HOLDER}/make")
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def make_half(round_id: int, holder: str) -> ResponseReturnValue:
    """Make a half and show it, this once."""
    require_holder(holder)
    half = key_halves.make_half(
        get_shell(), me().actor, round_id, holder, again="again" in request.form, present=present_name(holder)
    )
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        return render_template(
            "office/half_once.html",
            **page_of(round_),
            holder=holder_label(holder),
            lines=write_half(half),
            county=round_.county.name_en if page_language() == "en" else round_.county.name,
            made_at=utc_now(),
            made_by=me().display_name,
            type_url=url_for("office.type_half", round_id=round_id, holder=holder),
        )


@blueprint.route(f"/rounds/<int:round_id>/keys/{HOLDER}", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE, ROLE_OBSERVER)
def type_half(round_id: int, holder: str) -> ResponseReturnValue:
    """Take a half typed back from paper; while the round is in the field, take it for the closing."""
    require_holder(holder)
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        view, for_closing = page_of(round_), round_.state == STATE_OPEN
    if for_closing and ROLE_OF[holder] not in me().roles:
        return redirect(url_for("office.close", round_id=round_id))
    typed = TypedHalf(holder)
    if request.method == "POST":
        typed = typed_half(holder)
        if typed.half is not None:
            with typed.refusals():
                if for_closing:
                    key_halves.hand_in(shell, me().actor, round_id, holder, typed.half)
                else:
                    present = present_name(holder)
                    key_halves.type_back(shell, me().actor, round_id, holder, typed.half, present=present)
                return redirect(url_for("office.keys", round_id=round_id))
    page = render_template(
        "office/half_type.html",
        **view,
        holder=holder_label(holder),
        typed=typed,
        for_closing=for_closing,
        elsewhere=ROLE_OF[holder] not in me().roles,
        present=request.form.get("present", "")[:LONGEST_NAME],
        back_href=url_for("office.keys", round_id=round_id),
    )
    return page, 400 if typed.wrong else 200


def page_of(round_: Round) -> dict[str, Any]:
    """Return what the pages of a key share; an observer sees no steps, whose pages are the office's."""
    return {"round": round_view(round_), "steps": steps(round_) if ROLE_OFFICE in me().roles else []}


def holder_label(holder: str) -> str:
    """Return what a holder is called."""
    return {"office": _("调查队"), "observer": _("监督员")}[holder]


def may_hold(holder: str) -> bool:
    """Tell whether this person may make and type this half: its holder, or the office with the observer beside it."""
    return ROLE_OF[holder] in me().roles or ROLE_OFFICE in me().roles


def require_holder(holder: str) -> None:
    """Refuse another holder's half."""
    if not may_hold(holder):
        raise NotAllowed(
            en="This is the office's half; yours is the observer's.", zh="这是调查队的一半，您保管的是监督员一半。"
        )


def present_name(holder: str) -> str:
    """
    Return who sits beside the office while the observer's half is on its screen; empty where each acts alone.

    Raises
    ------
    BadInput
        If nobody is named.
    """
    if ROLE_OF[holder] in me().roles:
        return ""
    name = request.form.get("present", "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(
            en=f"Name the observer who sits with you (at most {LONGEST_NAME} characters); the record keeps it. Nothing was changed.",
            zh=f"请填写在场监督员的姓名（不超过 {LONGEST_NAME} 字），姓名记入工作记录。未作任何改动。",
        )
    return name


def in_language(en: str, zh: str) -> str:
    """Return the sentence in the page's language."""
    return en if page_language() == "en" else zh

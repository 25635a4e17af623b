"""Paper slips: the code on the slip, a first entry, a second one by somebody else."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import AppError
from survey_app.languages import page_language
from survey_app.models.rounds import STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_parts import DESK, desk_frame
from survey_app.office.forms import DiscardSlipForm, SlipCodeForm, SlipForm, refusals_on
from survey_app.office.framing import group_labels
from survey_app.services import rounds, slips
from survey_app.services.slips import Clerk, Entry, FoundSlip
from survey_app.services.tokens import grouped


@blueprint.route("/rounds/<int:round_id>/slips", methods=["GET", "POST"])
@for_roles(*DESK)
def slips_home(round_id: int) -> ResponseReturnValue:
    """Ask for the code on a slip, then for its answers."""
    form = SlipCodeForm()
    facts = page_facts(round_id)
    if form.validate_on_submit():
        with refusals_on(form.code, page_language()):
            found = slips.find_slip(get_shell(), clerk(), round_id, form.code.data)
            entry = SlipForm(formdata=None, code=form.code.data)
            return entry_page(round_id, found, entry, facts)
    return render_template("office/slips.html", form=form, **facts)


@blueprint.post("/rounds/<int:round_id>/slips/entry")
@for_roles(*DESK)
def enter_slip(round_id: int) -> ResponseReturnValue:
    """Take one entry of a slip."""
    form = SlipForm()
    facts = page_facts(round_id)
    try:
        found = slips.find_slip(get_shell(), clerk(), round_id, form.code.data or "")
    except AppError as refused:
        again = SlipCodeForm(formdata=None, code=form.code.data)
        again.code.errors = [refused.en if page_language() == "en" else refused.zh]
        return render_template("office/slips.html", form=again, **facts)
    if form.validate_on_submit():
        with refusals_on(form.comment, page_language()):
            slips.check_comment(form.comment.data or "")
    if form.is_submitted() and not form.errors:
        with refusals_on(form.digits, page_language()):
            return take_entry(round_id, found, form, facts)
    return entry_page(round_id, found, form, facts)


@blueprint.post("/rounds/<int:round_id>/slips/discard")
@for_roles(*DESK)
def discard_slip(round_id: int) -> ResponseReturnValue:
    """Throw a first entry away whose code was lost."""
    form = DiscardSlipForm()
    facts = page_facts(round_id)
    found = slips.find_slip(get_shell(), clerk(), round_id, form.code.data or "")
    if form.validate_on_submit():
        with refusals_on(form.reason, page_language()):
            slips.discard_slip(get_shell(), clerk(), round_id, form.code.data, reason=form.reason.data)
            return render_template(
                "office/slip_done.html", outcome="discarded", next=SlipCodeForm(formdata=None), **page_facts(round_id)
            )
    return entry_page(round_id, found, SlipForm(formdata=None, code=form.code.data), facts, discard=form)


def take_entry(round_id: int, found: FoundSlip, form: SlipForm, facts: dict[str, Any]) -> ResponseReturnValue:
    """Store a first entry, or compare a second one."""
    shell = get_shell()
    with shell.database.reading() as session:
        items = slips.group_items(session, round_id, found.group)
    entry = Entry(slips.read_digits(items, form.digits.data), (form.comment.data or "").strip())
    if not found.entered or form.wrong_first.data:
        code = slips.enter_first(shell, clerk(), round_id, form.code.data, entry, replace=bool(form.wrong_first.data))
        return done_page(round_id, "first", slip_code=grouped(code))
    try:
        second = slips.enter_second(shell, clerk(), round_id, form.code.data, form.slip_code.data or "", entry)
    except AppError as refused:
        form.slip_code.errors = [refused.en if page_language() == "en" else refused.zh]
        return entry_page(round_id, found, form, facts)
    if second.cast:
        return done_page(round_id, "cast")
    numbers = {item: str(number) for number, item in enumerate(items, start=1)}
    differing = [numbers[item] for item in second.differing if item in numbers]
    return entry_page(round_id, found, form, facts, differing=differing, comments="comment" in second.differing)


def entry_page(
    round_id: int,
    found: FoundSlip,
    form: SlipForm,
    facts: dict[str, Any],
    *,
    differing: list[str] | None = None,
    comments: bool = False,
    discard: DiscardSlipForm | None = None,
) -> ResponseReturnValue:
    """Show the entry of a slip, with the items in which it differs from the first."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        label = dict(group_labels(round_)).get(found.group, found.group)
        count = len(slips.group_items(session, round_id, found.group))
    return render_template(
        "office/slip_entry.html",
        form=form,
        found=found,
        unit={"township": names.get(found.township_code, ""), "group_label": label, "sequence": found.sequence},
        count=count,
        differing=differing or [],
        comments_differ=comments,
        discard=discard or DiscardSlipForm(formdata=None, code=form.code.data),
        **facts,
    )


def done_page(round_id: int, outcome: str, *, slip_code: str = "") -> ResponseReturnValue:
    """Say what became of an entry, and ask for the next slip."""
    return render_template(
        "office/slip_done.html",
        outcome=outcome,
        slip_code=slip_code,
        next=SlipCodeForm(formdata=None),
        **page_facts(round_id),
    )


def page_facts(round_id: int) -> dict[str, Any]:
    """Return what each of these pages shows: the round, and how many slips wait for their second entry."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_OPEN, **slips.ACT)
        return {
            **desk_frame(round_, "slips_home"),
            "waiting": slips.waiting_slips(session, round_id),
        }


def clerk() -> Clerk:
    """Return who enters."""
    return Clerk(me().id, me().actor)

"""The sample by township, a unit's card, and the closing."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import KEY_PRINTED, STATE_CLOSED, STATE_OPEN
from survey_app.models.samples import ROLE_MAIN
from survey_app.office import blueprint
from survey_app.office.forms import CloseForm, OpenForm
from survey_app.office.framing import group_labels
from survey_app.office.keys import TypedHalf, holder_label, typed_half
from survey_app.office.phones_seen import phone_rows
from survey_app.office.steps import round_view, steps
from survey_app.services import cards, closing, fieldwork, key_halves, phones_online, rounds, slips
from survey_app.services.fieldwork import ListedUnit


@blueprint.post("/rounds/<int:round_id>/open")
@for_roles(ROLE_OFFICE)
def open_fieldwork(round_id: int) -> ResponseReturnValue:
    """Start the fieldwork."""
    with get_shell().database.reading() as session:
        opened = rounds.get_round(session, me().county_id, round_id).state == STATE_OPEN
    if OpenForm().validate_on_submit() and not opened:
        fieldwork.open_fieldwork(get_shell(), me().actor, round_id)
    return redirect(url_for("office.progress", round_id=round_id))


@blueprint.get("/rounds/<int:round_id>/sample/<township_code>")
@for_roles(ROLE_OFFICE)
def township(round_id: int, township_code: str) -> ResponseReturnValue:
    """List a township's sample with what is needed to find each unit."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        if township_code not in names:
            raise NotFound
        units = fieldwork.list_units(session, round_, township_code=township_code)
        return render_template(
            "office/township.html",
            round=round_view(round_),
            steps=steps(round_),
            township={"code": township_code, "name": names[township_code]},
            cards_href=cards_href(round_, township_code),
            groups=group_rows(round_, units),
        )


@blueprint.get("/units/<int:unit_id>")
@for_roles(ROLE_OFFICE)
def card(unit_id: int) -> ResponseReturnValue:
    """Show a unit's card with its QR code."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_, listed, unit = fieldwork.get_unit(session, me().county_id, unit_id)
        shown, refused = None, None
        try:
            shown = cards.show_card(session, shell.config, round_, unit)
        except WrongState as refusal:
            refused = refusal.en if page_language() == "en" else refusal.zh
        return render_template(
            "office/card.html",
            round=round_view(round_),
            steps=steps(round_),
            unit=unit_view(session, round_, listed) | {"issue": shown.issue if shown else None},
            qr_svg=Markup(shown.qr_svg) if shown else None,
            link=shown.link if shown else None,
            code=shown.code if shown else None,
            reissue_href=url_for("office.reissue", unit_id=unit_id) if shown and not listed.answered else None,
            who=who_answers(shown),
            refused=refused,
            back_href=url_for("office.township", round_id=round_.id, township_code=listed.township_code),
        )


@blueprint.route("/rounds/<int:round_id>/close", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def close(round_id: int) -> ResponseReturnValue:
    """Ask whether to close, and close."""
    shell = get_shell()
    form = CloseForm()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        if round_.state == STATE_CLOSED:
            return redirect(url_for("office.results", round_id=round_id))
        rounds.require_state(round_, STATE_OPEN, **closing.ACT)
        counts = fieldwork.count_answered(session, round_id)
        slips_waiting = slips.waiting_slips(session, round_id)
        phones = phone_rows(phones_online.phones_of_round(session, round_))
        view, row = round_view(round_), steps(round_)
    halves = halves_to_type(round_)
    if form.validate_on_submit() and all(typed.half is not None for typed in halves):
        try:
            given = {typed.holder: typed.half for typed in halves if typed.half is not None}
            job_id = closing.request_close(shell, me().actor, round_id, given)
            return redirect(url_for("office.job", job_id=job_id))
        except (BadInput, WrongState) as refusal:
            refused = refusal.en if page_language() == "en" else refusal.zh
    else:
        refused = None
    totals = {
        "issued": sum(issued for issued, _answered in counts.values()),
        "answered": sum(answered for _issued, answered in counts.values()),
    }
    page = render_template(
        "office/close.html",
        round=view,
        steps=row,
        form=form,
        totals=totals,
        slips=slips_waiting,
        phones=phones,
        halves=halves,
        labels={holder: holder_label(holder) for holder in key_halves.HOLDERS},
        held=shell.vault.held_by(round_id),
        refused=refused,
    )
    return page, 400 if refused or any(typed.wrong for typed in halves) else 200


def halves_to_type(round_: Round) -> list[TypedHalf]:
    """Return the halves that the closing still needs, with what was typed of them."""
    if round_.key_holding != KEY_PRINTED:
        return []
    missing = [holder for holder in key_halves.HOLDERS if holder not in get_shell().vault.held_by(round_.id)]
    return [typed_half(holder) if request.method == "POST" else TypedHalf(holder) for holder in missing]


def cards_href(round_: Round, township_code: str | None = None) -> str | None:
    """Return where cards are printed, while there are any."""
    return (
        url_for("office.print_cards", round_id=round_.id, township=township_code)
        if round_.state == STATE_OPEN
        else None
    )


def role_label(role: str) -> str:
    """Return what a sample unit's role is called."""
    return _("正式样本") if role == ROLE_MAIN else _("备用样本")


def group_rows(round_: Round, units: list[ListedUnit]) -> list[dict[str, Any]]:
    """Return a township's units by group and PSU, in sample order, the reserves after the main units."""
    rows = []
    for code, label in group_labels(round_):
        psus: dict[str, dict[str, Any]] = {}
        for unit in units:
            if unit.group == code:
                staged = unit.hits is not None
                psu = psus.setdefault(
                    unit.psu_code if staged else "",
                    {"code": unit.psu_code, "name": unit.psu, "hits": unit.hits, "units": []},
                )
                psu["units"].append(
                    {
                        "sequence": unit.sequence,
                        "role": unit.role,
                        "role_label": role_label(unit.role),
                        "name": unit.name,
                        "address": unit.address,
                        "phone": unit.phone,
                        "unit_code": unit.unit_code,
                        "answered": unit.answered,
                        "issued": fieldwork.visited(unit),
                        "given_up": unit.given_up,
                        "card_href": url_for("office.card", unit_id=unit.id) if fieldwork.visited(unit) else None,
                    }
                )
        rows.append({"code": code, "label": label, "psus": list(psus.values())})
    return rows


def who_answers(shown: cards.ShownCard | None) -> str | None:
    """Return who of the household answers, in the language of the page."""
    if shown is None or shown.who is None:
        return None
    en, zh = shown.who
    return en if page_language() == "en" else zh


def unit_view(session: Any, round_: Round, listed: ListedUnit) -> dict[str, Any]:
    """Return a unit as its card's page shows it."""
    return {
        "township": rounds.township_names(session, round_.county_id).get(listed.township_code, ""),
        "group_label": dict(group_labels(round_)).get(listed.group, listed.group),
        "sequence": listed.sequence,
        "name": listed.name,
        "psu": listed.psu,
        "address": listed.address,
        "phone": listed.phone,
        "unit_code": listed.unit_code,
        "role_label": role_label(listed.role),
        "answered": listed.answered,
    }

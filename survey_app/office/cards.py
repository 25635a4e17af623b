"""Print cards and lists, and replace a card that was lost."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.drawing import download
from survey_app.office.field import unit_view
from survey_app.office.forms import CardsForm, ReissueForm, TakeForm, refusals_on
from survey_app.office.framing import group_labels
from survey_app.office.phones_seen import phone_rows
from survey_app.office.steps import round_view, steps
from survey_app.services import card_files, cards, fieldwork, handouts, paper_forms, phones_online, rounds, slips


@blueprint.route("/rounds/<int:round_id>/cards", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def print_cards(round_id: int) -> ResponseReturnValue:
    """Ask what the cards shall say and how they are sorted, and start making them."""
    shell = get_shell()
    form = CardsForm()
    form.by.choices = way_labels()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_OPEN, **card_files.ACT)
        card_files.refuse_unprintable(shell.config, round_)
        view, row, papers = round_view(round_), steps(round_), paper_links(round_)
        names = rounds.township_names(session, round_.county_id)
        if not form.is_submitted():
            form.answer_by.data, form.contact.data = round_.answer_by, round_.contact
            form.township_code.data = request.args.get("township", "")
    form.township_code.choices = [("", _("全县")), *names.items()]
    if form.validate_on_submit():
        with refusals_on(form.contact, page_language()):
            card_files.check_contact(form.contact.data)
    if form.is_submitted() and not form.errors:
        with refusals_on(form.answer_by, page_language()):
            card_files.set_card_facts(
                shell, me().actor, round_id, answer_by=form.answer_by.data, contact=form.contact.data
            )
            job_id = card_files.request_print(
                shell, me().actor, round_id, by=form.by.data, township_code=form.township_code.data
            )
            return redirect(url_for("office.job", job_id=job_id))
    return render_template("office/cards.html", round=view, steps=row, form=form, papers=papers)


@blueprint.get("/rounds/<int:round_id>/cards/<int:job_id>")
@for_roles(ROLE_OFFICE)
def cards_ready(round_id: int, job_id: int) -> ResponseReturnValue:
    """Say what was made, and offer it for download once."""
    shell = get_shell()
    job = card_files.print_job(shell, me().county_id, round_id, job_id)
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        view, row = round_view(round_), steps(round_)
    return render_template(
        "office/cards_ready.html",
        round=view,
        steps=row,
        result=job.result,
        way=dict(way_labels())[job.parameters["by"]],
        form=TakeForm() if handouts.waits(shell, job_id) else None,
        take_url=url_for("office.take_cards", round_id=round_id, job_id=job_id),
        again_href=url_for("office.print_cards", round_id=round_id, township=job.parameters["township_code"] or None),
    )


@blueprint.post("/rounds/<int:round_id>/cards/<int:job_id>/file")
@for_roles(ROLE_OFFICE)
def take_cards(round_id: int, job_id: int) -> Response:
    """Hand the files out; the server keeps nothing of them."""
    name, content = card_files.take_print(get_shell(), me().county_id, round_id, job_id)
    return download(content, name, "application/zip")


@blueprint.get("/rounds/<int:round_id>/questionnaires/<group>.pdf")
@for_roles(ROLE_OFFICE)
def paper_questionnaire(round_id: int, group: str) -> Response:
    """Give a group's questionnaire to print, for people who want to answer on paper."""
    name, content = paper_forms.paper_form(get_shell(), me().county_id, round_id, group)
    return download(content, name, "application/pdf")


@blueprint.route("/units/<int:unit_id>/reissue", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def reissue(unit_id: int) -> ResponseReturnValue:
    """Void a unit's card and issue the next at once."""
    shell = get_shell()
    form = ReissueForm()
    with shell.database.reading() as session:
        round_, listed, unit = fieldwork.get_unit(session, me().county_id, unit_id)
        cards.require_card(session, round_, unit)
        view, row, shown = round_view(round_), steps(round_), unit_view(session, round_, listed)
        phones = phone_rows(phones_online.phones_of_unit(session, round_, unit))
        slip = slips.waits_for(session, unit_id)
    if form.validate_on_submit():
        with refusals_on(form.reason, page_language()):
            cards.reissue_card(shell, me().actor, unit_id, reason=form.reason.data)
            return redirect(url_for("office.card", unit_id=unit_id))
    return render_template(
        "office/reissue.html",
        round=view,
        steps=row,
        unit=shown,
        form=form,
        phones=phones,
        slip=slip,
        back_href=url_for("office.card", unit_id=unit_id),
    )


def paper_links(round_: Round) -> list[dict[str, str]]:
    """Return the groups' questionnaires on paper, each with its address."""
    return [
        {"label": label, "href": url_for("office.paper_questionnaire", round_id=round_.id, group=group)}
        for group, label in group_labels(round_)
    ]


def way_labels() -> list[tuple[str, str]]:
    """Return the ways cards can be sorted, and what each is called."""
    return [
        (card_files.TOWNSHIP, _("每个乡镇一册")),
        (card_files.INVESTIGATOR, _("每名调查员一册")),
        (card_files.VILLAGE, _("每个村（居）一册")),
    ]

"""Who visits which places: the loads, sharing out, and a township's places by hand."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import BadInput, NotFound
from survey_app.languages import page_language
from survey_app.models.rounds import STATE_DRAWN, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_forms import BalanceForm, PlacesForm
from survey_app.office.desk_parts import DESK, desk_frame
from survey_app.office.forms import refusals_on
from survey_app.office.framing import group_labels
from survey_app.services import accounts, rounds
from survey_app.services import assigning as service
from survey_app.services.assigning import AssignedPlace
from survey_app.services.assignments import Place

CAN_ASSIGN = (STATE_DRAWN, STATE_OPEN)
PLACE_FIELD = "place-"


@blueprint.route("/rounds/<int:round_id>/assignments", methods=["GET", "POST"])
@for_roles(*DESK)
def assignments(round_id: int) -> ResponseReturnValue:
    """Show what each investigator has to do, and share all places out."""
    form = BalanceForm()
    with get_shell().database.reading() as session:
        round_ = service.round_of(session, me().county_id, round_id)
        frame = desk_frame(round_, "assignments")
        names = rounds.township_names(session, round_.county_id)
        places = service.assigned_places(session, round_)
        loads = service.loads(session, round_)
        people = accounts.investigators(session, me().county_id)
        can_assign = round_.state in CAN_ASSIGN
    form.people.choices = [(person.id, person.display_name) for person in people]
    if not form.is_submitted():
        form.people.data = [person.id for person in people]
    if form.validate_on_submit():
        with refusals_on(form.people, page_language()):
            service.balance(get_shell(), me().actor, round_id, form.people.data, travel=form.travel.data)
            return redirect(url_for("office.assignments", round_id=round_id))
    return render_template(
        "office/desk/assignments.html",
        **frame,
        loads=loads,
        townships=township_rows(round_id, places, names, {load.person_id: load.name for load in loads}),
        form=form if can_assign and people and not any(place.answered for place in places) else None,
        can_assign=can_assign,
        people=len(people),
        unassigned=sum(not place.people for place in places),
    )


@blueprint.route("/rounds/<int:round_id>/assignments/<township_code>", methods=["GET", "POST"])
@for_roles(*DESK)
def township_assignments(round_id: int, township_code: str) -> ResponseReturnValue:
    """Give a township's places to investigators, one by one."""
    form = PlacesForm()
    with get_shell().database.reading() as session:
        round_ = service.round_of(session, me().county_id, round_id)
        frame = desk_frame(round_, "assignments")
        names = rounds.township_names(session, round_.county_id)
        places = [place for place in service.assigned_places(session, round_) if place.place[0] == township_code]
        labels = dict(group_labels(round_))
        people = accounts.investigators(session, me().county_id)
        can_assign = round_.state in CAN_ASSIGN
    if not places:
        raise NotFound
    if form.validate_on_submit():
        service.assign(get_shell(), me().actor, round_id, chosen(places))
        return redirect(url_for("office.assignments", round_id=round_id))
    return render_template(
        "office/desk/places.html",
        **frame,
        form=form,
        township=names.get(township_code, township_code),
        places=[
            {
                "field": field_name(place.place),
                "name": place.name or labels.get(place.place[1], ""),
                "group": labels.get(place.place[1], ""),
                "units": place.units,
                "answered": place.answered,
                "holder": place.people[0] if place.people else None,
            }
            for place in places
        ],
        people=[(person.id, person.display_name) for person in people],
        can_assign=can_assign,
        back_href=url_for("office.assignments", round_id=round_id),
    )


def field_name(place: Place) -> str:
    """Return the name of a place's field."""
    return PLACE_FIELD + "-".join(place)


def chosen(places: list[AssignedPlace]) -> dict[Place, int | None]:
    """
    Return what was sent for each of the places; what was not sent stays, what is no number is nobody known.

    Raises
    ------
    BadInput
        If something was sent for a place that is not one of them.
    """
    known = {field_name(place.place) for place in places}
    if foreign := [name for name in request.form if name.startswith(PLACE_FIELD) and name not in known]:
        shown = foreign[0].removeprefix(PLACE_FIELD)[:60]
        raise BadInput(
            en=f"Expected places of this township alone, got {shown!r}, which is none of them; nothing was stored. "
            "Load the page anew and choose again.",
            zh=f"应只有本乡镇的地方，“{shown}”不在其中；未作保存。请刷新页面后重新选择。",
        )
    found: dict[Place, int | None] = {}
    for place in places:
        sent = request.form.get(field_name(place.place))
        if sent is not None:
            found[place.place] = None if sent == "" else int(sent) if sent.isdecimal() and len(sent) < 10 else -1
    return found


def township_rows(
    round_id: int, places: list[AssignedPlace], names: dict[str, str], people: dict[int, str]
) -> list[dict[str, Any]]:
    """Return the townships with who visits there."""
    rows: dict[str, dict[str, Any]] = {}
    for place in places:
        code = place.place[0]
        row = rows.setdefault(
            code,
            {
                "name": names.get(code, code),
                "href": url_for("office.township_assignments", round_id=round_id, township_code=code),
                "places": 0,
                "units": 0,
                "unassigned": 0,
                "people": [],
            },
        )
        row["places"] += 1
        row["units"] += place.units
        row["unassigned"] += not place.people
        row["people"] += [name for each in place.people if (name := people.get(each, "")) not in row["people"]]
    return list(rows.values())

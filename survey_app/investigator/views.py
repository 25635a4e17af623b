"""The units an investigator visits, by village, and each unit's QR code to show."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import WrongState
from survey_app.languages import page_language
from survey_app.models.people import ROLE_INVESTIGATOR
from survey_app.office.field import unit_view, who_answers
from survey_app.office.framing import group_labels
from survey_app.office.steps import round_view
from survey_app.services import cards, fieldwork, rounds
from survey_app.services.fieldwork import ListedUnit

blueprint = Blueprint("investigator", __name__, url_prefix="/field")


@blueprint.get("/")
@for_roles(ROLE_INVESTIGATOR)
def home() -> ResponseReturnValue:
    """List what there is to visit, by village."""
    with get_shell().database.reading() as session:
        names = rounds.township_names(session, me().county_id)
        found = [
            {
                "round": round_view(round_),
                "villages": village_rows(units, names, dict(group_labels(round_))),
                "totals": {"issued": len(units), "answered": sum(unit.answered for unit in units)},
            }
            for round_, units in fieldwork.assigned_units(session, me().id, me().county_id)
        ]
    return render_template("investigator/home.html", rounds=found)


@blueprint.get("/units/<int:unit_id>")
@for_roles(ROLE_INVESTIGATOR)
def unit(unit_id: int) -> ResponseReturnValue:
    """Show a unit with its QR code."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_, listed, stored = fieldwork.get_assigned_unit(session, me().id, me().county_id, unit_id)
        shown, refused = None, None
        try:
            shown = cards.show_card(session, shell.config, round_, stored)
        except WrongState as refusal:
            refused = refusal.en if page_language() == "en" else refusal.zh
        return render_template(
            "investigator/unit.html",
            unit=unit_view(session, round_, listed),
            qr_svg=Markup(shown.qr_svg) if shown else None,
            link=shown.link if shown else None,
            who=who_answers(shown),
            refused=refused,
            back_href=url_for("investigator.home"),
        )


def village_rows(units: list[ListedUnit], names: dict[str, str], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return the units by village; those of a one-stage group stand under their group's name."""
    villages: dict[tuple[str, str], dict[str, Any]] = {}
    for listed in units:
        name = listed.psu if listed.hits is not None else labels.get(listed.group, "")
        village = villages.setdefault(
            (listed.township_code, listed.psu_code or listed.group),
            {"name": name, "township": names.get(listed.township_code, ""), "units": []},
        )
        village["units"].append(
            {
                "href": url_for("investigator.unit", unit_id=listed.id),
                "name": listed.name or listed.unit_code,
                "address": listed.address,
                "group_label": labels.get(listed.group, ""),
                "answered": listed.answered,
                "sequence": listed.sequence,
            }
        )
    return list(villages.values())

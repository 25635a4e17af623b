"""How the fieldwork stands, by township, group, place and investigator."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.access import for_roles, get_shell, me
from survey_app.errors import NotFound
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_parts import DESK, desk_frame, figures_row, part_labels
from survey_app.office.framing import group_labels
from survey_app.office.progress_chart import progress_chart
from survey_app.services import progress as service
from survey_app.services import rounds
from survey_app.services.progress import Figures, Progress


@blueprint.get("/rounds/<int:round_id>/progress")
@for_roles(*DESK)
def progress(round_id: int) -> ResponseReturnValue:
    """Show who has answered and what the visits came to, as counts; never what was answered."""
    shell = get_shell()
    found = service.progress(shell, me().county_id, round_id)
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        groups = group_labels(round_)
        is_office = ROLE_OFFICE in me().roles
        return render_template(
            "office/desk/progress.html",
            **desk_frame(round_, "progress"),
            at=found.at,
            total=figures_row(found.total),
            groups=groups,
            townships=[
                township_row(found, code, names.get(code, code), [group for group, _label in groups])
                for code in sorted(found.by_township)
            ],
            by_group=[
                figures_row(found.by_group[group]) | {"name": label}
                for group, label in groups
                if group in found.by_group
            ],
            people=people_rows(found),
            chart=chart(found, names) if found.by_township else None,
            parts=part_labels(),
            sample_href=url_for("office.sample", round_id=round_id) if is_office else None,
            slips_href=url_for("office.slips_home", round_id=round_id) if round_.state == STATE_OPEN else None,
            close_href=url_for("office.close", round_id=round_id) if is_office and round_.state == STATE_OPEN else None,
        )


@blueprint.get("/rounds/<int:round_id>/progress/<township_code>")
@for_roles(*DESK)
def township_progress(round_id: int, township_code: str) -> ResponseReturnValue:
    """Show how a township stands, place by place."""
    shell = get_shell()
    found = service.progress(shell, me().county_id, round_id)
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        names = rounds.township_names(session, round_.county_id)
        if township_code not in names:
            raise NotFound
        return render_template(
            "office/desk/township.html",
            **desk_frame(round_, "progress"),
            at=found.at,
            township=names[township_code],
            groups=[
                {
                    "label": label,
                    "places": [
                        figures_row(figures) | {"name": found.place_names.get(place[2], label)}
                        for place, figures in sorted(found.by_place.items())
                        if place[:2] == (township_code, group)
                    ],
                }
                for group, label in group_labels(round_)
            ],
            parts=part_labels(),
            list_href=url_for("office.township", round_id=round_id, township_code=township_code)
            if ROLE_OFFICE in me().roles
            else None,
            back_href=url_for("office.progress", round_id=round_id),
        )


def township_row(found: Progress, code: str, name: str, groups: list[str]) -> dict[str, Any]:
    """Return a township's figures, and its groups' counts."""
    row = figures_row(found.by_township[code])
    return row | {
        "name": name,
        "code": code,
        "groups": {
            group: {"answered": own.answered, "main": own.main}
            for group in groups
            if (own := found.by_township_group.get((code, group)))
        },
    }


def people_rows(found: Progress) -> list[dict[str, Any]]:
    """Return the investigators' figures by name, what nobody holds last."""
    rows = [(found.people.get(person_id, ""), own) for person_id, own in found.by_person.items()]
    return [
        figures_row(own) | {"name": name or _("尚未分配")}
        for name, own in sorted(rows, key=lambda row: (not row[0], row[0]))
    ]


def chart(found: Progress, names: dict[str, str]) -> Markup:
    """Draw the townships' bars."""
    labels = part_labels()
    total: Figures = found.total
    title = _(
        "已答 %(done)s，还有 %(open)s 户（人）待访",
        done=total.answered,
        open=total.parts["open"],
    )
    note = _("每条为一个乡镇已发放的样本，含已启用的备用样本；右侧为已答 / 已发放")
    rows = [(names.get(code, code), list(own.parts.values())) for code, own in sorted(found.by_township.items())]
    return Markup(progress_chart(rows, labels, title=title, note=note))  # every text in it is escaped

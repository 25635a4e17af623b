"""Call-backs: the next batch, each unit with its result, figures by investigator."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.desk_forms import BatchForm, ResultForm
from survey_app.office.desk_parts import DESK, desk_frame
from survey_app.office.field import unit_view
from survey_app.services import callbacks as service
from survey_app.services import rounds
from survey_app.services.callbacks import KnownCallback, NobodyNew


@blueprint.get("/rounds/<int:round_id>/callbacks")
@for_roles(*DESK)
def callbacks(round_id: int) -> ResponseReturnValue:
    """Show the call-backs of a round."""
    return callbacks_page(round_id)


def callbacks_page(round_id: int, told: str = "") -> str:
    """Show the call-backs of a round, with what is to be told beside the button."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        found = service.list_callbacks(session, round_)
        names = service.people_names(session, {each.person_id for each in found if each.person_id is not None})
        label, main, tenth = service.label_of(session, round_)
        return render_template(
            "office/desk/callbacks.html",
            **desk_frame(round_, "callbacks"),
            label=label if ROLE_OFFICE in me().roles else None,
            main=main,
            tenth=tenth,
            form=BatchForm() if round_.state in (STATE_OPEN, STATE_CLOSED) else None,
            batches=batches(session, round_, found, names),
            results=result_labels(),
            figures=figure_rows(found, names),
            told=told,
        )


@blueprint.post("/rounds/<int:round_id>/callbacks")
@for_roles(*DESK)
def draw_callbacks(round_id: int) -> ResponseReturnValue:
    """Take the next batch."""
    if BatchForm().validate_on_submit():
        try:
            service.draw_batch(get_shell(), me().actor, round_id)
        except NobodyNew as nobody:
            return callbacks_page(round_id, nobody.en if page_language() == "en" else nobody.zh), nobody.status
    return redirect(url_for("office.callbacks", round_id=round_id))


@blueprint.post("/callbacks/<int:callback_id>")
@for_roles(*DESK)
def callback_result(callback_id: int) -> ResponseReturnValue:
    """Keep what a call-back came to."""
    # Without a check by the form: the service says what is wrong with a result that is not offered.
    result = ResultForm().result.data or ""
    with get_shell().database.reading() as session:
        round_id = service.round_of(session, me().county_id, callback_id).id
    service.set_result(get_shell(), me().actor, callback_id, result)
    return redirect(url_for("office.callbacks", round_id=round_id, _anchor=f"c{callback_id}"))


def result_labels() -> dict[str, str]:
    """Return what the results are called."""
    labels = (_("确认访问过"), _("没有访问过"), _("访问的不是本人"), _("没有联系上"))
    return dict(zip(service.RESULTS, labels, strict=True))


def batches(session: Session, round_: Round, found: list[KnownCallback], names: dict[int, str]) -> list[dict[str, Any]]:
    """Return the call-backs by batch, the newest first."""
    rows: dict[int, dict[str, Any]] = {}
    for each in found:
        batch = rows.setdefault(each.batch, {"number": each.batch, "calls": [], "left": 0})
        batch["left"] += each.result is None
        batch["calls"].append(
            {
                "id": each.id,
                "unit": unit_view(session, round_, each.unit),
                "investigator": names.get(each.person_id or 0, "–"),
                "result": each.result,
                "done_by": each.done_by,
                "done_at": each.done_at,
            }
        )
    return list(rows.values())


def figure_rows(found: list[KnownCallback], names: dict[int, str]) -> list[dict[str, Any]]:
    """Return what the call-backs came to by investigator."""
    return [
        {
            "name": names.get(person_id or 0, _("尚未分配")),
            "drawn": own.drawn,
            "results": [own.results[result] for result in service.RESULTS],
            "share": f"{100 * own.results['confirmed'] / own.reached:.1f}%" if own.reached else "–",
        }
        for person_id, own in sorted(
            service.figures_by_person(found).items(), key=lambda item: names.get(item[0] or 0, "~")
        )
    ]

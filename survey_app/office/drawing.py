"""Draw with a seed typed after the sealing; see the sample and its proof."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round, StoredDraw
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED, STATE_DRAWN, STATE_OPEN
from survey_app.office import blueprint
from survey_app.office.forms import DrawForm, OpenForm, RedrawForm, refusals_on
from survey_app.office.framing import group_labels
from survey_app.office.steps import round_view, steps
from survey_app.services import drawing, fieldwork, rounds


@blueprint.route("/rounds/<int:round_id>/draw", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def draw_page(round_id: int) -> ResponseReturnValue:
    """Ask for the seed, and for a reason where a draw stands already."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(
            round_,
            *drawing.STATES_WITH_FRAME,
            act_en="enter a seed",
            act_zh="输入随机种子",
        )
        if request.method == "POST":
            drawing.require_before_field(round_)
        standing = rounds.current_draw(session, round_id)
    if standing and "reason" not in request.form and request.form.get("seed") == standing.seed:
        # A second click on the first draw: it is done.
        return redirect(url_for("office.sample", round_id=round_id))
    redraw = standing is not None
    form = RedrawForm() if redraw else DrawForm()
    if form.validate_on_submit():
        with refusals_on(form.seed, page_language()):
            job_id = drawing.request_draw(
                shell, me().actor, round_id, seed=form.seed.data, reason=form.reason.data.strip() if redraw else ""
            )
            return redirect(url_for("office.job", job_id=job_id))
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        return render_template(
            "office/draw.html",
            round=round_view(round_),
            steps=steps(round_),
            frame=rounds.sealed_frame(session, round_id),
            design=design_view(round_),
            form=form if round_.state not in (STATE_OPEN, STATE_CLOSED) else None,
            draws=[draw_view(stored) for stored in drawing.past_draws(session, round_id)],
            redraw=redraw,
        )


@blueprint.get("/rounds/<int:round_id>/sample")
@for_roles(ROLE_OFFICE)
def sample(round_id: int) -> ResponseReturnValue:
    """Show the standing draw: its proof, its counts by township, where the frame was short."""
    with get_shell().database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        standing = rounds.current_draw(session, round_id)
        if standing is None:
            return redirect(url_for("office.draw_page", round_id=round_id))
        frame = rounds.sealed_frame(session, round_id)
        units = fieldwork.count_sample(session, standing.id)
        names = rounds.township_names(session, round_.county_id)
        groups = group_labels(round_)
        return render_template(
            "office/sample.html",
            round=round_view(round_),
            steps=steps(round_),
            draw=draw_view(standing) | {"frame_sha256": frame.sha256 if frame else ""},
            groups=groups,
            townships=sample_rows(round_id, units, names),
            shortfalls=[shortfall_text(short, names, dict(groups)) for short in drawing.shortfalls(standing)],
            can_redraw=round_.state == STATE_DRAWN,
            redraw_href=url_for("office.draw_page", round_id=round_id),
            draw_zip_href=url_for("office.draw_folder", round_id=round_id),
            cards_href=url_for("office.print_cards", round_id=round_id) if round_.state == STATE_OPEN else None,
            open_form=OpenForm() if round_.state == STATE_DRAWN else None,
            open_url=url_for("office.open_fieldwork", round_id=round_id),
        )


@blueprint.get("/rounds/<int:round_id>/draw.zip")
@for_roles(ROLE_OFFICE)
def draw_folder(round_id: int) -> ResponseReturnValue:
    """Hand out the folder of the draw."""
    content = drawing.draw_zip(get_shell(), me().actor, round_id)
    return download(content, f"draw-{round_id}.zip", "application/zip")


def download(content: bytes, name: str, mimetype: str) -> Response:
    """Return a file to keep; a name in Chinese stands beside a plain one for old browsers (RFC 6266)."""
    named = f'filename="{name}"'
    if not name.isascii():
        named = f"filename=\"download.{name.rpartition('.')[2]}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f"attachment; {named}"})


def design_view(round_: Round) -> dict[str, Any]:
    """Return the round's design in words."""
    design, language = round_.design, page_language()
    return {
        "name": design["name"],
        "label": design["title"][language],
        "groups": [{"label": group["label"][language], "text": group_text(group)} for group in design["groups"]],
    }


def group_text(group: dict[str, Any]) -> str:
    """Return how a group is drawn, in one sentence."""
    stages = group["stages"]
    reserves = group["reserves"]
    if len(stages) == 1:
        return _("一阶段等距抽取 %(n)s 个，每个配 %(r)s 个备用", n=stages[0]["n"], r=reserves)
    return _(
        "按规模等距抽取村（居）%(k)s 次，每次在村内等距抽取 %(n)s 户，每户配 %(r)s 个备用",
        k=stages[0]["n"],
        n=stages[-1]["n"],
        r=reserves,
    )


def draw_view(stored: StoredDraw) -> dict[str, Any]:
    """Return a draw as its pages show it."""
    return {
        "number": stored.number,
        "seed": stored.seed,
        "fingerprint": stored.fingerprint,
        "sample_sha256": stored.sample_sha256,
        "commitment": stored.commitment,
        "drawn_at": stored.drawn_at,
        "drawn_by": stored.drawn_by,
        "superseded_at": stored.superseded_at,
        "superseded_by": stored.superseded_by,
        "reason": stored.reason,
        "current": stored.superseded_at is None,
    }


def sample_rows(
    round_id: int, units: dict[tuple[str, str], dict[str, int]], names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the sample's counts by township and group."""
    rows: dict[str, dict[str, dict[str, int]]] = {}
    for (township, group), numbers in units.items():
        rows.setdefault(township, {})[group] = numbers
    return [
        {
            "code": code,
            "name": names.get(code, ""),
            "href": url_for("office.township", round_id=round_id, township_code=code),
            "groups": rows[code],
        }
        for code in sorted(rows)
    ]


def shortfall_text(short: dict[str, Any], names: dict[str, str], groups: dict[str, str]) -> str:
    """Say where the frame was too short."""
    return _(
        "%(township)s %(group)s %(cluster)s：应抽 %(wanted)s 个，名单只有 %(found)s 个",
        township=names.get(short["township_code"], short["township_code"]),
        group=groups.get(short["group"], short["group"]),
        cluster=short["cluster_code"],
        wanted=short["wanted"],
        found=short["taken"],
    )

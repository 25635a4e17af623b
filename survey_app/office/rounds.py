"""List rounds, make one, and tell where one stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import KEY_PRINTED, STATE_NEW
from survey_app.office import blueprint
from survey_app.office.forms import RoundForm, refusals_on
from survey_app.office.steps import next_action, round_view, steps
from survey_app.services import closing, drawing, fieldwork, key_halves, rounds
from survey_app.shell import utc_now

if TYPE_CHECKING:
    from sampling import Design


@blueprint.get("/")
@for_roles(ROLE_OFFICE)
def home() -> ResponseReturnValue:
    """List the county's rounds by year."""
    with get_shell().database.reading() as session:
        years = [
            {"number": number, "rounds": [{"round": view, "href": view.href} for view in map(round_view, found)]}
            for number, found in rounds.rounds_by_year(session, me().county_id)
        ]
    return render_template("office/home.html", years=years, new_round_url=url_for("office.new_round"))


@blueprint.route("/rounds/new", methods=["GET", "POST"])
@for_roles(ROLE_OFFICE)
def new_round() -> ResponseReturnValue:
    """Make a round."""
    from sampling import list_designs, load_design

    form = RoundForm()
    form.design.choices = [(name, design_title(load_design(name))) for name in list_designs()]
    if form.validate_on_submit():
        with refusals_on(form.wave, page_language()):
            round_id = rounds.create_round(
                get_shell(),
                me().actor,
                year=form.year.data,
                wave=form.wave.data,
                name=form.name.data.strip(),
                design_name=form.design.data,
            )
            return redirect(url_for("office.show_round", round_id=round_id))
    if not form.is_submitted():
        year = utc_now().year
        with get_shell().database.reading() as session:
            wave = rounds.next_wave(session, me().county_id, year)
        form.year.data, form.wave.data = year, wave
        form.name.data = _("%(year)s年第%(wave)s轮公众评议", year=year, wave=wave)
        form.design.data = "county-110"
    return render_template("office/round_new.html", form=form)


@blueprint.get("/rounds/<int:round_id>")
@for_roles(ROLE_OFFICE)
def show_round(round_id: int) -> ResponseReturnValue:
    """Show where a round stands, what to do next, and what is wrong."""
    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        problems = []
        if round_.state != STATE_NEW and (standing := rounds.current_draw(session, round_id)):
            short = drawing.shortfalls(standing)
            if short:
                problems.append(_("有 %(n)s 处抽样框单位不足，已全部抽取。", n=len(short)))
        if round_.state in key_halves.BEFORE_FIELD and round_.key_holding == KEY_PRINTED:
            states = key_halves.states_of(session, round_id).values()
            if not all(state.typed_back_at for state in states):
                problems.append(_("两半密钥尚未都打印并回输，回输之后才能开始调查。"))
        counts = fieldwork.count_answered(session, round_id)
        facts = round_facts(round_, counts)
        return render_template(
            "office/round.html",
            round=round_view(round_),
            steps=steps(round_),
            next_action=next_action(round_),
            problems=problems,
            traces_left=closing.traces_left(shell, round_id),
            facts=facts,
        )


def design_title(design: Design) -> str:
    """Return what a design is called in the page's language."""
    return design.title.en if page_language() == "en" else design.title.zh


def round_facts(round_: Round, counts: dict[tuple[str, str], tuple[int, int]]) -> list[tuple[str, str]]:
    """Return the few facts of a round that its page shows."""
    facts: list[tuple[str, str]] = [
        (_("编号"), round_.code),
        (_("抽样设计"), round_.design["title"][page_language()]),
    ]
    if counts:
        issued = sum(number for number, _answered in counts.values())
        answered = sum(number for _issued, number in counts.values())
        facts.append((_("样本"), _("%(n)s 户（人）", n=issued)))
        facts.append((_("已答"), f"{answered} / {issued}"))
    kept = _("打印，由调查队和监督员分开保管") if round_.key_holding == KEY_PRINTED else _("两半都留在本机数据目录")
    link = url_for("office.keys", round_id=round_.id)
    facts.append((_("票箱密钥"), Markup('{} <a href="{}">{}</a>').format(kept, link, _("办理"))))
    return facts

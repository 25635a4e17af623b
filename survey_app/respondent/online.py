"""The online appraisal's pages: a township's open page, the code that it hands out, the questionnaire that the code opens once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_card_holder, for_everyone, get_shell
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.respondent.views import blueprint, form_view, parsed, read_answers, refuse_twice, review_rows, size
from survey_app.services import online, rounds
from survey_app.services.casting import ALREADY, LATE, READY, RECEIVED, UNKNOWN
from survey_app.services.online import CodeRate, OnlineStatus

if TYPE_CHECKING:
    from questionnaires import Questionnaire

STATUS = {UNKNOWN: 404}
RETRY_SECONDS = "60"


@blueprint.route("/public/online/<round_code>/<township_code>", methods=["GET", "POST"])
@for_everyone
def online_open(round_code: str, township_code: str) -> ResponseReturnValue:
    """Say what the online appraisal of a township is, and hand out a code on demand."""
    shell = get_shell()
    with shell.database.reading() as session:
        if (over := online.closed_page(session, round_code, township_code)) is not None:
            return outcome_page(over.state, over)
        page = online.open_page(session, round_code, township_code)
    if request.method == "GET":
        return render_template("respondent/online.html", page=page, throttled=False, size=size(), is_demo=page.is_demo)
    if not code_rate().allows(page, request.remote_addr or ""):
        busy = render_template("respondent/online.html", page=page, throttled=True, size=size(), is_demo=page.is_demo)
        return busy, 429, {"Retry-After": RETRY_SECONDS}
    token = online.hand_out(shell, page)
    # In the page alone, in no header and no log, like the codes of cards.
    link = url_for(
        "respondent.online_form", token=token, lang="en" if page_language() == "en" else None, size=size() or None
    )
    return render_template("respondent/online_code.html", page=page, link=link, size=size(), is_demo=page.is_demo)


@blueprint.get("/public/o/<token>")
@for_card_holder
def online_form(token: str) -> ResponseReturnValue:
    """Show the questionnaire of a code, or why it cannot be answered."""
    status = online.look_up(get_shell(), token)
    if status.state != READY:
        return outcome_page(status.state, status)
    return form_page(status, {})


@blueprint.post("/public/o/<token>")
@for_card_holder
def online_answer(token: str) -> ResponseReturnValue:
    """Show the answers once more, go back to them, or put them into the box."""
    status = online.look_up(get_shell(), token)
    if status.state != READY:
        return outcome_page(status.state, status)
    form = frozen_form(status)
    refuse_twice(request.form)
    answers = read_answers(form, request.form)
    step = request.form.get("step", "send")
    if step == "edit":
        return form_page(status, answers)
    if step != "send" or not (answers or "reviewed" in request.form):
        return review_page(status, form, answers)
    return outcome_page(online.cast_online(get_shell(), token, answers), status)


def form_page(status: OnlineStatus, answers: dict[str, str]) -> ResponseReturnValue:
    """Show the questionnaire with these answers chosen, the township's name above it."""
    return render_template(
        "respondent/form.html",
        questionnaire=form_view(frozen_form(status)),
        values=answers,
        comment_limit=0,
        **shared_facts(status),
        tools_step="edit",
    )


def review_page(status: OnlineStatus, form: Questionnaire, answers: dict[str, str]) -> ResponseReturnValue:
    """Show each item with the answer given."""
    rows = review_rows(form, answers)
    return render_template(
        "respondent/review.html",
        questionnaire=form_view(form),
        rows=rows,
        missing=[row for row in rows if row["answer_label"] is None],
        hidden=[*answers.items(), ("lang", page_language()), ("size", size()), ("reviewed", 1)],
        **shared_facts(status),
        tools_step="review",
    )


def outcome_page(state: str, status: OnlineStatus) -> ResponseReturnValue:
    """Show what became of a code."""
    facts = shared_facts(status) if status.round_id is not None else {"size": size(), "online": True}
    if state in (RECEIVED, ALREADY):
        return render_template(f"respondent/{state}.html", **facts)
    title, text = {
        UNKNOWN: (
            _("没有这个网上评议的链接"),
            _("链接有误，或者那次评议已经结束：结束之后所有链接都会销毁。还在进行的，请从网上评议页面重新领取。"),
        ),
        LATE: (_("评议已经结束"), _("这次评议已经截止，不再收答卷。没有来得及作答，也没有任何影响。谢谢您的关心。")),
    }[state]
    return render_template("respondent/notice.html", state=state, title=title, text=text, **facts), STATUS.get(
        state, 200
    )


def shared_facts(status: OnlineStatus) -> dict[str, object]:
    """Return what the pages of a code share: the township, the size of type, whether it is the demo."""
    assert status.round_id is not None
    with get_shell().database.reading() as session:
        round_ = rounds.find_round(session, status.round_id)
        names = rounds.township_names(session, round_.county_id)
        is_demo = round_.county.is_demo
    return {
        "township": names.get(status.township_code, ""),
        "size": size(),
        "is_demo": is_demo,
        "keeps_drafts": False,
        "online": True,
    }


def frozen_form(status: OnlineStatus) -> Questionnaire:
    """Return the questionnaire as it stood when the round's online appraisal was opened."""
    assert status.round_id is not None
    with get_shell().database.reading() as session:
        return parsed(online.definition_of(session, status.round_id))


def code_rate() -> CodeRate:
    """Return how fast this server process hands out codes."""
    return cast(CodeRate, current_app.extensions["pingyi-online-rate"])


blueprint.record_once(lambda state: state.app.extensions.setdefault("pingyi-online-rate", CodeRate()))

"""Show a card's questionnaire, let the answers be looked over, take them once, say thank you."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, current_app, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey_app.access import for_card_holder, get_shell
from survey_app.errors import BadInput
from survey_app.languages import LANGUAGES, page_language
from survey_app.phone_cookies import STAFF_COOKIE
from survey_app.respondent.kept_pages import NAME, KeptPages, kept_pages
from survey_app.respondent.notices import notices, whom_to_call
from survey_app.services import casting
from survey_app.services.ballots import COMMENT_LIMIT, checked_comment
from survey_app.services.casting import ALREADY, READY, RECEIVED, UNKNOWN, VOIDED, CardStatus
from survey_app.services.receipts import receipt_of
from survey_app.shell import utc_now

if TYPE_CHECKING:
    from questionnaires import Questionnaire

blueprint = Blueprint("respondent", __name__)
STATUS = {UNKNOWN: 404, VOIDED: 410}
LONGEST_VISIT = 24 * 3600
REFUSED = "pingyi.refused"
"""Where a request says why its answers, which `straight` tried to store, were not."""
Forms = dict[tuple[int | None, str], "Questionnaire"]


@blueprint.record_once
def keep_pages(state: BlueprintSetupState) -> None:
    """Give each app its own kept pages and questionnaires."""
    state.app.extensions[NAME] = KeptPages()
    state.app.extensions["pingyi-forms"] = {}


def forms_of(app: Flask) -> Forms:
    """Return the questionnaires that an app has parsed, by round and group: frozen when the round opened, they never change."""
    forms: Forms = app.extensions["pingyi-forms"]
    return forms


@blueprint.get("/r/<token>", strict_slashes=False)
@for_card_holder
def questionnaire(token: str) -> ResponseReturnValue:
    """
    Show the questionnaire of the card's group, or why it cannot be answered.

    A slash behind the token, which some scanners add, is answered at once: a redirect would put the token into a header.
    """
    status = casting.look_up(get_shell(), token)
    if status.state != READY:
        return card_page(status.state, status)
    key = page_key("form", status)
    return kept_pages().answer(key, lambda marks: form_page(status, {}, **marks), started_now())


def started_now() -> dict[str, str]:
    """Return what the questionnaire's page holds of the moment at which it was opened."""
    return {"started": str(int(utc_now().timestamp()))}


@blueprint.post("/r/<token>", strict_slashes=False)
@for_card_holder
def answer(token: str) -> ResponseReturnValue:
    """Show the answers once more, go back to them, or put them into the box."""
    if REFUSED in request.environ:
        raise request.environ[REFUSED]
    status = casting.look_up(get_shell(), token)
    if status.state != READY:
        return card_page(status.state, status)
    form = frozen_form(status)
    refuse_twice(request.form)
    answers = read_answers(form, request.form)
    started = started_at(request.form)
    try:
        comment = checked_comment(comment_in(request.form))
    except BadInput as too_long:
        wrong = too_long.en if page_language() == "en" else too_long.zh
        return form_page(status, answers, started=str(started), comment_wrong=wrong), too_long.status
    step = request.form.get("step", "send")
    if step == "edit":
        return form_page(status, answers, started=str(started))
    # A blank sheet spends the card only where somebody has seen that it is blank.
    if step != "send" or not (answers or "reviewed" in request.form):
        return review_page(status, form, answers, started)
    state = casting.cast(get_shell(), token, answers, minutes=minutes_band(started), comment=comment, status=status)
    if state == RECEIVED:
        return card_page(state, replace(status, receipt=receipt_of(token)))
    # Another sending may have come in between; then the card tells its receipt now.
    return card_page(state, casting.look_up(get_shell(), token))


def page_key(name: str, status: CardStatus) -> tuple[object, ...]:
    """Return all that a page depends on which is the same for many."""
    return name, status.round, status.group, page_language(), size(), keeps_drafts()


def plain_page_key(name: str, status: CardStatus) -> tuple[object, ...]:
    """Return the `page_key` for a request in Chinese that has neither query nor cookie."""
    return name, status.round, status.group, LANGUAGES[0], "", True


def card_page(state: str, status: CardStatus) -> ResponseReturnValue:
    """Show what became of a card."""
    shared: dict[str, Any] = {"size": size()}
    if request.method == "GET":
        shared["size_url"] = f"?lang={page_language()}" + ("" if size() else "&size=large")
    if status.round is not None:
        shared |= {"facts": whom_to_call(status.round), "is_demo": status.round.is_demo}
    if state == RECEIVED:
        return kept_pages().answer(
            page_key("received", status),
            lambda marks: render_template("respondent/received.html", **marks, **shared),
            {"receipt": status.receipt},
        )
    if state == ALREADY:
        return render_template("respondent/already.html", receipt=status.receipt, **shared)
    title, text = notices()[state]
    page = render_template("respondent/notice.html", state=state, title=title, text=text, **shared)
    return page, STATUS.get(state, 200)


def form_page(status: CardStatus, answers: Mapping[str, str], *, started: str, comment_wrong: str = "") -> str:
    """Show the questionnaire with these answers chosen, and what is wrong with the comment."""
    assert status.round is not None
    return render_template(
        "respondent/form.html",
        questionnaire=form_view(frozen_form(status)),
        values=answers,
        comment=comment_in(request.form),
        comment_limit=COMMENT_LIMIT,
        comment_wrong=comment_wrong,
        started=started,
        facts=whom_to_call(status.round),
        is_demo=status.round.is_demo,
        keeps_drafts=keeps_drafts(),
        size=size(),
        tools_step="edit",
    )


def review_page(
    status: CardStatus, form: Questionnaire, answers: Mapping[str, str], started: int
) -> ResponseReturnValue:
    """Show each item with the answer given; the answers travel on in hidden fields."""
    assert status.round is not None
    rows = review_rows(form, answers)
    hidden = [*answers.items(), ("started", started), ("lang", page_language()), ("size", size()), ("reviewed", 1)]
    comment = comment_in(request.form)
    return render_template(
        "respondent/review.html",
        questionnaire=form_view(form),
        rows=rows,
        missing=[row for row in rows if row["answer_label"] is None],
        hidden=[*hidden, ("comment", comment)],
        comment=comment,
        is_demo=status.round.is_demo,
        keeps_drafts=keeps_drafts(),
        size=size(),
        tools_step="review",
    )


def review_rows(form: Questionnaire, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each item with the answer given, None where it was skipped."""
    labels = {option.code: in_page_language(option.label) for option in form.scale}
    return [
        {
            "number": number,
            "id": item.id,
            "text": in_page_language(item.text),
            "answer_label": labels.get(answers.get(item.id, "")),
        }
        for number, item in enumerate(form.items, start=1)
    ]


def read_answers(form: Questionnaire, sent: Mapping[str, str]) -> dict[str, str]:
    """
    Return the answers sent, item → code, without the skipped ones.

    Raises
    ------
    BadInput
        If a field that looks like an item is not of this questionnaire, or an answer is none of the four.
    """
    items = {item.id for item in form.items}
    codes = {option.code for option in form.scale}
    answers = {}
    for name, value in sent.items():
        if name in OWN_FIELDS or not value:
            continue
        if name not in items:
            raise BadInput(
                en="This form holds an item that is not on your questionnaire; scan the card again.",
                zh="表单中有不属于本问卷的题目，请重新扫描答卷卡。",
            )
        if value not in codes:
            raise BadInput(
                en=f"Item {name} can be answered with {', '.join(sorted(codes))} only; scan the card again.",
                zh=f"第 {name} 题的答案无效，请重新扫描答卷卡后作答。",
            )
        answers[name] = value
    return answers


OWN_FIELDS = {"step", "started", "lang", "size", "reviewed", "comment"}


def refuse_twice(sent: MultiDict[str, str]) -> None:
    """
    Refuse a form in which an item or the comment comes twice: which of the two was meant is not ours to choose.

    Raises
    ------
    BadInput
        If one does.
    """
    twice = [name for name, values in sent.lists() if len(values) > 1 and name not in OWN_FIELDS - {"comment"}]
    if twice:
        raise BadInput(
            en=f"{twice[0][:40]!r} stands twice in this form, once was expected; nothing was stored. "
            "Open the questionnaire again and choose one answer for each item.",
            zh=f"表单中“{twice[0][:40]}”出现了两次，应只有一次；未作保存。请重新打开问卷，每题只选一个答案。",
        )


def minutes_band(started: int) -> str:
    """Return how long the answering took, as a band; empty where the clock makes no sense."""
    seconds = utc_now().timestamp() - started
    if started <= 0 or not 0 <= seconds <= LONGEST_VISIT:
        return ""
    return "<1" if seconds < 60 else "1-2" if seconds < 120 else "2-5" if seconds <= 300 else ">5"


def comment_in(sent: Mapping[str, str]) -> str:
    """Return the comment sent, its lines ended as the browser counts them."""
    return sent.get("comment", "").replace("\r\n", "\n").strip()


def keeps_drafts() -> bool:
    """Tell whether the phone may keep a draft: not one of the staff, which passes through many hands."""
    return "session" not in request.cookies and STAFF_COOKIE not in request.cookies


def started_at(sent: Mapping[str, str]) -> int:
    """Return when the page was opened, 0 where the form does not say."""
    text = sent.get("started", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


def frozen_form(status: CardStatus) -> Questionnaire:
    """Return the questionnaire that was frozen for this card's round and group."""
    forms = forms_of(current_app)
    key = status.round_id, status.group
    if key not in forms:
        forms[key] = parsed(casting.definition_of(get_shell(), status))
    return forms[key]


@lru_cache(maxsize=64)
def parsed(definition: str) -> Questionnaire:
    """Return a frozen definition as a questionnaire; the same few texts come thousands of times."""
    from questionnaires import parse_questionnaire

    return parse_questionnaire(definition, source="frozen")


def form_view(form: Questionnaire) -> dict[str, Any]:
    """Return a questionnaire in the page's language."""
    return {
        "title": in_page_language(form.title),
        "intro": in_page_language(form.intro),
        "items_list": [
            {"number": number, "id": item.id, "text": in_page_language(item.text)}
            for number, item in enumerate(form.items, start=1)
        ],
        "answers": [(option.code, in_page_language(option.label)) for option in form.scale],
    }


def in_page_language(text: Any) -> str:
    """Return a text of the questionnaire in the page's language."""
    return str(text.en if page_language() == "en" else text.zh)


def size() -> str:
    """Return the size of type asked for: by a button, whose address has it, else by what the form carries on."""
    asked = request.args.get("size") or (request.form.get("size") if request.method == "POST" else None)
    return "large" if asked == "large" else ""

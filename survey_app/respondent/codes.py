"""
The front page of the site: the typed code of a card, for phones that cannot scan.

A right code answers with a page that leads on to ``/r/<token>`` by itself: the token stands in that page alone, in no header and no log.
"""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_everyone, get_shell
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.respondent.views import blueprint, card_page, size
from survey_app.services import cards, casting
from survey_app.services.casting import READY
from survey_app.services.guesses import GuessLimit
from survey_app.services.tokens import ALPHABET, CODE_LENGTH, as_printed, check_character, grouped

FULL_LENGTH = CODE_LENGTH + 1
LONGEST_TYPED = 80
MISTYPED, NOT_FOUND, THROTTLED = "mistyped", "unknown", "throttled"
STATUS = {MISTYPED: 400, NOT_FOUND: 404, THROTTLED: 429}
RETRY_SECONDS = "60"


@blueprint.get("/")
@for_everyone
def type_code() -> ResponseReturnValue:
    """Ask for the code on the card."""
    return code_page()


@blueprint.post("/")
@for_everyone
def take_code() -> ResponseReturnValue:
    """Lead a right code on to its questionnaire, and say of a wrong one what is wrong with it."""
    typed = request.form.get("code", "")[:LONGEST_TYPED]
    code = as_printed(typed)
    if problem := mistake(code):
        return code_page(MISTYPED, problem, shown(code))
    shell = get_shell()
    with shell.database.reading() as session:
        token = cards.token_of_code(session, shell.config, code)
    if token is None:
        if guess_limit().wrong_code(request.remote_addr or ""):
            return code_page(
                NOT_FOUND, _("没有这个代码的答卷卡。请对照卡片再看一遍；如仍不行，请联系卡上的电话。"), shown(code)
            )
        return code_page(THROTTLED, _("这里输错的代码太多了，请过一分钟再试，或直接扫描卡上的二维码。"), shown(code))
    status = casting.look_up(shell, token)
    if status.state != READY:
        return card_page(status.state, status)
    arguments: dict[str, Any] = {"lang": "en"} if page_language() == "en" else {}
    if size():
        arguments["size"] = size()
    link = url_for("respondent.questionnaire", token=token, **arguments)
    return render_template("respondent/code_found.html", link=link, size=size())


def code_page(state: str = "code", problem: str = "", typed: str = "") -> ResponseReturnValue:
    """Show the form, with what was typed and what is wrong with it."""
    arguments: dict[str, Any] = {} if size() else {"size": "large"}
    if page_language() == "en":
        arguments["lang"] = "en"
    page = render_template(
        "respondent/code.html",
        state=state,
        problem=problem,
        typed=typed,
        size=size(),
        size_url=url_for("respondent.type_code", **arguments),
        lang_url=url_for("respondent.type_code", lang="zh" if page_language() == "en" else "en", size=size() or None),
    )
    headers = {"Retry-After": RETRY_SECONDS} if state == THROTTLED else {}
    return page, STATUS.get(state, 200), headers


def mistake(code: str) -> str:
    """Say what is wrong with a code by itself, before any card is looked for; empty where nothing is."""
    if not code:
        return _("请输入卡上的代码。")
    if foreign := next((character for character in code if character not in ALPHABET), ""):
        return _("代码里没有“%(character)s”这个字符，请对照卡片再看一遍。", character=foreign)
    if len(code) != FULL_LENGTH:
        return _("代码共 %(all)s 个字符，您输入了 %(n)s 个，请对照卡片再看一遍。", all=FULL_LENGTH, n=len(code))
    if check_character(code[:-1]) != code[-1]:
        return _("代码里有一个字符不对，请对照卡片逐组再看一遍。")
    return ""


def shown(code: str) -> str:
    """Return a code in groups of four, to be read over against the card."""
    return grouped(code)


def guess_limit() -> GuessLimit:
    """Return the count of wrong codes of this server process."""
    return cast(GuessLimit, current_app.extensions["pingyi-guesses"])


blueprint.record_once(lambda state: state.app.extensions.setdefault("pingyi-guesses", GuessLimit()))

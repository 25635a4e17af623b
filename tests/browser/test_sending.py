"""A hundred phones whose line is cut at random: nothing lost, nothing doubled, and the page never says "sent" when it is not."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Route, expect
from sqlalchemy import func, select

from survey_app.models import Ballot, Response
from survey_app.services import casting, closing
from survey_app.shell import Shell, no_progress
from tests.browser.phones import choose, chosen, expect_state, look_back_and_send, phone, some_answers
from tests.factories import make_county, make_open_round, tokens_of

pytestmark = pytest.mark.browser

# What can happen to one try on its way; the answer is stored where it says so.
FATES = (
    "arrives",
    "cut before the server",
    "cut after the server stored it",
    "half of the answer arrives",
    "hangs on the way there",
    "hangs on the way back",
    "a hotspot answers in its place",
    "the proxy has no server",
)
WEIGHTS = (24, 16, 20, 8, 6, 6, 12, 8)
MOST_TRIES = 8
PATIENCE_OVER = 21_000
LONGEST_PAUSE_OVER = 46_000
SENT = ("received", "already")
UNSENT_WORDS = ("还没有发出去", "还没有确认收到")

# Reports each change of what the page claims.
WATCH = """
addEventListener('DOMContentLoaded', () => {
  const report = () => {
    const main = document.querySelector('main');
    const told = JSON.stringify([main ? main.dataset.state : '', document.body.innerText.includes('已收到')]);
    if (told !== window.lastTold) { window.lastTold = told; window.tell(told); }
  };
  new MutationObserver(report).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  report();
});
"""


@dataclass
class Run:
    """One respondent: what was answered, what befell each try, and which of the page's claims were false."""

    token: str
    answers: dict[str, str]
    chance: random.Random
    shell: Shell
    fates: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)

    def decide(self) -> str:
        fate = "arrives" if len(self.fates) >= MOST_TRIES else self.chance.choices(FATES, WEIGHTS)[0]
        self.fates.append(fate)
        return fate

    def is_stored(self) -> bool:
        return casting.look_up(self.shell, self.token).state == casting.ALREADY

    def hear(self, told: str) -> None:
        claimed, says_received = json.loads(told)
        if (claimed in SENT or says_received) and not self.is_stored():
            self.lies.append(f"{told} after {self.fates}")

    def meet(self, route: Route) -> None:
        """Let a request meet its fate."""
        if route.request.method != "POST":
            route.continue_()
            return
        FATE_OF[self.decide()](route)


def half(route: Route) -> None:
    answer = route.fetch()
    page = answer.text()
    route.fulfill(status=answer.status, content_type="text/html; charset=utf-8", body=page[: page.index("<main")])


def hang(route: Route) -> None:
    """Let the page wait, by its own clock, longer than it has patience."""
    with suppress(Error):  # the tab may be killed meanwhile
        route.request.frame.page.context.clock.run_for(PATIENCE_OVER)
        route.abort()


FATE_OF: dict[str, Callable[[Route], object]] = {
    "arrives": lambda route: route.fulfill(response=route.fetch()),
    "cut before the server": lambda route: route.abort("internetdisconnected"),
    "cut after the server stored it": lambda route: (route.fetch(), route.abort("connectionreset")),
    "half of the answer arrives": half,
    "hangs on the way there": hang,
    "hangs on the way back": lambda route: (route.fetch(), hang(route)),
    "a hotspot answers in its place": lambda route: route.fulfill(
        status=200, content_type="text/html", body="<main><h1>已收到 WiFi 登录请求</h1></main>"
    ),
    "the proxy has no server": lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"),
}


def open_card(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    return page


def drive(context: BrowserContext, run: Run, link: str) -> Page:
    """Answer and send on this phone until the page says that it is done; now and then the tab is killed."""
    page = open_card(context, link)
    choose(page, run.answers)
    look_back_and_send(page)
    for _ in range(60):
        expect(page.locator("main")).not_to_have_attribute("data-state", "sending", timeout=20_000)
        now, words = page.evaluate("[document.querySelector('main').dataset.state, document.body.innerText]")
        if now in SENT:
            return page
        if now == "unsent":
            assert any(true in words for true in UNSENT_WORDS), words
            if run.chance.random() < 0.2:
                page.close()
                page = open_card(context, link)
            else:
                context.clock.run_for(LONGEST_PAUSE_OVER)
    raise AssertionError(f"never acknowledged: {run.fates}")


def test_a_hundred_phones_with_the_line_cut_at_random_lose_and_double_nothing(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    county = make_county(live_shell)
    round_id = make_open_round(live_shell, county)
    tokens = tokens_of(live_shell, round_id, group="rural")
    assert len(tokens) == 100
    runs = []
    for number, token in enumerate(tokens):
        chance = random.Random(20261124 + number)
        run = Run(token, some_answers(chance), chance, live_shell)
        context = phone(browser)
        context.clock.install()
        context.add_init_script(WATCH)
        context.expose_binding("tell", lambda _source, told, run=run: run.hear(told))
        context.route("**/r/*", run.meet)
        page = drive(context, run, f"{live_server}/r/{token}")
        expect(page.locator("main h1")).to_be_visible()
        assert run.is_stored(), run.fates
        kept = page.evaluate("Object.keys(localStorage)")
        assert kept == [], run.fates
        runs.append(run)
        context.close()

    assert [lie for run in runs for lie in run.lies] == []
    met = Counter(fate for run in runs for fate in run.fates)
    assert set(met) == set(FATES)
    assert met.total() > 200
    with live_shell.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 100
    closing.close_round(live_shell, county.office, round_id, no_progress)
    with live_shell.database.reading() as session:
        stored = Counter(json.dumps(row.answers, sort_keys=True) for row in session.scalars(select(Response)))
    assert stored == Counter(json.dumps(run.answers, sort_keys=True) for run in runs)


def test_a_phone_without_signal_says_that_nothing_was_sent_and_sends_when_it_is_back(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    page = open_card(context, f"{live_server}/r/{token}")
    choose(page, {"R01": "basic"})
    context.set_offline(True)
    look_back_and_send(page)
    expect_state(page, "unsent")
    expect(page.get_by_role("status")).to_contain_text("还没有发出去")
    expect(page.get_by_role("button", name="现在再发一次")).to_be_visible()
    assert casting.look_up(live_shell, token).state == casting.READY
    context.set_offline(False)
    expect_state(page, "received")
    context.close()


def test_a_page_left_while_unsent_warns_and_one_that_is_sent_does_not(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    page = open_card(context, f"{live_server}/r/{token}")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("label[for='R01-basic']").tap()
    context.route("**/r/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    look_back_and_send(page)
    expect_state(page, "unsent")
    page.reload()
    assert asked == ["beforeunload"]
    context.unroute("**/r/*")
    expect_state(page, "received")
    page.goto("about:blank")
    assert asked == ["beforeunload"]
    context.close()


def test_a_refusal_by_the_server_is_told_and_the_answers_can_be_mended(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    page = open_card(context, f"{live_server}/r/{token}")
    page.evaluate("document.getElementById('R01-basic').value = 'excellent'")
    choose(page, {"R02": "basic"})
    page.evaluate("document.getElementById('R01-basic').click()")
    look_back_and_send(page)
    expect(page.get_by_role("status")).to_contain_text("没有提交成功")
    expect_state(page, "review")
    page.get_by_role("button", name="返回修改").click()
    page.locator("label[for='R01-unknown']").tap()
    look_back_and_send(page)
    expect_state(page, "received")
    context.close()


def test_a_comment_that_is_too_long_comes_back_with_the_answers_and_is_never_called_sent(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    page = open_card(context, f"{live_server}/r/{token}")
    choose(page, {"R01": "basic", "R02": "unsatisfied"})
    page.evaluate("document.getElementById('comment').removeAttribute('maxlength')")
    page.get_by_label("还有什么想说的").fill("长" * 501)
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if answer.request.method == "POST" else None)
    look_back_and_send(page)
    expect(page.get_by_role("alert")).to_contain_text("有 501 个字，最多 500 个字")
    expect_state(page, "ready")
    assert statuses == [400, 400], "once by the script, then once plainly, for the page that says why"
    assert chosen(page) == {"R01": "basic", "R02": "unsatisfied"}
    assert casting.look_up(live_shell, token).state == casting.READY
    page.get_by_label("还有什么想说的").fill("长" * 500)
    look_back_and_send(page)
    expect_state(page, "received")
    context.close()


def test_a_card_voided_meanwhile_is_told_instead_of_thanked(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    from sqlalchemy import update

    from survey_app.models import Card

    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    page = open_card(context, f"{live_server}/r/{token}")
    choose(page, {"R02": "basic"})
    with live_shell.database.transaction() as session:
        session.execute(update(Card).values(voided=True))
    look_back_and_send(page)
    expect_state(page, "voided")
    context.close()


def test_the_sending_asks_no_other_address_than_the_cards_own(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    token = tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]
    context = phone(browser)
    asked: list[str] = []
    refused: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    context.on("console", lambda message: refused.append(message.text))
    page = open_card(context, f"{live_server}/r/{token}")
    choose(page, {"R02": "basic"})
    look_back_and_send(page)
    expect_state(page, "received")
    assert all(url.startswith(live_server) for url in asked)
    assert [url for url in asked if token in url] == [f"{live_server}/r/{token}"] * 2
    assert refused == []
    context.close()

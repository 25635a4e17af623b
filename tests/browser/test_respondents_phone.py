"""A respondent's phone, old or new: the draft, no JavaScript, WeChat, the keyboard alone, a narrow screen, a slow line, reading aloud."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from sqlalchemy import update

from survey_app.models import Card, Round
from survey_app.services import casting
from survey_app.services.tokens import token_hash
from survey_app.shell import Shell
from tests.browser.phones import choose, chosen, expect_state, look_back_and_send, phone, some_answers, state
from tests.factories import make_county, make_open_round, tokens_of

pytestmark = pytest.mark.browser
SLOW_BITS = 400_000
SLOW_DELAY = 0.4
ANSWERABLE = 3.0
WEIGHT = 40_000

# A phone that can speak Chinese: notes what it is told to say.
SPEAKING = """
window.said = [];
const synthesis = {
  getVoices: () => [{lang: 'en-US', name: 'x'}, {lang: 'zh_CN', name: 'y'}],
  speak: (words) => { window.said.push(words.text + ' / ' + words.lang); window.speaking = words; },
  cancel: () => { window.said.push('cancelled'); },
};
Object.defineProperty(window, 'speechSynthesis', {value: synthesis});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


@pytest.fixture
def token(live_shell: Shell) -> str:
    return tokens_of(live_shell, make_open_round(live_shell, make_county(live_shell)), group="rural")[0]


@pytest.fixture
def link(live_server: str, token: str) -> str:
    return f"{live_server}/r/{token}"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = phone(browser)
    yield made
    made.close()


def opened(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    return page


def kept(page: Page) -> dict[str, str]:
    """Return what the phone keeps of this site."""
    found: dict[str, str] = page.evaluate("Object.assign({}, localStorage)")
    return found


def test_a_draft_survives_reload_and_a_killed_tab_and_goes_when_the_answer_is_received(
    context: BrowserContext, link: str, token: str
) -> None:
    answers = some_answers(random.Random(7))
    page = opened(context, link)
    choose(page, answers)
    page.get_by_label("还有什么想说的").fill("路灯坏了")
    page.get_by_role("button", name="大字").tap()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert chosen(page) == answers
    page.close()  # as a phone does that needs the memory
    page = opened(context, link)
    assert chosen(page) == answers
    expect(page.get_by_label("还有什么想说的")).to_have_value("路灯坏了")
    expect(page.locator("body")).to_contain_class("large")
    expect(page.get_by_text("您上次选的答案还在")).to_be_visible()
    stored = kept(page)
    assert len(stored) == 1
    assert token not in str(stored)
    look_back_and_send(page)
    expect_state(page, "received")
    assert kept(page) == {}


def test_a_draft_can_be_cleared_and_is_gone_after_a_day(context: BrowserContext, link: str) -> None:
    page = opened(context, link)
    choose(page, {"R01": "basic"})
    page.close()
    page = opened(context, link)
    page.get_by_role("button", name="清空，从头答").tap()
    assert chosen(page) == {}
    assert kept(page) == {}
    choose(page, {"R01": "basic"})
    key = next(iter(kept(page)))
    page.evaluate(
        "key => { const kept = JSON.parse(localStorage[key]); kept.at -= 24 * 3600e3 + 1; localStorage[key] = JSON.stringify(kept); }",
        key,
    )
    page.close()
    page = opened(context, link)
    assert chosen(page) == {}
    assert kept(page) == {}


def test_a_draft_goes_too_where_another_phone_has_sent_or_the_draft_is_damaged(
    context: BrowserContext, link: str, token: str, live_shell: Shell
) -> None:
    page = opened(context, link)
    choose(page, {"R01": "basic"})
    page.evaluate("localStorage[Object.keys(localStorage)[0]] = '{'")
    page.close()
    page = opened(context, link)
    assert (chosen(page), kept(page)) == ({}, {})
    choose(page, {"R01": "basic"})
    assert len(kept(page)) == 1
    casting.cast(live_shell, token, {"R01": "unknown"})
    page.close()
    page = opened(context, link)
    assert (state(page), kept(page)) == ("already", {})


def test_a_draft_is_kept_where_a_scanner_adds_a_slash(context: BrowserContext, link: str) -> None:
    page = opened(context, link + "/")
    choose(page, {"R01": "basic"})
    page.close()
    page = opened(context, link + "/")
    assert chosen(page) == {"R01": "basic"}
    look_back_and_send(page)
    expect_state(page, "received")
    assert kept(page) == {}


@pytest.mark.parametrize("over", ["voided", "late"])
def test_a_draft_goes_where_the_card_can_never_be_answered(
    over: str, context: BrowserContext, link: str, token: str, live_shell: Shell
) -> None:
    page = opened(context, link)
    choose(page, {"R01": "basic"})
    with live_shell.database.transaction() as session:
        if over == "late":
            session.execute(update(Round).values(state="closed"))
        else:
            session.execute(update(Card).where(Card.token_hash == token_hash(token)).values(voided=True))
    look_back_and_send(page)
    expect_state(page, over)
    assert kept(page) == {}


def test_a_phone_of_the_staff_keeps_nothing(context: BrowserContext, link: str, live_server: str) -> None:
    context.add_cookies([{"name": "session", "value": "x", "url": live_server}])
    page = opened(context, link)
    choose(page, {"R01": "basic"})
    assert kept(page) == {}
    look_back_and_send(page)
    expect_state(page, "received")


def test_a_phone_that_refuses_storage_sends_all_the_same(context: BrowserContext, link: str) -> None:
    context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }});")
    page = opened(context, link)
    choose(page, {"R01": "basic"})
    look_back_and_send(page)
    expect_state(page, "received")


def test_the_look_back_names_what_is_skipped_and_leads_there_without_the_network(
    context: BrowserContext, link: str
) -> None:
    page = opened(context, link)
    choose(page, {f"R{number:02}": "basic" for number in range(1, 21) if number not in (7, 12)})
    page.get_by_label("还有什么想说的").fill("好")
    context.set_offline(True)
    page.get_by_role("button", name="检查我的答案").tap()
    expect(page.locator("#skipped")).to_contain_text("还有 2 题没有回答")
    expect(page.locator("#look-back .review li")).to_have_count(21)
    page.get_by_role("button", name="第 7 题").tap()
    expect(page.locator("#item-R07")).to_be_in_viewport()
    page.locator("label[for='R07-unknown']").tap()
    page.get_by_role("button", name="检查我的答案").tap()
    expect(page.locator("#skipped")).to_contain_text("还有 1 题没有回答")
    page.go_back()  # the phone's own back button leads to the questions, not away
    expect_state(page, "ready")
    assert len(chosen(page)) == 19


@pytest.mark.parametrize("wechat", [False, True])
def test_without_javascript_the_whole_way_is_the_same(
    wechat: bool, browser: Browser, link: str, token: str, live_shell: Shell
) -> None:
    context = phone(browser, script=False, wechat=wechat)
    page = opened(context, link)
    for number in range(1, 21):
        if number != 7:
            page.locator(f"label[for='R{number:02}-basic']").tap()
    page.get_by_label("还有什么想说的").fill("路灯坏了")
    page.get_by_role("button", name="检查我的答案").tap()
    expect_state(page, "review")
    expect(page.locator("main")).to_contain_text("路灯坏了")
    expect(page.locator("main")).to_contain_text("不要用手机的返回键")
    page.get_by_role("button", name="第 7 题").tap()
    expect(page.locator("#item-R07")).to_be_in_viewport()
    page.locator("label[for='R07-unknown']").tap()
    page.get_by_role("button", name="检查我的答案").tap()
    expect(page.locator("main")).not_to_contain_text("没有回答")
    page.get_by_role("button", name="提交答卷").tap()
    expect_state(page, "received")
    assert casting.look_up(live_shell, token).state == casting.ALREADY
    assert context.cookies() == []
    context.close()


def test_in_wechats_browser_with_javascript_the_answer_is_sent(browser: Browser, link: str) -> None:
    context = phone(browser, wechat=True)
    page = opened(context, link)
    choose(page, some_answers(random.Random(3)))
    look_back_and_send(page)
    expect_state(page, "received")
    context.close()


def focus_is_seen(page: Page) -> bool:
    """Tell whether what has the focus, or its label, has an outline, and stands in sight."""
    seen: bool = page.evaluate(
        """() => {
          const one = document.activeElement, label = one.type === 'radio' ? one.nextElementSibling : one;
          const style = getComputedStyle(label), box = label.getBoundingClientRect();
          return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight;
        }"""
    )
    return seen


@pytest.mark.parametrize("script", [True, False])
def test_the_keyboard_alone_leads_from_the_first_question_to_thanks(script: bool, browser: Browser, link: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script, locale="zh-CN")
    page = opened(context, link)
    for name in ("大字", "English"):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
        assert focus_is_seen(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # who will see my answers?
    expect(page.locator("details.kept")).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    assert focus_is_seen(page)
    for number in range(1, 21):
        page.keyboard.press("Tab")
        if number == 2:
            continue  # skipped
        page.keyboard.press("Space")
        for _ in range(number % 4):
            page.keyboard.press("ArrowDown")
        assert focus_is_seen(page)
    page.keyboard.press("Tab")
    page.keyboard.type("好")
    page.keyboard.press("Tab")
    assert focus_is_seen(page)
    codes = ("satisfied", "basic", "unsatisfied", "unknown")
    assert chosen(page) == {f"R{number:02}": codes[number % 4] for number in range(1, 21) if number != 2}
    page.keyboard.press("Enter")
    expect_state(page, "review")
    page.keyboard.press("Tab")
    while page.locator(":focus").inner_text() != "提交答卷":
        page.keyboard.press("Tab")
    assert focus_is_seen(page)
    page.keyboard.press("Enter")
    expect_state(page, "received")
    context.close()


@pytest.mark.parametrize("width", [320, 180])
def test_no_page_is_wider_than_the_smallest_screen_or_one_magnified_twice(
    width: int, browser: Browser, link: str, live_server: str
) -> None:
    context = phone(browser, width=width)
    page = context.new_page()
    for language in ("zh", "en"):
        for address in (link, f"{live_server}/r/{'0' * 26}", f"{live_server}/", f"{live_server}/public/anonymity"):
            page.goto(f"{address}?size=large&lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, language)
    page.goto(f"{link}?size=large")
    page.get_by_role("button", name="检查我的答案").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_every_answer_and_button_is_at_least_60_pixels_high_and_none_is_coloured_before_it_is_chosen(
    context: BrowserContext, link: str
) -> None:
    page = opened(context, link)
    looks = page.evaluate(
        """() => [...document.querySelectorAll('.answer label')].map(label => {
          const style = getComputedStyle(label), box = label.getBoundingClientRect();
          return [box.height >= 60, box.width >= 320, [style.color, style.backgroundColor, style.borderColor, style.fontWeight].join()];
        })"""
    )
    assert len(looks) == 80
    assert {(high, wide) for high, wide, _ in looks} == {(True, True)}
    assert len({look for _, _, look in looks}) == 1
    page.get_by_role("button", name="检查我的答案").tap()
    heights = [
        (box["height"], box["width"])
        for button in page.locator("#look-back button:visible").all()
        if (box := button.bounding_box())
    ]
    assert len(heights) == 22
    assert min(min(pair) for pair in heights) >= 60


def test_the_line_of_progress_shows_how_much_is_answered_in_a_browser_without_has(
    context: BrowserContext, link: str
) -> None:
    page = opened(context, link)
    choose(page, {"R01": "basic", "R05": "unknown"})
    expect(page.locator(".item.answered")).to_have_count(2)
    assert page.locator(".counted").evaluate("one => getComputedStyle(one, '::after').content") == "counter(answered)"


def test_a_phone_that_speaks_reads_a_question_with_its_answers_and_stops(context: BrowserContext, link: str) -> None:
    context.add_init_script(SPEAKING)
    page = opened(context, link)
    buttons = page.get_by_role("button", name="朗读")
    expect(buttons).to_have_count(20)
    buttons.first.tap()
    expect(page.get_by_role("button", name="停止")).to_have_attribute("aria-pressed", "true")
    said: list[str] = page.evaluate("said")
    assert said[-1].endswith("满意。 基本满意。 不满意。 不了解 / zh_CN")
    assert "增加收入" in said[-1]
    page.get_by_role("button", name="停止").tap()
    assert page.evaluate("said")[-1] == "cancelled"
    buttons.nth(1).tap()
    page.evaluate("speaking.onend()")
    expect(page.get_by_role("button", name="停止")).to_have_count(0)


def test_a_phone_without_a_chinese_voice_offers_no_reading(context: BrowserContext, link: str) -> None:
    context.add_init_script(SPEAKING.replace("zh_CN", "fr_FR"))
    page = opened(context, link)
    expect(page.locator(".say")).to_have_count(0)
    page.goto(f"{link}?lang=en")
    expect(page.get_by_role("button", name="Read aloud")).to_have_count(20)


def test_what_stands_before_the_first_answer_fits_three_seconds_of_a_slow_line(
    context: BrowserContext, link: str
) -> None:
    """
    By bytes, which no busy machine changes: page and style are all that the first question waits for, the script is deferred.

    Two round trips before the page (connection, request) and one more for the style, at 400 kbit/s and 400 ms; the script shares the line.
    """
    finished: list[Request] = []
    page = context.new_page()
    page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 - a method of a list cannot be listened with
    page.goto(link, wait_until="networkidle")
    carried = {request.url.rpartition("/")[2]: request.sizes()["responseBodySize"] for request in list(finished)}
    assert {"pingyi.css", "respondent.js"} <= set(carried)
    assert sum(carried.values()) < WEIGHT
    assert 3 * SLOW_DELAY + sum(carried.values()) * 8 / SLOW_BITS < ANSWERABLE

"""What the investigator's app says where something was refused, a PIN was wrong too often, or a keyboard is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from survey_app.models import Ballot, FramePsu, Person, SampleUnit
from survey_app.models.people import LINK_ENROL
from survey_app.services import accounts, cards, closing, people, phones
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress, utc_now
from tests.browser.phone_driver import OPEN_SECONDS, PhoneInHand
from tests.factories import make_county, make_open_round
from tests.phone_factory import PIN

pytestmark = pytest.mark.browser
OFFICE = Actor("office 王", 1)
LAST = 109
HIDDEN_BY_BAR = """() => {
  const focus = document.activeElement.getBoundingClientRect();
  return focus.bottom > document.getElementById('bar').getBoundingClientRect().top + 0.5;
}"""
BROKEN_WORDS = """() => [...document.querySelectorAll('.filter')].filter((chip) => {
  const text = chip.firstChild, range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, text.data.indexOf(' ') > 0 ? text.data.lastIndexOf(' ') : text.length);
  return chip.scrollWidth > chip.clientWidth || (!range.toString().includes(' ') && range.getClientRects().length > 1);
}).map((chip) => chip.textContent)"""

NOTHING_KEPT = """() => new Promise((resolve) => {
  indexedDB.open('pingyi-field').onsuccess = (opened) => {
    const database = opened.target.result;
    database.transaction('queue').objectStore('queue').count().onsuccess = (counted) => {
      database.close();
      resolve(counted.target.result === 0);
    };
  };
})"""


@pytest.fixture
def round_id(live_shell: Shell) -> int:
    """A round in the field."""
    return make_open_round(live_shell, make_county(live_shell))


@pytest.fixture
def phone(
    browser: Browser, live_server: str, live_shell: Shell, round_id: int, tmp_path: Path
) -> Iterator[PhoneInHand]:
    """A phone with the app, enrolled."""
    held = PhoneInHand(browser, live_shell, tmp_path / "profile")
    held.enrol()
    yield held
    held.switch_off()


def sealed_offline(phone: PhoneInHand, number: int) -> int:
    phone.context.set_offline(True)
    unit_id = phone.hand_over(number)
    phone.answer("basic")
    phone.seal()
    phone.give_back()
    phone.waits(1)
    return unit_id


def household(shell: Shell, unit_id: int) -> tuple[str, str]:
    """A unit's serial and its village's name."""
    with shell.database.reading() as session:
        unit = session.get_one(SampleUnit, unit_id)
        village = session.scalars(select(FramePsu.name).where(FramePsu.psu_code == unit.psu_code)).first()
        assert village
        return f"城镇居民 {unit.sequence} ", village


def test_an_answer_whose_card_was_replaced_is_told_by_household_and_never_as_all_sent(phone: PhoneInHand) -> None:
    unit_id = sealed_offline(phone, LAST)
    cards.reissue_card(phone.shell, OFFICE, unit_id, reason="卡片遗失")
    phone.context.set_offline(False)
    expect(phone.bar.locator("strong")).to_have_text("有 1 条需要您看", timeout=OPEN_SECONDS)
    expect(phone.bar).not_to_contain_text("全部已发送")
    phone.bar.get_by_role("link").tap()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("有 1 条需要您看")
    expect(phone.page.get_by_text("没有待发送的记录")).to_have_count(0)
    notice = phone.page.locator(".notice.error")
    for told in (*household(phone.shell, unit_id), "密封答卷", "已补发作废", "用新卡重新作答"):
        expect(notice).to_contain_text(told)
    phone.page.get_by_role("button", name="English").tap()
    expect(notice).to_contain_text("go there again and let the person answer with the new card")
    expect(phone.bar.locator("strong")).to_have_text("For you to see: 1")
    phone.page.get_by_role("button", name="Understood").tap()
    expect(phone.bar.locator("strong")).to_have_text("All is sent")


def test_an_answer_that_comes_after_the_closing_names_its_household_though_the_list_is_empty(
    phone: PhoneInHand, round_id: int
) -> None:
    unit_id = sealed_offline(phone, LAST)
    closing.close_round(phone.shell, OFFICE, round_id, no_progress)
    phone.context.set_offline(False)
    expect(phone.bar.locator("strong")).to_have_text("有 1 条需要您看", timeout=OPEN_SECONDS)
    phone.open()
    expect(phone.page.get_by_text("现在没有分配给您的样本")).to_be_visible(timeout=OPEN_SECONDS)
    phone.bar.get_by_role("link").tap()
    notice = phone.page.locator(".notice.error")
    for told in (*household(phone.shell, unit_id), "本轮评议已截止，这份答卷未能计入"):
        expect(notice).to_contain_text(told)
    with phone.shell.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 0


def test_the_fifth_wrong_pin_without_a_line_tells_what_to_do(phone: PhoneInHand) -> None:
    phone.page.get_by_role("button", name="锁定").tap()
    phone.context.set_offline(True)
    wrong = phone.page.locator(".wrong")
    for left in (4, 3, 2, 1):
        phone.type_pin("000001")
        expect(wrong).to_contain_text(f"还可以再试 {left} 次")
    phone.type_pin("000001")
    for told in ("已输错 5 次", "记录没有丢失", "到有网络的地方再输入 PIN", "新的登记二维码"):
        expect(wrong).to_contain_text(told)
    expect(wrong).not_to_contain_text("0 次")
    phone.context.set_offline(False)
    phone.type_pin(PIN)
    phone.list_shows()


def test_the_focus_is_never_under_the_bar_and_english_filters_break_in_no_word(phone: PhoneInHand) -> None:
    phone.page.set_viewport_size({"width": 360, "height": 640})
    phone.page.locator("#search").focus()
    for _ in range(14):
        phone.page.keyboard.press("Tab")
        assert phone.page.evaluate("document.activeElement.className").startswith("unit ")
        assert not phone.page.evaluate(HIDDEN_BY_BAR)
    phone.page.get_by_role("button", name="English").tap()
    expect(phone.page.get_by_role("button", name="Appointments 0")).to_be_visible()
    assert phone.page.evaluate(BROKEN_WORDS) == []


def test_what_the_server_has_taken_stays_done_though_the_line_is_cut_before_the_list_comes(phone: PhoneInHand) -> None:
    phone.context.route("**/field/data.json", lambda route: route.abort())
    phone.visit(0)
    phone.hand_over(1)
    phone.answer("basic")
    phone.seal()
    phone.give_back()
    phone.waits(0)
    expect(phone.bar).to_contain_text("没有网络")
    phone.page.goto(f"{phone.base}/field/#")
    phone.page.get_by_role("button", name="全部").tap()
    rows = phone.page.locator("a.unit .state")
    expect(rows.nth(0)).to_contain_text("待再访")
    expect(rows.nth(1)).to_have_text("✓ 已答")
    phone.unit(1)
    expect(phone.page.get_by_role("link", name="请对方在本机作答")).to_have_count(0)
    phone.context.unroute_all(behavior="ignoreErrors")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.bar).to_contain_text("已更新")
    phone.page.goto(f"{phone.base}/field/#")
    expect(rows.nth(1)).to_have_text("✓ 已答")
    phone.page.wait_for_function(NOTHING_KEPT)


def test_an_appointment_by_the_right_time_is_taken_though_the_phones_clock_is_days_fast(phone: PhoneInHand) -> None:
    now = utc_now()
    phone.context.clock.set_fixed_time(now + timedelta(days=2))
    phone.open()
    phone.send_now()
    phone.unit(0)
    phone.page.get_by_role("link", name="记录访问").tap()
    phone.page.locator("label[for=outcome-appointment]").tap()
    phone.page.locator("label[for=others-none]").tap()
    tomorrow = now + timedelta(days=1)
    phone.page.locator("#day").fill(f"{tomorrow:%Y-%m-%d}")
    phone.page.locator("#hour").fill("12:00")
    phone.page.get_by_role("button", name="保存访问").tap()
    expect(phone.page.locator(".state-line")).to_contain_text("已预约")


def test_who_cancels_an_enrolment_on_anothers_phone_leaves_it_as_it_was(phone: PhoneInHand) -> None:
    phone.context.set_offline(True)
    phone.visit(0)
    phone.context.set_offline(False)
    second = accounts.invite(phone.shell, OFFICE, display_name="乙", roles=["investigator"])[0]
    with phone.shell.database.transaction() as session:
        token = people.make_link(session, session.get_one(Person, second), LINK_ENROL)
    phone.page.goto(f"{phone.base}/field/enrol/{token}")
    phone.page.get_by_label("设置 PIN").fill("771204")
    phone.page.get_by_label("再输入一次").fill("771204")
    phone.page.get_by_role("button", name="完成登记").tap()
    expect(phone.page.locator("#ask-text")).to_contain_text("另一位调查员的 1 条记录")
    phone.page.get_by_role("button", name="取消").tap()
    expect(phone.page.locator(".wrong")).to_contain_text("登记码仍可使用")
    with phone.shell.database.reading() as session:
        assert phones.person_to_enrol(session, token).id == second
    phone.open()
    phone.waits(0)


def test_items_left_out_are_told_as_items_and_not_as_a_count(phone: PhoneInHand) -> None:
    phone.page.get_by_role("button", name="English").tap()
    phone.page.locator("a.unit").first.tap()
    expect(phone.page).to_have_url(re.compile(r"#unit/\d+$"))
    phone.page.goto(f"{phone.page.url}/answer")
    phone.page.locator("button.strong").tap()
    for part in (4, 1, 13):
        phone.answer("basic", part)
        if part != 13:
            phone.page.locator("button.strong").tap()  # skipped
    expect(phone.page.get_by_text("Not answered: item 5, item 7. You may answer what is missing")).to_be_visible()

"""The investigator's app on a phone: enrolment, PIN, list, QR, forms, accessibility."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import select, update

from survey_app.models import Ballot, Device, SampleUnit
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, utc_now
from tests.browser.phone_driver import OPEN_SECONDS, PhoneInHand
from tests.factories import TOWNSHIPS, CountyFacts, make_county, make_open_round, sign_in_token, tokens_of
from tests.phone_factory import PIN

pytestmark = pytest.mark.browser


@pytest.fixture
def round_id(live_shell: Shell) -> int:
    """A round in the field."""
    return make_open_round(live_shell, make_county(live_shell))


@pytest.fixture
def phone(
    browser: Browser, live_shell: Shell, round_id: int, live_server: str, tmp_path: Path
) -> Iterator[PhoneInHand]:
    """A phone with the app, enrolled."""
    held = PhoneInHand(browser, live_shell, tmp_path / "profile")
    held.enrol()
    yield held
    held.switch_off()


def test_an_enrolled_phone_opens_by_itself_for_a_while_and_by_pin_after_it_was_locked(phone: PhoneInHand) -> None:
    assert phone.page.url == f"{phone.base}/field/"
    phone.open()
    expect(phone.page.locator("a.unit")).to_have_count(110)
    phone.page.get_by_role("button", name="锁定").tap()
    expect(phone.page.get_by_role("heading", name="请输入 PIN")).to_be_visible()
    phone.page.reload()
    phone.type_pin("000001")
    expect(phone.page.locator(".wrong")).to_contain_text("还可以再试 4 次")
    phone.type_pin(PIN)
    phone.list_shows()


def test_five_wrong_pins_block_the_phone_and_a_new_code_brings_back_what_waited(phone: PhoneInHand) -> None:
    phone.context.set_offline(True)
    phone.visit(0)
    phone.waits(1)
    phone.page.get_by_role("button", name="锁定").tap()
    expect(phone.page.get_by_role("heading", name="请输入 PIN")).to_be_visible()
    phone.context.set_offline(False)
    for left in (4, 3, 2, 1):
        phone.type_pin("000001")
        expect(phone.page.locator(".wrong")).to_contain_text(f"还可以再试 {left} 次")
    phone.type_pin("000001")
    expect(phone.page.get_by_role("alert")).to_contain_text("本机已锁定")
    phone.page.goto(f"{phone.base}/field/")
    expect(phone.page.get_by_role("alert")).to_contain_text("本机已锁定")
    phone.enrol("905172")
    phone.waits(0)
    assert visits_kept(phone.shell) == 1


def visits_kept(shell: Shell) -> int:
    from survey_app.models import Visit

    with shell.database.reading() as session:
        return len(session.scalars(select(Visit)).all())


def test_a_revoked_phone_wipes_its_store_at_the_next_contact(phone: PhoneInHand) -> None:
    phone.context.set_offline(True)
    phone.visit(0)
    assert phone.page.evaluate("indexedDB.databases().then((all) => all.length)") == 1
    with phone.shell.database.transaction() as session:
        session.execute(update(Device).values(revoked_at=utc_now()))
    phone.context.set_offline(False)
    expect(phone.page.get_by_role("alert")).to_contain_text("已停用本机")
    stored = phone.dump()
    assert "plain:\n" in stored + "\n"
    for store in ("plain", "sealed", "queue"):
        assert f"\n{store}:\n" in stored
    phone.page.goto(f"{phone.base}/field/")
    expect(phone.page.get_by_role("alert")).to_contain_text("已停用本机")
    assert visits_kept(phone.shell) == 0


def ballots_kept(shell: Shell) -> int:
    with shell.database.reading() as session:
        return len(session.scalars(select(Ballot)).all())


def sealed_then_revoked(phone: PhoneInHand) -> None:
    """A visit and a sealed answer wait without a line, and the office revokes the phone."""
    phone.context.set_offline(True)
    phone.visit(0)
    phone.hand_over(109)
    phone.answer("basic")
    phone.seal()
    phone.give_back()
    phone.waits(2)
    with phone.shell.database.transaction() as session:
        session.execute(update(Device).values(revoked_at=utc_now()))


def nothing_is_left(phone: PhoneInHand) -> None:
    stored = phone.dump() + "\n"
    for store in ("plain", "sealed", "queue"):
        assert f"\n{store}:\n" in stored


def test_a_revoked_phone_hands_its_sealed_answers_in_and_then_wipes_its_store(phone: PhoneInHand) -> None:
    sealed_then_revoked(phone)
    cookies: list[str] = []
    phone.page.on(
        "request", lambda sent: "/field/ballots" in sent.url and cookies.append(str(sent.all_headers().get("cookie")))
    )
    phone.context.set_offline(False)
    expect(phone.page.get_by_role("alert")).to_contain_text("已停用本机", timeout=OPEN_SECONDS)
    expect(phone.page.get_by_text("待发送的密封答卷共 1 份，清除前已投入票箱 1 份")).to_be_visible()
    nothing_is_left(phone)
    assert (ballots_kept(phone.shell), visits_kept(phone.shell)) == (1, 0)
    assert cookies == ["None"]


def test_a_revoked_phone_that_was_locked_hands_in_by_its_pin(phone: PhoneInHand) -> None:
    sealed_then_revoked(phone)
    phone.page.get_by_role("button", name="锁定").tap()
    expect(phone.page.get_by_role("heading", name="请输入 PIN")).to_be_visible()
    phone.context.set_offline(False)
    phone.type_pin(PIN)
    expect(phone.page.get_by_text("清除前已投入票箱 1 份")).to_be_visible(timeout=OPEN_SECONDS)
    nothing_is_left(phone)
    assert ballots_kept(phone.shell) == 1


def test_a_revoked_phone_waits_for_the_line_with_its_wipe_and_tries_no_second_time(phone: PhoneInHand) -> None:
    sealed_then_revoked(phone)
    line = {"cut": True}
    answered: list[int] = []

    def answer(route: Route) -> None:
        if line["cut"]:
            route.abort()
            return
        answered.append(400)
        route.fulfill(status=400, json={"zh": "不收", "en": "not taken"})

    phone.context.route("**/field/ballots", answer)
    phone.context.set_offline(False)
    expect(phone.bar).to_contain_text("没有网络", timeout=OPEN_SECONDS)
    assert "\nqueue:\n" not in phone.dump() + "\n"
    line["cut"] = False
    phone.send_now()
    expect(phone.page.get_by_text("待发送的密封答卷共 1 份，清除前已投入票箱 0 份")).to_be_visible(timeout=OPEN_SECONDS)
    nothing_is_left(phone)
    assert answered == [400]


def test_a_camera_reads_the_units_own_link_from_the_screen(phone: PhoneInHand, round_id: int) -> None:
    unit_id = phone.unit(0)
    phone.page.get_by_role("link", name="出示二维码").tap()
    picture = Image.open(io.BytesIO(phone.page.locator("svg.qr").screenshot()))
    codes = zxingcpp.read_barcodes(picture)
    with phone.shell.database.reading() as session:
        group = session.get_one(SampleUnit, unit_id).group
    assert [code.text for code in codes] == [f"{phone.base}/r/{tokens_of(phone.shell, round_id, group=group)[0]}"]
    box = phone.page.locator("svg.qr").bounding_box()
    assert box is not None
    assert box["width"] >= 300


def test_the_list_can_be_filtered_and_searched(phone: PhoneInHand) -> None:
    phone.visit(0, "card_left")
    phone.unit(1)
    phone.page.get_by_role("link", name="记录访问").tap()
    phone.page.locator("label[for=outcome-appointment]").tap()
    phone.page.locator("label[for=others-guide]").tap()
    phone.page.get_by_role("button", name="保存访问").tap()
    expect(phone.page.locator(".wrong")).to_contain_text("请填写约定的日期和时间")
    phone.page.locator("#day").fill("2099-12-24")
    phone.page.locator("#hour").fill("18:30")
    phone.page.get_by_role("button", name="保存访问").tap()
    expect(phone.page.locator(".state-line")).to_contain_text("已预约")
    phone.page.goto(f"{phone.base}/field/#")
    phone.page.get_by_role("button", name="预约 1").tap()
    expect(phone.page.locator("a.unit")).to_have_count(1)
    phone.page.get_by_role("button", name="待办 109").tap()
    expect(phone.page.locator("a.unit")).to_have_count(109)
    phone.page.get_by_label("查找姓名").fill("企业")
    expect(phone.page.locator("a.unit")).to_have_count(10)


DRAWN_AGAIN = """() => {
  const first = document.querySelector('a.unit');
  const again = !first.dataset.seen;
  first.dataset.seen = 'yes';
  return again;
}"""


def test_who_goes_by_keyboard_stays_where_they_were_when_the_list_is_drawn_anew(phone: PhoneInHand) -> None:
    focus = "document.activeElement.getAttribute('href') ?? document.activeElement.innerText"
    phone.page.locator("a.unit").nth(7).focus()
    unit = phone.page.evaluate(focus)
    assert phone.page.evaluate(DRAWN_AGAIN)
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.page.wait_for_function(DRAWN_AGAIN)
    assert phone.page.evaluate(focus) == unit
    phone.page.get_by_role("button", name="立即发送").press("Enter")
    phone.page.wait_for_function(DRAWN_AGAIN)
    assert phone.page.evaluate(focus) == "立即发送"


def test_nothing_half_typed_into_the_search_goes_when_the_phone_gets_in_touch(phone: PhoneInHand) -> None:
    phone.page.get_by_label("查找姓名").press_sequentially("企")
    expect(phone.page.locator("a.unit")).to_have_count(10)
    phone.page.evaluate(DRAWN_AGAIN)
    with phone.page.expect_response("**/field/data.json"):
        phone.page.get_by_role("button", name="立即发送").evaluate("button => button.click()")
    expect(phone.page.locator("#bar")).to_contain_text("已更新")
    assert not phone.page.evaluate(DRAWN_AGAIN)
    expect(phone.page.get_by_label("查找姓名")).to_be_focused()


def test_the_list_tells_rounds_apart_only_where_there_are_several(phone: PhoneInHand) -> None:
    rounds = phone.page.locator(".round")
    expect(phone.page.locator("h2.village").first).to_be_visible()
    expect(rounds).to_have_count(0)
    phone.unit(0)
    expect(rounds).to_have_count(0)
    make_open_round(phone.shell, CountyFacts(1, Actor("office 王", 1), TOWNSHIPS), wave=2)
    phone.page.goto(f"{phone.base}/field/#")
    phone.page.reload()
    expect(phone.page.locator("a.unit")).to_have_count(220)
    names = [heading.inner_text() for heading in phone.page.locator("h2.village").all()]
    half = len(names) // 2
    assert all("第1轮公众评议" in name for name in names[:half])
    assert all("第2轮公众评议" in name for name in names[half:])
    for number, name in ((0, "第1轮公众评议"), (219, "第2轮公众评议")):
        phone.unit(number)
        expect(rounds).to_have_text(name)


def test_not_found_is_no_reason_before_the_rule_is_met(phone: PhoneInHand) -> None:
    phone.visit(0)
    phone.page.get_by_role("link", name="申请替换").tap()
    phone.page.locator("label[for=reason-no_contact]").tap()
    expect(phone.page.locator("label[for=reason-no_contact]")).to_contain_text("现在是：1 次，1 天")
    phone.page.get_by_role("button", name="提交申请").tap()
    expect(phone.page.locator(".wrong")).to_contain_text("规则：至少 2 天访问 3 次")
    phone.waits(0)


def test_the_demos_once_link_leads_into_the_app_with_a_pin_chosen(
    browser: Browser, live_shell: Shell, round_id: int, live_server: str, tmp_path: Path
) -> None:
    held = PhoneInHand(browser, live_shell, tmp_path / "profile")
    held.page.goto(f"{live_server}/account/link/{sign_in_token(live_shell, 'investigator')}")
    held.page.get_by_role("button", name="进入").tap()
    held.page.get_by_label("设置 PIN").fill(PIN)
    held.page.get_by_label("再输入一次").fill("482914")
    held.page.get_by_role("button", name="完成登记").tap()
    expect(held.page.locator(".wrong")).to_contain_text("两次输入不一致")
    for field in ("设置 PIN", "再输入一次"):
        held.page.get_by_label(field).fill(PIN)
    held.page.get_by_role("button", name="完成登记").tap()
    held.list_shows()
    held.switch_off()


def test_no_page_of_the_app_has_a_fault_of_accessibility_or_a_target_too_small(phone: PhoneInHand) -> None:
    unit_id = phone.visit(0)
    axe = Axe()
    for hash_, heading in (
        ("#", "我的名单"),
        (f"#unit/{unit_id}", "访问记录"),
        (f"#unit/{unit_id}/qr", "二维码"),
        (f"#unit/{unit_id}/visit", "记录访问"),
        (f"#unit/{unit_id}/release", "申请替换"),
        (f"#unit/{unit_id}/answer", "测评表"),
        ("#queue", "待发送"),
    ):
        phone.page.goto(f"{phone.base}/field/{hash_}")
        expect(phone.page.get_by_role("heading", name=heading).first).to_be_attached()
        found = axe.run(phone.page)
        assert found.violations_count == 0, (hash_, found.generate_report())
        assert too_small(phone) == [], hash_
    phone.page.goto(f"{phone.base}/field/#unit/{unit_id}/answer")
    phone.page.get_by_role("button", name="开始作答").tap()
    expect(phone.page.get_by_text("第 1 题")).to_be_visible()
    found = axe.run(phone.page)
    assert found.violations_count == 0, found.generate_report()
    assert too_small(phone) == []


def too_small(phone: PhoneInHand) -> list[str]:
    """Return what is to be tapped and is less than 60 px high, or is cut off at the side."""
    small: list[str] = phone.page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main label.answer, .answer label, #bar a, #bar button, header button')]
          .map((each) => [each, each.getBoundingClientRect()])
          .filter(([, box]) => box.height && (box.height < 59.5 || box.left < 0 || box.right > innerWidth))
          .map(([each, box]) => each.textContent + ' ' + box.height)"""
    )
    return small

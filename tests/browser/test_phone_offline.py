"""
The line is cut in mid-list, mid-answer and mid-sync, the tab and the phone are killed, the server is restarted: each action exactly once.
And a hand-over leaves no plain answer anywhere on the phone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Route, expect
from sqlalchemy import func, select

from survey_app.models import AnsweredUnit, Ballot, Comment, ReserveRelease, Response, Visit
from survey_app.services import closing
from survey_app.services.ballots import COMMENT_LIMIT
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress
from tests.browser.phone_driver import KillableServer, PhoneInHand
from tests.factories import answers, make_county, make_open_round, tokens_of
from tests.phone_factory import PIN

pytestmark = pytest.mark.browser
COMMENT = "桥头路灯坏了很久"
CONTROL = "对照用的明文"
PLAIN_RECORD = f"""() => new Promise((resolve) => {{
  const request = indexedDB.open('control', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('plain', {{ autoIncrement: true }});
  request.onsuccess = () => {{
    const transaction = request.result.transaction('plain', 'readwrite', {{ durability: 'strict' }});
    transaction.objectStore('plain').add({{ said: '{CONTROL}' }});
    transaction.oncomplete = () => {{ request.result.close(); resolve(); }};
  }};
}})"""


@pytest.fixture
def round_id(live_shell: Shell) -> int:
    """A round in the field."""
    return make_open_round(live_shell, make_county(live_shell))


@pytest.fixture
def server(live_shell: Shell, round_id: int) -> Iterator[KillableServer]:
    """A server that can be killed."""
    started = KillableServer(live_shell)
    started.start()
    yield started
    started.kill()


@pytest.fixture
def phone(browser: Browser, server: KillableServer, live_shell: Shell, tmp_path: Path) -> Iterator[PhoneInHand]:
    """An enrolled phone."""
    held = PhoneInHand(browser, live_shell, tmp_path / "profile")
    held.enrol()
    yield held
    held.switch_off()


def kept(shell: Shell) -> dict[str, int]:
    """How many of each the database holds."""
    with shell.database.reading() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Visit, ReserveRelease, Ballot, AnsweredUnit)
        }


def test_what_is_done_without_a_line_survives_the_phones_end_and_arrives_once_in_its_order(
    phone: PhoneInHand, server: KillableServer, round_id: int
) -> None:
    phone.context.set_offline(True)
    phone.visit(0, "refused")
    phone.ask_reserve(0)
    phone.hand_over(1)
    phone.answer("basic")
    phone.seal()
    phone.give_back()
    phone.visit(2)
    phone.waits(4)
    server.kill()
    phone.switch_off()
    phone.switch_on()
    phone.open(PIN)  # from the phone's own files, by the PIN alone
    phone.waits(4)
    phone.page.get_by_role("button", name="已完成 2").tap()
    expect(phone.page.get_by_text("替换申请待发送")).to_be_visible()
    expect(phone.page.get_by_text("已答，待发送")).to_be_visible()
    assert sum(kept(phone.shell).values()) == 0
    server.start()
    phone.send_now()
    phone.waits(0)
    assert kept(phone.shell) == {"visits": 2, "reserve_releases": 1, "ballots": 1, "answered_units": 1}
    closing.close_round(phone.shell, Actor("office 王", 1), round_id, no_progress)
    with phone.shell.database.reading() as session:
        response = session.scalars(select(Response)).one()
        assert (response.answers, response.mode) == (answers("delegates", "basic"), "")  # a lone way is not kept


def test_a_line_cut_after_the_server_has_stored_doubles_nothing(phone: PhoneInHand) -> None:
    stored: list[int] = []

    def lose_the_answer(route: Route) -> None:
        stored.append(route.fetch().status)
        route.abort()

    phone.context.route("**/field/sync", lose_the_answer)
    phone.visit(0)
    phone.hand_over(1)
    phone.answer("satisfied")
    phone.seal()
    phone.give_back()
    phone.waits(2)
    expect(phone.bar).to_contain_text("没有网络")
    for _ in range(3):
        phone.send_now()
        phone.waits(2)
    assert stored
    assert set(stored) == {200}
    assert kept(phone.shell) == {"visits": 1, "reserve_releases": 0, "ballots": 1, "answered_units": 1}
    phone.context.unroute_all(behavior="ignoreErrors")
    phone.send_now()
    expect(phone.bar.locator("strong")).to_have_text("有 1 条需要您看", timeout=20_000)
    assert kept(phone.shell) == {"visits": 1, "reserve_releases": 0, "ballots": 1, "answered_units": 1}
    phone.bar.get_by_role("link").tap()
    expect(phone.page.locator(".notice")).to_contain_text("答卷已在票箱中")
    phone.page.get_by_role("button", name="知道了").tap()
    expect(phone.page.get_by_text("没有待发送的记录")).to_be_visible()
    phone.waits(0)


def test_a_server_killed_while_it_takes_the_actions_gets_them_again(phone: PhoneInHand, server: KillableServer) -> None:
    phone.context.set_offline(True)
    for number in range(4):
        phone.visit(number)
    phone.waits(4)

    def kill_in_mid(route: Route) -> None:
        route.fetch()
        server.kill()
        route.abort()

    phone.context.route("**/field/sync", kill_in_mid, times=1)
    phone.context.set_offline(False)
    expect(phone.bar).to_contain_text("没有网络", timeout=20_000)
    phone.waits(4)
    server.start()
    phone.send_now()
    phone.waits(0)
    assert kept(phone.shell)["visits"] == 4


def test_visits_through_a_line_that_is_cut_at_random_arrive_once_each_in_their_order(phone: PhoneInHand) -> None:
    chance = random.Random(20261124)

    def bad_line(route: Route) -> None:
        fate = chance.choice(["cut before", "cut after", "through"])
        # A request whose page was loaded anew is gone already; that is one more way of being cut.
        with suppress(Error):
            if fate == "through":
                route.continue_()
                return
            if fate == "cut after":
                route.fetch()
            route.abort()

    phone.context.route("**/field/sync", bad_line)
    units = []
    for number in range(12):
        units.append(phone.visit(number))
        if chance.random() < 0.4:
            phone.page.reload()  # whatever is under way dies
    phone.context.unroute_all(behavior="ignoreErrors")
    phone.page.goto(f"{phone.base}/field/#")
    phone.list_shows()
    phone.send_now()
    phone.waits(0)
    with phone.shell.database.reading() as session:
        found = session.scalars(select(Visit.sample_unit_id).order_by(Visit.visited_at)).all()
    assert list(found) == units


def test_a_tab_that_dies_right_after_saving_has_saved(phone: PhoneInHand) -> None:
    phone.context.set_offline(True)
    for number in range(3):
        phone.visit(number)
        phone.page.close()
        phone.page = phone.context.new_page()
        phone.open(PIN)
        phone.waits(number + 1)
    phone.context.set_offline(False)
    phone.waits(0)
    assert kept(phone.shell)["visits"] == 3


def test_a_refused_action_stays_with_its_sentence_until_it_is_dismissed(phone: PhoneInHand, round_id: int) -> None:
    from survey_app.models import Assignment

    phone.context.set_offline(True)
    phone.visit(0)
    with phone.shell.database.transaction() as session:
        for assignment in session.scalars(select(Assignment)):
            session.delete(assignment)
    phone.context.set_offline(False)
    expect(phone.bar).to_contain_text("1 条需要您看", timeout=20_000)
    phone.page.reload()
    expect(phone.bar).to_contain_text("1 条需要您看", timeout=20_000)
    phone.bar.get_by_role("link").tap()
    expect(phone.page.locator(".notice.error")).to_contain_text("您的名单中", timeout=20_000)
    phone.page.get_by_role("button", name="知道了").tap()
    expect(phone.bar).not_to_contain_text("需要您看")
    assert kept(phone.shell)["visits"] == 0


def test_leaving_a_hand_over_midway_discards_the_answers_and_shows_none(phone: PhoneInHand) -> None:
    phone.hand_over(0)
    phone.answer("unsatisfied", 3)
    phone.page.locator("label[for=answer-unsatisfied]").tap()
    phone.page.go_back()
    expect(phone.page.get_by_role("alertdialog")).to_contain_text("答案全部作废")
    expect(phone.page.locator("input:checked")).to_have_count(0)
    phone.page.get_by_role("button", name="继续作答").tap()
    expect(phone.page.get_by_text("第 4 题")).to_be_visible()
    expect(phone.page.locator("input:checked")).to_have_count(0)
    phone.page.get_by_role("button", name="上一题").tap()
    expect(phone.page.get_by_text("此题已答")).to_be_visible()
    expect(phone.page.locator("input:checked")).to_have_count(0)
    phone.page.go_back()
    phone.page.get_by_role("button", name="离开并作废").tap()
    expect(phone.page.get_by_role("link", name="请对方在本机作答")).to_be_visible()
    for _ in range(4):
        phone.page.go_back()
        assert "第 3 题" not in phone.page.inner_text("body")
        expect(phone.page.locator("input:checked")).to_have_count(0)
    phone.waits(0)
    assert kept(phone.shell)["ballots"] == 0


def test_a_hand_over_carries_a_comment_as_long_as_the_respondents_own_page(phone: PhoneInHand, round_id: int) -> None:
    phone.context.set_offline(True)
    phone.hand_over(0)
    phone.answer("unsatisfied")
    field = phone.page.locator("#comment")
    assert field.get_attribute("maxlength") == str(COMMENT_LIMIT)
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill("长" * 700)
    phone.page.get_by_role("button", name="密封并提交").tap()
    expect(phone.page.get_by_role("alert")).to_contain_text("留言太长")
    longest = ("桥头路灯坏了很久\n" * COMMENT_LIMIT)[: COMMENT_LIMIT - 1] + "。"
    phone.seal(longest + "\x07" * COMMENT_LIMIT)
    phone.give_back()
    phone.context.set_offline(False)
    phone.waits(0)
    closing.close_round(phone.shell, Actor("office 王", 1), round_id, no_progress)
    with phone.shell.database.reading() as session:
        assert session.scalars(select(Response)).one().answers == answers("delegates", "unsatisfied")
        assert session.scalars(select(Comment.text)).one() == longest


def test_a_hand_over_that_is_interrupted_is_covered_and_a_reload_discards_it(phone: PhoneInHand) -> None:
    phone.hand_over(0)
    phone.answer("unsatisfied", 2)
    hide = (
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true}); "
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    phone.page.evaluate(hide)
    expect(phone.page.get_by_role("heading", name="作答被打断")).to_be_visible()
    assert "满意" not in phone.page.inner_text("body")
    phone.page.get_by_role("button", name="继续作答").tap()
    expect(phone.page.get_by_text("第 3 题")).to_be_visible()
    phone.page.reload()
    phone.list_shows()
    assert phone.page.evaluate("location.hash") == "#answering"
    phone.waits(0)


def test_a_hand_over_never_leaves_plain_answers_or_names_in_what_the_phone_stores(phone: PhoneInHand) -> None:
    unit_id = phone.unit(0)
    name = phone.page.get_by_role("heading", level=1).inner_text()
    token = tokens_of(phone.shell, 1, group="delegates")[0]
    phone.page.evaluate(PLAIN_RECORD)
    phone.context.set_offline(True)
    phone.hand_over(0)
    phone.answer("unsatisfied", 7)
    during = phone.dump()
    phone.answer("unsatisfied", 13)
    phone.seal(COMMENT)
    sealed = phone.dump()
    phone.give_back()
    phone.waits(1)
    queued = phone.dump()
    assert "\nqueue:\n" not in queued
    assert "\nqueue:\n" in during
    phone.switch_off()
    disk = phone.bytes_on_disk()
    assert CONTROL.encode("utf-16-le") in disk  # a plain record would be found
    for secret in ('"D01":', '"unsatisfied"', COMMENT, f'{name}"', "1990000", token, f'"unit_id":{unit_id}'):
        for stored in (during, sealed, queued):
            assert secret not in stored, secret
            assert secret.encode().decode("latin1") not in stored, secret
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert secret.encode(coding) not in disk, (secret, coding)
    phone.switch_on()
    phone.open()

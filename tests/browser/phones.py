"""What the tests of a respondent's phone share: phones, cards, ways to answer."""

from __future__ import annotations

import random
from collections.abc import Mapping

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories import item_ids

PHONE = {"width": 360, "height": 740}
WECHAT = (
    "Mozilla/5.0 (Linux; Android 8.1.0; OPPO R11 Build/OPM1) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/57.0.2987.132 MQQBrowser/6.2 TBS/044807 Mobile Safari/537.36 MMWEBID/7233 MicroMessenger/7.0.7.1521(0x27000736) "
    "Process/tools NetType/3G Language/zh_CN"
)
CODES = ("satisfied", "basic", "unsatisfied", "unknown")


def phone(browser: Browser, *, script: bool = True, wechat: bool = False, width: int = 360) -> BrowserContext:
    """Return a phone's browser with nothing kept."""
    return browser.new_context(
        viewport=PHONE | {"width": width},
        java_script_enabled=script,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        user_agent=WECHAT if wechat else None,
    )


def some_answers(chance: random.Random, group: str = "rural") -> dict[str, str]:
    """Return answers by chance, about one item in ten skipped."""
    return {item: chance.choice(CODES) for item in item_ids(group) if chance.random() < 0.9}


def choose(page: Page, answers: Mapping[str, str]) -> None:
    """Choose these answers at once, as taps would one by one."""
    page.evaluate(
        """answers => { for (const [item, code] of Object.entries(answers)) document.getElementById(item + '-' + code).click(); }""",
        dict(answers),
    )


def chosen(page: Page) -> dict[str, str]:
    """Return the answers that a page shows as chosen."""
    found: dict[str, str] = page.evaluate(
        """() => { const found = {}; for (const one of document.querySelectorAll('.item input:checked')) found[one.name] = one.value; return found; }"""
    )
    return found


def state(page: Page) -> str:
    """Return the state that a page tells."""
    return page.locator("main").get_attribute("data-state") or ""


def expect_state(page: Page, wanted: str) -> None:
    """Wait until a page tells this state."""
    expect(page.locator("main")).to_have_attribute("data-state", wanted)


def look_back_and_send(page: Page) -> None:
    """Press the two buttons at the end."""
    page.get_by_role("button", name="检查我的答案").click()
    expect_state(page, "review")
    page.get_by_role("button", name="提交答卷").click()

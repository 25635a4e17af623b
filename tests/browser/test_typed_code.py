"""A person whose phone cannot scan types the code, without script and on a narrow screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from survey_app.models import Round, SampleUnit
from survey_app.services.tokens import card_secrets, grouped
from survey_app.shell import Shell
from tests.factories import make_county, make_open_round

pytestmark = pytest.mark.browser


def test_a_typed_code_opens_the_questionnaire(
    browser: Browser, live_server: str, live_shell: Shell, tmp_path: Path
) -> None:
    round_id = make_open_round(live_shell, make_county(live_shell))
    with live_shell.database.reading() as session:
        code = session.get_one(Round, round_id).code
        unit = session.scalars(
            select(SampleUnit.id).where(SampleUnit.round_id == round_id).order_by(SampleUnit.id)
        ).first()
    card = card_secrets(live_shell.config, round_code=code, unit_id=unit or 0, issue=1)
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    referers: list[str | None] = []
    page.on("request", lambda request: referers.append(request.headers.get("referer")))
    page.goto(f"{live_server}/")
    field = page.get_by_label("卡上的代码")
    assert (page.locator("#code").bounding_box() or {})["height"] >= 60
    field.fill(card.code[:-1] + ("A" if card.code[-1] != "A" else "B"))
    page.get_by_role("button", name="打开问卷").click()
    assert "有一个字符不对" in page.locator("[role=alert]").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=tmp_path / "code.png")
    field.fill(grouped(card.code).lower())
    page.get_by_role("button", name="打开问卷").click()
    page.wait_for_url(f"{live_server}/r/{card.token}")
    assert page.locator("main").get_attribute("data-state") == "ready"
    assert not [referer for referer in referers if referer and card.token in referer]
    assert context.cookies() == []
    context.close()

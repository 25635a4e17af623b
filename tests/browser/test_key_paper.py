"""A half of the key on paper: one sheet, two whole copies, which can be typed back as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, expect

from survey_app.models import Round
from survey_app.services import key_halves
from survey_app.shell import Shell
from tests.factories import make_county, make_drawn_round, sign_in_token

pytestmark = pytest.mark.browser
LINE = r"[0-9A-HJKMNP-TV-Z]{4}(?:\s+[0-9A-HJKMNP-TV-Z]{4}){2}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_holders_print_their_halves_and_type_them_back_from_the_sheet(
    browser: Browser, live_server: str, live_shell: Shell, tmp_path: Path, language: str
) -> None:
    county = make_county(live_shell)
    round_id = make_drawn_round(live_shell, county)
    key_halves.choose_holding(live_shell, county.office, round_id, "printed")
    for holder in key_halves.HOLDERS:
        page = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()
        page.goto(f"{live_server}/account/link/{sign_in_token(live_shell, holder)}")
        page.get_by_role("button", name="进入").click()
        page.goto(f"{live_server}/office/rounds/{round_id}/keys?lang={language}")
        page.locator(f"form[action$='/keys/{holder}/make'] button").click()
        expect(page.locator("ol.half").first).to_be_visible()
        expect(page.locator("ol.half").last).to_be_hidden()
        assert page.locator("body").evaluate("body => body.scrollWidth") == 360
        sheet = tmp_path / f"{holder}.pdf"
        page.pdf(path=sheet, format="A4", prefer_css_page_size=True)
        printed = pypdfium2.PdfDocument(sheet)
        assert len(printed) == 1, "both copies on one sheet"
        text = printed[0].get_textpage().get_text_range()
        lines = [" ".join(line.split()) for line in re.findall(LINE, text)]
        assert len(lines) == 10
        assert lines[:5] == lines[5:]
        printed.close()
        assert text.count("359900-2026-1") == 2
        page.locator(".actions a.strong").click()
        for number, line in enumerate(lines[:5], start=1):
            page.fill(f"#{holder}-{number}", line)
        page.locator("main form button.strong").click()
        expect(page.locator("td .yes").first).to_be_visible()
        page.context.close()
    with live_shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        assert all(state.typed_back_at for state in key_halves.states_of(session, round_id).values())
        assert key_halves.public_key_of(session, round_)

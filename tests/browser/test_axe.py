"""axe finds no violation on any page, for each role, in each state of a round, in both languages, on a phone and on a desk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from survey_app import create_app
from survey_app.models import Card, Device, Job, Person, Round, SampleUnit
from survey_app.models.people import LINK_INVITE
from survey_app.models.samples import ROLE_MAIN
from survey_app.services import all_formats, card_files, casting, closing, framing, key_halves, online, people, worker
from survey_app.services.cards import reissue_card
from survey_app.services.tokens import token_hash
from survey_app.shell import Shell, no_progress, utc_now
from tests.factories import (
    CountyFacts,
    answer_all,
    answers,
    frame_csv,
    make_county,
    make_drawn_round,
    make_open_round,
    make_round,
    make_sealed_round,
    sign_in_token,
    tokens_of,
)

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)
TOWNSHIP = "359900101000"

# Each page by who sees it; {new} … {closed} are rounds in these states. The table knows every GET route, and a test holds it to that.
PAGES: dict[str, tuple[str, ...]] = {
    "nobody": (
        "/",
        "/public/",
        "/public/anonymity",
        "/public/receipts",
        "/public/online/359900-2026-2/" + TOWNSHIP,
        "/public/o/{online}",
        "/account/invite/{invite}",
        "/account/sign-in",
        "/account/link/{link}",
        "/r/{ready}",
        "/r/{ready}?size=large",
        "/r/{already}",
        "/r/{voided}",
        "/r/{early}",
        "/r/{late}",
        "/r/{unknown}",
        "/no/such/page",
    ),
    "office": (
        "/office/",
        "/office/record",
        "/office/rounds/new",
        "/office/rounds/{new}",
        "/office/rounds/{new}/frame",
        "/office/rounds/{new}/frame/check/{faulty}",
        "/office/rounds/{sealed}",
        "/office/rounds/{sealed}/frame",
        "/office/rounds/{sealed}/frame/check/{check}",
        "/office/rounds/{sealed}/draw",
        "/office/rounds/{drawn}",
        "/office/rounds/{drawn}/draw",
        "/office/rounds/{drawn}/sample",
        "/office/rounds/{open}",
        "/office/rounds/{open}/sample/" + TOWNSHIP,
        "/office/rounds/{open}/progress",
        "/office/rounds/{open}/cards",
        "/office/rounds/{open}/cards/{print}",
        "/office/rounds/{open}/close",
        "/office/rounds/{open}/slips",
        "/office/rounds/{open}/online",
        "/office/desk",
        "/office/rounds/{open}/progress/" + TOWNSHIP,
        "/office/rounds/{open}/assignments",
        "/office/rounds/{open}/assignments/" + TOWNSHIP,
        "/office/rounds/{open}/releases",
        "/office/rounds/{open}/callbacks",
        "/office/rounds/{open}/signals",
        "/office/people",
        "/office/people/new",
        "/office/people/{person}",
        "/office/people/{person}/close",
        "/office/people/{person}/phones/{device}/revoke",
        "/office/rounds/{open}/keys",
        "/office/rounds/{drawn}/keys",
        "/office/rounds/{drawn}/keys/office",
        "/office/units/{unit}",
        "/office/units/{unit}/reissue",
        "/office/jobs/{check}",
        "/office/rounds/{closed}",
        "/office/rounds/{closed}/draw",
        "/office/rounds/{closed}/progress",
        "/office/rounds/{closed}/results",
        "/office/rounds/{closed}/results/" + TOWNSHIP,
        "/office/rounds/{closed}/results/opinions",
        "/office/rounds/{closed}/results/sureness",
        "/office/rounds/{closed}/results/quality",
        "/office/rounds/{closed}/results/comments",
        "/office/rounds/{closed}/exports/{made}",
        "/office/rounds/{closed}/online",
    ),
    "supervisor": ("/office/desk", "/office/rounds/{open}/progress", "/office/rounds/{open}/slips"),
    "investigator": ("/office/",),
    "observer": ("/office/record", "/office/keys", "/office/rounds/{drawn}/keys/observer"),
}
# GET routes that answer with a file or plain text, not with a page; and the investigator's app, which test_phone holds to axe.
NO_PAGES = {
    "investigator.home",
    "investigator.enrol",
    "investigator.manifest",
    "investigator.worker",
    "phone.data",
    "office.comments_csv",
    "office.online_folder",
    "public.receipt_list",
    "static",
    "public.health",
    "account.sign_out",
    "office.demo_frame",
    "office.draw_folder",
    "office.paper_questionnaire",
    "office.scores_xlsx",
    "office.report_docx",
    "office.responses_folder",
}


@pytest.fixture
def places(live_shell: Shell) -> dict[str, object]:
    """A round in each state, and a card in each."""
    county = make_county(live_shell)
    closed = make_open_round(live_shell, county, wave=1)
    answer_all(live_shell, closed)
    closing.close_round(live_shell, county.office, closed, no_progress)
    opened = make_open_round(live_shell, county, wave=2)
    cards = tokens_of(live_shell, opened, group="rural")
    casting.cast(live_shell, cards[1], answers(), minutes="2-5")
    early = make_open_round(live_shell, county, wave=3)
    late = make_open_round(live_shell, county, wave=4)
    with live_shell.database.transaction() as session:
        unit = session.scalars(select(Card.sample_unit_id).where(Card.token_hash == token_hash(cards[2]))).one()
        session.execute(update(Round).values(contact="县调查队 0599-7654321", answer_by=date(2026, 12, 5)))
        session.execute(update(Round).where(Round.id == early).values(state="drawn"))
        session.execute(update(Round).where(Round.id == late).values(state="closed"))
    reissue_card(live_shell, county.office, unit, reason="掉进水里")
    online.open_online(live_shell, county.office, opened)
    with live_shell.database.reading() as session:
        page = online.open_page(session, "359900-2026-2", TOWNSHIP)
    return {
        "closed": closed,
        "open": opened,
        "ready": cards[0],
        "already": cards[1],
        "voided": cards[2],
        "early": tokens_of(live_shell, early)[0],
        "late": tokens_of(live_shell, late)[0],
        "unknown": "0" * 26,
        "link": sign_in_token(live_shell, "observer"),
        "online": online.hand_out(live_shell, page),
    } | work_of_the_office(live_shell, county, opened, closed)


def work_of_the_office(shell: Shell, county: CountyFacts, opened: int, closed: int) -> dict[str, object]:
    """Make what the office's pages show: rounds on their way, a check that failed, printed cards."""
    drawn = make_drawn_round(shell, county, wave=5)
    sealed = make_sealed_round(shell, county, wave=6)
    new = make_round(shell, county, wave=7)
    faulty = frame_csv(county.townships).replace(b",urban,", ",城里的居民们,".encode(), 2)
    refused = framing.receive_upload(shell, county.office, new, name="frame.csv", stream=io.BytesIO(faulty))
    printed = card_files.request_print(shell, county.office, opened, by="township")
    made = all_formats.request_exports(shell, county.office, closed, language="zh")
    worker.run_waiting(shell)
    key_halves.choose_holding(shell, county.office, drawn, "printed")
    with shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        invite = people.make_link(session, person, LINK_INVITE)
        device = Device(person_id=person.id, secret_hash=b"s" * 32, pin_hash=None, enrolled_at=utc_now())
        session.add(device)
        session.flush()
        numbers = {"person": person.id, "device": device.id, "invite": invite}
    with shell.database.reading() as session:
        unit = session.scalars(
            select(SampleUnit.id).where(SampleUnit.round_id == opened, SampleUnit.role == ROLE_MAIN).limit(1)
        ).one()
        check = session.scalars(select(Job.id).where(Job.round_id == sealed, Job.kind == "check_frame")).one()
    return {
        "drawn": drawn,
        "sealed": sealed,
        "new": new,
        "faulty": refused,
        "check": check,
        "print": printed,
        "made": made,
        "unit": unit,
    } | numbers


def signed_in(browser: Browser, base: str, shell: Shell, who: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 740})
    if who != "nobody":
        page = context.new_page()
        page.goto(f"{base}/account/link/{sign_in_token(shell, who)}")
        page.get_by_role("button", name="进入").click()
        page.wait_for_load_state()  # Chromium may never answer one who closes a page on its way to another
        page.close()
    return context


def violations(page: Page) -> Iterator[str]:
    """Say what axe finds on a page as it stands, at each width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        for found in Axe().run(page).response["violations"]:
            for node in found["nodes"]:
                yield f"{width} px: {found['id']}: {found['help']}: {node['html'][:200]}"


@pytest.mark.parametrize("who", list(PAGES))
def test_axe_finds_no_violation_on_any_page(
    who: str, browser: Browser, live_server: str, live_shell: Shell, places: dict[str, object]
) -> None:
    context = signed_in(browser, live_server, live_shell, who)
    page = context.new_page()
    found = []
    for path in PAGES[who]:
        address = path.format(**places)
        for language in ("zh", "en"):
            page.goto(f"{live_server}{address}{'&' if '?' in address else '?'}lang={language}")
            expect(page.locator("html")).to_have_attribute("lang", re.compile("^en" if language == "en" else "^zh"))
            found += [f"{path} {language} {line}" for line in violations(page)]
    context.close()
    assert found == [], "\n".join(found)


def test_axe_finds_no_violation_on_a_respondents_way_with_script(
    browser: Browser, live_server: str, places: dict[str, object]
) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 740})
    page = context.new_page()
    page.goto(f"{live_server}/r/{places['ready']}")
    page.locator("label[for='R01-basic']").click()
    page.locator("details.kept summary").click()
    found = [f"answers chosen: {line}" for line in violations(page)]
    page.get_by_role("button", name="检查我的答案").click()
    found += [f"look back: {line}" for line in violations(page)]
    context.set_offline(True)
    page.get_by_role("button", name="提交答卷").click()
    expect(page.locator("main")).to_have_attribute("data-state", "unsent")
    found += [f"unsent: {line}" for line in violations(page)]
    context.set_offline(False)
    expect(page.locator("main")).to_have_attribute("data-state", "received")
    found += [f"received: {line}" for line in violations(page)]
    context.close()
    assert found == [], "\n".join(found)


def test_axe_finds_no_violation_on_a_respondents_way_where_the_script_fails(
    browser: Browser, live_server: str, places: dict[str, object]
) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 740})
    context.route("**/respondent.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{live_server}/r/{places['ready']}?size=large&lang=en")
    page.locator("label[for='R01-basic']").click()
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator("main")).to_have_attribute("data-state", "review")
    found = [f"look back: {line}" for line in violations(page)]
    page.get_by_role("button", name="Question 7", exact=True).click()
    expect(page.locator("#item-R07")).to_be_in_viewport()
    page.evaluate("document.getElementById('R01-basic').value = 'excellent'")
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator("main")).to_have_attribute("data-state", "error")
    found += [f"refused: {line}" for line in violations(page)]
    page.goto(f"{live_server}/?lang=en")
    page.locator("#code").fill("234")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += [f"mistyped: {line}" for line in violations(page)]
    context.close()
    assert found == [], "\n".join(found)


def test_axe_finds_no_violation_on_forms_sent_with_mistakes(
    browser: Browser, live_server: str, live_shell: Shell, places: dict[str, object]
) -> None:
    context = signed_in(browser, live_server, live_shell, "office")
    page = context.new_page()
    found = []
    for path, button in (
        ("/office/rounds/{sealed}/draw", "抽取样本"),
        ("/office/rounds/{new}/frame", "检查抽样框"),
        ("/office/units/{unit}/reissue", None),
        ("/office/rounds/{open}/close", "关闭本轮并开箱"),
    ):
        page.goto(live_server + path.format(**places))
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        (page.get_by_role("button", name=button) if button else page.locator("main form button").last).click()
        page.wait_for_load_state()
        found += [f"{path}: {line}" for line in violations(page)]
    context.close()
    assert found == [], "\n".join(found)


def test_the_table_of_pages_leaves_out_no_address_that_can_be_read(live_shell: Shell) -> None:
    app = create_app(shell=live_shell)
    assert readable(app) == seen(app)


def readable(app: Flask) -> set[str]:
    """Return the endpoints that answer a GET with a page."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - NO_PAGES


def seen(app: Flask) -> set[str]:
    """Return the endpoints that the table leads to."""
    adapter = app.url_map.bind("pingyi.test")
    found = set()
    for path in {path for paths in PAGES.values() for path in paths} - {"/no/such/page"}:
        filled = re.sub(r"\{\w+\}", "1", path.partition("?")[0])
        found.add(str(adapter.match(filled, method="GET")[0]))
    return found

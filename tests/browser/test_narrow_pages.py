"""The office's pages at the width of a phone: nothing cut, nothing too small for a finger."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Browser, Locator, expect

from survey_app.services import closing, framing, worker
from survey_app.shell import Shell, no_progress
from tests.factories import (
    CountyFacts,
    answer_all,
    frame_csv,
    make_county,
    make_drawn_round,
    make_open_round,
    make_round,
    sign_in_token,
)

pytestmark = pytest.mark.browser
WIDTH = 360
FINGER = 40


def pages_of(shell: Shell, county: CountyFacts) -> dict[str, str]:
    """Make a round for each page that is looked at, and return where it stands."""
    closed = make_open_round(shell, county, wave=1)
    answer_all(shell, closed)
    closing.close_round(shell, county.office, closed, no_progress)
    opened = make_open_round(shell, county, wave=2)
    drawn = make_drawn_round(shell, county, wave=3)
    new = make_round(shell, county, wave=4)
    faulty = frame_csv(county.townships).replace(b",urban,", ",城里的居民们,".encode(), 2)
    check = framing.receive_upload(shell, county.office, new, name="frame.csv", stream=io.BytesIO(faulty))
    worker.run_waiting(shell)
    return {
        "results": f"/office/rounds/{closed}/results/{min(county.townships)}",
        "sample": f"/office/rounds/{opened}/sample/{min(county.townships)}",
        "draw": f"/office/rounds/{drawn}/draw",
        "check": f"/office/rounds/{new}/frame/check/{check}",
        "public": "/public/",
    }


def boxes(found: Locator) -> list[tuple[float, float, float]]:
    """Left edge, right edge and height of each element found; there must be some."""
    places = [box for element in found.all() if (box := element.bounding_box())]
    assert places
    return [(box["x"], box["x"] + box["width"], box["height"]) for box in places]


def all_in_sight(found: Locator) -> bool:
    return all(left >= 0 and right <= WIDTH for left, right, _height in boxes(found))


def test_pages_on_a_phone_are_not_cut_and_their_links_fit_a_finger(
    browser: Browser, live_server: str, live_shell: Shell
) -> None:
    pages = pages_of(live_shell, make_county(live_shell))
    page = browser.new_context(viewport={"width": WIDTH, "height": 740}, locale="zh-CN").new_page()
    page.goto(f"{live_server}/account/link/{sign_in_token(live_shell, 'office')}")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("评议轮次")

    page.goto(live_server + pages["results"])
    assert all_in_sight(page.locator("svg.bar"))
    results = pages["results"].rpartition("/")[0]
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    for path in (results, *(f"{results}/{name}" for name in ("opinions", "sureness", "quality"))):
        page.goto(live_server + path)
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTH, path
        if page.locator(".drawn").count():
            assert all_in_sight(page.locator(".drawn > svg"))
    assert refused == []
    page.goto(live_server + pages["check"])
    assert all_in_sight(page.locator(".faults td"))
    assert "第 " not in page.locator(".faults td.words").first.inner_text()[:4]
    page.goto(live_server + pages["draw"])
    assert max(height for _, _, height in boxes(page.locator("td.words"))) < 200
    page.goto(live_server + pages["public"])
    command = page.locator("code.command").last
    assert command.evaluate("code => code.scrollWidth <= code.clientWidth")
    salt = page.locator("dt:text-is('盐') + dd").inner_text()
    assert f"printf {salt} |" in command.inner_text()
    page.goto(live_server + pages["sample"])
    for links in (page.locator(".steps a"), page.get_by_role("link", name="二维码")):
        assert min(height for _, _, height in boxes(links)) >= FINGER

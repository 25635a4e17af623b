"""The whole road in a real browser: frame → draw → QR → phone → scores."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from survey_app.shell import Shell
from tests.browser.server import ROOT
from tests.factories import frame_csv, item_ids, make_county, sign_in_token

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}

# Two respondents a group in one township, and what their answers are worth, worked out by hand:
# delegates 5 and 0 → 50; enterprise 3 and don't know → 60; urban 5 and 3 → 80;
# rural: items 1–5 5 and skipped → 5, items 6–10 5 and don't know → 5, items 11–20 0 and 3 → 1.5, together 65.
RURAL = item_ids("rural")
ANSWERS: dict[str, list[dict[str, str]]] = {
    "delegates": [
        dict.fromkeys(item_ids("delegates"), "satisfied"),
        dict.fromkeys(item_ids("delegates"), "unsatisfied"),
    ],
    "enterprise": [dict.fromkeys(item_ids("enterprise"), "basic"), dict.fromkeys(item_ids("enterprise"), "unknown")],
    "urban": [dict.fromkeys(item_ids("urban"), "satisfied"), dict.fromkeys(item_ids("urban"), "basic")],
    "rural": [
        dict.fromkeys(RURAL[:10], "satisfied") | dict.fromkeys(RURAL[10:], "unsatisfied"),
        dict.fromkeys(RURAL[5:10], "unknown") | dict.fromkeys(RURAL[10:], "basic"),
    ],
}
EXPECTED = {"delegates": 50.0, "enterprise": 60.0, "urban": 80.0, "rural": 65.0}
EXPECTED_SCORE = 63.75


class Office:
    """The survey team's desk, in words of what people do there."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def sign_in(self, token: str) -> None:
        self.page.goto(f"{self.base}/account/link/{token}")
        self.page.get_by_role("button", name="进入").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("评议轮次")

    def make_round(self) -> None:
        self.page.get_by_role("link", name="新建评议轮次").click()
        self.page.get_by_role("button", name="建立评议轮次").click()
        self.page.get_by_role("link", name="导入抽样框").click()

    def upload(self, path: Path) -> None:
        self.page.get_by_label("抽样框文件").set_input_files(path)
        self.page.get_by_role("button", name="检查抽样框").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("抽样框通过检查", timeout=30_000)

    def seal(self) -> str:
        self.page.get_by_role("button", name="封存抽样框").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("抽样框已封存", timeout=30_000)
        return self.page.locator(".hash.large").inner_text()

    def draw(self, seed: str) -> None:
        self.page.get_by_role("link", name="输入随机种子").click()
        self.page.get_by_label("随机种子").fill(seed)
        self.page.get_by_role("button", name="抽取样本").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("样本与证明", timeout=30_000)

    def open_fieldwork(self) -> None:
        self.page.get_by_role("button", name="开始调查").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("调查进度")
        expect(self.page.locator("main")).to_contain_text("0 / 220")

    def card_links(self, township: str, group: str, number: int) -> list[str]:
        self.page.get_by_role("link", name="样本名单与二维码").click()
        self.page.get_by_role("link", name=township).click()
        section = self.page.get_by_role("link", name=re.compile(f"二维码 {group} "))
        links = section.all()[:number]
        found = [self.base + str(link.get_attribute("href")) for link in links]
        self.page.get_by_role("link", name="调查", exact=True).click()
        return found

    def scan(self, card: str) -> str:
        """Decode the QR code from a picture of the screen, as a phone's camera would."""
        self.page.goto(card)
        picture = Image.open(io.BytesIO(self.page.locator(".qr-frame").screenshot()))
        codes = zxingcpp.read_barcodes(picture)
        assert len(codes) == 1
        return codes[0].text

    def close_round(self) -> None:
        self.page.get_by_role("link", name="调查", exact=True).click()
        self.page.get_by_role("link", name="关闭本轮……").click()
        self.page.get_by_label("我知道关闭后不能再收答卷").check()
        self.page.get_by_role("button", name="关闭本轮并开箱").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("公众评议得分", timeout=30_000)

    def download(self, link: str) -> bytes:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=link).click()
        return Path(waiting.value.path()).read_bytes()


def answer_on_a_phone(browser: Browser, link: str, answers: dict[str, str], *, script: bool) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=script, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(link)
    assert page.locator("fieldset").count() == 20
    for number, (item, answer) in enumerate(answers.items()):
        if number == len(answers) // 2:  # halfway somebody wants larger type, and keeps what was answered
            page.get_by_role("button", name="大字").tap()
            expect(page.locator("body")).to_have_class(re.compile(r"\blarge\b"))
            expect(page.locator("input:checked")).to_have_count(number)
        page.locator(f"label[for='{item}-{answer}']").tap()
    page.get_by_role("button", name="检查我的答案").tap()
    expect(page.locator("main")).to_have_attribute("data-state", "review")
    page.get_by_role("button", name="提交答卷").tap()
    expect(page.locator("main")).to_have_attribute("data-state", "received")
    page.goto(link)
    expect(page.locator("main")).to_have_attribute("data-state", "already")
    context.close()


def test_the_whole_road_from_a_frames_file_to_the_scores(
    browser: Browser, live_server: str, live_shell: Shell, tmp_path: Path
) -> None:
    make_county(live_shell)
    frame = tmp_path / "frame.csv"
    frame.write_bytes(frame_csv())
    office = Office(browser.new_context(locale="zh-CN").new_page(), live_server)
    office.sign_in(sign_in_token(live_shell, "office"))
    office.make_round()
    office.upload(frame)
    shown_hash = office.seal()
    office.draw("2026-11-23 071215")
    office.open_fieldwork()

    sent = 0
    for group, label in (
        ("delegates", "代表委员"),
        ("enterprise", "企业经营者"),
        ("urban", "城镇居民"),
        ("rural", "农村居民"),
    ):
        office.page.goto(f"{live_server}/office/rounds/1/progress")
        cards = office.card_links("云溪镇", label, 2)
        for card, answers in zip(cards, ANSWERS[group], strict=True):
            link = office.scan(card)
            assert link.startswith(f"{live_server}/r/")
            answer_on_a_phone(browser, link, answers, script=sent != 3)
            sent += 1
    office.page.goto(f"{live_server}/office/rounds/1/close")  # the progress page is renewed every five minutes only
    expect(office.page.locator("main")).to_contain_text("已收到 8 份答卷，样本共 220 个")
    office.page.goto(f"{live_server}/office/rounds/1/progress")
    office.close_round()

    book = CalamineWorkbook.from_filelike(io.BytesIO(office.download("得分工作簿")))
    cells = [row for row in book.get_sheet_by_index(0).to_python() if "359900101000" in row]
    assert [cell for cell in cells[0] if cell == EXPECTED_SCORE]
    folder = unpack(office.download("答卷文件夹"), tmp_path / "unpacked")
    scores = score_in_the_shell(folder / "responses", tmp_path / "scores")
    assert scores == EXPECTED | {"township": EXPECTED_SCORE}
    draw = unpack(office.download("抽样文件夹"), tmp_path / "draw") / "draw-359900-2026-1"
    verified = subprocess.run(
        [sys.executable, "-m", "survey_app", "verify", str(draw)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "220" in verified.stdout
    assert shown_hash in (draw / "draw.json").read_text()


def unpack(content: bytes, folder: Path) -> Path:
    """Unpack a zip and return its folder."""
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def score_in_the_shell(responses: Path, out: Path) -> dict[str, float]:
    """Run `pingyi score` and return the first township's group totals and its score."""
    import csv

    subprocess.run(
        [sys.executable, "-m", "survey_app", "score", str(responses), "--out", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with (out / "groups.csv").open(encoding="utf-8-sig") as file:
        found = {
            row["group"]: float(row["total"]) for row in csv.DictReader(file) if row["township_code"] == "359900101000"
        }
    with (out / "townships.csv").open(encoding="utf-8-sig") as file:
        row = next(row for row in csv.DictReader(file) if row["township_code"] == "359900101000")
    return found | {"township": float(row["public_appraisal"])}

"""An investigator's phone in a real browser whose profile lies on the disk, and a server that can be killed."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from survey_app.shell import Shell
from tests.browser.conftest import chromium_path
from tests.browser.server import PATIENCE, start_server
from tests.phone_factory import PIN, enrol_token

SIZE = {"width": 360, "height": 740}
OPEN_SECONDS = 20_000

# All that the page can find in the browser's stores, as one text; bytes as Latin letters.
DUMP = """async () => {
  const parts = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie, location.href];
  const text = (value) => value instanceof Uint8Array || value instanceof ArrayBuffer
    ? new TextDecoder('latin1').decode(value)
    : value && typeof value === 'object' ? Object.entries(value).map(([name, part]) => name + '=' + text(part)).join(';') : String(value);
  for (const {name} of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name); request.onsuccess = () => resolve(request.result); request.onerror = reject;
    });
    for (const store of database.objectStoreNames) {
      const records = await new Promise((resolve) => {
        const request = database.transaction(store).objectStore(store).getAll(); request.onsuccess = () => resolve(request.result);
      });
      parts.push(store + ':' + records.map(text).join('|'));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) parts.push(request.url, await (await cache.match(request)).text());
  }
  return parts.join('\\n');
}"""


class KillableServer:
    """The server as a user starts it, until it is killed."""

    def __init__(self, shell: Shell) -> None:
        self.config = shell.config
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = start_server(self.config)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=PATIENCE)
            self.process = None


class PhoneInHand:
    """The phone, in words of what an investigator does with it."""

    def __init__(self, browser: Browser, shell: Shell, profile: Path) -> None:
        self.browser, self.shell, self.profile, self.base = browser, shell, profile, shell.config.base_url
        self.context: BrowserContext
        self.page: Page
        self.switch_on()

    def switch_on(self) -> None:
        self.context = self.browser.browser_type.launch_persistent_context(
            self.profile,
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
            viewport=SIZE,  # type: ignore[arg-type]
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
        )
        self.page = self.context.pages[0]

    def switch_off(self) -> None:
        self.context.close()

    def enrol(self, pin: str = PIN) -> None:
        self.page.goto(f"{self.base}/field/enrol/{enrol_token(self.shell)}")
        self.page.get_by_label("设置 PIN").fill(pin)
        self.page.get_by_label("再输入一次").fill(pin)
        self.page.get_by_role("button", name="完成登记").tap()
        self.list_shows()
        expect(self.page.locator("a.unit").first).to_be_visible(timeout=OPEN_SECONDS)
        # Waits no longer than Playwright's own limit, which `evaluate` does not know: without a service worker, `ready` comes never.
        self.page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")

    def open(self, pin: str | None = None) -> None:
        self.page.goto(f"{self.base}/field/")
        if pin is not None:
            self.type_pin(pin)
        self.list_shows()

    def type_pin(self, pin: str) -> None:
        self.page.get_by_label("6 位数字").fill(pin)
        self.page.get_by_role("button", name="打开").tap()

    def list_shows(self) -> None:
        expect(self.page.get_by_role("heading", name="我的名单")).to_be_visible(timeout=OPEN_SECONDS)

    def unit(self, number: int) -> int:
        """Open the n-th unit of the whole list; return its id."""
        self.page.goto(f"{self.base}/field/#")
        self.list_shows()
        self.page.get_by_role("button", name="全部").tap()
        row = self.page.locator("a.unit").nth(number)
        unit_id = int(str(row.get_attribute("href")).rsplit("/", 1)[1])
        row.tap()
        expect(self.page.get_by_role("link", name="记录访问")).to_be_visible()
        return unit_id

    def visit(self, number: int, outcome: str = "no_contact", others: str = "none") -> int:
        unit_id = self.unit(number)
        self.page.get_by_role("link", name="记录访问").tap()
        self.page.locator(f"label[for=outcome-{outcome}]").tap()
        self.page.locator(f"label[for=others-{others}]").tap()
        self.page.get_by_role("button", name="保存访问").tap()
        expect(self.page.get_by_role("heading", name="访问记录")).to_be_visible()
        return unit_id

    def ask_reserve(self, number: int, reason: str = "refused") -> int:
        unit_id = self.unit(number)
        self.page.get_by_role("link", name="申请替换").tap()
        self.page.locator(f"label[for=reason-{reason}]").tap()
        self.page.get_by_role("button", name="提交申请").tap()
        expect(self.page.get_by_role("heading", name="访问记录")).to_be_visible()
        return unit_id

    def hand_over(self, number: int) -> int:
        unit_id = self.unit(number)
        self.page.get_by_role("link", name="请对方在本机作答").tap()
        self.page.get_by_role("button", name="开始作答").tap()
        expect(self.page.get_by_text("第 1 题")).to_be_visible()
        return unit_id

    def answer(self, code: str, items: int = 20) -> None:
        for _ in range(items):
            self.page.locator(f"label[for=answer-{code}]").tap()
            self.page.locator("button.strong").tap()

    def seal(self, comment: str = "") -> None:
        if comment:
            self.page.locator("#comment").fill(comment)
        self.page.get_by_role("button", name="密封并提交").tap()
        expect(self.page.get_by_role("heading", name="谢谢您")).to_be_visible()

    def give_back(self) -> None:
        self.page.get_by_role("button", name="交还手机").tap()
        expect(self.page.get_by_role("heading", name="记录访问")).to_be_visible()

    @property
    def bar(self) -> Locator:
        return self.page.locator("#bar")

    def waits(self, number: int) -> None:
        expect(self.bar).to_contain_text(f"待发送 {number} 条" if number else "全部已发送", timeout=OPEN_SECONDS)

    def send_now(self) -> None:
        self.bar.get_by_role("button", name="立即发送").tap()

    def dump(self) -> str:
        """All that the browser's stores hold, as the page can read them."""
        return str(self.page.evaluate(DUMP))

    def bytes_on_disk(self) -> bytes:
        """All bytes of the profile."""
        return b"\n".join(path.read_bytes() for path in sorted(self.profile.rglob("*")) if path.is_file())

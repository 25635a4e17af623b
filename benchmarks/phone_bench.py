"""
`make bench-phone`: how long a phone on a slow line waits for its questionnaire, in a real Chromium, beside an empty page of the same server.

The line is throttled to 400 kbit/s and 400 ms, the processor to a quarter. "First answerable" is when the first question's answers stand
painted and can be tapped. The empty page is `/healthz`: what the line alone costs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.made_round import free_port, make_round, open_shell_at, start_server
from tests.browser.conftest import chromium_path
from tests.browser.phones import WECHAT

TIMES = 7
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
SLOWER_PROCESSOR = 4
WANTED = 3.0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder, sync_playwright() as playwright:
        port = free_port()
        shell = open_shell_at(Path(folder), f"sqlite:///{folder}/pingyi.sqlite")
        token = make_round(shell, 110).cards[0].token
        server = start_server(shell.config, port)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        try:
            base = f"http://127.0.0.1:{port}"
            empty = [opened(browser, f"{base}/healthz", "body")[0] for _ in range(TIMES)]
            pages = [opened(browser, f"{base}/r/{token}", FIRST_ANSWER) for _ in range(TIMES)]
        finally:
            browser.close()
            server.terminate()
            server.wait()
            shell.close()
    first, carried = median(time for time, _ in pages), median(size for _, size in pages)
    print(f"empty page             {median(empty):5.2f} s")
    print(
        f"first answerable       {first:5.2f} s   ({first / median(empty):.1f} times the empty page; wanted under {WANTED} s)"
    )
    print(f"carried over the line  {carried / 1000:5.1f} kB")


FIRST_ANSWER = ".answer label"


def opened(browser: Browser, address: str, wanted: str) -> tuple[float, float]:
    """Return after how many seconds something stood painted on a page never seen before, and the bytes that came over the line."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, user_agent=WECHAT, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    line = context.new_cdp_session(page)
    carried: list[float] = []
    line.on("Network.loadingFinished", lambda told: carried.append(told["encodedDataLength"]))
    line.send("Network.enable")
    settings: dict[str, Any] = dict(SLOW)
    line.send("Network.emulateNetworkConditions", settings)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="commit")
    page.wait_for_selector("body")
    seconds: float = page.evaluate(
        """wanted => new Promise(done => {
          const look = () => {
            const paint = performance.getEntriesByName('first-contentful-paint')[0];
            if (document.querySelector(wanted) && paint) done(performance.now() / 1000); else requestAnimationFrame(look);
          };
          look();
        })""",
        wanted,
    )
    page.wait_for_load_state("load")
    context.close()
    return seconds, sum(carried)


if __name__ == "__main__":
    main()

"""
`make bench-web`: full responses a second beside a bare Flask app on the same server, in interleaved rounds of one run.

Each line is a ratio: the machine's own speed, and what else it does, fall out of it. A full response is two requests, the questionnaire and
its sending, with a card that was not used before. ``ROUNDS`` and ``SECONDS`` say how often and how long, ``ONLY`` sqlite or postgresql.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.made_round import MadeCard, free_port, make_round, open_shell_at, postgresql, start_bare, start_server
from benchmarks.web_client import Load, Measured, middle, request_bytes, run_apart
from questionnaires import load_questionnaires

ROUNDS = int(os.environ.get("ROUNDS") or 5)
SECONDS = float(os.environ.get("SECONDS") or 4)
ONLY = os.environ.get("ONLY") or ""
CONNECTIONS = 32
MOST_A_SECOND = 1500
WARM_UP = 200
OK = b" 200 "
BARE_PAGE, BARE_INSERT, QUESTIONNAIRE, RESPONSE = "bare page", "bare insert", "questionnaire", "full response"


@dataclass
class Side:
    """The two servers on one kind of database, and the cards not used yet."""

    name: str
    app_port: int
    app: subprocess.Popen[str]
    bare_port: int
    bare: subprocess.Popen[str]
    cards: list[MadeCard]
    measured: dict[str, list[Measured]] = field(
        default_factory=lambda: {name: [] for name in (BARE_PAGE, BARE_INSERT, QUESTIONNAIRE, RESPONSE)}
    )

    def load(self, name: str) -> Load:
        """Return what one round of this kind sends."""
        if name == BARE_PAGE:
            return Load(self.bare_port, [[(request_bytes("GET", "/page"), OK)]], CONNECTIONS, SECONDS, repeat=True)
        if name == BARE_INSERT:
            return Load(self.bare_port, [[(request_bytes("POST", "/insert"), OK)]], CONNECTIONS, SECONDS, repeat=True)
        if name == QUESTIONNAIRE:
            unused = self.cards[-WARM_UP:]
            asked = [[(request_bytes("GET", f"/r/{card.token}"), OK)] for card in unused]
            return Load(self.app_port, asked, CONNECTIONS, SECONDS, repeat=True)
        return Load(self.app_port, [full_response(card) for card in self.cards], CONNECTIONS, SECONDS)

    def run(self, name: str, *, kept: bool = True) -> None:
        """Run one round."""
        server = self.bare if name in (BARE_PAGE, BARE_INSERT) else self.app
        before = cpu_seconds(server)
        measured = run_apart(self.load(name))
        measured.cpu_seconds = cpu_seconds(server) - before
        if name == RESPONSE:
            del self.cards[: measured.exchanges + CONNECTIONS]
        if kept:
            self.measured[name].append(measured)


def full_response(card: MadeCard) -> list[tuple[bytes, bytes]]:
    """Return the two requests of a respondent."""
    items = load_form_items()[card.group]
    body = urlencode(
        dict.fromkeys(items, "satisfied") | {"started": "1700000000", "lang": "zh", "size": "", "step": "send"}
    )
    path = f"/r/{card.token}"
    return [
        (request_bytes("GET", path), OK),
        (request_bytes("POST", path, body.encode()), b'data-state="received"'),
    ]


def load_form_items() -> dict[str, list[str]]:
    """Return the items of each group, read once."""
    if not _ITEMS:
        _ITEMS.update({group: list(form.item_ids) for group, form in load_questionnaires().items()})
    return _ITEMS


_ITEMS: dict[str, list[str]] = {}


def run_side(name: str, folder: Path, app_url: str, bare_url: str) -> Side:
    """Make the round, start both servers, run all rounds in turn."""
    home = folder / name
    shell = open_shell_at(home, app_url)
    cards = make_round(shell, int((ROUNDS + 1) * SECONDS * MOST_A_SECOND)).cards
    shell.close()
    ports = free_port(), free_port()
    servers = [start_server(shell.config, ports[0]), start_bare(ports[1], bare_url)]
    side = Side(name, ports[0], servers[0], ports[1], servers[1], cards)
    try:
        for kind in side.measured:
            side.run(kind, kept=False)
        for _ in range(ROUNDS):
            for kind in side.measured:
                side.run(kind)
    finally:
        end(servers)
    return side


def cpu_seconds(server: subprocess.Popen[str]) -> float:
    """Return the processor time that a server has used, 0 where the system does not tell."""
    path = Path(f"/proc/{server.pid}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(servers: list[subprocess.Popen[str]]) -> None:
    """End servers and wait for them."""
    for server in servers:
        server.terminate()
    for server in servers:
        server.communicate(timeout=30)


def report(side: Side) -> Iterator[str]:
    """Yield the lines on one side."""
    yield f"{side.name}: {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} connections"
    for kind, rounds in side.measured.items():
        rates = [one.rate for one in rounds]
        half = middle([one.milliseconds(0.5) for one in rounds])
        most = [one.milliseconds(0.99) for one in rounds]
        errors = [error for one in rounds for error in one.errors]
        yield (
            f"  {kind:<14} {middle(rates):8.0f} /s ({min(rates):.0f}-{max(rates):.0f})   p50 {half:6.1f} ms   "
            f"p99 {middle(most):6.1f} ms (worst round {max(most):.1f})   "
            f"server's CPU {middle([one.cpu_milliseconds for one in rounds]):5.2f} ms   errors {len(errors)}"
            + (f": {sorted(set(errors))[:3]}" if errors else "")
        )
    for ours, bare in ((QUESTIONNAIRE, BARE_PAGE), (RESPONSE, BARE_INSERT)):
        pairs = zip(side.measured[ours], side.measured[bare], strict=True)
        ratios = [one.rate / other.rate for one, other in pairs]
        yield f"  {ours} / {bare}: {middle(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); aimed at >= 0.50"


def main() -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        if ONLY in ("", "sqlite"):
            app_url, bare_url = f"sqlite:///{folder}/sqlite/pingyi.sqlite", f"sqlite:///{folder}/bare.sqlite"
            print(*report(run_side("sqlite", folder, app_url, bare_url)), sep="\n", flush=True)
        if ONLY in ("", "postgresql"):
            with postgresql(folder) as url:
                print(*report(run_side("postgresql", folder, url, url)), sep="\n", flush=True)


if __name__ == "__main__":
    main()

"""
`make bench-load`: a county's 2,090 respondents at once, while the server is killed and the disk fills up.

Each respondent answers something of their own (their number, in base 4, over the 20 items), and tries again as a phone does until the server
says that it has the answer. Afterwards the round is closed and every row is held against what was acknowledged: none lost, none twice, none
changed. ``SPREAD`` spreads them over so many seconds (600 for ten minutes; 0, the default, as fast as the machine goes), ``PEOPLE`` is how
many there are, ``ONLY`` sqlite or postgresql, ``SEED`` when the kills come and the disk fills.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.full_disk import SmallDisk, may_mount, postgresql_on_small_disk, small_disk
from benchmarks.made_round import MadeCard, MadeRound, free_port, make_round, open_shell_at, postgresql, start_server
from benchmarks.web_bench import load_form_items
from survey_app.config import Config
from survey_app.models import Response
from survey_app.services import closing
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress

CODES = ("satisfied", "basic", "unsatisfied", "unknown")
ACKNOWLEDGED = ("received", "already")
STATE = re.compile(r'<main[^>]*data-state="([a-z]+)"')
PATIENCE = 10.0


@dataclass
class Journey:
    """What one respondent met with."""

    number: int
    acknowledged: str = ""
    attempts: int = 0
    met: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Crowd:
    """How respondents behave."""

    people: int = 64
    """How many at the same time."""
    spread: float = 0.0
    """Over how many seconds they come."""
    cut: float = 0.05
    """Which share of sendings loses the line before the answer comes."""
    give_up: float = 300.0
    """After how many seconds a respondent stops trying."""


class Served:
    """The server of a round, which can be killed and started again at the same port."""

    def __init__(self, config: Config) -> None:
        self.config, self.port = config, free_port()
        self.kills = 0
        self.process: subprocess.Popen[str] = start_server(config, self.port)

    def kill(self) -> None:
        """Kill the process as the kernel would, and start the server again."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        self.kills += 1
        self.process = start_server(self.config, self.port)

    def end(self) -> None:
        """End it in good order."""
        self.process.terminate()
        self.process.communicate(timeout=30)


def own_answers(card: MadeCard, number: int) -> dict[str, str]:
    """Return the answers that only this respondent gives."""
    items = load_form_items()[card.group]
    return {item: CODES[number >> 2 * place & 3] for place, item in enumerate(items)}


def number_of(answers: dict[str, str]) -> int:
    """Return whose answers these are."""
    return sum(CODES.index(code) << 2 * place for place, (_item, code) in enumerate(sorted(answers.items())))


def respond(port: int, card: MadeCard, number: int, crowd: Crowd, chance: random.Random) -> Journey:
    """Answer as a phone does: open the page, send, and again until acknowledged."""
    journey = Journey(number)
    began = time.monotonic()
    body = urlencode(own_answers(card, number) | {"step": "send", "started": str(int(time.time()))})
    while time.monotonic() - began < crowd.give_up:
        journey.attempts += 1
        met = _attempt(port, card, body, lost=chance.random() < crowd.cut)
        journey.met.append(met)
        if met in ACKNOWLEDGED:
            journey.acknowledged = met
            break
        time.sleep(chance.uniform(0.05, 0.5))
    journey.seconds = time.monotonic() - began
    return journey


def _attempt(port: int, card: MadeCard, body: str, *, lost: bool) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", f"/r/{card.token}")
        state = _state(connection.getresponse())
        if state != "ready":
            return state
        connection.request(
            "POST", f"/r/{card.token}", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        if lost:
            return "cut"
        return _state(connection.getresponse())
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def _state(answer: http.client.HTTPResponse) -> str:
    page = answer.read().decode()
    found = STATE.search(page)
    return found.group(1) if found and answer.status in (200, 500, 503) else f"status {answer.status}"


def respond_all(port: int, cards: list[MadeCard], crowd: Crowd, seed: int, *, first: int = 0) -> list[Journey]:
    """Let all respondents answer, numbered from the first; return their journeys."""
    chance = random.Random(seed)
    starts = sorted(chance.uniform(0, crowd.spread) for _ in cards)
    began = time.monotonic()

    def one(place: int) -> Journey:
        time.sleep(max(0.0, began + starts[place] - time.monotonic()))
        return respond(port, cards[place], first + place, crowd, random.Random(seed * 1_000_003 + place))

    with ThreadPoolExecutor(crowd.people) as pool:
        return list(pool.map(one, range(len(cards))))


@contextlib.contextmanager
def now_and_then(act: Callable[[], None], seed: int, *, least: float, most: float) -> Iterator[None]:
    """Do something at random moments while the block runs, at least once."""
    chance, over = random.Random(seed), threading.Event()

    def keep_on() -> None:
        while not over.wait(chance.uniform(least, most)):
            act()

    thread = threading.Thread(target=keep_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Verdict:
    """What was in the box in the end."""

    acknowledged: int
    rows: int
    lost: int
    twice: int
    not_acknowledged: int
    """Answers in the box whose respondents never learned of it."""

    @property
    def good(self) -> bool:
        """Whether nothing acknowledged is lost and nothing stands twice."""
        return self.lost == self.twice == 0


def close_and_compare(shell: Shell, made: MadeRound, journeys: list[Journey]) -> Verdict:
    """Close the round and hold its rows against what was acknowledged."""
    closing.close_round(shell, Actor("load", made.county_id), made.id, no_progress)
    with shell.database.reading() as session:
        found = Counter(number_of(answers) for answers in session.scalars(select(Response.answers)))
    told = {journey.number for journey in journeys if journey.acknowledged}
    return Verdict(
        acknowledged=len(told),
        rows=found.total(),
        lost=len(told - found.keys()),
        twice=sum(count - 1 for count in found.values()),
        not_acknowledged=len(found.keys() - told),
    )


def report(title: str, journeys: list[Journey], verdict: Verdict, seconds: float, done: str) -> None:
    """Print what came of it."""
    met = Counter(state for journey in journeys for state in journey.met)
    times = sorted(journey.seconds for journey in journeys)
    print(
        f"{title}: {len(journeys)} respondents in {seconds:.0f} s; {done}\n"
        f"  acknowledged {verdict.acknowledged}, in the box {verdict.rows}, lost {verdict.lost}, twice {verdict.twice}, "
        f"unknown to their sender {verdict.not_acknowledged}: {'good' if verdict.good else 'BAD'}\n"
        f"  attempts met with {dict(met.most_common())}\n"
        f"  a whole response took {times[len(times) // 2] * 1000:.0f} ms at the median, {times[int(len(times) * 0.99)]:.1f} s at p99",
        flush=True,
    )


def run_killed(folder: Path, url: str, people: int, crowd: Crowd, seed: int) -> None:
    """Kill the server at random moments."""
    shell = open_shell_at(folder / "killed", url)
    made = make_round(shell, people)
    server = Served(shell.config)
    began = time.monotonic()
    with now_and_then(server.kill, seed, least=0.5, most=4.0 if not crowd.spread else crowd.spread / 20):
        journeys = respond_all(server.port, made.cards, crowd, seed)
    seconds = time.monotonic() - began
    server.end()
    verdict = close_and_compare(shell, made, journeys)
    shell.close()
    report(f"kill -9, {shell.database.engine.dialect.name}", journeys, verdict, seconds, f"{server.kills} kills")


def run_backend_killed(folder: Path, url: str, people: int, crowd: Crowd, seed: int) -> None:
    """Kill one of PostgreSQL's own processes, on which it starts all of them anew and recovers."""
    shell = open_shell_at(folder / "backend", url)
    made = make_round(shell, people)
    server = Served(shell.config)
    kills: list[float] = []

    def kill() -> None:
        with contextlib.suppress(SQLAlchemyError):  # it may not be back yet from the last time
            kill_backend(url)
            kills.append(time.monotonic())

    began = time.monotonic()
    with now_and_then(kill, seed, least=1.0, most=4.0):
        journeys = respond_all(server.port, made.cards, crowd, seed)
    seconds = time.monotonic() - began
    server.end()
    shell.database.dispose()
    verdict = close_and_compare(shell, made, journeys)
    shell.close()
    report("PostgreSQL's backends killed", journeys, verdict, seconds, f"{len(kills)} kills")


def kill_backend(url: str) -> None:
    """Kill with -9 a PostgreSQL backend that serves someone else."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend' LIMIT 1"
            )
        ).scalar_one()
    engine.dispose()  # before all connections fall
    os.kill(found, signal.SIGKILL)


def run_full_disk(folder: Path, people: int, crowd: Crowd, seed: int) -> None:
    """Fill the disk that SQLite and the app's own files lie on now and then."""
    with small_disk(folder, 64) as disk:
        shell = open_shell_at(disk.path / "home", f"sqlite:///{disk.path}/home/pingyi.sqlite")
        respond_while_full(shell, disk, lambda: None, people, crowd, seed)


def run_full_disk_postgresql(folder: Path, people: int, crowd: Crowd, seed: int, *, log_only: bool) -> None:
    """Fill the disk of PostgreSQL, or of its write-ahead log alone, now and then; start it again where it has ended."""
    name = "log" if log_only else "data"
    with postgresql_on_small_disk(log_only=log_only) as (disk, server):
        shell = open_shell_at(folder / name, new_database(server.url, name))
        respond_while_full(shell, disk, server.bring_back, people, crowd, seed)
        print(f"  the disk of its {name}: {server.told()}", flush=True)


def respond_while_full(
    shell: Shell, disk: SmallDisk, mend: Callable[[], None], people: int, crowd: Crowd, seed: int
) -> None:
    """Let all respond while the disk fills up, mend what its filling broke, and close the round when there is room again."""
    made = make_round(shell, people)
    server = Served(shell.config)

    def fill() -> None:
        disk.fill()
        mend()

    began = time.monotonic()
    with now_and_then(fill, seed, least=0.2, most=crowd.spread / 20 or 1.0):
        journeys = respond_all(server.port, made.cards, crowd, seed)
    seconds = time.monotonic() - began
    server.end()
    mend()
    shell.database.dispose()
    verdict = close_and_compare(shell, made, journeys)
    shell.close()
    kind = shell.database.engine.dialect.name
    report(f"full disk, {kind}", journeys, verdict, seconds, f"full {disk.fills} times for 2 s")


def main() -> None:
    """Run all."""
    people, seed = int(os.environ.get("PEOPLE") or 2090), int(os.environ.get("SEED") or 1)
    crowd = Crowd(spread=float(os.environ.get("SPREAD") or 0))
    only = os.environ.get("ONLY") or ""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        if only in ("", "sqlite"):
            run_killed(folder, f"sqlite:///{folder}/killed/pingyi.sqlite", people, crowd, seed)
            if may_mount():
                run_full_disk(folder, people, crowd, seed)
        if only in ("", "postgresql"):
            with postgresql(folder) as url:
                for name, run in (("killed", run_killed), ("backend", run_backend_killed)):
                    run(folder, new_database(url, name), people, crowd, seed)
                if may_mount():
                    for log_only in (False, True):
                        run_full_disk_postgresql(folder, people, crowd, seed, log_only=log_only)
        if not may_mount():
            print("full disk: left out, mounting a small disk needs root")


def new_database(url: str, name: str) -> str:
    """Make a database on the server and return its address."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    main()

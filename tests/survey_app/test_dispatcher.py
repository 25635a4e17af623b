"""The server's threads: respondents are served together by one of them, everyone else by whichever is free."""

from __future__ import annotations

import http.client
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

import survey_app.dispatcher
from survey_app import create_app
from survey_app.cli.serving import make_server, take_port
from survey_app.connections import limit_connections
from survey_app.dispatcher import Dispatcher, Turn
from survey_app.models import AnsweredUnit, Ballot
from survey_app.shell import Shell
from tests.factories import answers, make_county, make_open_round, tokens_of

PATIENCE = 30


class Channel:
    """A connection on which a request has come."""

    def __init__(self, path: str, serve: Callable[[], None]) -> None:
        self.requests = [SimpleNamespace(path=path)]
        self.service = serve
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def dispatcher() -> Iterator[Dispatcher]:
    made = Dispatcher(4)
    yield made
    assert made.shutdown(timeout=PATIENCE)


def test_respondents_who_come_while_one_is_served_are_served_by_one_thread_in_their_order(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_app.dispatcher, "PATIENCE", 5.0)  # however slow this machine is
    begun, let_go, done = threading.Event(), threading.Event(), threading.Event()
    served: list[tuple[int, int]] = []

    def hold() -> None:
        begun.set()
        assert let_go.wait(PATIENCE)

    def note(place: int) -> Callable[[], None]:
        def serve() -> None:
            served.append((place, threading.get_ident()))
            if place == 9:
                done.set()

        return serve

    dispatcher.add_task(Channel("/r/one", hold))
    assert begun.wait(PATIENCE)
    for place in range(10):
        dispatcher.add_task(Channel("/r/other", note(place)))
    let_go.set()
    assert done.wait(PATIENCE)
    assert [place for place, _thread in served] == list(range(10))
    assert len({thread for _place, thread in served}) == 1


def test_where_one_respondent_is_held_up_those_who_come_later_are_served_all_the_same(dispatcher: Dispatcher) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert let_go.wait(PATIENCE)

    dispatcher.add_task(Channel("/r/one", hold))
    assert begun.wait(PATIENCE)
    for _ in range(3):  # one after the other, with nobody coming behind to push
        served = threading.Event()
        dispatcher.add_task(Channel("/r/later", served.set))
        assert served.wait(PATIENCE)
    let_go.set()


def test_however_many_respondents_are_held_up_threads_are_left_for_everyone_else(dispatcher: Dispatcher) -> None:
    let_go, office = threading.Event(), threading.Event()
    held_up = threading.Semaphore(0)

    def hold() -> None:
        held_up.release()
        assert let_go.wait(PATIENCE)

    for _ in range(2):  # half of the four threads
        dispatcher.add_task(Channel("/r/one", hold))
        assert held_up.acquire(timeout=PATIENCE)
    late = threading.Event()
    dispatcher.add_task(Channel("/r/late", late.set))
    dispatcher.add_task(Channel("/office/rounds", office.set))
    assert office.wait(PATIENCE)
    assert not late.is_set()
    let_go.set()
    assert late.wait(PATIENCE)


def test_nobody_else_waits_for_the_respondents(dispatcher: Dispatcher) -> None:
    begun, let_go, office = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert let_go.wait(PATIENCE)

    dispatcher.add_task(Channel("/r/one", hold))
    assert begun.wait(PATIENCE)
    dispatcher.add_task(Channel("/r/two", hold))
    dispatcher.add_task(Channel("/office/rounds", office.set))
    assert office.wait(PATIENCE)
    let_go.set()


def test_an_error_of_one_respondents_request_reaches_no_other(
    dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise RuntimeError("broken connection")

    with caplog.at_level(logging.ERROR):
        dispatcher.add_task(Channel("/r/one", fail))
        dispatcher.add_task(Channel("/r/two", done.set))
        assert done.wait(PATIENCE)
    assert "broken connection" in caplog.text
    assert "/r/" not in caplog.text


def test_where_a_whole_turn_fails_its_connections_are_closed_and_the_next_is_served(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed, done, real = threading.Event(), threading.Event(), survey_app.dispatcher.serve_together

    def fail_once(services: Sequence[Callable[[], None]]) -> None:
        if failed.is_set():
            real(services)
        else:
            failed.set()
            raise MemoryError

    monkeypatch.setattr(survey_app.dispatcher, "serve_together", fail_once)
    lost = Channel("/r/one", lambda: None)
    with caplog.at_level(logging.ERROR):
        dispatcher.add_task(lost)
        assert failed.wait(PATIENCE)
        dispatcher.add_task(Channel("/r/two", done.set))
        assert done.wait(PATIENCE)
    assert lost.cancelled
    assert "respondents could not be served" in caplog.text


def test_who_is_not_served_any_more_when_the_server_ends_has_the_connection_closed() -> None:
    idle = Dispatcher(0)
    channels = [Channel("/r/one", lambda: None) for _ in range(100)]
    for channel in channels:
        idle.add_task(channel)
    assert idle.shutdown(timeout=PATIENCE)
    assert all(channel.cancelled for channel in channels)
    Turn(idle).service()  # nothing is left, and nothing happens


class Served:
    """The app behind its own server."""

    def __init__(self, shell: Shell) -> None:
        sockets = take_port("127.0.0.1", 0)
        self.port = sockets[0].getsockname()[1]
        app = create_app(shell=shell)
        self.server = make_server(app, sockets)
        limit_connections(self.server, app)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, urlencode(body or {}) if body is not None else None, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    def end(self) -> None:
        self.server.close()
        self.server.task_dispatcher.shutdown(timeout=PATIENCE)
        self.server.asyncore.close_all(self.server._map)
        self.thread.join(PATIENCE)


@pytest.fixture
def served(shell: Shell) -> Iterator[Served]:
    made = Served(shell)
    yield made
    made.end()
    assert not made.thread.is_alive()


def test_each_of_many_at_once_gets_a_page_of_their_own_in_their_own_language(shell: Shell, served: Served) -> None:
    tokens = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[:20]
    with ThreadPoolExecutor(20) as pool:
        asked = [
            (place, pool.submit(served.ask, "GET", f"/r/{token}" + ("?lang=en" if place % 2 else "")))
            for place, token in enumerate(tokens)
        ]
        for place, found in asked:
            status, page = found.result(PATIENCE)
            assert status == 200
            assert ('<html lang="en"' in page) == bool(place % 2)


def test_of_many_sendings_at_once_each_is_received_and_each_card_counts_once(shell: Shell, served: Served) -> None:
    """Plain ones, ones with a comment that Flask takes, some twice: in one turn or several."""
    tokens = tokens_of(shell, make_open_round(shell, make_county(shell)), group="rural")[:24]
    sheet = answers("rural") | {"step": "send", "lang": "zh", "size": "", "started": "1700000000"}
    sent = [
        (f"/r/{token}", sheet | ({"comment": "路灯太少"} if place % 3 == 0 else {}))
        for place, token in enumerate(tokens)
        for _ in range(1 + place % 2)
    ]
    with ThreadPoolExecutor(len(sent)) as pool:
        pages = [pool.submit(served.ask, "POST", path, body) for path, body in sent]
        states = Counter(re.findall(r'data-state="(\w+)"', page.result(PATIENCE)[1])[0] for page in pages)
    assert states == {"received": 24, "already": 12}
    with shell.database.reading() as session:
        for table in (AnsweredUnit, Ballot):
            assert session.scalar(select(func.count()).select_from(table)) == 24

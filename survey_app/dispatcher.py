"""
How the server's threads share the work: whichever is free takes the next request, and one of them all that respondents have asked meanwhile.

Answers wait for the same durable transaction. A thread that waits for it has to be put to sleep and woken, and threads that run at the same time
take Python's one lock from each other at every question to the database; under load that costs several times what the answers themselves cost.
So one thread serves all respondents who wait, and the others stay free for everyone else (docs/decisions/0011-group-commit.md). Where it is held up, by
a database that does not answer, the next one takes over after a quarter of a second.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from survey_app.together import serve_together

log = logging.getLogger(__name__)
MOST_TOGETHER = 64
MOST_TURNS = 8
"""How many threads at most may be held up with respondents; the others are everyone else's."""
PATIENCE = 0.25
"""After how many seconds that nobody has taken a respondent's request another thread does."""
RESPONDENTS = "/r/"


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The server's threads, and the respondents' requests that wait for one of them."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._waiting: deque[tuple[float, Any]] = deque()
        """When each came, and its connection."""
        self._waiting_lock = threading.Lock()
        self._turns = 0
        """How many threads serve respondents, or are asked to."""
        self._stands_by = False
        self._most_turns = max(1, min(MOST_TURNS, threads // 2))
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Take a connection on which a whole request has come."""
        if not is_respondents(task):
            super().add_task(task)
            return
        with self._waiting_lock:
            self._waiting.append((monotonic(), task))
            wanted = self._wanted()
        if wanted is not None:
            super().add_task(wanted)

    def take_respondents(self) -> list[Any]:
        """Return the connections on which respondents wait, those that came first."""
        with self._waiting_lock:
            return [self._waiting.popleft()[1] for _ in range(min(MOST_TOGETHER, len(self._waiting)))]

    def has_more(self) -> bool:
        """Tell whether others came meanwhile; where not, the turn ends."""
        with self._waiting_lock:
            if not self._waiting:
                self._turns -= 1
            return bool(self._waiting)

    def takes_over(self) -> float | None:
        """Say how long a thread that stands by has to wait yet: 0 where it takes a turn now, None where it is not wanted any more."""
        with self._waiting_lock:
            held_up = PATIENCE - (monotonic() - self._waiting[0][0]) if self._waiting else PATIENCE
            if self._turns and not self.stop_count and held_up > 0:
                return held_up
            self._stands_by = False
            if not self._waiting:
                return None
            self._turns += 1
            wanted = self._wanted()
        if wanted is not None:
            super().add_task(wanted)
        return 0.0

    def _wanted(self) -> Turn | StandBy | None:
        """Return what another thread has to do now that respondents wait: nothing, where one serves and one stands by."""
        if not self._turns:
            self._turns = 1
            return Turn(self)
        if self._stands_by or self._turns >= self._most_turns:
            return None
        self._stands_by = True
        return StandBy(self)


class Turn:
    """One turn at all respondents who wait."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def service(self) -> None:
        """Serve them, and who comes meanwhile."""
        more = True
        while more:
            channels = self._dispatcher.take_respondents()
            try:
                serve_together([guarded(channel.service) for channel in channels])
            except (
                Exception
            ):  # nothing that is known to happen; but whoever comes next must not wait for a turn that never ends
                log.exception("respondents could not be served")
                cancel(channels)
            more = self._dispatcher.has_more()

    def cancel(self) -> None:
        """Close the connections of those who are not served any more, since the server ends."""
        while channels := self._dispatcher.take_respondents():
            cancel(channels)


class StandBy(Turn):
    """What a second thread does while one serves respondents: it waits, and takes a turn where that one is held up."""

    def service(self) -> None:
        """Stand by until nobody serves respondents any more, or until a turn is to be taken."""
        idle = threading.Event()
        while wait := self._dispatcher.takes_over():
            idle.wait(wait)
        if wait is not None:
            super().service()


def cancel(channels: Iterable[Any]) -> None:
    """Let the server close these connections; phones try again by themselves."""
    for channel in channels:
        channel.cancel()


def guarded(serve: Callable[[], None]) -> Callable[[], None]:
    """Return what serves one request and lets no error of it reach the others."""

    def run() -> None:
        try:
            serve()
        except Exception:
            log.exception("a request could not be served")

    return run


def is_respondents(task: Any) -> bool:
    """Tell whether a connection's next request is a respondent's."""
    requests = getattr(task, "requests", None) or [None]
    return str(getattr(requests[0], "path", "")).startswith(RESPONDENTS)

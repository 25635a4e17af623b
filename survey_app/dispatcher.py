"""
How the server's threads share the work: whichever is free takes the next request, and one of them all that respondents have asked meanwhile.

Answers wait for the same durable transaction. A thread that waits for it has to be put to sleep and woken, and threads that run at the same time
take Python's one lock from each other at every question to the database; under load that costs several times what the answers themselves cost.
So one thread at a time serves all respondents who wait, and the others stay free for everyone else (docs/decisions/0011-group-commit.md).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from survey_app.together import serve_together

log = logging.getLogger(__name__)
MOST_TOGETHER = 64
RESPONDENTS = "/r/"


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The server's threads, and the respondents' requests that wait for one of them."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._respondents: list[Any] = []
        self._respondents_lock = threading.Lock()
        self._served = False
        """Whether a thread serves respondents, or a turn at it waits in the queue."""
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Take a connection on which a whole request has come."""
        if not is_respondents(task):
            super().add_task(task)
            return
        with self._respondents_lock:
            self._respondents.append(task)
            served, self._served = self._served, True
        if not served:
            super().add_task(Turn(self))

    def take_respondents(self) -> list[Any]:
        """Return the connections on which respondents wait, those that came first."""
        with self._respondents_lock:
            taken, self._respondents = self._respondents[:MOST_TOGETHER], self._respondents[MOST_TOGETHER:]
        return taken

    def has_more(self) -> bool:
        """Tell whether others came meanwhile; where not, the turn ends."""
        with self._respondents_lock:
            self._served = bool(self._respondents)
            return self._served


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

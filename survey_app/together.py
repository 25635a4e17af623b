"""
Many callers, one costly act: what waits while it runs is done together at the next turn.

No thread of its own: the first caller acts for all who wait, and hands the turn on when done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class _Place(Generic[Item, Outcome]):
    """One caller's place in the queue."""

    def __init__(self, item: Item) -> None:
        self.item = item
        # A bare lock, taken until someone lets it go: an Event would do the same with three of Python's own objects.
        self.asleep = threading.Lock()
        self.asleep.acquire()
        self.outcome: Outcome | BaseException | None = None
        self.done = False


class Together(Generic[Item, Outcome]):
    """The queue of one process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Place[Item, Outcome]] = []
        self._taken = False

    def act(self, item: Item, act: Callable[[Sequence[Item]], Sequence[Outcome | BaseException]]) -> Outcome:
        """
        Return the outcome of this item once it was acted on; raise it where it is an error.

        ``act`` gets the items in the order in which they came and gives one outcome for each. What it raises is raised to all of them.
        """
        place: _Place[Item, Outcome] = _Place(item)
        with self._lock:
            self._waiting.append(place)
            first, self._taken = not self._taken, True
        if not first:
            place.asleep.acquire()
        if not place.done:
            self._take_turn(act)
        if isinstance(place.outcome, BaseException):
            raise place.outcome
        return place.outcome  # type: ignore[return-value]

    def _take_turn(self, act: Callable[[Sequence[Item]], Sequence[Outcome | BaseException]]) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            outcomes = act([place.item for place in batch])
            for place, outcome in zip(batch, outcomes, strict=True):
                place.outcome = outcome
        except BaseException as error:
            for place in batch:
                place.outcome = error
        finally:
            for place in batch:
                place.done = True
            with self._lock:
                heir = self._waiting[0] if self._waiting else None
                self._taken = heir is not None
            for place in batch:
                place.asleep.release()
            if heir is not None:
                heir.asleep.release()

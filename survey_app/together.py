"""
Many callers, one costly act: what waits while it runs is done together at the next turn.

No thread of its own: the first caller acts for all who wait, and hands the turn on when done. A caller may be a thread, which sleeps meanwhile, or
a guest of `serve_together`, where one thread serves many: then nobody has to be put to sleep and woken at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from greenlet import getcurrent, greenlet

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Act = Callable[[Sequence[Item]], Sequence[Outcome | BaseException]]


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
    """The queue of one process; or, where acts need not wait for each other, what puts the guests of a thread together and nothing else."""

    def __init__(self, most: int, *, one_at_a_time: bool = True) -> None:
        self._most = most
        self._one_at_a_time = one_at_a_time
        self._lock = threading.Lock()
        self._waiting: list[_Place[Item, Outcome]] = []
        self._taken = False

    def act(self, item: Item, act: Act[Item, Outcome]) -> Outcome:
        """
        Return the outcome of this item once it was acted on; raise it where it is an error.

        ``act`` gets the items in the order in which they came and gives one outcome for each. What it raises is raised to all of them.
        """
        caller = getcurrent()
        outcome = caller.ask(self, item, act) if isinstance(caller, _Guest) else self.act_on_all([item], act)[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return cast(Outcome, outcome)

    def act_on_all(self, items: Sequence[Item], act: Act[Item, Outcome]) -> list[Outcome | BaseException]:
        """Return the outcome of each of these items, as `act` does of one."""
        if not self._one_at_a_time:
            parts = [items[start : start + self._most] for start in range(0, len(items), self._most)]
            return [outcome for part in parts for outcome in outcomes_of(part, act)]
        places: list[_Place[Item, Outcome]] = [_Place(item) for item in items]
        with self._lock:
            self._waiting += places
            my_turn, self._taken = not self._taken, True
        for place in places:
            if not place.done and not my_turn:
                place.asleep.acquire()
            if not place.done:
                self._take_turn(act)
            my_turn = False
        return [cast("Outcome | BaseException", place.outcome) for place in places]

    def _take_turn(self, act: Act[Item, Outcome]) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        for place, outcome in zip(batch, outcomes_of([place.item for place in batch], act), strict=True):
            place.outcome, place.done = outcome, True
        with self._lock:
            heir = self._waiting[0] if self._waiting else None
            self._taken = heir is not None
        for place in batch:
            place.asleep.release()
        if heir is not None:
            heir.asleep.release()


def outcomes_of(items: Sequence[Item], act: Act[Item, Outcome]) -> list[Outcome | BaseException]:
    """Return what an act says of each item; where it fails, its error for each."""
    try:
        outcomes = list(act(items))
        if len(outcomes) != len(items):
            raise ValueError(f"expected {len(items)} outcomes, got {len(outcomes)}")
    except BaseException as error:
        return [error] * len(items)
    return outcomes


def is_served_with_others() -> bool:
    """Tell whether the caller is one of many that this thread serves."""
    return isinstance(getcurrent(), _Guest)


class _Guest(greenlet):  # type: ignore[misc]
    """One of many that a thread serves: where it would sleep, the next has its turn."""

    def ask(self, together: Together[Any, Any], item: Any, act: Act[Any, Any]) -> Any:
        """Let the others go on, until this item was acted on with theirs."""
        return self.parent.switch((together, item, act))


def serve_together(services: Sequence[Callable[[], None]]) -> None:
    """Run all of these in this thread; what they give a `Together` is acted on when none of them can go on without."""
    waiting = [(guest, guest.switch()) for guest in map(_Guest, services)]
    while waiting := [(guest, asked) for guest, asked in waiting if not guest.dead]:
        together, _item, act = waiting[0][1]
        now = [(guest, asked) for guest, asked in waiting if asked[0] is together]
        later = [(guest, asked) for guest, asked in waiting if asked[0] is not together]
        outcomes = together.act_on_all([asked[1] for _guest, asked in now], act)
        waiting = later + [(guest, guest.switch(outcome)) for (guest, _), outcome in zip(now, outcomes, strict=True)]

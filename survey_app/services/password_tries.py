"""
How often a password may be tried (docs/decisions/0015-password-tries.md).

A try takes a drop from each of three buckets, before the password is looked at: one for the name and the address together, one for the address
whatever the name, one for the name wherever it is tried from. A right password gives its drops back. The last bucket does not hold up an address
from which this name has signed in before, so that nobody elsewhere can lock its owner out. All of it is memory of one process: nothing about
who typed what is kept.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from survey_app.services.guesses import Bucket, network

PAIR_CAPACITY, PAIR_PER_SECOND = 10.0, 1 / 60
ADDRESS_CAPACITY, ADDRESS_PER_SECOND = 40.0, 1 / 15
NAME_CAPACITY, NAME_PER_SECOND = 100.0, 1 / 10
MOST_KEPT = 10_000
"""So many buckets of a kind are kept; beyond, the one that was asked for longest ago goes."""
Key = TypeVar("Key")
Kept = TypeVar("Kept")


class PasswordTries:
    """The buckets of one server process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pairs: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._addresses: OrderedDict[str, Bucket] = OrderedDict()
        self._names: OrderedDict[str, Bucket] = OrderedDict()
        self._signed_in: OrderedDict[tuple[str, str], bool] = OrderedDict()

    def begin(self, name: str, address: str) -> int:
        """Count a try; return 0 where it may be made, else in how many seconds."""
        now = self._clock()
        with self._lock:
            buckets = self._buckets(name, network(address), now)
            wait = max(bucket.wait(now) for bucket in buckets)
            if wait > 0:
                return max(1, math.ceil(wait))
            for bucket in buckets:
                bucket.take(now)
            return 0

    def succeeded(self, name: str, address: str) -> None:
        """Give back what a try took that turned out right, and know the address from now on."""
        now = self._clock()
        with self._lock:
            known = (name, network(address))
            for bucket in self._buckets(*known, now):
                bucket.give_back()
            kept(self._signed_in, known, lambda: True)
            self._pairs.pop(known, None)

    def _buckets(self, name: str, place: str, now: float) -> list[Bucket]:
        pair = (name, place)
        found = [
            kept(self._addresses, place, lambda: Bucket(ADDRESS_CAPACITY, ADDRESS_PER_SECOND, now)),
            kept(self._pairs, pair, lambda: Bucket(PAIR_CAPACITY, PAIR_PER_SECOND, now)),
        ]
        if pair not in self._signed_in:
            found.append(kept(self._names, name, lambda: Bucket(NAME_CAPACITY, NAME_PER_SECOND, now)))
        return found


def kept(store: OrderedDict[Key, Kept], key: Key, make: Callable[[], Kept]) -> Kept:
    """Return what is kept under a key, made where nothing is, and let the oldest go where there are too many."""
    found = store[key] if key in store else make()
    store[key] = found
    store.move_to_end(key)
    if len(store) > MOST_KEPT:
        store.popitem(last=False)
    return found

"""Results that never change, kept in memory so that they are worked out once in a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import Any


class Kept:
    """
    The last few results by key.

    Whoever asks for one that is being worked out waits for it; whoever asks for another does not.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, tuple[RLock, int]] = {}
        """By key the lock of who makes it, and how many hold it or wait."""
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what stands under the key, made now if nothing does; the one unused longest leaves."""
        with self._alone(key):
            with self._lock:
                if key in self._found:
                    self._found.move_to_end(key)
                    return self._found[key]
            made = make()
            with self._lock:
                self._found[key] = made
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
            return made

    @contextmanager
    def _alone(self, key: Hashable) -> Iterator[None]:
        """Let one at a time in for each key; a key's lock goes when nobody wants it any more."""
        with self._lock:
            lock, wanted = self._making.get(key, (RLock(), 0))
            self._making[key] = lock, wanted + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, wanted = self._making.pop(key)
                if wanted > 1:
                    self._making[key] = lock, wanted - 1

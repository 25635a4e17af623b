"""Results that never change, kept in memory so that they are worked out once in a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any


class Kept:
    """The last few results by key; whoever asks while one is being worked out waits for it."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = RLock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what stands under the key, made now if nothing does; the one unused longest leaves."""
        with self._lock:
            if key not in self._found:
                self._found[key] = make()
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
            return self._found[key]

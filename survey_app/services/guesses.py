"""
How many wrong codes may be typed (docs/decisions/0008-typed-codes.md).

Only wrong codes count, in a bucket for each address and one for all addresses; each wrong code takes a drop, and the buckets fill again
with time. A right code never asks the buckets. They live in memory: nothing about who typed what is kept.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable

ADDRESS_CAPACITY, ADDRESS_PER_SECOND = 120.0, 1.0
OVERALL_CAPACITY, OVERALL_PER_SECOND = 1200.0, 10.0
MOST_ADDRESSES = 10_000


class Bucket:
    """Drops that wrong codes take and time gives back."""

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        self.capacity, self.per_second = capacity, per_second
        self.drops, self.at = capacity, now

    def wait(self, now: float) -> float:
        """Return in how many seconds there is a drop, 0 where there is one."""
        self.drops = min(self.capacity, self.drops + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, 1 - self.drops) / self.per_second

    def take(self, now: float) -> bool:
        """Take a drop if there is one."""
        if self.wait(now) > 0:
            return False
        self.drops -= 1
        return True

    def give_back(self) -> None:
        """Give a drop back that need not have been taken."""
        self.drops = min(self.capacity, self.drops + 1)


class GuessLimit:
    """The buckets of one server process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._overall = Bucket(OVERALL_CAPACITY, OVERALL_PER_SECOND, clock())
        self._addresses: dict[str, Bucket] = {}

    def wrong_code(self, address: str) -> bool:
        """Count a wrong code from this address; tell whether it was within the limit."""
        now = self._clock()
        with self._lock:
            key = network(address)
            bucket = self._addresses.get(key)
            if bucket is None:
                if len(self._addresses) >= MOST_ADDRESSES:
                    self._forget_idle(now)
                bucket = self._addresses[key] = Bucket(ADDRESS_CAPACITY, ADDRESS_PER_SECOND, now)
            return bucket.take(now) and self._overall.take(now)

    def _forget_idle(self, now: float) -> None:
        """Drop the addresses whose buckets are full again by now, or all where none is."""
        full = ADDRESS_CAPACITY / ADDRESS_PER_SECOND
        kept = {key: bucket for key, bucket in self._addresses.items() if now - bucket.at < full}
        self._addresses = kept if len(kept) < MOST_ADDRESSES else {}


def network(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the 64 bits of an IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)

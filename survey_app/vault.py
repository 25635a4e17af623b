"""
Key halves that were typed at a closing, in the memory of this process alone.

They are never written: not to the database, a file, a log or a job's parameters. After half an hour, at a restart, or once the closing has
taken them, they are gone and must be typed again.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from threading import Lock

HOLD_SECONDS = 30 * 60


@dataclass(frozen=True)
class _Held:
    half: int
    by: str
    until: float

    def __repr__(self) -> str:
        """Say nothing of the half, whatever prints this."""
        return "_Held(…)"


class Vault:
    """Halves by round and holder, each for half an hour."""

    def __init__(self) -> None:
        self.process = secrets.token_hex(8)
        """Names this process, so that a job that needs its memory is run by no other."""
        self._held: dict[tuple[int, str], _Held] = {}
        self._lock = Lock()

    def put(self, round_id: int, holder: str, half: int, by: str) -> None:
        """Keep a half from now on."""
        with self._lock:
            self._held[round_id, holder] = _Held(half, by, time.monotonic() + HOLD_SECONDS)

    def held_by(self, round_id: int) -> dict[str, str]:
        """Return which halves of a round are here, holder → who handed it in."""
        with self._lock:
            return {holder: held.by for holder, held in self._of(round_id).items()}

    def take(self, round_id: int) -> dict[str, int]:
        """Return the halves of a round, holder → half, and keep them no longer."""
        with self._lock:
            found = {holder: held.half for holder, held in self._of(round_id).items()}
            for holder in found:
                del self._held[round_id, holder]
            return found

    def forget_old(self) -> None:
        """Let go of what has waited too long; the worker asks for it every few seconds."""
        with self._lock:
            self._of(0)

    def _of(self, round_id: int) -> dict[str, _Held]:
        now = time.monotonic()
        self._held = {key: held for key, held in self._held.items() if held.until > now}
        return {holder: held for (owner, holder), held in self._held.items() if owner == round_id}

"""What the command line says: which language, refusals, and progress."""

from __future__ import annotations

import locale
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

BAD_DATA = 1
BAD_USAGE = 2
LATE_SECONDS = 1.0


def speaks_chinese() -> bool:
    """Tell whether to speak Chinese: as PINGYI_LANG says, else as the locale does."""
    asked = os.environ.get("PINGYI_LANG") or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES")
    asked = asked or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return asked.lower().startswith(("zh", "chinese"))


def say(en: str, zh: str) -> str:
    """Return the sentence in the language of the command line."""
    return zh if speaks_chinese() else en


def refusal_lines(error: Exception) -> list[str] | None:
    """Return what to say of an error, None for one that is a fault of the program."""
    if isinstance(error, OSError) and error.filename is not None:
        return [say(f"{error.filename}: {error.strerror}", f"{error.filename}：{error.strerror}")]
    en, zh = getattr(error, "en", None), getattr(error, "zh", None)
    if not isinstance(en, str) or not isinstance(zh, str):
        return None
    # An error that gathers faults says them all; its own sentence only repeats the first.
    lines = [say(fault.en, fault.zh) for fault in getattr(error, "faults", ())] or [say(en, zh)]
    if more := getattr(error, "more", 0):
        lines.append(say(f"… and {more} more", f"……另有 {more} 处"))
    return lines


def status_of(error: Exception) -> int:
    """Return the exit status of a refusal: 2 for what was typed, 1 for what a file holds."""
    return BAD_USAGE if type(error).__name__ in {"SeedError", "UsageRefused"} else BAD_DATA


class UsageRefused(Exception):
    """A refusal of what was typed."""

    def __init__(self, *, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


class LateBar:
    """A progress bar on standard error that appears once the work has taken more than a second."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._bar: Any = None
        self._done = 0

    def __call__(self, done: int, total: int) -> None:
        """Tell how far the work is."""
        if self._bar is None:
            if time.monotonic() - self._began < LATE_SECONDS:
                return
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


@contextmanager
def late_bar(label: str) -> Iterator[LateBar]:
    """Show progress of what runs inside, if it takes long."""
    bar = LateBar(label)
    try:
        yield bar
    finally:
        bar.finish()

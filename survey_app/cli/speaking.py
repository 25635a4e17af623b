"""What the command line says: which language, refusals, and progress."""

from __future__ import annotations

import getpass
import locale
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

BAD_DATA = 1
BAD_USAGE = 2
LATE_SECONDS = 1.0
Command = TypeVar("Command", bound=Callable[..., Any])


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
    if type(error).__module__.startswith("sqlalchemy."):
        error = _of_the_database(error)
    en, zh = getattr(error, "en", None), getattr(error, "zh", None)
    if not isinstance(en, str) or not isinstance(zh, str):
        return None
    # An error that gathers faults says them all; its own sentence only repeats the first.
    lines = [say(fault.en, fault.zh) for fault in getattr(error, "faults", ())] or [say(en, zh)]
    if more := getattr(error, "more", 0):
        lines.append(say(f"… and {more} more", f"……另有 {more} 处"))
    return lines


def _of_the_database(error: Exception) -> Exception:
    """Return the refusal of a database that fails while it is used, the error itself where it is a fault of the program."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

    from survey_app.config import load_config
    from survey_app.settings_errors import database_refusal

    if not isinstance(error, DatabaseError) or isinstance(error, IntegrityError | ProgrammingError):
        return error
    return database_refusal(make_url(load_config().database_url), error)


def status_of(error: Exception) -> int:
    """Return the exit status of a refusal: 2 for what was typed, 1 for what a file holds."""
    return BAD_USAGE if type(error).__name__ in {"SeedError", "UsageRefused", "ConfigError"} else BAD_DATA


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


def by_and_reason(command: Command) -> Command:
    """Give a command the options --by and --reason: the name and the reason that the record keeps."""
    by = click.option(
        "--by", default=system_user, show_default="the system's user", help="Your name, which the record keeps."
    )
    reason = click.option("--reason", default="", help="Why you do it; the record keeps it.")
    return by(reason(command))


def system_user() -> str:
    """Return the name of the system's user, "command line" where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return say("command line", "命令行")


def named(by: str) -> str:
    """Return the name for the record: what was typed, without spaces around it, which must not be empty."""
    if not by.strip() or not by.isprintable():
        raise UsageRefused(en="--by needs a name; give yours", zh="--by 须为姓名，请填写")
    return by.strip()


def stated(reason: str) -> str:
    """Return the reason for the record, never an empty one."""
    return reason.strip() or say("not given, done on the command line", "未填写，由命令行执行")


@contextmanager
def late_bar(label: str) -> Iterator[LateBar]:
    """Show progress of what runs inside, if it takes long."""
    bar = LateBar(label)
    try:
        yield bar
    finally:
        bar.finish()

"""
What is wrong with a setting, in one sentence: which variable, what was expected, what came, what to do.

A password that stands in an address is never repeated: an address that cannot be read is shown by its beginning only.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from survey_app.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import URL

BASE_URL = "PINGYI_BASE_URL"
DATABASE_URL = "PINGYI_DATABASE_URL"
HOME = "PINGYI_HOME"
PROXIES = "PINGYI_TRUSTED_PROXIES"
MOST_PROXIES = 9
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def checked_base_url(base_url: str) -> str:
    """
    Return the address that cards carry, without a slash at its end.

    Raises
    ------
    ConfigError
        If it is no http(s) address.
    """
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.query or parts.fragment or parts.username or parts.password)
    except ValueError:  # brackets that do not match, a port that is none
        good = False
    if not good or re.search(r"\s", base_url):
        shown = re.sub(r"//.*@", "//***@", base_url)
        raise ConfigError(
            en=f"{BASE_URL} must be an address such as https://pingyi.example.cn, it is {shown!r}; correct it or leave it out.",
            zh=f"{BASE_URL} 应为形如 https://pingyi.example.cn 的网址，现为 {shown!r}，请改正或不设。",
        )
    return base_url.rstrip("/")


def checked_proxies(text: str) -> int:
    """
    Return how many reverse proxies stand before the server.

    Raises
    ------
    ConfigError
        If it is no whole number from 0 to 9.
    """
    if text not in {str(number) for number in range(MOST_PROXIES + 1)}:
        raise ConfigError(
            en=f"{PROXIES} must be the number of reverse proxies before the server, 0 to {MOST_PROXIES}, it is {text[:40]!r}; correct it or leave it out.",
            zh=f"{PROXIES} 应为服务器前反向代理的层数（0 至 {MOST_PROXIES}），现为 {text[:40]!r}，请改正或不设。",
        )
    return int(text)


def checked_database_url(text: str) -> str:
    """
    Return the database's address with its driver named.

    Raises
    ------
    ConfigError
        If it is no address of a SQLite file or a PostgreSQL database.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
        _ = url.port
    except (ArgumentError, ValueError):
        raise _not_an_address(_beginning(text)) from None
    if not url.drivername.startswith("sqlite") and "@" in f"{url.host}{url.database}":
        raise _not_an_address(_beginning(text))  # a password that holds @ or / was cut in two
    if url.drivername not in DRIVERS:
        raise _not_an_address(shown_url(url))
    if url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise ConfigError(
            en=f"{DATABASE_URL} must name a file, such as sqlite:////srv/pingyi/pingyi.sqlite, it is {shown_url(url)!r}; name one.",
            zh=f"{DATABASE_URL} 应指明文件，如 sqlite:////srv/pingyi/pingyi.sqlite，现为 {shown_url(url)!r}，请指明。",
        )
    return url.set(drivername=DRIVERS[url.drivername]).render_as_string(hide_password=False)


def shown_url(url: URL) -> str:
    """Return a database's address as it may be shown: no password, no options."""
    return url.set(query={}).render_as_string(hide_password=True) + ("?…" if url.query else "")


def home_refusal(home: Path, error: OSError) -> ConfigError:
    """Return the refusal of a data folder that cannot be used."""
    reason = error.strerror or type(error).__name__
    return ConfigError(
        en=f"{HOME} must be a folder that can be made and written, {home} cannot be used ({reason}); name another.",
        zh=f"{HOME} 应为可建立、可写入的文件夹，{home} 无法使用（{reason}），请另指定。",
    )


def driver_refusal() -> ConfigError:
    """Return the refusal of PostgreSQL where its driver is not installed."""
    return ConfigError(
        en=f"{DATABASE_URL} names a PostgreSQL database, but its driver psycopg is not installed; install it: pip install 'psycopg[binary]'",
        zh=f"{DATABASE_URL} 指向 PostgreSQL 数据库，但未安装其驱动 psycopg，请先安装：pip install 'psycopg[binary]'",
    )


def newer_refusal(url: URL, found: str, newest: str) -> ConfigError:
    """Return the refusal of a database whose tables this program does not know."""
    return ConfigError(
        en=f"{DATABASE_URL}: the tables of {shown_url(url)} stand at step {found}, this Pingyi knows steps up to {newest}: "
        "a newer Pingyi made them; install that one, or name another database.",
        zh=f"{DATABASE_URL}：{shown_url(url)} 的表结构为第 {found} 步，本程序只到第 {newest} 步，应由更新版本建立；请安装新版本，或另指定数据库。",
    )


def database_refusal(url: URL, error: Any) -> ConfigError:
    """Return the refusal of a database that cannot be opened or used; ``error`` is SQLAlchemy's."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    reason = lines[0] if url.password is None else lines[0].replace(str(url.password), "***")
    if url.drivername.startswith("sqlite"):
        return ConfigError(
            en=f"{DATABASE_URL} must name a SQLite file that Pingyi can read and write, {url.database} cannot be used ({reason}); "
            "correct the path, or restore the file from a backup.",
            zh=f"{DATABASE_URL} 应指向可读写的 SQLite 文件，{url.database} 无法使用（{reason}）；请改正路径，或从备份恢复该文件。",
        )
    return ConfigError(
        en=f"{DATABASE_URL} must name a PostgreSQL database that answers, {shown_url(url)} cannot be used ({reason}); "
        "see that the server runs and that host, database, user and password are right.",
        zh=f"{DATABASE_URL} 应指向可连接的 PostgreSQL 数据库，{shown_url(url)} 无法使用（{reason}）；请确认服务器已启动，主机、库名、用户和密码无误。",
    )


def _not_an_address(shown: str) -> ConfigError:
    return ConfigError(
        en=f"{DATABASE_URL} must be sqlite:///… with a file or postgresql://user@host/database, it is {shown!r}; "
        "correct it (in a password write %40 for @), or leave it out for a file in the data folder.",
        zh=f"{DATABASE_URL} 应为 sqlite:///文件 或 postgresql://用户@主机/库名，现为 {shown!r}；请改正（密码中的 @ 写作 %40），或不设而用数据目录中的文件。",
    )


def _beginning(text: str) -> str:
    if "://" in text:
        return re.sub(r"[^A-Za-z0-9+.]", "?", text.split("://")[0][:30]) + "://…"
    return text if re.fullmatch(r"[\w./\\-]{1,60}", text) else f"{text[:3]}…"

"""
Everything that can be set, in one place, read once at start.

PINGYI_HOME          the data folder                              default: instance/
PINGYI_DATABASE_URL  the database                                 default: SQLite in the data folder
PINGYI_BASE_URL      the address that cards carry in their QR     default: http://127.0.0.1:8000
PINGYI_TRUSTED_PROXIES  how many reverse proxies stand before us   default: 0
PINGYI_LANG          zh or en, the language of the command line   default: from the locale
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from survey_app.errors import ConfigError
from survey_app.settings_errors import checked_base_url, checked_database_url, checked_proxies, home_refusal

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
DEFAULT_BASE_URL = "http://127.0.0.1:8000"

UPLOAD_LIMIT = 40 * 1024 * 1024
FORM_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Config:
    """The settings of one installation."""

    home: Path
    database_url: str
    base_url: str = DEFAULT_BASE_URL
    testing: bool = False
    trusted_proxies: int = 0
    """How many reverse proxies stand before the server, each of which adds the address it was called from."""

    @property
    def base_url_is_loopback(self) -> bool:
        """Whether a phone could never reach the address on the cards."""
        host = urlsplit(self.base_url).hostname or ""
        return host in LOOPBACK_HOSTS or host.startswith("127.")

    @property
    def secrets_folder(self) -> Path:
        """The folder of the keys that the database never holds."""
        return self.home / "secrets"

    @property
    def prints_folder(self) -> Path:
        """The folder where printed cards wait for their download, an hour at most."""
        return self.home / "prints"

    @property
    def uploads_folder(self) -> Path:
        """The folder where an uploaded frame waits for its confirmation."""
        return self.home / "uploads"


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """
    Read the settings from the environment and check them.

    Raises
    ------
    ConfigError
        If PINGYI_BASE_URL is no http(s) address, PINGYI_DATABASE_URL no address of a database, or PINGYI_TRUSTED_PROXIES no small number.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ.get("PINGYI_HOME") or "instance").resolve()
    given = environ.get("PINGYI_DATABASE_URL")
    return Config(
        home=home,
        database_url=checked_database_url(given) if given else f"sqlite:///{(home / 'pingyi.sqlite').as_posix()}",
        base_url=checked_base_url(environ.get("PINGYI_BASE_URL") or DEFAULT_BASE_URL),
        trusted_proxies=checked_proxies(environ.get("PINGYI_TRUSTED_PROXIES") or "0"),
    )


def prepare_home(config: Config) -> None:
    """Make the data folder and its parts, readable by the owner alone where the system knows owners."""
    for folder in (config.home, config.secrets_folder, config.uploads_folder, config.prints_folder):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise home_refusal(folder, error) from error


def secret(config: Config, name: str) -> bytes:
    """
    Return the 32-byte secret of this name from the data folder, making it on first use.

    Parameters
    ----------
    config : Config
        The settings; its ``secrets_folder`` holds one file a secret.
    name : str
        ``session`` signs cookies and forms, ``cards`` derives the tokens.
    """
    path = config.secrets_folder / f"{name}.key"
    try:
        # O_EXCL: two processes starting at once must end with the same secret.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        value = path.read_bytes()
        if len(value) != 32:
            raise ConfigError(
                en=f"the secret {path.name} in the data folder is damaged: it should hold 32 bytes and holds {len(value)}; restore it from a backup",
                zh=f"数据目录中的密钥 {path.name} 已损坏：应为 32 字节，现为 {len(value)} 字节；请从备份恢复",
            ) from None
        return value
    value = secrets.token_bytes(32)
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    return value

"""
What the app can refuse, and the one place where a refusal becomes a page.

Every error carries one clear sentence in English (``en``) and in Chinese (``zh``). Services raise them, views let them pass,
`survey_app.error_pages` turns them into the error page with the class's status.
"""

from __future__ import annotations


class AppError(Exception):
    """Base of every refusal by the app."""

    status = 400

    def __init__(self, *, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


class ConfigError(AppError):
    """A setting that cannot be used."""

    status = 500


class NotFound(AppError):
    """Something that does not exist, or that this person may not know to exist."""

    status = 404

    def __init__(self, *, en: str = "There is no such page.", zh: str = "没有这个页面。") -> None:
        super().__init__(en=en, zh=zh)


class NotAllowed(AppError):
    """A person without the needed role."""

    status = 403


class PhoneRefused(AppError):
    """An investigator's phone that may not go on; the app on it acts on the state."""

    def __init__(self, state: str, *, en: str, zh: str, left: int | None = None) -> None:
        super().__init__(en=en, zh=zh)
        self.state = state
        self.left = left
        """How many tries at the PIN are left, where that was the matter."""
        self.status = 403 if state in ("blocked", "revoked") else 401


class TooManyTries(AppError):
    """A password tried too often; it may be tried again after so many seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            en=f"To protect the accounts, passwords cannot be tried any faster. Please wait {seconds} seconds and try again; a single-use link of "
            "the survey team works at once.",
            zh=f"为保护账号，密码不能试得太快。请等 {seconds} 秒再试；也可请调查队发一次有效链接，随时可用。",
        )
        self.seconds = seconds


class WrongState(AppError):
    """An act that the round's state does not allow now."""

    status = 409


class BadInput(AppError):
    """Something entered that cannot be used."""

    status = 400


class DamagedData(AppError):
    """Stored data that fails its own check."""

    status = 500


class DatabaseAway(AppError):
    """The database cannot be reached, or cannot answer."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            en="The database cannot be reached at this moment. Please wait a minute and try again.",
            zh="暂时连不上数据库，请稍等一分钟再试。",
        )


class NotConfirmed(AppError):
    """An answer of which the database could not say that it is stored: a full disk, a lost connection."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            en="The server could not confirm that your answers have arrived. Please wait a minute and send them again; "
            "they are never counted twice.",
            zh="服务器未能确认收到您的答卷。请稍等一分钟再提交一次，不会重复计算。",
        )

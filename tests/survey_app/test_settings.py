"""Settings that cannot be used: one sentence in each language with status 2, and never a password."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from survey_app.cli import main
from survey_app.config import load_config
from survey_app.db import Database
from survey_app.errors import ConfigError
from survey_app.settings_errors import checked_database_url

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pingyi simulate` with these settings; `language` says in which language."""

    def invoke(language: str = "en", **settings: str) -> Result:
        for name in ("HOME", "DATABASE_URL", "BASE_URL", "TRUSTED_PROXIES"):
            monkeypatch.delenv(f"PINGYI_{name}", raising=False)
        monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PINGYI_LANG", language)
        for name, value in settings.items():
            monkeypatch.setenv(f"PINGYI_{name}", value)
        return CliRunner().invoke(main, ["simulate"])

    return invoke


def refused(run: Run, variable: str, **settings: str) -> str:
    """Return what is said, after holding it against what every refusal must be."""
    said = []
    for language in ("en", "zh"):
        result = run(language, **settings)
        assert result.exit_code == 2, (result.output, result.exception)
        assert isinstance(result.exception, SystemExit)
        lines = result.stderr.splitlines()
        assert len(lines) == 1
        assert f"PINGYI_{variable}" in lines[0]
        assert "secret" not in lines[0]
        said += lines
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said[1])
    return said[0]


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("garbage", "garbage"),
        ("host=db password=secret", "postgresql://user@host/database"),
        ("sqlite:////nonexistent/x.db", "unable to open"),
        ("sqlite://", "must name a file"),
        ("mysql://u:secret@a/b", "mysql://u:***@a/b"),
        ("oracle+foo://x", "oracle+foo://x"),
        ("postgresql://[::1", "postgresql://…"),
        ("postgresql://u:secret@[::1", "postgresql://…"),
        ("postgresql://u:se@secret@127.0.0.1/x", "%40"),
        ("postgresql://u:12/secret@127.0.0.1:1/x", "u:***@127.0.0.1:1/x"),
        ("postgresql+psycopg2://u:secret@h/x", "psycopg2"),
        ("postgres://u:secret@127.0.0.1:1/x", "u:***@127.0.0.1:1/x"),
        ("postgresql://u@127.0.0.1:1/x?password=secret", "127.0.0.1:1/x?…"),
    ],
)
def test_a_bad_database_address_is_one_sentence_without_its_password(run: Run, url: str, what: str) -> None:
    assert what in refused(run, "DATABASE_URL", DATABASE_URL=url)


def test_a_file_that_is_no_database_stays_as_it_is(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_bytes(b"Dear county office,\n" * 400)
    before = other.read_bytes()
    assert "not a database" in refused(run, "DATABASE_URL", DATABASE_URL=f"sqlite:///{other}")
    assert other.read_bytes() == before


def test_a_corrupt_database_is_told(run: Run, sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "pingyi.sqlite"
    content = sqlite_template.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 8000 + content[8100:])
    assert "backup" in refused(run, "DATABASE_URL", DATABASE_URL=f"sqlite:///{path}")


def test_a_database_of_a_newer_pingyi_is_told(run: Run, sqlite_url: str) -> None:
    from sqlalchemy import text

    database = Database(sqlite_url)
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    said = refused(run, "DATABASE_URL", DATABASE_URL=sqlite_url)
    assert "9999" in said
    assert "newer" in said


def test_a_missing_driver_is_told_with_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_psycopg(name: str, *rest: Any) -> Any:
        if name.split(".")[0] == "psycopg":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    assert "psycopg[binary]" in refused(run, "DATABASE_URL", DATABASE_URL="postgresql://u:secret@h/x")


def test_the_short_name_of_postgresql_is_taken() -> None:
    assert checked_database_url("postgres://u:p%40w@h:5433/x") == "postgresql+psycopg://u:p%40w@h:5433/x"
    assert load_config({"PINGYI_DATABASE_URL": "postgresql://h/x"}).database_url == "postgresql+psycopg://h/x"


def test_a_server_that_refuses_the_password_does_not_get_it_repeated() -> None:
    from sqlalchemy import make_url
    from sqlalchemy.exc import OperationalError

    from survey_app.settings_errors import database_refusal

    url = make_url("postgresql+psycopg://u:secret@h/x")
    refusal = database_refusal(url, OperationalError("", {}, Exception("password 'secret' is wrong\nmore")))
    assert "'***' is wrong" in refusal.en
    assert "secret" not in refusal.en + refusal.zh


@pytest.mark.parametrize("url", ["http://[::1", "http://h:99999", "ftp://h", "h", "http://u:secret@h", "http://a b"])
def test_a_bad_base_address_is_one_sentence(run: Run, url: str) -> None:
    assert "https://pingyi.example.cn" in refused(run, "BASE_URL", BASE_URL=url)


def test_a_data_folder_that_is_a_file_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    assert str(path) in refused(run, "HOME", HOME=str(path))


def test_settings_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_config({"PINGYI_HOME": str(tmp_path / "home"), "PINGYI_DATABASE_URL": "mysql://a/b"})
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("number", ["one", "-1", "10", "1.5", "１"])
def test_a_number_of_proxies_that_is_none_is_refused(run: Run, number: str) -> None:
    said = refused(run, "TRUSTED_PROXIES", TRUSTED_PROXIES=number)
    assert "0 to 9" in said
    assert number in said


def test_proxies_are_trusted_only_where_they_are_named() -> None:
    assert load_config({}).trusted_proxies == 0
    assert load_config({"PINGYI_TRUSTED_PROXIES": "2"}).trusted_proxies == 2

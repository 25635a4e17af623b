"""The pure packages do not know the shell, and nothing runs on one system only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHELL = {"flask", "flask_wtf", "flask_login", "flask_babel", "sqlalchemy", "alembic", "click", "waitress", "survey_app"}
FORBIDDEN = {
    "sampling": SHELL | {"questionnaires", "analysis"},
    "questionnaires": SHELL | {"sampling", "analysis"},
    "analysis": SHELL | {"sampling", "questionnaires"},
}
LAYERS = {
    "survey_app/models": {"services", "office", "account", "investigator", "respondent", "public", "access"},
    "survey_app/services": {"office", "account", "investigator", "respondent", "public", "access", "cli"},
}
POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "crypt", "posix", "gunicorn"}
POSIX_CALLS = {
    "fork",
    "forkpty",
    "geteuid",
    "getuid",
    "setuid",
    "setsid",
    "chown",
    "mkfifo",
    "killpg",
    "sched_getaffinity",
}
POSIX_SIGNALS = {"SIGHUP", "SIGALRM", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE", "alarm", "pause"}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("package", FORBIDDEN)
def test_pure_packages_do_not_know_the_shell(package: str) -> None:
    assert sources(package)
    for path in sources(package):
        tops = {name.split(".")[0] for name in imported(path)}
        assert FORBIDDEN[package].isdisjoint(tops), path


@pytest.mark.parametrize("layer", LAYERS)
def test_arrows_inside_the_shell_run_from_views_to_services_to_models(layer: str) -> None:
    assert sources(layer)
    for path in sources(layer):
        parts = {name.split(".")[1] for name in imported(path) if name.startswith("survey_app.") and "." in name}
        assert LAYERS[layer].isdisjoint(parts), path


@pytest.mark.parametrize("package", ["sampling", "questionnaires", "analysis", "survey_app"])
def test_nothing_is_imported_or_called_that_only_posix_systems_have(package: str) -> None:
    for path in [*sources(package), ROOT / "wsgi.py"]:
        assert POSIX_MODULES.isdisjoint({name.split(".")[0] for name in imported(path)}), path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner, name = node.value.id, node.attr
                assert not (owner == "os" and name in POSIX_CALLS), f"{path}:{node.lineno} os.{name}"
                assert not (owner == "signal" and name in POSIX_SIGNALS), f"{path}:{node.lineno} signal.{name}"


def test_the_pure_packages_load_without_any_module_of_the_shell() -> None:
    import subprocess

    code = (
        "import sys, sampling, questionnaires, analysis; "
        "sys.exit(bool({'flask', 'sqlalchemy', 'click', 'survey_app'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

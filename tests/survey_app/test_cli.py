"""The command line: what it writes, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from survey_app.cli import COMMANDS, main
from tests.factories import frame_csv

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pingyi` with a data folder of its own."""
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PINGYI_LANG", "en")
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    monkeypatch.delenv("PINGYI_BASE_URL", raising=False)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.csv"
    path.write_bytes(frame_csv())
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: main") or "Usage:" in shown.output


def test_draw_writes_the_three_files_and_verify_accepts_them(run: Run, frame: Path, tmp_path: Path) -> None:
    drawn = run("draw", frame, "--seed", "12345", "--out", tmp_path / "draw")
    assert drawn.exit_code == 0, drawn.output
    assert sorted(path.name for path in (tmp_path / "draw").iterdir()) == ["draw.json", "frame.csv", "sample.csv"]
    assert "220 main and" in drawn.stdout
    verified = run("verify", tmp_path / "draw")
    assert verified.exit_code == 0
    assert "the draw is right" in verified.stdout


def test_parquet_and_long_csv_are_drawn_township_by_township_to_the_same_files(
    run: Run, frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered = pd.read_csv(frame, dtype=str, keep_default_na=False).sort_values("township_code", kind="stable")
    parquet, long = tmp_path / "frame.parquet", tmp_path / "long.csv"
    ordered.to_parquet(parquet)
    ordered.to_csv(long, index=False)
    assert run("draw", frame, "--seed", "s", "--out", tmp_path / "whole").exit_code == 0
    monkeypatch.setattr("sampling.frames.tables.MAX_BYTES", 1000)
    for source in (parquet, long):
        out = tmp_path / source.stem
        result = run("draw", source, "--seed", "s", "--out", out)
        assert result.exit_code == 0, result.output
        for name in ("draw.json", "frame.csv", "sample.csv"):
            assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_large_frame_is_read_whole_where_an_option_needs_it(
    run: Run, frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    large = tmp_path / f"large.{kind}"
    ordered = pd.read_csv(frame, dtype=str, keep_default_na=False)
    if kind == "parquet":
        ordered.to_parquet(large)
    else:
        ordered.to_csv(large, index=False)
    commands = [("--stage", "psu"), ("--exclude", tmp_path / "earlier"), ("--avoid", tmp_path / "earlier")]
    assert run("draw", frame, "--seed", "e", "--out", tmp_path / "earlier").exit_code == 0
    for k, more in enumerate(commands):
        assert run("draw", frame, "--seed", "s", *more, "--out", tmp_path / f"small{k}").exit_code == 0
    monkeypatch.setattr("sampling.frames.tables.MAX_BYTES", 1000)
    for k, more in enumerate(commands):
        result = run("draw", large, "--seed", "s", *more, "--out", tmp_path / f"large{k}")
        assert result.exit_code == 0, result.output
        for name in ("draw.json", "frame.csv", "sample.csv"):
            assert (tmp_path / f"large{k}" / name).read_bytes() == (tmp_path / f"small{k}" / name).read_bytes()
    assert run("design", "check", "county-110", "--frame", large).exit_code == 0
    exported = run("listing", "export", tmp_path / "large0", "--frame", large, "--out", tmp_path / "sheets")
    assert exported.exit_code == 0, exported.output


def test_verify_names_the_difference_in_one_sentence_with_status_1(run: Run, frame: Path, tmp_path: Path) -> None:
    run("draw", frame, "--seed", "12345", "--out", tmp_path / "draw")
    sample = tmp_path / "draw" / "sample.csv"
    sample.write_bytes(sample.read_bytes().replace(b"main,2,", b"main,3,", 1))
    verified = run("verify", tmp_path / "draw")
    assert verified.exit_code == 1
    assert "sample.csv" in verified.stderr
    assert "sequence" in verified.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (("--seed", "a|b"), 2, "a|b"),
        (("--seed", ""), 2, "seed"),
        (("--seed", "1", "--design", "county-111"), 2, "county-110"),
        ((), 2, "--seed"),
    ],
)
def test_bad_usage_has_status_2_and_writes_nothing(
    run: Run, frame: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, what: str
) -> None:
    refused = run("draw", frame, *arguments, "--out", tmp_path / "draw")
    assert refused.exit_code == status
    assert what in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "draw").exists()


def test_a_bad_frame_has_status_1_and_every_fault_once(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(frame_csv().replace(b"D002", b"D001").replace(b"E003", b"E002"))
    refused = run("draw", bad, "--seed", "1", "--out", tmp_path / "draw")
    assert refused.exit_code == 1
    lines = refused.stderr.splitlines()
    assert len(lines) == len(set(lines)) == 4
    assert not (tmp_path / "draw").exists()


def test_refusals_are_chinese_where_chinese_is_asked_for(
    run: Run, frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_LANG", "zh")
    assert "种子" in run("draw", frame, "--seed", "a|b", "--out", tmp_path / "draw").stderr


def test_a_whole_demo_round_in_the_shell(run: Run, tmp_path: Path) -> None:
    loaded = run("demo")
    assert loaded.exit_code == 0, loaded.output
    assert loaded.stdout.count("/r/") == 4
    assert loaded.stdout.count("/account/link/") == 3
    assert run("demo").exit_code == 1
    assert "simulated answers" in run("simulate").stdout
    assert run("close", "--yes").exit_code == 0
    exported = run("export", tmp_path / "export")
    assert exported.exit_code == 0, exported.output
    assert run("verify", tmp_path / "export" / "draw").exit_code == 0
    scored = run("score", tmp_path / "export", "--draw", tmp_path / "export" / "draw", "--out", tmp_path / "scores")
    assert scored.exit_code == 0, scored.output
    for name in ("items.csv", "groups.csv", "townships.csv", "scores.xlsx"):
        assert (tmp_path / "scores" / name).read_bytes() == (tmp_path / "export" / "scores" / name).read_bytes(), name
    book = CalamineWorkbook.from_path(tmp_path / "export" / "scores" / "scores.xlsx")
    seed = json.loads((tmp_path / "export" / "draw" / "draw.json").read_text("utf-8"))["seed"]
    assert ["抽样随机种子", seed, seed] in book.get_sheet_by_name("说明").to_python()
    again = run("score", tmp_path / "export", "--out", tmp_path / "scores")
    assert again.exit_code == 2
    assert "scores" in again.stderr
    others = ("--format", "docx,sav", "--format", "r", "--lang", "en")
    assert run("score", tmp_path / "export", "--out", tmp_path / "others", *others).exit_code == 0
    groups = {f"responses_{group}.sav" for group in ("delegates", "enterprise", "rural", "urban")}
    assert {path.name for path in (tmp_path / "others").iterdir()} == {"report.docx", "scores.R", *groups}
    refused = run("score", tmp_path / "export", "--out", tmp_path / "never", "--format", "xls")
    assert refused.exit_code == 2
    assert "xlsx" in refused.stderr
    assert not (tmp_path / "never").exists()


def test_demo_frames_are_written_without_a_database(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--frames", tmp_path / "frames").exit_code == 0
    assert {path.name for path in (tmp_path / "frames").iterdir()} == {"frame.csv", "faulty.csv"}
    assert not (tmp_path / "home").exists()
    refused = run("draw", tmp_path / "frames" / "faulty.csv", "--seed", "1", "--out", tmp_path / "draw")
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) >= 8


def test_no_round_to_act_on_is_said_with_what_there_is(run: Run) -> None:
    refused = run("simulate")
    assert refused.exit_code == 2
    assert "--round" in refused.stderr


def test_an_account_gets_a_single_use_link(run: Run) -> None:
    refused = run("user", "li", "--role", "office")
    assert refused.exit_code == 2
    assert "county" in refused.stderr


def test_an_unknown_role_is_bad_usage(run: Run) -> None:
    refused = run("user", "li", "--role", "king")
    assert refused.exit_code == 2
    assert "there is no role 'king'" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "roles", [("supervisor", "investigator"), ("observer", "investigator"), ("office", "observer")]
)
@pytest.mark.parametrize(("language", "word"), [("en", "One person holds one role"), ("zh", "一人一种角色")])
def test_roles_that_one_person_may_not_hold_together_are_refused_in_the_shell_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, str], language: str, word: str
) -> None:
    monkeypatch.setenv("PINGYI_LANG", language)
    refused = run("user", "li", "--role", roles[0], "--role", roles[1])
    assert refused.exit_code == 1
    assert refused.stderr.startswith(word)


def test_a_link_for_the_default_address_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from survey_app.config import load_config
    from survey_app.opening import open_shell
    from tests.factories import make_county

    shell = open_shell(load_config())
    make_county(shell)
    shell.close()
    made = run("user", "li", "--role", "office")
    assert made.exit_code == 0
    assert made.stdout.startswith("http://127.0.0.1:8000/account/link/")
    assert "PINGYI_BASE_URL" in made.stderr
    monkeypatch.setenv("PINGYI_BASE_URL", "https://pingyi.example.cn")
    named = run("user", "wang", "--role", "office")
    assert named.stdout.startswith("https://pingyi.example.cn/account/link/")
    assert named.stderr == ""


def test_python_m_survey_app_is_the_same_command() -> None:
    import subprocess
    import sys

    shown = subprocess.run(
        [sys.executable, "-m", "survey_app", "--version"], capture_output=True, text=True, check=True
    )
    assert "0.1.0" in shown.stdout

"""What is refused of what was typed: one sentence in the language asked for, status 2, before any work is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_app.cli import main
from tests.factories import frame_csv

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frame.csv").write_bytes(frame_csv())

    def invoke(language: str, *arguments: object) -> Result:
        monkeypatch.setenv("PINGYI_LANG", language)
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.mark.parametrize(
    ("typed", "en", "zh"),
    [
        (("nope",), "No such command", "没有命令 nope"),
        (("design", "nope"), "No such command", "没有命令 nope"),
        (("draw", "--nope"), "No such option", "没有选项 --nope"),
        (("draw",), "Missing argument", "缺少参数 FRAME"),
        (("draw", "frame.csv", "--out", "x"), "Missing option", "缺少选项 --seed"),
        (("draw", "--seed"), "requires an argument", "选项 --seed 后须给出值"),
        (("draw", "no.csv", "--seed", "1", "--out", "x"), "does not exist", "参数 FRAME 有误：文件 no.csv 不存在"),
        (("draw", ".", "--seed", "1", "--out", "x"), "is a directory", ". 是文件夹，应为文件"),
        (("verify", "frame.csv"), "is a file", "frame.csv 是文件，应为文件夹"),
        (("verify", ".", "more"), "unexpected extra argument", "多出的参数：more"),
        (("serve", "--port", "0"), "not in the range", "选项 --port 有误：0 不在范围 1<=x<=65535 内"),
        (("serve", "--port", "x"), "not a valid integer", "x 不是整数"),
        (("draw", "frame.csv", "--seed", "1", "--out", "x", "--stage", "z"), "'psu'", "z 不是可选值之一（'psu'）"),
        (("simulate", "--rate", "much"), "not a valid float", "much 不是数"),
        (("serve", "--lan=1"), "does not take a value", "选项 --lan 不带值"),
    ],
)
def test_clicks_own_refusals_are_one_sentence_in_either_language(
    run: Run, typed: tuple[str, ...], en: str, zh: str
) -> None:
    for language, what in (("en", en), ("zh", zh)):
        refused = run(language, *typed)
        assert refused.exit_code == 2
        assert len(refused.stderr.splitlines()) == 1
        assert what in refused.stderr


def test_a_refusal_says_where_the_command_is_explained(run: Run) -> None:
    assert "draw --help" in run("en", "draw").stderr
    assert "draw --help" in run("zh", "draw").stderr


def test_no_command_at_all_still_shows_what_there_is(run: Run) -> None:
    assert "Commands:" in run("zh").stderr


@pytest.mark.parametrize("command", ["draw", "score", "export"])
@pytest.mark.parametrize("taken", ["file", "folder"])
def test_a_taken_place_for_the_result_is_found_before_any_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, taken: str
) -> None:
    import analysis
    import sampling

    def working(*_: object, **_options: object) -> None:
        raise AssertionError("work began before the place was looked at")

    for module, name in ((sampling, "read_frame"), (analysis, "read_responses")):
        monkeypatch.setattr(module, name, working)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept.txt").write_text("kept")
    (tmp_path / "file").write_text("kept")
    typed = {
        "draw": ("draw", "frame.csv", "--seed", "1", "--out", taken),
        "score": ("score", "folder", "--out", taken),
        "export": ("export", taken),
    }[command]
    refused = run("en", *typed)
    assert refused.exit_code == 2, refused.output
    assert taken in refused.stderr
    assert (tmp_path / "folder" / "kept.txt").read_text() == (tmp_path / "file").read_text() == "kept"
    assert not (tmp_path / "home").exists()


def test_an_unknown_scheme_is_bad_usage_like_an_unknown_design(run: Run, tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    refused = run("en", "score", "answers", "--scheme", "nope", "--out", "x")
    assert refused.exit_code == 2
    assert "nope" in refused.stderr
    broken = tmp_path / "own.yaml"
    broken.write_text("scheme: [")
    assert run("en", "score", "answers", "--scheme", broken, "--out", "x").exit_code == 1


def test_the_record_keeps_the_name_and_the_reason_given_in_the_shell(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import select

    from survey_app.config import load_config
    from survey_app.db import Database
    from survey_app.models import RecordEntry
    from survey_app.opening import open_shell
    from tests.factories import make_county, make_open_round

    monkeypatch.setattr("getpass.getuser", lambda: "lihua")
    shell = open_shell(load_config())
    make_open_round(shell, make_county(shell))
    shell.close()
    assert run("en", "simulate").exit_code == 0
    assert run("en", "close", "--yes", "--by", " ").exit_code == 2
    assert run("en", "close", "--yes", "--by", "王敏", "--reason", "调查期满").exit_code == 0
    assert run("en", "export", "out").exit_code == 0
    database = Database(load_config().database_url)
    with database.reading() as session:
        entries = session.scalars(select(RecordEntry).order_by(RecordEntry.id)).all()
    database.dispose()
    kept = {entry.action: (entry.person, entry.reason) for entry in entries}
    assert kept["round_closed"] == ("王敏", "调查期满")
    assert kept["answers_simulated"] == ("lihua", "not given, done on the command line")


def test_close_says_when_old_pages_could_not_be_overwritten_and_the_next_command_tries_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey_app.config import load_config
    from survey_app.db import Database, PagesInUse
    from survey_app.opening import open_shell
    from survey_app.services.closing import traces_left
    from tests.factories import answer_all, make_county, make_open_round

    def in_use(_database: Database) -> None:
        raise PagesInUse

    shell = open_shell(load_config())
    round_id = make_open_round(shell, make_county(shell))
    answer_all(shell, round_id)
    with monkeypatch.context() as hindered:
        hindered.setattr(Database, "wipe_free_pages", in_use)
        closed = run("en", "close", "--yes")
    assert closed.exit_code == 0
    assert "is closed with" in closed.stdout
    assert "old pages could not yet be overwritten" in closed.stderr
    assert traces_left(shell, round_id) is not None
    assert run("en", "export", "out").exit_code == 0
    assert traces_left(shell, round_id) is None
    shell.close()


def test_simulate_close_and_export_show_a_bar_once_they_take_long(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey_app.cli import speaking
    from survey_app.config import load_config
    from survey_app.opening import open_shell
    from tests.factories import make_county, make_open_round

    monkeypatch.setattr(speaking, "LATE_SECONDS", 0.0)
    shell = open_shell(load_config())
    make_open_round(shell, make_county(shell))
    shell.close()
    assert "Answering" in run("en", "simulate").stderr
    assert "Opening the box" in run("en", "close", "--yes").stderr
    assert "Exporting" in run("en", "export", "out").stderr

"""`pingyi score`: what it refuses of a draw that is not the answers' own, and what its options add."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from docx import Document

import analysis
from survey_app.cli import main
from tests.factories import frame_csv

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PINGYI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PINGYI_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def drawn(run: Run, tmp_path: Path) -> Path:
    """A draw and another of the same frame from another seed."""
    (tmp_path / "frame.csv").write_bytes(frame_csv())
    for seed in ("1", "7"):
        assert run("draw", "frame.csv", "--seed", seed, "--out", f"draw{seed}").exit_code == 0
    return tmp_path


def answers(drawn: Path, *, samples: bool = True, wave: int = 1, joined: bool = False) -> Path:
    """A folder of answers by everybody of the first draw."""
    sample = pd.read_csv(drawn / "draw1" / "sample.csv", dtype=str, keep_default_na=False)
    main_units = sample[sample["role"] == "main"].assign(psu_code=lambda t: t["psu_code"].where(t["hits"] != "", ""))
    folder = drawn / f"answers{wave}{samples}{joined}"
    folder.mkdir()
    for group in sorted(main_units["group"].unique()):
        units = main_units[main_units["group"] == group]
        rows = pd.DataFrame(
            {
                "round": "r",
                "wave": wave,
                "township_code": units["township_code"],
                "group": group,
                "psu_code": units["psu_code"],
            }
        ).assign(weight=1, mode="", minutes="")
        for item in range(3):
            letters = [("satisfied", "basic", "unsatisfied")[(n * (item + 2) + wave) % 3] for n in range(len(rows))]
            rows[f"{group[0].upper()}{item + 1:02d}"] = letters
        if joined:
            rows["psu_code"] = rows.groupby("township_code")["psu_code"].transform(lambda c: "+".join(sorted(set(c))))
        rows.to_csv(folder / f"{group}.csv", index=False)
    townships = sorted(main_units["township_code"].unique())
    pd.DataFrame(
        {"township_code": townships, "township": [f"镇{n}" for n in range(len(townships))], "last_rank": ""}
    ).to_csv(folder / "townships.csv", index=False)
    if samples:
        samples_of(drawn, main_units).to_csv(folder / "samples.csv", index=False)
    return folder


def samples_of(drawn: Path, units: pd.DataFrame) -> pd.DataFrame:
    frame = pd.read_csv(drawn / "draw1" / "frame.csv", dtype=str, keep_default_na=False)
    table = units.groupby(["township_code", "group", "psu_code"], as_index=False).agg(
        hits=("hits", "first"), pi_1=("pi_1", "first"), issued=("unit_code", "size")
    )
    listed = []
    for township, group, psu in table[["township_code", "group", "psu_code"]].itertuples(index=False):
        of_it = (frame["township_code"] == township) & (frame["group"] == group) & (frame["unit_code"] != "")
        listed.append(int((of_it & (frame["psu_code"] == psu)).sum() if psu else of_it.sum()))
    table = table.assign(size="", listed=listed, released=0, eligible=table["issued"], answered=table["issued"])
    names = ("township_code", "group", "psu_code", "size", "listed", "hits", "pi_1")
    return table[[*names, "issued", "released", "eligible", "answered"]]


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("samples", [False, True])
def test_the_answers_own_draw_is_accepted(run: Run, drawn: Path, samples: bool, joined: bool) -> None:
    folder = answers(drawn, samples=samples, joined=joined)
    scored = run("score", folder, "--draw", "draw1", "--out", "out")
    assert scored.exit_code == 0, scored.output


@pytest.mark.parametrize("samples", [False, True])
def test_another_valid_draw_is_refused_by_name(run: Run, drawn: Path, samples: bool) -> None:
    refused = run("score", answers(drawn, samples=samples), "--draw", "draw7", "--out", "out")
    assert refused.exit_code == 1
    assert ("samples.csv, row" if samples else "rural.csv, row") in refused.stderr
    assert "name the draw of this round" in refused.stderr
    assert not (drawn / "out").exists()


@pytest.mark.parametrize(("column", "value"), [("hits", "9"), ("pi_1", "0.123"), ("listed", "4444")])
def test_each_compared_column_is_named(run: Run, drawn: Path, column: str, value: str) -> None:
    folder = answers(drawn)
    table = pd.read_csv(folder / "samples.csv", dtype=str, keep_default_na=False)
    row = table.index[table["hits"] != ""][0]
    table.loc[row, column] = value
    table.to_csv(folder / "samples.csv", index=False)
    refused = run("score", folder, "--draw", "draw1", "--out", "out")
    assert refused.exit_code == 1
    assert f"samples.csv, row {row + 2}, column {column}" in refused.stderr
    assert value in refused.stderr


def test_a_psu_of_the_draw_missing_from_samples_is_named(run: Run, drawn: Path) -> None:
    folder = answers(drawn)
    table = pd.read_csv(folder / "samples.csv", dtype=str, keep_default_na=False)
    gone = table[table["psu_code"] != ""].iloc[-1]
    table[table["psu_code"] != gone["psu_code"]].to_csv(folder / "samples.csv", index=False)
    refused = run("score", folder, "--draw", "draw1", "--out", "out")
    assert refused.exit_code == 1
    assert gone["psu_code"] in refused.stderr


@pytest.mark.parametrize("formats", ["xls", "", " , ", "csv,sxv"])
def test_a_wrong_format_is_refused_before_anything_is_read(
    run: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch, formats: str
) -> None:
    def reading(*_: object) -> None:
        raise AssertionError("the answers were read first")

    folder = answers(drawn)
    monkeypatch.setattr(analysis, "read_responses", reading)
    refused = run("score", folder, "--format", formats, "--out", "out")
    assert refused.exit_code == 2
    assert "--format" in refused.stderr
    assert "xlsx" in refused.stderr


def words(folder: Path) -> str:
    report = Document(io.BytesIO((folder / "report.docx").read_bytes()))
    cells = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in report.paragraphs), *cells])


def test_the_report_shows_trends_quality_and_sensitivity(run: Run, drawn: Path) -> None:
    now, last = answers(drawn, wave=2), answers(drawn, wave=1)
    scored = run("score", now, "--before", last, "--format", "docx", "--lang", "en", "--out", "out")
    assert scored.exit_code == 0, scored.output
    told = words(drawn / "out")
    assert "not given to this report" not in told
    assert "Simulation for the quality of the fieldwork" in told
    assert "Leaving out" in told
    assert run("score", now, "--format", "docx", "--lang", "en", "--out", "plain", "--no-quality").exit_code == 0
    assert "were not given to this report" in words(drawn / "plain")
    assert told.count("Change") > words(drawn / "plain").count("Change")


@pytest.mark.parametrize(("now", "last"), [(1, 1), (1, 2)], ids=["itself", "a later wave"])
def test_a_last_wave_that_is_not_earlier_is_refused(run: Run, drawn: Path, now: int, last: int) -> None:
    folders = {wave: answers(drawn, wave=wave) for wave in {now, last}}
    found = run("score", folders[now], "--before", folders[last], "--out", "out")
    assert found.exit_code == 1, found.output
    assert f"expected a wave before wave {now} of round" in found.stderr
    assert f"found wave {last} of the same round" in found.stderr
    assert not (drawn / "out").exists()


def test_a_fault_of_the_last_wave_is_said_with_its_folder(run: Run, drawn: Path) -> None:
    now, last = answers(drawn, wave=2), answers(drawn, wave=1)
    path = last / "rural.csv"
    path.write_text(path.read_text("utf-8").replace("satisfied", "so-so", 1), "utf-8")
    found = run("score", now, "--before", last, "--out", "out")
    assert found.exit_code == 1, found.output
    told = found.stderr.splitlines()
    assert told[told.index(f"--before {last}:") + 1].startswith("rural.csv, row ")


def test_without_the_report_both_looks_are_said_on_the_screen(run: Run, drawn: Path) -> None:
    scored = run("score", answers(drawn), "--quality", "--sensitivity", "--format", "csv", "--out", "out")
    assert scored.exit_code == 0, scored.output
    assert "Leaving out" in scored.stdout
    assert "flag" in scored.stdout

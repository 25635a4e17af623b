"""Scores of a closed round, and that `pingyi score` on the export gives the same figures."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

import analysis
from survey_app.errors import WrongState
from survey_app.services import casting, closing, result_files, results
from survey_app.shell import Shell, no_progress
from tests.factories import answer_all, answers, make_county, make_open_round, tokens_of


def closed_round(shell: Shell, *, mixed: bool = True) -> tuple[results.Actor, int]:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    if mixed:
        rural = tokens_of(shell, round_id, group="rural")
        for number, token in enumerate(rural):
            code = ("satisfied", "basic", "unsatisfied", "unknown")[number % 4]
            casting.cast(shell, token, answers("rural", code), minutes="2-5")
    answer_all_left(shell, round_id)
    closing.close_round(shell, county.office, round_id, no_progress)
    return county.office, round_id


def answer_all_left(shell: Shell, round_id: int) -> None:
    for group in ("delegates", "enterprise", "urban", "rural"):
        for token in tokens_of(shell, round_id, group=group):
            casting.cast(shell, token, answers(group, "basic"), minutes="1-2")


def test_everyone_basically_satisfied_gives_sixty(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    answer_all(shell, round_id, "basic")
    closing.close_round(shell, county.office, round_id, no_progress)
    scores = results.score_round(shell, county.office, round_id)
    assert scores.townships["public_appraisal"].tolist() == [60.0, 60.0]
    assert scores.townships["rank"].tolist() == [1, 1]
    assert set(scores.groups["response_rate"]) == {1.0}


def test_the_scores_are_those_worked_out_apart(shell: Shell) -> None:
    office, round_id = closed_round(shell)
    scores = results.score_round(shell, office, round_id)
    # 50 rural answers a township alternate 5, 3, 0, unknown over the county's 100: 13 or 12 of each in a township.
    for township, offset in (("359900101000", 0), ("359900201000", 50)):
        points = [(5, 3, 0, None)[(offset + number) % 4] for number in range(50)]
        given = [point for point in points if point is not None]
        rural = Fraction(sum(given), len(given)) * 20
        expected = (rural + 60 + 60 + 60) / 4
        row = scores.townships[scores.townships["township_code"] == township]
        assert row["public_appraisal"].item() == float(expected)


def test_scoring_the_exported_folder_gives_the_same_figures_to_the_last_digit(shell: Shell, tmp_path: Path) -> None:
    office, round_id = closed_round(shell)
    app_scores = results.score_round(shell, office, round_id)
    result_files.export_round(shell, office, round_id, tmp_path / "export")
    shell_scores = analysis.score(
        analysis.read_responses(tmp_path / "export" / "responses"), analysis.load_scheme("county")
    )
    for table in ("items", "groups", "townships"):
        pd.testing.assert_frame_equal(getattr(app_scores, table), getattr(shell_scores, table), check_exact=True)
    assert (tmp_path / "export" / "draw" / "draw.json").is_file()


def test_the_responses_zip_holds_no_unit_token_time_or_investigator(shell: Shell) -> None:
    office, round_id = closed_round(shell)
    archive = zipfile.ZipFile(io.BytesIO(result_files.responses_zip(shell, office, round_id)))
    header = archive.read("responses/rural.csv").decode("utf-8-sig").splitlines()[0].split(",")
    assert header[:8] == ["round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes"]
    assert header[8:] == [f"R{number:02}" for number in range(1, 21)]
    everything = b"".join(archive.read(name) for name in archive.namelist() if not name.endswith(".yaml"))
    assert not any(token.encode() in everything for token in tokens_of(shell, round_id))
    assert "户主".encode() not in everything


def test_the_weights_of_a_self_weighting_group_add_up_to_its_frame(shell: Shell) -> None:
    office, round_id = closed_round(shell, mixed=False)
    archive = zipfile.ZipFile(io.BytesIO(result_files.responses_zip(shell, office, round_id)))
    rural = pd.read_csv(
        io.BytesIO(archive.read("responses/rural.csv")), encoding="utf-8-sig", dtype={"township_code": str}
    )
    totals = rural.groupby("township_code")["weight"].sum()
    assert totals.tolist() == pytest.approx([72, 72])


def test_the_workbook_holds_the_scores(shell: Shell) -> None:
    from python_calamine import CalamineWorkbook

    office, round_id = closed_round(shell, mixed=False)
    book = CalamineWorkbook.from_filelike(io.BytesIO(result_files.scores_workbook(shell, office, round_id)))
    rows = book.get_sheet_by_index(0).to_python()
    assert any(60.0 in row for row in rows)


def test_a_round_without_a_single_answer_is_refused_in_words(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    closing.close_round(shell, county.office, round_id, no_progress)
    with pytest.raises(WrongState, match="No answer was received"):
        results.score_round(shell, county.office, round_id)

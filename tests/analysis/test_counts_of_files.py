"""Counts from large files equal those from rows."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from answer_sheets import A, B, responses, sheet
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import AnalysisError, Responses, count_answers, count_files, score

LETTERS = st.text("sbu?-", min_size=6, max_size=6)


def round_of(first: str, second: str) -> Responses:
    return responses(
        sheet("rural", B, R02=first, R01=second, psu_code=["2", "1", "1", "2", "1+3", "2"]),
        sheet("rural", A, R02=second, R01=first, psu_code=["9", "1", "1", "2", "10", "2"]),
        sheet("urban", A, U01=first),
        sheet("delegates", B, D01=first, D02=second, D03=first),
    )


def write(given_rows: Responses, folder, cuts: dict[str, list[int]], kind: str) -> list:
    """Each group's rows cut into files."""
    folder.mkdir(exist_ok=True)
    paths = []
    for group, rows in given_rows.groups.items():
        bounds = [0, *cuts.get(group, []), len(rows)]
        for number, (first, end) in enumerate(itertools.pairwise(bounds)):
            path = folder / f"{group}-{number}.{kind}"
            part = rows.iloc[first:end]
            part.to_parquet(path) if kind == "parquet" else part.to_csv(path, index=False, encoding="utf-8-sig")
            paths.append(path)
    return paths


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_give_the_table_that_rows_give(tmp_path, kind):
    rows = round_of("sbu?-s", "--bbsu")
    pd.testing.assert_frame_equal(count_files(write(rows, tmp_path, {}, kind)), count_answers(rows), check_exact=True)


@settings(max_examples=15)
@given(LETTERS, LETTERS, st.lists(st.integers(1, 11), max_size=3, unique=True), st.integers(0, 2**32 - 1))
def test_splitting_and_order_change_nothing(tmp_path_factory, first, second, cuts, seed):
    rows = round_of(first, second)
    paths = write(rows, tmp_path_factory.mktemp("parts"), {"rural": sorted(cuts)}, "parquet")
    shuffled = [paths[i] for i in np.random.default_rng(seed).permutation(len(paths))]
    pd.testing.assert_frame_equal(count_files(shuffled), count_answers(rows), check_exact=True)


def test_parts_within_a_file_change_nothing(tmp_path, monkeypatch):
    rows = round_of("sbu?-s", "--bbsu")
    monkeypatch.setattr("analysis.counts_of_files.PART_ROWS", 5)
    monkeypatch.setattr("analysis.counts_of_files._BLOCK_BYTES", 300)
    for kind in ("csv", "parquet"):
        found = count_files(write(rows, tmp_path / kind, {}, kind))
        pd.testing.assert_frame_equal(found, count_answers(rows), check_exact=True)


def test_scores_from_the_files_are_those_from_the_rows(tmp_path):
    rows = round_of("sbu?-s", "--bbsu")
    assert score(count_files(write(rows, tmp_path, {}, "csv")), townships=rows.townships).exact == score(rows).exact


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_unknown_answer_is_named_by_file_row_and_column(tmp_path, kind):
    rows = sheet("rural", A, R01="sb", R02="ub").replace({"R02": {"basic": "so-so"}})
    path = tmp_path / f"rural.{kind}"
    rows.to_parquet(path) if kind == "parquet" else rows.to_csv(path, index=False)
    with pytest.raises(AnalysisError, match=rf"rural\.{kind}, row 3, column R02: .* found 'so-so'"):
        count_files([path])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows.drop(columns="psu_code"), "found no psu_code"),
        (lambda rows: rows.drop(columns=["R01"]), "found no item"),
        (lambda rows: rows.assign(group=["rural", "urban"]), "expected one group in a file, found rural, urban"),
        (lambda rows: rows.drop(columns="weight"), "found no weight"),
        (lambda rows: rows.assign(weight=[1, 0]), "row 3, column weight: expected a number above 0 .* found '0'"),
        (lambda rows: rows.assign(weight=[1.5, -1]), "row 3, column weight: expected a number above 0 .* found '-1.0'"),
        (
            lambda rows: rows.assign(weight=[2e15, 1]),
            "row 2, column weight: .* at most 1e15, found '2000000000000000.0'",
        ),
        (lambda rows: rows.assign(weight=["1", ""]), "row 3, column weight: .* found nothing"),
        (lambda rows: rows.assign(round=["a", "b"]), "row 3, column round: expected the round of the first row, 'a'"),
        (
            lambda rows: rows.assign(wave=["1", "end"]),
            "row 3, column wave: expected a whole number, 1 or more, found 'end'",
        ),
        (lambda rows: rows.assign(township_code=[A, ""]), "row 3, column township_code: .* found nothing"),
        (lambda rows: rows.assign(psu_code=["1", ""]), f"township {A}: expected a psu_code in all rows or in none"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, change, sentence):
    change(sheet("rural", A, R01="sb")).to_csv(tmp_path / "rural.csv", index=False)
    with pytest.raises(AnalysisError, match=sentence):
        count_files([tmp_path / "rural.csv"])


def test_files_with_other_items_and_unreadable_ones_are_refused(tmp_path):
    sheet("rural", A, R01="sb").to_csv(tmp_path / "one.csv", index=False)
    sheet("rural", A, R02="sb").to_csv(tmp_path / "two.csv", index=False)
    (tmp_path / "bad.parquet").write_text("not so")
    with pytest.raises(AnalysisError, match=r"two\.csv: expected the items of the group's first file"):
        count_files([tmp_path / "one.csv", tmp_path / "two.csv"])
    with pytest.raises(AnalysisError, match=r"bad\.parquet: expected a readable CSV"):
        count_files([tmp_path / "bad.parquet"])
    with pytest.raises(AnalysisError, match=r"missing\.csv: expected a readable CSV"):
        count_files([tmp_path / "missing.csv"])
    with pytest.raises(AnalysisError, match="found none"):
        count_files([])


def test_weights_of_a_parquet_file_are_checked_too(tmp_path):
    sheet("rural", A, R01="sb").assign(weight=[1.0, 0.0]).to_parquet(tmp_path / "rural.parquet")
    with pytest.raises(AnalysisError, match=r"rural\.parquet, row 3, column weight: .* found '0\.0'"):
        count_files([tmp_path / "rural.parquet"])


def test_files_of_two_rounds_are_refused_together(tmp_path):
    sheet("rural", A, R01="sb").to_csv(tmp_path / "one.csv", index=False)
    sheet("rural", B, R01="sb").assign(round="other").to_csv(tmp_path / "two.csv", index=False)
    with pytest.raises(
        AnalysisError, match=r"two\.csv, row 2, column round: expected the round of the first row"
    ) as caught:
        count_files([tmp_path / "one.csv", tmp_path / "two.csv"])
    assert "two.csv第 2 行“round”列：应为与第一行相同的轮次" in caught.value.zh


@pytest.mark.parametrize(("end", "number"), [("satisfied\n", 1), (",".join("abcdefghijk") + "\n", 11), ("a,b,c", 3)])
def test_a_row_of_another_length_is_named_in_one_sentence(tmp_path, end, number):
    path = tmp_path / "rural.csv"
    sheet("rural", A, R01="sb", R02="ub").to_csv(path, index=False)
    path.write_text(path.read_text("utf-8") + end, encoding="utf-8")
    with pytest.raises(AnalysisError) as caught:
        count_files([path])
    assert caught.value.en.startswith(f"rural.csv, row 4: expected 10 cells as in the header, found {number}; ")
    assert "第 4 行：应有与表头相同的 10 格" in caught.value.zh


def test_a_file_cut_off_behind_a_comma_is_refused_by_both_readers_alike(tmp_path):
    path = tmp_path / "rural.csv"
    sheet("rural", A, R01="sb", R02="u-").to_csv(path, index=False)
    assert (
        count_files([path])["skipped"].sum() == 1
    )  # an empty last cell is a skipped item, where the row has its line end
    path.write_text(path.read_text("utf-8").rstrip("\n"), encoding="utf-8")
    assert path.read_text("utf-8").endswith(",")
    with pytest.raises(AnalysisError, match=r"rural\.csv: expected a whole last row, .* the file was cut off"):
        count_files([path])

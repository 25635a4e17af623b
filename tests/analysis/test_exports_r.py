"""
The R script, its text and what it gave.

``references/r_scores`` holds a made round of three townships (``responses/``, written by ``make_r_scores.py`` beside it) and what
the script gave on it (``*_r.csv``), made by

    Rscript tests/analysis/golden/scores.R tests/analysis/references/r_scores/responses tests/analysis/references/r_scores

``r_scores_edges`` holds the same of a round with lists that were asked whole and a group of one respondent, made alike;
with R 4.2.2 and survey 4.1.1. The same script agreed with this program's standard errors within 1e-15 on 19 townships, and
with certain PSUs, a single PSU, repeated hits, joined PSUs, more answers than listed units and no samples.csv. UPDATE_GOLDEN=1
writes the script; run R again then.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import ExportSource, load_scheme, read_responses, score, score_files
from analysis.labels import Label

HERE = Path(__file__).parent
FOLDER = HERE / "references" / "r_scores"
EDGES = HERE / "references" / "r_scores_edges"
KEYS = {
    "items": ["township_code", "group", "item"],
    "groups": ["township_code", "group"],
    "townships": ["township_code"],
}
FIGURE = {"items": "score", "groups": "total", "townships": "public_appraisal"}


@pytest.fixture(scope="module")
def source() -> ExportSource:
    responses = read_responses(FOLDER / "responses")
    return ExportSource(replace(score(responses), engine="pingyi (golden)", notes=()), responses)


def from_r(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}_r.csv", dtype={"township_code": str, "group": str, "item": str})


def test_the_script_is_the_one_that_was_run(source):
    golden = HERE / "golden" / "scores.R"
    script = score_files(source, ["r"])["scores.R"]
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_bytes(script)
    assert golden.is_file(), f"{golden} is missing; UPDATE_GOLDEN=1 writes it"
    assert script == golden.read_bytes()


@pytest.mark.parametrize("name", list(KEYS))
def test_r_gives_the_official_scores_and_their_standard_errors(source, name):
    both = source.scores.table(name).merge(from_r(name), on=KEYS[name], suffixes=("", "_r"), validate="one_to_one")
    assert len(both) == len(source.scores.table(name)) == len(from_r(name))
    assert np.allclose(both[FIGURE[name]], both[f"{FIGURE[name]}_r"], rtol=0, atol=1e-12)
    known = both["se"].notna()
    assert np.allclose(both.loc[known, "se"], both.loc[known, "se_r"], rtol=1e-9, atol=0)
    if name == "townships":
        assert both["rank"].tolist() == both["rank_r"].tolist()


@pytest.mark.parametrize("name", list(KEYS))
def test_r_gives_them_where_a_list_was_asked_whole_and_where_one_person_answered(name):
    ours = score(read_responses(EDGES / "responses")).table(name)
    both = ours.merge(from_r(name, EDGES), on=KEYS[name], how="left", suffixes=("", "_r"), validate="one_to_one")
    for column, tolerance in ((FIGURE[name], 1e-12), ("se", 1e-9)):
        assert np.allclose(both[column], both[f"{column}_r"], rtol=tolerance, atol=0, equal_nan=True), column
    if name == "groups":
        assert both["respondents"].min() == 0
        assert (both["respondents"] == 1).any()
        assert (both["se_r"] == 0).sum() == 2


def test_r_gives_the_standard_error_of_a_one_stage_group_worked_out_here(source):
    """Cochran 1977: s²/n·(1 − n/N), s² that of the linearised values; written out with plain loops."""
    rows = source.responses.groups["delegates"]
    code = rows["township_code"].iloc[0]
    own = rows[rows["township_code"] == code]
    points = {"satisfied": 5, "basic": 3, "unsatisfied": 0}
    parts = [0.0] * len(own)
    for item in source.responses.items("delegates"):
        given = [points.get(answer) for answer in own[item].astype("object").where(own[item].notna(), "")]
        judged = [value for value in given if value is not None]
        mean = sum(judged) / len(judged)
        parts = [
            part + (0.0 if value is None else (value - mean) / len(judged))
            for part, value in zip(parts, given, strict=True)
        ]
    listed = int(source.responses.samples.query("group == 'delegates' and township_code == @code")["listed"].iloc[0])
    number, mean = len(parts), sum(parts) / len(parts)
    variance = number / (number - 1) * sum((part - mean) ** 2 for part in parts) * (1 - number / listed)
    table = from_r("groups").set_index(["township_code", "group"])
    assert math.isclose(table.loc[(code, "delegates"), "se"], math.sqrt(variance), rel_tol=1e-12)


def test_under_other_readings_the_script_says_that_it_uses_the_default_ones(source):
    other = replace(source, scores=score(source.responses, load_scheme().with_readings(unknown_scores="midpoint")))
    assert "readings_are_default <- FALSE" in score_files(other, ["r"])["scores.R"].decode()


def test_no_text_of_a_scheme_becomes_code(source):
    sly = replace(source.scores.scheme, description=Label("说明", 'One line\nsystem("two")\r\nthree'))
    script = score_files(replace(source, scores=replace(source.scores, scheme=sly)), ["r"])["scores.R"].decode()
    assert '# What it says: One line system("two") three' in script.splitlines()
    assert not any(line.startswith("system") for line in script.splitlines())

"""A country scored some counties at a time has the figures of each county scored by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import (
    AnalysisError,
    CodedTable,
    Responses,
    ScoredPart,
    load_scheme,
    precision,
    responses_from_codes,
    score,
    score_stream,
)
from analysis.readings import READINGS
from analysis.standard_errors.bootstrap import drawn_clusters
from tests.analysis.answer_sheets import responses, sheet

ITEMS = {"delegates": 3, "enterprise": 2, "urban": 30, "rural": 4}
PSUS = {"urban": 2, "rural": 3}
COUNTIES = {"359901": 3, "359902": 2, "359903": 4}
TABLES = ("items", "groups", "townships")


def codes_of(county: str) -> list[str]:
    return [f"{county}{number + 1:03d}000" for number in range(COUNTIES[county])]


def made(counties: list[str], seed: int = 7) -> Responses:
    """Few answers, so that items nobody could judge and equal totals occur; the same for a county in whatever company."""
    codes = [code for county in counties for code in codes_of(county)]
    parts = {group: [_rows(group, code, seed) for code in codes] for group in ITEMS}
    tables = {
        group: CodedTable(
            [f"{group[0].upper()}{item + 1:02d}" for item in range(ITEMS[group])],
            np.concatenate([part[0] for part in each]),
            [code for code, part in zip(codes, each, strict=True) for _ in part[1]],
            [psu for part in each for psu in part[1]],
            np.concatenate([part[2] for part in each]),
        )
        for group, each in parts.items()
    }
    townships = pd.DataFrame({"township_code": codes, "township": [f"镇{code[6:9]}" for code in codes], "last_rank": 1})
    return responses_from_codes(tables, townships, round_="2026", samples=_samples(codes))


def _rows(group: str, code: str, seed: int) -> tuple[np.ndarray, list[str], np.ndarray]:
    rng = np.random.default_rng([seed, int(code), ITEMS[group]])
    number = int(rng.integers(3, 9))
    codes = rng.choice(5, p=[0.3, 0.15, 0.1, 0.35, 0.1], size=(number, ITEMS[group])).astype(np.int8)
    psus = [f"{code[:9]}{rng.integers(PSUS[group]):03d}" if group in PSUS else "" for _ in range(number)]
    return codes, psus, rng.choice([1.0, 2.5], size=number)


def _samples(codes: list[str]) -> pd.DataFrame:
    lines = [
        (code, group, f"{code[:9]}{psu:03d}" if group in PSUS else "", 40, 1, 0.3 + 0.4 * psu, 10, 8 + psu)
        for code in codes
        for group in ITEMS
        for psu in range(PSUS.get(group, 1))
    ]
    table = pd.DataFrame(
        lines, columns=["township_code", "group", "psu_code", "listed", "hits", "pi_1", "eligible", "answered"]
    )
    whole = {name: table[name].astype("Int64") for name in ("listed", "hits", "eligible", "answered")}
    empty = {name: pd.array([pd.NA] * len(table), dtype="Int64") for name in ("size", "issued", "released")}
    return table.assign(**whole, **empty)


def joined(parts: list[ScoredPart], name: str) -> pd.DataFrame:
    return pd.concat([getattr(part, name) for part in parts], ignore_index=True)


@pytest.mark.parametrize("split", [[["359901", "359902", "359903"]], [["359901"], ["359902", "359903"]]])
def test_every_figure_is_that_of_the_county_scored_by_itself(split):
    parts = list(score_stream(made(counties) for counties in split))
    alone = [score(made([county])) for county in COUNTIES]
    for name in TABLES:
        expected = pd.concat([scores.table(name) for scores in alone], ignore_index=True)
        pd.testing.assert_frame_equal(joined(parts, name), expected, check_exact=True)


@pytest.mark.parametrize(
    ("name", "choice"),
    [(name, choice) for name, reading in READINGS.items() for choice in reading.choices],
)
def test_every_reading_gives_the_figures_of_the_county_scored_by_itself(name, choice):
    scheme = load_scheme().with_readings(**{name: choice})
    [part] = score_stream([made(list(COUNTIES))], scheme)
    for table in TABLES:
        expected = pd.concat([score(made([county]), scheme).table(table) for county in COUNTIES], ignore_index=True)
        pd.testing.assert_frame_equal(getattr(part, table), expected, check_exact=True)


def test_the_made_case_has_items_that_nobody_could_judge():
    [part] = score_stream([made(list(COUNTIES))])
    assert {"item_county_mean", "precision_county_mean"} <= {note.kind for note in part.notes}


@pytest.mark.parametrize("method", ["jackknife", "bootstrap", "linearised_bootstrap", "successive_differences"])
def test_other_methods_give_the_errors_of_precision(method):
    [part] = score_stream([made(list(COUNTIES))], method=method, beside="linearised", rng=5, replicates=40)
    for name in TABLES:
        alone = [precision(made([county]), method=method, rng=5, replicates=40) for county in COUNTIES]
        expected = pd.concat([getattr(found, name)["se"] for found in alone], ignore_index=True)
        pd.testing.assert_series_equal(getattr(part, name)["se"], expected, check_exact=True)
        plain = pd.concat([getattr(precision(made([county])), name)["se"] for county in COUNTIES], ignore_index=True)
        pd.testing.assert_series_equal(getattr(part, name)["se_beside"], plain, check_names=False)


def test_chunks_within_a_part_change_no_digit(monkeypatch):
    [whole] = score_stream([made(list(COUNTIES))], rng=3, beside="linearised_bootstrap")
    monkeypatch.setattr("analysis.standard_errors.group_errors.CHUNK_ROWS", 8)
    [chunks] = score_stream([made(list(COUNTIES))], rng=3, beside="linearised_bootstrap")
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(chunks, name), check_exact=True)


def test_the_second_method_and_its_seed_are_noted():
    [part] = score_stream([made(["359901"])], rng=3, beside="linearised_bootstrap", replicates=30)
    assert any("linearised values with 30 replicates, seed 3" in note.en for note in part.notes)
    assert any("重复 30 次，种子 3" in note.zh for note in part.notes)


def test_rank_ranges_can_be_left_out():
    [part] = score_stream([made(list(COUNTIES))], rank_ranges=False)
    assert part.townships["rank"].notna().all()
    assert part.townships[["rank_low", "rank_high", "p_top6"]].isna().all(axis=None)


def test_a_county_in_two_parts_and_a_second_round_are_refused():
    one, other = made(["359901"]), made(["359902"])
    with pytest.raises(AnalysisError, match="each county in one part, found 359901 in two"):
        list(score_stream([one, one]))
    with pytest.raises(AnalysisError, match="the round and wave of the first part, 2026 1, found 2027 1"):
        list(score_stream([one, replace(other, round="2027")]))


def test_unknown_methods_and_missing_seeds_are_refused_at_once():
    with pytest.raises(AnalysisError, match="the nearest is 'jackknife'"):
        score_stream([], beside="jacknife")
    with pytest.raises(ValueError, match="rng"):
        score_stream([], beside="linearised_bootstrap")


def test_the_linearised_bootstrap_comes_near_the_linearised_error():
    rows = responses(*(sheet("rural", R01="ssbbuusb" * 5, R02="sbus?-sb" * 5) for _ in range(1)))
    plain, drawn = precision(rows), precision(rows, method="linearised_bootstrap", rng=1, replicates=20_000)
    assert drawn.items["se"].tolist() == pytest.approx(plain.items["se"].tolist(), rel=0.02)
    assert drawn.townships["se"].tolist() == pytest.approx(plain.townships["se"].tolist(), rel=0.02)


def test_the_linearised_bootstrap_is_the_variance_of_its_written_out_replicates():
    """Five respondents, weights 5/4 of how often each is drawn, the total 20 times the mean's linearised values."""
    points = np.array([5, 5, 3, 0, 3])
    drawn = drawn_clusters(5, 200, np.random.default_rng([9, 5]))
    rows = responses(sheet("rural", R01="ssbub"))
    found = precision(rows, method="linearised_bootstrap", rng=9, replicates=200).townships["se"].iloc[0]
    order = np.argsort([0, 0, 1, 2, 1], kind="stable")  # rows of a cluster stand in the order of their answers
    replicates = (drawn * 5 / 4) @ ((points[order] - points.mean()) / 5 * 20)
    assert found == pytest.approx(replicates.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"codes": np.array([[0], [5]], dtype=np.int8)}, "codes from 0 to 4"),
        ({"codes": np.array([[0], [-1]], dtype=np.int8)}, "codes from 0 to 4"),
        ({"codes": np.array([[0.5], [1.0]])}, "codes from 0 to 4"),
        ({"codes": np.zeros((2, 2), dtype=np.int8)}, "one row or more, with 1 codes"),
        ({"codes": np.zeros((0, 1), dtype=np.int8)}, "one row or more"),
        ({"township_code": ["359901001000"]}, "one row or more"),
        ({"township_code": ["359901001000", "359901009000"]}, "townships of the given table"),
        ({"psu_code": ["", "a"]}, "a PSU in all rows of a township or in none"),
        ({"weight": np.array([1.0, 0.0])}, "weights above 0"),
        ({"weight": np.array([1.0, np.nan])}, "weights above 0"),
    ],
)
def test_unsound_arrays_are_refused(change, sentence):
    sound = CodedTable(["R01"], np.zeros((2, 1), dtype=np.int8), ["359901001000"] * 2, ["", ""])
    townships = pd.DataFrame({"township_code": ["359901001000"], "township": ["甲镇"], "last_rank": [1]})
    assert len(responses_from_codes({"rural": sound}, townships, round_="2026").groups["rural"]) == 2
    with pytest.raises(AnalysisError, match=sentence):
        responses_from_codes({"rural": replace(sound, **change)}, townships, round_="2026")


def test_the_order_of_categories_changes_no_digit():
    townships = pd.DataFrame({"township_code": ["359901001000"], "township": ["甲镇"], "last_rank": [1]})
    codes = np.array([[0, 1], [1, 2], [0, 0], [2, 3]], dtype=np.int8)
    found = []
    for names in (["a", "b"], ["b", "a"], ["c", "b", "a"]):
        psu = pd.Categorical(["b", "a", "b", "a"], categories=names)
        rows = CodedTable(["R01", "R02"], codes, ["359901001000"] * 4, psu)
        found.append(score(responses_from_codes({"rural": rows}, townships, round_="2026")))
    for name in TABLES:
        for other in found[1:]:
            pd.testing.assert_frame_equal(found[0].table(name), other.table(name), check_exact=True)


def test_no_group_is_refused():
    with pytest.raises(AnalysisError, match="at least one group"):
        responses_from_codes({}, pd.DataFrame({"township_code": []}), round_="2026")


def test_answers_as_codes_score_as_the_same_answers_in_words():
    rows = sheet("rural", R01="sb?-u", R02="ss-b?", psu_code=["b", "a", "a", "b", "a"])
    words = responses(rows)
    codes = np.array(
        [[["s", "b", "u", "?", "-"].index(letter) for letter in pair] for pair in zip("sb?-u", "ss-b?", strict=True)]
    )
    coded = CodedTable(["R01", "R02"], codes.astype(np.int8), rows["township_code"].tolist(), rows["psu_code"].tolist())
    found = score(responses_from_codes({"rural": coded}, words.townships, round_="2026-end"))
    for name in TABLES:
        pd.testing.assert_frame_equal(found.table(name), score(words).table(name), check_exact=True)

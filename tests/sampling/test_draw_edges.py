"""Edges that the redo of whole draws (test_against_naive_draw.py) has found: each was once drawn or said wrongly."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from sampling_factory import LABEL, SMALL_TOWNSHIP, design_of, drawn, one_stage_rows, rural_rows, table, villages

from sampling import Draw, GroupDesign, Stage, Strata, read_frame, verify_draw, write_draw

OTHER_TOWNSHIP = "350722203000"


def by_kind(take: int, order_by: tuple[str, ...] = ("subgroup",)) -> GroupDesign:
    stages = (Stage("unit", "equal_interval", take),)
    return GroupDesign("delegates", LABEL, stages, order_by, 1, Strata("subgroup", "proportional"))


def test_a_stratum_whose_share_is_zero_gives_nobody_and_stops_nothing(tmp_path: Path) -> None:
    rows = [{**row, "subgroup": "ab"[k > 4]} for k, row in enumerate(one_stage_rows("delegates", 6))]
    result = drawn(rows, design_of(by_kind(1)))
    assert [(s["stratum"], s["n"]) for s in result.counts[0]["strata"]] == [("a", 1), ("b", 0)]
    assert result.sample["pi"].tolist() == [0.2, 0.2]
    write_draw(result, tmp_path / "draw")
    verify_draw(tmp_path / "draw")


def rated() -> GroupDesign:
    rate = Stage("unit", "equal_interval", None, Fraction(1, 10))
    return GroupDesign("rural", LABEL, (Stage("psu", "pps_equal_interval", 3), rate))


def psu_rows() -> list[dict[str, str]]:
    first = {row["psu_code"]: row for row in rural_rows(SMALL_TOWNSHIP)}
    return [{**row, "unit_code": "", "unit": "", "size": "40"} for row in first.values()]


def test_a_village_without_households_is_a_shortfall_where_the_take_is_a_rate_too() -> None:
    result = drawn(psu_rows(), design_of(rated()))
    found = [(s["cluster_code"], s["stage"], s["wanted"], s["taken"]) for s in result.shortfalls]
    assert found == [(code, "unit", 1, 0) for code in result.psus["psu_code"]]


def test_the_check_names_villages_without_households_where_the_take_is_a_rate() -> None:
    listed = [row for row in rural_rows(SMALL_TOWNSHIP) if row["psu_code"] != psu_rows()[0]["psu_code"]]
    design = design_of(rated())
    (problem,) = design.check(read_frame(table(psu_rows() + listed), design=design))
    assert "a hit takes 1/10 of the listed units" in problem.en
    assert f"{psu_rows()[0]['psu_code']} (0)" in problem.en
    assert "1/10" in problem.zh


def test_strata_of_fewer_size_units_than_hits_give_what_they_have() -> None:
    codes = [row["village_code"] for row in villages(SMALL_TOWNSHIP)][:3]
    rows = [
        {**rural_rows(SMALL_TOWNSHIP)[0], "psu_code": code, "psu": code, "unit_code": str(k), "subgroup": "ab"[k > 1]}
        for k, code in enumerate(codes)
    ]
    stages = (Stage("psu", "pps_equal_interval", 5), Stage("unit", "equal_interval", 1))
    result = drawn(rows, design_of(GroupDesign("rural", LABEL, stages, strata=Strata("subgroup", "proportional"))))
    assert [(s["stratum"], s["n"]) for s in result.counts[0]["strata"]] == [("a", 2), ("b", 1)]
    assert [(s["stage"], s["wanted"], s["taken"]) for s in result.shortfalls] == [("psu", 5, 3)]


def test_the_serpentine_order_of_mixed_strata_does_not_change_with_other_lists() -> None:
    group = by_kind(4, ("ssu_code", "unit_code serpentine"))
    rows = [
        {**row, "ssu_code": ssu, "subgroup": kind}
        for row, ssu, kind in zip(one_stage_rows("delegates", 6), "122222", "aabbab", strict=True)
    ]
    other = one_stage_rows("delegates", 30, OTHER_TOWNSHIP, subgroup="c")
    for number, row in enumerate(other):
        row["unit_code"] = f"z{number}"

    def own(result: Draw) -> list[bytes]:
        return [line for line in result.frame_csv.splitlines() if line.startswith(SMALL_TOWNSHIP.encode())]

    assert own(drawn(rows, design_of(group))) == own(drawn(other + rows, design_of(group)))


def test_households_listed_where_no_village_was_hit_turn_nothing_round(tmp_path: Path) -> None:
    stages = (Stage("psu", "pps_equal_interval", 3), Stage("unit", "equal_interval", 4))
    design = design_of(GroupDesign("rural", LABEL, stages, ("psu_code", "unit_code serpentine"), 1))
    everywhere = drawn(psu_rows() + rural_rows(SMALL_TOWNSHIP), design)
    hit = set(everywhere.psus["psu_code"])
    there = drawn(psu_rows() + [row for row in rural_rows(SMALL_TOWNSHIP) if row["psu_code"] in hit], design)
    assert 0 < len(hit) < 7
    assert (everywhere.frame_csv, everywhere.sample_csv) == (there.frame_csv, there.sample_csv)
    assert ["left out of frame.csv" in warning.en for warning in everywhere.warnings] == [True]
    named = everywhere.frame.table.loc[everywhere.sample.index]
    assert named["unit_code"].tolist() == everywhere.sample["unit_code"].tolist()
    assert named["unit"].str.startswith("第").all()
    write_draw(everywhere, tmp_path / "draw")
    verify_draw(tmp_path / "draw")

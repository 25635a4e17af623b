"""What a draw promises: independence of all else, shortfalls told, exact probabilities, two steps."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pandas as pd
import pytest
from sampling_factory import (
    design_of,
    drawn,
    one_stage,
    one_stage_rows,
    rural_rows,
    table,
    two_stages,
)

from sampling import Draw, GroupDesign, Label, SeedError, Stage, draw, label, load_design, read_frame, start
from sampling.methods import symmetric

COUNTY = load_design("county-110")
SMALL, OTHER = "350722204000", "350722203000"


def all_rows(*townships: str) -> list[dict[str, str]]:
    rows = rural_rows(*townships)
    for township in townships:
        rows += one_stage_rows("delegates", 61, township)
    return rows


def of_township(result: Draw, township: str) -> list[list[str]]:
    lines = [line.split(",") for line in result.sample_csv.decode().splitlines()[1:]]
    return [line for line in lines if line[0] == township]


def test_shuffling_the_rows_changes_nothing() -> None:
    rows = all_rows(SMALL, OTHER)
    first = drawn(rows, COUNTY)
    for k in range(3):
        random.Random(k).shuffle(rows)
        assert drawn(rows, COUNTY).draw_json == first.draw_json


def test_adding_a_township_or_a_group_leaves_a_townships_sample_as_it_was() -> None:
    alone = of_township(drawn(all_rows(SMALL), COUNTY), SMALL)
    beside = drawn(all_rows(SMALL, OTHER) + one_stage_rows("enterprise", 25), COUNTY)
    assert [line for line in of_township(beside, SMALL) if line[1] != "enterprise"] == alone
    assert of_township(beside, OTHER)


def test_another_seed_is_another_sample() -> None:
    assert drawn(all_rows(SMALL), COUNTY, "1").sample_csv != drawn(all_rows(SMALL), COUNTY, "2").sample_csv


def test_the_sample_has_the_contracts_columns_and_order() -> None:
    result = drawn(all_rows(OTHER, SMALL), COUNTY)
    lines = [line.split(",") for line in result.sample_csv.decode().splitlines()]
    assert ",".join(lines[0]) == (
        "township_code,group,psu_code,ssu_code,unit_code,role,sequence,reserve_for,hits,pi_1,pi_2,pi_3,pi,weight"
    )
    keys = [(line[0], line[1], line[5], int(line[6])) for line in lines[1:]]
    assert keys == sorted(keys)
    assert not result.sample_csv.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in result.sample_csv
    sequences = [key[3] for key in keys if key[:3] == (SMALL, "rural", "reserve")]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_one_stage_group_has_no_stage_probabilities_and_n_by_n_units_as_pi() -> None:
    sample = drawn(one_stage_rows("delegates", 60), design_of(one_stage(30))).sample
    assert sample[["hits", "pi_1", "pi_2", "pi_3"]].isna().all(axis=None)
    assert set(sample["pi"]) == {0.5}
    assert set(sample["weight"]) == {2.0}


def test_every_household_has_the_same_probability() -> None:
    result = drawn(rural_rows(SMALL), design_of(two_stages(5, 10, 2)))
    total = len(rural_rows(SMALL))
    main = result.sample[result.sample["role"] == "main"]
    assert len(main) == 50
    assert set(main["pi"]) == {50 / total}
    assert set(main["weight"]) == {total / 50}


def test_a_reserve_carries_the_values_of_its_main_unit_and_stays_in_its_village() -> None:
    sample = drawn(rural_rows(SMALL), design_of(two_stages(5, 3, 2))).sample
    main = sample[sample["role"] == "main"].set_index("unit_code")
    reserve = sample[sample["role"] == "reserve"]
    assert reserve["reserve_for"].value_counts().eq(2).all()
    for unit in reserve.itertuples():
        stands_for = main.loc[unit.reserve_for]
        assert (unit.psu_code, unit.hits, unit.pi) == (stands_for["psu_code"], stands_for["hits"], stands_for["pi"])


def test_a_village_hit_twice_yields_twice_the_take() -> None:
    """One village of 300 and one of 20: with 5 hits the large one is hit four or five times."""
    rows = [row for row in rural_rows(SMALL) if row["psu_code"].endswith("201")][:1]
    large = [{**rows[0], "unit_code": f"L{k:03d}"} for k in range(300)]
    small = [{**rows[0], "psu_code": "350722204202", "psu": "仑下", "unit_code": f"S{k:02d}"} for k in range(20)]
    result = drawn(large + small, design_of(two_stages(5, 10)))
    hits = dict(zip(result.psus["psu_code"], result.psus["hits"], strict=True))
    taken = result.sample.groupby("psu_code").size().to_dict()
    assert taken == {code: 10 * times for code, times in hits.items()}
    assert set(result.sample["weight"]) == {320 / 50}


def test_a_village_too_small_for_its_hits_is_taken_whole_and_weighs_unbiasedly() -> None:
    rows = [row for row in rural_rows(SMALL) if row["psu_code"].endswith("201")][:12]
    result = drawn(rows, design_of(two_stages(3, 10)))
    assert len(result.sample) == 12
    assert set(result.sample["pi_1"]) == {3.0}
    assert set(result.sample["pi"]) == {1.0}
    assert result.shortfalls == [
        {
            "township_code": SMALL,
            "group": "rural",
            "stage": "unit",
            "cluster_code": "350722204201",
            "take": "main",
            "wanted": 30,
            "taken": 12,
        }
    ]


def test_a_list_shorter_than_n_is_taken_whole_and_reported_and_a_list_of_n_is_none() -> None:
    short = drawn(one_stage_rows("delegates", 7), design_of(one_stage(10, reserves=1)))
    assert len(short.sample) == 7
    assert set(short.sample["pi"]) == {1.0}
    assert [(s["take"], s["wanted"], s["taken"]) for s in short.shortfalls] == [("main", 10, 7), ("reserve", 7, 0)]
    assert drawn(one_stage_rows("delegates", 10), design_of(one_stage(10))).shortfalls == []


def test_fewer_reserves_than_asked_are_all_that_is_left() -> None:
    result = drawn(one_stage_rows("delegates", 13), design_of(one_stage(5, reserves=2)))
    reserve = result.sample[result.sample["role"] == "reserve"]
    assert len(reserve) == 8
    assert result.shortfalls[0]["take"] == "reserve"
    mains = result.sample[result.sample["role"] == "main"]["unit_code"].tolist()
    assert reserve["reserve_for"].tolist() == [mains[t // 2] for t in range(8)]


def test_a_township_without_a_group_is_a_shortfall_not_an_error() -> None:
    result = drawn(one_stage_rows("delegates", 40), COUNTY)
    assert {s["group"] for s in result.shortfalls if s["taken"] == 0} == {"enterprise", "urban", "rural"}


def test_the_symmetric_method_is_drawn_with_its_own_start() -> None:
    rows = one_stage_rows("delegates", 61)
    sample = drawn(rows, design_of(one_stage(8, "symmetric")), "s").sample
    r = start(label("s", SMALL, "delegates", "unit"), 61)
    assert [int(code) - 1 for code in sample["unit_code"]] == symmetric(61, 8, start=r).tolist()


def test_the_designs_order_and_the_frames_order_decide_the_list() -> None:
    rows = [{**row, "subgroup": "ab"[k % 2]} for k, row in enumerate(one_stage_rows("delegates", 10))]
    by_kind = GroupDesign("delegates", Label("a", "b"), (Stage("unit", "equal_interval", 10),), ("subgroup",))
    assert drawn(rows, design_of(by_kind)).sample["unit_code"].tolist() == [
        f"{k:04d}" for k in (1, 3, 5, 7, 9, 2, 4, 6, 8, 10)
    ]
    ordered = [{**row, "order": str(100 - k)} for k, row in enumerate(rows)]
    assert drawn(ordered, design_of(by_kind)).sample["unit_code"].tolist() == [f"{k:04d}" for k in range(10, 0, -1)]


def test_clusters_stand_in_the_order_of_their_first_unit() -> None:
    """With an order that runs against the codes, the village of the last code comes first."""
    rows = rural_rows(SMALL)
    ordered = [{**row, "order": str(len(rows) - k)} for k, row in enumerate(rows)]
    result = drawn(ordered, design_of(two_stages(3, 4)))
    codes = result.psus["psu_code"].tolist()
    assert codes == sorted(codes, reverse=True)
    sizes = [count for _, count in pd.Series([r["psu_code"] for r in reversed(rows)]).value_counts(sort=False).items()]
    r, total, hit = start(label("20261123", SMALL, "rural", "psu"), len(rows)), len(rows), []
    for i in range(3):
        hit.append(next(k for k in range(7) if r + i * total < 3 * sum(sizes[: k + 1])))
    assert codes == [f"35072220420{7 - k}" for k in sorted(set(hit))]


def psu_rows() -> list[dict[str, str]]:
    found = {row["psu_code"]: row for row in rural_rows(SMALL)}
    return [{**row, "unit_code": "", "size": str(60 + k)} for k, row in enumerate(found.values())]


def test_two_steps_draw_psus_from_sizes_and_then_households_from_the_lists() -> None:
    design = design_of(two_stages(3, 10, 1))
    first = drawn(psu_rows(), design)
    assert first.sample.empty
    assert len(first.psus) == 3
    assert {s["taken"] for s in first.shortfalls} == {0}
    listed = [row for row in rural_rows(SMALL) if row["psu_code"] in set(first.psus["psu_code"])]
    second = drawn(psu_rows() + listed, design)
    assert second.psus["psu_code"].tolist() == first.psus["psu_code"].tolist()
    assert len(second.sample[second.sample["role"] == "main"]) == 30
    total = sum(60 + k for k in range(7))
    for psu in second.psus.itertuples():
        unit = second.sample[second.sample["psu_code"] == psu.psu_code].iloc[0]
        assert unit["pi_1"] == 3 * psu.size / total
        assert unit["pi_2"] == 10 / psu.listed
    lines = second.frame_csv.decode().splitlines()[1:]
    assert [line.split(",")[5] == "" for line in lines] == [True] * 7 + [False] * len(listed)
    assert second.frame_sha256 == second.frame.sha256


def test_a_drawn_psu_without_households_is_a_shortfall() -> None:
    design = design_of(two_stages(3, 10))
    hit = drawn(psu_rows(), design).psus["psu_code"].tolist()
    listed = [row for row in rural_rows(SMALL) if row["psu_code"] in hit[1:]]
    result = drawn(psu_rows() + listed, design)
    assert [(s["cluster_code"], s["taken"]) for s in result.shortfalls] == [(hit[0], 0)]


def test_units_listed_in_psus_that_were_not_drawn_are_left_out_of_the_proof_with_a_warning() -> None:
    design = design_of(two_stages(3, 10))
    result = drawn(psu_rows() + rural_rows(SMALL), design)
    codes = {line.split(",")[2] for line in result.frame_csv.decode().splitlines()[1:] if line.split(",")[5]}
    assert codes == set(result.psus["psu_code"])
    assert "left out of frame.csv" in result.warnings[0].en


def test_psus_whose_sizes_are_all_zero_cannot_be_drawn() -> None:
    result = drawn([{**row, "size": "0"} for row in psu_rows()], design_of(two_stages(3, 10)))
    assert (result.sample.empty, [s["stage"] for s in result.shortfalls]) == (True, ["psu"])


def test_three_stages_draw_groups_within_villages_with_nested_labels() -> None:
    rows = [{**row, "ssu_code": row["unit_code"][-3:-1]} for row in rural_rows(SMALL)]
    stages = (
        Stage("psu", "pps_equal_interval", 3),
        Stage("ssu", "pps_equal_interval", 2),
        Stage("unit", "symmetric", 2),
    )
    result = drawn(rows, design_of(GroupDesign("rural", Label("a", "b"), stages)), "s")
    assert len(result.sample) == 12
    for unit in result.sample.itertuples():
        listed = [row for row in rows if (row["psu_code"], row["ssu_code"]) == (unit.psu_code, unit.ssu_code)]
        village = [row for row in rows if row["psu_code"] == unit.psu_code]
        assert unit.pi_2 == 2 * len(listed) / len(village)
        assert unit.pi_3 == 2 / len(listed)
        assert unit.weight == pytest.approx(len(rows) / 12)
    one = result.sample[result.sample["hits"] == 1].iloc[0]
    listed = [r["unit_code"] for r in rows if (r["psu_code"], r["ssu_code"]) == (one["psu_code"], one["ssu_code"])]
    same = result.sample[
        (result.sample["psu_code"] == one["psu_code"]) & (result.sample["ssu_code"] == one["ssu_code"])
    ]
    r = start(label("s", SMALL, "rural", "unit", f"{one['psu_code']}/{one['ssu_code']}"), len(listed))
    assert same["unit_code"].tolist() == [listed[p] for p in symmetric(len(listed), len(same), start=r).tolist()]


def test_villages_may_be_drawn_with_equal_probability() -> None:
    result = drawn(rural_rows(SMALL), design_of(two_stages(9, 2, method="symmetric")))
    assert len(result.psus) == 7
    assert set(result.sample["pi_1"]) == {1.0}
    assert result.shortfalls[0] == {
        "township_code": SMALL,
        "group": "rural",
        "stage": "psu",
        "cluster_code": "",
        "take": "main",
        "wanted": 9,
        "taken": 7,
    }


def test_counts_add_up() -> None:
    result = drawn(all_rows(SMALL, OTHER), COUNTY)
    assert [(c["township_code"], c["group"]) for c in result.counts] == [
        (t, g) for t in (OTHER, SMALL) for g in ("delegates", "enterprise", "rural", "urban")
    ]
    assert sum(c["main"] + c["reserve"] for c in result.counts) == len(result.sample)
    rural = next(c for c in result.counts if c["group"] == "rural" and c["township_code"] == SMALL)
    assert (rural["listed"], rural["size"], rural["psus"]) == (396, 396, 7)
    assert sum(psu["main"] for psu in rural["drawn"]) == rural["main"]
    assert json.loads(result.draw_json)["counts"] == result.counts


def test_the_sample_leads_back_to_names_and_addresses() -> None:
    result = drawn(all_rows(SMALL), COUNTY)
    found = result.frame.table.loc[result.sample.index]
    assert found["unit_code"].tolist() == result.sample["unit_code"].tolist()


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    frame = read_frame(table(all_rows(SMALL)), design=COUNTY)
    draw(frame, COUNTY, "s", progress=lambda done, total: told.append((done, total)))
    assert told == [(k, 4) for k in range(1, 5)]


def test_a_seed_with_a_bar_draws_nothing() -> None:
    with pytest.raises(SeedError):
        drawn(all_rows(SMALL), COUNTY, "a|b")


def test_importing_the_package_loads_neither_pandas_nor_scipy() -> None:
    code = "import sys, sampling; print(sorted({'pandas', 'scipy', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_public_names_are_all_there() -> None:
    import sampling

    assert all(getattr(sampling, name) is not None for name in sampling.__all__)
    with pytest.raises(AttributeError):
        _ = sampling.nothing_of_the_kind

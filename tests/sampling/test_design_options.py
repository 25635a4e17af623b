"""What a design may ask beyond numbers: strata, rates, directions of order, large clusters, lists too short, methods."""

from __future__ import annotations

import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sampling_factory import (
    LABEL,
    SMALL_TOWNSHIP,
    design_of,
    drawn,
    households,
    one_stage,
    one_stage_rows,
    rural_rows,
    table,
    two_stages,
    villages,
)

from sampling import (
    AllocationError,
    Design,
    DesignError,
    Draw,
    GroupDesign,
    ShortfallError,
    Stage,
    Strata,
    draw,
    label,
    load_design,
    read_frame,
    start,
    verify_draw,
    write_draw,
)
from sampling.methods import METHODS, certainty, equal_interval
from sampling.starts import hashed

KINDS = ("cppcc_member", "npc_deputy", "party_delegate")
DELEGATES = [
    {**row, "subgroup": kind}
    for kind, count in zip(KINDS, (3, 21, 40), strict=True)
    for row in one_stage_rows("delegates", count)
]
for number, row in enumerate(DELEGATES):
    row["unit_code"] = f"{number:04d}"


def by_kind(allocation: str = "proportional", take: int = 30, **more: Any) -> GroupDesign:
    strata = Strata("subgroup", allocation, **more)
    return GroupDesign("delegates", LABEL, (Stage("unit", "equal_interval", take),), ("subgroup",), 1, strata)


def kinds(result: Draw) -> dict[str, int]:
    main = result.sample[result.sample["role"] == "main"]
    return dict(Counter(result.frame.table.loc[main.index]["subgroup"]))


def test_strata_get_their_proportional_share_and_at_least_the_minimum() -> None:
    assert kinds(drawn(DELEGATES, design_of(by_kind()))) == {
        "cppcc_member": 1,
        "npc_deputy": 10,
        "party_delegate": 19,
    }
    least = by_kind(minimum=(("*", "2"),))
    assert kinds(drawn(DELEGATES, design_of(least))) == {"cppcc_member": 2, "npc_deputy": 10, "party_delegate": 18}
    most = by_kind(minimum=(("cppcc_member", "3"),), maximum=(("party_delegate", "12"),))
    assert kinds(drawn(DELEGATES, design_of(most))) == {"cppcc_member": 3, "npc_deputy": 15, "party_delegate": 12}


def test_each_stratum_is_drawn_from_its_own_label() -> None:
    result = drawn(DELEGATES, design_of(by_kind()), "s")
    main = result.sample[result.sample["role"] == "main"]
    for kind, n in kinds(result).items():
        listed = [row["unit_code"] for row in DELEGATES if row["subgroup"] == kind]
        r = start(label("s", SMALL_TOWNSHIP, "delegates", "unit", kind), len(listed))
        expected = [listed[p] for p in equal_interval(len(listed), n, start=r)]
        own = main[result.frame.table.loc[main.index]["subgroup"] == kind]
        assert own["unit_code"].tolist() == expected
        assert set(own["pi"]) == {n / len(listed)}
    strata = result.counts[0]["strata"]
    assert [(s["stratum"], s["listed"], s["n"]) for s in strata] == [
        ("cppcc_member", 3, 1),
        ("npc_deputy", 21, 10),
        ("party_delegate", 40, 19),
    ]


def test_a_stratums_draw_does_not_change_with_the_other_strata_where_its_share_stays() -> None:
    given = by_kind("given", 12, n=(("cppcc_member", "2"), ("npc_deputy", "4"), ("party_delegate", "6")))
    whole = drawn(DELEGATES, design_of(given), "s")
    one = by_kind("given", 4, n=(("npc_deputy", "4"),))
    alone = drawn([row for row in DELEGATES if row["subgroup"] == "npc_deputy"], design_of(one), "s")
    main = whole.sample[whole.sample["role"] == "main"]
    deputies = main[whole.frame.table.loc[main.index]["subgroup"] == "npc_deputy"]
    assert alone.sample[alone.sample["role"] == "main"]["unit_code"].tolist() == deputies["unit_code"].tolist()


def test_strata_that_stand_mixed_in_the_list_are_the_same_as_sorted_ones() -> None:
    mixed = GroupDesign(
        "delegates",
        LABEL,
        (Stage("unit", "equal_interval", 30),),
        ("unit_code",),
        1,
        Strata("subgroup", "proportional"),
    )
    rows = [dict(row) for row in DELEGATES]
    random.Random(1).shuffle(rows)
    for number, row in enumerate(rows):
        row["unit_code"] = f"{number:04d}"
    result = drawn(rows, design_of(mixed), "s")
    main = result.sample[result.sample["role"] == "main"]
    for kind, n in kinds(result).items():
        listed = [row["unit_code"] for row in rows if row["subgroup"] == kind]
        r = start(label("s", SMALL_TOWNSHIP, "delegates", "unit", kind), len(listed))
        own = main[result.frame.table.loc[main.index]["subgroup"] == kind]["unit_code"].tolist()
        assert own == [listed[p] for p in equal_interval(len(listed), n, start=r)]


def stratified_villages(allocation: str = "proportional", n: int = 4, **more: Any) -> GroupDesign:
    stages = (Stage("psu", "pps_equal_interval", n), Stage("unit", "equal_interval", 5))
    return GroupDesign("rural", LABEL, stages, ("subgroup",), 1, Strata("subgroup", allocation, **more))


def rows_by_class() -> list[dict[str, str]]:
    return [
        {**row, "subgroup": "near" if row["psu_code"] <= "350722204203" else "far"}
        for row in rural_rows(SMALL_TOWNSHIP)
    ]


def test_villages_are_drawn_within_their_stratum_and_households_weigh_accordingly() -> None:
    rows = rows_by_class()
    result = drawn(rows, design_of(stratified_villages()), "s")
    sizes = Counter(row["subgroup"] for row in rows)
    shares = {s["stratum"]: s["n"] for s in result.counts[0]["strata"]}
    assert sum(shares.values()) == 4
    for psu in result.counts[0]["drawn"]:
        units = result.sample[(result.sample["psu_code"] == psu["psu_code"]) & (result.sample["role"] == "main")]
        total, share = sizes[psu["stratum"]], shares[psu["stratum"]]
        assert set(units["pi"]) == {share * 5 / total}
        r = start(label("s", SMALL_TOWNSHIP, "rural", "unit", f"{psu['stratum']}/{psu['psu_code']}"), psu["listed"])
        listed = [row["unit_code"] for row in rows if row["psu_code"] == psu["psu_code"]]
        assert units["unit_code"].tolist() == [listed[p] for p in equal_interval(len(listed), 5 * psu["hits"], start=r)]


def test_strata_of_villages_hold_in_a_two_step_draw_too(tmp_path: Path) -> None:
    psus = [
        {**row, "unit_code": "", "size": str(households(row["psu_code"]))}
        for row in {row["psu_code"]: row for row in rows_by_class()}.values()
    ]
    first = drawn(psus, design_of(stratified_villages()))
    whole = drawn(rows_by_class(), design_of(stratified_villages()))
    assert first.psus["psu_code"].tolist() == whole.psus["psu_code"].tolist()
    assert [c["strata"] for c in first.counts] == [c["strata"] for c in whole.counts]
    write_draw(first, tmp_path / "draw")
    verify_draw(tmp_path / "draw")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [{**row, "subgroup": ""} if row["unit_code"] == "0005" else row for row in DELEGATES],
            "subgroup makes the strata",
        ),
        ([{**row, "subgroup": "a/b"} if row["unit_code"] == "0005" else row for row in DELEGATES], "without | and /"),
    ],
)
def test_a_stratum_that_cannot_stand_in_a_label_is_refused(rows: list[dict[str, str]], words: str) -> None:
    with pytest.raises(DesignError, match="delegates") as caught:
        drawn(rows, design_of(by_kind()))
    assert words in caught.value.en
    assert caught.value.zh


def test_a_village_in_two_strata_is_refused_by_name() -> None:
    rows = rows_by_class()
    rows[3]["subgroup"] = "far"
    with pytest.raises(DesignError, match="350722204201 have units in more than one stratum"):
        drawn(rows, design_of(stratified_villages()))


def test_a_stratum_without_its_figure_is_refused_by_name() -> None:
    with pytest.raises(AllocationError, match="no sd for 'party_delegate'"):
        drawn(DELEGATES, design_of(by_kind("neyman", sd=(("cppcc_member", "1"), ("npc_deputy", "2")))))


def test_minima_that_add_up_to_more_than_the_sample_are_refused_with_the_place() -> None:
    with pytest.raises(AllocationError, match=f"{SMALL_TOWNSHIP}, delegates"):
        drawn(DELEGATES, design_of(by_kind(take=5, minimum=(("*", "3"),))))


def test_a_given_size_of_a_stratum_that_a_township_has_not_is_a_shortfall() -> None:
    rows = [row for row in DELEGATES if row["subgroup"] != "cppcc_member"]
    sizes = (("cppcc_member", "2"), ("npc_deputy", "4"), ("party_delegate", "6"))
    result = drawn(rows, design_of(by_kind("given", 12, n=sizes)))
    assert [(s["cluster_code"], s["wanted"], s["taken"]) for s in result.shortfalls if s["take"] == "main"] == [
        ("cppcc_member", 2, 0)
    ]


def test_a_rate_takes_the_nearest_whole_number_and_at_least_one() -> None:
    for listed, expected in ((60, 3), (50, 3), (49, 2), (9, 1), (1, 1)):
        group = GroupDesign("delegates", LABEL, (Stage("unit", "equal_interval", None, Fraction(1, 20)),))
        result = drawn(one_stage_rows("delegates", listed), design_of(group))
        assert len(result.sample) == expected
        assert result.counts[0]["wanted"] == expected
        assert set(result.sample["pi"]) == {expected / listed}


def test_a_rate_within_villages_takes_its_share_of_each_hit() -> None:
    stages = (Stage("psu", "pps_equal_interval", 3), Stage("unit", "equal_interval", None, Fraction(1, 10)))
    result = drawn(rural_rows(SMALL_TOWNSHIP), design_of(GroupDesign("rural", LABEL, stages)))
    for psu in result.psus.itertuples():
        assert psu.main == max(1, int(Fraction(psu.listed * psu.hits, 10) + Fraction(1, 2)))
        unit = result.sample[result.sample["psu_code"] == psu.psu_code].iloc[0]
        assert unit["pi_2"] == psu.main / (psu.hits * psu.listed)


def naive_serpentine(rows: list[tuple[str, ...]], directions: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Sort level by level: each further run of a level's parents turns a serpentine level round."""
    runs = [rows]
    for level, direction in enumerate(directions):
        turned = []
        for number, run in enumerate(runs):
            back = direction == "descending" or (direction == "serpentine" and number % 2 == 1)
            for value in sorted({row[level] for row in run}, reverse=back):
                turned.append([row for row in run if row[level] == value])
        runs = turned
    return [row for run in runs for row in run]


@pytest.mark.parametrize(
    "directions",
    [
        ("ascending", "serpentine", "serpentine"),
        ("descending", "serpentine", "ascending"),
        ("serpentine", "descending", "serpentine"),
        ("ascending", "ascending", "descending"),
    ],
)
def test_lists_are_ordered_in_the_directions_of_the_design(directions: tuple[str, ...]) -> None:
    rng = random.Random(7)
    rows = [
        {**row, "psu_code": rng.choice(["350722204201", "350722204202", "350722204203"]), "subgroup": rng.choice("abc")}
        for row in one_stage_rows("delegates", 40)
    ]
    keys = ("psu_code", "subgroup", "unit_code")
    order_by = tuple(f"{key} {direction}" for key, direction in zip(keys, directions, strict=True))
    group = GroupDesign("delegates", LABEL, (Stage("unit", "equal_interval", 40),), order_by)
    sample = drawn(rows, design_of(group)).sample
    expected = naive_serpentine([tuple(row[key] for key in keys) for row in rows], directions)
    assert sample["unit_code"].tolist() == [row[2] for row in expected]


def test_a_lists_serpentine_order_does_not_change_with_other_lists() -> None:
    rows = one_stage_rows("delegates", 30)
    for number, row in enumerate(rows):
        row["subgroup"] = "ab"[number % 2]
    group = GroupDesign(
        "delegates", LABEL, (Stage("unit", "equal_interval", 30),), ("subgroup", "unit_code serpentine")
    )
    alone = drawn(rows, design_of(group)).sample["unit_code"].tolist()
    other = [{**row, "subgroup": "z"} for row in one_stage_rows("delegates", 5, "350722203000")]
    both = drawn(other + rows, design_of(group)).sample
    assert both[both["township_code"] == SMALL_TOWNSHIP]["unit_code"].tolist() == alone


def test_large_villages_are_taken_once_and_the_rest_drawn_anew() -> None:
    base = rural_rows(SMALL_TOWNSHIP)[0]
    sizes = {"350722204201": 300, "350722204202": 20, "350722204203": 30, "350722204204": 10}
    rows = [
        {**base, "psu_code": code, "psu": code, "unit_code": f"{code[-3:]}-{k:03d}"}
        for code, size in sizes.items()
        for k in range(size)
    ]
    stages = (Stage("psu", "pps_equal_interval", 3, large="certainty"), Stage("unit", "equal_interval", 5))
    result = drawn(rows, design_of(GroupDesign("rural", LABEL, stages)))
    chances = dict(zip(result.psus["psu_code"], result.psus["pi_1"], strict=True))
    assert certainty(list(sizes.values()), 3).tolist() == [True, False, True, False]
    assert (chances["350722204201"], chances["350722204203"]) == (1.0, 1.0)
    assert chances.get("350722204202", 20 / 30) == 20 / 30
    assert len(result.psus) == 3
    assert set(result.psus["hits"]) == {1}


@pytest.mark.parametrize("method", [name for name, entry in METHODS.items() if not entry.by_size])
def test_units_are_drawn_by_every_method_from_the_hashes_of_the_label(method: str) -> None:
    sample = drawn(one_stage_rows("delegates", 61), design_of(one_stage(8, method)), "s").sample
    hits = METHODS[method].hits(range(61), 8, start=hashed(label("s", SMALL_TOWNSHIP, "delegates", "unit")))
    assert [int(code) - 1 for code in sample["unit_code"]] == hits.nonzero()[0].tolist()


@pytest.mark.parametrize("method", [name for name, entry in METHODS.items() if entry.by_size])
def test_villages_are_drawn_by_every_method_from_the_hashes_of_the_label(method: str) -> None:
    result = drawn(rural_rows(SMALL_TOWNSHIP), design_of(two_stages(3, 2, method=method)), "s")
    codes = [row["village_code"] for row in villages(SMALL_TOWNSHIP)]
    sizes = [households(code) for code in codes]
    hits = METHODS[method].hits(sizes, 3, start=hashed(label("s", SMALL_TOWNSHIP, "rural", "psu")))
    found = {code: int(times) for code, times in zip(codes, hits, strict=True) if times}
    assert dict(zip(result.psus["psu_code"], result.psus["hits"], strict=True)) == found
    assert set(result.sample["pi"]) == {6 / sum(sizes)}


def test_sampfords_method_takes_large_villages_with_certainty() -> None:
    rows = rural_rows(SMALL_TOWNSHIP)
    result = drawn(rows, design_of(two_stages(6, 2, method="pps_sampford")))
    assert (result.psus["hits"] == 1).all()
    assert len(result.psus) == 6


def test_a_design_may_refuse_to_draw_from_a_list_that_is_too_short() -> None:
    group = GroupDesign("delegates", LABEL, (Stage("unit", "equal_interval", 10),), too_short="refuse")
    assert len(drawn(one_stage_rows("delegates", 10), design_of(group)).sample) == 10
    with pytest.raises(ShortfallError, match=f"{SMALL_TOWNSHIP}, delegates: the design wants 10, the list has 9"):
        drawn(one_stage_rows("delegates", 9), design_of(group))


def test_check_names_every_problem_at_once_with_place_and_remedy() -> None:
    base = rural_rows(SMALL_TOWNSHIP)[0]
    rows = one_stage_rows("delegates", 7)
    for code, size in (("350722204201", 90), ("350722204202", 4), ("350722204203", 8)):
        rows += [{**base, "psu_code": code, "psu": code, "unit_code": f"{code[-3:]}-{k}"} for k in range(size)]
    county = load_design("county-110")
    frame = read_frame(table(rows), design=county)
    found = county.check(frame)
    places = {(problem.group, problem.stage) for problem in found}
    assert places == {
        ("delegates", "unit"),
        ("enterprise", "unit"),
        ("urban", "psu"),
        ("rural", "psu"),
        ("rural", "unit"),
    }
    assert not any(problem.stops for problem in found)
    assert all(problem.township_code == SMALL_TOWNSHIP and problem.remedy.zh for problem in found)
    large = next(problem for problem in found if (problem.group, problem.stage) == ("rural", "psu"))
    assert "350722204201 reach the interval 102/5" in large.en
    small = next(problem for problem in found if (problem.group, problem.stage) == ("rural", "unit"))
    assert "350722204202 (4), 350722204203 (8)" in small.en


def test_check_names_a_group_that_the_design_has_not_and_strata_that_cannot_be_drawn() -> None:
    frame = read_frame(table(rows_by_class() + DELEGATES), design=load_design("county-110"))
    found = design_of(by_kind(take=5, minimum=(("*", "3"),))).check(frame)
    assert [(problem.group, problem.stops) for problem in found] == [("rural", True), ("delegates", True)]


def test_check_says_when_a_rejective_method_would_take_for_ever() -> None:
    base = rural_rows(SMALL_TOWNSHIP)[0]
    rows = [
        {**base, "psu_code": f"350722204{200 + v}", "psu": str(v), "unit_code": f"{v}-{k}"}
        for v in range(40)
        for k in range(3)
    ]
    design = design_of(two_stages(30, 1, method="pps_sampford"))
    found = design.check(read_frame(table(rows), design=design))
    assert [problem.stops for problem in found] == [True]
    assert "pps_hartley_rao" in found[0].en


def options(**more: Any) -> dict[str, Any]:
    values = json.loads(json.dumps(load_design("county-110").to_json()))
    values["groups"][0] |= more
    return values


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ({"strata": {"by": "subgrup", "allocation": "equal"}}, "strata.by", "nearest: subgroup"),
        ({"strata": {"by": "subgroup", "allocation": "neymann"}}, "strata.allocation", "nearest: neyman"),
        ({"strata": {"by": "subgroup", "allocation": "neyman"}}, "strata", "'sd'"),
        ({"strata": {"by": "subgroup", "allocation": "equal", "sd": 3}}, "strata.sd", "no use"),
        ({"strata": {"by": "subgroup", "allocation": "given", "n": {"a": 3}}}, "strata.n", "add up"),
        ({"strata": {"by": "subgroup", "allocation": "equal", "minimum": {"a|b": 1}}}, "strata.minimum.a|b", "stratum"),
        ({"strata": {"by": "subgroup", "allocation": "neyman", "sd": {"a": -1}}}, "strata.sd.a", "number"),
        ({"too_short": "refus"}, "too_short", "nearest: refuse"),
        ({"within": "birthday"}, "within", "nearest: next_birthday"),
        ({"order_by": ["unit_code downwards"]}, "order_by[0]", "nearest"),
        ({"order_by": ["unit_code", "unit_code descending"]}, "order_by", "once"),
        ({"stages": [{"stage": "unit", "method": "circular", "n": 3, "rate": "1/2"}]}, "stages[0]", "either n or rate"),
        ({"stages": [{"stage": "unit", "method": "circular"}]}, "stages[0]", "either n or rate"),
        ({"stages": [{"stage": "unit", "method": "circular", "rate": "3/2"}]}, "stages[0].rate", "at most 1"),
        ({"stages": [{"stage": "unit", "method": "circular", "rate": "1/0"}]}, "stages[0].rate", "share"),
        (
            {"stages": [{"stage": "unit", "method": "circular", "n": 3, "large": "certainty"}]},
            "stages[0].large",
            "size",
        ),
        (
            {
                "stages": [
                    {"stage": "psu", "method": "pps_sampford", "n": 3, "large": "several_hits"},
                    {"stage": "unit", "method": "circular", "n": 1},
                ]
            },
            "stages[0].large",
            "certainty",
        ),
    ],
)
def test_a_bad_option_is_named_by_place(more: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(DesignError) as caught:
        Design.from_json(options(**more), "own.yaml")
    assert caught.value.en.startswith(f"own.yaml: groups[0].{place}: ")
    assert words in caught.value.en
    assert caught.value.zh


def test_every_option_reads_back_from_json_and_stands_in_the_proof(tmp_path: Path) -> None:
    values = options(
        strata={"by": "subgroup", "allocation": "power", "power": "0.5", "cv": {"a": 1, "*": "0.8"}, "minimum": 2},
        order_by=["subgroup descending", "unit_code serpentine"],
        too_short="refuse",
    )
    design = Design.from_json(values)
    again = Design.from_json(json.loads(json.dumps(design.to_json())))
    assert again == design
    group = GroupDesign(
        "delegates",
        LABEL,
        (Stage("unit", "symmetric", None, Fraction(3, 20)),),
        ("subgroup descending", "unit_code serpentine"),
        2,
        Strata("subgroup", "power", power="0.5", minimum=(("*", "2"),)),
    )
    result = draw(read_frame(table(DELEGATES), design=design_of(group)), design_of(group), "s")
    write_draw(result, tmp_path / "draw")
    assert verify_draw(tmp_path / "draw").main == len(result.sample[result.sample["role"] == "main"])

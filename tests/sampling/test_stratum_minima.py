"""Minima of strata are kept, or what is missing is said: when a design is read, checked and drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sampling_factory import LABEL, SMALL_TOWNSHIP, design_of, drawn, one_stage_rows, table

from sampling import Design, DesignError, Draw, GroupDesign, ShortfallError, Stage, Strata, load_design, read_frame

Row = dict[str, str]


def rows_of(**sizes: int) -> list[Row]:
    kinds = [kind for kind, count in sizes.items() for _ in range(count)]
    rows = one_stage_rows("delegates", len(kinds))
    return [{**row, "subgroup": kind} for row, kind in zip(rows, kinds, strict=True)]


def by_kind(take: int, *, too_short: str = "take_all", **more: Any) -> Design:
    strata = Strata("subgroup", "proportional", **more)
    stages = (Stage("unit", "equal_interval", take),)
    return design_of(GroupDesign("delegates", LABEL, stages, ("subgroup",), 0, strata, too_short))


def short(result: Draw) -> list[tuple[str, str, int, int]]:
    entries = json.loads(result.draw_json)["shortfalls"]
    return [(s["stage"], s["cluster_code"], s["wanted"], s["taken"]) for s in entries if s["take"] == "main"]


def test_a_stratum_smaller_than_its_minimum_gives_all_it_has_and_the_rest_is_a_shortfall() -> None:
    result = drawn(rows_of(a=3, b=40), by_kind(20, minimum=(("a", "7"),)))
    assert short(result) == [("unit", "a", 7, 3)]
    assert [s["n"] for s in result.counts[0]["strata"]] == [3, 17]


def test_a_minimum_for_a_stratum_that_a_township_has_not_is_a_shortfall() -> None:
    assert short(drawn(rows_of(b=40), by_kind(20, minimum=(("a", "2"), ("b", "1"))))) == [("unit", "a", 2, 0)]


def test_what_a_stratum_is_short_of_is_not_reported_again_as_the_lists() -> None:
    minimum = (("a", "7"),)
    assert short(drawn(rows_of(a=3, b=16), by_kind(20, minimum=minimum))) == [("unit", "a", 7, 3)]
    expected = [("unit", "a", 7, 3), ("unit", "", 16, 13)]
    assert short(drawn(rows_of(a=3, b=10), by_kind(20, minimum=minimum))) == expected


def test_a_design_may_refuse_to_draw_below_a_minimum() -> None:
    design = by_kind(20, minimum=(("*", "7"),), too_short="refuse")
    assert not short(drawn(rows_of(a=7, b=40), design))
    with pytest.raises(ShortfallError, match=f"{SMALL_TOWNSHIP}, delegates, a: the design wants 7, the list has 3"):
        drawn(rows_of(a=3, b=40), design)


def test_a_sample_that_the_maxima_limit_is_refused_with_that_reason() -> None:
    with pytest.raises(ShortfallError, match="wants 20, its strata can give, within their maxima, 8,"):
        drawn(rows_of(a=10, b=40), by_kind(20, maximum=(("*", "4"),), too_short="refuse"))


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        (5, 4, "'*' has the minimum 5 and the maximum 4"),
        ({"a": 5}, 4, "'a' has the minimum 5 and the maximum 4"),
        (5, {"b": 4, "*": 9}, "'b' has the minimum 5 and the maximum 4"),
        ({"a": 1, "*": 3}, {"a": 1, "*": 2}, "'*' has the minimum 3 and the maximum 2"),
    ],
)
def test_a_minimum_above_its_maximum_is_refused_when_the_design_is_read(minimum: Any, maximum: Any, words: str) -> None:
    values = json.loads(json.dumps(load_design("county-110").to_json()))
    strata = {"by": "subgroup", "allocation": "equal", "minimum": minimum, "maximum": maximum}
    values["groups"][0]["strata"] = strata
    with pytest.raises(DesignError) as caught:
        Design.from_json(values, "own.yaml")
    assert caught.value.en.startswith("own.yaml: groups[0].strata.minimum: ")
    assert words in caught.value.en
    assert caught.value.zh
    strata["maximum"] = {"*": 9}
    assert Design.from_json(values).groups[0].strata


def test_check_names_each_stratum_below_its_minimum() -> None:
    for too_short, stops in (("take_all", False), ("refuse", True)):
        design = by_kind(20, minimum=(("*", "7"), ("z", "2")), too_short=too_short)
        found = design.check(read_frame(table(rows_of(a=3, b=40)), design=design))
        assert [problem.stops for problem in found] == [stops, stops]
        assert "the stratum 'a' should give 7 and can give 3" in found[0].en
        assert "the stratum 'z' should give 2 and can give 0" in found[1].en

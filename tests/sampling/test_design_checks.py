"""``Design.check`` names every place at which a draw would be refused or fall short, and says nothing where all is well."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from sampling_factory import LABEL, SMALL_TOWNSHIP, design_of, table
from test_against_naive_draw import problems

from sampling import (
    Design,
    DesignError,
    Draw,
    GroupDesign,
    SamplingError,
    ShortfallError,
    Stage,
    Strata,
    draw,
    read_frame,
    sampford_tries,
)
from sampling.methods import TRIES_LIMIT, certainty, too_many_tries
from sampling.selection.design_checks import Problem

Row = dict[str, str]


def psus(*sizes: int, kinds: str = "", ssus: int = 0) -> list[Row]:
    """Units in PSUs of the given sizes; the stratum of each PSU, and into how many SSUs its units are dealt."""
    place = {"township_code": SMALL_TOWNSHIP, "township": "濠村乡", "group": "rural"}
    return [
        {
            **place,
            "psu_code": f"350722204{200 + k}",
            "psu": str(k),
            "subgroup": kinds[k] if kinds else "",
            "ssu_code": str(number % ssus) if ssus else "",
            "unit_code": f"{k:03d}-{number:03d}",
        }
        for k, size in enumerate(sizes)
        for number in range(size)
    ]


def rural(*stages: Stage, strata: Strata | None = None, too_short: str = "refuse") -> Design:
    return design_of(GroupDesign("rural", LABEL, stages, ("subgroup",), 0, strata, too_short))


def checked(rows: list[Row], design: Design) -> tuple[Problem, ...]:
    return design.check(read_frame(table(rows), design=design))


def refused(rows: list[Row], design: Design) -> str:
    with pytest.raises((ShortfallError, DesignError)) as caught:
        draw(read_frame(table(rows), design=design), design, "s")
    assert caught.value.zh
    return caught.value.en


UNIT = Stage("unit", "equal_interval", 1)


@pytest.mark.parametrize(
    ("ssu", "take", "words"),
    [
        (Stage("ssu", "equal_interval", 5), 1, "ssu: a hit takes 5 SSUs, fewer are listed in 350722204200 (3)"),
        (Stage("ssu", "pps_sampford", 5), 1, "ssu: a hit takes 5 SSUs, fewer are listed in 350722204200 (3)"),
        (Stage("ssu", "equal_interval", 2), 50, "unit: a hit takes 50 units, fewer are listed in 350722204200/0 (3)"),
        (
            Stage("ssu", "pps_equal_interval", 4),
            3,
            "unit: SSUs that may be hit several times can then be asked for more than are listed: 350722204200/0 (6/3)",
        ),
    ],
)
def test_three_stages_are_held_against_what_is_listed_in_each(ssu: Stage, take: int, words: str) -> None:
    design = rural(Stage("psu", "equal_interval", 2), ssu, Stage("unit", "equal_interval", take))
    found = checked(psus(9, 9, ssus=3), design)
    assert [problem.stops for problem in found] == [True]
    assert words in found[0].en
    assert found[0].zh
    refused(psus(9, 9, ssus=3), design)
    assert not checked(psus(9, 9, ssus=3), rural(Stage("psu", "equal_interval", 2), Stage("ssu", "circular", 3), UNIT))


def test_what_is_given_to_a_stratum_is_held_against_what_it_has() -> None:
    strata = Strata("subgroup", "given", (("a", "3"), ("b", "2")))
    certain = rural(Stage("psu", "pps_equal_interval", 5, large="certainty"), UNIT, strata=strata)
    rows = psus(9, 9, 9, 9, kinds="abbb")
    stopping = [problem.en for problem in checked(rows, certain) if problem.stops]
    assert len(stopping) == 1
    assert "in the stratum 'a', the design takes 3, the list has 1" in stopping[0]
    assert "rural, a: the design wants 3, the list has 1" in refused(rows, certain)
    units = rural(Stage("unit", "equal_interval", 5), strata=strata)
    assert "in the stratum 'a', the design takes 3, the list has 2" in checked(psus(2, 9, kinds="ab"), units)[0].en


def test_large_psus_are_measured_against_their_own_stratum() -> None:
    strata = Strata("subgroup", "given", (("a", "4"), ("b", "2")))
    design = rural(Stage("psu", "pps_equal_interval", 6), UNIT, strata=strata)
    found = checked(psus(30, 5, 5, *[10] * 16, kinds="aaa" + "b" * 16), design)
    assert ["in the stratum 'a', 350722204200 reach the interval 40/4" in problem.en for problem in found] == [True]
    assert not checked(psus(*[60] * 4, *[5] * 8, kinds="aaaa" + "b" * 8), rural(*design.groups[0].stages, strata=Strata(
        "subgroup", "given", (("a", "2"), ("b", "4")))))  # fmt: skip


def test_a_sample_that_the_maxima_limit_is_named_so() -> None:
    strata = Strata("subgroup", "proportional", maximum=(("*", "4"),))
    found = checked(psus(20, 30, kinds="ab"), rural(Stage("unit", "equal_interval", 10), strata=strata))
    assert ["takes 10, and the strata can give, within their maxima, 8" in problem.en for problem in found] == [True]


def test_a_hopeless_sampford_is_named_within_strata_and_psus_and_refused_by_the_draw_too() -> None:
    sampford = Stage("psu", "pps_sampford", 49)
    split = rural(sampford, UNIT, strata=Strata("subgroup", "proportional"))
    rows = psus(*[1] * 100, kinds="a" * 100)
    assert [problem.stops for problem in checked(rows, split)] == [True]
    assert "in the stratum 'a', pps_sampford would need more than 1000 tries" in checked(rows, split)[0].en
    assert f"{SMALL_TOWNSHIP}, rural, a: pps_sampford would need more than 1000 tries" in refused(rows, split)
    inner = rural(Stage("psu", "equal_interval", 1), Stage("ssu", "pps_sampford", 49), UNIT)
    rows = psus(100, 100, ssus=100)
    assert [problem.stops for problem in checked(rows, inner)] == [True]
    assert (
        "ssu: pps_sampford would need more than 1000 tries on average within 350722204200" in checked(rows, inner)[0].en
    )
    assert "pps_sampford would need more than 1000 tries" in refused(rows, inner)


@pytest.mark.parametrize(("count", "n"), [(100, 35), (100, 36), (12, 9), (30, 29), (40, 17)])
def test_the_quick_count_of_tries_says_what_the_exact_one_does(count: int, n: int) -> None:
    sizes = [1 + k % 3 for k in range(count)]
    sure = certainty(sizes, n)
    rest = [size for size, taken in zip(sizes, sure, strict=True) if not taken]
    left = n - int(sure.sum())
    assert too_many_tries(sizes, n) == (bool(left) and sampford_tries(rest, left) > TRIES_LIMIT)


def only_a_first_step(rows: list[Row]) -> bool:
    """Whether some list has PSU rows and no units yet."""
    places = {(row["township_code"], row["group"]) for row in rows}
    return bool(places - {(row["township_code"], row["group"]) for row in rows if row["unit_code"]})


def drawn(rows: list[Row], design: Design, seed: str) -> Draw | None:
    try:
        return draw(read_frame(pd.DataFrame(rows), design=design), design, seed)
    except SamplingError:
        return None


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_draw_is_not_refused_and_does_not_fall_short_where_check_names_nothing(
    problem: tuple[dict[str, Any], list[Row], str],
) -> None:
    values, rows, seed = problem
    if not rows or only_a_first_step(rows):
        return
    design = Design.from_json(values)
    found = design.check(read_frame(pd.DataFrame(rows), design=design))
    result = drawn(rows, design, seed)
    if not any(named.stops for named in found):
        assert result is not None
    for short in result.shortfalls if result is not None else ():
        place = short["township_code"], short["group"]
        assert short["take"] == "reserve" or place in {(named.township_code, named.group) for named in found}

"""The demo county has a real county's structure and invented names."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import mean, median

import pytest

from survey_app.demo import DemoCounty, build_county
from survey_app.demo.county import DemoPsu

TOWNSHIPS, COMMUNITIES, VILLAGES = (
    part.split() for part in (Path(__file__).parent / "real_names.txt").read_text(encoding="utf-8").split("\n\n")
)
"""
The real places of the county whose structure the demo county has, from the statistical division codes of the National Bureau of Statistics
(2023); communities and villages without the endings 社区居委会 and 村委会.
"""


def test_the_same_seed_gives_the_same_county_and_another_one_another(county: DemoCounty) -> None:
    assert build_county() == county
    assert build_county(1) != county


def test_there_are_2_subdistricts_9_towns_and_8_townships(county: DemoCounty) -> None:
    kinds = Counter(township.kind for township in county.townships)

    assert kinds == {"subdistrict": 2, "town": 9, "township": 8}


def test_villages_and_communities_are_as_many_as_in_the_real_county(county: DemoCounty) -> None:
    villages = [len(township.villages) for township in county.townships]
    communities = [len(township.communities) for township in county.townships]

    assert villages == [5, 3, 28, 24, 16, 24, 24, 20, 23, 22, 11, 10, 12, 9, 7, 7, 19, 14, 10]
    assert communities == [9, 6, 0, 0, 0, 1, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert sum(villages) + sum(communities) == 308


@pytest.mark.parametrize("seed", [359900, 1])
def test_codes_follow_the_rules_and_begin_with_the_unassigned_3599(seed: int) -> None:
    townships = build_county(seed).townships
    ranges = {"subdistrict": range(1, 100), "town": range(100, 200), "township": range(200, 400)}

    assert len({psu.code for township in townships for psu in township.psus}) == 308
    for township in townships:
        assert re.fullmatch(r"359900[0-9]{3}000", township.code)
        assert int(township.code[6:9]) in ranges[township.kind]
        for psu in township.psus:
            assert psu.code[:9] == township.code[:9]
            assert int(psu.code[9:]) in (range(1, 200) if psu.is_community else range(201, 400))


def test_last_ranks_are_1_to_19(county: DemoCounty) -> None:
    assert sorted(township.last_rank for township in county.townships) == list(range(1, 20))


@pytest.mark.parametrize("seed", [359900, 1, 2])
def test_no_name_is_one_of_the_real_county(seed: int) -> None:
    demo = build_county(seed)
    psus = {psu.name.removesuffix("村").removesuffix("社区") for township in demo.townships for psu in township.psus}

    assert psus.isdisjoint({*VILLAGES, *COMMUNITIES})
    assert {township.name for township in demo.townships}.isdisjoint(TOWNSHIPS)
    assert {township.stem for township in demo.townships}.isdisjoint(name[:-1] for name in TOWNSHIPS)
    assert len(TOWNSHIPS) == 19
    assert len(VILLAGES) + len(COMMUNITIES) > 300


def test_every_village_and_community_has_a_name_of_its_own(county: DemoCounty) -> None:
    names = [psu.name for township in county.townships for psu in township.psus]

    assert len(set(names)) == 308


def test_populations_are_those_of_such_places(county: DemoCounty) -> None:
    """2 subdistricts of 25–45 thousand, towns around 20 thousand, townships around 9 thousand; 5 % for rounding at the limits."""
    limits = {"subdistrict": (25_000, 45_000), "town": (9_000, 36_000), "township": (4_000, 20_000)}
    for township in county.townships:
        low, high = limits[township.kind]
        assert 0.95 * low <= township.population <= 1.05 * high
    medians = {
        kind: median(township.population for township in county.townships if township.kind == kind) for kind in limits
    }

    assert medians["town"] == pytest.approx(20_000, rel=0.25)
    assert medians["township"] == pytest.approx(9_000, rel=0.25)
    assert 300_000 < county.population < 360_000


def test_villages_have_about_10_groups_of_about_29_households(county: DemoCounty) -> None:
    villages = [psu for township in county.townships for psu in township.villages]
    sizes = [size for psu in villages for size in psu.group_sizes]

    assert mean(len(psu.group_sizes) for psu in villages) == pytest.approx(10.5, abs=0.5)
    assert all(3 <= len(psu.group_sizes) <= 24 for psu in villages)
    assert mean(sizes) == pytest.approx(29, abs=1.5)
    assert min(sizes) >= 8
    assert max(sizes) <= 60


def test_a_town_without_a_community_has_the_streets_of_its_seat_village_instead(county: DemoCounty) -> None:
    for township in county.townships:
        with_streets = [psu for psu in township.psus if psu.street_sizes]
        if township.communities:
            assert with_streets == []
        else:
            assert with_streets == [township.villages[0]]
            assert 60 <= sum(with_streets[0].street_sizes) <= 1_800
            assert with_streets[0].name == f"{township.stem}村"


def test_communities_of_subdistricts_have_900_to_2500_households(county: DemoCounty) -> None:
    for township in county.townships[:2]:
        assert all(900 <= psu.households <= 2_500 for psu in township.communities)


def test_classes_tell_town_from_country(county: DemoCounty) -> None:
    def classes(psus: tuple[DemoPsu, ...]) -> set[str]:
        return {psu.urban_rural for psu in psus}

    for township in county.townships:
        if township.kind == "subdistrict":
            assert classes(township.psus) == {"111", "112"}
        elif township.kind == "township":
            assert [psu.urban_rural for psu in township.psus] == ["210"] + ["220"] * (len(township.psus) - 1)
        else:
            centre = township.communities or township.villages[:1]
            assert classes(centre) == {"121"}
            assert classes(tuple(psu for psu in township.psus if psu not in centre)) == {"122", "220"}

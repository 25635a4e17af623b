"""Designs: the shipped ones say what the plan says, bad ones are named by place."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from sampling_factory import drawn, one_stage_rows

from sampling import Design, DesignError, design_sha256, draw, list_designs, load_design, read_frame
from sampling.designs.design import DESIGNS, LIST_KEYS


def values() -> dict[str, Any]:
    return copy.deepcopy(load_design("county-110").to_json())


def test_the_county_design_takes_110_with_two_reserves_each() -> None:
    design = load_design("county-110")
    assert {group.group: group.sample_size for group in design.groups} == {
        "delegates": 30,
        "enterprise": 10,
        "urban": 20,
        "rural": 50,
    }
    assert {group.reserves for group in design.groups} == {2}
    assert [(s.stage, s.method, s.n) for s in design.by_group["rural"].stages] == [
        ("psu", "pps_equal_interval", 5),
        ("unit", "equal_interval", 10),
    ]
    assert [s.n for s in design.by_group["urban"].stages] == [2, 10]
    assert design.by_group["delegates"].list_keys == ("subgroup", "unit_code", "psu_code", "ssu_code")
    assert design.by_group["rural"].list_keys == LIST_KEYS


@pytest.mark.parametrize("name", list_designs())
def test_every_shipped_design_is_named_as_its_file_and_reads_back_from_json(name: str) -> None:
    design = load_design(name)
    assert design.name == name
    assert Design.from_json(json.loads(json.dumps(design.to_json(), sort_keys=True))) == design


def test_the_variant_of_the_county_design_says_all_that_it_changes() -> None:
    plain, variant = load_design("county-110"), load_design("county-110-10x5")
    changed = set()
    for old, new in zip(plain.groups, variant.groups, strict=True):
        assert (old.group, old.reserves, old.too_short) == (new.group, new.reserves, new.too_short)
        changed |= {(old.group, "order") for _ in [0] if old.order_keys != new.order_keys}
        changed |= {(old.group, "strata") for _ in [0] if old.strata != new.strata}
        changed |= {(old.group, "within") for _ in [0] if old.within != new.within}
        for before, after in zip(old.stages, new.stages, strict=True):
            changed |= {
                (old.group, before.stage, name)
                for name in ("method", "n")
                if getattr(before, name) != getattr(after, name)
            }
    said = {
        ("delegates", "strata"): ("strata by kind, in proportion and at least 2", "分层，按比例分配，各类至少 2 人"),
        ("enterprise", "order"): ("ordered by kind, then by unit code", "先按类别、再按单元代码排序"),
        ("urban", "unit", "method"): ("communities by symmetric equal interval", "社区内的户按对称等距抽取"),
        ("urban", "within"): ("within urban and rural households the adult with the next", "下一个过生日"),
        ("rural", "psu", "method"): ("villages by PPS symmetric", "村按户数 PPS 对称等距"),
        ("rural", "psu", "n"): ("rural 10 villages of 5 households instead of 5 of 10", "10 村 × 5 户"),
        ("rural", "unit", "n"): ("10 hits of villages, 5 households each", "每次 5 户"),
        ("rural", "unit", "method"): ("within villages and communities by symmetric", "村和社区内"),
        ("rural", "within"): ("rural households the adult", "城乡居民户内"),
    }
    assert changed == set(said)
    for en, zh in said.values():
        assert en in variant.description.en
        assert zh in variant.description.zh


def test_a_countys_own_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (DESIGNS / "teaching.yaml").read_bytes())
    assert load_design(path) == load_design("teaching")


def test_an_unknown_design_lists_the_known_ones() -> None:
    with pytest.raises(DesignError, match="did you mean 'county-110'") as caught:
        load_design("county110")
    assert "teaching" in caught.value.en
    assert "teaching" in caught.value.zh


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of the value at a path such as ``groups.0.stages.0.n``."""

    def change(design: dict[str, Any]) -> None:
        at: Any = design
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in way:
            at = at[step]
        at[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (put("colour", "red"), "colour", "nearest: "),
        (put("groups.0.reserve", 2), "groups[0].reserve", "nearest: reserves"),
        (put("groups.0.stages.0.methd", "x"), "groups[0].stages[0].methd", "nearest: method"),
        (put("groups.0.stages.0.method", "equal_intervall"), "groups[0].stages[0].method", "nearest: equal_interval"),
        (put("groups.0.stages.0.n", 0), "groups[0].stages[0].n", "from 1"),
        (put("groups.0.stages.0.n", "30"), "groups[0].stages[0].n", "whole number"),
        (put("groups.0.stages.0.n", True), "groups[0].stages[0].n", "whole number"),
        (put("groups.0.stages.0.n", 10**40), "groups[0].stages[0].n", "whole number"),
        (put("groups.0.stages.0.stage", "psu"), "groups[0].stages", "[psu, ssu, unit]"),
        (put("groups.0.stages.0.method", "pps_equal_interval"), "groups[0].stages[0].method", "no size"),
        (put("groups.0.stages", []), "groups[0].stages", "at least one"),
        (put("groups.0.order_by", ["unit"]), "groups[0].order_by[0]", "nearest: unit_code"),
        (put("groups.0.order_by", ["subgroup", "subgroup"]), "groups[0].order_by", "once"),
        (put("groups.0.reserves", -1), "groups[0].reserves", "from 0"),
        (put("groups.0.group", "Rural|"), "groups[0].group", "small letters"),
        (put("groups.1.group", "delegates"), "groups[1]", "twice"),
        (put("groups.0.label.zh", " "), "groups[0].label.zh", "not empty"),
        (put("groups", {}), "groups", "list"),
        (put("name", None), "name", "small letters"),
        (lambda design: design.pop("title"), "the whole file", "'title', which is missing"),
    ],
)
def test_a_bad_design_is_named_by_place(change: Callable[[dict[str, Any]], None], place: str, words: str) -> None:
    bad = values()
    change(bad)
    with pytest.raises(DesignError) as caught:
        Design.from_json(bad, "own.yaml")
    assert caught.value.en.startswith(f"own.yaml: {place}: ")
    assert words in caught.value.en
    assert caught.value.zh


def test_all_faults_of_a_design_are_told_at_once_and_the_first_leads() -> None:
    bad = values()
    for change in (
        put("name", "Ünsound"),
        put("title.zh", ""),
        put("groups.0.stages.0.n", {"a": [1]}),
        put("groups.0.reserve", 2),
        put("groups.1.order_by", ["unit", "subgroup upwards"]),
        put("groups.2.stages.0", [1, 2, 3]),
        put("groups.3.strata", {"by": "subgrup", "allocation": "neyman", "minimum": {"a": -1, "b|": 1}, "cv": 2}),
        put("groups.3.within", None),
    ):
        change(bad)
    with pytest.raises(DesignError) as caught:
        Design.from_json(bad, "own.yaml")
    faults = caught.value.faults
    assert [fault.en.split(": ")[1] for fault in faults] == [
        "name",
        "title.zh",
        "groups[0].reserve",
        "groups[0].stages[0].n",
        "groups[1].order_by[0]",
        "groups[1].order_by[1]",
        "groups[2].stages[0]",
        "groups[3].strata",
        "groups[3].strata.cv",
        "groups[3].strata.minimum.a",
        "groups[3].strata.minimum.b|",
        "groups[3].strata.by",
        "groups[3].within",
    ]
    assert caught.value.more == 0
    assert caught.value.en == f"{faults[0].en} (12 more faults.)"
    assert caught.value.zh == f"{faults[0].zh}（另有 12 处错误。）"
    assert "found a mapping;" in faults[3].en
    assert "found a list of 3;" in faults[6].en
    assert "含 3 项的列表" in faults[6].zh
    assert "found nothing;" in faults[12].en


def test_a_hundred_faults_of_a_design_are_told_and_the_others_counted() -> None:
    bad = values() | {f"k{k}": k for k in range(1000)}
    with pytest.raises(DesignError, match=r"999 more faults") as caught:
        Design.from_json(bad)
    assert (len(caught.value.faults), caught.value.more) == (100, 900)


def test_ascending_may_be_said_and_is_the_same_as_not_said() -> None:
    said = values()
    said["groups"][0]["order_by"] = ["subgroup ascending", "unit_code descending"]
    design = Design.from_json(said)
    unsaid = copy.deepcopy(said)
    unsaid["groups"][0]["order_by"][0] = "subgroup"
    assert design == Design.from_json(unsaid)
    assert design.to_json() == unsaid
    by_hand = replace(design.groups[0], order_by=("subgroup ascending",))
    assert by_hand.to_json()["order_by"] == ["subgroup"]


@pytest.mark.parametrize("bad", [None, 3, "x", [], {}, [[]], {"name": "x", 3: 4}])
def test_anything_else_is_no_design(bad: object) -> None:
    with pytest.raises(DesignError):
        Design.from_json(bad)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "line 1"),
        ("name: a\nname: b\n", "given twice"),
        ("a: &a [*a]", "keys"),
        ("", "the whole file"),
        ("x: " + "[" * 5000, "YAML"),
    ],
)
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        load_design(path)
    assert words in caught.value.en


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="cannot be read"):
        load_design(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("名称".encode("gb18030"))
    with pytest.raises(DesignError, match="no UTF-8"):
        load_design(tmp_path / "gbk.yaml")


def test_a_frame_read_for_another_design_is_not_drawn_from() -> None:
    rows = b"township_code,township,group,unit_code\n350722204000,a,delegates,1\n"
    frame = read_frame(rows, design=load_design("county-110"))
    with pytest.raises(DesignError, match="read the frame again"):
        draw(frame, load_design("teaching"), "1")


def test_the_hash_of_a_design_is_that_of_its_text_in_the_record() -> None:
    design = load_design("county-110")
    record = json.loads(drawn(one_stage_rows("delegates", 40), design).draw_json)
    assert design_sha256(design) == hashlib.sha256(rfc8785.dumps(record["design"])).hexdigest()
    groups = (dataclasses.replace(design.groups[0], reserves=3), *design.groups[1:])
    assert design_sha256(dataclasses.replace(design, groups=groups)) != design_sha256(design)

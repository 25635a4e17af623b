"""
The demo county's frame: delegates, enterprise operators, urban and rural households, with the defects that real lists have.

Defects that only warn: about 1 % of a township's rural households that also stand in its urban list, 3 % of delegates in two lists, 2 % vacant
and 0.5 % of a wrong class (in the remarks), blank house numbers, and some lists shorter than the design takes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from survey_app.demo.names import enterprise_names, person_names
from survey_app.demo.places import DEFAULT_SEED, DemoCounty, DemoPsu, DemoTownship

HEADER = (
    "乡镇代码",
    "乡镇",
    "类别",
    "编号",
    "名称",
    "村代码",
    "村",
    "小组代码",
    "小组",
    "子类",
    "电话",
    "地址",
    "备注",
)
Row = tuple[str, ...]
FEW_ENTERPRISES = {"359900203000": 7, "359900204000": 9}


def build_frame(county: DemoCounty, seed: int = DEFAULT_SEED) -> list[Row]:
    """Return the frame's rows, cells as in ``HEADER``: about 115,000 of them."""
    rows: list[Row] = []
    for township in county.townships:
        generator = np.random.Generator(np.random.PCG64([seed, int(township.code)]))
        rows += _delegates(generator, township)
        rows += _enterprises(generator, township)
        rows += _urban_and_rural(generator, township)
    return rows


def write_frame_csv(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> None:
    """Write rows as a CSV that Excel opens rightly: UTF-8 with BOM, LF."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _delegates(generator: np.random.Generator, township: DemoTownship) -> list[Row]:
    subdistrict = township.kind == "subdistrict"
    numbers = {
        "party_delegate": int(generator.integers(50, 111)),
        # The deputies of a township's own congress (Election Law, art. 12); a subdistrict has the county's instead.
        "npc_deputy": 24 if subdistrict else min(160, 45 + township.population // 1500),
        "cppcc_member": int(generator.integers(20, 41) if subdistrict else generator.integers(2, 11)),
    }
    kinds = [kind for kind, number in numbers.items() for _ in range(number)]
    names = person_names(generator, len(kinds))
    phones = _phones(generator, len(kinds))
    twice = max(1, round(0.03 * len(kinds)))
    # The last of the deputies and members are people who stand among the party delegates already.
    for place in range(twice):
        names[-1 - place], phones[-1 - place] = names[place], phones[place]
    prefix = {"party_delegate": "DB", "npc_deputy": "RD", "cppcc_member": "ZX"}
    return [
        (
            township.code,
            township.name,
            "代表委员",
            f"{prefix[kind]}{number:03}",
            name,
            "",
            "",
            "",
            "",
            kind,
            phone,
            "",
            "",
        )
        for number, (kind, name, phone) in enumerate(zip(kinds, names, phones, strict=True), start=1)
    ]


def _enterprises(generator: np.random.Generator, township: DemoTownship) -> list[Row]:
    number = FEW_ENTERPRISES.get(township.code) or int(np.clip(generator.lognormal(np.log(35), 0.8), 7, 400))
    names = enterprise_names(generator, township.name, number)
    phones = _phones(generator, number)
    return [
        (
            township.code,
            township.name,
            "企业经营者",
            f"QY{place:04}",
            name,
            "",
            "",
            "",
            "",
            "",
            phone,
            f"{township.name}工业路{place}号",
            "",
        )
        for place, (name, phone) in enumerate(zip(names, phones, strict=True), start=1)
    ]


def _urban_and_rural(generator: np.random.Generator, township: DemoTownship) -> list[Row]:
    rows: list[Row] = []
    for psu in township.communities:
        rows += _households(generator, township, psu, "城镇居民", psu.group_sizes)
    if not township.communities:
        seat = township.villages[0]
        streets = tuple(len(part) for part in np.array_split(np.arange(township.seat_households), 4))
        # Groups 51–54: the seat village's built-up streets are urban, the rest of the village rural.
        rows += _households(generator, township, seat, "城镇居民", streets, first_group=51)
    urban = len(rows)
    for psu in township.villages:
        rows += _households(generator, township, psu, "农村居民", psu.group_sizes)
    if not township.communities:
        rural = len(rows) - urban
        doubled = generator.choice(urban, min(urban, round(0.01 * rural)), replace=False)
        rows += [(*rows[place][:2], "农村居民", *rows[place][3:]) for place in sorted(doubled.tolist())]
    return rows


def _households(
    generator: np.random.Generator,
    township: DemoTownship,
    psu: DemoPsu,
    group: str,
    sizes: tuple[int, ...],
    *,
    first_group: int = 1,
) -> list[Row]:
    number = sum(sizes)
    names, phones = person_names(generator, number), _phones(generator, number)
    kinds = generator.random(number).tolist()
    no_number = (generator.random(number) < 0.03).tolist()
    rows: list[Row] = []
    place = 0
    for step, size in enumerate(sizes):
        team = first_group + step
        for house in range(1, size + 1):
            kind = kinds[place]
            remark = "空户" if kind < 0.02 else "城乡类别有误" if kind < 0.025 else ""
            where = f"{psu.name}{team}组" if no_number[place] else f"{psu.name}{team}组{house}号"
            rows.append(
                (
                    township.code,
                    township.name,
                    group,
                    f"{psu.code[-3:]}{team:02}{house:03}",
                    names[place],
                    psu.code,
                    psu.name,
                    f"{team:02}",
                    f"{team}组",
                    "",
                    phones[place],
                    where,
                    remark,
                )
            )
            place += 1
    return rows


def _phones(generator: np.random.Generator, number: int) -> list[str]:
    # 1990000 is not given out; no call can reach anybody.
    return [f"1990000{last:04}" for last in generator.integers(0, 10000, number).tolist()]

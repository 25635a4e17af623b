"""
The demo county's frame: delegates, enterprise operators, urban and rural households, with the defects that real lists have.

build_frame   all rows, from the county and a seed
HEADER        the headers of their cells

The defects only warn: of the rural households 1 % stand in the urban list too; of the delegates 3 % are in two lists; of the households
2 % are vacant, 0.5 % of a wrong class and 3 % without a house number; the smallest townships have fewer enterprises than the design takes;
one list was typed with full-width digits.
"""

from __future__ import annotations

from collections.abc import Iterator

from survey_app.demo.chance import Chance
from survey_app.demo.county import DEFAULT_SEED, DemoCounty, DemoPsu, DemoTownship
from survey_app.demo.names import SIZE_CLASSES, STREETS, enterprise_names, person_names, phones

Row = tuple[str, ...]
HEADER = (
    *("乡镇代码", "乡镇", "类别", "编号", "名称", "村代码", "村", "小组代码", "小组"),
    *("子类", "电话", "地址", "顺序", "户数", "城乡分类代码", "备注"),
)
"""The last two are columns that Pingyi does not know and keeps; 顺序 (order) and 户数 (size) are empty in the sound frame."""

DELEGATES, ENTERPRISE, URBAN, RURAL = "代表委员", "企业经营者", "城镇居民", "农村居民"
VACANT, WRONG_CLASS = "空户", "城乡类别有误"
VACANT_SHARE, WRONG_CLASS_SHARE, NO_NUMBER_SHARE, TWO_LISTS_SHARE, BOTH_FRAMES_SHARE = 0.02, 0.005, 0.03, 0.03, 0.01
FEWEST_ENTERPRISES = (7, 8, 9)
FULL_WIDTH_TOWNSHIP = "359900200000"

_SUBGROUPS = {"party_delegate": "DB", "npc_deputy": "RD", "cppcc_member": "ZX"}
_FULL_WIDTH = {ord("0") + digit: ord("０") + digit for digit in range(10)}
_FIRST_STREET = 51  # group numbers of a seat village's streets, beyond those of its villager groups


def build_frame(county: DemoCounty, seed: int = DEFAULT_SEED) -> list[Row]:
    """
    Return the frame's rows, cells as in ``HEADER``: about 120,000 of them, by township, group and place.

    A township's rows depend on no other township's, but for the share of the county's deputies that a subdistrict has.
    """
    return [row for township in county.townships for row in township_rows(county, township, seed)]


def township_rows(county: DemoCounty, township: DemoTownship, seed: int = DEFAULT_SEED) -> list[Row]:
    """Return the rows of one township."""
    rows = list(_delegates(Chance(seed, "delegates", township.code), county, township))
    rows += _enterprises(Chance(seed, "enterprise", township.code), township, _enterprise_numbers(county, seed))
    urban = [row for psu in township.psus for row in _households(seed, township, psu, URBAN)]
    rural = [row for psu in township.psus for row in _households(seed, township, psu, RURAL)]
    return rows + urban + _also_urban(Chance(seed, "both", township.code), township, rural) + rural


def _delegates(chance: Chance, county: DemoCounty, township: DemoTownship) -> Iterator[Row]:
    kinds = [kind for kind, number in _delegate_numbers(chance, county, township).items() for _ in range(number)]
    names, numbers = person_names(chance, len(kinds)), phones(chance, len(kinds))
    first_deputy = kinds.index("npc_deputy")
    twice = max(1, round(TWO_LISTS_SHARE * len(kinds)))
    # Some of the deputies and members are people who stand among the Party delegates already.
    others = chance.some(len(kinds) - first_deputy, twice)
    for known, other in zip(chance.some(first_deputy, twice), others, strict=True):
        names[first_deputy + other], numbers[first_deputy + other] = names[known], numbers[known]
    homes = chance.below(len(township.psus), len(kinds)).tolist()
    for place, (kind, name, phone, home) in enumerate(zip(kinds, names, numbers, homes, strict=True), start=1):
        address = f"{township.name}{township.psus[home].name}"
        code = f"{_SUBGROUPS[kind]}{place:03}"
        yield _row(township, DELEGATES, code, name, subgroup=kind, phone=phone, address=address)


def _delegate_numbers(chance: Chance, county: DemoCounty, township: DemoTownship) -> dict[str, int]:
    """
    How many delegates of each kind.

    A town or township has its own congress with min(160, 45 + population / 1,500) deputies (Election Law, art. 12). A subdistrict has
    none and counts its share of the county's 140 + population / 5,000.
    """
    party = chance.between(50, 110)
    if township.kind == "subdistrict":
        deputies = round((140 + county.population / 5_000) * township.population / county.population)
        return {"party_delegate": party, "npc_deputy": deputies, "cppcc_member": chance.between(20, 40)}
    deputies = min(160, 45 + township.population // 1_500)
    return {"party_delegate": party, "npc_deputy": deputies, "cppcc_member": chance.between(2, 10)}


def _enterprise_numbers(county: DemoCounty, seed: int) -> dict[str, int]:
    """How many enterprises each township has: more where more people live, by and large; in the last three too few to draw ten."""
    chance = Chance(seed, "enterprises")
    drawn = sorted(chance.lognormals(35, 0.8, len(county.townships), low=7, high=400).astype(int).tolist())
    drawn[: len(FEWEST_ENTERPRISES)] = FEWEST_ENTERPRISES
    noise = chance.lognormals(1, 0.4, len(county.townships), low=0.2, high=5).tolist()
    weight = {t.code: t.population * factor for t, factor in zip(county.townships, noise, strict=True)}
    return dict(zip(sorted(weight, key=weight.__getitem__), drawn, strict=True))


def _enterprises(chance: Chance, township: DemoTownship, numbers_by_township: dict[str, int]) -> Iterator[Row]:
    number = numbers_by_township[township.code]
    classes = [SIZE_CLASSES[0 if share < 0.06 else 1 if share < 0.55 else 2] for share in chance.shares(number)]
    names, numbers = enterprise_names(chance, township.stem, classes), phones(chance, number)
    streets = chance.below(len(STREETS), number).tolist()
    for place, (name, phone, size, street) in enumerate(zip(names, numbers, classes, streets, strict=True), start=1):
        if township.code == FULL_WIDTH_TOWNSHIP:
            phone = phone.translate(_FULL_WIDTH)
        address = f"{township.name}{STREETS[street]}{2 * place - 1}号"
        yield _row(township, ENTERPRISE, f"QY{place:04}", name, subgroup=size, phone=phone, address=address)


def _households(seed: int, township: DemoTownship, psu: DemoPsu, group: str) -> list[Row]:
    """Return the households of a village or community that belong to the urban or the rural frame."""
    is_urban = group == URBAN
    sizes = (psu.group_sizes if psu.is_community == is_urban else ()) + (psu.street_sizes if is_urban else ())
    first = _FIRST_STREET if psu.street_sizes and is_urban else 1
    number = sum(sizes)
    if not number:
        return []
    chance = Chance(seed, group, psu.code)
    names = person_names(chance, number, clans=0 if is_urban else 3)
    numbers, states, unnumbered = phones(chance, number), chance.shares(number).tolist(), chance.shares(number).tolist()
    lead, code_lead = (township.code, township.name, group), psu.code[-3:]
    wrong_class = "220" if psu.urban_rural != "220" else "121"
    rows: list[Row] = []
    for team, size in enumerate(sizes, start=first):
        team_code, team_name, address = f"{team:02}", *_team(psu, team)
        for house in range(1, size + 1):
            place = len(rows)
            state, urban_rural, remark = states[place], psu.urban_rural, ""
            if state < VACANT_SHARE:
                numbers[place], remark = "", VACANT
            elif state < VACANT_SHARE + WRONG_CLASS_SHARE:
                urban_rural, remark = wrong_class, WRONG_CLASS
            where = address if unnumbered[place] < NO_NUMBER_SHARE else f"{address}{house}号"
            unit = (f"{code_lead}{team_code}{house:03}", names[place], psu.code, psu.name, team_code, team_name)
            rows.append((*lead, *unit, "", numbers[place], where, "", "", urban_rural, remark))
    return rows


def _team(psu: DemoPsu, team: int) -> tuple[str, str]:
    """Name of a villager group, neighbourhood or street, and the beginning of an address there."""
    if team >= _FIRST_STREET:
        street = STREETS[(team - _FIRST_STREET + int(psu.code[-6:-3])) % len(STREETS)]
        return street, f"{psu.name}{street}"
    if psu.is_community:
        street = STREETS[(team + int(psu.code[-3:])) % len(STREETS)]
        return f"第{team}网格", f"{psu.name}{street}{team}幢"
    return f"{team}组", f"{psu.name}{team}组"


def _also_urban(chance: Chance, township: DemoTownship, rural: list[Row]) -> list[Row]:
    """Return households of the first village that stand in the urban list too, since the town has grown around them."""
    beside = [row for row in rural if row[5] == township.villages[0].code]
    count = min(len(beside), round(BOTH_FRAMES_SHARE * len(rural)))
    return [(*beside[k][:2], URBAN, *beside[k][3:]) for k in chance.some(len(beside), count)]


def _row(township: DemoTownship, group: str, code: str, name: str, *, subgroup: str, phone: str, address: str) -> Row:
    """Return the row of a unit that belongs to no village."""
    return (
        *(township.code, township.name, group, code, name, "", "", "", ""),
        *(subgroup, phone, address, "", "", "", ""),
    )

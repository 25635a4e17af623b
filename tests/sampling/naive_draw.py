"""
A whole draw redone slowly, by somebody who read docs/method.md and nothing else.

``redo(rows, design, seed)`` takes the frame's rows in any order, the design as it stands in ``draw.json`` and the seed,
and gives what the three files must say: rows of ``frame.csv`` and ``sample.csv``, counts and shortfalls. It knows lists,
dicts, whole numbers and fractions; it imports nothing of the engine, sorts with Python's own sort and turns lists
round by hand. It is written to be read beside the pages that it follows; the sections stand at each function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from naive_methods import Selected, numbers, select

Row = dict[str, str]
KEYS = ("psu_code", "ssu_code", "subgroup", "unit_code")
FRAME = ("township_code", "group", "psu_code", "ssu_code", "subgroup", "unit_code", "order", "size")


class Refused(Exception):
    """Nothing can be drawn, and the design or the frame is to blame."""


# ---- 1.1 the list and its order


def in_order(rows: list[Row], group: dict[str, Any]) -> list[Row]:
    """One list; rows of whole PSUs and rows of units are two lists, and each stratum is turned round by itself."""
    if rows and rows[0].get("order"):
        return sorted(rows, key=lambda row: int(row["order"]))
    named = [text.partition(" ")[::2] for text in group["order_by"]]
    named += [(key, "") for key in KEYS if key not in [column for column, _ in named]]
    by = group.get("strata", {}).get("by")
    places: dict[int, list[tuple[int, int]]] = {id(row): [] for row in rows}
    for column, direction in named:
        texts = sorted({row.get(column, "") for row in rows})
        turned = _turned(rows, places, by) if direction == "serpentine" else set()
        for row in rows:
            rank = texts.index(row.get(column, ""))
            back = direction == "descending" or id(row) in turned
            # among rows of several strata, those of a turned run come first
            places[id(row)].append((0 if id(row) in turned else 1, -rank if back else rank))
    return sorted(rows, key=lambda row: places[id(row)])


def _turned(rows: list[Row], places: dict[int, list[tuple[int, int]]], by: str | None) -> set[int]:
    """The rows in every second run of what stands above, counted in each stratum."""
    found: set[int] = set()
    for stratum in {row.get(by, "") if by else "" for row in rows}:
        own = [row for row in rows if not by or row.get(by, "") == stratum]
        runs = sorted({tuple(places[id(row)]) for row in own})
        found |= {id(row) for row in own if runs.index(tuple(places[id(row)])) % 2 == 1}
    return found


# ---- 1.4 stages, strata and rates


def wanted(stage: dict[str, Any], listed: int, hits: int = 1) -> int:
    """n per hit; a rate gives its share to the nearest whole number, halves upwards, and at least 1."""
    if "rate" not in stage:
        return int(stage["n"]) * hits
    share = Fraction(stage["rate"]) * listed * hits
    return max(1, int(share + Fraction(1, 2)))


@dataclass
class Cluster:
    """A cluster: its code, its size measure, the stratum of its first row, its listed units."""

    code: str
    size: int
    stratum: str
    units: list[Row]


def clusters_of(stage: str, psu_rows: list[Row], units: list[Row], by: str) -> list[Cluster]:
    column = f"{stage}_code"
    rows = psu_rows if stage == "psu" and psu_rows else units
    found: dict[str, Cluster] = {}
    for row in rows:
        if row[column] not in found:
            own = [unit for unit in units if unit[column] == row[column]]
            size = int(row["size"]) if rows is psu_rows else len(own)
            found[row[column]] = Cluster(row[column], size, row.get(by, ""), own)
    return list(found.values())


def shares(group: dict[str, Any], total: int, strata: dict[str, tuple[int, int]]) -> dict[str, int]:
    """The sample of one township among its strata; ``strata`` has the size and the most of each."""
    design = group["strata"]

    def figure(name: str, code: str, otherwise: int) -> int:
        given = design.get(name, otherwise)
        return int(given.get(code, given.get("*", otherwise)) if isinstance(given, dict) else given)

    upper = {code: min(most, figure("maximum", code, most)) for code, (_, most) in strata.items()}
    lower = {code: min(figure("minimum", code, 0), most) for code, (_, most) in strata.items()}
    if any(lower[code] > upper[code] for code in strata):
        raise Refused("a minimum is above its maximum")
    total = min(total, sum(upper.values()))
    if sum(lower.values()) > total:
        raise Refused("the minima are more than the sample")
    weight = {
        code: Fraction(size if design["allocation"] == "proportional" else 1) for code, (size, _) in strata.items()
    }

    def clipped(scale: Fraction) -> dict[str, Fraction]:
        return {c: min(max(scale * weight[c], Fraction(lower[c])), Fraction(upper[c])) for c in strata}

    bends = sorted(
        {Fraction(bound[c]) / weight[c] for c in strata if weight[c] for bound in (lower, upper)} | {Fraction(0)}
    )
    real = clipped(bends[-1])
    for a, b in pairwise(bends):
        low, high = sum(clipped(a).values()), sum(clipped(b).values())
        if low <= total <= high:
            real = clipped(a if low == high else a + (b - a) * (total - low) / (high - low))
            break
    if sum(real.values()) != total:
        raise Refused("only strata without a weight are left")
    n = {code: int(share) for code, share in real.items()}
    position = list(strata)
    for code in sorted(strata, key=lambda c: (n[c] - real[c], -strata[c][0], position.index(c)))[
        : total - sum(n.values())
    ]:
        n[code] += 1
    return n


# ---- the whole


@dataclass
class Redo:
    """What the three files must say."""

    frame: list[Row] = field(default_factory=list)
    sample: list[Row] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)
    shortfalls: list[dict[str, Any]] = field(default_factory=list)


def redo(rows: list[Row], design: dict[str, Any], seed: str) -> Redo:
    result = Redo()
    groups = sorted(design["groups"], key=lambda group: group["group"])
    for township in sorted({row["township_code"] for row in rows}):
        for group in groups:
            own = [r for r in rows if r["township_code"] == township and r["group"] == group["group"]]
            own = listed_where_hit(own, township, group, seed)
            _Township(result, township, group, seed).draw(own)
    return result


def listed_where_hit(rows: list[Row], township: str, group: dict[str, Any], seed: str) -> list[Row]:
    """1.7 two steps: units listed in PSUs that were not hit play no part, not even in the order of the others."""
    if all(row["unit_code"] for row in rows):
        return rows
    first = _Township(Redo(), township, {**group, "too_short": "take_all"}, seed)
    first.draw([row for row in rows if not row["unit_code"]])
    hit = {psu["psu_code"] for psu in first.drawn}
    return [row for row in rows if not row["unit_code"] or row["psu_code"] in hit]


@dataclass
class _Township:
    """One list: the frame's rows of one township and group."""

    result: Redo
    township: str
    group: dict[str, Any]
    seed: str
    taken: list[tuple[Row, Row]] = field(default_factory=list)
    drawn: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    def draw(self, rows: list[Row]) -> None:
        psu_rows = in_order([row for row in rows if not row["unit_code"]], self.group)
        units = in_order([row for row in rows if row["unit_code"]], self.group)
        stages, by = self.group["stages"], self.group.get("strata", {}).get("by", "")
        self.count: dict[str, Any] = {
            "township_code": self.township,
            "group": self.group["group"],
            "listed": len(units),
        }
        if len(stages) == 1:
            self.strata([(unit, 1, unit.get(by, "")) for unit in units], self.one_stage)
        else:
            psus = clusters_of("psu", psu_rows, units, by)
            self.count |= {"psus": len(psus), "size": sum(psu.size for psu in psus), "drawn": self.drawn}
            self.strata([(psu, psu.size, psu.stratum) for psu in psus], self.first_stage)
        self.finish(psu_rows + units)

    def strata(self, elements: list[tuple[Any, int, str]], draw: Callable[[list[Any], int, list[str]], None]) -> None:
        """The first stage, in each stratum by itself."""
        stage, n = self.group["stages"][0], wanted(self.group["stages"][0], len(elements))
        if "strata" not in self.group:
            draw([element for element, _, _ in elements], n, [])
            return
        self.count["strata"] = []
        if not elements:
            draw([], wanted(stage, 0), [])
            return
        by_size = stage["method"].startswith("pps")
        repeats = by_size and stage.get("large") != "certainty" and stage["method"] != "pps_sampford"
        figures: dict[str, tuple[int, int]] = {}
        for code in sorted({stratum for _, _, stratum in elements}):
            sizes = [size for _, size, stratum in elements if stratum == code]
            most = sum(s > 0 for s in sizes) if by_size else len(sizes)
            if repeats:
                most = min(max(stage.get("n", 0), len(sizes)), sum(sizes))
            figures[code] = (sum(sizes) if by_size else len(sizes), most)
        for code, share in self.divided(stage, n, figures).items():
            own = [element for element, _, stratum in elements if stratum == code]
            self.count["strata"].append({"stratum": code, "listed": len(own), "size": figures[code][0], "n": share})
            draw(own, share, [code])

    def divided(self, stage: dict[str, Any], n: int, figures: dict[str, tuple[int, int]]) -> dict[str, int]:
        design = self.group["strata"]
        if design["allocation"] != "given":
            found = shares(self.group, n, figures)
            least = design.get("minimum", 0)
            least = least if isinstance(least, dict) else {"*": least}
            for code in sorted((set(least) - {"*"}) | set(figures)):
                asked, has = least.get(code, least.get("*", 0)), figures[code][1] if code in figures else 0
                if has < asked:
                    self.short(stage, [code], "main", asked, has)
                    n -= asked - has
            if sum(found.values()) < n:
                self.short(stage, [], "main", n, sum(found.values()))
            return found
        given = design["n"] if isinstance(design["n"], dict) else {"*": design["n"]}
        if set(figures) - set(given):
            raise Refused("a stratum has no size")
        for code in sorted(set(given) - set(figures)):
            if given[code]:
                self.short(stage, [code], "main", given[code], 0)
        return {code: given[code] for code in figures}

    def one_stage(self, units: list[Row], n: int, codes: list[str]) -> None:
        self.last_stage(units, n, codes, 1, [], "")

    def first_stage(self, psus: list[Cluster], n: int, codes: list[str]) -> None:
        stage, rest = self.group["stages"][0], self.group["stages"][1:]
        found = self.select(stage, [psu.size for psu in psus], n, codes)
        for psu, h, expected in zip(psus, found.hits, found.expected, strict=True):
            if not h:
                continue
            above = [*codes, psu.code]
            before = len(self.taken)
            entry = {"psu_code": psu.code, "size": psu.size, "hits": h, "listed": len(psu.units)}
            self.drawn.append(({"stratum": codes[0]} if codes else {}) | entry)
            if len(rest) == 1:
                self.last_stage(psu.units, wanted(rest[0], len(psu.units), h), above, h, [expected], str(h))
            else:
                self.second_stage(psu.units, above, h, [expected])
            self.drawn[-1]["main"] = sum(row["role"] == "main" for _, row in self.taken[before:])

    def second_stage(self, units: list[Row], codes: list[str], h: int, chain: list[Fraction]) -> None:
        stage, last = self.group["stages"][1:]
        ssus = clusters_of("ssu", [], units, "")
        found = self.select(stage, [ssu.size for ssu in ssus], wanted(stage, len(ssus), h), codes)
        for ssu, own, expected in zip(ssus, found.hits, found.expected, strict=True):
            if own:
                n = wanted(last, len(ssu.units), own)
                self.last_stage(ssu.units, n, [*codes, ssu.code], own, [*chain, expected / h], str(h))

    def select(self, stage: dict[str, Any], sizes: list[int], n: int, codes: list[str]) -> Selected:
        number = numbers(self.seed, self.township, self.group["group"], stage["stage"], codes, "main")
        found = select(stage, sizes, n, number)
        if sum(found.hits) < n:
            self.short(stage, codes, "main", n, sum(found.hits))
        return found

    def last_stage(
        self, units: list[Row], n: int, codes: list[str], h: int, chain: list[Fraction], psu_hits: str
    ) -> None:
        """Units of one list, 1.5 their reserves, 1.6 their probabilities."""
        stage, per_main = self.group["stages"][-1], self.group["reserves"]
        self.asked += n
        found = self.select(stage, [1] * len(units), n, codes)
        main = [unit for unit, hit in zip(units, found.hits, strict=True) if hit]
        left = [unit for unit, hit in zip(units, found.hits, strict=True) if not hit]
        spare, asked = min(per_main * len(main), len(left)), per_main * len(main)
        if spare < asked:
            self.short(stage, codes, "reserve", asked, spare)
        if not main:
            return
        pi_last = found.expected[0] / h
        figures = written([*chain, pi_last]) | {"hits": psu_hits}
        self.taken += [(unit, figures | {"role": "main", "reserve_for": ""}) for unit in main]
        if spare:
            number = numbers(self.seed, self.township, self.group["group"], "unit", codes, "reserve")
            r = 0 if spare == len(left) else number(0, len(left))
            for t in range(spare):
                for_main = main[t // per_main]["unit_code"]
                unit = left[(r + t * len(left)) // spare]
                self.taken.append((unit, figures | {"role": "reserve", "reserve_for": for_main}))

    def short(self, stage: dict[str, Any], codes: list[str], take: str, n: int, taken: int) -> None:
        """Note a shortfall, or refuse."""
        if take == "main" and self.group.get("too_short") == "refuse":
            raise Refused("the list is too short")
        place = {"township_code": self.township, "group": self.group["group"], "stage": stage["stage"]}
        more = {"cluster_code": "/".join(codes), "take": take, "wanted": n, "taken": taken}
        self.result.shortfalls.append(place | more)

    def finish(self, rows: list[Row]) -> None:
        """1.8 the counts, and the rows of both tables."""
        self.result.frame += [{column: row.get(column, "") for column in FRAME} for row in rows]
        place = {id(row): k for k, row in enumerate(rows)}
        ordered = sorted(self.taken, key=lambda pair: (pair[1]["role"], place[id(pair[0])]))
        roles = [own["role"] for _, own in ordered]
        for k, (unit, own) in enumerate(ordered):
            codes = {column: unit.get(column, "") for column in (*FRAME[:4], "unit_code")}
            self.result.sample.append(codes | own | {"sequence": str(roles[: k + 1].count(own["role"]))})
        sizes = [stage.get("n") for stage in self.group["stages"]]
        product = 1
        for size in sizes:
            product *= size or 0
        self.count |= {"wanted": product or self.asked, "main": roles.count("main"), "reserve": roles.count("reserve")}
        self.result.counts.append(self.count)


def written(chain: list[Fraction]) -> Row:
    """pi_1, pi_2, pi_3, pi and weight as text, each rounded once."""
    pi = Fraction(1)
    for expected in chain:
        pi *= expected
    stages = [text(value) for value in chain] if len(chain) > 1 else []
    stages += [""] * (3 - len(stages))
    return dict(zip(("pi_1", "pi_2", "pi_3", "pi", "weight"), [*stages, text(pi), text(1 / pi)], strict=True))


def text(value: Fraction) -> str:
    """The shortest decimal that reads back to the same double; exponents as in JavaScript, from 1e-7 down."""
    shortest = Decimal(repr(value.numerator / value.denominator)).normalize()
    if shortest.adjusted() >= -6:
        return format(shortest, "f")
    digits = "".join(map(str, shortest.as_tuple().digits))
    return f"{digits[0]}{'.' if len(digits) > 1 else ''}{digits[1:]}e{shortest.adjusted()}"

"""
The record of a draw, ``draw.json``.

count_lists         its ``counts``
shortfall_entries   its ``shortfalls``
build_record        the whole, with hashes and fingerprint
fingerprint         SHA-256 of a record without that member
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sampling.canonical import canonical, joined
from sampling.designs.design import Design
from sampling.selection.group_draw import DrawnPsu, GroupDraw, GroupSource, Stratum
from sampling.starts import PROTOCOL


def build_record(
    engine: str,
    design: Design,
    seed: str,
    *,
    frame_csv: bytes | str,
    sample_csv: bytes | str,
    counts: list[dict[str, Any]] | bytes,
    shortfalls: list[dict[str, Any]] | bytes,
) -> tuple[dict[str, Any], bytes]:
    """
    The record of a draw, and its canonical form (RFC 8785).

    Parameters
    ----------
    frame_csv, sample_csv : bytes or str
        The files, or their SHA-256 in hexadecimal.
    counts, shortfalls : list of dict, or bytes
        The entries, or their canonical form, which may be all that is kept of a whole country.
    """
    record: dict[str, Any] = {
        "protocol": PROTOCOL,
        "engine": engine,
        "design": design.to_json(),
        "seed": seed,
        "frame_sha256": _hash(frame_csv),
        "sample_sha256": _hash(sample_csv),
        "counts": counts,
        "shortfalls": shortfalls,
    }
    members = {key: value if isinstance(value, bytes) else canonical(value) for key, value in record.items()}
    record["fingerprint"] = hashlib.sha256(joined(members)).hexdigest()
    return record, joined(members | {"fingerprint": canonical(record["fingerprint"])})


def fingerprint(record: dict[str, Any]) -> str:
    """SHA-256 of a record of ``draw.json`` without its member ``fingerprint``, in canonical form."""
    return hashlib.sha256(canonical({k: v for k, v in record.items() if k != "fingerprint"})).hexdigest()


def count_lists(
    design: Design, townships: list[str], sources: Mapping[str, GroupSource], drawn: Mapping[str, GroupDraw]
) -> list[dict[str, Any]]:
    """``counts``: one entry for each township and group of the design, by township code, then group code."""
    by_group = {code: _group_counts(design, code, townships, sources[code], drawn[code]) for code in sorted(drawn)}
    return [by_group[code][k] for k in range(len(townships)) for code in by_group]


def shortfall_entries(townships: list[str], drawn: Mapping[str, GroupDraw]) -> list[dict[str, Any]]:
    """``shortfalls``, by township, group, and the order of selection."""
    entries = []
    for order, (code, found) in enumerate(sorted(drawn.items())):
        for number, shortfall in enumerate(found.shortfalls):
            entry = {
                "township_code": townships[shortfall.path.township],
                "group": code,
                "stage": shortfall.stage,
                "cluster_code": shortfall.path.cluster_code,
                "take": shortfall.take,
                "wanted": shortfall.wanted,
                "taken": shortfall.taken,
            }
            entries.append(((shortfall.path.township, order, number), entry))
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]


def main_per_psu(drawn: GroupDraw) -> list[int]:
    """How many main units were taken from each PSU that was hit."""
    psus = np.array([path.psu for path in drawn.takes], dtype=np.int64)
    if not len(drawn.drawn):
        return []
    found: list[int] = np.bincount(psus[drawn.main_list], minlength=len(drawn.drawn)).tolist()
    return found


def _hash(content: bytes | str) -> str:
    return content if isinstance(content, str) else hashlib.sha256(content).hexdigest()


def _group_counts(
    design: Design, code: str, townships: list[str], source: GroupSource, drawn: GroupDraw
) -> list[dict[str, Any]]:
    group = design.by_group[code]
    lists = np.array([path.township for path in drawn.takes], dtype=np.int64)
    main_of = lists[drawn.main_list]
    main = np.bincount(main_of, minlength=len(townships)).tolist()
    reserve = np.bincount(main_of[drawn.reserve_main], minlength=len(townships)).tolist()
    listed, wanted = source.units.size.tolist(), drawn.wanted.tolist()
    psus, sizes = drawn.psus.tolist(), drawn.size.tolist()
    two_step = source.psu_rows.size.tolist()
    hit, strata = _hit_by_township(drawn), _by_township(drawn.strata)
    counts = []
    for k, township_code in enumerate(townships):
        count: dict[str, Any] = {
            "township_code": township_code,
            "group": code,
            "listed": listed[k],
            "wanted": wanted[k],
            "main": main[k],
            "reserve": reserve[k],
        }
        if group.strata is not None:
            count["strata"] = [_stratum_entry(stratum) for stratum in strata[k]]
        if group.staged:
            count |= {"psus": psus[k], "size": sizes[k], "drawn": hit[k]}
            if two_step[k]:
                count["listed"] = sum(psu["listed"] for psu in hit[k])
        counts.append(count)
    return counts


def _hit_by_township(drawn: GroupDraw) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for psu, main in zip(drawn.drawn, main_per_psu(drawn), strict=True):
        found[psu.path.township].append(_psu_entry(psu, main))
    return found


def _by_township(strata: Iterable[Stratum]) -> dict[int, list[Stratum]]:
    found: dict[int, list[Stratum]] = defaultdict(list)
    for stratum in strata:
        found[stratum.path.township].append(stratum)
    return found


def _psu_entry(psu: DrawnPsu, main: int) -> dict[str, Any]:
    entry = {"psu_code": psu.psu_code, "size": psu.size, "hits": psu.hits, "listed": psu.listed, "main": main}
    return entry if len(psu.path.codes) == 1 else {"stratum": psu.path.codes[0], **entry}


def _stratum_entry(stratum: Stratum) -> dict[str, Any]:
    return {"stratum": stratum.path.codes[0], "listed": stratum.listed, "size": stratum.size, "n": stratum.n}

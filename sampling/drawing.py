"""
The draw: a sample from a frame, by a design and a seed, that anyone can redo.

draw(frame, design, seed)   → Draw: the sample, its counts and shortfalls, the three files as bytes
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import rfc8785
from numpy.typing import NDArray

from sampling.design import Design, GroupDesign
from sampling.errors import DesignError, Fault
from sampling.figures import figure
from sampling.frame import Frame, csv_bytes, list_bounds
from sampling.probabilities import Chain
from sampling.seed import check_seed
from sampling.selection import ListDraw, ListSource, Taken, select_list
from sampling.starts import PROTOCOL

ENGINE = "0.1.0"
"""The engine's version as it stands in ``draw.json``; the version of the project."""

SAMPLE_COLUMNS = (
    *("township_code", "group", "psu_code", "ssu_code", "unit_code", "role", "sequence", "reserve_for", "hits"),
    *("pi_1", "pi_2", "pi_3", "pi", "weight"),
)
PSU_COLUMNS = ("township_code", "group", "psu_code", "size", "hits", "pi_1", "listed", "main")
_FIGURES = ("pi_1", "pi_2", "pi_3", "pi", "weight")


@dataclass(frozen=True, eq=False)
class Draw:
    """
    A draw and its proof.

    Attributes
    ----------
    sample : DataFrame
        The columns of ``sample.csv``, one row per main or reserve unit; its index is the row in ``frame.table``, so
        that ``frame.table.loc[sample.index]`` gives names and addresses. ``hits`` and the probabilities are missing
        where the file has an empty cell.
    psus : DataFrame
        The PSUs that were hit (township_code, group, psu_code, size, hits, pi_1, listed, main): those to be listed,
        in a two-step draw whose households are not known yet.
    counts, shortfalls : list of dict
        As in ``draw.json``.
    frame_csv, sample_csv, draw_json : bytes
        The three files.
    warnings : tuple of Fault
        What should be known about this draw.
    """

    frame: Frame
    design: Design
    seed: str
    sample: pd.DataFrame
    psus: pd.DataFrame
    counts: list[dict[str, Any]]
    shortfalls: list[dict[str, Any]]
    frame_csv: bytes
    sample_csv: bytes
    draw_json: bytes
    frame_sha256: str
    sample_sha256: str
    fingerprint: str
    warnings: tuple[Fault, ...] = ()


def draw(frame: Frame, design: Design, seed: str, *, progress: Callable[[int, int], None] | None = None) -> Draw:
    """
    Draw a sample.

    Parameters
    ----------
    frame : Frame
        Read with the same design.
    design : Design
    seed : str
        Non-empty text without ``|`` and control characters, used as given.
    progress : callable, optional
        Called as ``progress(done, total)`` after each township's group.

    Returns
    -------
    Draw

    Raises
    ------
    SeedError
        If the seed cannot be used.
    DesignError
        If the frame was read with another design: its order and its checks are those of a design.
    """
    check_seed(seed)
    if frame.design != design:
        raise DesignError(
            f"The frame was checked for the design {frame.design.name!r}, expected {design.name!r} as asked now; "
            "read the frame again with this design.",
            f"抽样框是按设计“{frame.design.name}”检查的，应与现在的设计“{design.name}”一致；请用该设计重新读入抽样框。",
        )
    sources = _sources(frame)
    total = len(sources) * len(design.groups)
    drawn: list[tuple[str, GroupDesign, ListSource, ListDraw]] = []
    for township_code, lists in sources.items():
        for group in sorted(design.groups, key=lambda group: group.group):
            source = lists.get(group.group) or _empty_source(frame, township_code)
            drawn.append((township_code, group, source, select_list(source, group, seed)))
            if progress is not None:
                progress(len(drawn), total)
    return _assemble(frame, design, seed, drawn)


def fingerprint(record: dict[str, Any]) -> str:
    """SHA-256 of a record of ``draw.json`` without its member ``fingerprint``, in canonical form."""
    return hashlib.sha256(rfc8785.dumps({k: v for k, v in record.items() if k != "fingerprint"})).hexdigest()


def _sources(frame: Frame) -> dict[str, dict[str, ListSource]]:
    """The lists of the frame by township and group, in the order of ``frame.csv``."""
    coded = frame.coded
    sizes = coded["size"].numbers(lambda text: int(text) if text else None)
    is_unit = coded["unit_code"].given
    sources: dict[str, dict[str, ListSource]] = {}
    for first, end in list_bounds(coded):
        rows = np.arange(first, end, dtype=np.int64)
        code = coded["township_code"][first]
        sources.setdefault(code, {})[coded["group"][first]] = ListSource(
            township_code=code,
            psu_rows=rows[~is_unit[first:end]],
            unit_rows=rows[is_unit[first:end]],
            clusters={"psu": coded["psu_code"], "ssu": coded["ssu_code"]},
            sizes=sizes,
        )
    return sources


def _empty_source(frame: Frame, township_code: str) -> ListSource:
    """The list of a group that a township has no rows of."""
    nothing = np.zeros(0, dtype=np.int64)
    return ListSource(
        township_code, nothing, nothing, {"psu": frame.coded["psu_code"], "ssu": frame.coded["ssu_code"]}, nothing
    )


def _assemble(
    frame: Frame, design: Design, seed: str, drawn: list[tuple[str, GroupDesign, ListSource, ListDraw]]
) -> Draw:
    """Put the lists' draws together into tables, files and the record."""
    rows = [row for _, _, _, result in drawn for row in _sample_rows(frame, result)]
    sample_csv = csv_bytes(SAMPLE_COLUMNS, (row[1:] for row in rows))
    kept, warnings = _official_rows(frame, drawn)
    frame_csv = frame.official_csv(kept)
    counts = [_count(township_code, group, source, result) for township_code, group, source, result in drawn]
    shortfalls = [
        {"township_code": township_code, "group": group.group, **vars(shortfall)}
        for township_code, group, _, result in drawn
        for shortfall in result.shortfalls
    ]
    record: dict[str, Any] = {
        "protocol": PROTOCOL,
        "engine": ENGINE,
        "design": design.to_json(),
        "seed": seed,
        "frame_sha256": hashlib.sha256(frame_csv).hexdigest(),
        "sample_sha256": hashlib.sha256(sample_csv).hexdigest(),
        "counts": counts,
        "shortfalls": shortfalls,
    }
    record["fingerprint"] = fingerprint(record)
    return Draw(
        frame=frame,
        design=design,
        seed=seed,
        sample=_sample_table(rows),
        psus=_psu_table(drawn),
        counts=counts,
        shortfalls=shortfalls,
        frame_csv=frame_csv,
        sample_csv=sample_csv,
        draw_json=rfc8785.dumps(record),
        frame_sha256=record["frame_sha256"],
        sample_sha256=record["sample_sha256"],
        fingerprint=record["fingerprint"],
        warnings=warnings,
    )


def _sample_rows(frame: Frame, result: ListDraw) -> Iterator[tuple[Any, ...]]:
    """Rows of ``sample.csv`` as text, each led by its row in the frame: main before reserve, in list order."""
    for role in ("main", "reserve"):
        found = sorted(_of_role(result.taken, role), key=lambda unit: unit[0])
        for sequence, (row, main_row, hits, figures) in enumerate(found, start=1):
            coded = frame.coded
            yield (
                row,
                coded["township_code"][row],
                coded["group"][row],
                coded["psu_code"][row],
                coded["ssu_code"][row],
                coded["unit_code"][row],
                role,
                str(sequence),
                "" if main_row is None else coded["unit_code"][main_row],
                "" if hits is None else str(hits),
                *figures,
            )


def _of_role(takes: list[Taken], role: str) -> Iterator[tuple[int, int | None, int | None, tuple[str, ...]]]:
    """Frame row, main unit's row, hits and figures of each unit of one role; a reserve has its main unit's figures."""
    for take in takes:
        figures = _chain_figures(take.chain)
        if role == "main":
            yield from ((row, None, take.hits, figures) for row in take.main.tolist())
        else:
            pairs = zip(take.reserve.tolist(), take.reserve_for.tolist(), strict=True)
            yield from ((row, main_row, take.hits, figures) for row, main_row in pairs)


def _chain_figures(chain: Chain) -> tuple[str, ...]:
    """pi_1, pi_2, pi_3, pi and weight as text, each rounded once."""
    stages = tuple("" if probability is None else figure(probability) for probability in chain.columns)
    return (*stages, figure(chain.product), figure(1 / chain.product))


def _official_rows(
    frame: Frame, drawn: list[tuple[str, GroupDesign, ListSource, ListDraw]]
) -> tuple[NDArray[np.int64] | None, tuple[Fault, ...]]:
    """The rows of ``frame.csv``: all, but of a two-step group only the units listed in the PSUs that were hit."""
    keep = np.ones(len(frame.table), dtype=bool)
    for _, _, source, result in drawn:
        if len(source.psu_rows) and len(source.unit_rows):
            hit = {psu.psu_code for psu in result.drawn}
            psus = source.clusters["psu"]
            codes = [code for code, text in enumerate(psus.texts) if text in hit]
            keep[source.unit_rows] = np.isin(psus.codes[source.unit_rows], codes)
    left_out = int((~keep).sum())
    if not left_out:
        return None, ()
    warning = Fault(
        f"{left_out} units are listed in PSUs that have a size of their own and were not drawn; they are left out of "
        "frame.csv, so its hash is not that of the whole frame.",
        f"有 {left_out} 个单元列在有规模行而未被抽中的初级单元中；它们不写入 frame.csv，因此其哈希值与整个抽样框的不同。",
    )
    return np.flatnonzero(keep), (warning,)


def _count(township_code: str, group: GroupDesign, source: ListSource, result: ListDraw) -> dict[str, Any]:
    """One entry of ``counts``."""
    count: dict[str, Any] = {
        "township_code": township_code,
        "group": group.group,
        "listed": len(source.unit_rows),
        "wanted": group.sample_size,
        "main": sum(len(take.main) for take in result.taken),
        "reserve": sum(len(take.reserve) for take in result.taken),
    }
    if group.staged:
        count |= {"psus": result.psus, "size": result.size, "drawn": [psu.to_json() for psu in result.drawn]}
        if len(source.psu_rows):
            count["listed"] = sum(psu.listed for psu in result.drawn)
    return count


def _sample_table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The sample with numbers as numbers."""
    table = pd.DataFrame.from_records(rows, columns=["row", *SAMPLE_COLUMNS]).astype(object)
    table["row"] = table["row"].astype("int64")
    table["sequence"] = table["sequence"].astype("int64")
    table["hits"] = table["hits"].replace("", None).astype("Int64")
    for column in _FIGURES:
        table[column] = pd.to_numeric(table[column].replace("", None)).astype("float64")
    return table.set_index("row")


def _psu_table(drawn: list[tuple[str, GroupDesign, ListSource, ListDraw]]) -> pd.DataFrame:
    """The PSUs that were hit."""
    rows = []
    for township_code, group, _, result in drawn:
        for psu in result.drawn:
            figures = psu.psu_code, psu.size, psu.hits, float(psu.chance), psu.listed, psu.main
            rows.append((township_code, group.group, *figures))
    return pd.DataFrame.from_records(rows, columns=list(PSU_COLUMNS))

"""
The draw: a sample from a frame, by a design and a seed, that anyone can redo.

draw(frame, design, seed)   → Draw: the sample, its counts and shortfalls, the three files as bytes
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.designs.design import Design
from sampling.designs.design_groups import GroupDesign
from sampling.draws.recording import build_record, count_lists, shortfall_entries
from sampling.draws.sample import SampleTable, sample_table
from sampling.errors import DesignError, Fault, ShortfallError
from sampling.frames.frame import Frame, build_frame
from sampling.frames.tables import from_frame
from sampling.seed import check_seed
from sampling.selection.design_checks import refuse_unsound_strata
from sampling.selection.group_draw import GroupDraw, GroupSource, Shortfall
from sampling.selection.selection import select_group
from sampling.selection.sources import group_sources

ENGINE = "0.1.0"
"""The engine's version as it stands in ``draw.json``; the version of the project."""

PSU_COLUMNS = ("township_code", "group", "psu_code", "size", "hits", "pi_1", "listed", "main")

Ints = NDArray[np.int64]


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


@dataclass(frozen=True, eq=False)
class Selected:
    """
    What was selected, before it is written.

    Attributes
    ----------
    sources, drawn : dict
        By group code, in the order of codes.
    """

    townships: list[str]
    sources: dict[str, GroupSource]
    drawn: dict[str, GroupDraw]


@dataclass(frozen=True, eq=False)
class WorkedOut:
    """
    What the files of a draw are written from.

    Attributes
    ----------
    frame : Frame
        The frame to whose rows all else refers: the one that was given, or what was left of it.
    kept : ndarray of int64 or None
        The rows of ``frame.csv``; None where they are all.
    left_out : int
        Units listed in PSUs that were not hit, of two-step groups.
    origin : ndarray of int64 or None
        The row in the frame that was given of each row of ``frame``; None where it is the same.
    """

    frame: Frame
    selected: Selected
    table: SampleTable
    kept: Ints | None
    left_out: int
    counts: list[dict[str, Any]]
    shortfalls: list[dict[str, Any]]
    origin: Ints | None = None

    def sample(self) -> pd.DataFrame:
        """The sample, by row of the frame that was given."""
        found = self.table.frame()
        if self.origin is None:
            return found
        return found.set_axis(pd.Index(self.origin[found.index.to_numpy()], name="row"))


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
        Called as ``progress(done, total)`` after each group, where each township of it counts as one.

    Returns
    -------
    Draw

    Raises
    ------
    SeedError
        If the seed cannot be used.
    DesignError
        If the frame was read with another design: its order and its checks are those of a design.
    AllocationError
        If a township's sample cannot be divided among its strata as the design asks.
    ShortfallError
        If a list is too short and the design says that nothing is drawn then.
    """
    found = work_out(frame, design, seed, progress=progress)
    frame_csv, sample_csv = found.frame.official_csv(found.kept), found.table.csv()
    record, draw_json = build_record(
        ENGINE,
        design,
        seed,
        frame_csv=frame_csv,
        sample_csv=sample_csv,
        counts=found.counts,
        shortfalls=found.shortfalls,
    )
    return Draw(
        frame=frame,
        design=design,
        seed=seed,
        sample=found.sample(),
        psus=_psu_table(found.selected, found.table),
        counts=found.counts,
        shortfalls=found.shortfalls,
        frame_csv=frame_csv,
        sample_csv=sample_csv,
        draw_json=draw_json,
        frame_sha256=record["frame_sha256"],
        sample_sha256=record["sample_sha256"],
        fingerprint=record["fingerprint"],
        warnings=left_out_warnings(found.left_out),
    )


def work_out(
    frame: Frame, design: Design, seed: str, *, progress: Callable[[int, int], None] | None = None
) -> WorkedOut:
    """
    All that the files of a draw are written from, of a frame or of some of its townships.

    Raises
    ------
    SeedError, DesignError, AllocationError, ShortfallError
        As ``draw``.
    """
    selected = select(frame, design, seed, progress=progress)
    _refuse_shortfalls(design, selected)
    kept = _official_rows(frame, selected)
    if kept is not None and _turns_round(design):
        return _worked_out_from(frame, kept, design, seed)
    return WorkedOut(
        frame=frame,
        selected=selected,
        table=sample_table(frame.coded, selected.drawn),
        kept=kept,
        left_out=0 if kept is None else len(frame) - len(kept),
        counts=count_lists(design, selected.townships, selected.sources, selected.drawn),
        shortfalls=shortfall_entries(selected.townships, selected.drawn),
    )


def select(frame: Frame, design: Design, seed: str, *, progress: Callable[[int, int], None] | None = None) -> Selected:
    """
    The selection alone, without tables, files and record.

    Raises
    ------
    SeedError, DesignError, AllocationError
        As ``draw``.
    """
    check_seed(seed)
    if frame.design != design:
        raise DesignError(
            f"The frame was checked for the design {frame.design.name!r}, expected {design.name!r} as asked now; "
            "read the frame again with this design.",
            f"抽样框是按设计“{frame.design.name}”检查的，应与现在的设计“{design.name}”一致；请用该设计重新读入抽样框。",
        )
    townships, sources = group_sources(frame, design)
    refuse_unsound_strata(design, townships, sources)
    drawn: dict[str, GroupDraw] = {}
    for code, group in sorted(design.by_group.items()):
        with _no_collection():
            drawn[code] = select_group(sources[code], group, seed)
        if progress is not None:
            progress(len(drawn) * len(townships), len(design.groups) * len(townships))
    return Selected(townships, sources, drawn)


@contextmanager
def _no_collection() -> Iterator[None]:
    """
    Keep the garbage collector still while many small values are made, none of which is garbage.

    It would walk through every list of the frame again and again, which takes a third of a large selection's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refuse_shortfalls(design: Design, selected: Selected) -> None:
    for code, drawn in selected.drawn.items():
        group = design.by_group[code]
        short = [shortfall for shortfall in drawn.shortfalls if shortfall.take == "main"]
        if group.too_short == "refuse" and short:
            raise _too_short(group, selected.townships[short[0].path.township], short[0])


def _too_short(group: GroupDesign, township_code: str, short: Shortfall) -> ShortfallError:
    place = f", {short.path.cluster_code}" if short.path.codes else ""
    place_zh = f"（{short.path.cluster_code}）" if short.path.codes else ""
    has = ("the list has", "名单只有")
    if group.strata is not None and not short.path.codes and group.strata.maximum:
        has = ("its strata can give, within their maxima,", "各层在其上限之内只能给出")
    return ShortfallError(
        f"{township_code}, {group.group}{place}: the design wants {short.wanted}, {has[0]} {short.taken}, and the design "
        "says that nothing is drawn then; complete the list, or choose too_short: take_all.",
        f"{township_code} 的“{group.label.zh}”{place_zh}：设计需抽 {short.wanted} 个，{has[1]} {short.taken} 个，"
        "而设计规定此时不抽样；请补全名单，或改用 too_short: take_all。",
    )


def _official_rows(frame: Frame, selected: Selected) -> Ints | None:
    """The rows of ``frame.csv``: all, but of a two-step group only the units listed in the PSUs that were hit."""
    two_step = {code: source for code, source in selected.sources.items() if source.psu_rows.size.any()}
    if not two_step:
        return None
    keep = np.ones(len(frame), dtype=bool)
    for code, source in two_step.items():
        for k in np.flatnonzero(source.psu_rows.size).tolist():
            first, size = int(source.units.first[k]), int(source.units.size[k])
            hit = {psu.psu_code for psu in selected.drawn[code].drawn if psu.path.township == k}
            psus = source.columns["psu_code"]
            known = [number for number, text in enumerate(psus.texts) if text in hit]
            keep[first : first + size] = np.isin(psus.codes[first : first + size], known)
    return None if keep.all() else np.flatnonzero(keep)


def left_out_warnings(left_out: int) -> tuple[Fault, ...]:
    """What to say of units that are not in ``frame.csv``."""
    if not left_out:
        return ()
    warning = Fault(
        f"{left_out} units are listed in PSUs that have a size of their own and were not drawn; they are left out of "
        "frame.csv, so its hash is not that of the whole frame.",
        f"有 {left_out} 个单元列在有规模行而未被抽中的初级单元中；它们不写入 frame.csv，因此其哈希值与整个抽样框的不同。",
    )
    return (warning,)


def _turns_round(design: Design) -> bool:
    """Whether rows left out could change the order of the others, since runs are counted."""
    return any(key.direction == "serpentine" for group in design.groups for key in group.order_keys)


def _worked_out_from(frame: Frame, kept: Ints, design: Design, seed: str) -> WorkedOut:
    """The same from those rows of ``frame.csv`` alone: the same PSUs are hit, and what is left out turns nothing round."""
    left = build_frame(from_frame(frame.table.iloc[kept], ""), design=design, contacts=False)
    found = work_out(left, design, seed)
    return replace(found, left_out=len(frame) - len(kept), origin=kept[left.order])


def _psu_table(selected: Selected, table: SampleTable) -> pd.DataFrame:
    """The PSUs that were hit, by township, group and list order."""
    rows = []
    for order, (group, drawn) in enumerate(selected.drawn.items()):
        for psu, main in zip(drawn.drawn, table.main_per_psu[group], strict=True):
            figures = psu.psu_code, psu.size, psu.hits, float(psu.chance), psu.listed, main
            rows.append(((psu.path.township, order), (selected.townships[psu.path.township], group, *figures)))
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame.from_records([row for _, row in rows], columns=list(PSU_COLUMNS))

"""
Draws in two steps (两步抽样): PSUs first, households once they are listed.

psu_frame(frame)                      the frame reduced to one row per PSU, for the first draw
named_draw(folder, frame)             a written draw with names again, for its listing sheets
with_listings(table, listings)        the first frame with the listed households, for the second draw
verify_continuation(second, first)    proves that the second draw continues the first
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sampling.designs.design import Design
from sampling.draws.comparing import compare_members
from sampling.draws.drawing import Draw, draw
from sampling.draws.proof import Verification, read_official_frame, verify_draw
from sampling.errors import ProofError, SamplingError
from sampling.frames.columns import CANONICAL, OFFICIAL
from sampling.frames.frame import Frame, read_frame

if TYPE_CHECKING:
    from sampling.fieldwork.listing_reading import Listings

_LIST = ["township_code", "group"]
_PSU = [*_LIST, "psu_code"]
_KEY = [*_PSU, "unit_code"]
_KEPT_OF_A_PSU = {*_PSU, "township", "psu", "order", "size"}
Row = tuple[str, ...]


@dataclass(frozen=True)
class Continuation:
    """
    What was found to hold of two draws.

    Attributes
    ----------
    first, second : Verification
        Each draw by itself.
    psus : int
        PSUs that were hit, in groups with PSU rows; the same in both.
    listed_psus, listed_units : int
        How many of them were listed between the two, with how many units.
    """

    first: Verification
    second: Verification
    psus: int
    listed_psus: int
    listed_units: int


def psu_frame(frame: Frame) -> pd.DataFrame:
    """
    The frame of a first step: one row per PSU in every group drawn in stages, all else as it is.

    Parameters
    ----------
    frame : Frame
        Groups drawn in stages may list units, or have PSU rows already.

    Returns
    -------
    DataFrame of str
        The columns of ``frame.table``, ready for ``read_frame``. A PSU without a row of its own gets one with
        ``size`` = number of its listed units; units of such groups are left out, with their names.

    Notes
    -----
    Clusters stand in the order of their first unit; where that is not the order of their codes, the rows get an
    ``order``. So the draw from this frame hits the same PSUs as the draw from the whole frame with the same seed.

    Examples
    --------
    >>> from sampling import load_design, read_frame
    >>> row = {"township_code": "359900201000", "township": "演示乡", "group": "rural", "psu": "村"}
    >>> rows = [row | {"psu_code": f"35990020120{k % 3}", "psu": f"村{k % 3}", "unit_code": str(k)} for k in range(8)]
    >>> reduced = psu_frame(read_frame(pd.DataFrame(rows), design=load_design("teaching")))
    >>> reduced[["psu_code", "unit_code", "size"]].to_numpy().tolist()
    [['359900201200', '', '3'], ['359900201201', '', '3'], ['359900201202', '', '2']]
    """
    table = frame.table
    staged = table["group"].isin([group.group for group in frame.design.groups if group.staged])
    units = staged & (table["unit_code"] != "")
    with_psu_rows = _lists(table).isin(set(_lists(table[staged & ~units])))
    listed = table[units & ~with_psu_rows]
    rows = listed.drop_duplicates(_PSU).copy()
    rows["size"] = listed.groupby(_PSU, sort=False).size().astype(str).to_numpy(dtype=object)
    rows[[column for column in table.columns if column not in _KEPT_OF_A_PSU]] = ""
    for _, own in rows.groupby(_LIST, sort=False):
        if (own["order"] == "").all() and not own["psu_code"].is_monotonic_increasing:
            rows.loc[own.index, "order"] = [str(number) for number in range(1, len(own) + 1)]
    return pd.concat([table[~units], rows], ignore_index=True)


def named_draw(
    folder: str | Path,
    frame: pd.DataFrame | str | Path | bytes,
    *,
    progress: Callable[[int, int], None] | None = None,
    max_bytes: int | None = None,
) -> Draw:
    """
    A draw from its folder, with names, addresses and phones from the frame that it was drawn from.

    Parameters
    ----------
    folder : path
        Of a draw; it is verified first.
    frame : path, bytes or DataFrame
        A frame that has all rows of the draw's ``frame.csv``, or at least units of each of its PSUs; it may have
        more, and need not have been reduced to PSU rows.
    max_bytes : int, optional
        As in ``read_frame``.

    Returns
    -------
    Draw
        With the folder's own record and fingerprint.

    Raises
    ------
    ProofError
        If the folder's draw is not proven.
    FrameError
        If the frame is bad.
    SamplingError
        If the frame lacks a row of the draw.
    """
    verify_draw(folder, progress=progress)
    contents = {name: (Path(folder) / name).read_bytes() for name in ("draw.json", "frame.csv")}
    record = json.loads(contents["draw.json"])
    design = Design.from_json(record["design"])
    named = read_frame(frame, design=design, max_bytes=max_bytes).table
    official = read_official_frame(contents["frame.csv"], design=design).table[list(OFFICIAL)]
    table = _with_names(official, named, folder)
    redo = draw(read_frame(table, design=design), design, record["seed"])
    compare_members(redo.frame_sha256, record["frame_sha256"], "frame_sha256")
    compare_members(redo.sample_sha256, record["sample_sha256"], "sample_sha256")
    # an engine of another version writes another fingerprint; sheets carry the one that was published
    return dataclasses.replace(redo, draw_json=contents["draw.json"], fingerprint=record["fingerprint"])


def with_listings(frame_table: pd.DataFrame, listings: Listings) -> pd.DataFrame:
    """
    The first frame with the listed households: all its rows as they are, the households below.

    Parameters
    ----------
    frame_table : DataFrame of str
        ``draw.frame.table`` of the first draw.
    listings : Listings

    Returns
    -------
    DataFrame of str
        Ready for ``read_frame`` and the second draw with the same design and seed.

    Raises
    ------
    SamplingError
        If a listed village has no PSU row here, or has listed units already.

    Notes
    -----
    Where the rows of a township's group have an ``order``, the households get the numbers after its highest, PSU by
    PSU in that order, and within a PSU as in its sheet.
    """
    listed = listings.table
    known = set(map(tuple, frame_table.loc[frame_table["unit_code"] == "", _PSU].to_numpy().tolist()))
    full = set(map(tuple, frame_table.loc[frame_table["unit_code"] != "", _PSU].to_numpy().tolist()))
    for psu in dict.fromkeys(map(tuple, listed[_PSU].to_numpy().tolist())):
        if psu not in known:
            raise SamplingError(
                f"The village {psu[2]} ({psu[1]}) was listed but has no PSU row in this frame; "
                "give the frame of the draw that the sheets were written for.",
                f"村（社区）{psu[2]}（{psu[1]}）已登记名录，但抽样框中没有该初级单元行；请使用生成名录的那次抽样的抽样框。",
            )
        if psu in full:
            raise SamplingError(
                f"The village {psu[2]} ({psu[1]}) has listed units in this frame already; "
                "expected none, take the frame of the first draw.",
                f"抽样框中村（社区）{psu[2]}（{psu[1]}）已有单元；应当没有，请使用第一步抽样的抽样框。",
            )
    joined = pd.concat([frame_table, listed], ignore_index=True).fillna("")
    return _with_order(joined, len(frame_table))


def verify_continuation(
    second: str | Path, first: str | Path, *, progress: Callable[[int, int], None] | None = None
) -> Continuation:
    """
    Prove that a draw continues an earlier one: only the listing of the PSUs that were hit lies between them.

    Parameters
    ----------
    second, first : path
        Folders of the two draws.
    progress : callable, optional
        Called as ``progress(done, total)`` through both redos.

    Returns
    -------
    Continuation

    Raises
    ------
    ProofError
        Naming the first difference: in either draw by itself; in protocol, design or seed; in the rows of
        ``frame.csv`` other than households newly listed in PSUs that the first draw hit and that had none; in the
        PSUs that were hit and their hits. File and line are those of the second draw, ``expected`` is what the first
        one has; a file of a draw that is wrong by itself is named with its folder.
    """
    verified = _verified(first, _half(progress, 0)), _verified(second, _half(progress, 1))
    ours, theirs = (json.loads((Path(folder) / "draw.json").read_bytes()) for folder in (first, second))
    for member in ("protocol", "design", "seed"):
        compare_members(ours[member], theirs[member], member)
    before, after = (_official_rows(Path(folder)) for folder in (first, second))
    open_psus = _open_psus(before, ours["counts"])
    new = [(line, row) for line, row in after if row[5] and _psu_of(row) in open_psus]
    added = {line for line, _ in new}
    _compare_rows(before, [(line, row) for line, row in after if line not in added], len(after) + 2)
    compare_members(_hits(ours["counts"]), _hits(theirs["counts"]), "counts")
    two_step = {row[:2] for _, row in before if not row[5]}
    return Continuation(
        *verified,
        psus=sum(len(c.get("drawn", ())) for c in ours["counts"] if (c["township_code"], c["group"]) in two_step),
        listed_psus=len({_psu_of(row) for _, row in new}),
        listed_units=len(new),
    )


def _verified(folder: str | Path, progress: Callable[[int, int], None] | None) -> Verification:
    """One of two draws by itself; what is wrong in it is named with its folder."""
    try:
        return verify_draw(folder, progress=progress)
    except ProofError as error:
        place = f"{Path(folder).name}/{error.file}"
        raise ProofError(place, error.line, error.field, error.expected, error.found) from error


def _half(progress: Callable[[int, int], None] | None, half: int) -> Callable[[int, int], None] | None:
    """Progress of one of two redos as progress of both."""
    if progress is None:
        return None
    return lambda done, total: progress(half * total + done, 2 * total)


def _lists(table: pd.DataFrame) -> pd.Series[Any]:
    """Township and group of each row as one value."""
    return table["township_code"] + "|" + table["group"]


def _with_names(official: pd.DataFrame, named: pd.DataFrame, folder: str | Path) -> pd.DataFrame:
    """The rows of ``frame.csv`` with the other columns of the frame; a PSU's own row may be told by its units."""
    others = [column for column in named.columns if column not in OFFICIAL]
    joined = official.merge(named[[*_KEY, *others]], on=_KEY, how="left", validate="one_to_one")
    psu_rows = joined["unit_code"] == ""
    psus = named.drop_duplicates(_PSU).set_index(_PSU)[["township", "psu"]]
    for column in ("township", "psu"):
        own = pd.Series(psus[column].reindex(pd.MultiIndex.from_frame(joined[_PSU])).to_numpy(), index=joined.index)
        joined[column] = joined[column].where(joined[column].notna() | ~psu_rows, own)
    lacking = joined[joined["township"].isna()]
    if len(lacking):
        code = lacking["unit_code"].iloc[0] or lacking["psu_code"].iloc[0]
        where = f"{lacking['township_code'].iloc[0]}, {lacking['group'].iloc[0]}"
        raise SamplingError(
            f"{len(lacking)} rows of {folder}/frame.csv are not in the frame given, the first {code!r} ({where}); "
            "give the frame that this draw was made from.",
            f"{folder}/frame.csv 中有 {len(lacking)} 行不在所给的抽样框中，第一处为“{code}”（{where}）；"
            "请提供该次抽样所用的抽样框。",
        )
    return joined[
        [column for column in CANONICAL if column in joined] + [c for c in others if c not in CANONICAL]
    ].fillna("")


def _with_order(joined: pd.DataFrame, first_new: int) -> pd.DataFrame:
    """Number the new rows of lists that have an order."""
    if "order" not in joined:
        return joined
    old, new = joined.iloc[:first_new], joined.iloc[first_new:]
    for township_group, rows in old[old["order"] != ""].groupby(_LIST, sort=False):
        added = new[(new["township_code"] == township_group[0]) & (new["group"] == township_group[1])]
        numbers = rows["order"].map(int)
        place = numbers.groupby(rows["psu_code"]).min()
        ordered = added["psu_code"].map(place).sort_values(kind="stable").index
        joined.loc[ordered, "order"] = [str(numbers.max() + k) for k in range(1, len(ordered) + 1)]
    return joined


def _official_rows(folder: Path) -> list[tuple[int, Row]]:
    """The rows of ``frame.csv`` with their lines; the file is verified already."""
    text = (folder / "frame.csv").read_bytes().decode("utf-8")
    return [(line, tuple(row)) for line, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1)][1:]


def _psu_of(row: Row) -> Row:
    return row[:3]


def _open_psus(before: list[tuple[int, Row]], counts: list[dict[str, Any]]) -> set[Row]:
    """The PSUs that the first draw hit and in which nothing was listed: what may be listed between the draws."""
    two_step = {row[:2] for _, row in before if not row[5]}
    return {
        (count["township_code"], count["group"], psu["psu_code"])
        for count in counts
        if (count["township_code"], count["group"]) in two_step
        for psu in count.get("drawn", ())
        if not psu["listed"]
    }


def _compare_rows(before: list[tuple[int, Row]], after: list[tuple[int, Row]], end: int) -> None:
    """All other rows are those of the first frame, in the same order."""
    rows: Iterator[tuple[int, Row]] = iter(after)
    for _, expected in before:
        line, found = next(rows, (end, ()))
        if found == expected:
            continue
        differing = [k for k, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b]
        if found and expected[:3] + expected[5:6] == found[:3] + found[5:6]:
            k = differing[0]
            raise ProofError("frame.csv", line, OFFICIAL[k], expected[k], found[k])
        raise ProofError("frame.csv", line, None, ",".join(expected), ",".join(found) or "the end of the file")
    for line, found in rows:
        raise ProofError("frame.csv", line, None, "no row that the first draw's frame does not have", ",".join(found))


def _hits(counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Which PSUs were hit, and how often."""
    return [
        {
            "township_code": count["township_code"],
            "group": count["group"],
            "drawn": [{key: psu[key] for key in ("psu_code", "size", "hits")} for psu in count.get("drawn", ())],
        }
        for count in counts
    ]

"""
Draw from a frame of any length, some townships at a time.

read_townships(source)                          the frame as RawTables of whole townships
draw_stream(source, design, seed, folder)       the three files, byte by byte those of ``write_draw(draw(…))``

What is chosen in a township depends on nothing but its own rows and its labels, and the files stand by township; so a
country can be drawn with one township in memory. Kept for the whole are the PSUs' codes (one may not stand under two
townships), the canonical text of the record, and the first hundred faults.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pandas as pd

from sampling.canonical import canonical
from sampling.csvfile import csv_rows
from sampling.designs.design import Design
from sampling.draws.drawing import ENGINE, WorkedOut, left_out_warnings, work_out
from sampling.draws.folders import new_folder, write_durably
from sampling.draws.recording import build_record
from sampling.draws.sample import SAMPLE_COLUMNS
from sampling.errors import MAX_FAULTS, Fault, FrameError
from sampling.frames.columns import OFFICIAL
from sampling.frames.frame import MAX_WARNINGS, Frame, build_frame
from sampling.frames.psus import EarlierPsus
from sampling.frames.raw_table import RawTable
from sampling.seed import check_seed
from sampling.streams.pieces import read_pieces
from sampling.streams.townships import ROWS, whole_townships

Source = str | Path | Iterable[pd.DataFrame]


@dataclass(frozen=True)
class StreamedDraw:
    """
    A draw that was written township by township.

    Attributes
    ----------
    folder : Path
        Where its three files stand.
    seed : str
    rows : int
        Rows of the frame.
    townships, main, reserve, shortfalls : int
        How many there are.
    frame_sha256, sample_sha256, fingerprint : str
        As in ``draw.json``.
    warnings : tuple of Fault
        The first 1000 of the frame's, then what should be known about this draw.
    more_warnings : int
        How many more of the frame's there were.
    """

    folder: Path
    design: Design
    seed: str
    rows: int
    townships: int
    main: int
    reserve: int
    shortfalls: int
    frame_sha256: str
    sample_sha256: str
    fingerprint: str
    warnings: tuple[Fault, ...] = ()
    more_warnings: int = 0


def read_townships(
    source: Source, *, name: str = "", rows: int = ROWS, progress: Callable[[int, int], None] | None = None
) -> Iterator[RawTable]:
    """
    A large frame as tables of whole townships, never more than one of which is held.

    Parameters
    ----------
    source : path or iterable of DataFrame
        Parquet, CSV (UTF-8 with or without BOM, GB18030), or DataFrames with the same columns. All rows of a township
        stand together, townships in ascending order of their codes.
    name : str
        How sentences call it; the file's name where empty.
    rows : int
        A table ends with the first township at which it has so many rows; 1 gives one township a table.
    progress : callable, optional
        Called as ``progress(done, total)`` with bytes of CSV or rows of Parquet.

    Yields
    ------
    RawTable
        With the faults that were found in reading it.

    Raises
    ------
    FrameError
        If the file is no list, or cannot be read on.

    Examples
    --------
    >>> tables = [pd.DataFrame({"township_code": [code] * 2}) for code in ("350722203000", "350722204000")]
    >>> [(len(table.rows), table.rows[0]) for table in read_townships(tables, rows=1)]
    [(2, 2), (2, 4)]
    """
    return whole_townships(read_pieces(source, name=name, progress=progress), rows=rows)


def draw_stream(
    source: Source,
    design: Design,
    seed: str,
    folder: str | Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    name: str = "",
    rows: int = ROWS,
) -> StreamedDraw:
    """
    Draw a sample from a frame that need not fit in memory, and write it.

    Parameters
    ----------
    source : path or iterable of DataFrame
        As of ``read_townships``.
    design : Design
    seed : str
        Non-empty text without ``|`` and control characters, used as given.
    folder : path
        Does not exist, or is empty.
    progress, name, rows
        As of ``read_townships``.

    Returns
    -------
    StreamedDraw

    Raises
    ------
    FrameError
        With every fault of the whole frame by row and column, the first 100 in words; nothing is written then.
    SeedError, AllocationError, ShortfallError
        As ``draw``.
    SamplingError
        If the folder holds something already or cannot be written.

    Notes
    -----
    The files are those of the whole frame, byte by byte. Names of a PSU, and delegates of one name and phone, are
    compared within a table of townships only.
    """
    check_seed(seed)
    with new_folder(folder) as made, ExitStack() as stack:
        frame_csv = stack.enter_context(_RunningFile(made / "frame.csv", OFFICIAL))
        sample_csv = stack.enter_context(_RunningFile(made / "sample.csv", SAMPLE_COLUMNS))
        total, faults, earlier = _Total(), _Faults(), EarlierPsus()
        for table in read_townships(source, name=name, rows=rows, progress=progress):
            _draw_table(faults.checked(table, design, earlier), faults, seed, (frame_csv, sample_csv), total)
            del table  # the next one is made before this name is given to it
        faults.raise_if_any()
        record, draw_json = build_record(
            ENGINE,
            design,
            seed,
            frame_csv=frame_csv.finish(),
            sample_csv=sample_csv.finish(),
            counts=b"[" + b",".join(total.counts) + b"]",
            shortfalls=b"[" + b",".join(total.shortfalls) + b"]",
        )
        write_durably(made / "draw.json", draw_json)
    return StreamedDraw(
        folder=Path(folder),
        design=design,
        seed=seed,
        rows=total.rows,
        townships=total.townships,
        main=total.main,
        reserve=total.reserve,
        shortfalls=total.short,
        frame_sha256=record["frame_sha256"],
        sample_sha256=record["sample_sha256"],
        fingerprint=record["fingerprint"],
        warnings=(*total.warnings, *left_out_warnings(total.left_out)),
        more_warnings=total.more_warnings,
    )


def _draw_table(
    frame: Frame | None, faults: _Faults, seed: str, files: tuple[_RunningFile, _RunningFile], total: _Total
) -> None:
    """Draw some townships and add them to the files; once a fault is known nothing more is drawn."""
    if frame is None or faults:
        return
    found = work_out(frame, frame.design, seed)
    files[0].write(csv_rows(found.frame.official_columns(found.kept)))
    files[1].write(csv_rows(list(found.table.columns.values())))
    total.add(frame, found)


@dataclass
class _Total:
    """What is kept of the townships that were drawn."""

    rows: int = 0
    townships: int = 0
    main: int = 0
    reserve: int = 0
    short: int = 0
    left_out: int = 0
    more_warnings: int = 0
    counts: list[bytes] = field(default_factory=list)
    shortfalls: list[bytes] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def add(self, frame: Frame, found: WorkedOut) -> None:
        """Some more townships."""
        self.rows += len(frame)
        self.townships += len(found.selected.townships)
        self.main += sum(len(drawn.main) for drawn in found.selected.drawn.values())
        self.reserve += sum(len(drawn.reserve) for drawn in found.selected.drawn.values())
        self.short += len(found.shortfalls)
        self.left_out += found.left_out
        room = MAX_WARNINGS - len(self.warnings)
        self.warnings += frame.warnings[:room]
        self.more_warnings += max(len(frame.warnings) - room, 0)
        self.counts.append(canonical(found.counts)[1:-1])
        if found.shortfalls:
            self.shortfalls.append(canonical(found.shortfalls)[1:-1])


class _Faults:
    """The faults of the whole frame: the first hundred by row, and how many there are."""

    def __init__(self) -> None:
        self._first: list[Fault] = []
        self._count = 0
        self._of_file: set[str] = set()

    def __bool__(self) -> bool:
        return self._count > 0

    def checked(self, table: RawTable, design: Design, earlier: EarlierPsus) -> Frame | None:
        """The frame of some townships, or None where it has faults, which are noted."""
        try:
            if not len(table.rows):
                table.faults.raise_if_any()
                return None
            return build_frame(table, design=design, earlier=earlier)
        except FrameError as error:
            self._note(error)
            return None

    def raise_if_any(self) -> None:
        """Refuse the frame if a fault was noted."""
        if self._count:
            raise FrameError(self._first, self._count - len(self._first))

    def _note(self, error: FrameError) -> None:
        """A fault that stands in no row, such as a missing column, is one however many tables show it."""
        again = [fault for fault in error.faults if fault.row is None and fault.en in self._of_file]
        self._of_file |= {fault.en for fault in error.faults if fault.row is None}
        self._first += [fault for fault in error.faults if fault not in again]
        self._count += len(error.faults) + error.more - len(again)
        self._first = sorted(self._first, key=lambda fault: fault.row or 0)[:MAX_FAULTS]


class _RunningFile:
    """A CSV file that is written piece by piece while its hash is worked out."""

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.write([(",".join(header) + "\n").encode("utf-8")])

    def __enter__(self) -> _RunningFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def write(self, pieces: Iterable[bytes]) -> None:
        """Add to the file."""
        for piece in pieces:
            self._file.write(piece)
            self._hash.update(piece)

    def finish(self) -> str:
        """Wait until all is on the disk; the SHA-256 in hexadecimal."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._hash.hexdigest()

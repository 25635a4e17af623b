"""
The folder of a draw: write it, and check somebody's.

write_draw(draw, folder)               frame.csv, sample.csv, draw.json, all or nothing
verify_draw(folder)                    → Verification, or ProofError naming the first difference
salted_commitment(draw_json, salt)     what may be public before the round closes
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling.canonical import canonical
from sampling.designs.design import Design
from sampling.draws.comparing import compare_canonical, compare_csv, compare_members
from sampling.draws.drawing import Draw, draw
from sampling.draws.folders import new_folder, write_durably
from sampling.draws.recording import fingerprint
from sampling.errors import DesignError, FrameError, ProofError, SamplingError, SeedError
from sampling.frames.columns import OFFICIAL
from sampling.frames.frame import Frame, build_frame
from sampling.frames.raw_table import RawTable
from sampling.seed import check_seed
from sampling.starts import PROTOCOL

FILES = ("draw.json", "frame.csv", "sample.csv")
MEMBERS = (
    *("protocol", "engine", "design", "seed", "frame_sha256", "sample_sha256"),
    *("counts", "shortfalls", "fingerprint"),
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verification:
    """
    What was found to hold.

    Attributes
    ----------
    engine, design, seed, frame_sha256, sample_sha256, fingerprint : str
        As in ``draw.json``; ``design`` is its name.
    townships, main, reserve, shortfalls : int
        Numbers of townships, main and reserve units, and lists that were too short.
    """

    engine: str
    design: str
    seed: str
    frame_sha256: str
    sample_sha256: str
    fingerprint: str
    townships: int
    main: int
    reserve: int
    shortfalls: int

    @property
    def facts(self) -> tuple[tuple[str, str, str], ...]:
        """(English, Chinese, value) of each fact, in the order in which to show them."""
        return (
            ("Design", "抽样设计", self.design),
            ("Seed", "随机种子", self.seed),
            ("Engine", "抽样程序版本", self.engine),
            ("Townships", "乡镇数", str(self.townships)),
            ("Main units", "样本单位数", str(self.main)),
            ("Reserve units", "备用单位数", str(self.reserve)),
            ("Lists too short", "名单不足处", str(self.shortfalls)),
            ("SHA-256 of frame.csv", "frame.csv 的 SHA-256", self.frame_sha256),
            ("SHA-256 of sample.csv", "sample.csv 的 SHA-256", self.sample_sha256),
            ("Fingerprint", "抽样指纹", self.fingerprint),
        )


def write_draw(draw: Draw, folder: str | Path) -> Path:
    """
    Write the three files of a draw: all of them, or none.

    Parameters
    ----------
    folder : path
        Does not exist, or is empty.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SamplingError
        If the folder holds something already or cannot be written; nothing is left behind.
    """
    with new_folder(folder) as made:
        for name, content in zip(FILES, (draw.draw_json, draw.frame_csv, draw.sample_csv), strict=True):
            write_durably(made / name, content)
    return Path(folder)


def verify_draw(folder: str | Path, *, progress: Callable[[int, int], None] | None = None) -> Verification:
    """
    Check fingerprint and hashes, redo the draw from frame, design and seed, and compare.

    Parameters
    ----------
    folder : path
        With ``draw.json``, ``frame.csv`` and ``sample.csv``.
    progress : callable, optional
        As in ``draw``.

    Returns
    -------
    Verification

    Raises
    ------
    ProofError
        Naming the first difference: file, line, column or member, what was expected, what was found.
    """
    contents = {name: _read(Path(folder), name) for name in FILES}
    record = _read_record(contents["draw.json"])
    real = fingerprint(record)
    try:
        _check_record(record)
        if record["fingerprint"] == real:
            _check_frame_hash(record, contents["frame.csv"])
        redo = _redo(record, contents["frame.csv"], progress)
        _compare(record, contents, redo)
    except ProofError as error:
        if record["fingerprint"] == real or error.file == "draw.json":
            raise
        # the record itself was changed; the files may well be the ones that were drawn
        raise _wrong_fingerprint(record, real) from error
    if record["fingerprint"] != real:
        raise _wrong_fingerprint(record, real)
    return Verification(
        engine=record["engine"],
        design=redo.design.name,
        seed=redo.seed,
        frame_sha256=redo.frame_sha256,
        sample_sha256=redo.sample_sha256,
        fingerprint=real,
        townships=len({count["township_code"] for count in redo.counts}),
        main=sum(count["main"] for count in redo.counts),
        reserve=sum(count["reserve"] for count in redo.counts),
        shortfalls=len(redo.shortfalls),
    )


def read_official_frame(content: bytes, *, design: Design) -> Frame:
    """
    The frame of a draw from the bytes of its ``frame.csv``: all that a draw needs, without names and addresses.

    Raises
    ------
    ProofError
        Where the bytes are no frame as Pingyi writes it for this design.
    """
    return _read_frame(content, design)


def salted_commitment(draw_json: bytes, salt: bytes) -> str:
    """
    SHA-256 of salt and ``draw.json``, in hexadecimal: public at once, opened with the salt when the round has closed.

    Parameters
    ----------
    draw_json : bytes
        The file.
    salt : bytes
        At least 16 random bytes, kept secret until then; without it seed and sample could be guessed and tried.

    Raises
    ------
    SamplingError
        If the salt is too short.
    """
    if len(salt) < 16:
        raise SamplingError(
            f"The salt has {len(salt)} bytes, expected at least 16 random ones; a shorter one could be guessed.",
            f"盐值只有 {len(salt)} 字节，至少应为 16 个随机字节，过短可被猜中。",
        )
    return hashlib.sha256(salt + draw_json).hexdigest()


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProofError(name, None, None, f"a file in {folder}", reason) from error


def _read_record(content: bytes) -> dict[str, Any]:
    """``draw.json``, in canonical form and with exactly its members."""
    try:
        record = json.loads(content.decode("utf-8"))
        spelt = canonical(record)
    except UnicodeDecodeError as error:
        raise ProofError(
            "draw.json", None, f"byte {error.start + 1}", "text in UTF-8", repr(content[error.start : error.end])
        ) from error
    except json.JSONDecodeError as error:
        raise ProofError("draw.json", error.lineno, f"column {error.colno}", "JSON", error.msg) from error
    except (ValueError, RecursionError) as error:
        raise ProofError("draw.json", None, None, "canonical JSON (RFC 8785)", str(error)) from error
    compare_canonical(spelt, content)
    if not isinstance(record, dict):
        raise ProofError("draw.json", None, None, "an object", type(record).__name__)
    for name in sorted(set(MEMBERS) ^ set(record)):
        known = name in MEMBERS
        raise ProofError(
            "draw.json", None, name, "this member" if known else "no such member", "none" if known else name
        )
    return record


def _check_record(record: dict[str, Any]) -> None:
    """The members have their kinds: what the redo needs can be taken from them."""
    compare_members(PROTOCOL, record["protocol"], "protocol")
    if not isinstance(record["engine"], str) or not record["engine"]:
        raise ProofError("draw.json", None, "engine", "the engine's version", str(record["engine"]))
    for name in ("frame_sha256", "sample_sha256", "fingerprint"):
        if not isinstance(record[name], str) or not _SHA256.fullmatch(record[name]):
            raise ProofError("draw.json", None, name, "a SHA-256 in lowercase hexadecimal", str(record[name]))
    try:
        check_seed(record["seed"])
    except SeedError as error:
        raise ProofError("draw.json", None, "seed", "a seed that can be used", error.en) from error
    _design(record)


def _design(record: dict[str, Any]) -> Design:
    try:
        return Design.from_json(record["design"], "design")
    except DesignError as error:
        raise ProofError("draw.json", None, "design", "a sound design", error.en) from error


def _check_frame_hash(record: dict[str, Any], frame_csv: bytes) -> None:
    """The frame's hash; that of the sample is compared after the redo, which can name the row."""
    found = hashlib.sha256(frame_csv).hexdigest()
    if record["frame_sha256"] != found:
        _read_frame(frame_csv, _design(record))  # names the place, where the change broke the form
        raise ProofError("frame.csv", None, "SHA-256", record["frame_sha256"], found)


def _read_frame(content: bytes, design: Design) -> Frame:
    """The frame from ``frame.csv``, which must be spelt as Pingyi spells it."""
    try:
        raw = _official_table(content)
        return build_frame(raw, design=design, contacts=False)
    except FrameError as error:
        fault = error.faults[0]
        raise ProofError("frame.csv", fault.row, fault.column, "a sound frame", fault.en) from error


def _official_table(content: bytes) -> RawTable:
    """The cells of ``frame.csv`` as they stand, nothing trimmed."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProofError("frame.csv", line, None, "text in UTF-8", repr(content[error.start : error.end])) from error
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            records.append(record)
            if len(record) != len(OFFICIAL):
                raise ProofError("frame.csv", len(records), None, f"{len(OFFICIAL)} cells", f"{len(record)} cells")
    except csv.Error as error:
        raise ProofError("frame.csv", len(records) + 1, None, "a row of a CSV file", str(error)) from error
    if not records or tuple(records[0]) != OFFICIAL:
        found = ",".join(records[0]) if records else "an empty file"
        raise ProofError("frame.csv", 1, None, ",".join(OFFICIAL), found)
    if len(records) == 1:
        raise ProofError("frame.csv", 2, None, "at least one row", "the end of the file")
    columns = [list(column) for column in zip(*records[1:], strict=True)]
    return RawTable(records[0], columns, list(range(2, len(records) + 1)), name="frame.csv")


def _redo(record: dict[str, Any], frame_csv: bytes, progress: Callable[[int, int], None] | None) -> Draw:
    design = _design(record)
    return draw(_read_frame(frame_csv, design), design, record["seed"], progress=progress)


def _compare(record: dict[str, Any], contents: dict[str, bytes], redo: Draw) -> None:
    """Everything that the redo gives against everything that the folder holds."""
    compare_csv("frame.csv", redo.frame_csv, contents["frame.csv"])
    compare_csv("sample.csv", redo.sample_csv, contents["sample.csv"])
    compare_members(redo.frame_sha256, record["frame_sha256"], "frame_sha256")
    compare_members(redo.sample_sha256, record["sample_sha256"], "sample_sha256")
    compare_members(redo.counts, record["counts"], "counts")
    compare_members(redo.shortfalls, record["shortfalls"], "shortfalls")


def _wrong_fingerprint(record: dict[str, Any], real: str) -> ProofError:
    return ProofError("draw.json", None, "fingerprint", real, str(record["fingerprint"]))

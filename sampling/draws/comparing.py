"""
Find the first difference between a file and its redo, and say where it is.

compare_csv(file, expected, found)       two CSV files, to line and column
compare_members(expected, found)         two JSON values, to the member
compare_canonical(expected, found)       two spellings of one JSON text, to the byte
"""

from __future__ import annotations

import csv
from typing import Any

from sampling.errors import ProofError


def compare_csv(file: str, expected: bytes, found: bytes) -> None:
    """
    Refuse a CSV file that is not the expected one.

    Raises
    ------
    ProofError
        With line and column of the first difference.
    """
    if expected == found:
        return
    ours, theirs = expected.split(b"\n"), found.split(b"\n")
    line = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    a, b = (lines[line] if line < len(lines) else None for lines in (ours, theirs))
    expected_text, found_text = _line_text(a), _line_text(b)
    column = None
    if a and b:
        cells_a, cells_b, header = _cells(expected_text), _cells(found_text), _cells(_line_text(ours[0]))
        differing = [i for i, (x, y) in enumerate(zip(cells_a, cells_b, strict=False)) if x != y]
        if len(cells_a) == len(cells_b) == len(header) and differing:
            k = differing[0]
            column, expected_text, found_text = header[k], cells_a[k], cells_b[k]
    raise ProofError(file, line + 1, column, expected_text, found_text)


def compare_members(expected: Any, found: Any, path: str) -> None:
    """
    Refuse a JSON value that is not the expected one.

    Raises
    ------
    ProofError
        With the path of the first member that differs, such as ``counts[3].main``.
    """
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for key, value in expected.items():
            compare_members(value, found[key], f"{path}.{key}" if path else key)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, value in enumerate(expected):
            compare_members(value, found[i], f"{path}[{i}]")
    elif isinstance(expected, list) and isinstance(found, list):
        raise ProofError("draw.json", None, path, f"{len(expected)} elements", f"{len(found)} elements")
    elif type(expected) is not type(found) or expected != found:
        raise ProofError("draw.json", None, path, str(expected), str(found))


def compare_canonical(expected: bytes, found: bytes) -> None:
    """
    Refuse a ``draw.json`` that is not in canonical form (RFC 8785).

    Raises
    ------
    ProofError
        With the first byte that differs.
    """
    if expected == found:
        return
    shorter = min(len(expected), len(found))
    place = next((i for i in range(shorter) if expected[i] != found[i]), shorter)
    raise ProofError(
        "draw.json",
        None,
        f"byte {place + 1}",
        f"the canonical form {_excerpt(expected, place)}",
        _excerpt(found, place),
    )


def _excerpt(content: bytes, place: int) -> str:
    return content[max(0, place - 10) : place + 20].decode("utf-8", "replace") or "the end of the file"


def _line_text(line: bytes | None) -> str:
    if line is None:
        return "the end of the file"
    return line.decode("utf-8", "replace")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []

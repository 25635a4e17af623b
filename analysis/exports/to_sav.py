"""
The answers for SPSS, one file a group: Chinese labels, don't-knows and skips as missing values.

One row is a respondent and one column an item, as analysts lay out a questionnaire. Files of two groups are not stacked:
their items differ.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pyreadstat

from analysis.exports.coded_rows import CodedGroup, coded_groups
from analysis.exports.source import ExportSource

_LABEL_BYTES = 255  # of a variable's label in the file format
_DATE = b"01 Jan 00"
_TIME = b"00:00:00"
_DATE_AT = 92  # of the file's header: nine bytes of date, then eight of time


def sav_files(source: ExportSource) -> dict[str, bytes]:
    """
    ``responses_<group>.sav`` by name.

    Raises
    ------
    ExportError
        If the scores came without the answers.
    """
    return {f"responses_{each.group}.sav": _sav(each, source) for each in coded_groups(source, "sav")}


def _sav(coded: CodedGroup, source: ExportSource) -> bytes:
    levels = {v.name: "nominal" if v.is_text or v.name in ("mode", "minutes") else "ordinal" for v in coded.variables}
    with tempfile.TemporaryDirectory(prefix="pingyi-") as folder:
        path = Path(folder) / "responses.sav"
        pyreadstat.write_sav(
            coded.rows,
            str(path),
            file_label=_cut(source.word(coded.label), 60),
            column_labels={v.name: _cut(source.word(v.label), _LABEL_BYTES) for v in coded.variables},
            variable_value_labels={
                v.name: {code: source.word(label) for code, label in v.values.items()}
                for v in coded.variables
                if v.values
            },
            missing_ranges={v.name: list(v.missing) for v in coded.variables if v.missing},
            variable_measure={**levels, "weight": "scale"},
            variable_format={v.name: "F1.0" for v in coded.variables if v.values},
        )
        data = path.read_bytes()
    return data[:_DATE_AT] + _DATE + _TIME + data[_DATE_AT + len(_DATE) + len(_TIME) :]


def _cut(text: str, most: int) -> str:
    """The text within so many bytes of UTF-8, whole characters only."""
    data = text.encode("utf-8")
    return text if len(data) <= most else re.sub(r"\s+$", "", data[: most - 3].decode("utf-8", "ignore")) + "…"

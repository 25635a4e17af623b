"""
An R script that recomputes the figures from the responses folder with the ``survey`` package.

It reads ``<group>.csv``, ``townships.csv`` and ``samples.csv``, computes item scores, group totals, public appraisal, ranks and
linearised standard errors under the default readings, and writes ``items_r.csv``, ``groups_r.csv`` and ``townships_r.csv``. It
shares no code with this program: a statistician can read it from top to bottom.
"""

from __future__ import annotations

from pathlib import Path

from analysis.exports.provenance import provenance
from analysis.exports.source import ExportSource, needed
from analysis.readings import READINGS
from analysis.scheme import SCORED_ANSWERS, Scheme

_BODY = Path(__file__).parent / "scores_body.R"


def script_files(source: ExportSource) -> dict[str, bytes]:
    """
    ``scores.R``, by name.

    Raises
    ------
    ExportError
        If the scores came without the answers.
    """
    responses = needed(source, "r")
    scheme = source.scores.scheme
    present = [group.code for group in scheme.groups if group.code in responses.groups]
    items = ",\n".join(f"  {group} = c({_texts(responses.items(group))})" for group in present)
    lines = [
        "# Recompute the scores of a round from its responses folder, with R's survey package.",
        "#   Rscript scores.R RESPONSES_FOLDER OUT_FOLDER",
        "#",
        *(_comment(f"{line.head.en}: {line.words.en}") for line in provenance(source)),
        "",
        f"points <- c({', '.join(f'{answer} = {scheme.points[answer]}' for answer in SCORED_ANSWERS)})",
        f"full_mark <- {scheme.full_mark}",
        f"groups <- c({_texts(present)})",
        f"items <- list(\n{items}\n)",
        f"readings_are_default <- {'FALSE' if _other_readings(scheme) else 'TRUE'}",
        "",
    ]
    return {"scores.R": ("\n".join(lines) + "\n" + _BODY.read_text("utf-8")).encode("utf-8")}


def _comment(text: str) -> str:
    """One line, however many the text has: no word of a county's scheme may become code."""
    return "# " + " ".join(text.split())


def _texts(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _other_readings(scheme: Scheme) -> list[str]:
    """The readings that are not the default ones; the script says so and recomputes under the default ones."""
    return [name for name, reading in READINGS.items() if scheme.readings[name] != reading.default]

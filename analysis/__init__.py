"""
From answers to scores.

errors       AnalysisError and its kinds, in both languages
tables       read a CSV file as texts              checks       check its columns, name every fault
itemlists    the items of a frozen questionnaire   responses    Responses: read_responses, responses_from_tables
disclosure   protect answers and write them        folders      write a folder whole or not at all
counts       count_answers: where every score starts
readings     the plan's open questions             scheme       Scheme: load_scheme (schemes/*.yaml)
item_scores  the score of one item                 totals       group totals, public appraisal
ranking      ranks on exact values                 scoring      score: all of it, for every township
notes        the sentences that go with scores     results      Scores and the columns of its tables
figures      numbers and texts in a CSV file       exports/     one file a format: write_scores
charts/      charts as SVG text                    report/      the analysis report as blocks

Pure: no web, no database, nothing of the other packages. Names are imported when first used, since pandas is slow to
load and a web server should start at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError, ExportError, Fault, ResponsesError, SchemeError

if TYPE_CHECKING:
    from analysis.charts import (
        change_chart,
        dimension_chart,
        dimension_scores,
        group_chart,
        item_chart,
        rank_chart,
    )
    from analysis.counts import count_answers
    from analysis.disclosure import blank_rare_values, join_small_psus, protect, write_responses
    from analysis.exports import DEFAULT_FORMATS, EXPORTS, ExportSource, score_files, write_scores
    from analysis.report import report_blocks
    from analysis.responses import Responses, read_responses, responses_from_tables
    from analysis.results import TABLES, ExactScores, Note, Scores
    from analysis.scheme import Scheme, load_scheme, parse_scheme
    from analysis.scoring import score

_HOMES = {
    "DEFAULT_FORMATS": "exports",
    "EXPORTS": "exports",
    "ExactScores": "results",
    "ExportSource": "exports",
    "Note": "results",
    "Responses": "responses",
    "Scheme": "scheme",
    "Scores": "results",
    "TABLES": "results",
    "blank_rare_values": "disclosure",
    "change_chart": "charts",
    "count_answers": "counts",
    "dimension_chart": "charts",
    "dimension_scores": "charts",
    "group_chart": "charts",
    "item_chart": "charts",
    "join_small_psus": "disclosure",
    "load_scheme": "scheme",
    "parse_scheme": "scheme",
    "protect": "disclosure",
    "rank_chart": "charts",
    "read_responses": "responses",
    "report_blocks": "report",
    "responses_from_tables": "responses",
    "score": "scoring",
    "score_files": "exports",
    "write_responses": "disclosure",
    "write_scores": "exports",
}

__all__ = [
    "DEFAULT_FORMATS",
    "EXPORTS",
    "TABLES",
    "AnalysisError",
    "ExactScores",
    "ExportError",
    "ExportSource",
    "Fault",
    "Note",
    "Responses",
    "ResponsesError",
    "Scheme",
    "SchemeError",
    "Scores",
    "blank_rare_values",
    "change_chart",
    "count_answers",
    "dimension_chart",
    "dimension_scores",
    "group_chart",
    "item_chart",
    "join_small_psus",
    "load_scheme",
    "parse_scheme",
    "protect",
    "rank_chart",
    "read_responses",
    "report_blocks",
    "responses_from_tables",
    "score",
    "score_files",
    "write_responses",
    "write_scores",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value

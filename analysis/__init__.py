"""
From answers to scores.

errors       AnalysisError and its kinds, in both languages
tables       read a CSV file as texts              checks       check its columns, name every fault
itemlists    the items of a frozen questionnaire   responses    Responses: read_responses, responses_from_tables
disclosure   protect answers and write them        folders      write a folder whole or not at all
counts       count_answers: where every score starts                 counts_of_files  count_files: from large files
readings     the plan's open questions             scheme       Scheme: load_scheme (schemes/*.yaml)
item_scores  the score of one item                 totals       group totals, public appraisal
ranking      ranks on exact values                 scoring      score: all of it, for every township
standard_errors/  precision: standard errors and intervals, one file a method
notes        the sentences that go with scores     results      Scores and the columns of its tables
figures      numbers and texts in a CSV file       exports/     one file a format: write_scores

Pure: no web, no database, nothing of the other packages. Names are imported when first used, since pandas is slow to
load and a web server should start at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError, ExportError, Fault, ResponsesError, SchemeError

if TYPE_CHECKING:
    from analysis.counts import count_answers
    from analysis.counts_of_files import count_files
    from analysis.disclosure import blank_rare_values, join_small_psus, protect, write_responses
    from analysis.exports import EXPORTS, score_files, write_scores
    from analysis.responses import Responses, read_responses, responses_from_tables
    from analysis.results import TABLES, ExactScores, Note, Scores
    from analysis.scheme import Scheme, load_scheme, parse_scheme
    from analysis.scoring import score
    from analysis.standard_errors.precision import precision
    from analysis.standard_errors.results import Precision

_HOMES = {
    "EXPORTS": "exports",
    "TABLES": "results",
    "ExactScores": "results",
    "Note": "results",
    "Precision": "standard_errors.results",
    "Responses": "responses",
    "Scheme": "scheme",
    "Scores": "results",
    "blank_rare_values": "disclosure",
    "count_answers": "counts",
    "count_files": "counts_of_files",
    "join_small_psus": "disclosure",
    "load_scheme": "scheme",
    "parse_scheme": "scheme",
    "precision": "standard_errors.precision",
    "protect": "disclosure",
    "read_responses": "responses",
    "responses_from_tables": "responses",
    "score": "scoring",
    "score_files": "exports",
    "write_responses": "disclosure",
    "write_scores": "exports",
}

__all__ = [
    "EXPORTS",
    "TABLES",
    "AnalysisError",
    "ExactScores",
    "ExportError",
    "Fault",
    "Note",
    "Precision",
    "Responses",
    "ResponsesError",
    "Scheme",
    "SchemeError",
    "Scores",
    "blank_rare_values",
    "count_answers",
    "count_files",
    "join_small_psus",
    "load_scheme",
    "parse_scheme",
    "precision",
    "protect",
    "read_responses",
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

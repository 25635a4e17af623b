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
score_tables the columns of its tables, filled     places       townships and PSUs as numbers
array_scores exact scores in arrays                streaming    score_stream: a country, some counties at a time
coded_responses  responses_from_codes: answers that are numbers already
rank_intervals  rank_sets: ranks one may hold      first_places rank_probabilities: shares of draws
rank_pairs   scores that cannot be told apart      simulated    what a figure was drawn with
trends       change: this wave against the last    rescoring    the same counts under other rules
rank_sensitivity  which ranks hang on the rules    quality      fieldwork_quality, and what goes with it
quality_words, sensitivity_words  what is said of both           place_names  what places are called
standard_errors/  precision: standard errors and intervals, one file a method
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
        pair_chart,
        rank_chart,
    )
    from analysis.coded_responses import CodedTable, responses_from_codes
    from analysis.counts import count_answers
    from analysis.counts_of_files import count_files
    from analysis.disclosure import (
        blank_rare_values,
        join_samples,
        join_small_counts,
        join_small_psus,
        protect,
        split_psus,
        write_responses,
    )
    from analysis.exports import DEFAULT_FORMATS, EXPORTS, ExportSource, score_files, write_scores
    from analysis.first_places import RankProbabilities, rank_probabilities
    from analysis.place_names import PlaceNames
    from analysis.quality import Quality, fieldwork_quality
    from analysis.quality_icc import intraclass_correlation
    from analysis.quality_signals import SIGNALS
    from analysis.quality_words import quality_sentences
    from analysis.rank_intervals import RankSets, rank_sets
    from analysis.rank_pairs import Pairs, pairs_not_told_apart, pairs_of
    from analysis.rank_sensitivity import Scenario, Sensitivity, sensitivity
    from analysis.report import report_blocks
    from analysis.responses import Responses, read_responses, responses_from_tables
    from analysis.results import TABLES, ExactScores, Note, Scores
    from analysis.scheme import Scheme, load_scheme, parse_scheme
    from analysis.scoring import score
    from analysis.sensitivity_words import sensitivity_sentences
    from analysis.simulated import Simulated
    from analysis.standard_errors.precision import precision
    from analysis.standard_errors.results import Precision
    from analysis.streaming import ScoredPart, score_stream
    from analysis.trends import Changes, change

_HOMES = {
    "Changes": "trends",
    "CodedTable": "coded_responses",
    "DEFAULT_FORMATS": "exports",
    "EXPORTS": "exports",
    "ExactScores": "results",
    "ExportSource": "exports",
    "Note": "results",
    "Pairs": "rank_pairs",
    "PlaceNames": "place_names",
    "Precision": "standard_errors.results",
    "Quality": "quality",
    "RankProbabilities": "first_places",
    "RankSets": "rank_intervals",
    "Responses": "responses",
    "SIGNALS": "quality_signals",
    "Scenario": "rank_sensitivity",
    "Scheme": "scheme",
    "ScoredPart": "streaming",
    "Scores": "results",
    "Sensitivity": "rank_sensitivity",
    "Simulated": "simulated",
    "TABLES": "results",
    "blank_rare_values": "disclosure",
    "change": "trends",
    "change_chart": "charts",
    "count_answers": "counts",
    "count_files": "counts_of_files",
    "dimension_chart": "charts",
    "dimension_scores": "charts",
    "fieldwork_quality": "quality",
    "group_chart": "charts",
    "intraclass_correlation": "quality_icc",
    "item_chart": "charts",
    "join_samples": "disclosure",
    "join_small_counts": "disclosure",
    "join_small_psus": "disclosure",
    "load_scheme": "scheme",
    "pair_chart": "charts",
    "pairs_not_told_apart": "rank_pairs",
    "pairs_of": "rank_pairs",
    "parse_scheme": "scheme",
    "precision": "standard_errors.precision",
    "protect": "disclosure",
    "quality_sentences": "quality_words",
    "rank_chart": "charts",
    "rank_probabilities": "first_places",
    "rank_sets": "rank_intervals",
    "read_responses": "responses",
    "report_blocks": "report",
    "responses_from_codes": "coded_responses",
    "responses_from_tables": "responses",
    "score": "scoring",
    "score_files": "exports",
    "score_stream": "streaming",
    "sensitivity": "rank_sensitivity",
    "sensitivity_sentences": "sensitivity_words",
    "split_psus": "disclosure",
    "write_responses": "disclosure",
    "write_scores": "exports",
}

__all__ = [
    "DEFAULT_FORMATS",
    "EXPORTS",
    "SIGNALS",
    "TABLES",
    "AnalysisError",
    "Changes",
    "CodedTable",
    "ExactScores",
    "ExportError",
    "ExportSource",
    "Fault",
    "Note",
    "Pairs",
    "PlaceNames",
    "Precision",
    "Quality",
    "RankProbabilities",
    "RankSets",
    "Responses",
    "ResponsesError",
    "Scenario",
    "Scheme",
    "SchemeError",
    "ScoredPart",
    "Scores",
    "Sensitivity",
    "Simulated",
    "blank_rare_values",
    "change",
    "change_chart",
    "count_answers",
    "count_files",
    "dimension_chart",
    "dimension_scores",
    "fieldwork_quality",
    "group_chart",
    "intraclass_correlation",
    "item_chart",
    "join_samples",
    "join_small_counts",
    "join_small_psus",
    "load_scheme",
    "pair_chart",
    "pairs_not_told_apart",
    "pairs_of",
    "parse_scheme",
    "precision",
    "protect",
    "quality_sentences",
    "rank_chart",
    "rank_probabilities",
    "rank_sets",
    "read_responses",
    "report_blocks",
    "responses_from_codes",
    "responses_from_tables",
    "score",
    "score_files",
    "score_stream",
    "sensitivity",
    "sensitivity_sentences",
    "split_psus",
    "write_responses",
    "write_scores",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value

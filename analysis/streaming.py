"""
The scores of a country, some counties at a time.

score_stream     official scores, errors and ranks of one part after another
ScoredPart       what it gives for each

A county's figures hang on its own answers alone: its means, its ranks. So a country need not be in memory: whatever comes in
parts of whole counties is scored part by part, all townships of a part in the same few operations on arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis import notes
from analysis.array_scores import ArrayScores, array_scores
from analysis.counts import TALLIES
from analysis.errors import AnalysisError
from analysis.rank_columns import rank_columns
from analysis.ranking import ranks
from analysis.responses import Responses
from analysis.results import TABLES, Note
from analysis.scheme import Scheme, load_scheme
from analysis.scoring import issued
from analysis.standard_errors.estimates import estimate_errors
from analysis.standard_errors.methods import METHODS
from analysis.standard_errors.options import (
    DEFAULT_LONELY_PSU,
    DEFAULT_REPLICATES,
    LONELY_PSU,
    Options,
    checked_name,
    checked_numbers,
    seed_of,
)
from analysis.standard_errors.results import Precision

COUNTY_DIGITS = 6


@dataclass(frozen=True)
class ScoredPart:
    """
    The scores of one part.

    Attributes
    ----------
    items, groups, townships : DataFrame
        The columns of ``TABLES``, lines in the order of ``Scores``; ranks are within a county. With ``beside`` a column
        ``se_beside`` more.
    notes : tuple of Note
        How errors were found, and each item that nobody could judge. What is missing is an empty cell.
    """

    items: pd.DataFrame
    groups: pd.DataFrame
    townships: pd.DataFrame
    notes: tuple[Note, ...]


def score_stream(
    parts: Iterable[Responses],
    scheme: Scheme | None = None,
    *,
    method: str = "linearised",
    beside: str = "",
    fpc: bool = True,
    lonely_psu: str = DEFAULT_LONELY_PSU,
    confidence: float = 0.95,
    rng: int | np.random.Generator | None = None,
    replicates: int = DEFAULT_REPLICATES,
    county_digits: int = COUNTY_DIGITS,
    rank_ranges: bool = True,
) -> Iterator[ScoredPart]:
    """
    Score part by part.

    Parameters
    ----------
    parts : iterable of Responses
        Each holds whole counties, some thousand respondents or more, so that a country has tens or hundreds of parts; one
        round. ``responses_from_codes`` makes them of arrays, ``read_responses`` of folders.
    scheme : Scheme, optional
        The county plan if not given.
    method, fpc, lonely_psu, confidence, rng, replicates
        As ``precision`` takes them.
    beside : str
        A second method, whose standard errors stand in a column of their own: ``linearised_bootstrap``, say.
    county_digits : int
        So many first digits of a township's code name its county.
    rank_ranges : bool
        Whether to fill ``rank_low, rank_high, p_top6``, which takes longer than all the rest.

    Yields
    ------
    ScoredPart

    Raises
    ------
    AnalysisError
        As ``precision`` raises it; if a county comes in two parts, or parts are of two rounds.
    ValueError
        As ``precision`` raises it.

    Notes
    -----
    Every figure is, to the last digit, the one that ``score`` (with another method ``precision``) gives for the county by
    itself. A group that only some counties of a part have leaves empty lines in the others.
    """
    scheme = scheme or load_scheme()
    checked_name("method", "方法", method, tuple(METHODS))
    checked_name("beside", "并列方法", beside, ("", *METHODS))
    checked_name("lonely_psu", "单一初级单元的处理方式", lonely_psu, tuple(LONELY_PSU))
    checked_numbers(confidence, replicates)
    needs_seed = METHODS[method].is_random or (beside != "" and METHODS[beside].is_random)
    options = Options(method, fpc, lonely_psu, confidence, replicates, seed_of(rng) if needs_seed else None, beside)
    return _scored_parts(parts, scheme, options, county_digits, rank_ranges)


def _scored_parts(
    parts: Iterable[Responses], scheme: Scheme, options: Options, digits: int, rank_ranges: bool
) -> Iterator[ScoredPart]:
    seen: set[str] = set()
    first: tuple[str, int] | None = None
    for part in parts:
        codes = sorted(str(code) for code in part.townships["township_code"])
        counties = [code[:digits] for code in codes]
        first = first or (part.round, part.wave)
        _check_part(part, set(counties) & seen, first)
        seen.update(counties)
        starts = np.array([place for place, code in enumerate(counties) if place == 0 or code != counties[place - 1]])
        scored = array_scores(part, scheme, starts)
        errors = estimate_errors(part, scheme, scored.estimates, options, lambda code: code[:digits])
        yield _part(part, scheme, scored, errors, starts, rank_ranges)


def _check_part(part: Responses, twice: set[str], first: tuple[str, int]) -> None:
    if twice:
        raise AnalysisError(
            f"score_stream: expected each county in one part, found {min(twice)} in two; put its townships together.",
            f"分批计分：每个县应只在一批中，{min(twice)} 出现在两批，请将其乡镇放在一起。",
        )
    if (part.round, part.wave) != first:
        raise AnalysisError(
            f"score_stream: expected the round and wave of the first part, {first[0]} {first[1]}, found {part.round} {part.wave}; "
            "score one round at a time.",
            f"分批计分：轮次和期次应与第一批（{first[0]} {first[1]}）相同，实为 {part.round} {part.wave}，请一次只计一个轮次。",
        )


def _part(
    part: Responses, scheme: Scheme, scored: ArrayScores, errors: Precision, starts: np.ndarray, rank_ranges: bool
) -> ScoredPart:
    townships, drawn = _townships(part, scheme, scored, errors, starts, rank_ranges)
    said = _item_notes(part, scheme, scored)
    return ScoredPart(_items(scored, errors), _groups(part, scored, errors), townships, (*said, *errors.notes, *drawn))


def _with_beside(table: pd.DataFrame, name: str, errors: pd.DataFrame) -> pd.DataFrame:
    """The contract's columns in their order, and the second method's standard errors after them."""
    ordered = table[list(TABLES[name].names)]
    return ordered.assign(se_beside=errors["se_beside"]) if "se_beside" in errors else ordered


def _items(scored: ArrayScores, errors: Precision) -> pd.DataFrame:
    """Lines by township, group and item, of the groups that answered in a township."""
    answered = np.column_stack([scored.respondents(group) > 0 for group in scored.tallies])
    widths = [tally.shape[1] for tally in scored.tallies.values()]
    every = np.concatenate(list(scored.tallies.values()), axis=1)  # (T, all groups' items, 5)
    counts = every[np.repeat(answered, widths, axis=1)]
    table = errors.items.rename(columns={"est": "score"})
    tallies = {name: pd.array(counts[:, place], dtype="Int64") for place, name in enumerate(TALLIES)}
    return _with_beside(table.assign(wave=table["wave"].astype("Int64"), **tallies), "items", errors.items)


def _groups(part: Responses, scored: ArrayScores, errors: Precision) -> pd.DataFrame:
    table = errors.groups.rename(columns={"est": "total"})
    respondents = np.column_stack([scored.respondents(group) for group in scored.tallies]).ravel()
    rates = response_rates(part.samples)
    places = zip(table["township_code"].tolist(), table["group"].tolist(), strict=True) if rates else ()
    rate = np.array([rates.get(place, np.nan) for place in places], dtype=float) if rates else np.nan
    table = table.assign(
        wave=table["wave"].astype("Int64"), respondents=pd.array(respondents, dtype="Int64"), response_rate=rate
    )
    return _with_beside(table, "groups", errors.groups)


def response_rates(samples: pd.DataFrame | None) -> Mapping[tuple[str, str], float]:
    """By township and group, answered ÷ eligible, where every PSU says both and somebody was eligible."""
    return {place: answered / eligible for place, (eligible, answered) in issued(samples).items() if eligible}


def _townships(
    part: Responses, scheme: Scheme, scored: ArrayScores, errors: Precision, starts: np.ndarray, rank_ranges: bool
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    table = errors.townships.rename(columns={"est": "public_appraisal"})
    placed: list[int | None] = []
    ranges: list[tuple[int | None, int | None, float | None]] = []
    said: dict[str, Note] = {}
    se, df = table["se"].tolist(), errors.townships["df"].tolist()
    for first, last in itertools.pairwise([*starts.tolist(), len(scored.codes)]):
        own = range(first, last)
        placed += ranks([scored.appraisals[t] for t in own], ties=scheme.readings["ties"])
        found, drawn = _ranges(part.wave, scored, se, df, own) if rank_ranges else ({}, ())
        ranges += [found.get(t, (None, None, None)) for t in own]
        said |= {note.en: note for note in drawn}
    columns = dict(zip(("rank_low", "rank_high", "p_top6"), zip(*ranges, strict=True), strict=True))
    table = table.assign(
        wave=table["wave"].astype("Int64"),
        rank=pd.array(placed, dtype="Int64"),
        rank_low=pd.array(columns["rank_low"], dtype="Int64"),
        rank_high=pd.array(columns["rank_high"], dtype="Int64"),
        p_top6=np.array([np.nan if share is None else share for share in columns["p_top6"]]),
    )
    return _with_beside(table, "townships", errors.townships), tuple(said.values())


def _ranges(
    wave: int, scored: ArrayScores, se: list[float], df: list[float], own: range
) -> tuple[dict[int, tuple[int | None, int | None, float | None]], tuple[Note, ...]]:
    """The rank ranges of one county's townships."""
    codes = scored.codes
    exact: dict[tuple[int, str], Fraction] = {}
    for t in own:
        appraisal = scored.appraisals[t]
        if appraisal is not None:
            exact[wave, codes[t]] = appraisal
    known = [t for t in own if not np.isnan(se[t])]
    found, said = rank_columns(
        exact, {(wave, codes[t]): se[t] for t in known}, {(wave, codes[t]): df[t] for t in known}
    )
    lines = {t: found[wave, codes[t]] for t in own if (wave, codes[t]) in found}
    return {t: (line.low, line.high, line.p_top) for t, line in lines.items()}, said


def _item_notes(part: Responses, scheme: Scheme, scored: ArrayScores) -> Iterator[Note]:
    names = dict(zip(part.townships["township_code"].astype(str), part.townships["township"], strict=True))
    for group, marks in scored.by_county_mean.items():
        items = part.items(group)
        for t, place in np.argwhere(marks).tolist():
            mean = Fraction(scored.estimates.items[group][t, place])
            yield notes.item_by_county_mean(
                scored.codes[t], _called(names, scored.codes[t]), scheme.group(group), items[place], mean
            )
        for t, place in np.argwhere(scored.dropped[group]).tolist():
            yield notes.item_dropped(
                scored.codes[t], _called(names, scored.codes[t]), scheme.group(group), items[place]
            )


def _called(names: Mapping[str, object], code: str) -> str:
    return f"{names[code]} ({code})" if names[code] else code

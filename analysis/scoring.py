"""
The official scores of a round: counts → item scores → group totals → public appraisal → ranks.

Everything that decides a rank is a fraction; the tables hold the nearest doubles. ``item_scores`` and ``totals`` hold the
formulas, this module brings them to every township and gathers what a reader must be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import pandas as pd

from analysis import notes
from analysis.counts import KEYS, TALLIES, check_counts, count_answers, own_mean_points
from analysis.errors import AnalysisError
from analysis.item_scores import Answers, ItemScore, pooled, score_item
from analysis.rank_columns import RankRange, rank_columns
from analysis.ranking import ranks
from analysis.responses import Responses
from analysis.results import ExactScores, Note, Scores, engine_version
from analysis.scheme import Scheme, load_scheme
from analysis.score_tables import table_of
from analysis.standard_errors.estimates import estimate_errors, estimates_of
from analysis.standard_errors.options import Options
from analysis.standard_errors.results import Precision
from analysis.totals import group_total, public_appraisal

Place = tuple[int, str, str]
"""Wave, township code, group."""


@dataclass
class _Work:
    """What one scoring gathers on its way."""

    scheme: Scheme
    names: Mapping[str, str]
    answers: dict[Place, dict[str, Answers]]
    issued: Mapping[tuple[str, str], tuple[int, int]]
    item_scores: dict[Place, dict[str, ItemScore]] = field(default_factory=dict)
    totals: dict[Place, Fraction] = field(default_factory=dict)
    appraisals: dict[tuple[int, str], Fraction] = field(default_factory=dict)
    ranks: dict[tuple[int, str], int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    errors: Precision | None = None
    rank_ranges: dict[tuple[int, str], RankRange] = field(default_factory=dict)

    @property
    def exact(self) -> ExactScores:
        items = {
            (*place, item): scored.score
            for place, scored_items in self.item_scores.items()
            for item, scored in scored_items.items()
            if scored.score is not None
        }
        return ExactScores(items, dict(self.totals), dict(self.appraisals))

    @cached_property
    def waves(self) -> list[int]:
        return sorted({wave for wave, _, _ in self.answers})

    @cached_property
    def groups(self) -> list[str]:
        return sorted({group for _, _, group in self.answers})

    def called(self, township: str) -> str:
        name = self.names[township]
        return f"{name} ({township})" if name else township

    def respondents(self, place: Place) -> int:
        items = self.answers.get(place, {})
        return next(iter(items.values())).respondents if items else 0


def score(
    answers: Responses | pd.DataFrame,
    scheme: Scheme | None = None,
    *,
    townships: pd.DataFrame | None = None,
    samples: pd.DataFrame | None = None,
) -> Scores:
    """
    The official scores.

    Parameters
    ----------
    answers : Responses or DataFrame
        The answers of a round, or their counts as ``count_answers`` gives them.
    scheme : Scheme, optional
        The county plan if not given.
    townships, samples : DataFrame, optional
        With counts: the townships (all that have counts, or more) and what was issued. Responses bring their own.

    Returns
    -------
    Scores

    Raises
    ------
    AnalysisError
        If the counts are unsound, a group is not of the scheme, a township is unknown, or the scheme's reading of
        don't-knows needs the rows and only counts are given.
    """
    scheme = scheme or load_scheme()
    work = _ranked(answers, scheme, townships, samples)
    if isinstance(answers, Responses):
        work.errors = estimate_errors(answers, scheme, estimates_of(answers, work.exact), Options())
    return _scores(work, answers.round if isinstance(answers, Responses) else "")


def official_scores(
    answers: Responses | pd.DataFrame, scheme: Scheme, *, townships: pd.DataFrame | None = None
) -> Scores:
    """
    The official scores and ranks alone, as ``score`` gives them, without standard errors and what hangs on them.

    Raises
    ------
    AnalysisError
        As ``score`` raises it.
    """
    return _scores(_ranked(answers, scheme, townships, None), answers.round if isinstance(answers, Responses) else "")


def exact_scores(responses: Responses, scheme: Scheme) -> ExactScores:
    """
    The official scores as fractions, without ranks and errors.

    Raises
    ------
    AnalysisError
        As ``score`` raises it.
    """
    return _scored(responses, count_answers(responses), scheme, responses.townships, responses.samples).exact


def _ranked(
    answers: Responses | pd.DataFrame, scheme: Scheme, townships: pd.DataFrame | None, samples: pd.DataFrame | None
) -> _Work:
    """Scored and ranked, without errors."""
    counts = _counts(answers)
    if isinstance(answers, Responses):
        townships, samples = answers.townships, answers.samples
    work = _scored(answers, counts, scheme, townships, samples)
    _rank(work)
    _compare_with_issued(work)
    return work


def _scored(
    answers: Responses | pd.DataFrame,
    counts: pd.DataFrame,
    scheme: Scheme,
    townships: pd.DataFrame | None,
    samples: pd.DataFrame | None,
) -> _Work:
    work = _Work(scheme, _names(counts, townships), _answers_by_place(counts), issued(samples))
    for group in work.groups:
        scheme.group(group)
    _score_items(work, _own_means(answers, scheme))
    _add_up(work)
    return work


def _counts(answers: Responses | pd.DataFrame) -> pd.DataFrame:
    if isinstance(answers, Responses):
        return count_answers(answers)
    check_counts(answers)
    return answers


def _names(counts: pd.DataFrame, townships: pd.DataFrame | None) -> dict[str, str]:
    found = sorted({str(code) for code in counts["township_code"].unique()})
    if townships is None:
        return dict.fromkeys(found, "")
    codes = (str(code) for code in townships["township_code"])
    names = {code: str(name) for code, name in zip(codes, townships["township"], strict=True)}
    for code in found:
        if code not in names:
            raise AnalysisError(
                f"counts: expected townships of the given table, found {code!r}; add it to the table.",
                f"计数表：应为所给乡镇表中的乡镇，实有 {code!r}，请在乡镇表中补上。",
            )
    return dict(sorted(names.items()))


def _answers_by_place(counts: pd.DataFrame) -> dict[Place, dict[str, Answers]]:
    keys = [name for name in KEYS if name != "psu_code"]
    summed = counts.groupby(keys, sort=False, observed=True)[list(TALLIES)].sum()
    answers: dict[Place, dict[str, Answers]] = defaultdict(dict)
    for (wave, township, group, item), tally in zip(summed.index, summed.to_numpy().tolist(), strict=True):
        answers[int(wave), str(township), str(group)][str(item)] = Answers(*tally)
    return dict(sorted(answers.items()))


def issued(samples: pd.DataFrame | None) -> dict[tuple[str, str], tuple[int, int]]:
    """By township and group, how many were eligible and how many answered; only where every PSU says both."""
    if samples is None:
        return {}
    keys, columns = ["township_code", "group"], ["eligible", "answered"]
    is_told = samples[columns].notna().all(axis=1).groupby([samples[name] for name in keys], observed=True).all()
    sums = samples.groupby(keys, sort=True, observed=True)[columns].sum()
    lines = zip(sums.index, sums.to_numpy(dtype="int64").tolist(), is_told.reindex(sums.index), strict=True)
    return {
        (str(township), str(group)): (eligible, answered)
        for (township, group), (eligible, answered), told in lines
        if told
    }


def _own_means(
    answers: Responses | pd.DataFrame, scheme: Scheme
) -> Mapping[tuple[int, str, str, str], tuple[Fraction, int]]:
    if scheme.readings["unknown_scores"] != "own_answers":
        return {}
    if not isinstance(answers, Responses):
        raise AnalysisError(
            "counts: the reading unknown_scores: own_answers needs each person's answers, found counts alone; "
            "give the responses, or choose another reading.",
            "计数表：按本人平均分计“不了解”需要逐人答卷，实只有计数，请提供答卷或改选其他读法。",
        )
    return own_mean_points(answers, scheme.points, skipped_too=scheme.readings["skipped"] == "as_unknown")


def _score_items(work: _Work, own_means: Mapping[tuple[int, str, str, str], tuple[Fraction, int]]) -> None:
    county = _county(work.answers)
    for place, items in work.answers.items():
        wave, township, group = place
        scored = work.item_scores[place] = {}
        for item, answers in items.items():
            own = own_means.get((wave, township, group, item), (Fraction(), 0))
            scored[item] = score_item(answers, work.scheme, group, county[wave, group, item], own)
            work.notes.extend(_item_notes(work, township, group, item, scored[item]))


def _county(answers: Mapping[Place, Mapping[str, Answers]]) -> dict[tuple[int, str, str], Answers]:
    """The answers of all townships together, by wave, group and item."""
    parts: dict[tuple[int, str, str], list[Answers]] = defaultdict(list)
    for (wave, _, group), items in answers.items():
        for item, given in items.items():
            parts[wave, group, item].append(given)
    return {key: pooled(given) for key, given in parts.items()}


def _item_notes(work: _Work, township: str, group: str, item: str, scored: ItemScore) -> Iterator[Note]:
    if scored.basis == "county_mean" and scored.score is not None:
        yield notes.item_by_county_mean(township, work.called(township), work.scheme.group(group), item, scored.score)
    if scored.basis == "dropped":
        yield notes.item_dropped(township, work.called(township), work.scheme.group(group), item)


def _add_up(work: _Work) -> None:
    for place, items in work.item_scores.items():
        total = group_total([item.score for item in items.values()], work.scheme)
        if total is not None:
            work.totals[place] = total
    for wave in work.waves:
        for township in work.names:
            places = {group.code: (wave, township, group.code) for group in work.scheme.groups}
            appraisal = public_appraisal(
                {group: work.totals.get(place) for group, place in places.items()},
                {group: work.respondents(place) for group, place in places.items()},
                work.scheme,
            )
            if appraisal is not None:
                work.appraisals[wave, township] = appraisal
        _note_missing(work, wave)


def _note_missing(work: _Work, wave: int) -> None:
    """Say once for each group which townships lack it; a township that lacks all is said apart."""
    some = [name for name in work.names if any((wave, name, group.code) in work.totals for group in work.scheme.groups)]
    for township in work.names:
        if township not in some:
            work.notes.append(notes.township_without_score(work.called(township)))
    for group in work.scheme.groups:
        lacking = [township for township in some if (wave, township, group.code) not in work.totals]
        if lacking:
            work.notes.append(
                notes.group_missing(
                    [work.called(township) for township in lacking],
                    group,
                    everywhere=len(lacking) == len(work.names),
                    is_scored=work.scheme.readings["missing_group"] == "mean_of_present",
                )
            )


def _rank(work: _Work) -> None:
    for wave in work.waves:
        townships = [township for township in work.names if (wave, township) in work.appraisals]
        placed = ranks([work.appraisals[wave, name] for name in townships], ties=work.scheme.readings["ties"])
        sharing: dict[int, list[str]] = defaultdict(list)
        for township, rank in zip(townships, placed, strict=True):
            if rank is not None:
                work.ranks[wave, township] = rank
                sharing[rank].append(work.called(township))
        work.notes.extend(notes.tie(sharing[rank], rank) for rank in sorted(sharing) if len(sharing[rank]) > 1)


def _compare_with_issued(work: _Work) -> None:
    for (township, group), (eligible, answered) in work.issued.items():
        if township not in work.names or group not in {each.code for each in work.scheme.groups}:
            continue
        rows = sum(work.respondents((wave, township, group)) for wave in work.waves)
        if rows != answered:
            work.notes.append(notes.rows_not_as_issued(work.called(township), work.scheme.group(group), rows, answered))
        if answered > eligible:
            work.notes.append(
                notes.more_answered_than_eligible(work.called(township), work.scheme.group(group), answered, eligible)
            )


def _scores(work: _Work, round_: str) -> Scores:
    said: tuple[Note, ...] = (notes.NEEDS_ROWS, notes.NO_RANK_RANGES)
    if work.errors is not None:
        work.rank_ranges, drawn = rank_columns(work.appraisals, *_township_errors(work.errors.townships))
        said = (*work.errors.notes, *drawn)
    return Scores(
        items=table_of("items", _item_lines(work), None if work.errors is None else work.errors.items),
        groups=table_of("groups", _group_lines(work), None if work.errors is None else work.errors.groups),
        townships=table_of("townships", _township_lines(work), None if work.errors is None else work.errors.townships),
        exact=work.exact,
        notes=(*work.notes, *said),
        scheme=work.scheme,
        round=round_,
        engine=engine_version(),
        degrees=_degrees(work.errors),
    )


def _degrees(errors: Precision | None) -> dict[str, pd.Series]:
    """Degrees of freedom by table, line by line."""
    if errors is None:
        return {}
    return {"items": errors.items["df"], "groups": errors.groups["df"], "townships": errors.townships["df"]}


def _item_lines(work: _Work) -> Iterator[dict[str, object]]:
    for (wave, township, group), items in work.item_scores.items():
        for item, scored in items.items():
            tally = work.answers[wave, township, group][item].tally
            yield {
                "wave": wave,
                "township_code": township,
                "group": group,
                "item": item,
                "score": scored.score,
                **dict(zip(TALLIES, tally, strict=True)),
            }


def _group_lines(work: _Work) -> Iterator[dict[str, object]]:
    for wave in work.waves:
        for township in work.names:
            for group in work.groups:
                eligible, answered = work.issued.get((township, group), (0, 0))
                yield {
                    "wave": wave,
                    "township_code": township,
                    "group": group,
                    "total": work.totals.get((wave, township, group)),
                    "respondents": work.respondents((wave, township, group)),
                    "response_rate": Fraction(answered, eligible) if eligible else None,
                }


def _township_lines(work: _Work) -> Iterator[dict[str, object]]:
    for wave in work.waves:
        for township, name in work.names.items():
            yield {
                "wave": wave,
                "township_code": township,
                "township": name,
                "public_appraisal": work.appraisals.get((wave, township)),
                "rank": work.ranks.get((wave, township)),
                **_range_cells(work.rank_ranges.get((wave, township))),
            }


def _range_cells(found: RankRange | None) -> dict[str, object]:
    if found is None:
        return {}
    share = None if found.p_top is None else Fraction(found.p_top)
    return {"rank_low": found.low, "rank_high": found.high, "p_top6": share}


def _township_errors(errors: pd.DataFrame) -> tuple[dict[tuple[int, str], float], ...]:
    """The standard errors that there are, and their degrees of freedom, by wave and township."""
    known = errors[errors["se"].notna()]
    places = list(zip(known["wave"].tolist(), known["township_code"].tolist(), strict=True))
    return tuple(dict(zip(places, known[name].tolist(), strict=True)) for name in ("se", "df"))

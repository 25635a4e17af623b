"""One group's variances, degrees of freedom, design effects and weighted scores, for every township that answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.responses import Responses
from analysis.scheme import Scheme
from analysis.standard_errors.coded import JUDGED, CodedAnswers, answer_codes, order_by_answers
from analysis.standard_errors.county_part import covariances, others_variance
from analysis.standard_errors.degrees import design_degrees, satterthwaite
from analysis.standard_errors.group_design import TOLERANCE, GroupDesign, make_design
from analysis.standard_errors.item_sums import score_sums
from analysis.standard_errors.linear_values import county_use, county_values, linear_values
from analysis.standard_errors.methods import METHODS, GroupPart
from analysis.standard_errors.options import Options
from analysis.standard_errors.replication import Resampled
from analysis.standard_errors.sample_figures import Figures, figures_by_psu

CHUNK_ROWS = 100_000
"""So many respondents are in memory at a time, with about 1 kB of doubles for each item and each 128 bytes more."""


@dataclass(frozen=True)
class GroupErrors:
    """
    Of one group, by township (T) and column (k items, then the total).

    Attributes
    ----------
    group : str
    items : tuple of str
    townships : tuple of str
        Those with rows.
    score, weighted : array of float
        Unweighted and Hájek scores, shape (T, k + 1); NaN where there is none.
    variance, degrees, deff : array of float
        Shape (T, k + 1); NaN where they cannot be estimated.
    respondents : array of int
        Shape (T,).
    single_psu, single_uncertain, uncorrected, lonely, census : array of bool
        What the notes tell, shape (T,).
    uses_county : bool
        Whether the county's mean is in any score.
    """

    group: str
    items: tuple[str, ...]
    townships: tuple[str, ...]
    score: np.ndarray
    weighted: np.ndarray
    variance: np.ndarray
    degrees: np.ndarray
    deff: np.ndarray
    respondents: np.ndarray
    single_psu: np.ndarray
    single_uncertain: np.ndarray
    uncorrected: np.ndarray
    lonely: np.ndarray
    census: np.ndarray
    uses_county: bool


@dataclass(frozen=True)
class _Chunk:
    """What one chunk of townships gives; arrays by township are joined with the other chunks'."""

    variance: np.ndarray
    degrees: np.ndarray
    simple: np.ndarray
    respondents: np.ndarray
    covariance: np.ndarray
    single_psu: np.ndarray
    single_uncertain: np.ndarray
    uncorrected: np.ndarray
    lonely: np.ndarray
    census: np.ndarray


@dataclass(frozen=True)
class _Setting:
    """What is the same for all chunks of a group."""

    group: str
    wave: int
    items: tuple[str, ...]
    scheme: Scheme
    options: Options
    known: Mapping[tuple[str, str], Figures]
    planned: int
    county: np.ndarray
    uses_county: np.ndarray


def group_errors(responses: Responses, group: str, scheme: Scheme, options: Options) -> GroupErrors:
    """
    Variances and all that goes with them for one group.

    Raises
    ------
    AnalysisError
        If a stratum has a single PSU and the policy is ``fail``, or the scheme does not have the group.
    """
    rows, items = responses.groups[group], responses.items(group)
    planned = scheme.group(group).planned
    townships, sums, weighted_sums = _sums(rows, items, scheme)
    county, weighted_county = sums.sum(axis=0), weighted_sums.sum(axis=0)
    scored = score_sums(sums, county, scheme, planned)
    weighted = score_sums(weighted_sums, weighted_county, scheme, planned)
    use = county_use(scheme, scored, sums)
    setting = _Setting(
        group, responses.wave, items, scheme, options, figures_by_psu(responses.samples, group), planned, county,
        np.asarray(use.any(axis=0)),
    )  # fmt: skip
    found = _joined([_chunk(chunk, setting) for chunk in _chunks(rows)])
    county_variance = _county_variance(use, scored.scale, found.covariance, setting.uses_county)
    variance, degrees = _with_county_part(found, county_variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = np.where(found.simple > 0, found.variance / found.simple, np.nan)
    return GroupErrors(
        group=group,
        items=items,
        townships=townships,
        score=np.column_stack([scored.score, scored.total]),
        weighted=np.column_stack([weighted.score, weighted.total]),
        variance=variance,
        degrees=degrees,
        deff=deff,
        uses_county=bool(use.any()),
        **{name: getattr(found, name) for name in _FACTS},
    )


_FACTS = ("respondents", "single_psu", "single_uncertain", "uncorrected", "lonely", "census")


def _sums(rows: pd.DataFrame, items: tuple[str, ...], scheme: Scheme) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """The townships with rows, and the sums over their respondents, plain and weighted, shape (T, q, k)."""
    townships: list[str] = []
    plain, weighted = [], []
    for chunk in _chunks(rows):
        codes = answer_codes(chunk, items)
        number, found = pd.factorize(chunk["township_code"], sort=True)
        order = np.lexsort((*order_by_answers(codes, chunk["weight"].to_numpy()), number))
        starts = np.flatnonzero(np.diff(number[order], prepend=-1))
        weights = chunk["weight"].to_numpy()[order]
        parts = CodedAnswers("", items, codes[order], weights).parts(scheme)
        plain.append(np.add.reduceat(parts, starts, axis=0))
        weighted.append(np.add.reduceat(parts * weights[:, None, None], starts, axis=0))
        townships.extend(str(code) for code in found)
    return tuple(townships), np.concatenate(plain), np.concatenate(weighted)


def _chunks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in chunks of whole townships, by township code."""
    if len(rows) <= CHUNK_ROWS:
        yield rows
        return
    number, found = pd.factorize(rows["township_code"], sort=True)
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number, minlength=len(found)))
    first = 0
    while first < len(rows):
        last = max(
            int(np.searchsorted(ends, first + CHUNK_ROWS, side="right")) - 1,
            int(np.searchsorted(ends, first, side="right")),
        )
        yield rows.iloc[order[first : ends[last]]]
        first = int(ends[last])


def _chunk(rows: pd.DataFrame, setting: _Setting) -> _Chunk:
    method = METHODS[setting.options.method]
    codes, weights = answer_codes(rows, setting.items), rows["weight"].to_numpy()
    ties = (np.arange(len(rows)),) if method.keeps_order else order_by_answers(codes, weights)
    design, order = make_design(rows, setting.known, ties, fpc=setting.options.fpc)
    _refuse_lonely(design, setting)
    coded = CodedAnswers(setting.group, setting.items, codes[order], weights[order])
    sums = _by_township(coded.parts(setting.scheme), design)
    scored = score_sums(sums, setting.county, setting.scheme, setting.planned)
    values = linear_values(coded, design, setting.scheme, scored, sums, setting.county)
    part = GroupPart(design, values, lambda: _resampled(coded, design, setting))
    variance = method.variance(part, setting.options)
    census = np.maximum.reduceat(design.correction + design.second_stage, design.first_clusters) < TOLERANCE
    degrees = design_degrees(_answering(coded, setting.scheme), design, method.degrees)
    variance[(degrees == 0) & ~census[:, None] & ~_without_own_answers(sums)] = np.nan
    return _Chunk(
        variance=variance,
        degrees=degrees,
        simple=_simple_variance(values, design, fpc=setting.options.fpc),
        respondents=np.diff(design.first_rows, append=design.rows),
        covariance=_covariance(coded, design, setting),
        single_psu=design.single_psu,
        single_uncertain=design.single_uncertain,
        uncorrected=design.uncorrected,
        lonely=np.logical_or.reduceat(design.lonely, design.township_starts),
        census=census,
    )


def _refuse_lonely(design: GroupDesign, setting: _Setting) -> None:
    if setting.options.lonely_psu != "fail" or not design.lonely.any():
        return
    township = design.townships[design.township_of_stratum[int(np.argmax(design.lonely))]]
    raise AnalysisError(
        f"{setting.group}, township {township}: expected two PSUs or more in each stratum, found one; choose another policy "
        "than fail for a stratum with a single PSU.",
        f"“{setting.scheme.group(setting.group).label.zh}”乡镇 {township}：每层应有两个以上初级单元，实有一个，请改用 fail 以外的处理方式。",
    )


def _by_township(parts: np.ndarray, design: GroupDesign) -> np.ndarray:
    return np.asarray(np.add.reduceat(parts, design.first_rows, axis=0))


def _resampled(coded: CodedAnswers, design: GroupDesign, setting: _Setting) -> Resampled:
    sums = np.add.reduceat(coded.parts(setting.scheme), design.cluster_starts, axis=0)
    return Resampled(setting.group, setting.wave, sums, setting.county, setting.scheme, setting.planned)


def _answering(coded: CodedAnswers, scheme: Scheme) -> np.ndarray:
    """Whether each row plays a part in each item and in the total, shape (n, k + 1)."""
    plays = coded.judged
    if scheme.readings["unknown_scores"] != "own_township":
        plays = plays | coded.open(scheme)
    return np.column_stack([plays, plays.any(axis=1)])


def _without_own_answers(sums: np.ndarray) -> np.ndarray:
    """Where nobody could judge: an item, or a whole group; shape (T, k + 1)."""
    none = sums[:, JUDGED] == 0
    return np.column_stack([none, none.all(axis=1)])


def _simple_variance(values: np.ndarray, design: GroupDesign, *, fpc: bool) -> np.ndarray:
    """What the variance would be with as many respondents drawn simply at random, shape (T, c)."""
    number = np.diff(design.first_rows, append=design.rows)
    mean = _by_township(values, design) / number[:, None]
    squares = _by_township((values - mean[design.township_of_row]) ** 2, design)
    left = 1 - np.nan_to_num(number / design.population) if fpc else np.ones(len(number))
    factor = np.where(number > 1, number / np.maximum(number - 1, 1), np.nan) * np.clip(left, 0, 1)
    return np.asarray(squares * factor[:, None])


def _covariance(coded: CodedAnswers, design: GroupDesign, setting: _Setting) -> np.ndarray:
    """Of the county's means that any score uses, by township, shape (T, u, u)."""
    if not setting.uses_county.any():
        return np.zeros((len(design.townships), 0, 0))
    values = county_values(coded, setting.scheme, setting.county)[:, setting.uses_county]
    return covariances(values, design, setting.options.lonely_psu)


def _joined(chunks: list[_Chunk]) -> _Chunk:
    return _Chunk(
        **{field.name: np.concatenate([getattr(chunk, field.name) for chunk in chunks]) for field in fields(_Chunk)}
    )


def _county_variance(use: np.ndarray, scale: np.ndarray, covariance: np.ndarray, used: np.ndarray) -> np.ndarray:
    """What the other townships' answers add, shape (T, k + 1)."""
    found = np.zeros((len(use), use.shape[1] + 1))
    if used.any():
        found[:, np.append(used, True)] = others_variance(use[:, used], scale, covariance)
    return found


def _with_county_part(found: _Chunk, county: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances and degrees of freedom with the county's part, whose degrees are the other townships'."""
    if not county.any():
        return found.variance, found.degrees
    others = found.degrees.sum(axis=0) - found.degrees
    degrees = satterthwaite(np.stack([found.variance, county], axis=-1), np.stack([found.degrees, others], axis=-1))
    return found.variance + county, np.where(county > 0, degrees, found.degrees)

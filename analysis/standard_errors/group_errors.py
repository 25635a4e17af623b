"""One group's variances, degrees of freedom, design effects and weighted scores, for every township that answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.responses import Responses
from analysis.scheme import Scheme
from analysis.standard_errors.coded import JUDGED, CodedAnswers, answer_codes, order_by_answers
from analysis.standard_errors.county_part import covariances, of_county, others_variance
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


CountyOf = Callable[[str], str]


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
    beside : array of float
        Variances by the options' second method, shape (T, k + 1); NaN without one.
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
    beside: np.ndarray


@dataclass(frozen=True)
class _Chunk:
    """What one chunk of townships gives; arrays by township are joined with the other chunks'."""

    variance: np.ndarray
    beside: np.ndarray
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


@dataclass(frozen=True)
class _Part:
    """Some townships' rows in the order of their design, with the sums over each township's, plain and weighted."""

    design: GroupDesign
    coded: CodedAnswers
    sums: np.ndarray
    weighted: np.ndarray


@dataclass(frozen=True)
class _Known:
    """
    What is known of a part's townships before their errors: their county's sums and which items use its means.

    ``county`` has shape (T, q, k), ``uses_county`` (k,) and is the same for all parts.
    """

    county: np.ndarray
    uses_county: np.ndarray


def group_errors(
    responses: Responses, group: str, scheme: Scheme, options: Options, county_of: CountyOf | None = None
) -> GroupErrors:
    """
    Variances and all that goes with them for one group.

    ``county_of`` gives the county of a township's code, where there are several; each has townships that follow one another.

    Raises
    ------
    AnalysisError
        If a stratum has a single PSU and the policy is ``fail``, or the scheme does not have the group.
    """
    rows, items = responses.groups[group], responses.items(group)
    planned = scheme.group(group).planned
    setting = _Setting(group, responses.wave, items, scheme, options, figures_by_psu(responses.samples, group), planned)
    parts = [_part(chunk, setting) for chunk in _chunks(rows)]
    townships = tuple(township for part in parts for township in part.design.townships)
    starts = _county_starts(townships, county_of)
    sums, weighted_sums = (
        np.concatenate(each) for each in zip(*((part.sums, part.weighted) for part in parts), strict=True)
    )
    county = of_county(sums, starts)
    scored = score_sums(sums, county, scheme, planned)
    weighted = score_sums(weighted_sums, of_county(weighted_sums, starts), scheme, planned)
    use = county_use(scheme, scored, sums)
    uses_county = np.asarray(use.any(axis=0))
    chunks, first = [], 0
    for part in parts:
        last = first + len(part.design.townships)
        chunks.append(_chunk(part, _Known(county[first:last], uses_county), setting))
        first = last
    found = _joined(chunks)
    county_variance = _county_variance(use, scored.scale, found.covariance, uses_county, starts)
    variance, degrees = _with_county_part(found, county_variance, starts)
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
        beside=found.beside + county_variance,
        **{name: getattr(found, name) for name in _FACTS},
    )


_FACTS = ("respondents", "single_psu", "single_uncertain", "uncorrected", "lonely", "census")


def _part(rows: pd.DataFrame, setting: _Setting) -> _Part:
    method = METHODS[setting.options.method]
    codes, weights = answer_codes(rows, setting.items), rows["weight"].to_numpy()
    ties = (np.arange(len(rows)),) if method.keeps_order else order_by_answers(codes, weights)
    design, order = make_design(rows, setting.known, ties, fpc=setting.options.fpc)
    _refuse_lonely(design, setting)
    coded = CodedAnswers(setting.group, setting.items, codes[order], weights[order])
    where = design.township_of_row, len(design.townships), setting.scheme
    sums = coded.sums(*where)
    return _Part(design, coded, sums, sums if bool((weights == 1).all()) else coded.sums(*where, coded.weights))


def _county_starts(townships: tuple[str, ...], county_of: CountyOf | None) -> np.ndarray:
    """The first township of each county."""
    if county_of is None:
        return np.array([0])
    counties = [county_of(township) for township in townships]
    return np.array([place for place, county in enumerate(counties) if place == 0 or county != counties[place - 1]])


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


def _chunk(part: _Part, known: _Known, setting: _Setting) -> _Chunk:
    design, coded, sums, options = part.design, part.coded, part.sums, setting.options
    method = METHODS[options.method]
    scored = score_sums(sums, known.county, setting.scheme, setting.planned)
    values = linear_values(coded, design, setting.scheme, scored, sums, known.county)
    given = GroupPart(design, values, lambda: _resampled(part, known, setting))
    census = np.maximum.reduceat(design.correction + design.second_stage, design.first_clusters) < TOLERANCE
    degrees = design_degrees(_answering(coded, setting.scheme), design, method.degrees)
    unknown = (degrees == 0) & ~census[:, None] & ~_without_own_answers(sums)
    variances = [
        np.where(unknown, np.nan, METHODS[name].variance(given, options)) if name else np.full(unknown.shape, np.nan)
        for name in (options.method, options.beside)
    ]
    return _Chunk(
        variance=variances[0],
        beside=variances[1],
        degrees=degrees,
        simple=_simple_variance(values, design, fpc=options.fpc),
        respondents=np.diff(design.first_rows, append=design.rows),
        covariance=_covariance(part, known, setting),
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


def _resampled(part: _Part, known: _Known, setting: _Setting) -> Resampled:
    sums = part.design.by_cluster(part.coded.parts(setting.scheme))
    return Resampled(setting.group, setting.wave, sums, known.county, setting.scheme, setting.planned)


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


def _covariance(part: _Part, known: _Known, setting: _Setting) -> np.ndarray:
    """Of the county's means that any score uses, by township, shape (T, u, u)."""
    if not known.uses_county.any():
        return np.zeros((len(part.design.townships), 0, 0))
    values = county_values(part.coded, part.design.township_of_row, setting.scheme, known.county)
    return covariances(values[:, known.uses_county], part.design, setting.options.lonely_psu)


def _joined(chunks: list[_Chunk]) -> _Chunk:
    return _Chunk(
        **{field.name: np.concatenate([getattr(chunk, field.name) for chunk in chunks]) for field in fields(_Chunk)}
    )


def _county_variance(
    use: np.ndarray, scale: np.ndarray, covariance: np.ndarray, used: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """What the answers of the county's other townships add, shape (T, k + 1)."""
    found = np.zeros((len(use), use.shape[1] + 1))
    if used.any():
        found[:, np.append(used, True)] = others_variance(use[:, used], scale, covariance, starts)
    return found


def _with_county_part(found: _Chunk, county: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances and degrees of freedom with the county's part, whose degrees are the other townships'."""
    if not county.any():
        return found.variance, found.degrees
    others = of_county(found.degrees, starts) - found.degrees
    degrees = satterthwaite(np.stack([found.variance, county], axis=-1), np.stack([found.degrees, others], axis=-1))
    return found.variance + county, np.where(county > 0, degrees, found.degrees)

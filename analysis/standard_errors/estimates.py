"""All groups and townships: tables of estimates with their standard errors, and the notes that go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.counts import taken
from analysis.responses import Responses
from analysis.results import ExactScores, Note
from analysis.scheme import Group, Scheme
from analysis.standard_errors import sentences
from analysis.standard_errors.degrees import half_width, satterthwaite
from analysis.standard_errors.group_errors import CountyOf, GroupErrors, group_errors
from analysis.standard_errors.options import Options
from analysis.standard_errors.results import Precision

FIGURES = ("est", "se", "df", "ci_low", "ci_high", "deff", "weighted")
_FOUND = ("variance", "degrees", "deff", "weighted", "beside")


@dataclass(frozen=True)
class Estimates:
    """
    The official scores as doubles, NaN where there is none; townships in the order of their codes.

    ``items`` holds by group an array of shape (townships, items), ``groups`` has shape (townships, groups of the answers, by
    code), ``townships`` (townships,).
    """

    items: Mapping[str, np.ndarray]
    groups: np.ndarray
    townships: np.ndarray


def estimates_of(responses: Responses, exact: ExactScores) -> Estimates:
    """Exact scores as doubles."""
    codes, groups, wave = _township_codes(responses), sorted(responses.groups), responses.wave
    items = {
        group: _doubles(exact.items.get((wave, code, group, item)) for code in codes for item in responses.items(group))
        for group in groups
    }
    return Estimates(
        {group: found.reshape(len(codes), -1) for group, found in items.items()},
        _doubles(exact.groups.get((wave, code, group)) for code in codes for group in groups).reshape(len(codes), -1),
        _doubles(exact.townships.get((wave, code)) for code in codes),
    )


def estimate_errors(
    responses: Responses, scheme: Scheme, estimates: Estimates, options: Options, county_of: CountyOf | None = None
) -> Precision:
    """
    Standard errors and intervals around the official scores.

    Parameters
    ----------
    responses : Responses
    scheme : Scheme
    estimates : Estimates
        The official scores of these responses under this scheme.
    options : Options
    county_of : callable, optional
        As ``group_errors`` takes it.

    Raises
    ------
    AnalysisError
        As ``precision`` raises it.
    """
    found = {group: group_errors(responses, group, scheme, options, county_of) for group in sorted(responses.groups)}
    items = _items(found, responses, scheme, estimates, options)
    groups = _groups(found, responses, scheme, estimates, options)
    townships = _townships(found, groups, responses, scheme, estimates, options)
    notes = tuple(_notes(found, groups, items, responses, scheme, options))
    groups = groups.drop(columns=[name for name in groups.columns if name.startswith("_")])
    return Precision(items, groups, townships, notes, options, scheme)


def _items(
    found: Mapping[str, GroupErrors], responses: Responses, scheme: Scheme, estimates: Estimates, options: Options
) -> pd.DataFrame:
    codes = _township_codes(responses)
    position = {code: number for number, code in enumerate(codes)}
    names = [item for errors in found.values() for item in errors.items]
    township, group, item, first = [], [], [], 0
    flat: dict[str, list[np.ndarray]] = {name: [] for name in ("est", *_FOUND)}
    for column, (code, errors) in enumerate(found.items()):
        number, lines = len(errors.items), np.array([position[code] for code in errors.townships], dtype=np.int64)
        township.append(np.repeat(lines, number))
        group.append(np.full(len(lines) * number, column))
        item.append(np.tile(np.arange(number) + first, len(lines)))
        first += number
        flat["est"].append(estimates.items[code][lines].ravel())
        for name in _FOUND:
            flat[name].append(getattr(errors, name)[:, :number].ravel())
    order = np.lexsort((np.concatenate(group), np.concatenate(township)))  # stable: items keep their order
    keys = pd.DataFrame(
        {
            "wave": np.full(len(order), responses.wave, dtype=np.int64),
            "township_code": taken(codes, np.concatenate(township)[order]),
            "group": taken(list(found), np.concatenate(group)[order]),
            "item": taken(names, np.concatenate(item)[order]),
        }
    )
    ordered = {name: np.concatenate(parts)[order] for name, parts in flat.items()}
    return _with_figures(keys, ordered.pop("est"), ordered, options, float(scheme.highest))


def _groups(
    found: Mapping[str, GroupErrors], responses: Responses, scheme: Scheme, estimates: Estimates, options: Options
) -> pd.DataFrame:
    codes = _township_codes(responses)
    shape = (len(codes), len(found))
    keys = pd.DataFrame(
        {
            "wave": np.full(len(codes) * len(found), responses.wave, dtype=np.int64),
            "township_code": taken(codes, np.repeat(np.arange(shape[0]), shape[1])),
            "group": taken(list(found), np.tile(np.arange(shape[1]), shape[0])),
        }
    )
    position = {code: number for number, code in enumerate(codes)}
    flat = {name: np.full(shape, np.nan) for name in _FOUND}
    for column, errors in enumerate(found.values()):
        lines = [position[code] for code in errors.townships]
        for name, figures in flat.items():
            figures[lines, column] = getattr(errors, name)[:, -1]
    est = estimates.groups.ravel()
    highest = np.tile([_highest(scheme, errors) for errors in found.values()], len(codes))
    ravelled = {name: figures.ravel() for name, figures in flat.items()}
    table = _with_figures(keys, est, ravelled, options, highest)
    hidden = {f"_{name}": np.where(np.isnan(est), np.nan, ravelled[name]) for name in ("variance", "beside")}
    return table.assign(**hidden)


def _townships(
    found: Mapping[str, GroupErrors],
    groups: pd.DataFrame,
    responses: Responses,
    scheme: Scheme,
    estimates: Estimates,
    options: Options,
) -> pd.DataFrame:
    codes = _township_codes(responses)
    names = dict(zip(responses.townships["township_code"].astype(str), responses.townships["township"], strict=True))
    keys = pd.DataFrame(
        {"wave": responses.wave, "township_code": codes, "township": [str(names[code]) for code in codes]}
    )
    est = estimates.townships
    shape = (len(codes), len(found))
    columns = ("est", "_variance", "_beside", "df", "deff", "weighted")
    part = {name: groups[name].to_numpy().reshape(shape) for name in columns}
    weights = _group_weights(found, codes, scheme, ~np.isnan(part["est"]))
    variances, beside = (weights**2 * np.where(weights > 0, part[name], 0.0) for name in ("_variance", "_beside"))
    with np.errstate(invalid="ignore", divide="ignore"):
        simple = np.where(variances > 0, variances / part["deff"], 0.0).sum(axis=1)
        deff = np.where(simple > 0, variances.sum(axis=1) / simple, np.nan)
    flat = {
        "variance": variances.sum(axis=1),
        "degrees": satterthwaite(variances, np.where(weights > 0, part["df"], 0.0)),
        "deff": deff,
        "weighted": np.where(weights > 0, weights * part["weighted"], 0.0).sum(axis=1),
        "beside": beside.sum(axis=1),
    }
    highest = max(_highest(scheme, errors) for errors in found.values())
    return _with_figures(keys, est, flat, options, highest)


def _group_weights(
    found: Mapping[str, GroupErrors], codes: list[str], scheme: Scheme, present: np.ndarray
) -> np.ndarray:
    """What each group's total weighs in its township's public appraisal, shape (townships, groups)."""
    weights = np.zeros(present.shape)
    for column, errors in enumerate(found.values()):
        respondents = dict(zip(errors.townships, errors.respondents.tolist(), strict=True))
        weights[:, column] = [respondents.get(code, 0) for code in codes]
    weights = np.where(present, 1.0 if scheme.readings["group_weights"] == "equal" else weights, 0.0)
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0))


def _with_figures(
    keys: pd.DataFrame, est: np.ndarray, flat: Mapping[str, np.ndarray], options: Options, highest: np.ndarray | float
) -> pd.DataFrame:
    """
    The keys with the figures beside them; without an estimate there are none.

    Intervals end at 0 and at the highest score there is: the truth cannot lie beyond, so they cover it as often.
    """
    is_there = ~np.isnan(est)
    se, beside = (np.where(is_there, np.sqrt(np.maximum(flat[name], 0.0)), np.nan) for name in ("variance", "beside"))
    half = half_width(se, flat["degrees"], options.confidence)
    figures = {
        "est": est,
        "se": se,
        "df": np.where(is_there, flat["degrees"], np.nan),
        "ci_low": np.maximum(est - half, np.minimum(est, 0.0)),
        "ci_high": np.minimum(est + half, np.maximum(est, highest)),
        "deff": np.where(is_there, flat["deff"], np.nan),
        "weighted": np.where(is_there, flat["weighted"], np.nan),
    }
    if options.beside:
        figures["se_beside"] = beside
    return keys.assign(**figures)


def _highest(scheme: Scheme, errors: GroupErrors) -> float:
    """The highest total of a group."""
    if scheme.readings["group_total"] == "sum":
        return float(scheme.highest * len(errors.items))
    return float(scheme.full_mark)


def _doubles(values: Iterator[Fraction | None]) -> np.ndarray:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


def _township_codes(responses: Responses) -> list[str]:
    return sorted(str(code) for code in responses.townships["township_code"])


def _notes(
    found: Mapping[str, GroupErrors],
    groups: pd.DataFrame,
    items: pd.DataFrame,
    responses: Responses,
    scheme: Scheme,
    options: Options,
) -> Iterator[Note]:
    yield sentences.how(options, samples=responses.samples is not None)
    yield from _notes_on_readings(found, scheme)
    names = dict(zip(responses.townships["township_code"].astype(str), responses.townships["township"], strict=True))
    for group, errors in found.items():
        yield from _group_notes(
            errors,
            groups[groups["group"] == group].set_index("township_code"),
            scheme.group(group),
            names,
            responses,
            options,
        )
    empty = int((items["se"].isna() & items["est"].notna()).sum())
    if empty:
        yield sentences.items_not_estimable(empty)


def _notes_on_readings(found: Mapping[str, GroupErrors], scheme: Scheme) -> Iterator[Note]:
    if scheme.readings["denominator"] == "planned":
        yield sentences.PLANNED
    if scheme.readings["group_weights"] == "respondents":
        yield sentences.BY_RESPONDENTS
    if any(errors.uses_county for errors in found.values()):
        yield sentences.COUNTY_MEAN


def _group_notes(
    errors: GroupErrors,
    lines: pd.DataFrame,
    group: Group,
    names: Mapping[str, str],
    responses: Responses,
    options: Options,
) -> Iterator[Note]:
    se = lines.loc[list(errors.townships), "se"].to_numpy()
    has_total = lines.loc[list(errors.townships), "est"].notna().to_numpy()
    marked: list[tuple[np.ndarray, Callable[[list[str], Group], Note]]] = [
        (errors.uncorrected & (responses.samples is not None), sentences.uncorrected),
        (errors.single_psu & ~errors.single_uncertain, sentences.single_psu),
        (errors.single_psu & errors.single_uncertain, sentences.single_uncertain),
        (errors.lonely & ~np.isnan(se), lambda places, group: sentences.lonely(places, group, options.lonely_psu)),
        (has_total & np.isnan(se), sentences.not_estimable),
        ((se == 0) & ~errors.census, sentences.no_spread),
        (has_total & errors.census, sentences.census),
    ]
    for marks, sentence in marked:
        places = [_called(code, names) for code, mark in zip(errors.townships, marks, strict=True) if mark]
        if places:
            yield sentence(places, group)


def _called(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if names[code] else code

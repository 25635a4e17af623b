"""All groups and townships: tables of estimates with their standard errors, and the notes that go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.responses import Responses
from analysis.results import ExactScores, Note
from analysis.scheme import Group, Scheme
from analysis.standard_errors import sentences
from analysis.standard_errors.degrees import half_width, satterthwaite
from analysis.standard_errors.group_errors import GroupErrors, group_errors
from analysis.standard_errors.options import Options
from analysis.standard_errors.results import Precision

FIGURES = ("est", "se", "df", "ci_low", "ci_high", "deff", "weighted")


def estimate_errors(responses: Responses, scheme: Scheme, exact: ExactScores, options: Options) -> Precision:
    """
    Standard errors and intervals around exact scores.

    Parameters
    ----------
    responses : Responses
    scheme : Scheme
    exact : ExactScores
        The official scores of these responses under this scheme.
    options : Options

    Raises
    ------
    AnalysisError
        As ``precision`` raises it.
    """
    found = {group: group_errors(responses, group, scheme, options) for group in sorted(responses.groups)}
    items = _items(found, responses, scheme, exact, options)
    groups = _groups(found, responses, scheme, exact, options)
    townships = _townships(found, groups, responses, scheme, exact, options)
    notes = tuple(_notes(found, groups, items, responses, scheme, options))
    groups = groups.drop(columns="_variance")
    return Precision(items, groups, townships, notes, options, scheme)


def _items(
    found: Mapping[str, GroupErrors], responses: Responses, scheme: Scheme, exact: ExactScores, options: Options
) -> pd.DataFrame:
    parts = []
    for group, errors in found.items():
        number = len(errors.items)
        keys = pd.DataFrame(
            {
                "wave": responses.wave,
                "township_code": np.repeat(np.array(errors.townships, dtype=object), number),
                "group": group,
                "item": list(errors.items) * len(errors.townships),
            }
        )
        places = keys.itertuples(index=False, name=None)
        est = _doubles(exact.items.get(place) for place in places)
        flat = {name: getattr(errors, name)[:, :number].ravel() for name in ("variance", "degrees", "deff", "weighted")}
        parts.append(_with_figures(keys, est, flat, options, float(scheme.highest)))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["wave", "township_code", "group"], kind="stable", ignore_index=True)


def _groups(
    found: Mapping[str, GroupErrors], responses: Responses, scheme: Scheme, exact: ExactScores, options: Options
) -> pd.DataFrame:
    places = [(code, group) for code in _township_codes(responses) for group in found]
    keys = pd.DataFrame(
        {"wave": responses.wave, "township_code": [code for code, _ in places], "group": [group for _, group in places]}
    )
    flat = {name: np.full(len(places), np.nan) for name in ("variance", "degrees", "deff", "weighted")}
    position = {place: number for number, place in enumerate(places)}
    for group, errors in found.items():
        lines = [position[code, group] for code in errors.townships]
        for name, column in flat.items():
            column[lines] = getattr(errors, name)[:, -1]
    est = _doubles(exact.groups.get((responses.wave, *place)) for place in places)
    highest = np.array([_highest(scheme, found[group]) for _, group in places])
    table = _with_figures(keys, est, flat, options, highest)
    return table.assign(_variance=np.where(np.isnan(est), np.nan, flat["variance"]))


def _townships(
    found: Mapping[str, GroupErrors],
    groups: pd.DataFrame,
    responses: Responses,
    scheme: Scheme,
    exact: ExactScores,
    options: Options,
) -> pd.DataFrame:
    codes = _township_codes(responses)
    names = dict(zip(responses.townships["township_code"].astype(str), responses.townships["township"], strict=True))
    keys = pd.DataFrame(
        {"wave": responses.wave, "township_code": codes, "township": [str(names[code]) for code in codes]}
    )
    est = _doubles(exact.townships.get((responses.wave, code)) for code in codes)
    shape = (len(codes), len(found))
    part = {name: groups[name].to_numpy().reshape(shape) for name in ("est", "_variance", "df", "deff", "weighted")}
    weights = _group_weights(found, codes, scheme, ~np.isnan(part["est"]))
    variances = weights**2 * np.where(weights > 0, part["_variance"], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        simple = np.where(variances > 0, variances / part["deff"], 0.0).sum(axis=1)
        deff = np.where(simple > 0, variances.sum(axis=1) / simple, np.nan)
    flat = {
        "variance": variances.sum(axis=1),
        "degrees": satterthwaite(variances, np.where(weights > 0, part["df"], 0.0)),
        "deff": deff,
        "weighted": np.where(weights > 0, weights * part["weighted"], 0.0).sum(axis=1),
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
    se = np.where(is_there, np.sqrt(np.maximum(flat["variance"], 0.0)), np.nan)
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
    return keys.assign(**{name: figures[name] for name in FIGURES})


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

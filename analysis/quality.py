"""
The quality of the fieldwork, computed after closing.

fieldwork_quality    signals by PSU and investigator, intraclass correlations, flags in words
Quality              what it gives

Each signal's threshold comes from a model in which everybody answers for himself or herself, so that it is known how often
an honest place is flagged. A flag is a reason to look at how visits were made. It is never a verdict on a respondent, and no
row is pointed at: figures are counts of a place with at least five answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.honest_sheets import Draws, honest_draws
from analysis.labels import Label
from analysis.place_names import PlaceNames
from analysis.quality_icc import Icc, intraclass_correlation
from analysis.quality_places import TOO_FEW, Key, Place, mean_points, parts_of, places_of
from analysis.quality_signals import SIGNALS
from analysis.quality_words import notes_of, quality_sentences
from analysis.responses import Responses
from analysis.results import Note
from analysis.scheme import Scheme, load_scheme
from analysis.simulated import Simulated, generator

_FIGURES = ("signal", "count", "base", "share", "threshold", "false_alarm", "flagged")
_ICC = ("icc", "clusters", "units", "df_between", "df_within", "f", "p")


@dataclass(frozen=True)
class Quality:
    """
    What the fieldwork looks like.

    Attributes
    ----------
    psus : DataFrame
        ``township_code, group, psu_code, respondents``, then ``signal, count, base, share, threshold, false_alarm, flagged``:
        one row a place and signal that can be computed. ``threshold`` is the smallest count that is flagged, missing where none
        would be; ``false_alarm`` the share of honest places that reach it.
    investigators : DataFrame
        ``investigator, psus, estimable``, then the same, over the PSUs wholly theirs; one row with empty figures for whoever
        has fewer than two.
    icc : DataFrame
        ``level`` (``village`` or ``investigator``), ``group``, then ``icc, clusters, units, df_between, df_within, f, p``.
    flags : tuple of Label
        A sentence for each flag, or one that there are none; then one for each correlation.
    notes : tuple of Note
    false_alarms : float
        At most this share of honest places is flagged by any signal.
    simulated : Simulated
    """

    psus: pd.DataFrame
    investigators: pd.DataFrame
    icc: pd.DataFrame
    flags: tuple[Label, ...]
    notes: tuple[Note, ...]
    false_alarms: float
    simulated: Simulated


def fieldwork_quality(
    responses: Responses,
    *,
    investigators: Mapping[Key, str] | None = None,
    refused: Mapping[Key, int] | None = None,
    scheme: Scheme | None = None,
    psu_names: Mapping[str, str] | None = None,
    rng: int | np.random.Generator,
    replicates: int = 4000,
    false_alarms: float = 0.05,
) -> Quality:
    """
    Look at how answers came about, place by place.

    Parameters
    ----------
    responses : Responses
        The answers of a closed round.
    investigators : mapping, optional
        (township code, group, PSU code) → the investigator whose the PSU wholly was; leave out PSUs of several. Joined PSUs
        count where all their parts are one investigator's.
    refused : mapping, optional
        (township code, group, PSU code) → how many units refused; ``samples.csv`` does not say. Needs it for the eligible.
    scheme : Scheme, optional
        What calls the groups by their names in sentences; the county plan if not given.
    psu_names : mapping of str to str, optional
        PSU code → name, for the sentences: answers hold codes alone.
    rng : int or Generator
        A seed, or a generator.
    replicates : int
        Honest places drawn for each threshold, at least 1,000.
    false_alarms : float
        At most this share of honest places is flagged, shared equally among the signals; above 0, below 0.5.

    Returns
    -------
    Quality

    Raises
    ------
    ValueError
        If ``replicates`` or ``false_alarms`` is out of range.

    Notes
    -----
    The model (``honest_model``): respondents of one township answer independently, each with an effect of the person. It knows
    no differences between villages; where honest villages differ, more than the stated share is flagged. Where bad practice
    is everywhere it becomes the yardstick, and nothing is flagged.
    """
    if replicates < 1000 or not 0 < false_alarms < 0.5:
        raise ValueError(
            f"expected at least 1,000 replicates and false alarms between 0 and 0.5, got {replicates} and {false_alarms}"
        )
    source, simulated = generator(rng, replicates)
    everywhere = places_of(responses, refused)
    places = [place for place in everywhere if len(place.codes) >= TOO_FEW]
    draws = honest_draws(everywhere, places, source, replicates)
    theirs = _theirs(places, investigators or {})
    each = false_alarms / len(SIGNALS)
    psus = _by_place(places, draws, each)
    people = _by_investigator(theirs, draws, each, source)
    icc = _correlations(places, theirs)
    notes = notes_of(
        len(places), len(everywhere) - len(places), responses.samples is not None, bool(refused), false_alarms, people
    )
    found = Quality(psus, people, icc, (), (), false_alarms, simulated)
    names = PlaceNames.of(responses, scheme or load_scheme(), psu_names)
    return replace(found, flags=quality_sentences(found, names), notes=tuple(notes))


def _theirs(places: Sequence[Place], investigators: Mapping[Key, str]) -> dict[str, list[Place]]:
    """The places wholly of one investigator."""
    found: dict[str, list[Place]] = {name: [] for name in sorted(set(investigators.values()))}
    for place in places:
        keys = [place.key] if place.key in investigators else parts_of(place.key)
        names = {investigators.get(key, "") for key in keys}
        if len(names) == 1 and names != {""}:
            found[names.pop()].append(place)
    return found


def _counts(place: Place, signal: str) -> tuple[int, int] | None:
    """The signal's count in a place and what it is a share of; None where it is not known."""
    found = SIGNALS[signal]
    if found.of_person is None:
        return place.visits.get(signal)
    respondents, items = place.codes.shape
    return int(found.in_place(found.of_person(place.codes)[None])[0]), respondents * (
        items if found.base == "answers" else 1
    )


def _judged(signal: str, count: int, base: int, honest: np.ndarray, allowed: float) -> dict[str, object]:
    """A count beside the smallest that at most the allowed share of honest places reach."""
    ordered = np.sort(honest)
    threshold = int(ordered[len(ordered) - int(allowed * len(ordered)) - 1]) + 1
    reachable = threshold <= base
    return {
        "signal": signal,
        "count": count,
        "base": base,
        "share": count / base if base else np.nan,
        "threshold": threshold if reachable else pd.NA,
        "false_alarm": float((honest >= threshold).mean()) if reachable else 0.0,
        "flagged": reachable and count >= threshold,
    }


def _by_place(places: Sequence[Place], draws: Draws, allowed: float) -> pd.DataFrame:
    rows = []
    for place in places:
        township, group, psu = place.key
        for signal in SIGNALS:
            found = _counts(place, signal)
            if found is not None:
                where = {"township_code": township, "group": group, "psu_code": psu, "respondents": len(place.codes)}
                rows.append({**where, **_judged(signal, *found, draws[place.key, signal], allowed)})
    return _frame(rows, ("township_code", "group", "psu_code", "respondents"))


def _by_investigator(
    theirs: Mapping[str, Sequence[Place]], draws: Draws, allowed: float, source: np.random.Generator
) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for name, places in theirs.items():
        who: dict[str, object] = {"investigator": name, "psus": len(places), "estimable": len(places) > 1}
        if len(places) < 2:
            rows.append(who)
            continue
        for signal in SIGNALS:
            known = [(place, found) for place in places if (found := _counts(place, signal)) is not None]
            if len(known) < 2:
                continue
            count, base = (sum(found[part] for _, found in known) for part in (0, 1))
            # places of one size share their draws: shuffled, they are independent of one another
            honest = np.sum([source.permutation(draws[place.key, signal]) for place, _ in known], axis=0)
            rows.append({**who, **_judged(signal, count, base, honest, allowed)})
    return _frame(rows, ("investigator", "psus", "estimable"))


def _frame(rows: list[dict[str, object]], keys: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*keys, *_FIGURES])
    kinds = {"count": "Int64", "base": "Int64", "threshold": "Int64", "share": "float64", "false_alarm": "float64"}
    return table.astype({**kinds, "flagged": "boolean"})


def _correlations(places: Sequence[Place], theirs: Mapping[str, Sequence[Place]]) -> pd.DataFrame:
    """By group: villages within townships, and investigators' villages within townships."""
    rows = []
    for group in dict.fromkeys(place.key[1] for place in places):
        own = [place for place in places if place.key[1] == group and place.key[2]]
        if own:
            rows.append({"level": "village", "group": group, **_line(_of_villages(own))})
    several = {name: [place for place in each if place.key[2]] for name, each in theirs.items()}
    pairs = [(name, place) for name, each in several.items() if len(each) > 1 for place in each]
    for group in dict.fromkeys(place.key[1] for _, place in pairs):
        rows.append(
            {
                "level": "investigator",
                "group": group,
                **_line(_of_investigators([(name, place) for name, place in pairs if place.key[1] == group])),
            }
        )
    return pd.DataFrame(rows, columns=["level", "group", *_ICC])


def _line(icc: Icc) -> dict[str, object]:
    return {name: getattr(icc, name) for name in _ICC}


def _of_villages(places: Sequence[Place]) -> Icc:
    values = [mean_points(place.codes) for place in places]
    keys = [place.key for place, points in zip(places, values, strict=True) for _ in points]
    every = np.concatenate(values)
    kept = [number for number, value in enumerate(every) if not np.isnan(value)]
    return intraclass_correlation(every[kept], [keys[i][2] for i in kept], [keys[i][0] for i in kept])


def _of_investigators(pairs: Sequence[tuple[str, Place]]) -> Icc:
    """The villages' means by investigator, within townships where at least two worked: the rest cannot be parted."""
    means = [float(np.nanmean(mean_points(place.codes))) if (place.codes < 3).any() else np.nan for _, place in pairs]
    kept = [number for number, value in enumerate(means) if not np.isnan(value)]
    return intraclass_correlation(
        [means[i] for i in kept], [pairs[i][0] for i in kept], [pairs[i][1].key[0] for i in kept]
    )

"""
What each signal would count where everybody answers for himself or herself, drawn place by place.

honest_draws    by place and signal, the counts of simulated honest places of the same size
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.honest_model import Codes, Whole, fit_honest_model
from analysis.quality_places import Key, Place
from analysis.quality_signals import SIGNALS

Draws = Mapping[tuple[Key, str], Whole]

_POOL = 6000
"""Persons drawn for each township and group; places are made of them, no person twice in one place."""


def honest_draws(
    everywhere: Sequence[Place], places: Sequence[Place], source: np.random.Generator, replicates: int
) -> Draws:
    """
    Draw honest places.

    Parameters
    ----------
    everywhere : sequence of Place
        All places: what the model of each group, and the county's rates, are fitted to.
    places : sequence of Place
        Those for which draws are wanted.
    source : Generator
    replicates : int
        Draws a place.

    Returns
    -------
    mapping
        (place, signal) → array of counts, shape (replicates,). Places of one township, group and size share their draws.
    """
    found: dict[tuple[Key, str], Whole] = {}
    for group in dict.fromkeys(place.key[1] for place in places):
        fitted = [place for place in everywhere if place.key[1] == group]
        wanted = [place for place in places if place.key[1] == group]
        found |= _sheet_draws(fitted, wanted, source, replicates)
        found |= _visit_draws(fitted, wanted, source, replicates)
    return found


def _sheet_draws(
    fitted: Sequence[Place], wanted: Sequence[Place], source: np.random.Generator, replicates: int
) -> dict[tuple[Key, str], Whole]:
    numbers = {code: number for number, code in enumerate(sorted({place.key[0] for place in fitted}))}
    township = np.repeat([numbers[place.key[0]] for place in fitted], [len(place.codes) for place in fitted])
    model = fit_honest_model(np.concatenate([place.codes for place in fitted]), township, len(numbers), source)
    drawn: dict[tuple[str, int], dict[str, Whole]] = {}
    pools: dict[str, dict[str, Whole]] = {}
    found: dict[tuple[Key, str], Whole] = {}
    for place in wanted:
        code, size = place.key[0], len(place.codes)
        if code not in pools:
            pools = {
                code: _of_persons(model.draw(numbers[code], max(_POOL, 20 * size), source))
            }  # places come township by township
        if (code, size) not in drawn:
            drawn[code, size] = _counts(pools[code], size, source, replicates)
        found |= {(place.key, signal): counts for signal, counts in drawn[code, size].items()}
    return found


def _of_persons(codes: Codes) -> dict[str, Whole]:
    return {name: signal.of_person(codes) for name, signal in SIGNALS.items() if signal.of_person is not None}


def _counts(pool: Mapping[str, Whole], size: int, source: np.random.Generator, replicates: int) -> dict[str, Whole]:
    """The signals' counts in places of a size out of a pool of persons, shape (replicates,) each."""
    persons = len(next(iter(pool.values())))
    whole = persons // size
    orders = [source.permutation(persons)[: whole * size] for _ in range(-(-replicates // whole))]
    where = np.concatenate(orders).reshape(-1, size)[:replicates]
    return {name: SIGNALS[name].in_place(values[where]) for name, values in pool.items()}


def _visit_draws(
    fitted: Sequence[Place], wanted: Sequence[Place], source: np.random.Generator, replicates: int
) -> dict[tuple[Key, str], Whole]:
    """Visits and time bands: each unit by itself, at the county's rate of the group."""
    found: dict[tuple[Key, str], Whole] = {}
    for name, signal in SIGNALS.items():
        known = [place.visits[name] for place in fitted if name in place.visits]
        if signal.of_person is not None or not known:
            continue
        rate = sum(count for count, _ in known) / max(sum(base for _, base in known), 1)
        for place in wanted:
            if name in place.visits:
                found[place.key, name] = source.binomial(place.visits[name][1], rate, replicates)
    return found

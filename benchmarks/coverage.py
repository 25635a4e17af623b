"""
`python -m benchmarks.coverage`: how often 95 % intervals hold the truth, by simulation.

Townships of a made county are drawn again and again by the design of the county plan, with Pingyi's own selection: 30
delegates and 10 enterprises by equal intervals, urban households from 2 hits of communities, rural ones from 5 hits of
villages, 10 a hit. Answers come from a threshold model: a township's, a village's and a person's level, and noise for
each item; some don't know. The truth is the score if everybody on the lists were asked. Nothing is tuned to the result.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import Responses, load_scheme, precision
from analysis.checks import ANSWERS, SAMPLE_COLUMNS, SAMPLE_COUNTS
from analysis.itemlists import ItemList
from sampling.methods.equal_interval import equal_interval
from sampling.methods.pps import pps_equal_interval

ITEMS = tuple(f"R{number:02}" for number in range(1, 21))
POINTS = np.array([5.0, 3.0, 0.0])
TAKE = 10


@dataclass(frozen=True)
class Population:
    """One township's group: answers of all, shape (N, 20), the PSU of each (0 throughout in a one-stage group), hits."""

    answers: np.ndarray
    psu: np.ndarray
    hits: int

    @property
    def truth(self) -> float:
        """The total if all were asked."""
        judged = self.answers < len(POINTS)
        points = np.where(judged, POINTS[np.minimum(self.answers, 2)], 0.0)
        return float((points.sum(axis=0) / judged.sum(axis=0)).sum())


def made_township(rng: np.random.Generator) -> dict[str, Population]:
    """One township's four groups."""
    level = rng.normal(0, 0.15)
    villages, communities = int(rng.integers(7, 25)), int(rng.integers(1, 4))
    return {
        "delegates": _population(rng, level, [int(rng.integers(50, 180))], 0),
        "enterprise": _population(rng, level, [int(np.clip(rng.lognormal(np.log(35), 0.8), 8, 400))], 0),
        "urban": _population(rng, level, rng.integers(90, 900, communities).tolist(), 2),
        "rural": _population(rng, level, np.clip(rng.gamma(6, 50, villages), 40, None).astype(int).tolist(), 5),
    }


def _population(rng: np.random.Generator, level: float, sizes: list[int], hits: int) -> Population:
    psu = np.repeat(np.arange(len(sizes)), sizes)
    people = level + rng.normal(0, 0.25, len(sizes))[psu] * (hits > 0) + rng.normal(0, 0.9, len(psu))
    items = rng.normal(0, 0.3, len(ITEMS))
    felt = people[:, None] + items + rng.normal(0, 0.8, (len(psu), len(ITEMS)))
    answers = np.where(felt > -0.35, 0, np.where(felt > -1.9, 1, 2)).astype(np.int8)
    answers[rng.random(answers.shape) < rng.uniform(0.02, 0.25, len(ITEMS))] = ANSWERS.index("unknown")
    return Population(answers, psu, hits)


def drawn(
    rng: np.random.Generator, group: str, population: Population
) -> Iterator[tuple[str, np.ndarray, int, float | None]]:
    """One sample: by PSU its code, the units taken, how many were listed, and its expected hits."""
    if not population.hits:
        number, take = len(population.psu), 30 if group == "delegates" else TAKE
        units = np.arange(number)
        yield (
            "",
            units[equal_interval(number, take, start=int(rng.integers(number)))] if take < number else units,
            number,
            None,
        )
        return
    sizes = np.bincount(population.psu)
    total = int(sizes.sum())
    hits = pps_equal_interval(sizes.tolist(), population.hits, start=int(rng.integers(total)))
    for psu in np.flatnonzero(hits):
        listed, take = int(sizes[psu]), TAKE * int(hits[psu])
        units = np.flatnonzero(population.psu == psu)
        if take < listed:
            units = units[equal_interval(listed, take, start=int(rng.integers(listed)))]
        yield f"{psu:03}", units, listed, population.hits * listed / total


def coverage(townships: int, samples: int, seed: int) -> pd.DataFrame:
    """
    Draw each township ``samples`` times and count how often the intervals hold the truth.

    Returns
    -------
    DataFrame
        By township: ``truth``, ``covered`` (a share), ``se`` (mean) and ``spread`` (the standard deviation of the scores).
    """
    rng = np.random.default_rng(seed)
    counties = [made_township(rng) for _ in range(townships)]
    truths = np.array([np.mean([each.truth for each in county.values()]) for county in counties])
    found = precision(
        _responses(rng, counties, samples), load_scheme().with_readings(nobody_could_judge="drop")
    ).townships
    number = found["township_code"].str[:6].astype(int).to_numpy()
    covered = (found["ci_low"] <= truths[number]) & (truths[number] <= found["ci_high"])
    by = found.assign(covered=covered).groupby(number)
    return pd.DataFrame(
        {"truth": truths, "covered": by["covered"].mean(), "se": by["se"].mean(), "spread": by["est"].std()}
    )


def _responses(rng: np.random.Generator, counties: list[dict[str, Population]], samples: int) -> Responses:
    """All samples in one round: each stands for a township of its own, since townships are drawn independently."""
    parts: dict[str, list[tuple[str, str, np.ndarray]]] = {}
    figures = []
    for t, county in enumerate(counties):
        for sample in range(samples):
            code = f"{t:06}{sample:06}"
            for group, population in county.items():
                for psu, units, listed, expected in drawn(rng, group, population):
                    parts.setdefault(group, []).append((code, psu, population.answers[units]))
                    figures.append((code, group, psu, listed, expected))
    codes = sorted({code for code, *_ in figures})
    return Responses(
        round="made",
        wave=1,
        groups={group: _rows(group, found) for group, found in parts.items()},
        townships=pd.DataFrame(
            {"township_code": codes, "township": codes, "last_rank": pd.array([pd.NA] * len(codes), "Int64")}
        ),
        samples=_samples(figures),
        item_lists={group: ItemList(group, ITEMS) for group in parts},
    )


def _rows(group: str, parts: list[tuple[str, str, np.ndarray]]) -> pd.DataFrame:
    sizes = [len(answers) for _, _, answers in parts]
    answers = np.concatenate([answers for _, _, answers in parts])
    facts = {
        "round": "made",
        "wave": 1,
        "township_code": np.repeat([code for code, _, _ in parts], sizes),
        "group": group,
        "psu_code": np.repeat([psu for _, psu, _ in parts], sizes),
        "weight": 1.0,
        "mode": "",
        "minutes": "",
    }
    items = {item: pd.Categorical.from_codes(answers[:, i], list(ANSWERS)) for i, item in enumerate(ITEMS)}
    return pd.DataFrame({**facts, **items}, index=range(len(answers)))


def _samples(figures: list[tuple[str, str, str, int, float | None]]) -> pd.DataFrame:
    table = pd.DataFrame(figures, columns=["township_code", "group", "psu_code", "listed", "pi_1"])
    for name in SAMPLE_COUNTS:
        table[name] = table["listed"].astype("Int64") if name == "listed" else pd.array([pd.NA] * len(table), "Int64")
    return table.astype({"pi_1": "float64"})[list(SAMPLE_COLUMNS)]


def main(samples: int = 1000) -> None:
    """Print the coverage of 19 townships, each drawn so many times."""
    found = coverage(townships=19, samples=samples, seed=20261123)
    print(found.round(3).to_string())
    print(
        f"pooled over townships: {found['covered'].mean():.4f}   se/spread {(found['se'] / found['spread']).mean():.3f}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

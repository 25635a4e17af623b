"""
`python -m benchmarks.coverage`: how often 95 % intervals and rank sets hold the truth, by simulation.

A made county of 19 townships is drawn again and again by the design of the county plan, `county-110`, each time by `sampling.draw` with
another seed; those drawn answer, and `analysis.score` scores the round. Answers come from a threshold model: a township's, a
village's and a person's level, and noise for each item; some don't know. The truth is the score if everybody on the lists were
asked, and the rank by these scores. Nothing is tuned to the result.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import RankSets, Responses, Scores, pairs_not_told_apart, rank_sets, score
from analysis.checks import ANSWERS, SAMPLE_COLUMNS, SAMPLE_COUNTS
from analysis.itemlists import ItemList
from analysis.rank_columns import REPLICATES
from analysis.rank_columns import SEED as RANK_SEED
from analysis.rank_intervals import Kind
from sampling import Draw, Frame, draw, load_design, read_frame
from sampling.methods.equal_interval import equal_interval

ITEMS = tuple(f"R{number:02}" for number in range(1, 21))
POINTS = np.array([5.0, 3.0, 0.0])
DESIGN = load_design("county-110")
FIRST_PSU = {"urban": 1, "rural": 201}


@dataclass(frozen=True)
class Population:
    """One township's group: answers of all, shape (N, 20), the PSU of each (0 throughout in a one-stage group), hits."""

    answers: np.ndarray
    psu: np.ndarray
    hits: int

    @property
    def truth(self) -> float:
        """The total if all were asked."""
        return _total(self.answers)


def _total(answers: np.ndarray) -> float:
    judged = answers < len(POINTS)
    points = np.where(judged, POINTS[np.minimum(answers, 2)], 0.0)
    return float((points.sum(axis=0) / judged.sum(axis=0)).sum())


@dataclass(frozen=True)
class County:
    """A made county: its townships' groups by township code, their answers in the order of the frame's file, the frame."""

    townships: dict[str, dict[str, Population]]
    answers: np.ndarray
    frame: Frame

    @property
    def truth(self) -> pd.Series:
        """The public appraisal of each township if everybody were asked."""
        return pd.Series({code: np.mean([each.truth for each in own.values()]) for code, own in self.townships.items()})


@dataclass(frozen=True)
class Coverage:
    """
    What came out of many draws.

    Attributes
    ----------
    townships : DataFrame
        By township: ``truth`` and ``true_rank``; ``covered``, the share of intervals that hold the truth; ``se`` (mean) and
        ``spread`` (the standard deviation of the scores); ``rank_covered``, the share of marginal rank sets that hold the true rank,
        and ``ranks``, how many a set holds (mean); ``rank_covered_if_equal``, the share of marginal sets that are 1 … p if all
        townships were truly equal.
    groups : DataFrame
        By township and group: ``listed``, ``se`` (mean) and ``spread`` of the group's total.
    all_ranks_covered : float
        The share of draws whose simultaneous rank sets hold all true ranks at once.
    none_told_apart_if_equal, no_pair_if_equal : float
        The share of draws whose simultaneous rank sets are all 1 … p, and that of draws in which no pair is told apart, if all
        townships were truly equal: each score less its truth. The hardest case for both.
    draws : tuple of str
        The fingerprint of each draw.
    """

    townships: pd.DataFrame
    groups: pd.DataFrame
    all_ranks_covered: float
    none_told_apart_if_equal: float
    no_pair_if_equal: float
    draws: tuple[str, ...]


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


def made_county(townships: int, seed: int) -> County:
    """A county and its frame; lists stand in the order in which people were made, which says nothing of their answers."""
    rng = np.random.default_rng(seed)
    made = {f"3599{number + 101:03}00000": made_township(rng) for number in range(townships)}
    parts, answers = [], []
    for code, groups in made.items():
        for group, population in groups.items():
            parts.append(_listed(code, group, population))
            answers.append(population.answers)
    return County(made, np.concatenate(answers), read_frame(pd.concat(parts, ignore_index=True), design=DESIGN))


def _listed(code: str, group: str, population: Population) -> pd.DataFrame:
    """One group's rows of the frame."""
    names = [f"{code[:9]}{psu + FIRST_PSU[group]:03}" for psu in population.psu] if population.hits else ""
    units = [f"{number:05}" for number in range(len(population.psu))]
    facts = {"township_code": code, "township": code, "group": group, "psu_code": names, "psu": names}
    return pd.DataFrame({**facts, "unit_code": units})


def answered(county: County, drawn: Draw) -> Responses:
    """The round in which everybody of a draw's main sample answers."""
    sample = drawn.sample[drawn.sample["role"] == "main"]
    places = drawn.frame.order[sample.index.to_numpy()]
    groups = {
        str(group): _rows(rows, county.answers[places[sample["group"].to_numpy() == group]])
        for group, rows in sample.groupby("group", sort=True)
    }
    codes = list(county.townships)
    townships = {"township_code": codes, "township": codes, "last_rank": pd.array([pd.NA] * len(codes), "Int64")}
    return Responses(
        round="made",
        wave=1,
        groups=groups,
        townships=pd.DataFrame(townships),
        samples=_samples(county, drawn),
        item_lists={group: ItemList(group, ITEMS) for group in groups},
    )


def _rows(sample: pd.DataFrame, answers: np.ndarray) -> pd.DataFrame:
    has_stages = sample["hits"].notna()
    facts = {
        "round": "made",
        "wave": 1,
        "township_code": sample["township_code"].to_numpy(),
        "group": sample["group"].to_numpy(),
        "psu_code": sample["psu_code"].where(has_stages, "").to_numpy(),
        "weight": sample["weight"].to_numpy(dtype=float),
        "mode": "",
        "minutes": "",
    }
    items = {item: pd.Categorical.from_codes(answers[:, i], list(ANSWERS)) for i, item in enumerate(ITEMS)}
    return pd.DataFrame({**facts, **items}, index=range(len(answers)))


def _samples(county: County, drawn: Draw) -> pd.DataFrame:
    """samples.csv of the draw, as far as errors need it."""
    lists = [
        (code, group, "", len(population.psu), None)
        for code, groups in county.townships.items()
        for group, population in groups.items()
        if not population.hits
    ]
    psus = drawn.psus[["township_code", "group", "psu_code", "listed", "pi_1"]].itertuples(index=False, name=None)
    table = pd.DataFrame([*lists, *psus], columns=["township_code", "group", "psu_code", "listed", "pi_1"])
    for name in SAMPLE_COUNTS:
        table[name] = table["listed"].astype("Int64") if name == "listed" else pd.array([pd.NA] * len(table), "Int64")
    return table.astype({"pi_1": "float64"})[list(SAMPLE_COLUMNS)]


def coverage(townships: int, samples: int, seed: int) -> Coverage:
    """Make a county, draw it ``samples`` times, and count how often intervals and rank sets hold the truth."""
    county = made_county(townships, seed)
    truth = county.truth
    true_rank = truth.rank(ascending=False).astype(int)
    lines, groups, together, equal, fingerprints = [], [], [], [], []
    for number in range(samples):
        drawn = draw(county.frame, DESIGN, f"coverage {seed} {number}")
        scores = score(answered(county, drawn))
        lines.append(scores.townships)
        groups.append(scores.groups)
        together.append(_hold(_sets(scores, "simultaneous"), true_rank, true_rank).all())
        equal.append(_if_equal(scores, truth))
        fingerprints.append(drawn.fingerprint)
    found = _by_township(pd.concat(lines), truth, true_rank)
    marginal, simultaneous, pairs = (np.mean(column, axis=0) for column in zip(*equal, strict=True))
    return Coverage(
        found.assign(rank_covered_if_equal=marginal),
        _by_group(pd.concat(groups), county),
        float(np.mean(together)),
        float(simultaneous),
        float(pairs),
        tuple(fingerprints),
    )


def _sets(scores: Scores, kind: Kind, less: pd.Series | None = None) -> RankSets:
    """The rank sets of one round as ``score`` makes them, of the scores less what is given."""
    table = scores.townships
    exact = [scores.exact.townships[1, code] for code in table["township_code"]]
    est = exact if less is None else [float(value) - less[code] for value, code in zip(exact, less.index, strict=True)]
    df = scores.degrees["townships"].tolist()
    return rank_sets(est, table["se"].tolist(), df=df, kind=kind, rng=RANK_SEED, replicates=REPLICATES)


def _hold(sets: RankSets, best: pd.Series, worst: pd.Series) -> np.ndarray:
    """Whether each set holds these ranks; townships stand in the order of their codes."""
    return np.asarray((np.array(sets.low) <= best.to_numpy()) & (worst.to_numpy() <= np.array(sets.high)))


def _if_equal(scores: Scores, truth: pd.Series) -> tuple[np.ndarray, bool, bool]:
    """If all townships were equal: which marginal sets are whole, whether all simultaneous ones are, whether no pair is told apart."""
    marginal, together = (_sets(scores, kind, truth) for kind in ("marginal", "simultaneous"))
    first, last = truth * 0 + 1, truth * 0 + len(truth)
    est = (scores.townships["public_appraisal"].to_numpy() - truth.to_numpy()).tolist()
    df = scores.degrees["townships"].tolist()
    pairs = pairs_not_told_apart(est, scores.townships["se"].tolist(), df=df)
    return _hold(marginal, first, last), bool(_hold(together, first, last).all()), not pairs.tests["told_apart"].any()


def _by_township(lines: pd.DataFrame, truth: pd.Series, true_rank: pd.Series) -> pd.DataFrame:
    own = lines.set_index("township_code")
    true, rank = truth[own.index].to_numpy(), true_rank[own.index].to_numpy()
    held = pd.DataFrame(
        {
            "covered": (own["ci_low"] <= true) & (true <= own["ci_high"]),
            "rank_covered": (own["rank_low"] <= rank) & (rank <= own["rank_high"]),
            "ranks": own["rank_high"] - own["rank_low"] + 1,
            "se": own["se"],
        }
    ).astype(float)
    means = held.groupby(level=0).mean()
    spread = own.groupby(level=0)["public_appraisal"].std()
    return pd.DataFrame({"truth": truth, "true_rank": true_rank, "spread": spread}).join(means)


def _by_group(lines: pd.DataFrame, county: County) -> pd.DataFrame:
    by = lines.groupby(["township_code", "group"])
    listed = {
        (code, group): len(population.psu)
        for code, groups in county.townships.items()
        for group, population in groups.items()
    }
    return pd.DataFrame({"listed": pd.Series(listed), "se": by["se"].mean(), "spread": by["total"].std()})


def one_stage_lists(county: County, draws: int = 2000) -> pd.DataFrame:
    """
    Why coverage differs between townships: what the equal interval can give on each list that is drawn in one stage.

    Returns
    -------
    DataFrame
        By township and group: units ``listed``, how many ``different`` samples there are, the standard deviation of the total over
        ``all_starts``, and that over so many ``simple_random`` samples.
    """
    rng, lines = np.random.default_rng(1), {}
    takes = {group.group: int(group.stages[-1].n) for group in DESIGN.groups}
    for code, groups in county.townships.items():
        for group in ("delegates", "enterprise"):
            answers, take = groups[group].answers, takes[group]
            listed = len(answers)
            if listed > take:
                starts = range(0, listed, math.gcd(listed, take))  # between two of them the sample is the same
                every = [_total(answers[equal_interval(listed, take, start=start)]) for start in starts]
                random = [_total(answers[rng.choice(listed, take, replace=False)]) for _ in range(draws)]
                lines[code, group] = (listed, len(every), np.std(every), np.std(random))
    return pd.DataFrame.from_dict(lines, orient="index", columns=["listed", "different", "all_starts", "simple_random"])


def main(samples: int = 1000) -> None:
    """Print the coverage of 19 townships, drawn so many times."""
    found = coverage(townships=19, samples=samples, seed=20261123)
    columns = ["truth", "true_rank", "covered", "se", "spread", "rank_covered", "ranks", "rank_covered_if_equal"]
    print(found.townships[columns].reset_index(drop=True).rename(lambda t: t + 1).round(3).to_string())
    table, groups = found.townships, found.groups
    print(f"\n{samples} draws, {len(set(found.draws))} different; pooled over townships:")
    print(f"intervals that hold the truth           {table['covered'].mean():.4f}")
    print(f"mean standard error ÷ spread            {(table['se'] / table['spread']).mean():.3f}")
    print(f"marginal rank sets with the true rank   {table['rank_covered'].mean():.4f}")
    print(f"draws whose simultaneous sets hold all  {found.all_ranks_covered:.4f}")
    print("if all townships were truly equal:")
    print(f"marginal rank sets that are whole       {table['rank_covered_if_equal'].mean():.4f}")
    print(f"draws whose simultaneous sets are whole {found.none_told_apart_if_equal:.4f}")
    print(f"draws in which no pair is told apart    {found.no_pair_if_equal:.4f}")
    print("\none-stage lists: different samples, and how far their totals lie apart (standard deviation)")
    print(one_stage_lists(made_county(19, 20261123)).round(2).to_string())
    print("\nspread ÷ mean standard error of the groups' totals, and units listed:")
    ratio, listed = (groups["spread"] / groups["se"]).unstack(), groups["listed"].unstack()
    shown = pd.concat({"spread ÷ se": ratio.round(2), "listed": listed}, axis=1)
    print(shown.reset_index(drop=True).rename(lambda t: t + 1).to_string())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""
The answers of a made country: 40,000 townships of 110 respondents and 20 items, some counties at a time.

parts(count)      their Responses, one part of whole counties after another, from a fixed seed
floor(part)       the same scores, errors and bootstrap of linearised values in doubles, for who knows NumPy

Run as a program (``python -m benchmarks.answers_country 40000``) it scores that many in a process of its own, and prints
townships, answers, seconds of CPU for making the parts, for counting them, for scores with errors and bootstrap, and for
the floor of these, the peak of memory in MB, all with rank sets and shares of draws (0 if not asked for by a second word).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import CodedTable, Responses, count_answers, load_scheme, responses_from_codes, score_stream
from benchmarks.country import peak_megabytes

GROUPS = {"delegates": (30, 0), "enterprise": (10, 0), "urban": (20, 2), "rural": (50, 5)}
"""By group, respondents a township and PSUs."""
ITEMS = 20
EACH = 20
"""Townships of a county."""
COUNTIES = 25
"""In a part."""
SHARES = np.cumsum([0.6, 0.25, 0.08, 0.05])
REPLICATES = 1000
SCHEME = load_scheme("county")


def parts(count: int) -> Iterator[Responses]:
    """Random answers of so many townships."""
    rng = np.random.default_rng(1)
    for first in range(0, count, EACH * COUNTIES):
        yield part(rng, first, min(EACH * COUNTIES, count - first))


def part(rng: np.random.Generator, first: int, number: int) -> Responses:
    """The answers of townships that follow one another."""
    codes = [f"{100000 + t // EACH}{t % EACH + 1:03d}000" for t in range(first, first + number)]
    tables = {}
    for group, (people, psus) in GROUPS.items():
        names = [f"{code[:9]}{200 + psu}" for code in codes for psu in range(psus)] if psus else [""]
        psu = np.repeat(np.arange(number * psus), people // psus) if psus else np.zeros(number * people, dtype=np.int8)
        tables[group] = CodedTable(
            [f"{group[0].upper()}{item:02d}" for item in range(1, ITEMS + 1)],
            np.searchsorted(SHARES, rng.random((number * people, ITEMS), dtype=np.float32)).astype(np.int8),
            pd.Categorical.from_codes(np.repeat(np.arange(number), people), pd.Index(codes)),
            pd.Categorical.from_codes(psu, pd.Index(names)),
        )
    townships = pd.DataFrame({"township_code": codes, "township": codes, "last_rank": pd.NA})
    return responses_from_codes(tables, townships, round_="bench")


def floor(given: Responses) -> None:
    """Scores, linearised errors and 1,000 replicates of a bootstrap of linearised values, in doubles."""
    rng = np.random.default_rng(1)
    total, variance, drawn = 0.0, 0.0, 0.0
    for group, rows in given.groups.items():
        codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in given.items(group)])
        points = np.array([5.0, 3.0, 0.0, 0.0, 0.0])[codes]
        judged = ((codes >= 0) & (codes < 3)).astype(float)
        people, psus = GROUPS[group]
        townships, clusters = len(rows) // people, psus or people
        shape = (townships, clusters, people // clusters, ITEMS)
        sums, counts = points.reshape(shape).sum(axis=2), judged.reshape(shape).sum(axis=2)
        mean = sums.sum(axis=1) / counts.sum(axis=1)
        total = total + mean.mean(axis=1) * 20
        values = (sums - mean[:, None] * counts) / counts.sum(axis=1)[:, None]
        values = np.concatenate([values, values.mean(axis=2, keepdims=True) * 20], axis=2)
        variance = variance + values.var(axis=1, ddof=1) * clusters
        weights = rng.multinomial(clusters - 1, np.full(clusters, 1 / clusters), size=REPLICATES) * (
            clusters / (clusters - 1)
        )
        drawn = drawn + ((np.cov(weights, rowvar=False) @ values) * values).sum(axis=1)
    np.sqrt(variance), np.sqrt(drawn), np.argsort(total)


def cpu_of_all(count: int, act: str) -> tuple[float, int]:
    """CPU seconds of one way through all parts, without the making of them, and how many answers there were."""
    spent, answers = 0.0, 0

    def timed() -> Iterator[Responses]:
        nonlocal spent, answers, began
        for each in parts(count):
            began = time.process_time()
            answers += sum(len(rows) * ITEMS for rows in each.groups.values())
            yield each
            spent += time.process_time() - began

    began = 0.0
    if act in ("scores", "ranks"):
        stream = score_stream(
            timed(), SCHEME, beside="linearised_bootstrap", rng=1, replicates=REPLICATES, rank_ranges=act == "ranks"
        )
        scored = sum(int(found.townships["rank"].notna().sum()) for found in stream)
        if scored != count:
            raise SystemExit("townships were lost")
    else:
        for each in timed():
            (count_answers if act == "counts" else floor)(each)  # type: ignore[operator]
    return spent, answers


def main() -> None:
    """Score as many townships as asked for, and print the figures."""
    count = int(sys.argv[1])
    scores, answers = cpu_of_all(count, "scores")
    most = peak_megabytes()
    counts, plain = (cpu_of_all(count, act)[0] for act in ("counts", "floor"))
    ranked = cpu_of_all(count, "ranks")[0] if "ranks" in sys.argv else 0.0
    print(count, answers, f"{counts:.2f} {scores:.2f} {plain:.2f} {ranked:.2f} {most:.0f}")


if __name__ == "__main__":
    main()

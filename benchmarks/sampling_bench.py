"""
`make bench-sampling`: the engine's speed beside a plain NumPy floor, measured in the same run.

Each line gives our CPU time, the floor's, and their ratio: medians of pairs run in turn, so that a noisy machine troubles
both alike. The floors are what someone who knows NumPy would write without checks, exactness beyond doubles, labels or
files: index arithmetic, a cumulative sum and a binary search, a counting sort. Memory is what tracemalloc sees beyond
the frame, or the peak of a process of its own (resident set). svy and samplics are measured where they are importable.

``FULL=1`` also draws from all 41,352 townships of the country.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import numpy as np
import pandas as pd

from benchmarks import others, plain
from benchmarks.country import ALL, tables
from sampling import draw, load_design, read_frame, select_in_strata
from sampling.draws.drawing import select
from sampling.methods import equal_interval, pps_equal_interval

N = 10**7
STRATA = 40_000
PER_STRATUM = 25
SHARE = 100
"""The other libraries are given a hundredth of the rows, since some take minutes for all of them."""
LIMIT = 20
"""Seconds that another library is given."""
SEED = "bench"


def line(name: str, ours: Callable[[], object], floor: Callable[[], object], floor_name: str, pairs: int = 7) -> None:
    """Print our time, the floor's and the ratio, each the median of pairs run in turn."""
    ours()
    found = [(cpu(ours), cpu(floor)) for _ in range(pairs)]
    mine, theirs = median(a for a, _ in found), median(b for _, b in found)
    ratio = median(a / b for a, b in found)
    print(f"{name:<66} {mine * 1e3:9.1f} ms {theirs * 1e3:9.1f} ms {ratio:6.2f} × {floor_name}", flush=True)


def cpu(function: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    function()
    return time.process_time() - began


def beyond(function: Callable[[], object]) -> float:
    """The peak of what a call allocates, in MB, as tracemalloc sees it (NumPy's arrays included)."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def beside(name: str, function: Callable[[], object] | None) -> None:
    """Print the time of another library, where it is installed."""
    if function is None:
        return
    try:
        with at_most(LIMIT):
            print(f"    {name:<62} {cpu(function) * 1e3:9.1f} ms", flush=True)
    except Exception as error:  # another library's failure is a figure too
        print(f"    {name:<62} fails: {type(error).__name__} {str(error)[:60]}", flush=True)


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Give up after some seconds, where the system can tell."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def systematic() -> None:
    """Positions and weights of a simple systematic sample of 10^7."""
    for n in (10**5, 10**6):
        line(
            f"1 equal interval, {n:,} of 10^7: positions and weights",
            lambda n=n: (equal_interval(N, n, start=12345), np.full(n, N / n)),  # type: ignore[misc]
            lambda n=n: (plain.systematic(N, n, 12345), np.full(n, N / n)),  # type: ignore[misc]
            "index arithmetic",
        )


def pps() -> None:
    """Hits of 10^5 in proportion to 10^7 sizes."""
    sizes = np.random.default_rng(1).integers(1, 1000, N)
    start = int(sizes.sum()) // 3
    line(
        "2 PPS equal interval, 100,000 of 10^7 sizes",
        lambda: pps_equal_interval(sizes, 10**5, start=start),
        lambda: plain.pps(sizes, 10**5, start),
        "cumsum and searchsorted",
    )
    few = sizes[: N // SHARE]
    beside("ours, 1,000 of 10^5 sizes", lambda: pps_equal_interval(few, 10**3, start=start // SHARE))
    beside("samplics, the same", others.samplics_pps(few, 10**3))
    beside("svy, the same", others.svy_pps(few, 10**3))


def stratified() -> None:
    """25 from each of 40,000 strata of 10^7 rows."""
    scattered = np.random.default_rng(1).integers(0, STRATA, N)
    texts = pd.Series([f"35{k:010d}" for k in range(STRATA)], dtype="str")
    for name, codes in (("rows in any order", scattered), ("rows by stratum", np.sort(scattered))):
        line(
            f"3 stratified, 10^7 rows, 40,000 strata, integers, {name}",
            lambda codes=codes: select_in_strata(codes, PER_STRATUM, seed=SEED),  # type: ignore[misc]
            lambda codes=codes: plain.stratified(codes, PER_STRATUM),  # type: ignore[misc]
            "counting sort",
            3,
        )
        own = texts.take(codes).reset_index(drop=True)
        line(
            f"3 the same, codes as texts, {name}",
            lambda own=own: select_in_strata(own, PER_STRATUM, seed=SEED),  # type: ignore[misc]
            lambda codes=codes: select_in_strata(codes, PER_STRATUM, seed=SEED),  # type: ignore[misc]
            "ours with integers",
            3,
        )
    few = scattered[: N // SHARE] // SHARE
    beside("ours, 10^5 rows in any order, 400 strata", lambda: select_in_strata(few, PER_STRATUM, seed=SEED))
    beside("svy, the same, simple random", others.svy_stratified(few, PER_STRATUM))
    beside("samplics, the same, systematic", others.samplics_stratified(few, PER_STRATUM))


def township_design() -> None:
    """The design county-110 in 1,000 townships."""
    design = load_design("county-110")
    # a thousand of 4,200 rows each, as the issue has it: the first with 15 or 16 villages
    chosen = (table for table in tables() if 4000 <= len(table) <= 4400)
    df = pd.concat([table.astype("str") for table, _ in zip(chosen, range(1000), strict=False)], ignore_index=True)
    frame = read_frame(df, design=design)
    coded = frame.coded
    codes = tuple(coded[name].codes.astype(np.int64) for name in ("township_code", "group", "psu_code"))
    line(
        f"4 county-110, {frame.coded['township_code'].codes[-1] + 1:,} townships, {len(df):,} rows, selection alone",
        lambda: select(frame, design, SEED),
        lambda: plain.county(*codes),
        "boundaries, cumsum, index arithmetic",
        5,
    )
    print(f"    beyond the frame (tracemalloc): {beyond(lambda: select(frame, design, SEED)):.0f} MB", flush=True)
    line(
        "4 the same from texts: read, checks, order, draw, reserves, files",
        lambda: draw(read_frame(df, design=design), design, SEED),
        lambda: df.sort_values(["township_code", "group", "psu_code", "unit_code"]),
        "one sort of the frame in pandas",
        3,
    )
    as_integers = df.assign(**{c: df[c].replace("", None).astype("Int64") for c in ("township_code", "psu_code")})
    line(
        "4 the same with township and village codes as integers",
        lambda: draw(read_frame(as_integers, design=design), design, SEED),
        lambda: draw(read_frame(df, design=design), design, SEED),
        "ours with texts",
        3,
    )
    beside("svy, villages of the group rural by township (first stage alone)", others.svy_villages(codes, 5))


def country() -> None:
    """All townships one at a time, each count in a process of its own."""
    for count in (1000, 5000, *((ALL,) if os.environ.get("FULL") else ())):
        command = [sys.executable, "-m", "benchmarks.country", str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        townships, rows, seconds, making, peak = (float(value) for value in done.stdout.split())
        million = rows / 1e6
        print(
            f"5 country, {townships:,.0f} townships one at a time, {million:,.1f} million households: "
            f"{seconds:,.1f} s CPU, {seconds / million:.3f} s a million (of it {making / million:.3f} to make them), "
            f"peak of the process {peak:.0f} MB",
            flush=True,
        )


def main() -> None:
    """Run all figures."""
    print(f"{'':<66} {'ours':>12} {'floor':>12} {'ratio':>7}")
    for part in (systematic, pps, stratified, township_design, country):
        part()


if __name__ == "__main__":
    main()

"""
`make bench-analysis`: the speed of scores, errors and ranks beside a plain NumPy floor, measured in the same run.

Each line gives our CPU time, the floor's, and their ratio: medians of pairs run in turn. The floor is what someone who knows
NumPy would write for doubles alone: sums by cluster of coded answers, linearised variances, 1,000 bootstrap replicates by a
matrix product, largest differences of normal draws; no fractions, no checks, no tables, no readings. Memory is the peak of
the process. R's survey package redoes scores and standard errors from the exported folder where it is installed.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from analysis import (
    ExportSource,
    Responses,
    load_scheme,
    precision,
    rank_sets,
    read_responses,
    responses_from_tables,
    score,
    sensitivity,
    write_responses,
    write_scores,
)

GROUPS = {"delegates": (30, 0), "enterprise": (10, 0), "urban": (20, 2), "rural": (50, 5)}
"""By group, respondents a township and PSUs."""
WORDS = np.array(["satisfied", "basic", "unsatisfied", "unknown", ""])
ITEMS = 20
SCHEME = load_scheme("county")
R_SECONDS = 300


def made(townships: int, seed: int = 1) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Random answers of the county plan's numbers, by group, and the table of townships."""
    rng = np.random.default_rng(seed)
    codes = np.array([f"35{number:07d}000" for number in range(townships)])
    groups = {}
    for group, (number, psus) in GROUPS.items():
        cells = rng.choice(5, p=[0.6, 0.25, 0.08, 0.05, 0.02], size=(townships * number, ITEMS))
        code = np.repeat(codes, number)
        place = np.tile(np.arange(number) // 10, townships)
        facts = {
            "round": "bench", "wave": 1, "township_code": code, "group": group,
            "psu_code": [f"{c[:9]}{200 + p}" for c, p in zip(code, place, strict=True)] if psus else "",
            "weight": 1.0, "mode": "", "minutes": "",
        }  # fmt: skip
        items = pd.DataFrame(WORDS[cells], columns=[f"{group[0].upper()}{item:02d}" for item in range(1, ITEMS + 1)])
        groups[group] = pd.DataFrame(facts, index=items.index).join(items)
    return groups, pd.DataFrame({"township_code": codes, "township": codes, "last_rank": ""})


def floor(responses: Responses, *, replicates: int, draws: int) -> None:
    """Scores, linearised errors, bootstrap and largest differences in doubles."""
    rng = np.random.default_rng(1)
    variance, total = 0.0, 0.0
    for group, rows in responses.groups.items():
        codes = np.column_stack([rows[item].cat.codes.to_numpy() for item in responses.items(group)])
        points = np.array([5.0, 3.0, 0.0, 0.0, 0.0])[codes]
        judged = ((codes >= 0) & (codes < 3)).astype(float)
        number, psus = GROUPS[group]
        each = len(rows) // number
        size = number // psus if psus else 1
        shape = (each, number // size, size, ITEMS)
        sums, counts = points.reshape(shape).sum(axis=2), judged.reshape(shape).sum(axis=2)
        mean = sums.sum(axis=1) / counts.sum(axis=1)
        total = total + mean.mean(axis=1) * 20
        values = ((sums - mean[:, None] * counts) / counts.sum(axis=1)[:, None]).mean(axis=2) * 20
        variance = variance + values.var(axis=1, ddof=1) * values.shape[1]
        for t in range(each) if replicates else ():
            n = shape[1]
            weights = rng.multinomial(n - 1, np.full(n, 1 / n), size=replicates).astype(float)
            ((weights @ sums[t]) / np.maximum(weights @ counts[t], 1)).mean(axis=1).var()
    se = np.sqrt(variance) / 4
    noise = se[:, None] * rng.standard_normal((len(se), draws), dtype=np.float32)
    for own in range(len(se)):
        studentised = (noise[own] - noise) / np.hypot(se[own], se)[:, None]
        np.quantile(np.abs(studentised).max(axis=0), 0.95)
    np.argsort(total)


def cpu(function: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    function()
    return time.process_time() - began


def line(name: str, ours: Callable[[], object], plain: Callable[[], object], pairs: int) -> None:
    """Print our time, the floor's and the ratio, each the median of pairs run in turn."""
    ours()
    found = [(cpu(ours), cpu(plain)) for _ in range(pairs)]
    mine, theirs = median(a for a, _ in found), median(b for _, b in found)
    ratio = median(a / b for a, b in found)
    print(f"{name:<66} {mine:7.2f} s {theirs:7.2f} s {ratio:6.2f} × plain NumPy   peak {peak():.0f} MB", flush=True)


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def everything(responses: Responses) -> None:
    """Scores with errors and rank sets, 1,000 replicates, simultaneous sets, sensitivity."""
    scores = score(responses, SCHEME)
    precision(responses, SCHEME, method="bootstrap", rng=1)
    rank_sets(
        scores.townships["public_appraisal"].tolist(), scores.townships["se"].tolist(), kind="simultaneous", rng=1
    )
    sensitivity(responses, SCHEME)


def beside_r(groups: dict[str, pd.DataFrame], townships: pd.DataFrame) -> None:
    """Scores and standard errors of 19 townships by R's survey package, read, computed and written; left out without it."""
    rscript = shutil.which("Rscript")
    if (
        rscript is None
        or subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode
    ):
        return
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "responses"
        write_responses(folder, groups=groups, townships=townships, samples=None, questionnaires={})
        read = read_responses(folder)
        write_scores(ExportSource(score(read, SCHEME), read), Path(work) / "script", formats=["r"])
        began = time.perf_counter()
        score(read_responses(folder), SCHEME)
        ours = time.perf_counter() - began
        command = [rscript, str(Path(work) / "script" / "scores.R"), str(folder), work]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, timeout=R_SECONDS, check=False)
        theirs = time.perf_counter() - began
    if done.returncode:
        print("    R survey fails:", done.stderr.decode(errors="replace").strip().splitlines()[-1][:80])
        return
    print(
        f"    the same scores and errors by R survey, read included: {theirs:.2f} s, ours {ours:.2f} s: {theirs / ours:.1f} ×"
    )


def main() -> None:
    """Print each line."""
    groups, townships = made(19)
    small = responses_from_tables(groups, townships)
    line("19 townships: everything", lambda: everything(small), lambda: floor(small, replicates=1000, draws=20_000), 5)
    line("19 townships: score", lambda: score(small, SCHEME), lambda: floor(small, replicates=0, draws=10_000), 5)
    beside_r(groups, townships)
    large = responses_from_tables(*made(1000))
    line("1,000 townships: score", lambda: score(large, SCHEME), lambda: floor(large, replicates=0, draws=2_000), 1)


if __name__ == "__main__":
    main()

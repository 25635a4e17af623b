"""
`make bench-analysis`: the speed of scores, errors and ranks beside a plain NumPy floor, measured in the same run.

Each line gives our CPU time, the floor's, and their ratio: medians of pairs run in turn. The floor is what someone who knows
NumPy would write for doubles alone: sums by cluster of coded answers, linearised variances, 1,000 bootstrap replicates by a
matrix product, largest differences of normal draws; no fractions, no checks, no tables, no readings. Memory is the peak of
a process of its own. R's survey package does scores, linearised errors and 1,000 replicates of the same folder where it is
installed; the start of R and the loading of the package are not counted, nor are those of Python.

``FULL=1`` also scores 40,000 townships, 88 million answers.
"""

from __future__ import annotations

import os
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
from benchmarks.country import peak_megabytes

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
    print(f"{name:<66} {mine:7.2f} s {theirs:7.2f} s {ratio:6.2f} × plain NumPy", flush=True)


def everything(responses: Responses) -> None:
    """Scores with errors and rank sets, 1,000 replicates, simultaneous sets, sensitivity."""
    scores = score(responses, SCHEME)
    precision(responses, SCHEME, method="bootstrap", rng=1)
    rank_sets(
        scores.townships["public_appraisal"].tolist(), scores.townships["se"].tolist(), kind="simultaneous", rng=1
    )
    sensitivity(responses, SCHEME)


def beside_r() -> None:
    """Scores, linearised errors and 1,000 replicates of 19 townships by R's survey package; left out without it."""
    rscript = shutil.which("Rscript")
    if rscript is None or of_process([rscript, "-e", "library(survey)"]) is None:
        return
    groups, townships = made(19)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "responses"
        write_responses(folder, groups=groups, townships=townships, samples=None, questionnaires={})
        read = read_responses(folder)
        write_scores(ExportSource(score(read, SCHEME), read), Path(work) / "script", formats=["r"])
        ours = median(cpu(lambda: scores_errors_replicates(folder)) for _ in range(3))
        commands = (
            ["-e", "library(survey)"],
            [str(Path(work) / "script" / "scores.R"), str(folder), work],
            [str(Path(__file__).parent / "survey_boot.R"), str(folder)],
        )
        times = [of_process([rscript, *command]) for command in commands]
    if any(time is None for time in times):
        print("    R survey fails")
        return
    start, scores, replicates = (float(time or 0) for time in times)
    theirs = scores + replicates - 2 * start
    print(
        f"    read, score, linearised errors, 1,000 replicates: R survey {theirs:.2f} s (scores and errors {scores - start:.2f}, "
        f"replicates {replicates - start:.2f}), ours {ours:.2f} s: {theirs / ours:.0f} × faster",
        flush=True,
    )


def scores_errors_replicates(folder: Path) -> None:
    """Ours of what R is given to do: it ranks too, and finds the ranks' ranges."""
    responses = read_responses(folder)
    score(responses, SCHEME)
    precision(responses, SCHEME, method="bootstrap", rng=1)


def of_process(command: list[str]) -> float | None:
    """CPU seconds of a process; None if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, timeout=R_SECONDS, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def thousand() -> None:
    """A thousand townships from their folder, in a process of their own."""
    with tempfile.TemporaryDirectory() as work:
        groups, townships = made(1000)
        write_responses(Path(work) / "responses", groups=groups, townships=townships, samples=None, questionnaires={})
        command = [sys.executable, "-m", "benchmarks.analysis_bench", str(Path(work) / "responses")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    reading, scoring, most = (float(value) for value in done.stdout.split())
    print(
        f"    from their folder: read and checked {reading:.2f} s, scored {scoring:.2f} s, peak of the process {most:.0f} MB",
        flush=True,
    )


def one_folder(folder: str) -> None:
    """Read and score a folder, and print seconds and the peak of memory in MB."""
    began = time.process_time()
    responses = read_responses(folder)
    read = time.process_time()
    score(responses, SCHEME)
    print(f"{read - began:.2f} {time.process_time() - read:.2f} {peak_megabytes():.0f}")


def country() -> None:
    """Many townships, some counties at a time, each number in a process of its own."""
    full = bool(os.environ.get("FULL"))
    for count in (1000, 4000, *((40_000,) if full else ())):
        command = [
            sys.executable,
            "-m",
            "benchmarks.answers_country",
            str(count),
            *(("ranks",) if count <= 1000 or full else ()),
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        townships, answers, counts, scores, plain, ranked, most = (float(value) for value in done.stdout.split())
        ranges = f"; with rank sets and shares {ranked:.2f} s" if ranked else ""
        print(
            f"{townships:,.0f} townships, {answers / 1e6:,.1f} million answers, in parts: scores, errors, linearised bootstrap "
            f"{scores:.2f} s, {scores / plain:.1f} × plain NumPy ({plain:.2f} s), peak of the process {most:.0f} MB; "
            f"counts alone {counts:.2f} s{ranges}",
            flush=True,
        )


def main() -> None:
    """Print each line."""
    small = responses_from_tables(*made(19))
    line("19 townships: everything", lambda: everything(small), lambda: floor(small, replicates=1000, draws=20_000), 5)
    line("19 townships: score", lambda: score(small, SCHEME), lambda: floor(small, replicates=0, draws=10_000), 5)
    beside_r()
    large = responses_from_tables(*made(1000))
    line("1,000 townships: score", lambda: score(large, SCHEME), lambda: floor(large, replicates=0, draws=2_000), 1)
    thousand()
    country()


if __name__ == "__main__":
    one_folder(sys.argv[1]) if len(sys.argv) > 1 else main()

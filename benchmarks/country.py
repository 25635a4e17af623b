"""
A generated country: the 41,352 real townships with their numbers of villages, and made-up households.

townships()      code and number of villages of each (National Bureau of Statistics, 2023 edition; codes only)
tables(count)    the frame of the first townships, one DataFrame after another, from a fixed rule

Run as a program (``python -m benchmarks.country 1000``) it draws that many in a process of its own, and prints
townships, households, seconds of CPU for all and for making the tables alone, and the peak of memory in MB.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from sampling import draw_stream, load_design

DATA = Path(__file__).parent / "data" / "townships.csv.gz"
ALL = 41_352
DELEGATES, ENTERPRISES, COMMUNITIES = 60, 30, 2


def townships() -> list[tuple[str, int]]:
    """Code and number of villages of each township, in ascending order of codes."""
    with gzip.open(DATA, "rt", encoding="ascii") as file:
        next(file)
        return [(line[:12], int(line[13:])) for line in file]


def tables(count: int = ALL) -> Iterator[pd.DataFrame]:
    """
    The frame of each township: 150 to 390 households a village, 168 million in the whole country.

    The first two villages are communities of the group ``urban``, unless the township has only one.
    """
    known = _Known()
    for number, (code, villages) in enumerate(townships()[:count]):
        yield _table(known, number, code, max(villages, 1))


class _Known:
    """The texts of units, made once: villages of at most 170 a township, households of at most 400 a village."""

    def __init__(self) -> None:
        self.units = [f"{village + 1:03d}-{unit + 1:03d}" for village in range(170) for unit in range(400)]
        self.units += [f"E{k:02d}" for k in range(ENTERPRISES)] + [f"P{k:02d}" for k in range(DELEGATES)]
        self.texts = pd.array(self.units, dtype="str")


def _table(known: _Known, number: int, code: str, villages: int) -> pd.DataFrame:
    households = 150 + (37 * (number % 1000) + 101 * np.arange(villages)) % 241
    village = np.repeat(np.arange(villages), households)
    unit = village * 400 + np.arange(len(village)) - np.repeat(np.cumsum(households) - households, households)
    urban = COMMUNITIES if villages > COMMUNITIES else 0
    n_urban = int(households[:urban].sum())
    more = DELEGATES + ENTERPRISES
    group = pd.Categorical.from_codes(
        np.repeat([0, 1, 3, 2], [DELEGATES, ENTERPRISES, n_urban, len(village) - n_urban]),
        ["delegates", "enterprise", "rural", "urban"],
    )
    psus = np.concatenate([np.full(more, villages), village])
    names = [f"{code[:9]}{k + 1:03d}" for k in range(villages)] + [""]
    units = np.concatenate([np.arange(170 * 400 + ENTERPRISES, 170 * 400 + ENTERPRISES + DELEGATES),
                            np.arange(170 * 400, 170 * 400 + ENTERPRISES), unit])  # fmt: skip
    township = pd.Categorical.from_codes(np.zeros(len(psus), dtype=np.int8), [code])
    return pd.DataFrame(
        {
            "township_code": township,
            "township": township,
            "group": group,
            "psu_code": pd.Categorical.from_codes(psus, names),
            "psu": pd.Categorical.from_codes(psus, names),
            "unit_code": known.texts[units],
        }
    )


def main() -> None:
    """Draw as many townships as asked for, and print the figures."""
    count = int(sys.argv[1])
    began = time.process_time()
    rows = sum(len(table) for table in tables(count))
    making = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        drawn = draw_stream(tables(count), load_design("county-110"), "bench", Path(folder) / "draw")
        seconds = time.process_time() - began
    if (drawn.rows, drawn.townships) != (rows, count):
        raise SystemExit("rows were lost")
    print(count, rows, f"{seconds:.2f}", f"{making:.2f}", f"{peak_megabytes():.0f}")


def peak_megabytes() -> float:
    """The most memory that this process held; Linux counts the parent's in ru_maxrss, so /proc is asked first."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    import resource  # POSIX alone has it

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
